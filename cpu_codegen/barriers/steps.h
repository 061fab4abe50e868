// How addresses change from one thread of a block to the next, and what follows for the order in which
// threads run.
#pragma once
#include <array>
#include <unordered_map>

#include "ir/ir.h"

namespace cantil::cpu_codegen {

// How a value changes from one thread to the next along an axis: not, by one, in any other way.
enum class Step : uint8_t { None, One, Other };

struct Steps {
  std::array<Step, 2> along{Step::None, Step::None};  // x, y
};

class StepAnalysis {
 public:
  explicit StepAnalysis(const ir::Function& kernel);

  Steps of(const ir::Value* v);
  // Whether the op reads or writes an array's element or through a pointer; then `address` is how its address
  // changes, an element of the contiguous axis being one.
  bool is_access(const ir::Op& op, Steps& address);

 private:
  void note_loops(const ir::Region* r);
  Steps compute(const ir::Op& op);
  Steps array_address(const ir::Op& op, size_t end);

  std::unordered_map<const ir::Value*, const ir::Op*> loop_of_;  // a for's index
  std::unordered_map<const ir::Value*, Steps> known_;
};

// The axis (0 x, 1 y) along which thread loops had best run innermost. On a GPU both are the same; here the
// innermost one becomes vectors, so neighbours along it should be neighbours in memory: y for `x, y =
// cuda.grid(2); a[x, y]`.
int choose_axis(const ir::Function& kernel);

}  // namespace cantil::cpu_codegen
