// Steps of addresses, and the choice of the innermost axis.
#include "cpu_codegen/barriers/steps.h"

namespace cantil::cpu_codegen {

using ir::Opcode;

namespace {

Step sum(Step a, Step b) {
  if (a == Step::None) return b;
  return b == Step::None ? a : Step::Other;
}

// Adds up, for each axis, how well accesses lie.
class Score {
 public:
  explicit Score(const ir::Function& kernel) : steps_(kernel) { visit(kernel.body, 1); }

  // Only where something is contiguous along y: a block of one row would lose its vectors for nothing.
  bool prefers_y() const { return score_[1] > 0 && score_[1] > score_[0]; }

 private:
  static constexpr double kLoopWeight = 8;
  static constexpr double kStrided = -2;  // against +1 for a contiguous access

  void visit(const ir::Region* r, double weight) {
    for (const ir::Op* op : r->ops) {
      Steps address;
      if (steps_.is_access(*op, address)) {
        for (size_t axis = 0; axis < 2; ++axis) {
          if (address.along[axis] == Step::One) score_[axis] += weight;
          if (address.along[axis] == Step::Other) score_[axis] += weight * kStrided;
        }
      }
      const bool repeats = op->code == Opcode::For || op->code == Opcode::While;
      for (const ir::Region* nested : op->regions) visit(nested, repeats ? weight * kLoopWeight : weight);
    }
  }

  StepAnalysis steps_;
  std::array<double, 2> score_{};
};

}  // namespace

StepAnalysis::StepAnalysis(const ir::Function& kernel) { note_loops(kernel.body); }

void StepAnalysis::note_loops(const ir::Region* r) {
  for (const ir::Op* op : r->ops) {
    if (op->code == Opcode::For) loop_of_[op->regions[0]->args[0]] = op;
    for (const ir::Region* nested : op->regions) note_loops(nested);
  }
}

bool StepAnalysis::is_access(const ir::Op& op, Steps& address) {
  switch (op.code) {
    case Opcode::LoadElem:
      address = array_address(op, op.operands.size());
      return true;
    case Opcode::StoreElem:
      address = array_address(op, op.operands.size() - 1);
      return true;
    case Opcode::Load:
    case Opcode::Store:
    case Opcode::AtomicRmw:
      address = of(op.operands[0]);
      return true;
    default:
      return false;
  }
}

// operands[1, end) are the indices of operands[0].
Steps StepAnalysis::array_address(const ir::Op& op, size_t end) {
  const ir::TypeRef array = op.operands[0]->type;
  Steps all;
  if (array->ndim == 0 || end != static_cast<size_t>(array->ndim) + 1) return all;
  const size_t contiguous = array->layout == ir::Layout::F ? 1 : end - 1;
  for (size_t k = 1; k < end; ++k) {
    const Steps index = of(op.operands[k]);
    for (size_t axis = 0; axis < 2; ++axis) {
      const Step step = index.along[axis] != Step::None && k != contiguous ? Step::Other : index.along[axis];
      all.along[axis] = sum(all.along[axis], step);
    }
  }
  return all;
}

Steps StepAnalysis::of(const ir::Value* v) {
  const auto [found, is_new] = known_.emplace(v, Steps{});
  if (!is_new) return found->second;
  Steps result;
  if (v->def != nullptr) {
    result = compute(*v->def);
  } else if (const auto loop = loop_of_.find(v); loop != loop_of_.end()) {
    // In step with the others, an index differs by what its start differs.
    result = of(loop->second->operands[0]);
  }
  known_[v] = result;
  return result;
}

Steps StepAnalysis::compute(const ir::Op& op) {
  switch (op.code) {
    case Opcode::Sreg:
      if (op.sreg() == ir::Sreg::TidX) return {{Step::One, Step::None}};
      if (op.sreg() == ir::Sreg::TidY) return {{Step::None, Step::One}};
      return {};
    case Opcode::Cast:
    case Opcode::Bitcast:
    case Opcode::IndexWrap:
    case Opcode::AccessCheck:
      return of(op.operands[0]);
    case Opcode::Min:  // mostly clamps, which change nothing inside
    case Opcode::Max:
    case Opcode::Add:
    case Opcode::PtrIndex: {
      const Steps a = of(op.operands[0]), b = of(op.operands[1]);
      return {{sum(a.along[0], b.along[0]), sum(a.along[1], b.along[1])}};
    }
    case Opcode::ElemPtr:
      return array_address(op, op.operands.size());
    case Opcode::Sub: {
      const Steps a = of(op.operands[0]), b = of(op.operands[1]);
      Steps result = a;
      for (size_t axis = 0; axis < 2; ++axis) {
        if (b.along[axis] != Step::None) result.along[axis] = Step::Other;
      }
      return result;
    }
    default: {
      // Anything else that depends on an axis changes with it in some other way.
      if (ir::op_info(op.code).effects != ir::Effects::Pure) return {};
      Steps result;
      for (const ir::Value* operand : op.operands) {
        const Steps inner = of(operand);
        for (size_t axis = 0; axis < 2; ++axis) {
          if (inner.along[axis] != Step::None) result.along[axis] = Step::Other;
        }
      }
      return result;
    }
  }
}

int choose_axis(const ir::Function& kernel) { return Score(kernel).prefers_y() ? 1 : 0; }

}  // namespace cantil::cpu_codegen
