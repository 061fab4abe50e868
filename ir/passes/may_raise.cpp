// may_raise: which functions can end with an exception, over the call graph. Starts from "none can" and
// spreads from the ops that raise to the callers, so recursion alone makes no function raise.
#include <vector>

#include "ir/passes/passes.h"
#include "ir/walk.h"

namespace cantil::ir {

void run_may_raise(Module& m) {
  std::unordered_map<const Function*, std::vector<Function*>> callers;
  std::vector<Function*> raising;
  for (Function* f : m.functions) {
    bool raises = false;
    for_each_op(*f->body, [&](const Op& op) {
      if (op.code == Opcode::Call) {
        callers[op.func].push_back(f);
      } else {
        raises = raises || may_raise_here(op);
      }
    });
    f->may_raise = raises;
    if (raises) raising.push_back(f);
  }
  while (!raising.empty()) {
    const Function* f = raising.back();
    raising.pop_back();
    for (Function* caller : callers[f]) {
      if (caller->may_raise) continue;
      caller->may_raise = true;
      raising.push_back(caller);
    }
  }
}

}  // namespace cantil::ir
