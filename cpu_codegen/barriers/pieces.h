// The thread loops ("pieces") of a split kernel, and what has to be kept for each thread from one to another.
#pragma once
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ir/builder.h"
#include "ir/ir.h"

namespace cantil::cpu_codegen {

struct Piece {
  ir::Op* loop;                       // the thread_loop
  std::vector<const ir::Op*> around;  // block-level loops around it, outermost first
  std::vector<ir::Op*> returns;       // returns of single threads in it
  ir::Region* inner = nullptr;  // where its ops are: the body, or the innermost of the masks around them
  ir::Region* body() const { return loop->regions[0]; }
  bool is_masked() const { return inner != body(); }
};

using VariableSet = std::unordered_set<const ir::Variable*>;

// Values made by one piece and used by another: computed anew where that is cheap and possible from what all
// pieces can see (so that an index stays an index, which LLVM can vectorise), else kept in a thread variable.
void connect_values(ir::Module& m, ir::Function& f, std::vector<Piece>& pieces);

// Variables of threads that live from one piece to another get a thread variable, loaded where a piece begins
// and stored where it ends; inside the piece they stay plain variables.
void connect_variables(ir::Module& m, ir::Function& f, std::vector<Piece>& pieces,
                       const VariableSet& of_block);

// A name for a new variable of `f`, beginning with '.' and not in use.
std::string fresh_name(const ir::Function& f, const std::string& stem);

}  // namespace cantil::cpu_codegen
