// Instances of users' classes: making them, their fields, methods and properties, their operators.
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "frontend/classes.h"
#include "frontend/extensions.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/layout.h"

namespace cantil::frontend {

using namespace ir;

namespace {

struct OperatorMethods {
  const char *own, *reflected, *inplace;
};

OperatorMethods operator_methods(Operator op) {
  switch (op) {
    case Operator::Add:
      return {"__add__", "__radd__", "__iadd__"};
    case Operator::Sub:
      return {"__sub__", "__rsub__", "__isub__"};
    case Operator::Mult:
      return {"__mul__", "__rmul__", "__imul__"};
    case Operator::MatMult:
      return {"__matmul__", "__rmatmul__", "__imatmul__"};
    case Operator::Div:
      return {"__truediv__", "__rtruediv__", "__itruediv__"};
    case Operator::FloorDiv:
      return {"__floordiv__", "__rfloordiv__", "__ifloordiv__"};
    case Operator::Mod:
      return {"__mod__", "__rmod__", "__imod__"};
    case Operator::Pow:
      return {"__pow__", "__rpow__", "__ipow__"};
    case Operator::LShift:
      return {"__lshift__", "__rlshift__", "__ilshift__"};
    case Operator::RShift:
      return {"__rshift__", "__rrshift__", "__irshift__"};
    case Operator::BitOr:
      return {"__or__", "__ror__", "__ior__"};
    case Operator::BitXor:
      return {"__xor__", "__rxor__", "__ixor__"};
    case Operator::BitAnd:
      return {"__and__", "__rand__", "__iand__"};
    case Operator::Invert:
      return {"__invert__", nullptr, nullptr};
    case Operator::UAdd:
      return {"__pos__", nullptr, nullptr};
    case Operator::USub:
      return {"__neg__", nullptr, nullptr};
    case Operator::Eq:
      return {"__eq__", "__eq__", nullptr};
    case Operator::NotEq:
      return {"__ne__", "__ne__", nullptr};
    case Operator::Lt:
      return {"__lt__", "__gt__", nullptr};
    case Operator::LtE:
      return {"__le__", "__ge__", nullptr};
    case Operator::Gt:
      return {"__gt__", "__lt__", nullptr};
    case Operator::GtE:
      return {"__ge__", "__le__", nullptr};
    default:
      return {nullptr, nullptr, nullptr};
  }
}

bool has_method(Expr* e, const char* name) {
  return name && is_class_instance(e->type) && class_of(e->type).methods.contains(name);
}

}  // namespace

// Null when `self` is no instance of a class with this method.
Expr* Typer::call_special(Expr* self, const char* method, std::vector<Expr*> args, const Span& span) {
  if (!has_method(self, method)) return nullptr;
  for (Expr* a : args)
    if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
  CallArgs call;
  call.positional = std::move(args);
  call.positional.insert(call.positional.begin(), self);
  call.span = span;
  return call_user(*class_of(self->type).methods.at(method), std::move(call));
}

Expr* Typer::class_attribute(Expr* base, const std::string& attr, const Span& span) {
  TypeRef t = base->type;
  const UserClass& cls = class_of(t);
  if (object_field(t, attr) >= 0) return load_pointer(field_pointer(base, attr.c_str(), span), span);
  if (auto p = cls.properties.find(attr); p != cls.properties.end()) {
    CallArgs args;
    args.positional = {base};
    args.span = span;
    return call_user(*p->second.getter, std::move(args));
  }
  if (cls.methods.contains(attr)) {
    Expr* e = make(ExprKind::Static, bound_method(t, "class." + attr), span);
    e->args = {base};
    return e;
  }
  return class_member(t, attr, span);
}

// What the class itself has: static methods, constants; methods as functions of their instance.
Expr* Typer::class_member(TypeRef instance, const std::string& attr, const Span& span) {
  const UserClass& cls = class_of(instance);
  for (const auto* functions : {&cls.static_methods, &cls.methods})
    if (auto f = functions->find(attr); f != functions->end()) {
      program_.remember(f->second);
      return function_value(*f->second, span);
    }
  if (auto c = cls.constants.find(attr); c != cls.constants.end()) return captured(c->second, span);
  return nullptr;
}

Expr* Typer::class_method(Expr* receiver, const std::string& name, CallArgs args) {
  const UserClass& cls = class_of(receiver->type);
  args.positional.insert(args.positional.begin(), receiver);
  return call_user(*cls.methods.at(name.substr(name.find('.') + 1)), std::move(args));
}

Expr* Typer::new_instance(TypeRef instance, CallArgs args) {
  const Span& span = args.span;
  for (Expr* a : args.positional)
    if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
  for (auto& [name, a] : args.keywords)
    if (a->type->is(TypeKind::Unknown)) return make_static(unknown_type(), span);
  if (on_cuda()) fail(Diag::NotInKernel, span, {"an instance of a class", "pass what it holds as arguments"});
  const UserClass& cls = class_of(instance);
  Expr* object = make_temp(make_op(Opcode::ObjectNew, instance, {}, span));
  auto init = cls.methods.find("__init__");
  if (init == cls.methods.end()) {
    if (args.count())
      fail(Diag::WrongArgumentCount, span, {class_name(instance) + "()", "0", std::to_string(args.count())});
    return object;
  }
  args.positional.insert(args.positional.begin(), object);
  Expr* call = call_user(*init->second, args);
  if (call->type->is(TypeKind::Unknown)) return call;
  if (!call->type->is_none())
    fail(Diag::UserRaised, span, {"__init__() should return None, not " + shown_type(call->type)});
  Expr* made = make(ExprKind::Seq, instance, span);
  for (Expr* e : {object, call}) {
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = e;
    made->block.push_back(s);
  }
  made->args = {object};
  return made;
}

void Typer::class_store(Expr* base, const std::string& attr, Expr* value, const Span& span) {
  TypeRef t = base->type;
  const UserClass& cls = class_of(t);
  auto run = [&](Expr* e) {
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = e;
    emit(s);
  };
  if (auto p = cls.properties.find(attr); p != cls.properties.end()) {
    if (!p->second.setter)
      fail(Diag::NotAssignable, span,
           {"the property '" + attr + "' of " + class_name(t) + ", which has no setter"});
    if (value->type->is(TypeKind::Unknown)) return;
    CallArgs args;
    args.positional = {base, value};
    args.span = span;
    Expr* call = call_user(*p->second.setter, std::move(args));
    if (!call->type->is(TypeKind::Unknown)) run(call);
    return;
  }
  const int field = object_field(t, attr);
  if (field < 0) {
    const std::string type = value->type->is(TypeKind::Unknown) ? "its type" : shown_type(value->type);
    fail(Diag::ForgottenField, span, {class_name(t), attr, type});
  }
  TypeRef wanted = object_fields(t)[static_cast<size_t>(field)].type;
  if (is_undecided(value->type) && wanted->is(TypeKind::Object)) learn(value->type, wanted);
  if (value->type->is(TypeKind::Unknown)) return;
  // As Numba has it, a field's type decides: a float goes into an integer field truncated.
  if (wanted->is_number() && unliteral(value->type)->is_number() &&
      (wanted->is_complex() || !unliteral(value->type)->is_complex()))
    value = cast_number(value, wanted, span);
  if (!can_convert(value->type, wanted))
    fail(Diag::FieldType, value->span.valid() ? value->span : span,
         {class_name(t), attr, shown_type(wanted), type_name(value)});
  run(store_pointer(field_pointer(base, attr.c_str(), span), convert(value, wanted, span), span));
}

// base.attr += value
void Typer::class_augmented(const Node* n) {
  const Node* target = n->one[0];
  Expr* base = make_temp(unwrap(expression(target->one[0]), target->span));
  if (base->type->is(TypeKind::Unknown)) return;
  if (!is_class_instance(base->type)) fail(Diag::NotAssignable, target->span, {"this expression"});
  Expr* old = attribute_of(base, target->name, target->span);
  Expr* value = expression(n->one[1]);
  meet(old, value);
  if (old->type->is(TypeKind::Unknown) || value->type->is(TypeKind::Unknown)) return;
  if (Expr* e = call_special(old, operator_methods(n->op).inplace, {value}, n->span))
    return class_store(base, target->name, e, n->span);
  if (old->type->is_array() && inplace_operator(operator_ufunc(n->op, false), old, value, n->span)) return;
  if (old->type->is_array() || old->type->is(TypeKind::Object)) {
    CallArgs args;
    args.positional = {old, value};
    args.span = n->span;
    if (Expr* e =
            call_library(std::string("cantil.library.inplace_") + syntax::operator_class(n->op), args)) {
      Stmt* s = make_stmt(StmtKind::Eval, n->span);
      s->value = e;
      emit(s);
      return;
    }
  }
  class_store(base, target->name, binary(n->op, old, value, n->span), n->span);
}

Expr* Typer::class_inplace(Operator op, Expr* old, Expr* value, const Span& span) {
  const char* method = operator_methods(op).inplace;
  if (!method) return nullptr;
  // "operator.iadd", for which users may have overloads.
  if (const std::string key = "operator." + std::string(method + 2, std::strlen(method) - 4);
      is_extended(key)) {
    CallArgs args;
    args.positional = {old, value};
    args.span = span;
    if (Expr* e = call_extension(key, args)) return e;
  }
  return call_special(old, method, {value}, span);
}

Expr* Typer::class_binary(Operator op, Expr* a, Expr* b, const Span& span) {
  const OperatorMethods m = operator_methods(op);
  const bool own = has_method(a, m.own), reflected = has_method(b, m.reflected);
  if (own && reflected) {
    // What Python would learn by NotImplemented is known from the types.
    try {
      return call_special(a, m.own, {b}, span);
    } catch (const CompileError&) {
      if (a->type == b->type) throw;
      return call_special(b, m.reflected, {a}, span);
    }
  }
  if (own) return call_special(a, m.own, {b}, span);
  return reflected ? call_special(b, m.reflected, {a}, span) : nullptr;
}

Expr* Typer::class_unary(Operator op, Expr* a, const Span& span) {
  return call_special(a, operator_methods(op).own, {}, span);
}

Expr* Typer::class_compare(Operator op, Expr* a, Expr* b, const Span& span) {
  if (Expr* e = class_binary(op, a, b, span)) return e;
  // Without a method, as object has it.
  if (op == Operator::NotEq) {
    if (Expr* e = class_binary(Operator::Eq, a, b, span)) return logical_not(e, span);
    return compare(Operator::IsNot, a, b, span);
  }
  return op == Operator::Eq ? compare(Operator::Is, a, b, span) : nullptr;
}

Expr* Typer::class_truth(Expr* e, const Span& span) {
  for (const char* method : {"__bool__", "__len__"})
    if (Expr* r = call_special(e, method, {}, span)) return truth(r, span);
  return make_static(literal_bool(true), span);
}

// Builtins that call a method of their argument.
Expr* Typer::class_builtin(const std::string& name, const CallArgs& args) {
  static const std::unordered_map<std::string, const char*> kMethods = {
      {"builtins.len", "__len__"},           {"builtins.abs", "__abs__"},
      {"builtins.hash", "__hash__"},         {"builtins.str", "__str__"},
      {"builtins.repr", "__repr__"},         {"builtins.round", "__round__"},
      {"builtins.divmod", "__divmod__"},     {"builtins.int", "__int__"},
      {"builtins.float", "__float__"},       {"builtins.complex", "__complex__"},
      {"math.floor", "__floor__"},           {"math.ceil", "__ceil__"},
      {"math.trunc", "__trunc__"},           {"operator.index", "__index__"},
      {"operator.contains", "__contains__"}, {"operator.getitem", "__getitem__"},
      {"operator.setitem", "__setitem__"},   {"operator.delitem", "__delitem__"}};
  if (args.positional.empty() || !is_class_instance(args.positional[0]->type)) return nullptr;
  auto method = kMethods.find(name);
  if (method == kMethods.end()) return nullptr;
  Expr* self = args.positional[0];
  std::vector<Expr*> rest(args.positional.begin() + 1, args.positional.end());
  if (Expr* e = call_special(self, method->second, rest, args.span)) return e;
  if (name == "builtins.int" || name == "builtins.float")
    if (Expr* e = call_special(self, "__index__", {}, args.span)) return e;
  if (name == "builtins.str")
    if (Expr* e = call_special(self, "__repr__", {}, args.span)) return e;
  if (name == "builtins.hash") {  // the object's address, without the bits that are always zero
    if (has_method(self, "__eq__"))
      fail(Diag::UserRaised, args.span, {"unhashable type: '" + class_name(self->type) + "'"});
    Expr* address = make_op(Opcode::Bitcast, i64(), {field_pointer(self, kFaceField, args.span)}, args.span);
    return make_op(Opcode::Shr, i64(), {address, make_const(i64(), 4, args.span)}, args.span);
  }
  return nullptr;
}

}  // namespace cantil::frontend
