// The hash of a tree's meaning (all of a node but its id and its span), and that of its positions.
#include <cstring>

#include "frontend/syntax/layout.h"

namespace cantil::syntax {
namespace {

void hash_constant(Hasher& h, const Constant& c) {
  h.u64(static_cast<uint64_t>(c.kind));
  uint64_t bits[2];
  std::memcpy(&bits[0], &c.f, 8);  // by bits: 0.0 and -0.0 are two constants
  std::memcpy(&bits[1], &c.im, 8);
  h.u64(static_cast<uint64_t>(c.i)).u64(bits[0]).u64(bits[1]).str(c.s);
}

}  // namespace

void hash(Hasher& h, const Node* n) {
  if (!n) {
    h.u64(0);
    return;
  }
  const NodeLayout& l = layout(n->kind);
  // The kind's name, so that a row added to the table does not turn one kind into another.
  h.str(node_info(n->kind).kind);
  if (l.has_op) h.u64(static_cast<uint64_t>(n->op));
  if (l.has_extra) h.u64(static_cast<uint64_t>(static_cast<int64_t>(n->extra)));
  if (l.has_name) h.str(n->name);
  if (l.has_names) {
    h.u64(n->names.size());
    for (const std::string& s : n->names) h.str(s);
  }
  if (l.has_value) hash_constant(h, n->value);
  if (l.has_ops) {
    h.u64(n->ops.size());
    for (Operator op : n->ops) h.u64(static_cast<uint64_t>(op));
  }
  for (const Node* child : n->one) hash(h, child);
  for (const std::vector<Node*>& children : n->list) {
    h.u64(children.size());
    for (const Node* child : children) hash(h, child);
  }
}

void hash_positions(Hasher& h, const Node* n) {
  if (!n) return;
  const Span& s = n->span;
  h.u64(uint64_t{s.line} << 32 | s.col).u64(uint64_t{s.end_line} << 32 | s.end_col);
  for (const Node* child : n->one) hash_positions(h, child);
  for (const std::vector<Node*>& children : n->list)
    for (const Node* child : children) hash_positions(h, child);
}

}  // namespace cantil::syntax
