// Python's builtins and the operator module, as far as the compiler knows them itself; the rest is stdlib/.
#include <unordered_map>

#include "frontend/typing/array_iterators.h"
#include "frontend/typing/type_classes.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/class_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

struct OperatorEntry {
  Operator op;
  int arity;
  bool is_compare;
};

const std::unordered_map<std::string, OperatorEntry>& operator_functions() {
  using O = Operator;
  static const auto* table = new std::unordered_map<std::string, OperatorEntry>{
      {"operator.add", {O::Add, 2, false}},
      {"operator.iadd", {O::Add, 2, false}},
      {"operator.concat", {O::Add, 2, false}},
      {"operator.sub", {O::Sub, 2, false}},
      {"operator.isub", {O::Sub, 2, false}},
      {"operator.mul", {O::Mult, 2, false}},
      {"operator.imul", {O::Mult, 2, false}},
      {"operator.truediv", {O::Div, 2, false}},
      {"operator.itruediv", {O::Div, 2, false}},
      {"operator.floordiv", {O::FloorDiv, 2, false}},
      {"operator.ifloordiv", {O::FloorDiv, 2, false}},
      {"operator.mod", {O::Mod, 2, false}},
      {"operator.imod", {O::Mod, 2, false}},
      {"operator.pow", {O::Pow, 2, false}},
      {"operator.ipow", {O::Pow, 2, false}},
      {"operator.matmul", {O::MatMult, 2, false}},
      {"operator.imatmul", {O::MatMult, 2, false}},
      {"operator.lshift", {O::LShift, 2, false}},
      {"operator.ilshift", {O::LShift, 2, false}},
      {"operator.rshift", {O::RShift, 2, false}},
      {"operator.irshift", {O::RShift, 2, false}},
      {"operator.and_", {O::BitAnd, 2, false}},
      {"operator.iand", {O::BitAnd, 2, false}},
      {"operator.or_", {O::BitOr, 2, false}},
      {"operator.ior", {O::BitOr, 2, false}},
      {"operator.xor", {O::BitXor, 2, false}},
      {"operator.ixor", {O::BitXor, 2, false}},
      {"operator.invert", {O::Invert, 1, false}},
      {"operator.inv", {O::Invert, 1, false}},
      {"operator.neg", {O::USub, 1, false}},
      {"operator.pos", {O::UAdd, 1, false}},
      {"operator.not_", {O::Not, 1, false}},
      {"operator.eq", {O::Eq, 2, true}},
      {"operator.ne", {O::NotEq, 2, true}},
      {"operator.lt", {O::Lt, 2, true}},
      {"operator.le", {O::LtE, 2, true}},
      {"operator.gt", {O::Gt, 2, true}},
      {"operator.ge", {O::GtE, 2, true}},
      {"operator.is_", {O::Is, 2, true}},
      {"operator.is_not", {O::IsNot, 2, true}},
      {"builtins.pow", {O::Pow, 2, false}},
  };
  return *table;
}

}  // namespace

// isinstance(): what a Python class stands for in terms of our types.
bool Typer::is_instance(TypeRef t, Expr* cls, const Span& span) {
  TypeRef c = cls->type, u = unliteral(t);
  if (c->is_tuple()) {
    for (size_t i = 0; i < c->elems.size(); ++i)
      if (is_instance(t, tuple_item(cls, i, span), span)) return true;
    return false;
  }
  if (c->is(TypeKind::TypeObject)) {
    TypeRef of = c->elem();
    if (of == u) return true;
    if (of->is_tuple() && !of->name.empty())
      return u->is_tuple() && u->name == of->name && u->value == of->value;
    // int, float and complex are classes of all widths; bool counts as an int, as in Python.
    if (of == i64()) return u->is_int() || u->is_bool();
    if (of == f64()) return u->is_float();
    if (of == complex_type(128)) return u->is_complex();
    return false;
  }
  if (c->is(TypeKind::Builtin)) {
    const std::string& n = c->name;
    std::string last = n.substr(n.rfind('.') + 1);
    if (n == "builtins.tuple") return u->is_tuple();
    if (n == "builtins.str") return u->is_text();
    if (n == "builtins.bytes") return u->is_bytes();
    if (n == "builtins.bytearray") return is_bytearray(u);
    if (n == "builtins.range") return u->is(TypeKind::Range);
    if (n == "numpy.ndarray") return u->is_array();
    if (n == "numpy.integer") return u->is_int();
    if (n == "numpy.floating") return u->is_float();
    if (n == "numpy.number") return u->is_int() || u->is_float() || u->is_complex();
    if (n == "numpy.complexfloating") return u->is_complex();
    if (n == "builtins.list") return is_list(u);
    if (n == "builtins.dict") return is_dict(u);
    if (n == "builtins.set") return is_set(u);

    bool known = false;
    bool r = is_of_class(t, last, &known);
    if (known) return r;
  }
  fail(Diag::NoOverload, span, {"isinstance()", shown_type(cls->type) + " as the class"});
}

