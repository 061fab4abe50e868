// The rules of ops.def's comments for each op's operand, attribute and result types.
#include "ir/verifier_ops.h"

#include "ir/layout.h"
#include "ir/object_types.h"

namespace cantil::ir {
namespace {

class OpCheck {
 public:
  OpCheck(const Function& f, const Op& op) : f_(f), op_(op), info_(op_info(op.code)) {}

  std::string run() {
    if (!shape()) return what_;
    types();
    if (what_.empty() && op_.result) result();
    return what_;
  }

 private:
  bool need(bool ok, const std::string& what) {
    if (!ok && what_.empty()) what_ = what;
    return ok;
  }

  size_t count() const { return op_.operands.size(); }
  TypeRef type(size_t i) const { return op_.operands[i]->type; }
  std::string spelled(size_t i) const { return type(i)->str(); }

  bool need_operands(size_t n) {
    return need(count() == n, "takes " + std::to_string(n) + " operands, has " + std::to_string(count()));
  }
  bool need_type(size_t i, TypeRef t) {
    return need(type(i) == t, "operand " + std::to_string(i) + " must be " + t->str() + ", is " + spelled(i));
  }
  bool need_kind(size_t i, bool ok, const char* kind) {
    return need(ok, "operand " + std::to_string(i) + " must be " + kind + ", is " + spelled(i));
  }
  bool need_equal() {
    for (size_t i = 1; i < count(); ++i)
      if (!need(type(i) == type(0), "operand types differ: " + spelled(0) + " and " + spelled(i)))
        return false;
    return true;
  }
  bool need_range(int64_t v, int64_t n, const char* what) {
    return need(v >= 0 && v < n, std::string(what) + " " + std::to_string(v) + " is out of range");
  }

  // Invariant 1, so that the rest can look at operands and attributes freely.
  bool shape() {
    if (info_.operands != kVariadic && !need_operands(static_cast<size_t>(info_.operands))) return false;
    for (const Value* v : op_.operands)
      if (!need(v && v->type, "has an operand that is missing or has no type")) return false;
    if (!need((op_.result != nullptr) == (info_.result != ResultRule::None),
              op_.result ? "must not have a result" : "must have a result"))
      return false;
    if (op_.result &&
        !need(op_.result->type && op_.result->def == &op_, "has a result that does not belong to it"))
      return false;
    if (!need(op_.regions.size() == static_cast<size_t>(info_.regions), "has the wrong number of regions"))
      return false;
    for (const Region* r : op_.regions)
      if (!need(r && r->parent == &op_, "has a region that does not belong to it")) return false;
    return attribute();
  }

  bool attribute() {
    switch (info_.attr) {
      case AttrKind::Var:
        return need(op_.var && op_.var->id < f_.variables.size() && f_.variables[op_.var->id] == op_.var,
                    "names a variable that is not this function's");
      case AttrKind::Func: {
        bool known = false;
        for (const Function* g : f_.module->functions) known = known || g == op_.func;
        return need(known, "calls a function that is not in the module");
      }
      case AttrKind::Site:
        return need_range(op_.imm, static_cast<int64_t>(f_.module->sites.size()), "site");
      case AttrKind::Math: {
        return need_range(op_.imm, static_cast<int64_t>(MathFn::Signbit) + 1, "math function") &&
               need_operands(static_cast<size_t>(math_info(op_.math()).arity));
      }
      case AttrKind::Sreg:
        return need_range(op_.imm, kSregCount, "special register");
      case AttrKind::Atomic:
        return need_range(op_.imm, kAtomicOpCount, "atomic operation");
      case AttrKind::Collective:
        return need_range(op_.imm, kCollectiveOpCount, "collective operation");
      default:
        return true;
    }
  }

