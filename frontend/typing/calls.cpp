// Calls: binding arguments to parameters, user functions, library overloads.
#include <algorithm>

#include "frontend/classes.h"
#include "frontend/extensions.h"
#include "frontend/library.h"
#include "frontend/typing/closures.h"
#include "frontend/typing/external_calls.h"
#include "frontend/typing/static_containers.h"
#include "frontend/typing/type_classes.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"
#include "frontend/typing/unify.h"
#include "ir/class_types.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// A function's annotations (null where there is none), in the order of bind().
std::vector<const Node*> annotations_of(const Function& f) {
  std::vector<const Node*> out;
  const Node* params = f.tree->root->one[0];
  for (int l = 0; l < 2; ++l)
    for (const Node* a : params->list[l]) out.push_back(a->one[0]);
  if (params->one[0]) out.push_back(params->one[0]->one[0]);
  for (const Node* a : params->list[2]) out.push_back(a->one[0]);
  if (params->one[1]) out.push_back(params->one[1]->one[0]);
  return out;
}

}  // namespace

namespace {

bool takes_iterable(const std::string& name) {
  static const std::set<std::string> kNames = {"builtins.list", "builtins.sum",    "builtins.min",
                                               "builtins.max",  "builtins.sorted", "builtins.set",
                                               "numpy.array",   "numpy.asarray"};
  return kNames.count(name) != 0;
}

// What joins or chooses among arrays: in a list written as its argument they need not be of one type.
bool takes_arrays(const std::string& name) {
  static const std::set<std::string> kNames = {"numpy.concatenate",
                                               "numpy.stack",
                                               "numpy.hstack",
                                               "numpy.vstack",
                                               "numpy.dstack",
                                               "numpy.row_stack",
                                               "numpy.block",
                                               "numpy.select",
                                               "numpy.choose",
                                               "numpy.column_stack",
                                               "numpy.lexsort",
                                               "numpy.histogram2d",
                                               "numpy.polynomial.polyutils.as_series",
                                               "numpy.piecewise",
                                               "numpy.nditer",
                                               "numpy.einsum"};
  return kNames.count(name) != 0;
}

// Whether an annotation names a class of arrays.
bool wants_array(const Node* annotation) {
  if (!annotation) return false;
  if (annotation->kind == NodeKind::BinOp)
    return wants_array(annotation->one[0]) || wants_array(annotation->one[1]);
  return annotation->kind == NodeKind::Name && annotation->name.compare(0, 5, "Array") == 0;
}

}  // namespace

// Lists, and lists in them, as tuples.
Expr* Typer::list_as_tuple(const Node* n) {
  if (n->kind != NodeKind::List) return expression(n);
  std::vector<Expr*> items;
  for (const Node* x : n->list[0]) {
    if (x->kind == NodeKind::Starred) return expression(n);
    items.push_back(list_as_tuple(x));
    if (items.back()->type->is(TypeKind::Unknown)) return items.back();
  }
  return make_tuple(std::move(items), n->span);
}

