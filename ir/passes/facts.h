// What is known of integer values at a point of the program: an interval each, and differences between two of
// them.
//
// A symbol stands for one value that does not change. It is a root plus a constant; facts are kept on roots.
// Facts hold for a stretch of the program: undo() takes back all that were assumed since a mark.
#pragma once
#include <cstdint>
#include <vector>

#include "ir/passes/interval.h"

namespace cantil::ir {

using Sym = uint32_t;  // 0 is none

class Facts {
 public:
  Facts() : symbols_(1), roots_(1) {}

  Sym fresh(Interval range);
  // s + c; the caller knows that this does not wrap.
  Sym shifted(Sym s, Wide c);

  Interval range(Sym s) const;
  void assume_range(Sym s, Interval range);
  // a <= b + c
  void assume_le(Sym a, Sym b, Wide c);
  bool proves_le(Sym a, Sym b, Wide c) const;

  size_t mark() const { return log_.size(); }
  void undo(size_t mark);

 private:
  struct Symbol {
    uint32_t root = 0;
    Wide offset = 0;
  };
  struct Root {
    Interval range;
    int edge = -1;  // the latest upper bound
  };
  struct Edge {  // root <= other + c
    uint32_t other;
    Wide c;
    int next;
  };
  struct Change {
    uint32_t root;
    Interval range;
    int edge;
  };

  void record(uint32_t root) { log_.push_back({root, roots_[root].range, roots_[root].edge}); }
  bool reaches(uint32_t a, uint32_t b, Wide c, int depth) const;

  std::vector<Symbol> symbols_;
  std::vector<Root> roots_;
  std::vector<Edge> edges_;
  std::vector<Change> log_;
};

}  // namespace cantil::ir
