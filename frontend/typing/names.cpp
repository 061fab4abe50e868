// Reading names: locals at their current type, and captured values.
#include "frontend/typing/typer.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// The dotted text of a Name/Attribute chain; false for anything else.
bool chain_text(const Node* n, std::string& text, std::string& root) {
  if (n->kind == NodeKind::Name) {
    text = root = n->name;
    return true;
  }
  if (n->kind != NodeKind::Attribute || !chain_text(n->one[0], text, root)) return false;
  text += "." + n->name;
  return true;
}

}  // namespace

const Captured* Typer::find_captured(const Node* n) {
  std::string text, root;
  if (!chain_text(n, text, root) || scope_.find(root) >= 0) return nullptr;
  for (const Function* f = &fn_; f;
       f = f->outer)  // the outermost one's capture has the names of those inside it
    if (auto it = f->captures.find(text); it != f->captures.end()) return &it->second;
  return nullptr;
}

Expr* Typer::name(const Node* n) {
  int id = scope_.find(n->name);
  if (id < 0) {
    const Captured* c = find_captured(n);
    if (!c || c->kind == Captured::Kind::Missing) fail(Diag::UndefinedName, n->span, {n->name});
    return captured(*c, n->span);
  }
  return local_value(static_cast<uint32_t>(id), n->name, n->span);
}

Expr* Typer::local_value(uint32_t local, const std::string& name, const Span& span) {
  if (local < substitutes_.size()) return substitutes_[local];
  return cells_.count(local) ? cell_value(local, name, span) : raw_value(local, name, span);
}

Expr* Typer::raw_value(uint32_t local, const std::string& name, const Span& span) {
  const LocalState* s = env_.find(local);
  if (!s || !s->type) {
    for (const Loop* l : loop_stack_)
      if (l->privates.count(local)) {
        std::vector<Note> notes;
        if (auto at = l->assigned_at.find(local); at != l->assigned_at.end() && at->second.valid())
          notes.push_back({at->second, "from the iteration before, where it is set here"});
        fail(Diag::PrangeDependence, span, {name}, std::move(notes));
      }
    fail(Diag::MaybeUndefined, span, {name});
  }
  if (s->conflict)
    fail(Diag::TypeConflict, span, {"'" + name + "'", shown_type(s->type), shown_type(s->conflict)},
         {{s->origin, "'" + name + "' is " + shown_type(s->type) + " here"},
          {s->conflict_origin, "'" + name + "' is " + shown_type(s->conflict) + " here"}});
  if (s->type->is_none()) return make_none(span);
  if (s->type->is(TypeKind::Function)) return function_value(program_.function(s->type->value), span);
  if (s->type->is_compile_time()) return make_static(s->type, span);
  Expr* e = make(ExprKind::Read, s->type, span);
  e->local = local;
  if (s->maybe) {
    e->imm = 1;  // checked when it runs
    inst_.checked[local] = true;
  }
  return e;
}

