// What of a kernel runs at block level: once for all threads, between the thread loops.
//
// A construct (if, for, while) runs there when it contains a barrier, or sets something that such a construct
// needs, or leaves one. Its condition or bounds must be uniform, and so must all constructs around it. What
// cannot be met is the reason for fibers.
#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cpu_codegen/barriers/uniformity.h"
#include "ir/ir.h"

namespace cantil::cpu_codegen {

// Loops of single threads that are run at block level all the same (lockstep.h): their bounds are uniform. A
// mask is a condition around one, which may differ between threads: it has no else, and guards the pieces
// made of its region.
struct Lockstep {
  std::unordered_set<const ir::Op*> loops, masks;
};

class Plan {
 public:
  // May rewrite a while whose condition has to be computed by threads into a loop with a break.
  Plan(ir::Module& m, ir::Function& kernel, const Lockstep& lockstep = {});

  // Why there is none; empty where the plan holds.
  const std::string& failure() const { return failure_; }

  bool is_block_construct(const ir::Op* op) const { return constructs_.count(op) != 0; }
  bool is_mask(const ir::Op* op) const { return lockstep_.masks.count(op) != 0 && !is_block_construct(op); }
  bool is_block_variable(const ir::Variable* v) const { return block_variables_.count(v) != 0; }
  // An op of a block-level region that runs at block level itself (constructs apart).
  bool is_block_op(const ir::Op& op);
  // A block op that may stop the program or trap: what threads do before it has to come first.
  bool is_hazardous(const ir::Op& op) const;
  // Returns that only some threads may take.
  const std::unordered_set<const ir::Op*>& thread_returns() const { return thread_returns_; }

 private:
  void fail(const ir::Op& at, const std::string& what);
  void find_sets(ir::Region* r);
  void find_barriers(ir::Region* r);
  void find_returns(ir::Region* r, bool is_body);
  void mark(ir::Op* construct, bool is_exit = false);
  void mark_around(const ir::Region* r);
  void mark_exits(ir::Region* r, const ir::Op* loop);
  void need(ir::Value* v, const ir::Op& by);
  void need(ir::Variable* v, const ir::Op& by);
  void move_condition(ir::Op* loop);
  bool is_simple_condition(const ir::Region& condition);
  void choose_variables();
  // Ops of the region are the splitter's to place at block level.
  bool at_block_level(const ir::Region* r) const {
    return r->parent == nullptr || is_block_construct(r->parent) || is_mask(r->parent);
  }
  // …and no mask says that some threads are not meant.
  bool is_unmasked(const ir::Region* r) const;
  bool computable(const ir::Value* v);
  bool traps(const ir::Op& op) const;

  ir::Module& module_;
  ir::Function& kernel_;
  Lockstep lockstep_;
  std::unordered_set<const ir::Op*>
      warp_masks_;  // conditions around operations of warps, among lockstep_.masks
  std::optional<Uniformity> uniformity_;
  std::string failure_;
  std::unordered_set<const ir::Op*> constructs_;
  std::unordered_set<const ir::Value*> needed_;
  std::unordered_set<const ir::Variable*> needed_variables_, block_variables_;
  std::unordered_map<const ir::Variable*, std::vector<ir::Op*>> sets_;
  std::unordered_set<const ir::Op*> thread_returns_;
  std::unordered_map<const ir::Value*, bool> computable_;
  const ir::Op* hazard_ = nullptr;  // a needed op that traps or raises
};

}  // namespace cantil::cpu_codegen
