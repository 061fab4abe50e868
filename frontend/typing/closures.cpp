// Functions defined inside others, and lambdas.
//
// A nested function is a function of its own whose last keyword-only parameters are the variables of the
// outer function that it uses. As a value it is a closure: those variables' values, as a tuple. In its own
// frame only its type is kept, and the closure is made anew wherever the name is read, so that a call sees
// the variables as they are then, as Python does; what is passed on or returned holds the values of that
// moment.
#include <algorithm>
#include <set>

#include "frontend/typing/closures.h"

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// The tree that the nested function's own root stands in is the outer function's.
struct SharedTree {
  std::shared_ptr<syntax::Tree> outer, made;
  syntax::Tree own;
};

std::string function_name(const Node* definition) {
  return definition->kind == NodeKind::Lambda ? "<lambda>" : definition->name;
}

// Calls `each(parameter, default value)`.
template <class F>
void each_default(const Node* definition, F&& each) {
  const Node* params = definition->one[0];
  std::vector<const Node*> positional(params->list[0].begin(), params->list[0].end());
  positional.insert(positional.end(), params->list[1].begin(), params->list[1].end());
  const std::vector<Node*>& values = params->list[4];
  for (size_t i = 0; i < values.size(); ++i)
    each(positional[positional.size() - values.size() + i]->name, values[i]);
  for (size_t i = 0; i < params->list[2].size(); ++i)
    if (const Node* value = params->list[3][i]) each(params->list[2][i]->name, value);
}

std::string default_tag(const std::string& parameter) { return "default." + parameter + "."; }
std::string default_variable(const Node* definition, const std::string& parameter) {
  return "." + default_tag(parameter) + std::to_string(definition->id);  // as hidden_local() names it
}

}  // namespace

Function& Typer::nested_function(const Node* definition, std::shared_ptr<syntax::Tree> made) {
  Function& f = program_.nested(fn_, definition, [&] {
    if (definition->kind == NodeKind::FunctionDef && !definition->list[1].empty())
      fail(Diag::UnsupportedSyntax, definition->list[1][0]->span,
           {"a decorator on a nested function",
            "remove it: a nested function is compiled with the one around it"});
    std::shared_ptr<Function> f = make_function();
    f->name = fn_.name + ".<locals>." + function_name(definition);
    f->module = fn_.module;
    f->filename = fn_.filename;
    f->role = fn_.role == FunctionRole::Host ? FunctionRole::Host : FunctionRole::CudaDevice;
    f->is_library = fn_.is_library;
    f->options = fn_.options;
    f->options.max_threads = f->options.min_blocks = f->options.max_registers = 0;
    f->outer = &fn_;
    if (definition->kind == NodeKind::FunctionDef) {
      Captured& self = f->captures[definition->name];
      self.kind = Captured::Kind::Function;
      self.function = std::shared_ptr<Function>(std::shared_ptr<void>(), f.get());
    }
    std::vector<const Node*> called;
    f->environment = uses_of(definition, called);
    for (const std::string& name : f->environment)
      if (const int local = variable_for(*f, name[0] == '^' ? name.substr(1) : name);
          local >= 0 && cells_.count(static_cast<uint32_t>(local)))
        f->cells.push_back(name);
    each_default(definition, [&](const std::string& parameter, const Node*) {
      f->environment.push_back(default_variable(definition, parameter));
      f->computed_defaults[parameter] = f->environment.back();
    });
    auto tree = std::make_shared<SharedTree>();
    tree->outer = fn_.tree;
    tree->made = made;
    tree->own.file = fn_.tree->file;
    Node* root = tree->own.root = tree->own.make(definition->kind);
    *root = *definition;
    Node* params = root->one[0] = tree->own.make(NodeKind::Arguments);
    *params = *definition->one[0];
    for (const std::string& name : f->environment) {
      Node* arg = tree->own.make(NodeKind::Arg);
      arg->name = name;
      arg->span = definition->span;
      params->list[2].push_back(arg);
      params->list[3].push_back(nullptr);
    }
    f->tree = std::shared_ptr<syntax::Tree>(tree, &tree->own);
    return f;
  });
  // The functions beside it that it calls, each known by its name.
  std::vector<const Node*> called;
  uses_of(definition, called);
  for (const Node* other : called) {
    if (f.captures.count(other->name)) continue;
    f.captures[other->name].kind = Captured::Kind::Function;
    Function& g = nested_function(other);
    f.captures[other->name].function = std::shared_ptr<Function>(std::shared_ptr<void>(), &g);
  }
  return f;
}

