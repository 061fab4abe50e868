// Complex numbers, tuples and optionals: mostly a matter of picking leaves, no code at all.
#include "codegen/emitter.h"
#include "support/diagnostics.h"

namespace cantil::codegen {

using ir::Opcode;

void FunctionEmitter::emit_aggregate(const ir::Op& op) {
  switch (op.code) {
    case Opcode::ComplexMake:
      define(op.result, Leaves{scalar(op.operands[0]), scalar(op.operands[1])});
      return;
    case Opcode::Real:
      define(op.result, value(op.operands[0])[0]);
      return;
    case Opcode::Imag:
      define(op.result, value(op.operands[0])[1]);
      return;
    case Opcode::TupleMake: {
      Leaves out;
      for (const ir::Value* e : op.operands) out.append(value(e).begin(), value(e).end());
      define(op.result, std::move(out));
      return;
    }
    case Opcode::TupleGet: {
      const Leaves& t = value(op.operands[0]);
      const std::vector<ir::TypeRef> parts = ir::tuple_parts(op.operands[0]->type);
      size_t first = 0;
      for (int64_t i = 0; i < op.imm; ++i) first += m.types[parts[static_cast<size_t>(i)]].leaves.size();
      const size_t count = m.types[op.result->type].leaves.size();
      define(op.result, Leaves(t.begin() + first, t.begin() + first + count));
      return;
    }
    case Opcode::TupleIndex: {
      // Selects stay in registers; a long tuple goes through memory, where the index is an address.
      constexpr size_t kMostSelects = 8;
      const Leaves& t = value(op.operands[0]);
      llvm::Value* index = scalar(op.operands[1]);
      const size_t n = op.operands[0]->type->elems.size();
      const size_t per = m.types[op.result->type].leaves.size();
      Leaves out;
      for (size_t k = 0; k < per; ++k) {
        if (n <= kMostSelects) {
          llvm::Value* x = t[k];
          for (size_t i = 1; i < n; ++i)
            x = b.CreateSelect(b.CreateICmpEQ(index, llvm::ConstantInt::get(index->getType(), i)),
                               t[i * per + k], x);
          out.push_back(x);
          continue;
        }
        llvm::Type* type = t[k]->getType();
        llvm::AllocaInst* array = alloca_in_entry(llvm::ArrayType::get(type, n));
        for (size_t i = 0; i < n; ++i)
          b.CreateStore(t[i * per + k], b.CreateConstInBoundsGEP2_64(array->getAllocatedType(), array, 0, i));
        out.push_back(b.CreateLoad(type, b.CreateInBoundsGEP(type, array, index)));
      }
      define(op.result, std::move(out));
      return;
    }
    case Opcode::OptionalMake: {
      Leaves out{b.getTrue()};
      out.append(value(op.operands[0]).begin(), value(op.operands[0]).end());
      define(op.result, std::move(out));
      return;
    }
    case Opcode::OptionalNone: {
      Leaves out{b.getFalse()};
      for (llvm::Value* v : undefined(op.result->type->elem())) out.push_back(v);
      define(op.result, std::move(out));
      return;
    }
    case Opcode::OptionalIsNone:
      define(op.result, b.CreateNot(scalar(op.operands[0])));
      return;
    case Opcode::OptionalGet: {
      const Leaves& x = value(op.operands[0]);
      define(op.result, Leaves(x.begin() + 1, x.end()));
      return;
    }
    default:
      throw InternalError("not an aggregate op");
  }
}

}  // namespace cantil::codegen
