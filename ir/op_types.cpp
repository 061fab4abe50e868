// Result types that follow from an op's operands and attribute.
#include "ir/ir.h"
#include "ir/object_types.h"

namespace cantil::ir {
namespace {

TypeRef operand_type(const Op& op, size_t i) {
  return i < op.operands.size() ? op.operands[i]->type : nullptr;
}

// The type inside operand 0 when that is of the given kind.
TypeRef inside(const Op& op, TypeKind kind) {
  TypeRef t = operand_type(op, 0);
  return t && t->is(kind) ? t->elem() : nullptr;
}

TypeRef pointer_or_null(TypeRef elem) { return elem ? pointer_type(elem) : nullptr; }

TypeRef tuple_element(const Op& op) {
  TypeRef t = operand_type(op, 0);
  if (!t) return nullptr;
  if (t->is_tuple() && op.code == Opcode::TupleIndex) return t->elems.empty() ? nullptr : t->elems[0];
  const std::vector<TypeRef> parts = tuple_parts(t);
  return op.imm >= 0 && static_cast<size_t>(op.imm) < parts.size() ? parts[static_cast<size_t>(op.imm)]
                                                                   : nullptr;
}

}  // namespace

TypeRef implied_type(const Op& op) {
  switch (op_info(op.code).result) {
    case ResultRule::None:
      return nullptr;
    case ResultRule::Same:
      return operand_type(op, 0);
    case ResultRule::Bool:
      return bool_type();
    case ResultRule::Explicit:
      break;
  }
  switch (op.code) {
    case Opcode::VarGet:
    case Opcode::ThreadVarGet:
      return op.var ? op.var->type : nullptr;
    case Opcode::Select:
      return operand_type(op, 1);
    case Opcode::Math:
      return math_info(op.math()).kind == MathKind::P ? bool_type() : operand_type(op, 0);
    case Opcode::ComplexMake: {
      TypeRef t = operand_type(op, 0);
      return t && t->is_float() && t->bits >= 32 ? complex_type(2 * t->bits) : nullptr;
    }
    case Opcode::Real:
    case Opcode::Imag: {
      TypeRef t = operand_type(op, 0);
      return t && t->is_complex() ? float_type(t->bits / 2) : nullptr;
    }
    case Opcode::TupleMake: {
      std::vector<TypeRef> elems;
      for (Value* v : op.operands) elems.push_back(v->type);
      return tuple_type(std::move(elems));
    }
    case Opcode::TupleGet:
    case Opcode::TupleIndex:
      return tuple_element(op);
    case Opcode::OptionalMake:
      return op.operands.empty() ? nullptr : optional_type(op.operands[0]->type);
    case Opcode::OptionalGet:
      return inside(op, TypeKind::Optional);
    case Opcode::ArrayOwner:
    case Opcode::Alloc:
      return owner_type();
    case Opcode::ArrayData:
    case Opcode::ElemPtr:
      return pointer_or_null(inside(op, TypeKind::Array));
    case Opcode::ArrayDim:
    case Opcode::ArrayStride:
    case Opcode::Reduce:
    case Opcode::DynSharedSize:
      return i64();
    case Opcode::LoadElem:
      return inside(op, TypeKind::Array);
    case Opcode::ObjectField: {
      TypeRef t = operand_type(op, 0);
      if (!t || !t->is(TypeKind::Object)) return nullptr;
      const std::vector<ObjectField>& fields = object_fields(t);
      const size_t i = static_cast<size_t>(op.imm);
      return i < fields.size() ? pointer_type(fields[i].type) : nullptr;
    }
    case Opcode::BufferData:
      return pointer_or_null(inside(op, TypeKind::Buffer));
    case Opcode::Load:
      return inside(op, TypeKind::Pointer);
    case Opcode::Call:
      return op.func ? op.func->ret : nullptr;
    case Opcode::Sreg:
      return int_type(32);
    case Opcode::AtomicRmw:
      return operand_type(op, 1);
    default:
      return nullptr;
  }
}

}  // namespace cantil::ir
