// The lowering of collectives to exchanges through arrays.
#include "cpu_codegen/barriers/collectives.h"

#include "ir/builder.h"
#include "ir/passes/inline.h"

namespace cantil::cpu_codegen {
namespace {

using ir::CollectiveOp;
using ir::Opcode;

bool any_op(const ir::Region& r, bool (*is)(const ir::Op&)) {
  for (const ir::Op* op : r.ops) {
    if (is(*op)) return true;
    for (const ir::Region* nested : op->regions) {
      if (any_op(*nested, is)) return true;
    }
  }
  return false;
}

bool is_warp_op(const ir::Op& op) {
  return op.code == Opcode::Collective && !ir::is_barrier(op.collective());
}

class Lowering {
 public:
  Lowering(ir::Module& m, ir::Function& kernel)
      : module_(m), kernel_(kernel), start_(m.new_region(nullptr)), at_start_(m, &kernel, start_) {}

  void run() {
    using namespace ir;
    masks_ = array(int_type(64));
    lanes_ = array(int_type(32));
    values_ = array(int_type(64));
    results_ = array(int_type(64));
    own(at_start_, masks_, at_start_.const_i64(0));  // nobody takes part yet
    visit(kernel_.body);
    for (Op* op : start_->ops) op->parent = kernel_.body;
    kernel_.body->ops.insert(kernel_.body->ops.begin(), start_->ops.begin(), start_->ops.end());
  }

 private:
  ir::Value* array(ir::TypeRef elem) {
    ir::Op* op = at_start_.op(Opcode::ThreadArray, {}, ir::pointer_type(elem));
    op->imm = 1;
    return op->result;
  }

  // This thread's element: x counts fastest, which is what lanes and warps go by.
  ir::Value* place(ir::Builder& b, ir::Value* array) {
    const auto sreg = [&](ir::Sreg s) { return b.cast(b.sreg(s), ir::i64()); };
    const auto op2 = [&](Opcode code, ir::Value* x, ir::Value* y) { return b.value(code, {x, y}); };
    ir::Value* row =
        op2(Opcode::Add, sreg(ir::Sreg::TidY), op2(Opcode::Mul, sreg(ir::Sreg::NtidY), sreg(ir::Sreg::TidZ)));
    return op2(Opcode::PtrIndex, array,
               op2(Opcode::Add, sreg(ir::Sreg::TidX), op2(Opcode::Mul, sreg(ir::Sreg::NtidX), row)));
  }

  void own(ir::Builder& b, ir::Value* array, ir::Value* x) { b.op(Opcode::Store, {place(b, array), x}); }

  void visit(ir::Region* r) {
    std::vector<ir::Op*> ops;
    ops.swap(r->ops);
    ir::Builder b(module_, &kernel_, r);
    for (ir::Op* op : ops) {
      b.set_span(op->span);
      if (op->code == Opcode::Collective && op->collective() != CollectiveOp::SyncGrid) {
        exchange(b, *op);
        continue;
      }
      r->ops.push_back(op);
      if (op->code == Opcode::If && !op->regions[1]->ops.empty() &&
          (any_op(*op->regions[0], is_warp_op) || any_op(*op->regions[1], is_warp_op))) {
        split(b, *op);
      }
      for (ir::Region* nested : op->regions) visit(nested);
      // The other half, where there is one, stands behind it now and has not been looked at.
      if (r->ops.back() != op) {
        for (ir::Region* nested : r->ops.back()->regions) visit(nested);
      }
    }
  }

  // if c { A } else { B }  ->  if c { A }; if not c { B }
  void split(ir::Builder& b, ir::Op& op) {
    ir::Op* other = b.if_(b.value(Opcode::Not, {op.operands[0]}));
    std::swap(other->regions[0]->ops, op.regions[1]->ops);
    for (ir::Op* inner : other->regions[0]->ops) inner->parent = other->regions[0];
  }

  void exchange(ir::Builder& b, ir::Op& op) {
    using namespace ir;
    const CollectiveOp what = op.collective();
    if (what == CollectiveOp::SyncWarp) {
      b.op(Opcode::Barrier);
      give(b, op, nullptr);
      return;
    }
    const bool of_block = is_barrier(what);
    Value* here = b.const_i64(int64_t{1} << 32);  // CANTIL_RT_HERE
    if (of_block || what == CollectiveOp::ActiveMask) {
      own(b, masks_, b.const_i64(int64_t{0x1FFFFFFFF}));
    } else {
      Value* mask = b.value(Opcode::And, {b.cast(op.operands[0], i64()), b.const_i64(0xFFFFFFFF)});
      own(b, masks_, b.value(Opcode::Or, {mask, here}));
    }
    if (op.operands.size() == 3) own(b, lanes_, op.operands[2]);
    if (!op.operands.empty()) own(b, values_, b.cast(op.operands[of_block ? 0 : 1], i64()));
    Op* all = b.op(Opcode::BlockCollective, {masks_, lanes_, values_, results_}, int_type(32));
    all->imm = op.imm;
    if (of_block) return give(b, op, all->result);
    Value* result = b.value(Opcode::Load, {place(b, results_)}, i64());
    give(b, op, b.cast(result, op.result->type));
  }

  // Uses of the op's result become uses of `x`.
  void give(ir::Builder& b, ir::Op& op, ir::Value* x) {
    ir::Value* result = op.result;
    ir::Op* last;
    if (x == nullptr) {
      last = b.op(Opcode::Undef, {}, result->type);
    } else if (x->type->is_bool()) {
      last = b.op(Opcode::And, {x, x});
    } else {
      last = b.op(Opcode::Or, {x, b.const_int(x->type, 0)});
    }
    last->result = result;
    result->def = last;
  }

  ir::Module& module_;
  ir::Function& kernel_;
  ir::Region* start_;
  ir::Builder at_start_;
  ir::Value *masks_ = nullptr, *lanes_ = nullptr, *values_ = nullptr, *results_ = nullptr;
};

}  // namespace

bool has_collectives(const ir::Function& kernel) {
  return any_op(*kernel.body, [](const ir::Op& op) { return op.code == Opcode::Collective; });
}

void lower_collectives(ir::Module& m, ir::Function& kernel) { Lowering(m, kernel).run(); }

}  // namespace cantil::cpu_codegen
