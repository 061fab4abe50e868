// Attributes of values: arrays, complex numbers, named tuples, dtypes; the rest is the library's.
#include <unordered_set>

#include "frontend/classes.h"
#include "frontend/extensions.h"
#include "frontend/library.h"
#include "frontend/typing/array_iterators.h"
#include "frontend/typing/static_containers.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/ufuncs.h"
#include "ir/layout.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// The methods of whole arrays that reductions.cpp knows.
bool is_reduction(const std::string& family, const std::string& method) {
  static const std::unordered_set<std::string> kMethods = {"sum", "prod", "min", "max", "mean", "any", "all"};
  return family == "array" && kMethods.count(method) != 0;
}

}  // namespace

Expr* Typer::attribute(const Node* n) {
  if (const Captured* c = find_captured(n)) {
    if (c->kind == Captured::Kind::Missing) {
      // The chain's base exists (else its root would be missing): name the part that does not.
      fail(Diag::UnknownAttribute, n->span, {"'" + n->one[0]->name + "'", n->name});
    }
    return captured(*c, n->span);
  }
  return attribute_of(expression(n->one[0]), n->name, n->span);
}

Expr* Typer::attribute_of(Expr* base, const std::string& attr, const Span& span) {
  TypeRef t = base->type;
  if (is_extended("attribute:" + attr) && !t->is(TypeKind::Unknown)) {
    CallArgs args;
    args.positional = {base};
    args.span = span;
    if (Expr* e = call_extension("attribute:" + attr, args)) return e;
  }
  if (is_class_instance(t))
    if (Expr* e = class_attribute(base, attr, span)) return e;
  if (is_extended("method:" + attr) && !t->is(TypeKind::Unknown)) {
    const std::string family = t->is_array() ? "array" : t->is_tuple() ? "tuple" : "value";
    Expr* e = make(ExprKind::Static, bound_method(t, family + "." + attr), span);
    e->args = {base};
    return e;
  }
  if (is_class_instance(t)) fail(Diag::UnknownAttribute, span, {class_name(t), attr});
  if (is_undecided(t) || t->is(TypeKind::Object)) {
    if (fn_.is_library && t->is(TypeKind::Object) && object_field(t, attr) >= 0)
      return load_field(base, attr.c_str(), span);
    const std::string family = is_list(t)                          ? "list"
                               : is_dict(t)                        ? "dict"
                               : is_set(t) || t->name == "SetType" ? "set"
                               : t->name == "ListType"             ? "list"
                                                                   : t->name;
    Expr* e = make(ExprKind::Static, bound_method(t, family + "." + attr), span);
    if (library_overloads("method:" + family + "." + attr).empty())
      fail(Diag::UnknownAttribute, span, {t->is(TypeKind::Object) ? shown_type(t) : family, attr});
    e->args = {base};
    return e;
  }
  if (t->is(TypeKind::Unknown)) return base;
  if (is_static_container(t)) {
    Expr* e = make(ExprKind::Static, bound_method(t, "static." + attr), span);
    e->args = {base};
    return e;
  }
  if (t->is(TypeKind::Optional)) return attribute_of(unwrap(base, span), attr, span);
  if (t->is_array()) {
    if (attr == "ndim") return make_int(t->ndim, span);
    if (attr == "dtype") return make_static(type_object(t->elem()), span);
    if (attr == "itemsize") return make_int(static_cast<int64_t>(memory_size(t->elem())), span);
    if (attr == "shape" || attr == "strides") {
      Expr* a = make_temp(base);
      std::vector<Expr*> parts;
      for (int i = 0; i < t->ndim; ++i)
        parts.push_back(attr == "shape" ? array_dim(a, i, span)
                                        : make_op(Opcode::ArrayStride, i64(), {a}, span, i));
      return make_tuple(std::move(parts), span);
    }
    if (attr == "size" || attr == "nbytes") {
      Expr* a = make_temp(base);
      Expr* n = make_const(i64(), attr == "nbytes" ? static_cast<int64_t>(memory_size(t->elem())) : 1, span);
      for (int i = 0; i < t->ndim; ++i) n = make_op(Opcode::Mul, i64(), {n, array_dim(a, i, span)}, span);
      return n;
    }
    if (attr == "T") {
      Expr* a = make_temp(base);
      Layout layout = t->ndim <= 1             ? t->layout
                      : t->layout == Layout::C ? Layout::F
                      : t->layout == Layout::F ? Layout::C
                                               : Layout::A;
      std::vector<Expr*> parts = {make_op(Opcode::ArrayOwner, owner_type(), {a}, span),
                                  make_op(Opcode::ArrayData, pointer_type(t->elem()), {a}, span)};
      for (int i = t->ndim; i-- > 0;) parts.push_back(array_dim(a, i, span));
      if (layout == Layout::A)
        for (int i = t->ndim; i-- > 0;) parts.push_back(make_op(Opcode::ArrayStride, i64(), {a}, span, i));
      return make_op(Opcode::ArrayMake, array_type(t->elem(), t->ndim, layout, t->readonly, t->aligned),
                     std::move(parts), span);
    }
  }
  // What has attributes of its own but is no value: a.flags, np.finfo(T), np.iinfo(T). Its parts are the
  // library's.
  if (t->is_array() && (attr == "flags" || attr == "ctypes")) {
    Expr* e = make(ExprKind::Static, bound_method(t, attr), span);
    e->args = {base};
    return e;
  }
  if (t->is_array() && attr == "flat") return make_array_iterator("flatiter", {base}, span);
  if (t->is(TypeKind::BoundMethod) &&
      (t->name == "flags" || t->name == "ctypes" || t->name == "finfo" || t->name == "iinfo")) {
    CallArgs part;
    part.positional = {base->args[0]};
    part.span = span;
    if (Expr* e = call_library("attribute:" + t->name + "." + attr, part)) return e;
    fail(Diag::UnknownAttribute, span, {t->name, attr});
  }
  if (unliteral(t)->is_number() && (attr == "real" || attr == "imag")) {
    bool real = attr == "real";
    if (t->is_complex())
      return make_op(real ? Opcode::Real : Opcode::Imag, float_type(t->bits / 2), {base}, span);
    return real ? base : cast_number(make_int(0, span), unliteral(t), span);
  }
  if (is_array_iterator(t, "flatiter")) {
    if (attr == "base") return tuple_item(base, 0, span);
    CallArgs args;
    args.positional = {tuple_item(base, 0, span)};
    args.span = span;
    if (Expr* e = call_library("attribute:flat." + attr, args)) return e;
    if (library_overloads("method:flat." + attr).empty())
      fail(Diag::UnknownAttribute, span, {"a.flat", attr});
    Expr* e = make(ExprKind::Static, bound_method(t, "flat." + attr), span);
    e->args = {tuple_item(base, 0, span)};
    return e;
  }
  if (t->is_tuple())
    for (size_t i = 0; i < t->fields.size(); ++i)
      if (t->fields[i] == attr) return tuple_item(base, i, span);
  if (t->is(TypeKind::Range))
    for (int i = 0; i < 3; ++i)
      if (attr == (i == 0 ? "start" : i == 1 ? "stop" : "step"))
        return make_op(Opcode::TupleGet, t->elem(), {base}, span, i);
  if (t->is(TypeKind::TypeObject) && t->name == "builtins.int" && attr == "from_bytes")
    return make_static(builtin_type("builtins.int.from_bytes"), span);
  if (t->is(TypeKind::TypeObject)) {
    TypeRef of = t->elem();
    if (is_class_instance(of))
      if (Expr* e = class_member(of, attr, span)) return e;
    if (attr == "itemsize" && of->is_number()) return make_int(static_cast<int64_t>(memory_size(of)), span);
    if (attr == "type" || attr == "dtype") return base;
    if (Expr* e = dtype_attribute(of, attr, span)) return e;
    if (of->is_array() && attr == "ndim") return make_int(of->ndim, span);
  }
  if (t->is(TypeKind::Builtin) && t->name == "cantil.cuda.cg.GridGroup" && attr == "sync")
    return make_static(builtin_type(t->name + ".sync"), span);
  // Methods and library attributes: "array.sum" is declared with @overload_method, "array.flags" with
  // @overload_attribute.
  const char* family = t->is_array()               ? "array"
                       : t->is_tuple()             ? "tuple"
                       : unliteral(t)->is_number() ? "number"
                       : unliteral(t)->is_text()   ? "str"
                       : t->is_bytes()             ? "bytes"
                       : is_generator(t)           ? "generator"
                                                   : nullptr;
  if (unliteral(t)->is_text() && attr == "format") {
    Expr* e = make(ExprKind::Static, bound_method(t, "str.format"), span);
    e->args = {base};
    return e;
  }
  if (family) {
    CallArgs args;
    args.positional = {base};
    args.span = span;
    if (Expr* e = call_library(std::string("attribute:") + family + "." + attr, args)) return e;
    if (library_overloads(std::string("method:") + family + "." + attr).empty() &&
        !is_reduction(family, attr))
      fail(Diag::UnknownAttribute, span, {shown_type(t), attr});
    Expr* e = make(ExprKind::Static, bound_method(t, std::string(family) + "." + attr), span);
    e->args = {base};
    return e;
  }
  if (t->is(TypeKind::Builtin) && is_ufunc_method(attr) && find_ufunc(t->name))
    return make_static(builtin_type(t->name + "." + attr), span);
  if (t->is(TypeKind::Module)) fail(Diag::UnknownAttribute, span, {"the module '" + t->name + "'", attr});
  fail(Diag::UnknownAttribute, span, {shown_type(t), attr});
}

