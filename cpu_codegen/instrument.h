// The sanitizer's pass: checks before every access to memory, marks before barriers and returns of threads.
//
//   x = elem.load a, i        ->  p = elem.ptr a, i;  q = access.check p, i, dim(a);  x = load q
//   barrier                   ->  sync.mark; barrier
// access.check gives the pointer to use: its own, or, where the access may not be made, one to memory that
// nobody needs; so that checked code never touches what is not its own. Runs behind the pipeline (what is
// checked is what is left of the program then) and before barriers are split.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/ir.h"

namespace cantil::cpu_codegen {

struct CheckedSite {
  enum class Kind : uint8_t { Read, Write, Atomic, Barrier, Return } kind;
  std::string array;  // as the source calls it, "" where that is not known
  uint32_t bytes = 0;
  Span span;
  std::string function;
  bool is_library = false;
};

// What arrays made in kernels are called; to be read off before the passes run, which keep no names.
using ArrayNames = std::unordered_map<const ir::Op*, std::string>;
ArrayNames array_names(const ir::Module& m);

// The sites by number, at most CANTIL_RT_ACCESS_SITES; the last one stands for all that did not fit.
std::vector<CheckedSite> instrument(ir::Module& m, const ArrayNames& names);

}  // namespace cantil::cpu_codegen
