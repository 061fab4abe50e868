// The choice of the innermost axis: by how addresses change with tid.x and with tid.y.
#include "cpu_codegen/barriers/axis.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

// How a value changes from one thread to the next along an axis.
enum class Step : uint8_t { None, One, Other };

struct Steps {
  std::array<Step, 2> along{Step::None, Step::None};  // x, y
};

Step sum(Step a, Step b) {
  if (a == Step::None) return b;
  return b == Step::None ? a : Step::Other;
}

class Chooser {
 public:
  void visit(const ir::Region* r, double weight) {
    for (const ir::Op* op : r->ops) {
      look(*op, weight);
      const bool repeats = op->code == Opcode::For || op->code == Opcode::While;
      for (const ir::Region* nested : op->regions) visit(nested, repeats ? weight * kLoopWeight : weight);
    }
  }

  // Only where something is contiguous along y: a block of one row would lose its vectors for nothing.
  bool prefers_y() const { return score_[1] > 0 && score_[1] > score_[0]; }

 private:
  static constexpr double kLoopWeight = 8;
  static constexpr double kStrided = -2;  // against +1 for a contiguous access

  void look(const ir::Op& op, double weight) {
    switch (op.code) {
      case Opcode::LoadElem:
        return count(array_address(op, op.operands.size()), weight);
      case Opcode::StoreElem:
        return count(array_address(op, op.operands.size() - 1), weight);
      case Opcode::Load:
      case Opcode::Store:
        return count(steps(op.operands[0]), weight);
      default:
        return;
    }
  }

  void count(const Steps& address, double weight) {
    for (size_t axis = 0; axis < 2; ++axis) {
      if (address.along[axis] == Step::One) score_[axis] += weight;
      if (address.along[axis] == Step::Other) score_[axis] += weight * kStrided;
    }
  }

  // operands[1, end) are the indices of operands[0].
  Steps array_address(const ir::Op& op, size_t end) {
    const ir::TypeRef array = op.operands[0]->type;
    Steps all;
    if (array->ndim == 0 || end != static_cast<size_t>(array->ndim) + 1) return all;
    const size_t contiguous = array->layout == ir::Layout::F ? 1 : end - 1;
    for (size_t k = 1; k < end; ++k) {
      const Steps index = steps(op.operands[k]);
      for (size_t axis = 0; axis < 2; ++axis) {
        const Step step =
            index.along[axis] != Step::None && k != contiguous ? Step::Other : index.along[axis];
        all.along[axis] = sum(all.along[axis], step);
      }
    }
    return all;
  }

  Steps steps(const ir::Value* v) {
    const ir::Op* def = v->def;
    if (def == nullptr) return {};
    const auto [found, is_new] = known_.emplace(v, Steps{});
    if (!is_new) return found->second;
    const Steps result = compute(*def);
    known_[v] = result;
    return result;
  }

  Steps compute(const ir::Op& op) {
    switch (op.code) {
      case Opcode::Sreg:
        if (op.sreg() == ir::Sreg::TidX) return {{Step::One, Step::None}};
        if (op.sreg() == ir::Sreg::TidY) return {{Step::None, Step::One}};
        return {};
      case Opcode::Cast:
      case Opcode::Bitcast:
      case Opcode::IndexWrap:
        return steps(op.operands[0]);
      case Opcode::Add:
      case Opcode::PtrIndex: {
        const Steps a = steps(op.operands[0]), b = steps(op.operands[1]);
        return {{sum(a.along[0], b.along[0]), sum(a.along[1], b.along[1])}};
      }
      case Opcode::ElemPtr:
        return array_address(op, op.operands.size());
      case Opcode::Sub: {
        const Steps a = steps(op.operands[0]), b = steps(op.operands[1]);
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
          const Steps inner = steps(operand);
          for (size_t axis = 0; axis < 2; ++axis) {
            if (inner.along[axis] != Step::None) result.along[axis] = Step::Other;
          }
        }
        return result;
      }
    }
  }

  std::unordered_map<const ir::Value*, Steps> known_;
  std::array<double, 2> score_{};
};

void set_flag(ir::Region* r) {
  for (ir::Op* op : r->ops) {
    if (op->code == Opcode::ThreadLoop) op->imm = 1;
    for (ir::Region* nested : op->regions) set_flag(nested);
  }
}

}  // namespace

void choose_axis(ir::Function& kernel) {
  Chooser chooser;
  chooser.visit(kernel.body, 1);
  if (chooser.prefers_y()) set_flag(kernel.body);
}

}  // namespace cantil::cpu_codegen
