// Barrier splitting: the steps in order, and the cutting itself.
//
//   1. device functions get block state as parameters; those that reach a barrier are put into the kernel
//   2. variables set once become values
//   3. the plan says what runs at block level, or why the kernel needs fibers; loops that threads had better
//   run together are
//      added. A kernel with nothing of that is one thread loop, and done
//   4. what warps do together becomes exchanges through arrays; local arrays get one copy a thread
//   5. block-level regions are cut: ops of threads gather in a piece until a barrier, a block-level construct
//   or a block op that must not
//      overtake them ends it
//   6. values, then variables, that cross from piece to piece are connected
//   7. threads that have returned are kept out of later pieces by a flag
//   8. the axis along which the thread loops run innermost is chosen
#include "cpu_codegen/barriers/barriers.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "cpu_codegen/barriers/collectives.h"
#include "cpu_codegen/barriers/device_state.h"
#include "cpu_codegen/barriers/lockstep.h"
#include "cpu_codegen/barriers/pieces.h"
#include "cpu_codegen/barriers/plan.h"
#include "cpu_codegen/barriers/steps.h"
#include "ir/passes/inline.h"
#include "ir/passes/passes.h"
#include "support/diagnostics.h"

namespace cantil::cpu_codegen {
namespace {

using ir::Opcode;

template <class Visit>
void for_each_op(const ir::Region* r, const Visit& visit) {
  for (ir::Op* op : r->ops) {
    visit(op);
    for (const ir::Region* nested : op->regions) for_each_op(nested, visit);
  }
}

bool is_loop(const ir::Op* op) { return op->code == Opcode::For || op->code == Opcode::While; }

// The shared arrays at a kernel's start stay where they are; all else is one thread loop.
void wrap_whole(ir::Module& m, ir::Function& kernel) {
  std::vector<ir::Op*> ops;
  ops.swap(kernel.body->ops);
  ir::Op* loop = m.new_op(Opcode::ThreadLoop);
  ir::Region* body = m.new_region(loop);
  loop->regions.push_back(body);
  loop->parent = kernel.body;
  for (ir::Op* op : ops) {
    ir::Region* to = op->code == Opcode::SharedArray ? kernel.body : body;
    op->parent = to;
    to->ops.push_back(op);
  }
  kernel.body->ops.push_back(loop);
}

// Local arrays as this thread's part of a thread_array.
void spread_local_arrays(ir::Module& m, ir::Function& kernel) {
  ir::Region* start = m.new_region(nullptr);
  ir::Builder at_start(m, &kernel, start);
  std::unordered_map<const ir::Value*, ir::Value*> renamed;
  const auto rewrite = [&](auto& self, ir::Region* r) -> void {
    std::vector<ir::Op*> ops;
    ops.swap(r->ops);
    ir::Builder b(m, &kernel, r);
    for (ir::Op* op : ops) {
      for (ir::Value*& operand : op->operands) {
        if (const auto found = renamed.find(operand); found != renamed.end()) operand = found->second;
      }
      if (op->code == Opcode::LocalArray) {
        at_start.set_span(op->span);
        ir::Op* whole = at_start.op(Opcode::ThreadArray, {}, op->result->type);
        whole->imm = op->imm;
        b.set_span(op->span);
        const auto sreg = [&](ir::Sreg s) { return b.cast(b.sreg(s), ir::i64()); };
        const auto op2 = [&](Opcode code, ir::Value* x, ir::Value* y) { return b.value(code, {x, y}); };
        ir::Value* row = op2(Opcode::Add, sreg(ir::Sreg::TidY),
                             op2(Opcode::Mul, sreg(ir::Sreg::NtidY), sreg(ir::Sreg::TidZ)));
        ir::Value* thread =
            op2(Opcode::Add, sreg(ir::Sreg::TidX), op2(Opcode::Mul, sreg(ir::Sreg::NtidX), row));
        renamed[op->result] =
            op2(Opcode::PtrIndex, whole->result, op2(Opcode::Mul, thread, b.const_i64(op->imm)));
        continue;
      }
      r->ops.push_back(op);
      for (ir::Region* nested : op->regions) self(self, nested);
    }
  };
  rewrite(rewrite, kernel.body);
  for (ir::Op* op : start->ops) op->parent = kernel.body;
  kernel.body->ops.insert(kernel.body->ops.begin(), start->ops.begin(), start->ops.end());
}

// Functions whose bodies have been put into their callers need no code of their own.
void drop_unreached_functions(ir::Module& m) {
  std::unordered_set<const ir::Function*> reached;
  const auto visit = [&](auto& self, const ir::Function* f) -> void {
    if (!reached.insert(f).second) return;
    for_each_op(f->body, [&](const ir::Op* op) {
      if (op->code == Opcode::Call) self(self, op->func);
    });
  };
  visit(visit, m.functions[0]);
  std::erase_if(m.functions, [&](const ir::Function* f) { return reached.count(f) == 0; });
}

class Splitter {
 public:
  Splitter(ir::Module& m, ir::Function& kernel, Plan& plan) : module_(m), kernel_(kernel), plan_(plan) {}