namespace {

std::string print_piece(Typer& t, Expr* e, std::vector<Expr*>& operands, const Span& span) {
  TypeRef ty = e->type;
  auto escape = [](const std::string& s) {
    std::string out;
    for (char c : s) out += c == '%' ? "%%" : std::string(1, c);
    return out;
  };
  if (ty->is(TypeKind::LiteralStr)) return escape(ty->name);
  if (ty->is_none()) return "None";
  if (ty->is_tuple()) {
    std::string s = "(";
    Expr* tmp = t.make_temp(e);
    for (size_t i = 0; i < ty->elems.size(); ++i) {
      Expr* item = t.tuple_item(tmp, i, span);
      std::string piece = print_piece(t, item, operands, span);
      if (item->type->is(TypeKind::LiteralStr)) piece = "'" + piece + "'";
      s += (i ? ", " : "") + piece;
    }
    return s + (ty->elems.size() == 1 ? ",)" : ")");
  }
  e = t.materialise(e);
  if (!e->type->is_real()) fail(Diag::NoOverload, span, {"print()", shown_type(ty)});
  operands.push_back(e);
  return "%" + std::to_string(operands.size() - 1) + ";";
}

}  // namespace

// Whether all that print() gets is numbers and literals, which need no text of their own.
namespace {

bool is_printed_directly(TypeRef t) {
  if (t->is_tuple())
    return t->name.empty() && std::all_of(t->elems.begin(), t->elems.end(), [](TypeRef e) {
             return is_printed_directly(e) &&
                    (!e->is(TypeKind::LiteralStr) || e->name.find_first_of("\\'\n\t\r") == std::string::npos);
           });
  return t->is_real() || t->is_none() || t->is(TypeKind::LiteralInt) || t->is(TypeKind::LiteralBool) ||
         t->is(TypeKind::LiteralStr);
}

bool prints_directly(const CallArgs& args) {
  for (const Expr* e : args.positional)
    if (!is_printed_directly(e->type)) return false;
  for (auto& [k, v] : args.keywords)
    if ((k != "sep" && k != "end") || !v->type->is(TypeKind::LiteralStr)) return false;
  return true;
}

}  // namespace

