// Functions defined inside others, and lambdas.
//
// A nested function is a function of its own whose last keyword-only parameters are the variables of the
// outer function that it uses. As a value it is a closure: those variables' values, as a tuple. In its own
// frame only its type is kept, and the closure is made anew wherever the name is read, so that a call sees
// the variables as they are then, as Python does; what is passed on or returned holds the values of that
// moment.
#include <algorithm>

#include "frontend/typing/closures.h"

#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// The tree that the nested function's own root stands in is the outer function's.
struct SharedTree {
  std::shared_ptr<syntax::Tree> outer;
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

Function& Typer::nested_function(const Node* definition) {
  return program_.nested(fn_, definition, [&] {
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
    const bool named = definition->kind == NodeKind::FunctionDef;
    for (const std::vector<std::string>& chain : free_chains(definition)) {
      const std::string& name = chain[0];
      if (named && name == definition->name) {
        Captured& self = f->captures[name];
        self.kind = Captured::Kind::Function;
        self.function = std::shared_ptr<Function>(std::shared_ptr<void>(), f.get());
      } else if (scope_.find(name) >= 0 &&
                 std::find(f->environment.begin(), f->environment.end(), name) == f->environment.end()) {
        f->environment.push_back(name);
      }
    }
    each_default(definition, [&](const std::string& parameter, const Node*) {
      f->environment.push_back(default_variable(definition, parameter));
      f->computed_defaults[parameter] = f->environment.back();
    });
    auto tree = std::make_shared<SharedTree>();
    tree->outer = fn_.tree;
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
}

Expr* Typer::function_value(Function& f, const Span& span) {
  if (f.environment.empty()) return make_static(function_type(static_cast<int64_t>(f.id), f.name), span);
  if (f.outer != &fn_ && &f != &fn_)
    fail(Diag::UnsupportedSyntax, span,
         {"'" + f.name + "', which uses variables of the function around it, in a function inside it,",
          "pass it as an argument"});
  if (std::find(packing_.begin(), packing_.end(), &f) != packing_.end())
    fail(Diag::UnsupportedSyntax, span,
         {"nested functions that call each other", "pass one to the other as an argument"});
  packing_.push_back(&f);
  std::vector<Expr*> values;
  std::vector<TypeRef> types;
  bool unknown = false;
  for (const std::string& name : f.environment) {
    int local = scope_.find(name);
    if (local < 0) {  // a default's hidden variable
      auto it = std::find(inst_.locals.begin(), inst_.locals.end(), name);
      CANTIL_CHECK(it != inst_.locals.end());
      local = static_cast<int>(it - inst_.locals.begin());
    }
    Expr* value = local_value(static_cast<uint32_t>(local), name, span);
    unknown = unknown || value->type->is(TypeKind::Unknown);
    values.push_back(value);
    types.push_back(value->type);
  }
  packing_.pop_back();
  if (unknown) return make_static(unknown_type(), span);
  return make_op(Opcode::TupleMake, closure_type(f, types), std::move(values), span);
}

void Typer::define_defaults(const Node* definition) {
  each_default(definition, [&](const std::string& parameter, const Node* value) {
    assign_local(hidden_local(definition, default_tag(parameter).c_str()), expression(value), value->span);
  });
}

// `def f(): …` and `f = lambda: …`.
void Typer::function_definition(const Node* n) {
  const Node* definition = n->kind == NodeKind::Assign ? n->one[0] : n;
  define_defaults(definition);
  Function& f = nested_function(definition);
  Expr* value = make_static(function_type(static_cast<int64_t>(f.id), f.name), n->span);
  if (n->kind == NodeKind::FunctionDef)
    return assign_local(static_cast<uint32_t>(scope_.find(n->name)), value, n->span);
  for (const Node* target : n->list[0])
    assign(target, target->kind == NodeKind::Name ? value : function_value(f, n->span), n->span);
}

Expr* Typer::call_closure(Expr* closure, CallArgs args) {
  Function& f = program_.function(closure->type->value);
  closure = closure->kind == ExprKind::Op ? closure : make_temp(closure);
  for (size_t i = 0; i < f.environment.size(); ++i)
    args.keywords.emplace_back(f.environment[i], tuple_item(closure, i, args.span));
  return call_user(f, std::move(args));
}

}  // namespace cantil::frontend
