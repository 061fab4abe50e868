// fold: constants are computed and identities applied. Integer results wrap as the op says; float results are
// those of IEEE arithmetic, so folding changes no bit. Ops become constants in place; ops that equal one of
// their operands are bypassed; dce removes what is left.
#include <cmath>
#include <limits>
#include <vector>

#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {
namespace {

const Op* constant(const Value* v) { return v->def && v->def->code == Opcode::Const ? v->def : nullptr; }

bool is_const_int(const Value* v, int64_t n) {
  const Op* c = constant(v);
  return c && (v->type->is_int() || v->type->is_bool()) && c->constant.i == wrap_int(v->type, n);
}

bool is_const_float(const Value* v, double x) {
  const Op* c = constant(v);
  return c && v->type->is_float() && c->constant.f == x && std::signbit(c->constant.f) == std::signbit(x);
}

// ---- Evaluation on constants: true when `out` holds the result ----

bool divide(Opcode code, TypeRef t, int64_t a, int64_t b, int64_t& out) {
  if (b == 0) return false;
  bool quotient = code == Opcode::FloorDiv || code == Opcode::TruncDiv;
  if (!t->is_signed) {
    uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
    out = static_cast<int64_t>(quotient ? x / y : x % y);
    return true;
  }
  if (b == -1) {  // also where INT_MIN / -1 would trap
    out = quotient ? static_cast<int64_t>(0 - static_cast<uint64_t>(a)) : 0;
    return true;
  }
  int64_t q = a / b, r = a % b;
  bool floors = code == Opcode::FloorDiv || code == Opcode::Mod;
  if (floors && r != 0 && (r < 0) != (b < 0)) {
    --q;
    r += b;
  }
  out = quotient ? q : r;
  return true;
}

int64_t shift(Opcode code, TypeRef t, int64_t a, int64_t b) {
  bool outside = (t->is_signed && b < 0) || static_cast<uint64_t>(b) >= t->bits;
  if (code == Opcode::Shl) return outside ? 0 : static_cast<int64_t>(static_cast<uint64_t>(a) << b);
  if (outside) return t->is_signed && a < 0 ? -1 : 0;
  return t->is_signed ? a >> b : static_cast<int64_t>(static_cast<uint64_t>(a) >> b);
}

bool less(TypeRef t, int64_t a, int64_t b) {
  return t->is_int() && !t->is_signed ? static_cast<uint64_t>(a) < static_cast<uint64_t>(b) : a < b;
}

template <class T>
bool compare(Opcode code, T a, T b) {
  switch (code) {
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
    default:
      return a >= b;
  }
}

bool is_compare(Opcode c) { return c >= Opcode::Eq && c <= Opcode::Ge; }

bool fold_int(Opcode code, TypeRef t, int64_t a, int64_t b, int64_t& out) {
  uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  switch (code) {
    case Opcode::Add:
      out = static_cast<int64_t>(x + y);
      return true;
    case Opcode::Sub:
      out = static_cast<int64_t>(x - y);
      return true;
    case Opcode::Mul:
      out = static_cast<int64_t>(x * y);
      return true;
    case Opcode::FloorDiv:
    case Opcode::Mod:
    case Opcode::TruncDiv:
    case Opcode::Rem:
      return divide(code, t, a, b, out);
    case Opcode::And:
      out = a & b;
      return true;
    case Opcode::Or:
      out = a | b;
      return true;
    case Opcode::Xor:
      out = a ^ b;
      return true;
    case Opcode::Shl:
    case Opcode::Shr:
      out = shift(code, t, a, b);
      return true;
    case Opcode::Min:
      out = less(t, b, a) ? b : a;
      return true;
    case Opcode::Max:
      out = less(t, a, b) ? b : a;
      return true;
    default:
      if (!is_compare(code)) return false;
      out = t->is_int() && !t->is_signed ? compare(code, x, y) : compare(code, a, b);
      return true;
  }
}

// float32 operations are exact in double and rounded once: 53 >= 2 * 24 + 2 bits. float16 is left to LLVM.
bool fold_float(Opcode code, TypeRef t, double a, double b, double& out) {
  if (t->bits < 32) return false;
  switch (code) {
    case Opcode::Add:
      out = a + b;
      break;
    case Opcode::Sub:
      out = a - b;
      break;
    case Opcode::Mul:
      out = a * b;
      break;
    case Opcode::Div:
      out = a / b;
      break;
    default:
      return false;
  }
  if (std::isnan(out)) return false;  // its sign and payload are the target's
  if (t->bits == 32) out = static_cast<float>(out);
  return true;
}

bool fold_math(MathFn fn, TypeRef t, double x, double& out) {
  switch (fn) {
    case MathFn::Sqrt:
      if (!(x >= 0)) return false;
      out = std::sqrt(x);
      break;
    case MathFn::Floor:
      out = std::floor(x);
      break;
    case MathFn::Ceil:
      out = std::ceil(x);
      break;
    case MathFn::Trunc:
      out = std::trunc(x);
      break;
    case MathFn::Fabs:
      out = std::fabs(x);
      break;
    default:
      return false;
  }
  if (t->bits == 32) out = static_cast<float>(out);
  return t->bits >= 32 && !std::isnan(x);
}

bool fold_cast(TypeRef from, TypeRef to, const ConstValue& c, ConstValue& out) {
  if (from->is_complex() || from->bits == 16 || to->bits == 16) {
    if (!from->is_int()) return false;
  }
  double x = from->is_float()                     ? c.f
             : from->is_int() && !from->is_signed ? static_cast<double>(static_cast<uint64_t>(c.i))
                                                  : static_cast<double>(c.i);
  if (to->is_bool()) {
    out.i = from->is_float() ? c.f != 0 : c.i != 0;
    return true;
  }
  if (to->is_int()) {
    if (!from->is_float()) {
      out.i = wrap_int(to, c.i);
      return true;
    }
    // C leaves a value out of range undefined: that is the target's to decide.
    double limit = std::ldexp(1.0, to->bits - (to->is_signed ? 1 : 0));
    double t = std::trunc(x);
    if (!(t < limit && t >= (to->is_signed ? -limit : 0.0))) return false;
    out.i = to->is_signed ? static_cast<int64_t>(t) : static_cast<int64_t>(static_cast<uint64_t>(t));
    return true;
  }
  if (to->bits == 16) return false;
  int bits = to->is_complex() ? to->bits / 2 : to->bits;
  if (bits == 32 && from->is_int() && from->bits > 32)  // one rounding, not two
    x = from->is_signed ? static_cast<float>(c.i) : static_cast<float>(static_cast<uint64_t>(c.i));
  out.f = bits == 32 ? static_cast<float>(x) : x;
  out.im = 0;
  return true;
}

class Fold {
 public:
  explicit Fold(Function& f) : f_(f) {}

