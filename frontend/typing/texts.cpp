// str and bytes: literals as values, what is known of them while typing, f-strings. Their functions are
// stdlib/strings.py's.
#include "frontend/typing/typer.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

bool is_literal(TypeRef t) { return t->is(TypeKind::LiteralStr); }

// How many characters the text in UTF-8 has.
int64_t characters(const std::string& utf8) {
  int64_t n = 0;
  for (char c : utf8) n += (c & 0xC0) != 0x80;
  return n;
}

constexpr size_t kLongestFolded = 4096;  // bytes of literals put together while typing

}  // namespace

Expr* Typer::text_value(Expr* e) {
  if (!is_literal(e->type)) return e;
  if (on_cuda())
    fail(Diag::NotInKernel, e->span,
         {"a str that is not known when the kernel is compiled", "pass numbers, or print a literal"});
  Expr* value = make_op(Opcode::ConstText, text_type(), {}, e->span);
  value->text = e->type->name;
  return value;
}

Expr* Typer::bytes_value(const std::string& bytes, const Span& span) {
  if (on_cuda()) fail(Diag::NotInKernel, span, {"bytes", "use an array of uint8"});
  Expr* value = make_op(Opcode::ConstText, bytes_type(), {}, span);
  value->text = bytes;
  return value;
}

Expr* Typer::plain_argument(Expr* e, const Span& span) {
  if (is_literal(e->type) && on_cuda()) return e;
  return unliteral(e->type) == e->type ? e : convert(e, unliteral(e->type), span);
}

Expr* Typer::text_length(Expr* e, const Span& span) {
  if (is_literal(e->type)) return make_int(characters(e->type->name), span);
  return make_op(Opcode::OwnerWord, i64(), {e}, span, kTextLength);
}

Expr* Typer::fold_texts(Operator op, Expr* a, Expr* b, const Span& span) {
  if (op == Operator::Add && is_literal(a->type) && is_literal(b->type) &&
      a->type->name.size() + b->type->name.size() <= kLongestFolded)
    return make_static(literal_str(a->type->name + b->type->name), span);
  if (op == Operator::Mult) {
    Expr* text = is_literal(a->type) ? a : b;
    auto times = literal(text == a ? b : a);
    if (!is_literal(text->type) || !times) return nullptr;
    const auto n = static_cast<size_t>(std::max<int64_t>(*times, 0));
    if (n > kLongestFolded || n * text->type->name.size() > kLongestFolded) return nullptr;
    std::string all;
    for (size_t i = 0; i < n; ++i) all += text->type->name;
    return make_static(literal_str(std::move(all)), span);
  }
  return nullptr;
}

// Texts one after another. Literals next to each other are one.
Expr* Typer::join_pieces(const std::vector<Expr*>& pieces, const Span& span) {
  std::vector<Expr*> parts;
  for (Expr* e : pieces) {
    if (is_literal(e->type) && e->type->name.empty()) continue;
    Expr* both = parts.empty() ? nullptr : fold_texts(Operator::Add, parts.back(), e, span);
    if (both)
      parts.back() = both;
    else
      parts.push_back(e);
  }
  if (parts.empty()) return make_static(literal_str(""), span);
  Expr* all = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) {
    all = make_op(Opcode::CallC, text_type(), {text_value(all), text_value(parts[i])}, span);
    all->text = "cantil_rt_text_concat";
  }
  return all;
}

Expr* Typer::joined_text(const Node* n) {
  std::vector<Expr*> pieces;
  for (const Node* part : n->list[0]) {
    if (part->kind != NodeKind::FormattedValue) {
      pieces.push_back(expression(part));
      continue;
    }
    Expr* x = expression(part->one[0]);
    Expr* spec = part->one[1] ? expression(part->one[1]) : nullptr;
    if (x->type->is(TypeKind::Unknown) || (spec && spec->type->is(TypeKind::Unknown)))
      return make_static(unknown_type(), n->span);
    x = formatted(x, static_cast<int>(part->extra), spec, part->span);
    if (x->type->is(TypeKind::Unknown)) return x;
    // Python computes the pieces in their order, before it joins them.
    pieces.push_back(is_literal(x->type) ? x : make_temp(x));
  }
  return join_pieces(pieces, n->span);
}

// format(x, spec) behind a conversion: 'r', 's', 'a' or none (-1).
Expr* Typer::formatted(Expr* x, int conversion, Expr* spec, const Span& span) {
  CallArgs args;
  args.span = span;
  auto apply = [&](const char* function) {
    args.positional = {x};
    x = call_builtin(function, args);
  };
  if (conversion == 'r') apply("builtins.repr");
  if (conversion == 's') apply("builtins.str");
  if (conversion == 'a') apply("builtins.ascii");
  if (spec && is_literal(spec->type) && spec->type->name.empty()) spec = nullptr;
  if (spec) {
    args.positional = {x, spec};
    return call_builtin("builtins.format", args);
  }
  if (!is_literal(x->type) && !x->type->is_text()) apply("builtins.str");
  return x;
}

Expr* Typer::print_text(CallArgs& args) {
  const Span& span = args.span;
  Expr *sep = make_static(literal_str(" "), span), *end = make_static(literal_str("\n"), span);
  Expr* flush = make_const(bool_type(), 0, span);
  int64_t stream = 1;
  for (auto& [k, v] : args.keywords) {
    const bool text = unliteral(v->type)->is_text();
    if (k == "sep" || k == "end") {
      if (!text && !v->type->is_none()) fail(Diag::NoOverload, span, {"print()", k + "=" + type_name(v)});
      if (text) (k == "sep" ? sep : end) = is_literal(v->type) ? v : make_temp(v);
    } else if (k == "flush") {
      flush = materialise(truth(v, span));
    } else if (k == "file" && (v->type->is_none() || v->type->is(TypeKind::Builtin))) {
      if (!v->type->is_none() && v->type->name != "sys.stdout" && v->type->name != "sys.stderr")
        fail(Diag::NoOverload, span, {"print()", "file=" + v->type->name});
      if (!v->type->is_none() && v->type->name == "sys.stderr") stream = 2;
    } else {
      fail(Diag::UnknownKeyword, span, {"print()", k});
    }
  }
  std::vector<Expr*> pieces;
  for (size_t i = 0; i < args.positional.size(); ++i) {
    if (i) pieces.push_back(sep);
    Expr* x = formatted(args.positional[i], -1, nullptr, span);
    if (x->type->is(TypeKind::Unknown)) return x;
    pieces.push_back(is_literal(x->type) ? x : make_temp(x));
  }
  pieces.push_back(end);
  Expr* e = make_op(Opcode::CallC, none_type(),
                    {text_value(join_pieces(pieces, span)), make_const(i64(), stream, span), flush}, span);
  e->text = "cantil_rt_text_print";
  return e;
}

Typer::Iteration Typer::text_iteration(Expr* e, const Span& span) {
  Expr* text = evaluate_now(text_value(e));
  Iteration it;
  it.index_type = i64();
  it.length = text_length(text, span);
  const bool is_text = text->type->is_text();
  it.item = [this, text, is_text, span](Expr* i) {
    Expr* item = make_op(Opcode::CallC, is_text ? text_type() : i64(), {text, i}, span);
    item->text = is_text ? "cantil_rt_text_char" : "cantil_rt_text_ord";
    return item;
  };
  return it;
}

}  // namespace cantil::frontend
