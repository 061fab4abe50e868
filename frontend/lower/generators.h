// A generator's body as a function that goes on where it stopped.
#pragma once
#include <vector>

#include "ir/ir.h"

namespace cantil::frontend {

struct GeneratorBody {
  ir::Function* make = nullptr;       // takes the arguments, gives a new generator
  ir::Function* resume = nullptr;     // takes a generator; its body was lowered as an ordinary function's
  std::vector<ir::Variable*> params;  // resume's variables for the arguments, in their order
  std::vector<ir::Op*> yields;        // var.set ops that stand for the yields, in the program's order
};

// Gives `resume` its states and `make` its body.
void make_resumable(ir::Module& module, const GeneratorBody& body);

}  // namespace cantil::frontend