  int run() {
    cut(kernel_.body);
    connect_values(module_, kernel_, pieces_);
    ir::run_dce(module_);
    VariableSet of_block = block_variables_;
    for (const ir::Variable* v : kernel_.variables) {
      if (plan_.is_block_variable(v)) of_block.insert(v);
    }
    connect_variables(module_, kernel_, pieces_, of_block);
    keep_out_returned();
    drop_empty(kernel_.body);
    ir::run_dce(module_);
    int count = 0;
    for_each_op(kernel_.body, [&](const ir::Op* op) { count += op->code == Opcode::ThreadLoop; });
    return count;
  }

 private:
  // The piece that is being gathered; it takes its place in the region when it ends, after the block ops met
  // meanwhile.
  struct Open {
    Piece piece;
    VariableSet reads;
  };

  void cut(ir::Region* r) {
    std::vector<ir::Op*> ops;
    ops.swap(r->ops);
    std::optional<Open> open;
    const auto close = [&] {
      if (!open) return;
      r->ops.push_back(open->piece.loop);
      pieces_.push_back(std::move(open->piece));
      open.reset();
    };
    const auto stay = [&](ir::Op* op) {
      op->parent = r;
      r->ops.push_back(op);
    };
    for (ir::Op* op : ops) {
      if (op->code == Opcode::Barrier) {
        close();
      } else if (op->code == Opcode::SyncMark) {
        close();
        stay(op);
      } else if (plan_.is_block_construct(op)) {
        close();
        stay(op);
        cut_construct(op);
      } else if (plan_.is_mask(op)) {
        close();
        masks_.push_back(op->operands[0]);
        cut(op->regions[0]);
        masks_.pop_back();
        for (ir::Op* inner : op->regions[0]->ops) stay(inner);
      } else if (op->code == Opcode::BlockCollective) {
        close();
        stay(op);
      } else if (op->code == Opcode::ThreadMax) {
        close();
        find_most(r, op);
      } else if ((op->code == Opcode::Return && masks_.empty()) || op->code == Opcode::Break ||
                 op->code == Opcode::Continue) {
        close();
        if (r != kernel_.body) stay(op);  // the kernel's end needs no return
      } else if (plan_.is_block_op(*op)) {
        const bool overtakes = plan_.is_hazardous(*op) ||
                               (op->code == Opcode::VarSet && open && open->reads.count(op->var) != 0);
        if (overtakes) close();
        stay(op);
      } else {
        if (!open) open = Open{new_piece(r), {}};
        add(*open, op);
      }
    }
    close();
  }

  void cut_construct(ir::Op* op) {
    if (is_loop(op)) loops_.push_back(op);
    if (op->code == Opcode::While) {
      // Conditions have been made of block ops only; whatever else is there serves nothing.
      std::erase_if(op->regions[0]->ops,
                    [&](ir::Op* c) { return c->code != Opcode::Yield && !plan_.is_block_op(*c); });
      cut(op->regions[1]);
    } else {
      for (ir::Region* nested : op->regions) cut(nested);
    }
    if (is_loop(op)) loops_.pop_back();
  }

