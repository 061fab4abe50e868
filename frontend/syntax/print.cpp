// Indented text of a tree: one line a node, children under their field names.
#include <charconv>

#include "frontend/syntax/layout.h"

namespace cantil::syntax {
namespace {

std::string real_text(double d) {
  char buffer[40];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, d).ptr;
  std::string out(buffer, end);
  if (out.find_first_of(".einf") == std::string::npos) out += ".0";
  return out;
}

std::string quoted(const std::string& s, bool bytes) {
  static const char* digits = "0123456789abcdef";
  std::string out = bytes ? "b'" : "'";
  for (char ch : s) {
    unsigned char c = static_cast<unsigned char>(ch);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || c == '\'') {
      out += '\\';
      out += ch;
    } else if (c < 32 || c == 127 || (bytes && c >= 128)) {
      out += "\\x";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else {
      out += ch;
    }
  }
  return out + "'";
}

std::string constant_text(const Constant& c) {
  switch (c.kind) {
    case ConstKind::NoValue:
      return "<no value>";
    case ConstKind::None:
      return "None";
    case ConstKind::Bool:
      return c.i ? "True" : "False";
    case ConstKind::Int:
      return std::to_string(c.i);
    case ConstKind::BigInt:
      return c.s;
    case ConstKind::Float:
      return real_text(c.f);
    case ConstKind::Complex:
      return "(" + real_text(c.f) + ", " + real_text(c.im) + "j)";
    case ConstKind::Str:
      return quoted(c.s, false);
    case ConstKind::Bytes:
      return quoted(c.s, true);
    case ConstKind::Ellipsis:
      return "...";
  }
  return {};
}

// The next of a comma separated list of field names.
std::string_view take_field(std::string_view& fields) {
  size_t comma = fields.find(',');
  std::string_view field = fields.substr(0, comma);
  fields = comma == std::string_view::npos ? std::string_view() : fields.substr(comma + 1);
  return field;
}

class Printer {
 public:
  explicit Printer(bool positions) : positions_(positions) {}

  void node(const Node* n, int indent, std::string_view label) {
    out_.append(static_cast<size_t>(indent), ' ');
    if (!label.empty()) (out_ += label) += ": ";
    if (!n) {
      out_ += "-\n";
      return;
    }
    const NodeLayout& l = layout(n->kind);
    const NodeInfo& info = node_info(n->kind);
    out_ += info.kind;
    if (l.has_op) (out_ += ' ') += operator_text(n->op);
    for (Operator op : n->ops) (out_ += ' ') += operator_text(op);
    if (l.has_name && !n->name.empty()) (out_ += ' ') += n->name;
    for (const std::string& s : n->names) (out_ += ' ') += s;
    if (l.has_value) (out_ += ' ') += constant_text(n->value);
    if (l.has_extra && n->extra) (out_ += " extra=") += std::to_string(n->extra);
    if (positions_ && n->span.valid()) position(n->span);
    out_ += '\n';
    std::string_view fields = info.ones;
    for (const Node* child : n->one) {
      std::string_view field = take_field(fields);
      if (child) node(child, indent + 2, field);
    }
    fields = info.lists;
    for (const std::vector<Node*>& children : n->list) {
      std::string_view field = take_field(fields);
      if (children.empty()) continue;
      (out_.append(static_cast<size_t>(indent + 2), ' ') += field) += ":\n";
      for (const Node* child : children) node(child, indent + 4, {});
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void position(const Span& s) {
    out_ += " @" + std::to_string(s.line) + ":" + std::to_string(s.col) + "-";
    if (s.end_line != s.line) out_ += std::to_string(s.end_line) + ":";
    out_ += std::to_string(s.end_col);
  }

  bool positions_;
  std::string out_;
};

}  // namespace

std::string print(const Node* root, bool positions) {
  Printer printer(positions);
  printer.node(root, 0, {});
  return printer.take();
}

}  // namespace cantil::syntax
