// Which values, variables and branches of a kernel are the same for all threads of a block.
//
// "The same" is meant among the threads that execute the op together, the others having returned. Known to
// differ are threadIdx, the lane, addresses of local arrays, and whatever comes out of memory, atomics and
// calls with effects. A variable differs when one of its sets stores a differing value or stands under a
// differing condition; so does, conservatively, everything set in a loop that threads may leave at different
// times. All else is the same for all.
#pragma once
#include <unordered_map>
#include <unordered_set>

#include "ir/ir.h"

namespace cantil::cpu_codegen {

class Uniformity {
 public:
  explicit Uniformity(const ir::Function& kernel);

  bool uniform(const ir::Value* v) const { return divergent_values_.count(v) == 0; }
  bool uniform(const ir::Variable* v) const { return divergent_variables_.count(v) == 0; }
  // Whether all threads (that have not returned) execute this region's ops the same number of times,
  // together.
  bool uniform_control(const ir::Region* r) const { return divergent_regions_.count(r) == 0; }
  // A loop that some threads may leave, or continue, before others.
  bool leaves_together(const ir::Op* loop) const { return ragged_loops_.count(loop) == 0; }
  // A call whose result depends on its arguments alone, and that changes nothing (it may raise).
  bool is_function_of_arguments(const ir::Function& f);

 private:
  struct Context {
    bool divergent = false;          // some threads may not be here
    const ir::Op* loop = nullptr;    // the innermost loop
    bool divergent_in_loop = false;  // …for a reason that lies inside that loop
  };
  void visit(const ir::Region* r, Context context);
  bool result_differs(const ir::Op& op);
  template <class Set, class Key>
  void note(Set& set, const Key& key) {
    if (set.insert(key).second) changed_ = true;
  }

  std::unordered_set<const ir::Value*> divergent_values_;
  std::unordered_set<const ir::Variable*> divergent_variables_;
  std::unordered_set<const ir::Region*> divergent_regions_;
  std::unordered_set<const ir::Op*> ragged_loops_;
  std::unordered_map<const ir::Function*, bool> function_of_arguments_;
  bool changed_ = false;
};

}  // namespace cantil::cpu_codegen