Expr* Typer::call(const Node* n) {
  // A library name as the callee reads better in messages by the user's own spelling; the value decides
  // everything else.
  Expr* callee = expression(n->one[0]);
  CallArgs args;
  args.span = n->span;
  args.node = n->id;
  if (callee->type->is(TypeKind::ExceptionClass) && (on_cuda() || fn_.is_library) && n->list[0].size() == 1 &&
      n->list[1].empty() && n->list[0][0]->kind == NodeKind::JoinedStr) {
    // The text is put together where the exception is made; the ellipsis says so.
    args.positional.push_back(make_static(ellipsis_type(), n->span));
    for (const Node* part : n->list[0][0]->list[0]) {
      if (part->kind == NodeKind::FormattedValue &&
          (part->one[1] || (part->extra != -1 && part->extra != 'r')))
        fail(Diag::UnsupportedSyntax, part->span, {"a format in an f-string", "write the value without it"});
      args.positional.push_back(expression(part->kind == NodeKind::FormattedValue ? part->one[0] : part));
      if (args.positional.back()->type->is(TypeKind::Unknown)) return args.positional.back();
    }
    return call_value(callee, std::move(args));
  }
  for (const Node* a : n->list[0]) {
    if (a->kind != NodeKind::Starred) {
      // What takes any iterable gets the items of one that is no value here, as zip() or a generator
      // expression.
      if (callee->type->is(TypeKind::Builtin) && takes_iterable(callee->type->name))
        if (Expr* e = collected(a)) {
          args.positional.push_back(e);
          continue;
        }
      if (a->kind == NodeKind::List && callee->type->is(TypeKind::Builtin) &&
          takes_arrays(callee->type->name)) {
        args.positional.push_back(list_as_tuple(a));
        continue;
      }
      args.positional.push_back(expression(a));
      continue;
    }
    Expr* t = make_temp(expression(a->one[0]));
    if (t->type->is(TypeKind::Unknown)) return make_static(unknown_type(), n->span);
    if (!t->type->is_tuple()) fail(Diag::UnpackNotTuple, a->span, {type_name(t)});
    for (size_t i = 0; i < t->type->elems.size(); ++i) args.positional.push_back(tuple_item(t, i, a->span));
  }
  for (const Node* k : n->list[1]) {
    if (!k->name.empty()) {
      const bool arrays = k->one[0]->kind == NodeKind::List && callee->type->is(TypeKind::Builtin) &&
                          takes_arrays(callee->type->name);
      args.keywords.emplace_back(k->name, arrays ? list_as_tuple(k->one[0]) : expression(k->one[0]));
      continue;
    }
    // ** of what has names that are known here.
    const Node* given = k->one[0];
    const bool literal_dict =
        given->kind == NodeKind::Dict &&
        std::all_of(given->list[0].begin(), given->list[0].end(), [](const Node* key) {
          return key && key->kind == NodeKind::Constant && key->value.kind == syntax::ConstKind::Str;
        });
    if (literal_dict) {
      for (size_t i = 0; i < given->list[0].size(); ++i)
        args.keywords.emplace_back(given->list[0][i]->value.s, expression(given->list[1][i]));
      continue;
    }
    Expr* d = make_temp(expression(given));
    if (d->type->is(TypeKind::Unknown)) return make_static(unknown_type(), n->span);
    if (!is_static_dict(d->type))
      fail(Diag::UnsupportedSyntax, given->span,
           {"** of " + type_name(d),
            "use **kwargs of the function, a dict literal with names as keys, or name the arguments"});
    for (size_t i = 0; i < d->type->elems.size(); ++i)
      args.keywords.emplace_back(d->type->fields[i], tuple_item(d, i, given->span));
  }
  return call_value(callee, std::move(args));
}

bool is_polynomial(TypeRef t) {
  return t->is_tuple() && t->name == "Polynomial" && t->fields.size() == 3 && t->fields[0] == "coef";
}

