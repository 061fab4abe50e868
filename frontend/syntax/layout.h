// How many children, lists and names a node kind has: nodes.def's strings, counted at compile time.
#pragma once
#include <array>

#include "frontend/syntax/tree.h"

namespace cantil::syntax {

struct NodeLayout {
  uint8_t ones = 0;
  uint8_t lists = 0;
  bool has_name = false;   // Node::name is used
  bool has_names = false;  // Node::names is used: a '*' list, or an alias's [asname]
  bool has_value = false;  // Node::value is used
  bool has_op = false;     // Node::op is used
  bool has_ops = false;    // Node::ops is used
  bool has_extra = false;  // Node::extra is used
};

namespace layout_detail {

constexpr uint8_t count_fields(std::string_view fields) {
  if (fields.empty()) return 0;
  uint8_t n = 1;
  for (char c : fields) n = static_cast<uint8_t>(n + (c == ','));
  return n;
}

constexpr NodeLayout make_layout(NodeKind kind, std::string_view ones, std::string_view lists,
                                 std::string_view names) {
  NodeLayout l;
  l.ones = count_fields(ones);
  l.lists = count_fields(lists);
  const bool star = !names.empty() && names[0] == '*';
  l.has_name = (!names.empty() && !star) || kind == NodeKind::Unknown;
  l.has_names = star || count_fields(names) > 1;
  l.has_value = kind == NodeKind::Constant || kind == NodeKind::MatchSingleton;
  l.has_op = kind == NodeKind::BinOp || kind == NodeKind::AugAssign || kind == NodeKind::BoolOp ||
             kind == NodeKind::UnaryOp;
  l.has_ops = kind == NodeKind::Compare;
  l.has_extra =
      kind == NodeKind::FormattedValue || kind == NodeKind::Comprehension || kind == NodeKind::ImportFrom;
  return l;
}

}  // namespace layout_detail

inline constexpr std::array<NodeLayout, kNodeKinds> kLayouts = {{
#define NODE(kind, py, ones, lists, names) layout_detail::make_layout(NodeKind::kind, ones, lists, names),
#include "frontend/syntax/nodes.def"
#undef NODE
}};

constexpr const NodeLayout& layout(NodeKind k) { return kLayouts[static_cast<size_t>(k)]; }

}  // namespace cantil::syntax
