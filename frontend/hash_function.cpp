// The cache key of a function: its tree, what its free names stand for, its options, and the same of all
// functions that it reaches. Positions count too, since compiled code carries the lines of its tracebacks.
// Library functions are reached by name while typing; the snapshot's hash stands for all of them.
#include <cstring>
#include <set>
#include <unordered_map>

#include "frontend/classes.h"
#include "frontend/extensions.h"
#include "frontend/function.h"
#include "frontend/library.h"
#include "support/diagnostics.h"

namespace cantil::frontend {
namespace {

using Kind = Captured::Kind;

// Whether there is a `with`: of those that compile, only objmode's block stays in the code.
bool runs_as_python(const syntax::Node* n) {
  if (!n) return false;
  if (n->kind == syntax::NodeKind::With) return true;
  for (const syntax::Node* c : n->one)
    if (runs_as_python(c)) return true;
  for (const auto& l : n->list)
    for (const syntax::Node* c : l)
      if (runs_as_python(c)) return true;
  return false;
}

class FunctionHash {
 public:
  explicit FunctionHash(Hasher& h) : h_(h) {}

  bool function(Function& f) {
    // A function met again, by recursion or by two ways: its number in order of meeting is enough.
    auto [it, is_new] = numbers_.try_emplace(&f, numbers_.size());
    h_.u64(it->second);
    if (!is_new) return true;
    if (f.external) return external(*f.external);
    ensure_captured(f);
    h_.str(f.name)
        .str(f.module)
        .str(stable_file_name(f.filename))
        .u64(static_cast<uint64_t>(f.role))
        .u64(f.is_library);
    options(f.options);
    h_.u64(static_cast<uint64_t>(f.calling)).str(f.layout).u64(f.stencil.neighborhood.size());
    for (auto [low, high] : f.stencil.neighborhood)
      h_.u64(static_cast<uint64_t>(low)).u64(static_cast<uint64_t>(high));
    h_.u64(f.stencil.standard_indexing.size());
    for (const std::string& name : f.stencil.standard_indexing) h_.str(name);
    if (!captured(f.stencil.cval)) return false;
    if (runs_as_python(f.tree->root)) return false;  // the block has a number of this process
    syntax::hash(h_, f.tree->root);
    syntax::hash_positions(h_, f.tree->root);
    signatures(f);
    return all(f.captures) && list(f.defaults) && all(f.kw_defaults) && known_;
  }

  bool whole_type(ir::TypeRef t) {
    type(t);
    return known_;
  }

 private:
  bool external(const External& e) {
    h_.str(e.symbol).str(e.key).u64(e.c_abi).u64(e.args.size());
    type(e.ret);
    for (ir::TypeRef t : e.args) type(t);
    return true;
  }

  void options(const FunctionOptions& o) {
    h_.u64(o.fastmath).u64(o.boundscheck).u64(o.numpy_errors).u64(o.parallel).u64(o.nogil).u64(o.debug);
    h_.u64(static_cast<uint64_t>(o.inlining));
    h_.u64(o.locals.size());
    for (const auto& [name, t] : o.locals) {
      h_.str(name);
      type(t);
    }
    for (int limit : {o.max_threads, o.min_blocks, o.max_registers}) h_.u64(static_cast<uint64_t>(limit));
  }

  void type(ir::TypeRef t) {
    if (!t) {
      h_.str("");
    } else if (t->is(ir::TypeKind::Function)) {
      std::shared_ptr<Function> f = find_function(static_cast<uint64_t>(t->value));
      h_.str("function");
      known_ = known_ && f && function(*f);
    } else if (ir::is_class_instance(t)) {
      h_.str(t->str());
      if (classes_.insert(t).second) user_class(class_of(t));
    } else {
      h_.str(t->str());
      for (ir::TypeRef e : t->elems) type(e);
    }
  }

  void user_class(const UserClass& cls) {
    for (const auto& [name, t] : ir::class_fields(cls.instance)) {
      h_.str(name);
      type(t);
    }
    auto add = [&](const std::string& name, const std::shared_ptr<Function>& f) {
      h_.str(name);
      known_ = known_ && (!f || function(*f));
    };
    for (const auto& [name, f] : cls.methods) add(name, f);
    for (const auto& [name, f] : cls.static_methods) add(name, f);
    for (const auto& [name, p] : cls.properties) {
      add(name, p.getter);
      add(name, p.setter);
    }
    known_ = known_ && all(cls.constants);
  }

  // Calls of a function with explicit signatures convert to them.
  void signatures(const Function& f) {
    h_.u64(f.signatures.size());
    for (const std::vector<ir::TypeRef>& args : f.signatures) {
      h_.u64(args.size());
      for (ir::TypeRef t : args) type(t);
    }
    h_.u64(f.signature_returns.size());
    for (ir::TypeRef t : f.signature_returns) type(t);
  }

  bool list(const std::vector<Captured>& values) {
    h_.u64(values.size());
    for (const Captured& c : values)
      if (!captured(c)) return false;
    return true;
  }

  bool all(const std::map<std::string, Captured>& values) {
    h_.u64(values.size());
    for (const auto& [name, value] : values) {
      h_.str(name);
      if (!captured(value)) return false;
    }
    return true;
  }

  bool captured(const Captured& c) {
    h_.u64(static_cast<uint64_t>(c.kind));
    type(c.type);
    uint64_t bits[2];
    std::memcpy(&bits[0], &c.scalar.f, 8);
    std::memcpy(&bits[1], &c.scalar.im, 8);
    h_.u64(static_cast<uint64_t>(c.scalar.i)).u64(bits[0]).u64(bits[1]).str(c.text);
    h_.u64(c.names.size());
    for (const std::string& name : c.names) h_.str(name);
    h_.u64(c.shape.size());
    for (int64_t n : c.shape) h_.u64(static_cast<uint64_t>(n));
    if (c.kind == Kind::Builtin && c.text.rfind("extension.", 0) == 0 && !hash_extension(h_, c.text))
      return false;
    // An object that has no name in another process. A namedtuple's class is told by its name and fields, but
    // a result of it would need the class itself.
    if (c.object_ref >= 0) return false;
    if (c.function && !function(*c.function)) return false;
    return list(c.elems);
  }

  Hasher& h_;
  bool known_ = true;
  std::set<ir::TypeRef> classes_;
  std::unordered_map<const Function*, uint64_t> numbers_;
};

}  // namespace

std::string stable_file_name(const std::string& name) {
  auto without_number = [&](const std::string& before, char after) {
    const size_t at = name.find(before);
    if (at == std::string::npos) return name;
    const size_t number = at + before.size(), end = name.find_first_not_of("0123456789", number);
    if (end == std::string::npos || end == number || name[end] != after) return name;
    return name.substr(at, before.size()) + name.substr(end);
  };
  return name.rfind("<ipython-input-", 0) == 0 ? without_number("<ipython-input-", '-')
                                               : without_number("/ipykernel_", '/');
}

bool hash_function(Hasher& h, Function& f) {
  ensure_captured(f);  // its own missing source is the caller's error
  h.str(library().hash());
  if (!hash_open_extensions(h)) return false;
  try {
    return FunctionHash(h).function(f);
  } catch (const CompileError&) {
    return false;  // one that is never called may be without source; typing decides
  }
}

bool hash_type(Hasher& h, ir::TypeRef t) {
  if (t->is(ir::TypeKind::Object) && t->name == "generator")
    return false;  // names a function of this process
  try {
    return FunctionHash(h).whole_type(t);
  } catch (const CompileError&) {
    return false;
  }
}

}  // namespace cantil::frontend