// The variables of this function that a function defined in it uses, itself and by calling others: the names
// of its parameters for them. `called` receives the definitions of functions beside it that it refers to.
std::vector<std::string> Typer::uses_of(const Node* definition, std::vector<const Node*>& called) {
  std::vector<std::string> names;
  std::vector<const Node*> todo = {definition};
  std::set<const Node*> seen = {definition};
  auto add = [&](const std::string& name, bool direct) {
    const std::string indirect = "^" + name;
    auto at = std::find_if(names.begin(), names.end(),
                           [&](const std::string& n) { return n == name || n == indirect; });
    if (at == names.end())
      names.push_back(direct ? name : indirect);
    else if (direct)
      *at = name;
  };
  for (size_t i = 0; i < todo.size(); ++i) {
    const Node* d = todo[i];
    const bool direct = i == 0;
    for (const std::vector<std::string>& chain : free_chains(d)) {
      const std::string& name = chain[0];
      if (d->kind == NodeKind::FunctionDef && name == d->name) continue;
      if (scope_.find(name) >= 0) {
        const Node* other = only_definition(name);
        if (!other) {
          add(name, direct);
        } else if (other != definition) {
          if (direct) called.push_back(other);
          if (seen.insert(other).second) todo.push_back(other);
        }
        continue;
      }
      // A function around this one, or beside that: what it uses comes through here.
      for (const Function* around = &fn_; around; around = around->outer)
        if (auto it = around->captures.find(name); it != around->captures.end()) {
          if (it->second.kind == Captured::Kind::Function && it->second.function->outer)
            for (const std::string& n : it->second.function->environment)
              add(n[0] == '^' ? n.substr(1) : n, false);
          break;
        }
    }
    if (!direct)
      each_default(
          d, [&](const std::string& parameter, const Node*) { add(default_variable(d, parameter), false); });
  }
  return names;
}

// The `def` of a local that nothing else assigns, or null.
const Node* Typer::only_definition(const std::string& name) {
  const int local = scope_.find(name);
  if (local < 0 || scope_.bindings(static_cast<uint32_t>(local)) != 1 ||
      fn_.tree->root->kind == NodeKind::Lambda)
    return nullptr;
  const Node* found = nullptr;
  auto visit = [&](auto&& self, const std::vector<Node*>& body) -> void {
    for (const Node* s : body) {
      if (!s || found) continue;
      if (s->kind == NodeKind::FunctionDef && s->name == name) found = s;
      if (s->kind == NodeKind::FunctionDef || s->kind == NodeKind::ClassDef) continue;
      for (const auto& l : s->list) self(self, l);
    }
  };
  visit(visit, fn_.tree->root->list[0]);
  return found;
}

// The local of this function that stands for a variable `name` of f's outer function, or -1.
int Typer::variable_for(const Function& f, const std::string& name) {
  if (f.outer == &fn_) {
    if (int local = scope_.find(name); local >= 0) return local;
    auto it = std::find(inst_.locals.begin(), inst_.locals.end(), name);  // a default's hidden variable
    if (it != inst_.locals.end()) return static_cast<int>(it - inst_.locals.begin());
  }
  for (const std::string& own : {name, "^" + name})
    if (std::find(fn_.environment.begin(), fn_.environment.end(), own) != fn_.environment.end())
      return scope_.find(own);
  return -1;
}

Expr* Typer::function_value(Function& f, const Span& span) {
  if (f.environment.empty()) return make_static(function_type(static_cast<int64_t>(f.id), f.name), span);
  if (std::find(packing_.begin(), packing_.end(), &f) != packing_.end())
    fail(Diag::UnsupportedSyntax, span,
         {"nested functions that call each other", "pass one to the other as an argument"});
  packing_.push_back(&f);
  std::vector<Expr*> values;
  std::vector<TypeRef> types;
  bool unknown = false;
  for (const std::string& name : f.environment) {
    const int local = variable_for(f, name[0] == '^' ? name.substr(1) : name);
    if (local < 0)
      fail(Diag::UnsupportedSyntax, span,
           {"'" + f.name + "', which uses variables of the function around it, here",
            "pass it as an argument"});
    const auto id = static_cast<uint32_t>(local);
    Expr* value = cells_.count(id) ? cell_of(id, name, span) : local_value(id, name, span);
    unknown = unknown || value->type->is(TypeKind::Unknown);
    values.push_back(value);
    types.push_back(value->type);
  }
  packing_.pop_back();
  if (unknown) return make_static(unknown_type(), span);
  return make_op(Opcode::TupleMake, closure_of(f, types), std::move(values), span);
}

void Typer::define_defaults(const Node* definition) {
  each_default(definition, [&](const std::string& parameter, const Node* value) {
    assign_local(hidden_local(definition, default_tag(parameter).c_str()), expression(value), value->span);
  });
}

// `def f(): …` and `f = lambda: …`.
void Typer::function_definition(const Node* n) {
  auto only_name = [&](const Node* target) {
    const int local = target->kind == NodeKind::Name ? scope_.find(target->name) : -1;
    return local >= 0 && scope_.bindings(static_cast<uint32_t>(local)) == 1;
  };
  const Node* definition = n->kind == NodeKind::Assign ? n->one[0] : n;
  define_defaults(definition);
  Function& f = nested_function(definition);
  Expr* value = make_static(function_type(static_cast<int64_t>(f.id), f.name), n->span);
  if (n->kind == NodeKind::FunctionDef) {
    const auto local = static_cast<uint32_t>(scope_.find(n->name));
    // One of several that the name may stand for keeps its variables as they are now.
    if (scope_.bindings(local) > 1) value = function_value(f, n->span);
    return assign_local(local, value, n->span);
  }
  for (const Node* target : n->list[0])
    assign(target, only_name(target) ? value : function_value(f, n->span), n->span);
}

Expr* Typer::call_closure(Expr* closure, CallArgs args) {
  Function& f = program_.function(closure->type->value);
  closure = closure->kind == ExprKind::Op ? closure : make_temp(closure);
  for (size_t i = 0; i < f.environment.size(); ++i)
    args.keywords.emplace_back(f.environment[i], tuple_item(closure, i, args.span));
  return call_user(f, std::move(args));
}

}  // namespace cantil::frontend
