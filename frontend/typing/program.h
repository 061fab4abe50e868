// One compilation's set of typed instances: finds or makes the instance for a call, and iterates over
// recursion until return types stand.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "frontend/exception_classes.h"
#include "frontend/typing/typed.h"

namespace cantil::frontend {

class Program {
 public:
  explicit Program(CodeTarget target) : target_(target) {}
  CodeTarget target() const { return target_; }

  // The instance of `f` for these argument types, typed. While it is being typed further up the stack its
  // `ret` may still be null: the caller then sees an Unknown type and is typed again.
  Instance* instance(Function& f, const std::vector<ir::TypeRef>& args,
                     const FunctionOptions* caller_options = nullptr, ir::TypeRef ret_hint = nullptr);

  // Of a generator that has been called, by its type.
  Instance* generator_instance(ir::TypeRef generator);

  // User functions that function types refer to, by Function::id.
  void remember(const std::shared_ptr<Function>& f) { functions_.try_emplace(f->id, f); }
  // One that came in as an argument's type is looked up among the functions alive.
  Function& function(int64_t id);
  // What `make` makes of a function definition (or lambda) inside `outer`, once in a program.
  Function& nested(const Function& outer, const syntax::Node* definition,
                   const std::function<std::shared_ptr<Function>()>& make);
  // What `make` makes, once in a program for each key: functions that the compiler writes itself.
  Function& derived(const std::string& key, const std::function<std::shared_ptr<Function>()>& make);
  // Classes of named tuples by their class_ref, for calls of them.
  std::map<int64_t, const Captured*> named_tuples;
  ExceptionBases exception_bases;
  // The functions that generator expressions stand for, by their nodes.
  std::map<const syntax::Node*, std::shared_ptr<syntax::Tree>> generator_expressions;
  std::set<std::string> externals;  // "symbol:key" of each External that is called

  Expr* make_expr() { return &exprs_.emplace_back(); }
  Stmt* make_stmt() { return &stmts_.emplace_back(); }
  Elementwise* make_elementwise() { return &elementwise_.emplace_back(); }
  // An instance that is in no table: for a body that is typed inside its caller's.
  Instance* make_instance() { return &instances_.emplace_back(); }

  // All instances that were typed to the end and are reachable from the entry, entry first.
  std::vector<Instance*> reachable(Instance* entry) const;

 private:
  struct Key {
    uint64_t function;
    std::vector<ir::TypeRef> args;
    uint32_t inherited;  // a library body's options come from its caller
    bool operator<(const Key& o) const {
      return std::tie(function, inherited, args) < std::tie(o.function, o.inherited, o.args);
    }
  };
  Instance* instance_for(Function& f, const std::vector<ir::TypeRef>& args, uint32_t inherited,
                         ir::TypeRef ret_hint);
  void type_instance(Instance* inst);

  CodeTarget target_;
  std::map<Key, Instance*> table_;
  std::vector<Instance*> stack_;
  size_t lowest_recursion_ = SIZE_MAX;  // the lowest stack index that was called while unfinished
  std::vector<std::map<Key, Instance*>::iterator> provisional_;  // typed against an unfinished caller's guess
  std::deque<Instance> instances_;
  std::deque<Expr> exprs_;
  std::deque<Stmt> stmts_;
  std::deque<Elementwise> elementwise_;
  std::map<uint64_t, std::shared_ptr<Function>> functions_;
  std::map<std::string, uint64_t> derived_;
  std::map<std::pair<uint64_t, const syntax::Node*>, uint64_t> nested_;  // outer's id and definition -> id
};

}  // namespace cantil::frontend
