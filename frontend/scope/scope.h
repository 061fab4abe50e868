// Which names a function binds itself: its locals, numbered, parameters first.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "frontend/syntax/tree.h"

namespace cantil::frontend {

class Scope {
 public:
  explicit Scope(const syntax::Node* root);
  const std::vector<std::string>& locals() const { return locals_; }
  size_t parameter_count() const { return parameter_count_; }
  // How many places bind a local.
  size_t bindings(uint32_t local) const { return local < bindings_.size() ? bindings_[local] : 0; }
  // Whether it is a generator: it yields itself.
  bool yields() const { return yields_; }
  // -1 when the name is free.
  int find(const std::string& name) const {
    for (size_t i = inner_.size(); i-- > 0;)
      if (inner_[i].first == name) return static_cast<int>(inner_[i].second);
    auto it = ids_.find(name);
    return it == ids_.end() ? -1 : static_cast<int>(it->second);
  }

  // The names of a comprehension around the place that is being typed, innermost last.
  void enter(const std::string& name, uint32_t local) { inner_.emplace_back(name, local); }
  void leave(size_t count) { inner_.resize(inner_.size() - count); }

 private:
  void add(const std::string& name);
  void target(const syntax::Node* n);
  void walk(const syntax::Node* n);
  void walk_children(const syntax::Node* n);
  void walk_inner(const syntax::Node* n);

  std::vector<std::string> locals_;
  std::vector<uint32_t> bindings_;
  std::unordered_map<std::string, uint32_t> ids_;
  std::unordered_map<std::string, bool> global_;
  std::vector<std::pair<std::string, uint32_t>> inner_;
  size_t parameter_count_ = 0;
  bool yields_ = false;
};

}  // namespace cantil::frontend
