// Objects behind containers: their fields, lists as literals, what an empty container will hold.
#include <algorithm>

#include "frontend/library.h"
#include "frontend/typing/closures.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/layout.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

// ---- Fields and elements

Expr* Typer::field_pointer(Expr* object, const char* field, const Span& span) {
  const int i = object_field(object->type, field);
  CANTIL_CHECK(i >= 0);
  TypeRef t = object_fields(object->type)[static_cast<size_t>(i)].type;
  return make_op(Opcode::ObjectField, pointer_type(t), {object}, span, i);
}

// What a field holds, borrowed from it: the library takes care that nothing replaces it meanwhile.
Expr* Typer::load_field(Expr* object, const char* field, const Span& span) {
  Expr* p = field_pointer(object, field, span);
  return make_op(Opcode::Load, p->type->elem(), {p}, span);
}

Expr* Typer::load_pointer(Expr* pointer, const Span& span) {
  TypeRef t = pointer->type->elem();
  return make_op(Opcode::Load, t, {pointer}, span, is_counted(t) ? kCountedAccess : 0);
}

Expr* Typer::store_pointer(Expr* pointer, Expr* value, const Span& span) {
  TypeRef t = pointer->type->elem();
  return make_op(Opcode::Store, none_type(), {pointer, convert(materialise(value), t, span)}, span,
                 is_counted(t) ? kCountedAccess : 0);
}

Expr* Typer::new_list(TypeRef elem, Expr* capacity, const Span& span) {
  CallArgs args;
  args.positional = {make_static(type_object(elem), span), capacity};
  args.span = span;
  return call_library_or_fail("cantil.library.new_list", args, "a list");
}

namespace {

// The type of the numbers in nested lists, tuples and arrays.
TypeRef number_inside(TypeRef t) {
  if (t->is_number()) return t;
  TypeRef all = nullptr;
  for (TypeRef e : t->elems)
    if (TypeRef inside = number_inside(e)) all = all ? promote(all, inside) : inside;
  return all ? all : f64();
}

}  // namespace

Expr* Typer::container_library_call(const std::string& name, CallArgs& args) {
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  auto is_null = [&](Expr* e, const Span& at) {
    return make_op(Opcode::Eq, bool_type(),
                   {make_op(Opcode::OwnerAddress, i64(), {e}, at), make_const(i64(), 0, at)}, at);
  };
  auto type = [&](size_t i) {
    CANTIL_CHECK(i < a.size() && a[i]->type->is(TypeKind::TypeObject));
    return a[i]->type->elem();
  };
  if (name == "list_of") return make_static(type_object(list_type(type(0))), span);
  if (name == "typed_set_of") return make_static(type_object(object_type("SetType", {type(0)})), span);
  if (name == "typed_list_of") return make_static(type_object(typed_list_type(type(0))), span);
  if (name == "dict_of") return make_static(type_object(dict_type(type(0), type(1))), span);
  if (name == "number_or_element") {  // the type of what iterating gives
    TypeRef t = a[0]->type, all = nullptr;
    if (!t->is_tuple()) return make_static(type_object(t->elem()), span);
    for (TypeRef e : t->elems) all = all ? unify(all, e) : unliteral(e);
    if (!all) fail(Diag::NotIterable, span, {shown_type(t)});
    return make_static(type_object(all), span);
  }
  if (name == "element_type") return make_static(type_object(a[0]->type->elem()), span);
  if (name == "item_type") return make_static(type_object(a[0]->type->elems.at(1)), span);
  if (name == "element_of") return make_static(type_object(type(0)->elem()), span);
  if (name == "number_of") return make_static(type_object(number_inside(type(0))), span);
  if (name == "dimensions_of") {  // of an array made of a value of this type
    int64_t n = 0;
    for (TypeRef t = type(0); !t->is_number(); t = t->elems.at(0)) n += t->is_array() ? t->ndim : 1;
    return make_int(n, span);
  }
  if (name == "field_name") {  // of a named tuple: its i-th field, -1 its class's name; "" for plain ones
    TypeRef t = a[0]->type;
    const int64_t i = literal(a[1]).value();
    const bool known = i < 0 ? true : static_cast<size_t>(i) < t->fields.size();
    return make_static(literal_str(i < 0 ? t->name : known ? t->fields[static_cast<size_t>(i)] : ""), span);
  }
  if (name == "bytearray_of") return make_static(type_object(bytearray_type()), span);
  if (name == "bytes_array") {  // bytes_array(b, T, n): n items over the bytes, which it keeps alive
    TypeRef elem = type(1);
    Expr* b = make_temp(a[0]);
    Expr* owner = is_bytearray(b->type) ? load_field(b, "items", span) : b;
    Expr* data =
        is_bytearray(b->type)
            ? make_op(Opcode::Bitcast, pointer_type(elem),
                      {make_op(Opcode::BufferData, pointer_type(int_type(8, false)), {owner}, span)}, span)
            : make_op(Opcode::OwnerData, pointer_type(elem), {owner}, span);
    return make_op(Opcode::ArrayMake, array_type(elem, 1, Layout::C, b->type->is_bytes()),
                   {owner, data, to_i64(a[2])}, span);
  }
  if (name == "is_null") return is_null(a[0], span);
  if (name == "text_word")  // text_word(s, 56): a word of its header
    return make_op(Opcode::OwnerWord, i64(), {text_value(a[0])}, span, literal(a[1]).value());
  if (name == "new_object") return make_op(Opcode::ObjectNew, type(0), {}, span);
  if (name == "new_buffer") return make_op(Opcode::BufferNew, buffer_type(type(0)), {to_i64(a[1])}, span);
  if (name == "buffer_data")  // buffer_data(b, i): the address of its i-th element
    return make_op(
        Opcode::PtrIndex, pointer_type(a[0]->type->elem()),
        {make_op(Opcode::BufferData, pointer_type(a[0]->type->elem()), {a[0]}, span), to_i64(a[1])}, span);
  if (name == "is_counted") return make_static(literal_bool(is_counted(type(0))), span);
  if (name == "slice_part") {  // slice_part(s, 0): the start as written, None where there is none
    const int64_t which = literal(a[1]).value();
    const int64_t present = a[0]->type->value;
    if (!(present >> which & 1)) return make_none(span);
    int64_t at = 0;
    for (int64_t i = 0; i < which; ++i) at += present >> i & 1;
    return make_op(Opcode::TupleGet, i64(), {a[0]}, span, at);
  }
  return nullptr;
}

