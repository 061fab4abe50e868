// Binary form of a tree. Nodes stand in pre-order, each as: kind + 1 (0 is an absent child), its span, then
// the parts that its layout has. Integers are LEB128; signed ones zigzag; a span is relative to the span
// before it.
#include <cstring>

#include "frontend/syntax/layout.h"
#include "support/diagnostics.h"

namespace cantil::syntax {
namespace {

// Deeper than any tree that Python's own parser accepts; keeps corrupt bytes from exhausting the stack.
constexpr int kMaxDepth = 10000;

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void node(const Node* n) {
    if (!n) {
      out_ += '\0';
      return;
    }
    const NodeLayout& l = layout(n->kind);
    out_ += static_cast<char>(static_cast<int>(n->kind) + 1);
    span(n->span);
    if (l.has_op) out_ += static_cast<char>(n->op);
    if (l.has_extra) zigzag(n->extra);
    if (l.has_name) text(n->name);
    if (l.has_names) {
      varint(n->names.size());
      for (const std::string& s : n->names) text(s);
    }
    if (l.has_value) constant(n->value);
    if (l.has_ops) {
      varint(n->ops.size());
      for (Operator op : n->ops) out_ += static_cast<char>(op);
    }
    for (const Node* child : n->one) node(child);
    for (const std::vector<Node*>& children : n->list) {
      varint(children.size());
      for (const Node* child : children) node(child);
    }
  }

 private:
  void varint(uint64_t v) {
    for (; v >= 0x80; v >>= 7) out_ += static_cast<char>(v | 0x80);
    out_ += static_cast<char>(v);
  }
  void zigzag(int64_t v) { varint((static_cast<uint64_t>(v) << 1) ^ static_cast<uint64_t>(v >> 63)); }
  void text(const std::string& s) {
    varint(s.size());
    out_ += s;
  }
  void real(double d) {
    uint64_t bits;
    std::memcpy(&bits, &d, 8);
    for (int i = 0; i < 64; i += 8) out_ += static_cast<char>(bits >> i);
  }
  // A missing span is the single value 0; otherwise 1 + zigzag(line - last line), column, lines spanned, end
  // column.
  void span(const Span& s) {
    if (!s.valid()) {
      varint(0);
      return;
    }
    int64_t d = static_cast<int64_t>(s.line) - last_line_;
    varint(1 + ((static_cast<uint64_t>(d) << 1) ^ static_cast<uint64_t>(d >> 63)));
    varint(s.col);
    zigzag(static_cast<int64_t>(s.end_line) - s.line);
    varint(s.end_col);
    last_line_ = s.line;
  }
  void constant(const Constant& c) {
    out_ += static_cast<char>(c.kind);
    switch (c.kind) {
      case ConstKind::Bool:
      case ConstKind::Int:
        zigzag(c.i);
        break;
      case ConstKind::Float:
        real(c.f);
        break;
      case ConstKind::Complex:
        real(c.f), real(c.im);
        break;
      case ConstKind::BigInt:
      case ConstKind::Str:
      case ConstKind::Bytes:
        text(c.s);
        break;
      case ConstKind::NoValue:
      case ConstKind::None:
      case ConstKind::Ellipsis:
        break;
    }
  }

  std::string& out_;
  int64_t last_line_ = 0;
};

class Reader {
 public:
  Reader(std::string_view in, Tree& tree, FileId file) : in_(in), tree_(tree), file_(file) {}