  void types() {
    switch (op_.code) {
      case Opcode::Const:
        need(op_.result->type->is_number(), "must be a number");
        if ((op_.result->type->is_int() || op_.result->type->is_bool()) && what_.empty())
          need(wrap_int(op_.result->type, op_.constant.i) == op_.constant.i,
               "the value does not fit its type");
        return;
      case Opcode::ConstData:
        need_range(op_.imm, static_cast<int64_t>(f_.module->data.size()), "data");
        return;
      case Opcode::VarSet:
      case Opcode::ThreadVarSet:
        need_type(0, op_.var->type);
        return;
      case Opcode::Add:
      case Opcode::Sub:
      case Opcode::Mul:
      case Opcode::Neg:
        need_equal() &&
            need_kind(0, type(0)->is_number() && !type(0)->is_bool(), "an integer, float or complex");
        return;
      case Opcode::Div:
        need_equal() && need_kind(0, type(0)->is_float(), "a float");
        return;
      case Opcode::FloorDiv:
      case Opcode::Mod:
      case Opcode::TruncDiv:
      case Opcode::Rem:
      case Opcode::Shl:
      case Opcode::Shr:
      case Opcode::Popc:
      case Opcode::Clz:
      case Opcode::Ctz:
      case Opcode::Brev:
      case Opcode::MulHi:
        need_equal() && need_kind(0, type(0)->is_int(), "an integer");
        return;
      case Opcode::And:
      case Opcode::Or:
      case Opcode::Xor:
      case Opcode::Not:
        need_equal() && need_kind(0, type(0)->is_int() || type(0)->is_bool(), "an integer or bool");
        return;
      case Opcode::Min:
      case Opcode::Max:
        need_equal() && need_kind(0, type(0)->is_int() || type(0)->is_float(), "an integer or float");
        return;
      case Opcode::Eq:
      case Opcode::Ne:
        need_equal() && need_kind(0, type(0)->is_number(), "a number");
        return;
      case Opcode::Lt:
      case Opcode::Le:
      case Opcode::Gt:
      case Opcode::Ge:
        need_equal() && need_kind(0, type(0)->is_real(), "a bool, integer or float");
        return;
      case Opcode::Select:
        need_type(0, bool_type()) &&
            need(type(1) == type(2), "operand types differ: " + spelled(1) + " and " + spelled(2));
        return;
      case Opcode::Math:
        math();
        return;
      case Opcode::ComplexMake:
        need_equal() && need_kind(0, type(0)->is_float() && type(0)->bits >= 32, "float32 or float64");
        return;
      case Opcode::Real:
      case Opcode::Imag:
        need_kind(0, type(0)->is_complex(), "complex");
        return;
      case Opcode::TupleGet:
        need_kind(0, type(0)->is_tuple() || !tuple_parts(type(0)).empty(), "a tuple") &&
            need_range(op_.imm, static_cast<int64_t>(tuple_parts(type(0)).size()), "element");
        return;
      case Opcode::TupleIndex:
        if (!need_kind(0, type(0)->is_tuple() && !type(0)->elems.empty(), "a tuple with elements")) return;
        for (TypeRef e : type(0)->elems) need_kind(0, e == type(0)->elems[0], "a tuple of one element type");
        need_type(1, i64());
        return;
      case Opcode::OptionalIsNone:
      case Opcode::OptionalGet:
        need_kind(0, type(0)->is(TypeKind::Optional), "an optional");
        return;
      case Opcode::ArrayOwner:
      case Opcode::ArrayData:
        need_kind(0, type(0)->is_array(), "an array");
        return;
      case Opcode::ArrayDim:
      case Opcode::ArrayStride:
        need_kind(0, type(0)->is_array(), "an array") && need_range(op_.imm, type(0)->ndim, "axis");
        return;
      case Opcode::ElemPtr:
      case Opcode::LoadElem:
        element(0);
        return;
      case Opcode::StoreElem:
        if (element(1)) need_type(count() - 1, type(0)->elem());
        return;
      case Opcode::IndexWrap:
      case Opcode::BoundsCheck:
        need_type(0, i64()) && need_type(1, i64());
        return;
      default:
        memory_and_control();
    }
  }

  void math() {
    MathKind kind = math_info(op_.math()).kind;
    if (!need_kind(0, type(0)->is_float(), "a float")) return;
    if (kind == MathKind::I) {
      need_type(1, int_type(32));
    } else {
      need_equal();
    }
  }

