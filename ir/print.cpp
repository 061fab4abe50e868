// Writes the textual form; text.h describes it.
#include <charconv>
#include <cmath>
#include <cstring>

#include "ir/text.h"

namespace cantil::ir {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '$' || (c & 0x80);
}

void quote(std::string& out, std::string_view s) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char c : s) {
    unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (u < 0x20 || u == 0x7f) {
      ((out += "\\x") += kHex[u >> 4]) += kHex[u & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// A name as it is where the reader can take it so, else in quotes.
void name(std::string& out, std::string_view s) {
  bool plain = !s.empty();
  for (char c : s) plain = plain && is_name_char(c);
  if (plain) {
    out += s;
  } else {
    quote(out, s);
  }
}

// The shortest text that reads back to the same bits.
void number(std::string& out, double v) {
  if (std::isnan(v)) {
    uint64_t bits;
    std::memcpy(&bits, &v, sizeof bits);
    if (bits == 0x7FF8000000000000ull) {
      out += "nan";
    } else {
      char buffer[24];
      auto end = std::to_chars(buffer, buffer + sizeof buffer, bits, 16).ptr;
      out.append("nan(0x").append(buffer, end).append(")");
    }
    return;
  }
  if (std::isinf(v)) {
    out += v < 0 ? "-inf" : "inf";
    return;
  }
  char buffer[40];
  auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  std::string_view text(buffer, static_cast<size_t>(end - buffer));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void constant(std::string& out, TypeRef type, const ConstValue& c) {
  if (type->is_bool()) {
    out += c.i ? "true" : "false";
  } else if (type->is_float()) {
    number(out, c.f);
  } else if (type->is_complex()) {
    out += '(';
    number(out, c.f);
    out += ", ";
    number(out, c.im);
    out += ')';
  } else if (type->is_int() && !type->is_signed) {
    out += std::to_string(static_cast<uint64_t>(c.i));
  } else {
    out += std::to_string(c.i);
  }
}

constexpr const char* kFastMath[] = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"};

class Printer {
 public:
  explicit Printer(PrintOptions options) : options_(options) {}

  std::string take() { return std::move(out_); }

  void module(const Module& m) {
    for (size_t i = 0; i < m.sites.size(); ++i) site(i, m.sites[i]);
    for (size_t i = 0; i < m.data.size(); ++i) data(i, m.data[i]);
    for (size_t i = 0; i < m.functions.size(); ++i) {
      if (!out_.empty()) out_ += '\n';
      function(*m.functions[i]);
    }
  }

  void function(const Function& f) {
    name_variables(f);
    out_ += "func @";
    name(out_, f.symbol);
    out_ += '(';
    for (size_t i = 0; i < f.params.size(); ++i) {
      if (i) out_ += ", ";
      value(f.params[i]);
      out_ += ' ';
      name(out_, f.param_names[i]);
      out_ += ": ";
      out_ += exact_str(f.params[i]->type);
    }
    out_ += ") -> ";
    out_ += exact_str(f.ret);
    out_ += f.kind == FunctionKind::Host ? " host" : f.kind == FunctionKind::Device ? " device" : " kernel";
    if (f.name != f.symbol) {
      out_ += " name(";
      quote(out_, f.name);
      out_ += ')';
    }
    if (f.inlining != Inline::Auto) out_ += f.inlining == Inline::Always ? " inline" : " noinline";
    fastmath(f.fastmath);
    if (f.parallel) out_ += " parallel";
    if (f.is_library) out_ += " library";
    if (!f.may_raise) out_ += " noraise";
    limit(" max_threads", f.max_threads);
    limit(" min_blocks", f.min_blocks);
    limit(" max_registers", f.max_registers);
    span(f.span);
    out_ += " {\n";
    for (const Variable* v : f.variables) {
      out_ += "  var ";
      out_ += variables_[v->id];
      out_ += ": ";
      out_ += exact_str(v->type);
      span(v->span);
      out_ += '\n';
    }
    region(*f.body, 2);
    out_ += "}\n";
  }

 private:
  void limit(const char* what, int n) {
    if (n) out_ += std::string(what) + "(" + std::to_string(n) + ")";
  }

  void fastmath(uint8_t flags) {
    if (!flags) return;
    out_ += " fastmath";
    if (flags == kFastAll) return;
    const char* sep = "(";
    for (int i = 0; i < 7; ++i)
      if (flags & (1 << i)) {
        out_.append(sep).append(kFastMath[i]);
        sep = ", ";
      }
    out_ += ')';
  }

  void site(size_t index, const RaiseSite& s) {
    out_ += "site " + std::to_string(index) + " = ";
    quote(out_, s.cls);
    out_ += '(';
    for (size_t i = 0; i < s.args.size(); ++i) {
      if (i) out_ += ", ";
      const RaiseArg& a = s.args[i];
      switch (a.kind) {
        case RaiseArg::Int:
          out_ += std::to_string(a.i);
          break;
        case RaiseArg::Float:
          number(out_, a.f);
          break;
        case RaiseArg::Bool:
          out_ += a.i ? "true" : "false";
          break;
        case RaiseArg::Str:
          quote(out_, a.s);
          break;
        case RaiseArg::None:
          out_ += "none";
          break;
        case RaiseArg::Join:
          out_ += "join";
          break;
        case RaiseArg::Runtime:
          out_ += "_: " + exact_str(a.type);
          break;
      }
    }
    out_ += ')';
    if (s.class_ref >= 0) out_ += " class " + std::to_string(s.class_ref);
    if (!s.function.empty()) {
      out_ += " in ";
      quote(out_, s.function);
    }
    span(s.span);
    out_ += '\n';
  }

  void data(size_t index, const ConstBlob& d) {
    constexpr char kHex[] = "0123456789abcdef";
    out_ += "data " + std::to_string(index) + " align " + std::to_string(d.align) + " = ";
    for (char c : d.bytes) {
      unsigned char u = static_cast<unsigned char>(c);
      (out_ += kHex[u >> 4]) += kHex[u & 15];
    }
    out_ += '\n';
  }

  // The k-th further variable of one name is written name#k.
  void name_variables(const Function& f) {
    std::unordered_map<std::string_view, int> seen;
    variables_.assign(f.variables.size(), "");
    for (size_t i = 0; i < f.variables.size(); ++i) {
      const Variable* v = f.variables[i];
      int k = seen[v->name]++;
      name(variables_[i], v->name);
      if (k) variables_[i] += "#" + std::to_string(k);
    }
  }

  void value(const Value* v) {
    out_ += '%';
    out_ += std::to_string(v->id);
  }

  void operands(const Op& op, const char* before) {
    const char* sep = before;
    for (const Value* v : op.operands) {
      out_ += sep;
      value(v);
      sep = ", ";
    }
  }

  void span(const Span& s) {
    if (options_.spans && s.valid()) out_ += " @" + std::to_string(s.line) + ":" + std::to_string(s.col);
  }

  const std::string& variable(const Variable* v) {
    static const std::string kMissing = "?";
    return v && v->id < variables_.size() ? variables_[v->id] : kMissing;
  }

  void region(const Region& r, int indent) {
    for (const Op* op : r.ops) {
      out_.append(static_cast<size_t>(indent), ' ');
      statement(*op, indent);
      out_ += '\n';
    }
  }

  void block(const Op& op, size_t i, int indent) {
    out_ += " {\n";
    if (i < op.regions.size()) region(*op.regions[i], indent + 2);
    out_.append(static_cast<size_t>(indent), ' ');
    out_ += '}';
  }

  void statement(const Op& op, int indent) {
    switch (op.code) {
      case Opcode::If:
        out_ += "if";
        operands(op, " ");
        span(op.span);
        block(op, 0, indent);
        if (op.regions.size() > 1 && !op.regions[1]->ops.empty()) {
          out_ += " else";
          block(op, 1, indent);
        }
        return;
      case Opcode::While:
        out_ += "while";
        span(op.span);
        block(op, 0, indent);
        out_ += " do";
        block(op, 1, indent);
        return;
      case Opcode::For:
      case Opcode::ParallelFor:
        loop(op, indent);
        return;
      case Opcode::Call:
        value(op.result);
        out_ += " = call @";
        name(out_, op.func ? std::string_view(op.func->symbol) : "?");
        out_ += '(';
        operands(op, "");
        out_ += ')';
        result_type(op);
        span(op.span);
        return;
      default:
        generic(op, indent);
    }
  }

  void loop(const Op& op, int indent) {
    const Value* index = op.regions[0]->args[0];
    out_ += op_info(op.code).mnemonic;
    if (op.imm) out_ += "[" + std::to_string(op.imm) + "]";
    out_ += ' ';
    value(index);
    out_ += ": " + exact_str(index->type) + " = ";
    value(op.operands[0]);
    out_ += " to ";
    value(op.operands[1]);
    out_ += " step ";
    value(op.operands[2]);
    reductions(op);
    span(op.span);
    block(op, 0, indent);
  }

  void reductions(const Op& op) {
    if (op.reductions.empty()) return;
    const char* sep = " reduce(";
    for (const Reduction& r : op.reductions) {
      out_.append(sep).append(reduce_name(r.op)).append(" ").append(variable(r.var));
      sep = ", ";
    }
    out_ += ')';
  }

  // The arguments of an element-wise op's region: their types follow from the operands.
  void region_args(const Op& op) {
    out_ += " (";
    for (size_t i = 0; i < op.regions[0]->args.size(); ++i) {
      if (i) out_ += ", ";
      value(op.regions[0]->args[i]);
    }
    out_ += ')';
  }

  void result_type(const Op& op) {
    if (!op.result || implied_type(op) == op.result->type) return;
    out_ += " : ";
    out_ += exact_str(op.result->type);
  }

  void generic(const Op& op, int indent) {
    const OpInfo& info = op_info(op.code);
    if (op.result) {
      value(op.result);
      out_ += " = ";
    }
    out_ += info.mnemonic;
    const char* before = " ";
    switch (info.attr) {
      case AttrKind::None:
      case AttrKind::Func:
      case AttrKind::Type:
        break;
      case AttrKind::Flags:
        if (op.imm) out_ += "[" + std::to_string(op.imm) + "]";
        break;
      case AttrKind::Int:
      case AttrKind::Site:
        out_ += "[" + std::to_string(op.imm) + "]";
        break;
      case AttrKind::Math:
        out_ += std::string("[") + math_info(op.math()).name + "]";
        break;
      case AttrKind::Sreg:
        out_ += std::string("[") + sreg_name(op.sreg()) + "]";
        break;
      case AttrKind::Atomic:
        out_ += std::string("[") + atomic_name(op.atomic()) + "]";
        break;
      case AttrKind::Collective:
        out_ += std::string("[") + collective_name(op.collective()) + "]";
        break;
      case AttrKind::Const:
        out_ += ' ';
        constant(out_, op.result->type, op.constant);
        break;
      case AttrKind::Var:
        out_ += ' ';
        out_ += variable(op.var);
        before = ", ";
        break;
      case AttrKind::Str:
        out_ += ' ';
        quote(out_, op.str);
        before = ", ";
        break;
    }
    operands(op, before);
    result_type(op);
    if (is_elementwise(op.code)) {
      reductions(op);
      region_args(op);
    }
    span(op.span);
    for (size_t i = 0; i < op.regions.size(); ++i) block(op, i, indent);
  }

  PrintOptions options_;
  std::string out_;
  std::vector<std::string> variables_;
};

}  // namespace

std::string print(const Module& m, PrintOptions options) {
  Printer p(options);
  p.module(m);
  return p.take();
}

std::string print(const Function& f, PrintOptions options) {
  Printer p(options);
  p.function(f);
  return p.take();
}

}  // namespace cantil::ir