Expr* Typer::builtin_call(const std::string& name, CallArgs& args) {
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  auto op = operator_functions().find(name);
  if (op != operator_functions().end() && static_cast<int>(a.size()) == op->second.arity &&
      args.keywords.empty()) {
    const OperatorEntry& o = op->second;
    if (o.op == Operator::Not) return logical_not(a[0], span);
    return o.arity == 1   ? unary(o.op, a[0], span)
           : o.is_compare ? compare(o.op, a[0], a[1], span)
                          : binary(o.op, a[0], a[1], span);
  }
  if (name == "operator.getitem" && a.size() == 2) return subscript_value(a[0], a[1], span);
  if (name == "operator.truth" && a.size() == 1) return truth(a[0], span);
  if (name == "cantil.literal_unroll" && a.size() == 1 && args.keywords.empty()) return a[0];
  if (name.rfind("cantil.typed.", 0) == 0 && a.empty() && args.keywords.empty())
    for (auto [cls, made] : {std::pair{"List", "ListType"}, {"Dict", "dict"}, {"Set", "SetType"}})
      if (name.substr(13) == cls) return empty_container(made, args.node, span);
  if (name.rfind("builtins.", 0) != 0) return nullptr;
  std::string f = name.substr(9);
  if (f == "len" && a.size() == 1) {
    Expr* x = unwrap(a[0], span);
    if (is_array_iterator(x->type, "flatiter")) return attribute_of(tuple_item(x, 0, span), "size", span);
    if (x->type->is_tuple()) return make_int(static_cast<int64_t>(x->type->elems.size()), span);
    if (is_class_instance(x->type)) return call_special(x, "__len__", {}, span);
    if (x->type->is(TypeKind::Object)) return load_field(x, "size", span);
    if (unliteral(x->type)->is_text() || x->type->is_bytes()) return text_length(x, span);
    if (x->type->is_array() && x->type->ndim > 0) return array_dim(x, 0, span);
    return nullptr;
  }
  if (f == "range" && args.keywords.empty()) {
    Iteration it = range_iteration(a, span);
    if (it.unknown) return make_static(unknown_type(), span);
    return make_op(Opcode::TupleMake, range_type(it.index_type), {it.range[0], it.range[1], it.range[2]},
                   span);
  }
  if (f == "next") return next_call(args);
  if ((f == "getattr" || f == "hasattr") && a.size() >= 2) return named_attribute(f, args);
  if (f == "iter" && a.size() == 1 && is_generator_object(a[0]->type)) return a[0];
  if (f == "slice" && !a.empty() && a.size() <= 3 && args.keywords.empty()) {
    if (a.size() == 1) return make_slice({nullptr, a[0], nullptr}, span);
    return make_slice({a[0], a[1], a.size() == 3 ? a[2] : nullptr}, span);
  }
  if (f == "isinstance" && a.size() == 2) {
    if (a[0]->type->is(TypeKind::Optional))
      fail(Diag::NoOverload, span, {"isinstance()", "a value that may be None (" + type_name(a[0]) + ")"});
    return make_static(literal_bool(is_instance(a[0]->type, a[1], span)), span);
  }
  if (f == "type" && a.size() == 1) return make_static(type_object(unliteral(a[0]->type)), span);
  if (f == "abs" && a.size() == 1) {
    Expr* x = materialise(unwrap(a[0], span));
    TypeRef t = x->type;
    if (t->is_bool()) return cast_number(x, i64(), span);
    if (t->is_int()) {
      if (!t->is_signed) return x;
      x = make_temp(x);
      return make_op(Opcode::Select, t,
                     {make_op(Opcode::Lt, bool_type(), {x, make_const(t, 0, span)}, span),
                      make_op(Opcode::Neg, t, {x}, span), x},
                     span);
    }
    if (t->is_float()) return make_op(Opcode::Math, t, {x}, span, static_cast<int64_t>(MathFn::Fabs));
    if (t->is_complex()) {
      x = make_temp(x);
      TypeRef part = float_type(t->bits / 2);
      return make_op(Opcode::Math, part,
                     {make_op(Opcode::Real, part, {x}, span), make_op(Opcode::Imag, part, {x}, span)}, span,
                     static_cast<int64_t>(MathFn::Hypot));
    }
    return nullptr;
  }
  if ((f == "min" || f == "max") && !a.empty() && args.keywords.empty()) {
    std::vector<Expr*> items = a;
    if (a.size() == 1) {
      if (!a[0]->type->is_tuple() || a[0]->type->elems.empty()) return nullptr;
      Expr* t = make_temp(a[0]);
      items.clear();
      for (size_t i = 0; i < t->type->elems.size(); ++i) items.push_back(tuple_item(t, i, span));
    }
    TypeRef t = nullptr;
    for (Expr*& e : items) {
      e = materialise(unwrap(e, span));
      if (!e->type->is_real()) return nullptr;
      t = t ? promote(t, e->type) : e->type;
    }
    Expr* r = cast_number(items[0], t, span);
    for (size_t i = 1; i < items.size(); ++i)
      r = make_op(f == "min" ? Opcode::Min : Opcode::Max, t, {r, cast_number(items[i], t, span)}, span);
    return r;
  }
  if (f == "divmod" && a.size() == 2) {
    Expr *x = make_temp(materialise(a[0])), *y = make_temp(materialise(a[1]));
    return make_tuple({binary(Operator::FloorDiv, x, y, span), binary(Operator::Mod, x, y, span)}, span);
  }
  if ((f == "dict" || f == "set") && a.empty() && args.keywords.empty())
    return empty_container(f.c_str(), args.node, span);
  if (f == "list" && a.empty()) return empty_container("list", args.node, span);
  if (f == "tuple" && a.size() == 1 && a[0]->type->is_tuple()) return a[0];
  if (f == "tuple" && a.empty()) return make_tuple({}, span);
  if (f == "print" && !on_cuda() && !prints_directly(args)) return print_text(args);
  if (f == "print") {
    std::string sep = " ", end = "\n";
    for (auto& [k, v] : args.keywords) {
      if ((k != "sep" && k != "end") || !v->type->is(TypeKind::LiteralStr))
        fail(Diag::NeedsConstant, span, {"print()'s argument '" + k + "'"});
      (k == "sep" ? sep : end) = v->type->name;
    }
    std::vector<Expr*> operands;
    std::string format;
    Expr* sep_expr = make_static(literal_str(sep), span);
    for (size_t i = 0; i < a.size(); ++i) {
      if (i) format += print_piece(*this, sep_expr, operands, span);
      format += print_piece(*this, a[i], operands, span);
    }
    format += print_piece(*this, make_static(literal_str(end), span), operands, span);
    Expr* e = make_op(Opcode::Print, none_type(), std::move(operands), span);
    e->text = std::move(format);
    return e;
  }
  return nullptr;
}