Expr* Typer::call_value(Expr* callee, CallArgs args) {
  TypeRef t = callee->type;
  const Span& span = args.span;
  switch (t->kind) {
    case TypeKind::Closure:
      return call_closure(callee, std::move(args));
    case TypeKind::Choice:
      return call_choice(callee, std::move(args));
    case TypeKind::Unknown:
      return callee;
    case TypeKind::Function: {
      Function& f = program_.function(t->value);
      switch (f.calling) {
        case Calling::Ufunc:
          return call_user_ufunc(f, std::move(args));
        case Calling::GeneralisedUfunc:
          return call_user_gufunc(f, std::move(args));
        case Calling::Stencil:
          return call_user_stencil(f, std::move(args));
        case Calling::Plain:
          return call_user(f, std::move(args));
      }
    }
      [[fallthrough]];
    case TypeKind::Builtin:
      return call_builtin(t->name, std::move(args));
    case TypeKind::TypeObject:
      if (t->elem()->is_tuple() && !t->elem()->name.empty()) {
        auto cls = program_.named_tuples.find(t->elem()->value);
        if (cls != program_.named_tuples.end()) return make_named_tuple(*cls->second, args);
      }
      if (is_class_instance(t->elem())) return new_instance(t->elem(), std::move(args));
      return construct(t, args);
    case TypeKind::ExceptionClass: {
      if (!args.keywords.empty()) fail(Diag::UnknownKeyword, span, {t->name, args.keywords[0].first});
      std::vector<TypeRef> types;
      for (Expr* a : args.positional) types.push_back(a->type);
      Expr* e = make(ExprKind::Exception, exception_instance(t, std::move(types)), span);
      e->args = args.positional;
      return e;
    }
    case TypeKind::Object:
      if (Expr* e = call_special(callee, "__call__", args.positional, span)) {
        if (!args.keywords.empty()) fail(Diag::UnknownKeyword, span, {shown_type(t), args.keywords[0].first});
        return e;
      }
      fail(Diag::NotCallable, span, {shown_type(t)});
    case TypeKind::BoundMethod: {
      if (t->name.rfind("static.", 0) == 0) return static_method(callee->args[0], t->name.substr(7), args);
      if (const std::string key = "method:" + t->name.substr(t->name.find('.') + 1); is_extended(key)) {
        CallArgs own = args;
        own.positional.insert(own.positional.begin(), callee->args[0]);
        if (Expr* e = call_extension(key, own)) return e;
      }
      if (is_class_instance(callee->args[0]->type) &&
          class_of(callee->args[0]->type).methods.contains(t->name.substr(t->name.find('.') + 1)))
        return class_method(callee->args[0], t->name, std::move(args));
      if (t->name == "str.format") return format_call(callee->args[0], args);
      if (callee->args[0]->type->is(TypeKind::Object) || callee->args[0]->type->is(TypeKind::Unknown))
        return container_method(callee->args[0], t->name, args);
      args.positional.insert(args.positional.begin(), callee->args[0]);
      if (Expr* e = reduction_call(t->name, args)) return e;
      if (Expr* e = call_library("method:" + t->name, args)) return e;
      std::string method = t->name.substr(t->name.find('.') + 1);
      for (Expr* a : args.positional)
        if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
      if (library_overloads("method:" + t->name).empty())
        fail(Diag::UnknownAttribute, span, {shown_type(t->elem()), method});
      fail(Diag::NoOverload, span, {"." + method + "()", type_list(args.positional)});
    }
    default:
      if (is_polynomial(t) && args.positional.size() == 1 && args.keywords.empty()) {
        Expr* p = make_temp(callee);
        args.positional = {tuple_item(p, 0, span), tuple_item(p, 1, span), tuple_item(p, 2, span),
                           args.positional[0]};
        return call_library_or_fail("cantil.library.polynomial_value", args, "Polynomial()");
      }
      fail(Diag::NotCallable, span, {shown_type(t)});
  }
}