// ---- Literals

namespace {

void refuse_element(TypeRef t, const Span& span) {
  if (t->is_compile_time() || t->is(TypeKind::Slice) || !can_be_element(t))
    fail(Diag::UnsupportedSyntax, span,
         {"a list of " + shown_type(t), "use numbers, tuples of them, arrays or lists"});
}

}  // namespace

Expr* Typer::empty_container(const char* cls, uint32_t node, const Span& span) {
  if (on_cuda()) fail(Diag::NotInKernel, span, {std::string("a ") + cls, "use a tuple, or cuda.local.array"});
  const int64_t id = static_cast<int64_t>(place_of(node)) + 1;
  auto known = learned_.find(id);
  if (auto inner = holds_.find(id); known == learned_.end() && inner != holds_.end())
    if (auto held = learned_.find(inner->second->value); held != learned_.end())
      known = learned_.emplace(id, object_type(cls, {held->second})).first;
  if (known != learned_.end()) {
    Expr* e = make(ExprKind::Seq, known->second, span);
    e->args = {new_container(known->second, span)};
    e->imm = id;
    return e;
  }
  undecided_.emplace(id, span);
  return make_static(undecided_type(cls, id), span);
}

Expr* Typer::list_literal(const Node* n) {
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {"a list", "use a tuple, or cuda.local.array"});
  if (n->list[0].empty()) return empty_container("list", n->id, n->span);
  if (unpacks(n->list[0])) return display(n, "list");
  std::vector<Expr*> items;
  for (const Node* e : n->list[0]) {
    if (e->kind != NodeKind::Starred) {
      items.push_back(expression(e));
      continue;
    }
    Expr* t = make_temp(expression(e->one[0]));
    if (t->type->is(TypeKind::Unknown)) return make_static(unknown_type(), n->span);
    if (!t->type->is_tuple()) fail(Diag::UnpackNotTuple, e->span, {type_name(t)});
    for (size_t i = 0; i < t->type->elems.size(); ++i) items.push_back(tuple_item(t, i, e->span));
  }
  const int64_t id = static_cast<int64_t>(place(n)) + 1;
  TypeRef elem = nullptr;
  if (auto known = learned_.find(id); known != learned_.end()) elem = known->second->elem();
  bool unknown = items.empty();
  for (Expr* e : items) {
    if (!is_undecided(e->type) && e->type->is(TypeKind::Unknown)) unknown = true;
    if (e->type->is(TypeKind::Unknown)) continue;
    TypeRef joined = elem ? unify(elem, e->type) : unliteral(e->type);
    if (!joined && learned_.count(id))
      fail(Diag::TypeConflict, e->span, {"an element of this list", shown_type(elem), type_name(e)});
    if (!joined) return static_list(std::move(items), n->span);
    elem = joined;
  }
  if (elem && elem->is(TypeKind::Object))
    for (Expr* e : items)
      if (is_undecided(e->type)) learn(e->type, elem);
  if (unknown || !elem) return make_static(unknown_type(), n->span);
  elem = kept_type(elem);
  refuse_element(elem, n->span);
  Expr* seq = make(ExprKind::Seq, list_type(elem), n->span);
  seq->imm = id;
  auto add = [&](Expr* e) {
    Stmt* s = make_stmt(StmtKind::Eval, n->span);
    s->value = e;
    seq->block.push_back(s);
  };
  // As Python has it, all elements first.
  for (Expr*& e : items) {
    e = convert(materialise(e), elem, e->span);
    if (e->kind == ExprKind::Const) continue;
    e = make_temp(e);
    if (e->kind == ExprKind::Temp) add(e);
  }
  Expr* count = make_const(i64(), static_cast<int64_t>(items.size()), n->span);
  Expr* list = make_temp(new_list(elem, count, n->span));
  add(list);
  Expr* data = make_op(Opcode::BufferData, pointer_type(elem), {load_field(list, "items", n->span)}, n->span);
  if (!is_counted(elem)) data = make_temp(data);
  for (size_t i = 0; i < items.size(); ++i) {
    Expr* at = make_op(Opcode::PtrIndex, data->type,
                       {data, make_const(i64(), static_cast<int64_t>(i), n->span)}, n->span);
    add(store_pointer(at, items[i], n->span));
  }
  add(store_pointer(field_pointer(list, "size", n->span), count, n->span));
  seq->args = {list};
  return seq;
}