  Node* node(int depth = 0) {
    CANTIL_CHECK(depth < kMaxDepth);
    uint8_t tag = byte();
    if (tag == 0) return nullptr;
    CANTIL_CHECK(tag <= kNodeKinds);
    Node* n = tree_.make(static_cast<NodeKind>(tag - 1));
    const NodeLayout& l = layout(n->kind);
    n->span = span();
    if (l.has_op) n->op = op();
    if (l.has_extra) n->extra = static_cast<int32_t>(zigzag());
    if (l.has_name) n->name = text();
    if (l.has_names) {
      n->names.resize(count());
      for (std::string& s : n->names) s = text();
    }
    if (l.has_value) n->value = constant();
    if (l.has_ops) {
      n->ops.resize(count());
      for (Operator& o : n->ops) o = op();
    }
    for (Node*& child : n->one) child = node(depth + 1);
    for (std::vector<Node*>& children : n->list) {
      children.resize(count());
      for (Node*& child : children) child = node(depth + 1);
    }
    return n;
  }

  bool at_end() const { return pos_ == in_.size(); }

 private:
  uint8_t byte() {
    CANTIL_CHECK(pos_ < in_.size());
    return static_cast<uint8_t>(in_[pos_++]);
  }
  uint64_t varint() {
    uint64_t v = 0;
    for (int shift = 0;; shift += 7) {
      CANTIL_CHECK(shift < 64);
      uint8_t b = byte();
      v |= static_cast<uint64_t>(b & 0x7F) << shift;
      if (!(b & 0x80)) return v;
    }
  }
  int64_t unzigzag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }
  int64_t zigzag() { return unzigzag(varint()); }
  // Of things that take at least a byte each, so that a corrupt count cannot ask for more memory than there
  // are bytes.
  size_t count() {
    uint64_t n = varint();
    CANTIL_CHECK(n <= in_.size() - pos_);
    return n;
  }
  std::string text() {
    size_t n = count();
    pos_ += n;
    return std::string(in_.substr(pos_ - n, n));
  }
  double real() {
    uint64_t bits = 0;
    for (int i = 0; i < 64; i += 8) bits |= static_cast<uint64_t>(byte()) << i;
    double d;
    std::memcpy(&d, &bits, 8);
    return d;
  }
  Operator op() {
    uint8_t o = byte();
    CANTIL_CHECK(o <= static_cast<uint8_t>(Operator::NotIn));
    return static_cast<Operator>(o);
  }
  Span span() {
    uint64_t d = varint();
    if (d == 0) return {};
    Span s;
    s.file = file_;
    last_line_ += unzigzag(d - 1);
    s.line = static_cast<uint32_t>(last_line_);
    s.col = static_cast<uint32_t>(varint());
    s.end_line = static_cast<uint32_t>(last_line_ + zigzag());
    s.end_col = static_cast<uint32_t>(varint());
    return s;
  }
  Constant constant() {
    Constant c;
    uint8_t kind = byte();
    CANTIL_CHECK(kind <= static_cast<uint8_t>(ConstKind::Ellipsis));
    c.kind = static_cast<ConstKind>(kind);
    switch (c.kind) {
      case ConstKind::Bool:
      case ConstKind::Int:
        c.i = zigzag();
        break;
      case ConstKind::Float:
        c.f = real();
        break;
      case ConstKind::Complex:
        c.f = real(), c.im = real();
        break;
      case ConstKind::BigInt:
      case ConstKind::Str:
      case ConstKind::Bytes:
        c.s = text();
        break;
      case ConstKind::NoValue:
      case ConstKind::None:
      case ConstKind::Ellipsis:
        break;
    }
    return c;
  }

  std::string_view in_;
  Tree& tree_;
  FileId file_;
  size_t pos_ = 0;
  int64_t last_line_ = 0;
};

}  // namespace

std::string serialize(const Node* root) {
  std::string out;
  Writer(out).node(root);
  return out;
}

std::unique_ptr<Tree> deserialize(std::string_view bytes, FileId file) {
  auto tree = std::make_unique<Tree>();
  tree->file = file;
  Reader reader(bytes, *tree, file);
  tree->root = reader.node();
  CANTIL_CHECK(tree->root != nullptr);
  CANTIL_CHECK(reader.at_end());
  return tree;
}

}  // namespace cantil::syntax
