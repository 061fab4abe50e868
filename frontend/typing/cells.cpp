// Variables that a nested function assigns (nonlocal): they live in a cell, a list of one item, which both
// functions share. All that is assigned to one has to go together: its type is found by typing anew until it
// stands.
#include <algorithm>

#include "frontend/typing/closures.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

namespace {

// The names that functions inside this one declare nonlocal.
void collect_nonlocals(const Node* n, bool inside, std::set<std::string>& out) {
  if (!n) return;
  if (n->kind == NodeKind::Nonlocal && inside) out.insert(n->names.begin(), n->names.end());
  inside = inside || n->kind == NodeKind::FunctionDef;
  for (const auto& l : n->list)
    for (const Node* c : l) collect_nonlocals(c, inside, out);
}

}  // namespace

void Typer::find_cells() {
  cells_.clear();
  if (fn_.tree->root->kind != NodeKind::FunctionDef) return;
  std::set<std::string> names;
  for (const Node* s : fn_.tree->root->list[0]) collect_nonlocals(s, false, names);
  names.insert(fn_.cells.begin(), fn_.cells.end());
  for (const std::string& name : names)
    if (const int local = scope_.find(name); local >= 0) cells_.insert(static_cast<uint32_t>(local));
}

// The cell itself, for functions that share it.
Expr* Typer::cell_of(uint32_t local, const std::string& name, const Span& span) {
  if (const LocalState* s = env_.find(local); !s || !s->type) fail(Diag::MaybeUndefined, span, {name});
  return raw_value(local, name, span);
}

namespace {

bool is_cell_of(TypeRef type, const LocalState* s) { return s && s->type == list_type(type) && !s->conflict; }

}  // namespace

Expr* Typer::cell_value(uint32_t local, const std::string& name, const Span& span) {
  Expr* cell = cell_of(local, name, span);
  if (cell->type->is(TypeKind::Unknown)) return cell;
  Expr* data =
      make_op(Opcode::BufferData, pointer_type(cell->type->elem()), {load_field(cell, "items", span)}, span);
  return load_pointer(data, span);
}

void Typer::assign_cell(uint32_t local, Expr* value, const Span& span) {
  if (value->type->is(TypeKind::Unknown)) {
    if (const LocalState* s = env_.find(local); !s || !s->type) assign_raw(local, value, span);
    return;
  }
  // Made by the function around this one.
  const bool shared = std::find(fn_.cells.begin(), fn_.cells.end(), inst_.locals[local]) != fn_.cells.end();
  TypeRef& type = cell_types_[local];
  if (shared && !type) type = inst_.args[local]->elem();
  TypeRef both = type ? unify(type, value->type) : kept_type(value->type);
  if (!both || (shared && both != type))
    fail(Diag::TypeConflict, span,
         {"the nonlocal variable '" + inst_.locals[local] + "'", shown_type(type), shown_type(value->type)});
  if (both != type) {
    const bool first = type == nullptr;
    type = both;
    if (!first) throw Retype{};
  }
  value = evaluate_now(convert(materialise(value), type, span));
  if (!is_cell_of(type, env_.find(local)))
    assign_raw(local, new_list(type, make_const(i64(), 1, span), span), span);
  Expr* cell = raw_value(local, inst_.locals[local], span);
  Expr* data = make_op(Opcode::BufferData, pointer_type(type), {load_field(cell, "items", span)}, span);
  for (Expr* e : {store_pointer(data, value, span),
                  store_pointer(field_pointer(cell, "size", span), make_const(i64(), 1, span), span)}) {
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = e;
    emit(s);
  }
}

}  // namespace cantil::frontend