Expr* Typer::new_container(TypeRef type, const Span& span) {
  if (type == list_type(type->elem())) return new_list(type->elem(), make_const(i64(), 0, span), span);
  return make_op(Opcode::ObjectNew, type, {}, span);
}

Expr* Typer::set_literal(const Node* n) {
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {"a set", "use a tuple, or cuda.local.array"});
  for (const Node* e : n->list[0])
    if (e->kind == NodeKind::Starred) return display(n, "set");
  std::vector<Expr*> items;
  TypeRef elem = nullptr;
  for (const Node* e : n->list[0]) {
    items.push_back(expression(e));
    TypeRef t = items.back()->type;
    if (t->is(TypeKind::Unknown)) return make_static(unknown_type(), n->span);
    TypeRef joined = elem ? unify(elem, t) : unliteral(t);
    if (!joined)
      fail(Diag::TypeConflict, e->span, {"an element of this set", shown_type(elem), shown_type(t)});
    elem = joined;
  }
  refuse_element(elem, n->span);
  Expr* seq = make(ExprKind::Seq, set_type(elem), n->span);
  Expr* set = make_temp(new_container(seq->type, n->span));
  seq->block = sub_block(env_, [&] {
    evaluate_now(set);
    for (Expr* e : items) {
      CallArgs args;
      args.positional = {set, convert(materialise(e), elem, n->span)};
      args.span = n->span;
      Stmt* s = make_stmt(StmtKind::Eval, n->span);
      s->value = call_library_or_fail("method:set.add", args, "a set");
      emit(s);
    }
  });
  seq->args = {set};
  return seq;
}

// {"a": 1, "b": "x"}: literal keys with values of different types. It cannot change, so that it is a record
// of them.
Expr* Typer::literal_keys(const Node* n) {
  std::vector<std::string> names;
  for (const Node* k : n->list[0]) {
    if (!k || k->kind != NodeKind::Constant || k->value.kind != syntax::ConstKind::Str) return nullptr;
    if (std::find(names.begin(), names.end(), k->value.s) != names.end()) return nullptr;
    names.push_back(k->value.s);
  }
  std::vector<Expr*> values = expressions(n->list[1]);
  Expr* tuple = make_tuple(values, n->span);
  if (tuple->type->is(TypeKind::Unknown)) return tuple;
  TypeRef t = named_tuple_type("LiteralStrKeyDict", std::move(names), tuple->type->elems, -1);
  return make_op(Opcode::TupleMake, t, std::move(values), n->span);
}

