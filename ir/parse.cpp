// Reads the textual form; text.h describes it. Two passes: sites, data and function headers first, then the
// bodies, so that a call may stand before its callee.
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "ir/text.h"

namespace cantil::ir {
namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '$' || (c & 0x80);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), module_(std::make_unique<Module>()) {}

  std::unique_ptr<Module> run() {
    struct Body {
      Function* f;
      size_t at;
      std::unordered_map<uint32_t, Value*> values;
    };
    std::vector<Body> bodies;
    for (blank(); at_ < text_.size(); blank()) {
      if (accept("site")) {
        site();
      } else if (accept("data")) {
        data();
      } else if (accept("func")) {
        values_.clear();
        Function* f = header();
        bodies.push_back({f, at_, std::move(values_)});
        skip_body();
      } else {
        fail("expected site, data or func");
      }
    }
    for (Body& b : bodies) {
      at_ = b.at;
      function_ = b.f;
      values_ = std::move(b.values);
      body();
    }
    return std::move(module_);
  }

 private:
  // ---- Characters ----

  [[noreturn]] void fail(const std::string& what) {
    size_t line = 1;
    for (size_t i = 0; i < at_ && i < text_.size(); ++i) line += text_[i] == '\n';
    throw ParseError("line " + std::to_string(line) + ": " + what);
  }

  bool at(std::string_view s) const { return text_.substr(at_, s.size()) == s; }

  void skip() {  // spaces and a comment, never a newline
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    if (at("//"))
      while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  void blank() {  // newlines too
    for (skip(); at_ < text_.size() && text_[at_] == '\n'; skip()) ++at_;
  }

  // Accepts a word or a punctuation mark; a word must end there.
  bool accept(std::string_view s) {
    skip();
    if (!at(s)) return false;
    size_t end = at_ + s.size();
    if (is_name_char(s.back()) && end < text_.size() && is_name_char(text_[end])) return false;
    at_ = end;
    return true;
  }

  void expect(std::string_view s) {
    if (!accept(s)) fail("expected '" + std::string(s) + "'");
  }

  void end_line() {
    skip();
    if (at_ < text_.size() && text_[at_] != '\n') fail("unexpected text at the end of the line");
  }

  std::string_view word() {
    skip();
    size_t from = at_;
    while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }

  std::string quoted() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      char c = text_[at_];
      if (c != '\\') {
        out += c;
        continue;
      }
      if (++at_ >= text_.size()) break;
      c = text_[at_];
      if (c == 'n') {
        out += '\n';
      } else if (c == 'x') {
        out += static_cast<char>(hex_byte(at_ + 1));
        at_ += 2;
      } else {
        out += c;
      }
    }
    if (at_ >= text_.size()) fail("unterminated string");
    ++at_;
    return out;
  }

  int hex_byte(size_t from) {
    int v = 0;
    auto [end, error] =
        std::from_chars(text_.data() + from, text_.data() + std::min(from + 2, text_.size()), v, 16);
    if (error != std::errc() || end != text_.data() + from + 2) fail("expected two hexadecimal digits");
    return v;
  }

  std::string name() {
    skip();
    if (at("\"")) return quoted();
    std::string_view w = word();
    if (w.empty()) fail("expected a name");
    return std::string(w);
  }

  int64_t integer(std::string_view token) {
    int64_t v = 0;
    auto r = std::from_chars(token.data(), token.data() + token.size(), v);
    if (r.ec == std::errc::result_out_of_range) {
      uint64_t u = 0;
      r = std::from_chars(token.data(), token.data() + token.size(), u);
      v = static_cast<int64_t>(u);
    }
    if (r.ec != std::errc() || r.ptr != token.data() + token.size() || token.empty())
      fail("expected an integer");
    return v;
  }

  double real(std::string_view token) {
    constexpr std::string_view kBits = "nan(0x";
    if (token == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (token == "inf") return std::numeric_limits<double>::infinity();
    if (token == "-inf") return -std::numeric_limits<double>::infinity();
    if (token.substr(0, kBits.size()) == kBits) {
      uint64_t bits = 0;
      auto r = std::from_chars(token.data() + kBits.size(), token.data() + token.size(), bits, 16);
      if (r.ec != std::errc() || *r.ptr != ')') fail("malformed nan");
      double v;
      std::memcpy(&v, &bits, sizeof v);
      return v;
    }
    double v = 0;
    auto r = std::from_chars(token.data(), token.data() + token.size(), v);
    if (r.ec != std::errc() || r.ptr != token.data() + token.size() || token.empty())
      fail("expected a number");
    return v;
  }

  // A literal's text: a number, nan(0x…), true, false.
  std::string_view literal() {
    skip();
    size_t from = at_;
    while (at_ < text_.size() && (is_name_char(text_[at_]) || text_[at_] == '-' || text_[at_] == '+')) ++at_;
    if (text_.substr(from, at_ - from) == "nan" && at("(")) {
      while (at_ < text_.size() && text_[at_] != ')' && text_[at_] != '\n') ++at_;
      if (at(")")) ++at_;
    }
    return text_.substr(from, at_ - from);
  }

  int64_t number() { return integer(literal()); }

  int64_t bracketed_number() {
    expect("[");
    int64_t n = number();
    expect("]");
    return n;
  }

  int parenthesised_number() {
    expect("(");
    int n = static_cast<int>(number());
    expect(")");
    return n;
  }

  TypeRef type() {
    skip();
    size_t used = 0;
    TypeRef t = parse_type_prefix(text_.substr(at_), used);
    if (!t) fail("expected a type");
    at_ += used;
    return t;
  }

  Span span() {
    Span s;
    if (!accept("@")) return s;
    s.line = static_cast<uint32_t>(number());
    expect(":");
    s.col = static_cast<uint32_t>(number());
    s.end_line = s.line;
    s.end_col = s.col;
    return s;
  }

  // ---- Module level ----

  void site() {
    if (number() != static_cast<int64_t>(module_->sites.size())) fail("sites must be numbered in order");
    RaiseSite s;
    expect("=");
    s.cls = name();
    expect("(");
    if (!accept(")")) {
      do s.args.push_back(argument());
      while (accept(","));
      expect(")");
    }
    if (accept("class")) s.class_ref = number();
    if (accept("in")) s.function = name();
    s.span = span();
    end_line();
    module_->sites.push_back(std::move(s));
  }

  RaiseArg argument() {
    RaiseArg a;
    skip();
    if (at("\"")) {
      a.kind = RaiseArg::Str;
      a.s = quoted();
    } else if (accept("_")) {
      expect(":");
      a.kind = RaiseArg::Runtime;
      a.type = type();
    } else if (accept("none")) {
      a.kind = RaiseArg::None;
    } else if (accept("join")) {
      a.kind = RaiseArg::Join;
    } else {
      std::string_view token = literal();
      if (token == "true" || token == "false") {
        a.kind = RaiseArg::Bool;
        a.i = token == "true";
      } else if (token.find_first_of(".enif") != std::string_view::npos) {
        a.kind = RaiseArg::Float;
        a.f = real(token);
      } else {
        a.kind = RaiseArg::Int;
        a.i = integer(token);
      }
    }
    return a;
  }

  void data() {
    if (number() != static_cast<int64_t>(module_->data.size())) fail("data must be numbered in order");
    ConstBlob d;
    expect("align");
    d.align = static_cast<size_t>(number());
    expect("=");
    std::string_view hex = word();
    if (hex.size() % 2) fail("odd number of hexadecimal digits");
    size_t from = static_cast<size_t>(hex.data() - text_.data());
    for (size_t i = 0; i < hex.size(); i += 2) d.bytes += static_cast<char>(hex_byte(from + i));
    end_line();
    module_->data.push_back(std::move(d));
  }

  Function* header() {
    expect("@");
    std::string symbol = name();
    if (module_->find(symbol)) fail("two functions named " + symbol);
    Function* f = function_ = module_->new_function(symbol);
    expect("(");
    if (!accept(")")) {
      do {
        blank();
        uint32_t id = value_id();
        std::string param = name();
        expect(":");
        Value* v = define(id, type());
        f->params.push_back(v);
        f->param_names.push_back(std::move(param));
      } while (accept(","));
      blank();
      expect(")");
    }
    expect("->");
    f->ret = type();
    while (!accept("{")) {
      if (accept("host")) {
        f->kind = FunctionKind::Host;
      } else if (accept("device")) {
        f->kind = FunctionKind::Device;
      } else if (accept("kernel")) {
        f->kind = FunctionKind::Kernel;
      } else if (accept("name")) {
        expect("(");
        f->name = name();
        expect(")");
      } else if (accept("inline")) {
        f->inlining = Inline::Always;
      } else if (accept("noinline")) {
        f->inlining = Inline::Never;
      } else if (accept("fastmath")) {
        f->fastmath = fastmath();
      } else if (accept("parallel")) {
        f->parallel = true;
      } else if (accept("library")) {
        f->is_library = true;
      } else if (accept("noraise")) {
        f->may_raise = false;
      } else if (accept("max_threads")) {
        f->max_threads = parenthesised_number();
      } else if (accept("min_blocks")) {
        f->min_blocks = parenthesised_number();
      } else if (accept("max_registers")) {
        f->max_registers = parenthesised_number();
      } else {
        skip();
        if (!at("@")) fail("expected a function attribute or '{'");
        f->span = span();
      }
    }
    return f;
  }

  uint8_t fastmath() {
    if (!accept("(")) return kFastAll;
    constexpr std::string_view kNames[] = {"nnan", "ninf", "nsz", "arcp", "contract", "afn", "reassoc"};
    uint8_t flags = 0;
    do {
      std::string_view w = word();
      size_t i = 0;
      while (i < 7 && kNames[i] != w) ++i;
      if (i == 7) fail("unknown fastmath flag");
      flags |= static_cast<uint8_t>(1 << i);
    } while (accept(","));
    expect(")");
    return flags;
  }

  void skip_body() {
    int depth = 1;
    while (at_ < text_.size() && depth > 0) {
      if (at("\"")) {
        quoted();
        continue;
      }
      skip();
      if (at("\"")) continue;
      if (at("{")) ++depth;
      if (at("}")) --depth;
      ++at_;
    }
    if (depth) fail("missing '}'");
  }

  // ---- Functions ----

  uint32_t value_id() {
    expect("%");
    return static_cast<uint32_t>(number());
  }

  Value* define(uint32_t id, TypeRef type) {
    if (values_.count(id)) fail("%" + std::to_string(id) + " is defined twice");
    uint32_t next = function_->next_value;
    Value* v = module_->new_value(function_, type);
    v->id = id;
    function_->next_value = std::max(next, id + 1);
    values_[id] = v;
    return v;
  }

  Value* use() {
    uint32_t id = value_id();
    auto found = values_.find(id);
    if (found == values_.end()) fail("%" + std::to_string(id) + " is not defined");
    return found->second;
  }

  std::string variable_key() {
    std::string n = name();
    if (at("#")) {
      ++at_;
      n += '\0' + std::to_string(number());
    }
    return n;
  }

  Variable* variable() {
    auto found = variables_.find(variable_key());
    if (found == variables_.end()) fail("no such variable");
    return found->second;
  }

  void body() {
    variables_.clear();
    end_line();
    for (blank(); accept("var "); blank()) {
      std::string key = variable_key();
      expect(":");
      TypeRef t = type();
      Variable* v = module_->new_variable(function_, key.substr(0, key.find('\0')), t, span());
      end_line();
      if (!variables_.emplace(std::move(key), v).second) fail("variable declared twice");
    }
    region(function_->body);
  }

  // Statements up to and with the closing brace.
  void region(Region* r) {
    for (blank(); !accept("}"); blank()) {
      if (at_ >= text_.size()) fail("missing '}'");
      statement(r);
    }
  }

  // "{", statements, "}".
  void block(Region* r) {
    expect("{");
    end_line();
    region(r);
  }

  Op* new_op(Opcode code, Region* r) {
    Op* op = module_->new_op(code);
    op->parent = r;
    for (int i = 0; i < op_info(code).regions; ++i) op->regions.push_back(module_->new_region(op));
    r->ops.push_back(op);
    return op;
  }

  void operands(Op* op) {
    skip();
    if (!at("%")) return;
    do op->operands.push_back(use());
    while (accept(","));
  }

  void statement(Region* r) {
    bool has_result = false;
    uint32_t result = 0;
    if (at("%")) {
      result = value_id();
      has_result = true;
      expect("=");
    }
    std::string_view mnemonic = word();
    Opcode code;
    if (!find_op(mnemonic, code)) fail("unknown op '" + std::string(mnemonic) + "'");
    if (has_result != (op_info(code).result != ResultRule::None))
      fail(std::string(mnemonic) + (has_result ? " has no result" : " needs a result"));
    Op* op = new_op(code, r);
    switch (code) {
      case Opcode::If:
        operands(op);
        op->span = span();
        block(op->regions[0]);
        if (accept("else")) block(op->regions[1]);
        break;
      case Opcode::While:
        op->span = span();
        block(op->regions[0]);
        expect("do");
        block(op->regions[1]);
        break;
      case Opcode::For:
      case Opcode::ParallelFor:
        loop(op);
        break;
      default:
        generic(op, has_result, result);
    }
    end_line();
  }

  void loop(Op* op) {
    if (at("[")) op->imm = bracketed_number();
    uint32_t id = value_id();
    expect(":");
    TypeRef t = type();
    expect("=");
    op->operands.push_back(use());
    expect("to");
    op->operands.push_back(use());
    expect("step");
    op->operands.push_back(use());
    op->regions[0]->args.push_back(define(id, t));
    reductions(op);
    op->span = span();
    block(op->regions[0]);
  }

  void reductions(Op* op) {
    if (!accept("reduce")) return;
    expect("(");
    do {
      std::string_view w = word();
      int i = 0;
      while (i < kReduceOpCount && w != reduce_name(static_cast<ReduceOp>(i))) ++i;
      if (i == kReduceOpCount) fail("unknown reduction");
      op->reductions.push_back({variable(), static_cast<ReduceOp>(i)});
    } while (accept(","));
    expect(")");
  }

  void region_args(Op* op) {
    expect("(");
    for (size_t i = first_mapped(op->code); i < op->operands.size(); ++i) {
      if (i > first_mapped(op->code)) expect(",");
      TypeRef t = op->operands[i]->type;
      uint32_t id = value_id();
      op->regions[0]->args.push_back(define(id, t->is_array() ? t->elem() : t));
    }
    expect(")");
  }

  void generic(Op* op, bool has_result, uint32_t result) {
    const OpInfo& info = op_info(op->code);
    std::string_view literals[2];
    attribute(op, info, literals);
    if (op->code == Opcode::Call) {
      expect("(");
      operands(op);
      expect(")");
    } else {
      if (info.attr == AttrKind::Var || info.attr == AttrKind::Str) accept(",");
      operands(op);
    }
    TypeRef t = implied_type(*op);
    if (accept(":")) t = type();
    if (has_result) {
      if (!t) fail(std::string(info.mnemonic) + " needs a type");
      if (info.attr == AttrKind::Const) constant(op, t, literals);
      op->result = define(result, t);
      op->result->def = op;
    }
    if (is_elementwise(op->code)) {
      reductions(op);
      region_args(op);
    }
    op->span = span();
    for (Region* r : op->regions) block(r);
  }

  void attribute(Op* op, const OpInfo& info, std::string_view (&literals)[2]) {
    switch (info.attr) {
      case AttrKind::None:
      case AttrKind::Type:
        break;
      case AttrKind::Flags:
        skip();
        if (at("[")) op->imm = bracketed_number();
        break;
      case AttrKind::Int:
      case AttrKind::Site:
        op->imm = bracketed_number();
        break;
      case AttrKind::Math:
      case AttrKind::Sreg:
      case AttrKind::Atomic:
      case AttrKind::Collective: {
        expect("[");
        std::string_view w = word();
        MathFn fn{};
        ir::Sreg sreg{};
        AtomicOp atomic{};
        CollectiveOp collective{};
        if (info.attr == AttrKind::Math     ? !find_math(w, fn)
            : info.attr == AttrKind::Sreg   ? !find_sreg(w, sreg)
            : info.attr == AttrKind::Atomic ? !find_atomic(w, atomic)
                                            : !find_collective(w, collective))
          fail("unknown name '" + std::string(w) + "'");
        op->imm = info.attr == AttrKind::Math     ? static_cast<int64_t>(fn)
                  : info.attr == AttrKind::Sreg   ? static_cast<int64_t>(sreg)
                  : info.attr == AttrKind::Atomic ? static_cast<int64_t>(atomic)
                                                  : static_cast<int64_t>(collective);
        expect("]");
        break;
      }
      case AttrKind::Const:
        if (accept("(")) {
          literals[0] = literal();
          expect(",");
          literals[1] = literal();
          expect(")");
        } else {
          literals[0] = literal();
        }
        break;
      case AttrKind::Var:
        op->var = variable();
        break;
      case AttrKind::Func: {
        expect("@");
        std::string symbol = name();
        op->func = module_->find(symbol);
        if (!op->func) fail("no function @" + symbol);
        break;
      }
      case AttrKind::Str:
        skip();
        if (!at("\"")) fail("expected a string");
        op->str = quoted();
        break;
    }
  }

  void constant(Op* op, TypeRef t, const std::string_view (&literals)[2]) {
    ConstValue& c = op->constant;
    if (t->is_bool()) {
      if (literals[0] != "true" && literals[0] != "false") fail("expected true or false");
      c.i = literals[0] == "true";
    } else if (t->is_int()) {
      c.i = integer(literals[0]);
    } else if (t->is_float() || t->is_complex()) {
      c.f = real(literals[0]);
      if (t->is_complex()) c.im = real(literals[1]);
    } else {
      fail("a constant must be a number");
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  std::unique_ptr<Module> module_;
  Function* function_ = nullptr;
  std::unordered_map<uint32_t, Value*> values_;
  std::unordered_map<std::string, Variable*> variables_;
};

}  // namespace

std::unique_ptr<Module> parse(std::string_view text) { return Parser(text).run(); }

}  // namespace cantil::ir
