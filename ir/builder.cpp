// The builder: generic form first, then the conveniences over it.
#include "ir/builder.h"

#include "support/diagnostics.h"

namespace cantil::ir {

Op* Builder::op(Opcode code, std::vector<Value*> operands, TypeRef type) {
  const OpInfo& info = op_info(code);
  CANTIL_CHECK(info.operands == kVariadic || operands.size() == static_cast<size_t>(info.operands));
  for (Value* v : operands) CANTIL_CHECK(v);
  Op* op = module_.new_op(code);
  op->span = span_;
  op->operands = std::move(operands);
  op->parent = region_;
  switch (info.result) {
    case ResultRule::None:
      break;
    case ResultRule::Same:
      type = op->operands[0]->type;
      break;
    case ResultRule::Bool:
      type = bool_type();
      break;
    case ResultRule::Explicit:
      CANTIL_CHECK(type && !type->is_compile_time());
      break;
  }
  if (info.result != ResultRule::None) {
    op->result = module_.new_value(function_, type);
    op->result->def = op;
  }
  for (int i = 0; i < info.regions; ++i) op->regions.push_back(module_.new_region(op));
  region_->ops.push_back(op);
  return op;
}

Value* Builder::const_int(TypeRef type, int64_t v) {
  CANTIL_CHECK(type->is_int() || type->is_bool());
  Op* o = op(Opcode::Const, {}, type);
  o->constant.i = wrap_int(type, v);
  return o->result;
}

Value* Builder::const_float(TypeRef type, double v) {
  CANTIL_CHECK(type->is_float());
  Op* o = op(Opcode::Const, {}, type);
  o->constant.f = type->bits == 32 ? static_cast<float>(v) : v;
  return o->result;
}

Value* Builder::const_complex(TypeRef type, double re, double im) {
  CANTIL_CHECK(type->is_complex());
  Op* o = op(Opcode::Const, {}, type);
  o->constant.f = re;
  o->constant.im = im;
  return o->result;
}

Value* Builder::get(Variable* v) {
  Op* o = op(Opcode::VarGet, {}, v->type);
  o->var = v;
  return o->result;
}

void Builder::set(Variable* v, Value* x) {
  CANTIL_CHECK(x && v->type == x->type);
  op(Opcode::VarSet, {x})->var = v;
}

Value* Builder::cast(Value* x, TypeRef to) { return x->type == to ? x : value(Opcode::Cast, {x}, to); }

Value* Builder::math(MathFn fn, std::vector<Value*> args) {
  const MathInfo& info = math_info(fn);
  CANTIL_CHECK(args.size() == static_cast<size_t>(info.arity));
  TypeRef type = info.kind == MathKind::P ? bool_type() : args[0]->type;
  Op* o = op(Opcode::Math, std::move(args), type);
  o->imm = static_cast<int64_t>(fn);
  return o->result;
}

Value* Builder::tuple_get(Value* t, int i) {
  CANTIL_CHECK(t->type->is_tuple() && i >= 0 && static_cast<size_t>(i) < t->type->elems.size());
  Op* o = op(Opcode::TupleGet, {t}, t->type->elems[static_cast<size_t>(i)]);
  o->imm = i;
  return o->result;
}

Value* Builder::dim(Value* array, int axis) {
  CANTIL_CHECK(array->type->is_array() && axis >= 0 && axis < array->type->ndim);
  Op* o = op(Opcode::ArrayDim, {array}, i64());
  o->imm = axis;
  return o->result;
}

Value* Builder::stride(Value* array, int axis) {
  CANTIL_CHECK(array->type->is_array() && axis >= 0 && axis < array->type->ndim);
  Op* o = op(Opcode::ArrayStride, {array}, i64());
  o->imm = axis;
  return o->result;
}

Value* Builder::call(Function* f, std::vector<Value*> args) {
  CANTIL_CHECK(args.size() == f->params.size());
  for (size_t i = 0; i < args.size(); ++i) CANTIL_CHECK(args[i] && args[i]->type == f->params[i]->type);
  Op* o = op(Opcode::Call, std::move(args), f->ret);
  o->func = f;
  return o->result;
}

Value* Builder::sreg(Sreg s) {
  Op* o = op(Opcode::Sreg, {}, int_type(32));
  o->imm = static_cast<int64_t>(s);
  return o->result;
}

Value* Builder::atomic(AtomicOp a, std::vector<Value*> operands) {
  CANTIL_CHECK(operands.size() == (a == AtomicOp::Cas ? 3u : 2u) && operands[1]);
  TypeRef type = operands[1]->type;
  Op* o = op(Opcode::AtomicRmw, std::move(operands), type);
  o->imm = static_cast<int64_t>(a);
  return o->result;
}

void Builder::raise(int64_t site, std::vector<Value*> args) {
  op(Opcode::Raise, std::move(args))->imm = site;
}

void Builder::ret(Value* v) { v ? op(Opcode::Return, {v}) : op(Opcode::Return); }

Op* Builder::if_(Value* cond) { return op(Opcode::If, {cond}); }

Op* Builder::while_() { return op(Opcode::While); }

Op* Builder::for_(Value* start, Value* stop, Value* step, bool parallel) {
  CANTIL_CHECK(start && start->type->is_int() && stop->type == start->type && step->type == start->type);
  Op* o = op(parallel ? Opcode::ParallelFor : Opcode::For, {start, stop, step});
  o->regions[0]->args.push_back(module_.new_value(function_, start->type));
  return o;
}

int64_t add_site(Module& m, RaiseSite site) {
  m.sites.push_back(std::move(site));
  return static_cast<int64_t>(m.sites.size()) - 1;
}

}  // namespace cantil::ir