  void run() {
    replaced_.assign(f_.next_value, nullptr);
    for_each_op(*f_.body, [&](Op& op) {
      for (Value*& v : op.operands)
        if (replaced_[v->id]) v = replaced_[v->id];
      fold(op);
    });
  }

 private:
  void to_int(Op& op, int64_t v) {
    ConstValue c;
    c.i = wrap_int(op.result->type, v);
    to_const(op, c);
  }

  void to_const(Op& op, const ConstValue& c) {
    op.code = Opcode::Const;
    op.operands.clear();
    op.constant = c;
    op.imm = 0;
    op.var = nullptr;
  }

  void bypass(Op& op, Value* v) {
    if (v->type == op.result->type) replaced_[op.result->id] = v;
  }

  void fold(Op& op) {
    if (!op.result || op.operands.empty() || op_info(op.code).effects != Effects::Pure) return;
    if (!constants(op)) identities(op);
  }

  bool constants(Op& op) {
    for (const Value* v : op.operands)
      if (!constant(v)) return false;
    TypeRef t = op.operands[0]->type;
    const ConstValue& a = constant(op.operands[0])->constant;
    const ConstValue b = op.operands.size() > 1 ? constant(op.operands[1])->constant : ConstValue{};
    ConstValue out;
    switch (op.code) {
      case Opcode::Cast:
        if (!fold_cast(t, op.result->type, a, out)) return false;
        to_const(op, out);
        return true;
      case Opcode::Bitcast:
        if (!t->is_int() || !op.result->type->is_int()) return false;
        to_int(op, a.i);
        return true;
      case Opcode::Math:
        if (op.operands.size() != 1 || !op.result->type->is_float() || !fold_math(op.math(), t, a.f, out.f))
          return false;
        to_const(op, out);
        return true;
      case Opcode::Neg:
        if (t->is_int()) return to_int(op, static_cast<int64_t>(0 - static_cast<uint64_t>(a.i))), true;
        if (!t->is_float() || std::isnan(a.f)) return false;
        out.f = -a.f;
        to_const(op, out);
        return true;
      case Opcode::Not:
        to_int(op, t->is_bool() ? !a.i : ~a.i);
        return true;
      case Opcode::IndexWrap:
        to_int(op,
               a.i < 0 ? static_cast<int64_t>(static_cast<uint64_t>(a.i) + static_cast<uint64_t>(b.i)) : a.i);
        return true;
      default:
        break;
    }
    if (op.operands.size() != 2) return false;
    if (t->is_int() || t->is_bool()) {
      if (!fold_int(op.code, t, a.i, b.i, out.i)) return false;
      to_int(op, out.i);
      return true;
    }
    if (!t->is_float()) return false;
    if (is_compare(op.code)) {
      to_int(op, compare(op.code, a.f, b.f));
      return true;
    }
    if (!fold_float(op.code, t, a.f, b.f, out.f)) return false;
    to_const(op, out);
    return true;
  }