  // Array, one int64 index an axis, and `extra` operands more.
  bool element(size_t extra) {
    if (!need(count() >= 1, "needs an array") || !need_kind(0, type(0)->is_array(), "an array")) return false;
    size_t ndim = type(0)->ndim;
    if (!need_operands(1 + ndim + extra)) return false;
    for (size_t i = 1; i <= ndim; ++i)
      if (!need_type(i, i64())) return false;
    return true;
  }

  bool access() {
    return need_range(op_.imm, 8, "flags") && need(!(op_.imm & kCountedAccess) || is_counted(type(0)->elem()),
                                                   "counts what is of no counted type");
  }

  bool pointer(size_t i) { return need_kind(i, type(i)->is(TypeKind::Pointer), "a pointer"); }

  void memory_and_control() {
    switch (op_.code) {
      case Opcode::PtrOffset:
      case Opcode::PtrIndex:
        pointer(0) && need_type(1, i64());
        return;
      case Opcode::Load:
        pointer(0) && access();
        return;
      case Opcode::Store:
        pointer(0) && need_type(1, type(0)->elem()) && access();
        return;
      case Opcode::MemCopy:
        pointer(0) && pointer(1) && need_type(2, i64());
        return;
      case Opcode::MemSet:
        pointer(0) && need_kind(1, type(1)->is_int() && type(1)->bits == 8, "an 8-bit integer") &&
            need_type(2, i64());
        return;
      case Opcode::Alloc:
      case Opcode::BufferNew:
        need_type(0, i64());
        return;
      case Opcode::ObjectField:
        need_kind(0, type(0)->is(TypeKind::Object), "an object") &&
            need_range(op_.imm, static_cast<int64_t>(object_fields(type(0)).size()), "field");
        return;
      case Opcode::BufferData:
        need_kind(0, type(0)->is(TypeKind::Buffer), "a buffer");
        return;
      case Opcode::OwnerData:
      case Opcode::OwnerAddress:
        need_kind(0, type(0)->is(TypeKind::Owner), "an owner");
        return;
      case Opcode::OwnerWord:
        need_kind(0, type(0)->is(TypeKind::Owner), "an owner") && need_range(op_.imm, 64, "word");
        return;
      case Opcode::Retain:
      case Opcode::Release:
        need_kind(0, is_counted(type(0)), "of a counted type");
        return;
      case Opcode::LocalArray:
      case Opcode::SharedArray:
      case Opcode::ThreadArray:
        need(op_.imm >= 0, "has a negative length");
        return;
      case Opcode::If:
        need_type(0, bool_type());
        return;
      case Opcode::Yield:
        yield();
        return;
      case Opcode::Map:
      case Opcode::MapInto:
      case Opcode::Reduce:
        elementwise();
        return;
      case Opcode::For:
      case Opcode::ParallelFor:
        need_equal() && need_kind(0, type(0)->is_int(), "an integer") &&
            need(op_.regions[0]->args.size() == 1 && op_.regions[0]->args[0]->type == type(0),
                 "the body must have one argument of the bounds' type");
        for (const Reduction& r : op_.reductions)
          need(r.var && r.var->id < f_.variables.size() && f_.variables[r.var->id] == r.var &&
                   r.var->type->is_number(),
               "reduces a variable that is not this function's or not a number");
        return;
      case Opcode::Return:
        if (f_.ret->is_none() && count() == 0) return;
        need(count() == 1, "must return a value of type " + f_.ret->str()) && need_type(0, f_.ret);
        return;
      case Opcode::Raise:
        raise();
        return;
      case Opcode::Call:
        call();
        return;
      case Opcode::AtomicRmw:
        need_operands(op_.atomic() == AtomicOp::Cas ? 3 : 2) && pointer(0) && need_type(1, type(0)->elem());
        if (op_.atomic() == AtomicOp::Cas && what_.empty()) need_type(2, type(0)->elem());
        return;
      case Opcode::Fence:
        need_range(op_.imm, 3, "scope");
        return;
      case Opcode::Collective:
        collective();
        return;
      case Opcode::BlockCollective:
        for (size_t i = 0; i < 4; ++i)
          if (!pointer(i)) return;
        need(op_.result && op_.result->type == int_type(32), "must give int32");
        return;
      default:
        return;
    }
  }

