// The syntax tree of one function: Python's ast in our own nodes, independent of the Python version.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/hash.h"
#include "support/span.h"

namespace cantil::syntax {

enum class NodeKind : uint8_t {
#define NODE(kind, py, ones, lists, names) kind,
#include "frontend/syntax/nodes.def"
#undef NODE
};

struct NodeInfo {
  const char* kind;
  const char* python_class;
  const char* ones;  // comma separated field names
  const char* lists;
  const char* names;  // a leading '*' marks a list of identifiers
};
const NodeInfo& node_info(NodeKind k);
constexpr int kNodeKinds = 0
#define NODE(kind, py, ones, lists, names) +1
#include "frontend/syntax/nodes.def"
#undef NODE
    ;

enum class Operator : uint8_t {
  None,
  Add,
  Sub,
  Mult,
  MatMult,
  Div,
  Mod,
  Pow,
  LShift,
  RShift,
  BitOr,
  BitXor,
  BitAnd,
  FloorDiv,  // BinOp, AugAssign
  And,
  Or,  // BoolOp
  Invert,
  Not,
  UAdd,
  USub,  // UnaryOp
  Eq,
  NotEq,
  Lt,
  LtE,
  Gt,
  GtE,
  Is,
  IsNot,
  In,
  NotIn  // Compare
};
// The ast class name ("Add"), and the user's spelling ("+").
const char* operator_class(Operator op);
const char* operator_text(Operator op);

enum class ConstKind : uint8_t { NoValue, None, Bool, Int, BigInt, Float, Complex, Str, Bytes, Ellipsis };

struct Constant {
  ConstKind kind = ConstKind::NoValue;
  int64_t i = 0;  // Bool, Int
  double f = 0;   // Float, Complex (real part)
  double im = 0;
  std::string s;  // Str and Bytes (UTF-8 / raw), BigInt (decimal text)
};

struct Node {
  NodeKind kind = NodeKind::Pass;
  Operator op = Operator::None;    // BinOp, AugAssign, BoolOp, UnaryOp
  int32_t extra = 0;               // FormattedValue.conversion, comprehension.is_async, ImportFrom.level
  uint32_t id = 0;                 // dense within the tree, in pre-order
  Span span;                       // zero for parts that have no position (arguments, comprehension)
  std::string name;                // first entry of NodeInfo::names
  std::vector<std::string> names;  // a '*' list, or [asname] of an alias
  std::vector<Node*> one;          // NodeInfo::ones in order; null where absent
  std::vector<std::vector<Node*>> list;  // NodeInfo::lists in order; kw_defaults and Dict.keys may hold nulls
  std::vector<Operator> ops;             // Compare
  Constant value;                        // Constant, MatchSingleton
};

// Owns the nodes of one function. `root` is a FunctionDef or a Lambda.
class Tree {
 public:
  Node* root = nullptr;
  FileId file = 0;

  Node* make(NodeKind kind);
  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }

 private:
  std::deque<Node> nodes_;
};

// Compact binary form, spans included, for the embedded library snapshot.
std::string serialize(const Node* root);
// Rebuilds a tree; every span gets `file`. Throws InternalError on bytes that serialize did not write.
std::unique_ptr<Tree> deserialize(std::string_view bytes, FileId file);

// Indented text of a tree, for CANTIL_DUMP=syntax and tests.
// `positions` adds "@line:col-end".
std::string print(const Node* root, bool positions = false);

// Adds the tree's meaning (not its positions) to a cache key.
void hash(Hasher& h, const Node* root);
// Adds the lines and columns of its nodes, for keys of what carries them (tracebacks, debug information).
void hash_positions(Hasher& h, const Node* root);

}  // namespace cantil::syntax