  ir::Op* new_thread_loop(ir::Region* parent) {
    ir::Op* loop = module_.new_op(Opcode::ThreadLoop);
    loop->parent = parent;
    loop->regions.push_back(module_.new_region(loop));
    return loop;
  }

  // A piece whose ops run only where all masks hold.
  Piece new_piece(ir::Region* parent) {
    Piece piece{new_thread_loop(parent), loops_, {}};
    piece.inner = piece.body();
    for (ir::Value* mask : masks_) {
      ir::Builder b(module_, &kernel_, piece.inner);
      piece.inner = b.if_(mask)->regions[0];
    }
    return piece;
  }

  // thread_max at block level: a variable of the block that the threads raise.
  void find_most(ir::Region* r, ir::Op* op) {
    ir::Variable* most = module_.new_variable(&kernel_, fresh_name(kernel_, "most"), op->result->type);
    block_variables_.insert(most);
    ir::Builder b(module_, &kernel_, r);
    b.set_span(op->span);
    b.set(most, b.const_int(most->type, 0));
    Piece piece = new_piece(r);
    r->ops.push_back(piece.loop);
    b.set_region(piece.inner);
    b.set(most, b.value(Opcode::Max, {b.get(most), op->operands[0]}));
    pieces_.push_back(std::move(piece));
    b.set_region(r);
    ir::Op* get = b.op(Opcode::VarGet, {}, most->type);
    get->var = most;
    get->result = op->result;
    op->result->def = get;
  }

  void add(Open& open, ir::Op* op) {
    ir::Region* body = open.piece.inner;
    op->parent = body;
    body->ops.push_back(op);
    const auto look = [&](const ir::Op* inner) {
      if (inner->code == Opcode::VarGet) open.reads.insert(inner->var);
      if (inner->code == Opcode::Return) open.piece.returns.push_back(const_cast<ir::Op*>(inner));
    };
    look(op);
    for (const ir::Region* nested : op->regions) for_each_op(nested, look);
  }

  // Returned threads: a flag per thread, tested by every piece that a thread could reach after its return.
  void keep_out_returned() {
    const auto share_loop = [](const Piece& a, const Piece& b) {
      return !a.around.empty() && !b.around.empty() && a.around[0] == b.around[0];
    };
    std::vector<bool> guarded(pieces_.size(), false);
    bool any = false;
    for (size_t from = 0; from < pieces_.size(); ++from) {
      if (pieces_[from].returns.empty()) continue;
      for (size_t to = 0; to < pieces_.size(); ++to) {
        if (to > from || share_loop(pieces_[from], pieces_[to])) guarded[to] = any = true;
      }
    }
    if (!any) return;
    ir::Variable* active = module_.new_variable(&kernel_, fresh_name(kernel_, "active"), ir::bool_type());
    for (size_t k = 0; k < pieces_.size(); ++k) {
      for (ir::Op* leaving : pieces_[k].returns) set_before(active, leaving);
      if (guarded[k]) guard(active, pieces_[k].body());
    }
    stop_empty_loops(active);
    // All are active at first.
    ir::Op* loop = new_thread_loop(kernel_.body);
    ir::Builder b(module_, &kernel_, loop->regions[0]);
    b.op(Opcode::ThreadVarSet, {b.const_bool(true)})->var = active;
    const auto first = std::find_if(kernel_.body->ops.begin(), kernel_.body->ops.end(), [](const ir::Op* op) {
      return op->code != Opcode::SharedArray && op->code != Opcode::ThreadArray;
    });
    kernel_.body->ops.insert(first, loop);
  }

  void set_before(ir::Variable* active, ir::Op* leaving) {
    ir::Region* at = leaving->parent;
    CANTIL_CHECK(!at->ops.empty() && at->ops.back() == leaving);
    at->ops.pop_back();
    ir::Builder b(module_, &kernel_, at);
    b.set_span(leaving->span);
    b.op(Opcode::ThreadVarSet, {b.const_bool(false)})->var = active;
    at->ops.push_back(leaving);
  }

  ir::Value* is_active(ir::Builder& b, ir::Variable* active) {
    ir::Op* get = b.op(Opcode::ThreadVarGet, {}, ir::bool_type());
    get->var = active;
    return get->result;
  }