  void collective() {
    const CollectiveOp what = op_.collective();
    auto whole = [&](size_t i) {
      return need_kind(i, type(i)->is_int() && type(i)->bits >= 32, "an integer of 32 or 64 bits");
    };
    auto gives = [&](TypeRef t) { need(op_.result->type == t, "must give " + t->str()); };
    switch (what) {
      case CollectiveOp::ShflIdx:
      case CollectiveOp::ShflUp:
      case CollectiveOp::ShflDown:
      case CollectiveOp::ShflXor:
        if (need_operands(3) && need_type(0, int_type(32)) && whole(1) && need_type(2, int_type(32)))
          gives(type(1));
        return;
      case CollectiveOp::All:
      case CollectiveOp::Any:
      case CollectiveOp::Equal:
      case CollectiveOp::Ballot:
        if (need_operands(2) && need_type(0, int_type(32)) && need_type(1, bool_type()))
          gives(what == CollectiveOp::Ballot ? int_type(32) : bool_type());
        return;
      case CollectiveOp::MatchAny:
      case CollectiveOp::MatchAll:
        if (need_operands(2) && need_type(0, int_type(32)) && whole(1)) gives(int_type(32));
        return;
      case CollectiveOp::SyncWarp:
        if (need_operands(1) && need_type(0, int_type(32))) gives(none_type());
        return;
      case CollectiveOp::ActiveMask:
        if (need_operands(0)) gives(int_type(32));
        return;
      case CollectiveOp::SyncCount:
      case CollectiveOp::SyncAnd:
      case CollectiveOp::SyncOr:
        if (need_operands(1) && need_type(0, bool_type())) gives(int_type(32));
        return;
      case CollectiveOp::SyncGrid:
        if (need_operands(0)) gives(none_type());
        return;
    }
  }

  // A while's condition gives a bool; an element-wise op's region the element, or the number folded.
  void yield() {
    const Op* around = op_.parent ? op_.parent->parent : nullptr;
    TypeRef t = bool_type();
    if (around && around->code == Opcode::Map && around->result) t = around->result->type->elem();
    if (around && around->code == Opcode::MapInto) t = around->operands[0]->type->elem();
    if (around && around->code == Opcode::Reduce && !around->reductions.empty())
      t = around->reductions[0].var->type;
    need_type(0, t);
  }

  void elementwise() {
    const size_t first = first_mapped(op_.code);
    if (!need(count() > first, "has no operands") ||
        !need_range(op_.imm + 1, static_cast<int64_t>(f_.module->sites.size()), "site"))
      return;
    if (first && !need_kind(0, type(0)->is_array(), "an array")) return;
    const Region& r = *op_.regions[0];
    if (!need(r.args.size() == count() - first, "the region must have one argument an operand")) return;
    size_t ndim = 0;
    for (size_t i = first; i < count(); ++i) {
      TypeRef t = type(i);
      if (!need_kind(i, t->is_array() || t->is_number(), "an array or a number")) return;
      if (t->is_array()) ndim = std::max<size_t>(ndim, t->ndim);
      TypeRef elem = t->is_array() ? t->elem() : t;
      if (!need(r.args[i - first]->type == elem,
                "region argument " + std::to_string(i - first) + " must be " + elem->str()))
        return;
    }
    if (op_.code == Opcode::MapInto)
      need(ndim <= type(0)->ndim, "an operand has more dimensions than the array that is written");
    if (op_.code == Opcode::Map) {
      TypeRef t = op_.result->type;
      need(t->is_array() && t->ndim == ndim && t->layout != Layout::A && !t->readonly &&
               t->elem()->is_number(),
           "the result must be a new array of " + std::to_string(ndim) + " dimensions");
    }
    if (op_.code == Opcode::Reduce)
      need(op_.reductions.size() == 1 && op_.reductions[0].var &&
               op_.reductions[0].var->id < f_.variables.size() &&
               f_.variables[op_.reductions[0].var->id] == op_.reductions[0].var &&
               op_.reductions[0].var->type->is_number(),
           "folds into one variable of a number type");
  }

  void raise() {
    const RaiseSite& site = f_.module->sites[static_cast<size_t>(op_.imm)];
    size_t at = 0;
    for (const RaiseArg& a : site.args) {
      if (a.kind != RaiseArg::Runtime) continue;
      if (!need(at < count(), "has fewer operands than its site has run-time arguments") ||
          !need_type(at, a.type))
        return;
      ++at;
    }
    need(at == count(), "has more operands than its site has run-time arguments");
  }