bool Typer::bind(Function& f, const CallArgs& args, std::vector<Expr*>& out, std::optional<Diagnostic>& why) {
  Parameters p = parameters(f.tree->root);
  size_t n = p.positional.size();
  auto wrong = [&](Diag id, std::vector<std::string> a) {
    why = Diagnostic{id, args.span, std::move(a), {}, {}};
    return false;
  };
  out.assign(n + (p.vararg.empty() ? 0 : 1) + p.keyword_only.size() + (p.kwarg.empty() ? 0 : 1), nullptr);
  if (args.positional.size() > n && p.vararg.empty())
    return wrong(Diag::WrongArgumentCount,
                 {f.name + "()", std::to_string(n), std::to_string(args.count() - f.environment.size())});
  for (size_t i = 0; i < n && i < args.positional.size(); ++i) out[i] = args.positional[i];
  if (!p.vararg.empty()) {
    std::vector<Expr*> rest(args.positional.begin() + static_cast<long>(std::min(n, args.positional.size())),
                            args.positional.end());
    out[n] = make_tuple(std::move(rest), args.span);
  }
  size_t keyword_base = n + (p.vararg.empty() ? 0 : 1);
  std::vector<std::string> other_names;  // for **kwargs
  std::vector<Expr*> others;
  for (auto& [name, value] : args.keywords) {
    size_t at = SIZE_MAX;
    for (size_t i = static_cast<size_t>(p.positional_only); i < n; ++i)
      if (p.positional[i] == name) at = i;
    for (size_t i = 0; i < p.keyword_only.size(); ++i)
      if (p.keyword_only[i] == name) at = keyword_base + i;
    if (at == SIZE_MAX && !p.kwarg.empty()) {
      if (std::find(other_names.begin(), other_names.end(), name) != other_names.end())
        return wrong(Diag::UserRaised, {f.name + "() got two values for the argument '" + name + "'"});
      other_names.push_back(name);
      others.push_back(value);
      continue;
    }
    if (at == SIZE_MAX) return wrong(Diag::UnknownKeyword, {f.name + "()", name});
    if (out[at])
      return wrong(Diag::UserRaised, {f.name + "() got two values for the argument '" + name + "'"});
    out[at] = value;
  }
  if (!p.kwarg.empty()) out.back() = static_dict(other_names, std::move(others), args.span);
  // A nested function's defaults were computed where it was defined, and come with its environment.
  auto computed_default = [&](const std::string& parameter) -> Expr* {
    auto it = f.computed_defaults.find(parameter);
    if (it == f.computed_defaults.end()) return nullptr;
    for (size_t i = 0; i < p.keyword_only.size(); ++i)
      if (p.keyword_only[i] == it->second) return out[keyword_base + i];
    return nullptr;
  };
  for (size_t i = 0; i < n; ++i) {
    if (out[i] || (out[i] = computed_default(p.positional[i]))) continue;
    size_t first_default = n - f.defaults.size();
    if (i < first_default) return wrong(Diag::MissingArgument, {f.name + "()", p.positional[i]});
    out[i] = captured(f.defaults[i - first_default], args.span);
  }
  for (size_t i = 0; i < p.keyword_only.size(); ++i) {
    if (out[keyword_base + i] || (out[keyword_base + i] = computed_default(p.keyword_only[i]))) continue;
    auto it = f.kw_defaults.find(p.keyword_only[i]);
    if (it == f.kw_defaults.end()) return wrong(Diag::MissingArgument, {f.name + "()", p.keyword_only[i]});
    out[keyword_base + i] = captured(it->second, args.span);
  }
  return true;
}

