// The uniformity analysis: optimistic at first, repeated until nothing more turns out to differ.
#include "cpu_codegen/barriers/uniformity.h"

#include <algorithm>

namespace cantil::cpu_codegen {

using ir::Opcode;

Uniformity::Uniformity(const ir::Function& kernel) {
  do {
    changed_ = false;
    visit(kernel.body, {});
  } while (changed_);
}

bool Uniformity::is_function_of_arguments(const ir::Function& f) {
  const auto [found, is_new] =
      function_of_arguments_.emplace(&f, true);  // recursion: as long as nothing says otherwise
  if (!is_new) return found->second;
  const auto region_is = [&](auto& self, const ir::Region& r) -> bool {
    for (const ir::Op* op : r.ops) {
      switch (ir::op_info(op->code).effects) {
        case ir::Effects::Pure:
          if (op->code == Opcode::Sreg || op->code == Opcode::LocalArray || op->code == Opcode::SharedArray)
            return false;
          break;
        case ir::Effects::Control:
        case ir::Effects::Raise:
          if (op->code == Opcode::Alloc || op->code == Opcode::ObjectNew || op->code == Opcode::BufferNew ||
              op->code == Opcode::ParallelFor)
            return false;
          if (op->code == Opcode::Call && !is_function_of_arguments(*op->func)) return false;
          break;
        case ir::Effects::Read:
        case ir::Effects::Write:
          if (op->code != Opcode::VarGet && op->code != Opcode::VarSet) return false;
          break;
      }
      for (const ir::Region* nested : op->regions) {
        if (!self(self, *nested)) return false;
      }
    }
    return true;
  };
  const bool is = region_is(region_is, *f.body);
  function_of_arguments_[&f] = is;
  return is;
}

bool Uniformity::result_differs(const ir::Op& op) {
  const auto operand_differs = [&] {
    return std::any_of(op.operands.begin(), op.operands.end(),
                       [&](const ir::Value* v) { return !uniform(v); });
  };
  switch (op.code) {
    case Opcode::VarGet:
      return !uniform(op.var);
    case Opcode::Sreg:
      return op.sreg() == ir::Sreg::TidX || op.sreg() == ir::Sreg::TidY || op.sreg() == ir::Sreg::TidZ ||
             op.sreg() == ir::Sreg::LaneId || op.sreg() == ir::Sreg::LaneMaskLt;
    case Opcode::LocalArray:
      return true;
    case Opcode::ThreadMax:
    case Opcode::BlockCollective:
      return false;
    case Opcode::Collective:
      return !ir::is_barrier(op.collective());
    case Opcode::Call:
      return !is_function_of_arguments(*op.func) || operand_differs();
    default:
      return ir::op_info(op.code).effects != ir::Effects::Pure || operand_differs();
  }
}

void Uniformity::visit(const ir::Region* r, Context context) {
  if (context.divergent) note(divergent_regions_, r);
  for (const ir::Op* op : r->ops) {
    if (op->result != nullptr && result_differs(*op)) note(divergent_values_, op->result);
    switch (op->code) {
      case Opcode::VarSet:
        if (context.divergent || !uniform(op->operands[0])) note(divergent_variables_, op->var);
        break;
      case Opcode::Break:
      case Opcode::Continue:
        if (context.divergent_in_loop) note(ragged_loops_, context.loop);
        break;
      case Opcode::If: {
        Context inner = context;
        if (!uniform(op->operands[0])) inner.divergent = inner.divergent_in_loop = true;
        visit(op->regions[0], inner);
        visit(op->regions[1], inner);
        break;
      }
      case Opcode::For: {
        const bool differs = std::any_of(op->operands.begin(), op->operands.end(),
                                         [&](const ir::Value* v) { return !uniform(v); });
        const ir::Value* index = op->regions[0]->args[0];
        if (!uniform(op->operands[0]) || !uniform(op->operands[2])) note(divergent_values_, index);
        if (differs) note(ragged_loops_, op);
        visit(op->regions[0], {context.divergent || !leaves_together(op), op, false});
        break;
      }
      case Opcode::While: {
        const ir::Region* condition = op->regions[0];
        if (!condition->ops.empty() && condition->ops.back()->code == Opcode::Yield &&
            !uniform(condition->ops.back()->operands[0])) {
          note(ragged_loops_, op);
        }
        const Context inner{context.divergent || !leaves_together(op), op, false};
        visit(condition, inner);
        visit(op->regions[1], inner);
        break;
      }
      default:
        for (const ir::Region* nested : op->regions) visit(nested, context);
        break;
    }
  }
}

}  // namespace cantil::cpu_codegen