Expr* Typer::dict_literal(const Node* n) {
  if (n->list[0].empty()) return empty_container("dict", n->id, n->span);
  if (on_cuda()) fail(Diag::NotInKernel, n->span, {"a dict", "use arrays"});
  for (const Node* key : n->list[0])
    if (!key) return display(n, "dict");
  std::vector<std::pair<Expr*, Expr*>> items;
  TypeRef types[2] = {nullptr, nullptr};
  if (auto known = learned_.find(static_cast<int64_t>(place(n)) + 1); known != learned_.end())
    std::copy_n(known->second->elems.begin(), 2, types);
  for (size_t i = 0; i < n->list[0].size(); ++i) {
    Expr* pair[2] = {expression(n->list[0][i]), expression(n->list[1][i])};
    for (int k = 0; k < 2; ++k) {
      TypeRef t = pair[k]->type;
      if (t->is(TypeKind::Unknown)) return make_static(unknown_type(), n->span);
      TypeRef joined = types[k] ? unify(types[k], t) : unliteral(t);
      if (!joined && k)
        if (Expr* record = literal_keys(n)) return record;
      if (!joined)
        fail(Diag::TypeConflict, pair[k]->span,
             {k ? "a value of this dict" : "a key of this dict", shown_type(types[k]), shown_type(t)});
      types[k] = joined;
    }
    items.emplace_back(pair[0], pair[1]);
  }
  for (TypeRef& t : types) t = kept_type(t);
  refuse_element(types[0], n->span);
  refuse_element(types[1], n->span);
  Expr* seq = make(ExprKind::Seq, dict_type(types[0], types[1]), n->span);
  seq->imm = static_cast<int64_t>(place(n)) + 1;
  Expr* dict = make_temp(new_container(seq->type, n->span));
  seq->block = sub_block(env_, [&] {
    evaluate_now(dict);
    for (auto& [key, value] : items) store_subscript(dict, materialise(key), materialise(value), n->span);
  });
  seq->args = {dict};
  return seq;
}

// ---- What empty ones hold

void Typer::learn(TypeRef undecided, TypeRef type) {
  CANTIL_CHECK(is_undecided(undecided));
  learned_[undecided->value] = type;
  throw Retype{};
}

void Typer::meet(Expr* a, Expr* b) {
  if (is_undecided(b->type)) std::swap(a, b);
  if (is_undecided(a->type) && b->type->is(TypeKind::Object)) learn(a->type, b->type);
}

// A method of a list: an item of another type than its elements' makes the literal that it came from one of
// both.
Expr* Typer::container_method(Expr* receiver, const std::string& name, CallArgs& args) {
  const std::string method = name.substr(name.find('.') + 1);
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  const bool takes_item = (method == "append" && a.size() == 1) || (method == "insert" && a.size() == 2);
  TypeRef t = receiver->type;
  if (is_undecided(t) && t->name != "list" && t->name != "ListType") {
    if (method == "add" && a.size() == 1 && !a[0]->type->is(TypeKind::Unknown)) {
      refuse_element(unliteral(a[0]->type), a[0]->span);
      learn(t, object_type(t->name, {unliteral(a[0]->type)}));
    }
    if (method == "update" && a.size() == 1 && a[0]->type->is(TypeKind::Object))
      learn(t, t->name == "dict" ? a[0]->type : object_type(t->name, {a[0]->type->elem()}));
    // Until the type is known the default stands for what may be found.
    if ((method == "get" || method == "pop" || method == "setdefault") && a.size() == 2) {
      if (method == "setdefault" && !a[0]->type->is(TypeKind::Unknown) && !a[1]->type->is(TypeKind::Unknown))
        learn(t, dict_type(unliteral(a[0]->type), unliteral(a[1]->type)));
      return a[1];
    }
    return make_static(unknown_type(), span);
  }
  if (is_undecided(t)) {
    if (takes_item && is_undecided(a.back()->type)) holds_[t->value] = a.back()->type;
    if (takes_item && !a.back()->type->is(TypeKind::Unknown)) {
      refuse_element(kept_type(a.back()->type), a.back()->span);
      learn(t, object_type(t->name, {kept_type(a.back()->type)}));
    }
    if (method == "extend" && a.size() == 1) {
      TypeRef from = a[0]->type;
      TypeRef elem = nullptr;
      if (from->is_array() && from->ndim == 1) elem = from->elem();
      if (from->is(TypeKind::Range) || is_list(from)) elem = from->elem();
      if (from->is_tuple() && !from->elems.empty()) elem = unliteral(from->elems[0]);
      if (elem) learn(t, object_type(t->name, {elem}));
    }
    return make_static(unknown_type(), span);
  }
  if (takes_item && is_list(t) && !a.back()->type->is(TypeKind::Unknown)) {
    TypeRef both = unify(t->elem(), a.back()->type);
    if (both != t->elem()) {
      auto literal = receiver->kind == ExprKind::Read ? literal_of_.find(receiver->local) : literal_of_.end();
      if (both && literal != literal_of_.end()) {
        refuse_element(both, span);
        learned_[literal->second] = object_type(t->name, {both});
        throw Retype{};
      }
      fail(Diag::CannotCast, a.back()->span.valid() ? a.back()->span : span,
           {type_name(a.back()), shown_type(t->elem()) + ", the type of the list's elements"});
    }
  }
  if (is_list(t))
    for (Expr* x : a)
      if (is_undecided(x->type)) {
        if (method == "extend") learn(x->type, t);
        if (is_list(t->elem())) learn(x->type, t->elem());
      }
  a.insert(a.begin(), receiver);
  if (Expr* e = call_library("method:" + name, args)) return e;
  fail(Diag::NoOverload, span, {"." + method + "()", type_list(a)});
}

}  // namespace cantil::frontend
