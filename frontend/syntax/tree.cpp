// The syntax tree's tables (node kinds, operators) and the owner of nodes.
#include "frontend/syntax/tree.h"

#include "frontend/syntax/layout.h"

namespace cantil::syntax {
namespace {

constexpr NodeInfo kInfos[] = {
#define NODE(kind, py, ones, lists, names) {#kind, py, ones, lists, names},
#include "frontend/syntax/nodes.def"
#undef NODE
};

struct OperatorInfo {
  const char* cls;
  const char* text;
};

// In the order of enum Operator.
constexpr OperatorInfo kOperators[] = {
    {"", ""},       {"Add", "+"},    {"Sub", "-"},        {"Mult", "*"},      {"MatMult", "@"},
    {"Div", "/"},   {"Mod", "%"},    {"Pow", "**"},       {"LShift", "<<"},   {"RShift", ">>"},
    {"BitOr", "|"}, {"BitXor", "^"}, {"BitAnd", "&"},     {"FloorDiv", "//"}, {"And", "and"},
    {"Or", "or"},   {"Invert", "~"}, {"Not", "not"},      {"UAdd", "+"},      {"USub", "-"},
    {"Eq", "=="},   {"NotEq", "!="}, {"Lt", "<"},         {"LtE", "<="},      {"Gt", ">"},
    {"GtE", ">="},  {"Is", "is"},    {"IsNot", "is not"}, {"In", "in"},       {"NotIn", "not in"},
};
static_assert(std::size(kOperators) == static_cast<size_t>(Operator::NotIn) + 1);

}  // namespace

const NodeInfo& node_info(NodeKind k) { return kInfos[static_cast<size_t>(k)]; }
const char* operator_class(Operator op) { return kOperators[static_cast<size_t>(op)].cls; }
const char* operator_text(Operator op) { return kOperators[static_cast<size_t>(op)].text; }

Node* Tree::make(NodeKind kind) {
  Node& n = nodes_.emplace_back();
  n.kind = kind;
  n.id = static_cast<uint32_t>(nodes_.size() - 1);
  const NodeLayout& l = layout(kind);
  n.one.resize(l.ones);
  n.list.resize(l.lists);
  return &n;
}

}  // namespace cantil::syntax