Expr* Typer::captured(const Captured& c, const Span& span) {
  using K = Captured::Kind;
  switch (c.kind) {
    case K::None:
      return make_none(span);
    case K::Bool:
      return make_static(literal_bool(c.scalar.i != 0), span);
    case K::Int:
      if (c.type == i64()) return make_int(c.scalar.i, span);
      return make_const(c.type, c.scalar.i, span);
    case K::Float:
    case K::Complex: {
      Expr* e = make(ExprKind::Const, c.type, span);
      e->constant = c.scalar;
      return e;
    }
    case K::Str:
      return make_static(literal_str(c.text), span);
    case K::Tuple: {
      std::vector<Expr*> elems;
      for (const Captured& x : c.elems) elems.push_back(captured(x, span));
      Expr* t = make_tuple(std::move(elems), span);
      if (!c.names.empty()) t->type = named_tuple_type(c.text, c.names, t->type->elems, c.object_ref);
      return t;
    }
    case K::Array: {
      Expr* e = make(ExprKind::ConstArray, c.type, span);
      e->captured = &c;
      return e;
    }
    case K::Module:
      return make_static(module_type(c.text), span);
    case K::Builtin:
      if (Expr* e = cuda_value(c.text, span)) return e;
      return make_static(builtin_type(c.text), span);
    case K::Function:
      program_.remember(c.function);
      return function_value(*c.function, span);
    case K::NamedTuple: {
      Type of;  // no element types: they come with each call
      of.kind = TypeKind::Tuple;
      of.name = c.text;
      of.fields = c.names;
      of.value = c.object_ref;
      program_.named_tuples[c.object_ref] = &c;
      return make_static(type_object(intern(std::move(of))), span);
    }
    case K::Type: {
      if (c.text.empty()) return make_static(type_object(c.type), span);
      Type t = *type_object(c.type);  // int and float, which are more lenient than int64 and float64
      t.name = c.text;
      return make_static(intern(std::move(t)), span);
    }
    case K::ExceptionClass:
      program_.exception_bases[exception_key(c.text, c.object_ref)] = c.names;
      return make_static(exception_class(c.text, c.object_ref), span);
    case K::Ellipsis:
      return make_static(ellipsis_type(), span);
    case K::Missing:
      fail(Diag::UndefinedName, span, {c.text});
    case K::Bytes:
      return bytes_value(c.text, span);
    case K::Other:
      break;
  }
  std::string shown =
      source_line(span.file, span.line)
          .substr(span.col, span.end_line == span.line ? span.end_col - span.col : std::string::npos);
  if (c.text == "function") fail(Diag::PlainFunction, span, {shown});
  fail(Diag::UnsupportedGlobal, span,
       {shown, c.text == "type" ? "a plain Python class (a jitclass could be used)"
                                : "an object of type " + c.text});
}

// The environment is still the one in which typing stopped.
void Typer::explain(Diagnostic& d) const {
  switch (d.id) {
    case Diag::UndefinedName:
    case Diag::MaybeUndefined:
    case Diag::UnsupportedGlobal:
    case Diag::UnsupportedFunction:
    case Diag::PlainFunction:
    case Diag::UnsupportedSyntax:
    case Diag::PrangeDependence:
    case Diag::ReadonlyArray:
    case Diag::WrongArgumentCount:
    case Diag::UnknownKeyword:
    case Diag::MissingArgument:
      return;  // no type is at fault
    default:
      break;
  }
  if (!d.function.empty() || !d.notes.empty() || !d.span.valid()) return;  // a callee's, or explained already
  std::vector<Note>& notes = d.notes;
  auto inside = [&](const Span& s) {
    return s.file == d.span.file && std::pair(s.line, s.col) >= std::pair(d.span.line, d.span.col) &&
           std::pair(s.end_line, s.end_col) <= std::pair(d.span.end_line, d.span.end_col);
  };
  auto visit = [&](auto&& self, const Node* x) -> void {
    if (!x || notes.size() >= 3) return;
    if (x->kind == NodeKind::Name) {
      if (!inside(x->span)) return;
      int id = scope_.find(x->name);
      const LocalState* s = id < 0 ? nullptr : env_.find(static_cast<uint32_t>(id));
      if (s && s->type && s->origin.valid()) {
        std::string text = "'" + x->name + "' is " + shown_type(s->type);
        for (const Note& old : notes)
          if (old.text == text) return;
        notes.push_back({s->origin, text});
      }
      return;
    }
    for (const Node* c : x->one) self(self, c);
    for (const auto& l : x->list)
      for (const Node* c : l) self(self, c);
  };
  if (fn_.tree->root->kind == NodeKind::Lambda) {  // an expression instead of a list of statements
    for (const Node* e : fn_.tree->root->one) visit(visit, e);
  } else {
    for (const Node* s : fn_.tree->root->list[0]) visit(visit, s);
  }
}

}  // namespace cantil::frontend