// getattr(x, "name"[, default]) and hasattr(x, "name"): decided here.
Expr* Typer::named_attribute(const std::string& function, CallArgs& args) {
  std::vector<Expr*>& a = args.positional;
  const Span& span = args.span;
  const bool asks = function == "hasattr";
  if (a.size() > (asks ? 2 : 3) || !args.keywords.empty())
    fail(Diag::WrongArgumentCount, span,
         {function + "()", asks ? "2" : "2 or 3", std::to_string(args.count())});
  if (!a[1]->type->is(TypeKind::LiteralStr))
    fail(Diag::NeedsConstant, a[1]->span.valid() ? a[1]->span : span, {"the name in " + function + "()"});
  if (!asks && a.size() == 2) return attribute_of(a[0], a[1]->type->name, span);
  Block* out = out_;
  Env before = env_;
  Expr* found = nullptr;
  try {
    sub_block(before, [&] { found = attribute_of(a[0], a[1]->type->name, span); });
  } catch (CompileError& e) {
    if (e.diagnostics()[0].id != Diag::UnknownAttribute) throw;
  }
  out_ = out;
  env_ = before;
  if (asks) return make_static(literal_bool(found != nullptr), span);
  return found ? attribute_of(a[0], a[1]->type->name, span) : a[2];
}

}  // namespace cantil::frontend
