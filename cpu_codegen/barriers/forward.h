// Turns variables that are set once into plain values, where that set is always the one a get sees.
#pragma once
#include "ir/ir.h"

namespace cantil::cpu_codegen {

// Values can be computed anew in each thread loop, and their uniformity is exact; variables have to be kept.
void forward_single_sets(ir::Function& f);

// Removes ops without effects whose results nobody uses, and variables that nobody reads.
void remove_dead_ops(ir::Function& f);

}  // namespace cantil::cpu_codegen