  void guard(ir::Variable* active, ir::Region* body) {
    std::vector<ir::Op*> ops;
    ops.swap(body->ops);
    ir::Builder b(module_, &kernel_, body);
    ir::Op* test = b.if_(is_active(b, active));
    for (ir::Op* op : ops) op->parent = test->regions[0];
    test->regions[0]->ops = std::move(ops);
  }

  // A loop in which threads return ends when none is left: its condition may never become false on its own.
  void stop_empty_loops(ir::Variable* active) {
    std::vector<const ir::Op*> loops;
    for (const Piece& piece : pieces_) {
      if (piece.returns.empty()) continue;
      for (const ir::Op* loop : piece.around) {
        if (std::find(loops.begin(), loops.end(), loop) == loops.end()) loops.push_back(loop);
      }
    }
    if (loops.empty()) return;
    ir::Variable* any = module_.new_variable(&kernel_, ".any", ir::bool_type());
    for (const ir::Op* loop : loops) {
      ir::Region* body = loop->regions.back();
      std::vector<ir::Op*> ops;
      ops.swap(body->ops);
      ir::Builder b(module_, &kernel_, body);
      b.set(any, b.const_bool(false));
      ir::Op* ask = new_thread_loop(body);
      body->ops.push_back(ask);
      b.set_region(ask->regions[0]);
      ir::Op* test = b.if_(is_active(b, active));
      b.set_region(test->regions[0]);
      b.set(any, b.const_bool(true));
      b.set_region(body);
      ir::Op* leave = b.if_(b.get(any));
      b.set_region(leave->regions[1]);
      b.op(Opcode::Break);
      body->ops.insert(body->ops.end(), ops.begin(), ops.end());
    }
  }

  static void drop_empty(ir::Region* r) {
    std::erase_if(r->ops, [](const ir::Op* op) {
      return op->code == Opcode::ThreadLoop && op->regions[0]->ops.empty();
    });
    for (ir::Op* op : r->ops) {
      for (ir::Region* nested : op->regions) drop_empty(nested);
    }
  }

  ir::Module& module_;
  ir::Function& kernel_;
  Plan& plan_;
  std::vector<Piece> pieces_;
  std::vector<const ir::Op*> loops_;
  std::vector<ir::Value*> masks_;  // that hold where we are, outermost first
  VariableSet block_variables_;    // made here
};

}  // namespace

SplitResult split_barriers(ir::Module& m, SplitMode mode) {
  CANTIL_CHECK(!m.functions.empty() && m.functions[0]->kind == ir::FunctionKind::Kernel);
  ir::Function& kernel = *m.functions[0];
  lower_device_state(m);
  ir::inline_barrier_functions(m);
  drop_unreached_functions(m);
  const bool has_barrier = ir::reaches_barrier(kernel);
  if (mode == SplitMode::Fibers) return {true, "it was asked for", 0};
  ir::run_promote(m);
  ir::run_dce(m);
  const Plan probe(m, kernel);
  if (has_barrier && !probe.failure().empty()) return {true, probe.failure(), 0};
  const int axis = choose_axis(kernel);
  Lockstep lockstep;
  if (probe.failure().empty()) {
    lockstep = choose_lockstep(m, kernel, probe, axis, mode == SplitMode::AllInLockstep);
  }
  int thread_loops = 1;
  if (!has_barrier && lockstep.loops.empty()) {
    wrap_whole(m, kernel);
  } else {
    // Only now, since fibers have collectives as they are, and keep their local arrays on their own stacks.
    if (has_collectives(kernel)) lower_collectives(m, kernel);
    spread_local_arrays(m, kernel);
    Plan plan(m, kernel, lockstep);
    CANTIL_CHECK(plan.failure().empty());
    thread_loops = Splitter(m, kernel, plan).run();
  }
  if (axis == 1) {
    for_each_op(kernel.body, [](ir::Op* op) {
      if (op->code == Opcode::ThreadLoop) op->imm = 1;
    });
  }
  return {false, "", thread_loops};
}

}  // namespace cantil::cpu_codegen