  void call() {
    if (!need(op_.func->kind != FunctionKind::Kernel, "calls a kernel") ||
        !need_operands(op_.func->params.size()))
      return;
    for (size_t i = 0; i < count(); ++i)
      if (!need_type(i, op_.func->params[i]->type)) return;
  }

  void result() {
    TypeRef t = op_.result->type;
    std::string is = t->str();
    if (!need(!t->is_compile_time(), "has a result of the compile-time type " + is)) return;
    switch (op_.code) {
      case Opcode::Cast: {
        TypeRef from = type(0);
        need(from->is_number() && t->is_number() && (!from->is_complex() || t->is_complex() || t->is_bool()),
             "cannot convert " + from->str() + " to " + is);
        return;
      }
      case Opcode::Bitcast:
        need(bitcasts(type(0), t), "cannot reinterpret " + spelled(0) + " as " + is);
        return;
      case Opcode::TupleMake: {
        const std::vector<TypeRef> parts = tuple_parts(t);
        bool same = parts.size() == count() && (t->is_tuple() || count() > 0 || t->is(TypeKind::Slice));
        for (size_t i = 0; same && i < count(); ++i) same = parts[i] == type(i);
        need(same, "the operands do not make up " + is);
        return;
      }
      case Opcode::OptionalNone:
        need(t->is(TypeKind::Optional), "the result must be an optional, is " + is);
        return;
      case Opcode::ArrayMake:
        array_make(t);
        return;
      case Opcode::ParallelChunk:
        need(t == i64(), "the result must be int64, is " + is);
        return;
      case Opcode::ObjectNew:
        need(t->is(TypeKind::Object), "the result must be an object, is " + is);
        return;
      case Opcode::BufferNew:
        need(t->is(TypeKind::Buffer), "the result must be a buffer, is " + is);
        return;
      case Opcode::ConstData:
      case Opcode::OwnerData:
      case Opcode::LocalArray:
      case Opcode::SharedArray:
      case Opcode::ThreadArray:
      case Opcode::DynShared:
        need(t->is(TypeKind::Pointer), "the result must be a pointer, is " + is);
        return;
      case Opcode::ConstText:
        need(t->is_text() || t->is_bytes(), "the result must be a str or bytes, is " + is);
        return;
      case Opcode::ExceptionSave:
        need(t == owner_type(), "the result must be an owner, is " + is);
        return;
      case Opcode::OwnerWord:
      case Opcode::OwnerAddress:
        need(t == i64(), "the result must be int64, is " + is);
        return;
      default:
        if (TypeRef implied = implied_type(op_))
          need(t == implied, "the result must be " + implied->str() + ", is " + is);
    }
  }

  static bool bitcasts(TypeRef from, TypeRef to) {
    bool from_pointer = from->is(TypeKind::Pointer), to_pointer = to->is(TypeKind::Pointer);
    if (from->is(TypeKind::Object) && to->is(TypeKind::Object)) return true;  // a generator and its frame
    if (from_pointer || to_pointer) return (from_pointer || from == i64()) && (to_pointer || to == i64());
    return from->is_number() && to->is_number() && !from->is_bool() && !to->is_bool() &&
           memory_size(from) == memory_size(to);
  }

  void array_make(TypeRef t) {
    if (!need(t->is_array(), "the result must be an array, is " + t->str())) return;
    size_t ndim = t->ndim;
    if (!need_operands(2 + (t->layout == Layout::A ? 2 : 1) * ndim)) return;
    need_kind(0, type(0)->is(TypeKind::Owner) || type(0)->is(TypeKind::Buffer), "an owner") &&
        need_type(1, pointer_type(t->elem()));
    for (size_t i = 2; i < count() && what_.empty(); ++i) need_type(i, i64());
  }

  const Function& f_;
  const Op& op_;
  const OpInfo& info_;
  std::string what_;
};

}  // namespace

std::string check_op(const Function& f, const Op& op) { return OpCheck(f, op).run(); }

}  // namespace cantil::ir