  void identities(Op& op) {
    Value* a = op.operands[0];
    Value* b = op.operands.size() > 1 ? op.operands[1] : nullptr;
    bool number = a->type->is_int() || a->type->is_bool();
    switch (op.code) {
      case Opcode::Add:
        if (is_const_int(b, 0) || is_const_float(b, -0.0)) return bypass(op, a);
        if (is_const_int(a, 0) || is_const_float(a, -0.0)) return bypass(op, b);
        return;
      case Opcode::Sub:
        if (is_const_int(b, 0) || is_const_float(b, 0.0)) return bypass(op, a);
        if (number && a == b) to_int(op, 0);
        return;
      case Opcode::Mul:
        if (is_const_int(b, 1) || is_const_float(b, 1.0)) return bypass(op, a);
        if (is_const_int(a, 1) || is_const_float(a, 1.0)) return bypass(op, b);
        if (is_const_int(a, 0) || is_const_int(b, 0)) to_int(op, 0);
        return;
      case Opcode::Div:
        if (is_const_float(b, 1.0)) bypass(op, a);
        return;
      case Opcode::FloorDiv:
      case Opcode::TruncDiv:
        if (is_const_int(b, 1)) bypass(op, a);
        return;
      case Opcode::Mod:
      case Opcode::Rem:
        if (is_const_int(b, 1)) to_int(op, 0);
        return;
      case Opcode::And:
        if (is_const_int(a, -1) || a == b) return bypass(op, b);
        if (is_const_int(b, -1)) return bypass(op, a);
        if (is_const_int(a, 0) || is_const_int(b, 0)) to_int(op, 0);
        return;
      case Opcode::Or:
        if (is_const_int(a, 0) || a == b) return bypass(op, b);
        if (is_const_int(b, 0)) return bypass(op, a);
        if (is_const_int(a, -1) || is_const_int(b, -1)) to_int(op, -1);
        return;
      case Opcode::Xor:
        if (is_const_int(a, 0)) return bypass(op, b);
        if (is_const_int(b, 0)) return bypass(op, a);
        if (a == b) to_int(op, 0);
        return;
      case Opcode::Shl:
      case Opcode::Shr:
        if (is_const_int(b, 0)) bypass(op, a);
        return;
      case Opcode::Not:
        if (a->def && a->def->code == Opcode::Not) bypass(op, a->def->operands[0]);
        return;
      case Opcode::Eq:
      case Opcode::Le:
      case Opcode::Ge:
        if (number && a == b) return to_int(op, 1);
        if (op.code == Opcode::Eq && a->type->is_bool() && is_const_int(b, 1)) bypass(op, a);
        return;
      case Opcode::Ne:
      case Opcode::Lt:
      case Opcode::Gt:
        if (number && a == b) return to_int(op, 0);
        if (op.code == Opcode::Ne && a->type->is_bool() && is_const_int(b, 0)) bypass(op, a);
        return;
      case Opcode::Min:
      case Opcode::Max:
        if (a == b) bypass(op, a);
        return;
      case Opcode::Cast:
        bypass(op, a);
        return;
      case Opcode::Select:
        if (const Op* c = constant(a)) return bypass(op, op.operands[c->constant.i ? 1 : 2]);
        if (op.operands[1] == op.operands[2]) bypass(op, op.operands[1]);
        return;
      default:
        parts(op, a->def);
    }
  }

  // A part of something that was just put together. Operands of `made` are visible wherever its result is.
  void parts(Op& op, const Op* made) {
    if (!made) return;
    size_t i = static_cast<size_t>(op.imm);
    switch (op.code) {
      case Opcode::TupleGet:
        if (made->code == Opcode::TupleMake) bypass(op, made->operands[i]);
        return;
      case Opcode::Real:
      case Opcode::Imag:
        if (made->code == Opcode::ComplexMake) bypass(op, made->operands[op.code == Opcode::Imag]);
        return;
      case Opcode::ArrayOwner:
      case Opcode::ArrayData:
        if (made->code == Opcode::ArrayMake) bypass(op, made->operands[op.code == Opcode::ArrayData]);
        return;
      case Opcode::ArrayDim:
        if (made->code == Opcode::ArrayMake) bypass(op, made->operands[2 + i]);
        return;
      case Opcode::ArrayStride:
        if (made->code == Opcode::ArrayMake && made->result->type->layout == Layout::A)
          bypass(op, made->operands[2 + made->result->type->ndim + i]);
        return;
      case Opcode::OptionalGet:
        if (made->code == Opcode::OptionalMake) bypass(op, made->operands[0]);
        return;
      case Opcode::OptionalIsNone:
        if (made->code == Opcode::OptionalMake) to_int(op, 0);
        if (made->code == Opcode::OptionalNone) to_int(op, 1);
        return;
      default:
        return;
    }
  }

  Function& f_;
  std::vector<Value*> replaced_;  // by value id: what stands in for it
};

}  // namespace

void run_fold(Module& m) {
  for (Function* f : m.functions) Fold(*f).run();
}

}  // namespace cantil::ir