Expr* Typer::construct(TypeRef object, CallArgs& args) {
  TypeRef type = object->elem();
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  for (Expr* e : a)
    if (e->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
  if (!args.keywords.empty()) fail(Diag::UnknownKeyword, span, {shown_type(type), args.keywords[0].first});
  if (a.size() == 1 && is_class_instance(a[0]->type) && type->is_number()) {
    if (type->is_bool()) return materialise(truth(a[0], span));
    const char* name = type->is_int()     ? "builtins.int"
                       : type->is_float() ? "builtins.float"
                                          : "builtins.complex";
    if (Expr* e = class_builtin(name, args)) return e;
  }
  if (type->is_number()) {
    if (a.empty()) return make_const(type, 0, span);
    if (type->is_complex() && a.size() == 2) {
      TypeRef part = float_type(type->bits / 2);
      Expr *re = materialise(unwrap(a[0], span)), *im = materialise(unwrap(a[1], span));
      if (!re->type->is_real() || !im->type->is_real())
        fail(Diag::NoOverload, span, {shown_type(type), type_list(a)});
      return make_op(Opcode::ComplexMake, type, {cast_number(re, part, span), cast_number(im, part, span)},
                     span);
    }
    if (a.size() == 1) {
      if (type->is_bool()) return materialise(truth(a[0], span));
      Expr* x = materialise(unwrap(a[0], span));
      // int() and float() keep the width of what already is one.
      if (object->name == "builtins.int" && x->type->is_int()) return x;
      if (object->name == "builtins.float" && x->type->is_float()) return x;
      if (x->type->is_number() && (!x->type->is_complex() || type->is_complex()))
        return cast_number(x, type, span);
    }
  }
  if (type->is_number() && a.size() == 1)  // np.float32([1, 2])
    if (Expr* array = a[0]->type->is_array() ? a[0] : as_array(a[0], span)) {
      CallArgs typed;
      typed.positional = {array, make_static(type_object(type), span)};
      typed.span = span;
      return call_library_or_fail("method:array.astype", typed, shown_type(type));
    }
  if (Expr* e = call_library("construct:" + type->str(), args)) return e;
  fail(Diag::NoOverload, span, {shown_type(type), a.empty() ? "no arguments" : type_list(a)});
}

}  // namespace cantil::frontend
