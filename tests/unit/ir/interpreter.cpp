// The test interpreter.
#include "tests/unit/ir/interpreter.h"

#include "ir/layout.h"

namespace cantil::ir::test {
namespace {

__extension__ typedef __int128 Wide;

Wide exact(TypeRef t, int64_t v) {
  return t->is_int() && !t->is_signed ? static_cast<Wide>(static_cast<uint64_t>(v)) : static_cast<Wide>(v);
}

int64_t wrapped(TypeRef t, Wide v) { return wrap_int(t, static_cast<int64_t>(static_cast<uint64_t>(v))); }

Wide floor_div(Wide a, Wide b) {
  Wide q = a / b;
  return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

}  // namespace

Outcome Interpreter::run(const std::vector<Datum>& arguments, Datum& result) {
  values_.assign(f_.next_value, {});
  variables_.assign(f_.variables.size(), {});
  for (size_t i = 0; i < arguments.size(); ++i) values_[f_.params[i]->id] = arguments[i];
  Outcome out = region(*f_.body);
  if (out == Outcome::Return || out == Outcome::Next) result = result_;
  leave();
  return out == Outcome::Raise ? out : Outcome::Return;
}

void Interpreter::leave() {
  if (!counts_) return;
  for (const Variable* v : f_.variables)
    if (is_counted(v->type)) count(variables_[v->id], -1);
}

void Interpreter::touch(const Datum& d) const {
  if (counts_ && d.object && d.object->count <= 0) throw Fault("an object is used after it was freed");
  for (const Datum& p : d.parts) touch(p);
}

void Interpreter::count(const Datum& d, int by) {
  touch(d);
  if (d.object) d.object->count += by;
  for (const Datum& p : d.parts) count(p, by);
}

Outcome Interpreter::region(const Region& r) {
  for (const Op* op : r.ops) {
    if (--steps_left < 0) throw Fault("too many steps");
    Outcome out = step(*op);
    if (out != Outcome::Next) return out;
  }
  return Outcome::Next;
}

Outcome Interpreter::step(const Op& op) {
  switch (op.code) {
    case Opcode::If:
      return region(*op.regions[operand(op, 0).i ? 0 : 1]);
    case Opcode::For:
    case Opcode::While:
      return loop(op);
    case Opcode::Break:
      return Outcome::Break;
    case Opcode::Continue:
      return Outcome::Continue;
    case Opcode::Yield:
      return Outcome::Next;
    case Opcode::Raise:
      return Outcome::Raise;
    case Opcode::Return:
      if (!op.operands.empty()) {
        touch(operand(op, 0));
        result_ = operand(op, 0);
      }
      return Outcome::Return;
    case Opcode::VarSet:
      variables_[op.var->id] = operand(op, 0);
      return Outcome::Next;
    case Opcode::BoundsCheck: {
      int64_t i = operand(op, 0).i;
      return i >= 0 && i < operand(op, 1).i ? Outcome::Next : Outcome::Raise;
    }
    case Opcode::Print:
      for (size_t i = 0; i < op.operands.size(); ++i) trace += std::to_string(operand(op, i).i) + " ";
      return Outcome::Next;
    case Opcode::Retain:
      count(operand(op, 0), 1);
      return Outcome::Next;
    case Opcode::Release:
      count(operand(op, 0), -1);
      return Outcome::Next;
    case Opcode::Call: {
      std::vector<Datum> arguments;
      for (size_t i = 0; i < op.operands.size(); ++i) {
        touch(operand(op, i));
        arguments.push_back(operand(op, i));
      }
      Datum out;
      if (!call_(op, arguments, out)) return Outcome::Raise;
      values_[op.result->id] = out;
      return Outcome::Next;
    }
    default:
      if (!op.result)
        throw Fault(std::string("no such op in the test interpreter: ") + op_info(op.code).mnemonic);
      values_[op.result->id] = evaluate(op);
      return Outcome::Next;
  }
}

Outcome Interpreter::loop(const Op& op) {
  if (op.code == Opcode::For) {
    TypeRef t = op.operands[0]->type;
    Wide i = exact(t, operand(op, 0).i), stop = exact(t, operand(op, 1).i), step = exact(t, operand(op, 2).i);
    for (; step > 0 ? i < stop : i > stop; i += step) {
      if (--steps_left < 0) throw Fault("too many steps");
      values_[op.regions[0]->args[0]->id].i = static_cast<int64_t>(i);
      Outcome out = region(*op.regions[0]);
      if (out == Outcome::Break) break;
      if (out == Outcome::Return || out == Outcome::Raise) return out;
    }
    return Outcome::Next;
  }
  while (true) {
    if (--steps_left < 0) throw Fault("too many steps");
    Outcome out = region(*op.regions[0]);
    if (out == Outcome::Return || out == Outcome::Raise) return out;
    if (!operand(*op.regions[0]->ops.back(), 0).i) return Outcome::Next;
    out = region(*op.regions[1]);
    if (out == Outcome::Break) return Outcome::Next;
    if (out == Outcome::Return || out == Outcome::Raise) return out;
  }
}

Datum Interpreter::evaluate(const Op& op) {
  Datum d;
  switch (op.code) {
    case Opcode::Undef:
      return d;
    case Opcode::VarGet:
      return variables_[op.var->id];
    case Opcode::TupleMake:
      for (size_t i = 0; i < op.operands.size(); ++i) d.parts.push_back(operand(op, i));
      return d;
    case Opcode::TupleGet:
      // The null of a tuple has no parts here.
      return operand(op, 0).parts.empty() ? d : operand(op, 0).parts[static_cast<size_t>(op.imm)];
    case Opcode::ArrayOwner:
      d.object = operand(op, 0).object;
      return d;
    case Opcode::ArrayDim:
      touch(operand(op, 0));
      d.i = operand(op, 0).object ? operand(op, 0).object->length : 0;
      return d;
    case Opcode::Select:
      return operand(op, operand(op, 0).i ? 1 : 2);
    default:
      d.i = integer(op);
      return d;
  }
}

int64_t Interpreter::integer(const Op& op) {
  TypeRef t = op.result->type;
  if (op.code == Opcode::Const) return op.constant.i;
  if (op.code == Opcode::Sreg) return 1;
  TypeRef in = op.operands[0]->type;
  Wide a = exact(in, operand(op, 0).i), b = op.operands.size() > 1 ? exact(in, operand(op, 1).i) : 0;
  bool outside = b < 0 || b >= in->bits;
  switch (op.code) {
    case Opcode::Add:
      return wrapped(t, a + b);
    case Opcode::Sub:
      return wrapped(t, a - b);
    case Opcode::Mul:
      return wrapped(t, static_cast<Wide>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b)));
    case Opcode::FloorDiv:
      return wrapped(t, floor_div(a, b));
    case Opcode::Mod:
      return wrapped(t, a - floor_div(a, b) * b);
    case Opcode::TruncDiv:
      return wrapped(t, a / b);
    case Opcode::Rem:
      return wrapped(t, a % b);
    case Opcode::Neg:
      return wrapped(t, -a);
    case Opcode::And:
      return wrapped(t, a & b);
    case Opcode::Or:
      return wrapped(t, a | b);
    case Opcode::Xor:
      return wrapped(t, a ^ b);
    case Opcode::Not:
      return t->is_bool() ? !a : wrapped(t, ~a);
    case Opcode::Shl:
      return outside ? 0 : wrapped(t, static_cast<Wide>(static_cast<uint64_t>(a) << static_cast<int>(b)));
    case Opcode::Shr:
      return outside ? (a < 0 ? -1 : 0) : wrapped(t, a >> static_cast<int>(b));
    case Opcode::Min:
      return wrapped(t, b < a ? b : a);
    case Opcode::Max:
      return wrapped(t, a < b ? b : a);
    case Opcode::Eq:
      return a == b;
    case Opcode::Ne:
      return a != b;
    case Opcode::Lt:
      return a < b;
    case Opcode::Le:
      return a <= b;
    case Opcode::Gt:
      return a > b;
    case Opcode::Ge:
      return a >= b;
    case Opcode::Bitcast:
      return wrapped(t, a);
    case Opcode::Cast:
      return t->is_bool() ? a != 0 : wrapped(t, a);
    case Opcode::IndexWrap:
      return wrapped(t, a < 0 ? a + b : a);
    default:
      throw Fault(std::string("no such op in the test interpreter: ") + op_info(op.code).mnemonic);
  }
}

}  // namespace cantil::ir::test
