// Intervals and difference bounds with undo.
#include "ir/passes/facts.h"

namespace cantil::ir {

// How many bounds a proof may chain, and how many it looks at on each value: enough for index arithmetic.
constexpr int kProofDepth = 4;
constexpr int kProofWidth = 8;

Sym Facts::fresh(Interval range) {
  roots_.push_back({range, -1});
  symbols_.push_back({static_cast<uint32_t>(roots_.size() - 1), 0});
  return static_cast<Sym>(symbols_.size() - 1);
}

Sym Facts::shifted(Sym s, Wide c) {
  if (c == 0) return s;
  Symbol t = symbols_[s];
  t.offset += c;
  symbols_.push_back(t);
  return static_cast<Sym>(symbols_.size() - 1);
}

Interval Facts::range(Sym s) const {
  const Symbol& t = symbols_[s];
  Interval r = roots_[t.root].range;
  return {r.lo + t.offset, r.hi + t.offset};
}

void Facts::assume_range(Sym s, Interval range) {
  const Symbol& t = symbols_[s];
  Interval& r = roots_[t.root].range;
  Interval n{std::max(r.lo, range.lo - t.offset), std::min(r.hi, range.hi - t.offset)};
  if (n.lo == r.lo && n.hi == r.hi) return;
  record(t.root);
  r = n;
}

void Facts::assume_le(Sym a, Sym b, Wide c) {
  Interval ra = range(a), rb = range(b);
  assume_range(a, {ra.lo, rb.hi + c});
  assume_range(b, {ra.lo - c, rb.hi});
  const Symbol &sa = symbols_[a], &sb = symbols_[b];
  if (sa.root == sb.root) return;
  record(sa.root);
  edges_.push_back({sb.root, sb.offset + c - sa.offset, roots_[sa.root].edge});
  roots_[sa.root].edge = static_cast<int>(edges_.size()) - 1;
}

bool Facts::proves_le(Sym a, Sym b, Wide c) const {
  const Symbol &sa = symbols_[a], &sb = symbols_[b];
  return reaches(sa.root, sb.root, sb.offset + c - sa.offset, kProofDepth);
}

bool Facts::reaches(uint32_t a, uint32_t b, Wide c, int depth) const {
  if (a == b) return c >= 0;
  if (roots_[a].range.hi <= roots_[b].range.lo + c) return true;
  if (depth == 0) return false;
  int width = kProofWidth;
  for (int e = roots_[a].edge; e >= 0 && width-- > 0; e = edges_[static_cast<size_t>(e)].next) {
    const Edge& edge = edges_[static_cast<size_t>(e)];
    if (reaches(edge.other, b, c - edge.c, depth - 1)) return true;
  }
  return false;
}

void Facts::undo(size_t mark) {
  while (log_.size() > mark) {
    const Change& c = log_.back();
    roots_[c.root].range = c.range;
    roots_[c.root].edge = c.edge;
    log_.pop_back();
  }
}

}  // namespace cantil::ir
