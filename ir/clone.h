// Copies ops and regions within a module, renaming values and variables on the way.
#pragma once
#include <unordered_map>

#include "ir/ir.h"

namespace cantil::ir {

class Cloner {
 public:
  // Copies are made in `into`; what is not renamed is used as it is (and must then belong to `into`).
  Cloner(Module& m, Function* into) : module_(m), into_(into) {}

  void rename(const Value* from, Value* to) { values_[from] = to; }
  void rename(const Variable* from, Variable* to) { variables_[from] = to; }
  Value* renamed(Value* v) const {
    const auto found = values_.find(v);
    return found == values_.end() ? v : found->second;
  }

  // A copy of one op with all its regions, appended to `at`. Its result is renamed from then on.
  Op* op(const Op& from, Region* at);
  // Copies of all ops of a region, appended to `at`; the region's arguments are renamed to new ones of `at`.
  void region(const Region& from, Region* at);

 private:
  Variable* renamed(Variable* v) const {
    const auto found = variables_.find(v);
    return found == variables_.end() ? v : found->second;
  }

  Module& module_;
  Function* into_;
  std::unordered_map<const Value*, Value*> values_;
  std::unordered_map<const Variable*, Variable*> variables_;
};

}  // namespace cantil::ir