Expr* Typer::call_instance(Function& f, const std::vector<Expr*>& bound, const Span& span) {
  std::vector<TypeRef> types;
  for (Expr* e : bound) {
    if (e->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
    types.push_back(e->type);
  }
  Instance* inst = program_.instance(f, types, &options_);
  if (!inst->ret) {
    if (!inst_.untyped_call.valid()) inst_.untyped_call = span, inst_.untyped_callee = inst->function;
    return make_static(unknown_type(), span);
  }
  Expr* e = make(ExprKind::Call, inst->ret, span);
  e->callee = inst;
  e->args = bound;
  return e;
}

Expr* Typer::call_user(Function& f, CallArgs args, Literals literals) {
  if (f.external) return external_call(*this, *f.external, args);
  ensure_captured(f);  // its parameters are known only from its source
  if (f.role == FunctionRole::CudaKernel)
    fail(Diag::NotCallable, args.span,
         {"the kernel '" + f.name +
          "' (a kernel is launched from Python; a function for kernels is declared with "
          "cuda.jit(device=True))"});
  std::vector<Expr*> bound;
  std::optional<Diagnostic> why;
  if (!bind(f, args, bound, why)) throw CompileError(*why);
  const std::vector<Expr*> given = bound;
  std::vector<const Node*> annotations;
  if (f.is_library) annotations = annotations_of(f);
  // What a nested function has from outside keeps its literals, as if it stood there.
  const size_t behind = f.tree->root->one[0]->one[1] ? 1 : 0;  // **kwargs
  for (size_t i = 0; i < bound.size(); ++i) {
    if (i + f.environment.size() + behind >= bound.size() && i + behind < bound.size()) continue;
    Expr*& e = bound[i];
    if (e->type->is(TypeKind::Optional) || (f.is_library && wants_literal(annotations[i])) ||
        literals == Literals::Keep)
      continue;
    e = plain_argument(e, args.span);
  }
  if (!f.signatures.empty()) {
    size_t best = SIZE_MAX;
    int best_cost = INT_MAX;
    for (size_t i = 0; i < f.signatures.size(); ++i) {
      if (f.signatures[i].size() != bound.size()) continue;
      int cost = 0;
      for (size_t k = 0; k < bound.size() && cost >= 0; ++k) {
        int c = conversion_cost(bound[k]->type, f.signatures[i][k]);
        cost = c < 0 ? -1 : cost + c;
      }
      if (cost >= 0 && cost < best_cost) {
        best = i;
        best_cost = cost;
      }
    }
    if (best != SIZE_MAX)
      for (size_t k = 0; k < bound.size(); ++k)
        bound[k] = convert(bound[k], f.signatures[best][k], args.span);
  }
  for (;;) {
    try {
      return call_instance(f, bound, args.span);
    } catch (const NeedsLiteral& need) {
      CANTIL_CHECK(need.parameter < bound.size());
      Expr* e = given[need.parameter];
      require_literal(e, "an argument of " + f.name + "()", args.span);
      if (bound[need.parameter] == e)
        fail(Diag::NeedsConstant, args.span, {"an argument of " + f.name + "()"});
      if (literals == Literals::Report) throw WantsLiteral{};
      bound[need.parameter] = e;
    }
  }
}

Expr* Typer::call_library(const std::string& name, const CallArgs& args) {
  for (Expr* a : args.positional)
    if (a->type->is(TypeKind::Unknown)) return a;
  for (auto& [k, a] : args.keywords)
    if (a->type->is(TypeKind::Unknown)) return a;
  if (is_extended(name))
    if (Expr* e = call_extension(name, args)) return e;
  if (Expr* e = call_overload(name, args, false)) return e;
  // As NumPy, its functions take what an array can be made of for an array.
  if (name.compare(0, 6, "numpy.") != 0 && name.compare(0, 13, "method:array.") != 0) return nullptr;
  bool any = false;
  for (Expr* a : args.positional)
    any = any || a->type->is_tuple() || is_list(a->type) || a->type->is(TypeKind::Range);
  for (auto& [k, a] : args.keywords) any = any || a->type->is_tuple() || is_list(a->type);
  return any ? call_overload(name, args, true) : nullptr;
}

Expr* Typer::call_overload(const std::string& name, const CallArgs& args, bool make_arrays) {
  const Ufunc* ufunc = find_ufunc(name);
  for (uint32_t id : library_overloads(name)) {
    // A ufunc's bodies are for the elements: ufunc_call() knows when.
    if (ufunc && std::find(ufunc->bodies.begin(), ufunc->bodies.end(), id) != ufunc->bodies.end()) continue;
    Function& f = library_function(id);
    std::vector<Expr*> bound;
    std::optional<Diagnostic> why;
    if (!bind(f, args, bound, why)) continue;
    std::vector<const Node*> annotations = annotations_of(f);
    // A dtype as text: 'f8', 'int32'.
    for (size_t i = 0; i < bound.size(); ++i)
      if (bound[i]->type->is(TypeKind::LiteralStr) && !matches(annotations[i], bound[i]->type))
        if (Expr* dtype = dtype_value(bound[i])) bound[i] = dtype;
    if (make_arrays)
      for (size_t i = 0; i < bound.size(); ++i)
        if (wants_array(annotations[i]) && !matches(annotations[i], bound[i]->type))
          if (Expr* array = as_array(bound[i], args.span); array && matches(annotations[i], array->type))
            bound[i] = array;
    bool takes = true;
    for (size_t i = 0; i < bound.size() && takes; ++i) takes = matches(annotations[i], bound[i]->type);
    if (!takes) continue;
    for (size_t i = 0; i < bound.size(); ++i)
      if (!wants_literal(annotations[i])) bound[i] = plain_argument(bound[i], args.span);
    try {
      return call_instance(f, bound, args.span);
    } catch (CompileError& e) {
      // The library's own lines mean nothing to the user: what it refuses is reported where it was called.
      Diagnostic d = e.diagnostics()[0];
      d.span = args.span;
      d.notes.clear();
      d.function.clear();
      throw CompileError(d);
    }
  }
  return nullptr;
}

Expr* Typer::call_library_or_fail(const std::string& name, const CallArgs& args, const std::string& shown) {
  if (Expr* e = call_library(name, args)) return e;
  std::vector<Expr*> all = args.positional;
  for (auto& [k, a] : args.keywords) all.push_back(a);
  fail(Diag::NoOverload, args.span, {shown, all.empty() ? "no arguments" : type_list(all)});
}

namespace {

// "numpy.sin" as users write it.
std::string shown_name(const std::string& name) {
  if (name.rfind("builtins.", 0) == 0) return name.substr(9) + "()";
  if (name.rfind("numpy.", 0) == 0) return "np." + name.substr(6) + "()";
  if (name.rfind("cantil.", 0) == 0) return name.substr(7) + "()";
  return name + "()";
}

}  // namespace

Expr* Typer::call_builtin(const std::string& name, CallArgs args) {
  for (Expr* a : args.positional)
    if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), args.span);
  if (is_extended(name))
    if (Expr* e = call_extension(name, args)) return e;
  if (Expr* e = class_builtin(name, args)) return e;
  if (name == "cantil.literally") return literally(args);
  if (name == "cantil.experimental.structref.new" && args.positional.size() == 1 &&
      args.positional[0]->type->is(TypeKind::TypeObject) &&
      is_class_instance(args.positional[0]->type->elem())) {
    CallArgs none;
    none.span = args.span;
    return new_instance(args.positional[0]->type->elem(), none);
  }
  if ((name == "numpy.finfo" || name == "numpy.iinfo") && args.positional.size() == 1 && args.count() == 1) {
    TypeRef of = args.positional[0]->type;
    if (!of->is(TypeKind::TypeObject)) of = type_object(unliteral(of));
    Expr* e = make(ExprKind::Static, bound_method(of, name.substr(6)), args.span);
    e->args = {make_static(of, args.span)};
    return e;
  }
  if (Expr* e = builtin_call(name, args)) return e;
  if (Expr* e = ufunc_call(name, args)) return e;
  if (Expr* e = numpy_call(name, args)) return e;
  if (Expr* e = reduction_call(name, args)) return e;
  if (name == "numpy.where")
    if (Expr* e = where_call(args)) return e;
  if (Expr* e = math_call(name, args)) return e;
  if (Expr* e = cuda_call(name, args)) return e;
  if (Expr* e = from_buffer_call(*this, name, args)) return e;
  if (Expr* e = library_call(name, args)) return e;
  if (Expr* e = call_library(name, args)) return e;
  if (is_extended(name))
    fail(Diag::NoOverload, args.span,
         {shown_name(name.rfind("extension.", 0) == 0 ? name.substr(name.rfind('.') + 1) : name),
          args.positional.empty() ? "no arguments" : type_list(args.positional)});
  if (library_overloads(name).empty() && !is_math_name(name))
    fail(Diag::UnsupportedFunction, args.span, {shown_name(name)});
  return call_library_or_fail(name, args, shown_name(name));
}

}  // namespace cantil::frontend
