// Indexing: tuples, array elements, array views by slices; reading and assigning.
#include <algorithm>

#include "frontend/typing/array_iterators.h"
#include "frontend/typing/closures.h"
#include "frontend/typing/static_containers.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/object_types.h"

namespace cantil::frontend {

using namespace ir;

// A slice becomes a value of Slice type holding its present parts; other indices are plain expressions. A
// tuple index is a tuple of these.
Expr* Typer::index_expression(const Node* n) {
  if (n->kind == NodeKind::Tuple) {
    std::vector<Expr*> parts;
    for (const Node* e : n->list[0]) parts.push_back(index_expression(e));
    return make_tuple(std::move(parts), n->span);
  }
  if (n->kind != NodeKind::Slice) return expression(n);
  std::vector<Expr*> bounds(3, nullptr);
  for (size_t i = 0; i < 3; ++i)
    if (n->one[i]) bounds[i] = expression(n->one[i]);
  return make_slice(bounds, n->span);
}

Expr* Typer::make_slice(const std::vector<Expr*>& start_stop_step, const Span& span) {
  int present = 0;
  std::vector<Expr*> parts;
  for (size_t i = 0; i < 3; ++i) {
    if (!start_stop_step[i]) continue;
    Expr* e = unwrap(start_stop_step[i], span);
    if (e->type->is_none()) continue;
    if (e->type->is(TypeKind::Unknown)) return e;
    TypeRef t = unliteral(e->type);
    if (!t->is_int() && !t->is_bool()) fail(Diag::BadIndex, e->span, {"a slice's bound", type_name(e)});
    present |= 1 << i;
    parts.push_back(e->type->is(TypeKind::LiteralInt) ? e : to_i64(e));
  }
  // Literal bounds keep their value in the expression (a step of 1 or -1 decides the layout); the type is
  // only the mask.
  return make_op(Opcode::TupleMake, slice_type(present), std::move(parts), span);
}

Expr* Typer::subscript(Expr* base, const Node* index, const Span& span) {
  if (base->type->is(TypeKind::Builtin))
    if (Expr* e = index_trick(base->type->name, index, span)) return e;
  return subscript_value(base, index_expression(index), span);
}

namespace {

// The indices of a subscript as a list.
std::vector<Expr*> index_list(Typer& t, Expr* index, const Span& span) {
  if (!index->type->is_tuple()) return {index};
  std::vector<Expr*> out;
  Expr* tuple =
      index->kind == ExprKind::Op && index->opcode == Opcode::TupleMake ? index : t.make_temp(index);
  for (size_t i = 0; i < index->type->elems.size(); ++i) out.push_back(t.tuple_item(tuple, i, span));
  return out;
}

bool is_integer(TypeRef t) {
  t = unliteral(t);
  return t->is_int() || t->is_bool();
}

Expr* slice_part(Typer& t, Expr* slice, int which) {  // 0 start, 1 stop, 2 step; null when absent
  int present = static_cast<int>(slice->type->value);
  if (!(present & (1 << which))) return nullptr;
  int at = 0;
  for (int i = 0; i < which; ++i) at += (present >> i) & 1;
  if (slice->kind == ExprKind::Op && slice->opcode == Opcode::TupleMake) return slice->args[at];
  return t.make_op(Opcode::TupleGet, i64(), {t.make_temp(slice)}, slice->span, at);
}

}  // namespace

// `array` at integer indices, one per dimension: wrapped when they may be negative, checked when the function
// asks for it.
Expr* Typer::element(Expr* array, std::vector<Expr*> indices, const Span& span) {
  Expr* e = make_op(Opcode::LoadElem, array->type->elem(), {array}, span);
  for (size_t k = 0; k < indices.size(); ++k) {
    Expr* i = indices[k];
    bool never_negative = unliteral(i->type)->is_int() && !unliteral(i->type)->is_signed;
    if (auto v = literal(i)) never_negative = *v >= 0;
    i = to_i64(i);
    Expr* n = array_dim(array, static_cast<int>(k), span);
    if (!never_negative) i = make_op(Opcode::IndexWrap, i64(), {i, n}, span);
    if (options_.boundscheck) {
      // The op names the site through its text: lowering makes it.
      i = make_temp(i);
      Expr* seq = make(ExprKind::Seq, i64(), span);
      Expr* check = make_op(Opcode::BoundsCheck, none_type(), {i, n}, span, static_cast<int64_t>(k));
      Stmt* s = make_stmt(StmtKind::Eval, span);
      s->value = check;
      seq->block.push_back(s);
      seq->args = {i};
      i = seq;
    }
    e->args.push_back(i);
  }
  return e;
}

Expr* Typer::subscript_value(Expr* base, Expr* index, const Span& span) {
  TypeRef t = base->type;
  if (is_undecided(t) && !index->type->is(TypeKind::Slice))
    if (auto held = holds_.find(t->value); held != holds_.end()) return make_static(held->second, span);
  if (t->is(TypeKind::Unknown) || index->type->is(TypeKind::Unknown))
    return make_static(is_undecided(t) && index->type->is(TypeKind::Slice) ? t : unknown_type(), span);
  base = unwrap(base, span);
  t = base->type;
  if (Expr* e = call_special(base, "__getitem__", {index}, span)) return e;
  if (t->is(TypeKind::Buffer)) {
    Expr* data = make_op(Opcode::BufferData, pointer_type(t->elem()), {base}, span);
    return load_pointer(make_op(Opcode::PtrIndex, data->type, {data, to_i64(index)}, span), span);
  }
  if (is_static_dict(t) && index->type->is(TypeKind::LiteralStr)) {
    auto at = std::find(t->fields.begin(), t->fields.end(), index->type->name);
    if (at == t->fields.end())
      fail(Diag::UserRaised, span, {"the dict has no key '" + index->type->name + "'"});
    return tuple_item(base, static_cast<size_t>(at - t->fields.begin()), span);
  }
  if (is_static_dict(t)) fail(Diag::NeedsConstant, span, {"the key of a dict of mixed types"});
  if (is_array_iterator(t, "flatiter")) {
    CallArgs args;
    Expr* places = index->type->is_tuple() ? nullptr : as_array(index, span);
    args.positional = {tuple_item(base, 0, span), places ? places : index};
    args.span = span;
    return call_library_or_fail("cantil.library.flat_get", args, "indexing a.flat");
  }
  if (t->is_tuple() && index->type->is(TypeKind::LiteralStr))  // a record's field
    return attribute_of(base, index->type->name, span);
  if (t->is_tuple()) {
    int64_t n = static_cast<int64_t>(t->elems.size());
    if (auto v = literal(index)) {
      int64_t i = *v < 0 ? *v + n : *v;
      if (i < 0 || i >= n) fail(Diag::TupleIndexRange, span, {std::to_string(n)});
      // The other items of a tuple written here are evaluated too.
      auto happens = [](const Expr* e) {
        return e->kind != ExprKind::Static && e->kind != ExprKind::Const && e->kind != ExprKind::Temp;
      };
      if (base->kind == ExprKind::Op && base->opcode == Opcode::TupleMake &&
          std::any_of(base->args.begin(), base->args.end(), happens))
        base = make_temp(base);
      return tuple_item(base, static_cast<size_t>(i), span);
    }
    if (index->type->is(TypeKind::Slice)) {
      int64_t bounds[3] = {0, n, 1};
      bool given[3] = {false, false, false};
      for (int k = 0; k < 3; ++k)
        if (Expr* p = slice_part(*this, index, k)) {
          auto v = literal(p);
          if (!v) fail(Diag::NeedsConstant, span, {"a slice of a tuple"});
          bounds[k] = *v;
          given[k] = true;
        }
      if (bounds[2] == 0) fail(Diag::UserRaised, span, {"slice step cannot be zero"});
      bool up = bounds[2] > 0;
      auto clamp = [&](int64_t v) {
        return std::clamp<int64_t>(v < 0 ? v + n : v, up ? 0 : -1, up ? n : n - 1);
      };
      int64_t start = given[0] ? clamp(bounds[0])
                      : up     ? 0
                               : n - 1,
              stop = given[1] ? clamp(bounds[1])
                     : up     ? n
                              : -1;
      Expr* tuple = make_temp(base);
      std::vector<Expr*> parts;
      for (int64_t i = start; up ? i < stop : i > stop; i += bounds[2])
        parts.push_back(tuple_item(tuple, static_cast<size_t>(i), span));
      return make_tuple(std::move(parts), span);
    }
    if (!is_integer(index->type)) fail(Diag::BadIndex, span, {shown_type(t), type_name(index)});
    TypeRef elem = n ? t->elems[0] : nullptr;
    for (TypeRef e : t->elems) elem = elem ? unify(elem, e) : nullptr;
    if (elem && elem->is_function()) {  // a table of functions
      elem = kept_type(elem);
      base = convert(base, tuple_type(std::vector<TypeRef>(t->elems.size(), elem)), span);
      t = base->type;
    }
    bool uniform = elem != nullptr && !t->elems.empty();
    if (uniform)
      for (TypeRef e : t->elems) uniform = uniform && unliteral(e) == unliteral(t->elems[0]);
    if (!uniform) fail(Diag::TupleIndexConstant, span);
    elem = unliteral(elem);
    Expr* tuple = convert(base, tuple_type(std::vector<TypeRef>(t->elems.size(), elem)), span);
    Expr* i = make_temp(make_op(Opcode::IndexWrap, i64(), {to_i64(index), make_const(i64(), n, span)}, span));
    Expr* bad = make_op(
        Opcode::Ge, bool_type(),
        {make_op(Opcode::Bitcast, int_type(64, false), {i}, span), make_const(int_type(64, false), n, span)},
        span);
    return guarded(bad, "builtins.IndexError", "tuple index out of range",
                   make_op(Opcode::TupleIndex, elem, {tuple, i}, span), span);
  }
  if (t->is_array()) {
    std::vector<Expr*> indices = index_list(*this, index, span);
    bool all_int = indices.size() == t->ndim;
    for (Expr* i : indices) all_int = all_int && is_integer(i->type);
    if (all_int) return element(make_temp(base), indices, span);
    // Integers, slices, newaxis and an ellipsis give a view; anything else is for the library (advanced
    // indexing).
    size_t consumed = 0;
    bool basic = true, ellipsis = false;
    for (Expr* i : indices) {
      if (i->type->is(TypeKind::Ellipsis))
        ellipsis = true;
      else if (i->type->is_none())
        continue;
      else if (is_integer(i->type) || i->type->is(TypeKind::Slice))
        ++consumed;
      else
        basic = false;
    }
    if (basic) {
      if (consumed > t->ndim)
        fail(Diag::TooManyIndices, span, {shown_type(t), std::to_string(t->ndim), std::to_string(consumed)});
      if (!ellipsis) indices.push_back(make_static(ellipsis_type(), span));
      Expr* a = make_temp(base);
      std::vector<Expr*> dims, strides;
      Expr* data = make_op(Opcode::ArrayData, pointer_type(t->elem()), {a}, span);
      int axis = 0;
      // C layout survives while only leading axes are cut by integers or one leading slice of step 1.
      bool contiguous = t->layout == Layout::C, may_slice = true;
      for (Expr* i : indices) {
        if (i->type->is(TypeKind::Ellipsis)) {
          for (int rest = t->ndim - static_cast<int>(consumed); rest > 0; --rest, ++axis) {
            dims.push_back(array_dim(a, axis, span));
            strides.push_back(make_op(Opcode::ArrayStride, i64(), {a}, span, axis));
            may_slice = false;
          }
          continue;
        }
        if (i->type->is_none()) {
          dims.push_back(make_const(i64(), 1, span));
          strides.push_back(make_const(i64(), 0, span));
          contiguous = false;
          continue;
        }
        Expr* n = array_dim(a, axis, span);
        Expr* stride = make_op(Opcode::ArrayStride, i64(), {a}, span, axis);
        if (is_integer(i->type)) {
          Expr* at = to_i64(i);
          auto v = literal(i);
          if (!(v && *v >= 0)) at = make_op(Opcode::IndexWrap, i64(), {at, n}, span);
          data = make_op(Opcode::PtrOffset, data->type,
                         {data, make_op(Opcode::Mul, i64(), {at, stride}, span)}, span);
          if (!may_slice) contiguous = false;
        } else {
          Expr *start = slice_part(*this, i, 0), *stop = slice_part(*this, i, 1),
               *step = slice_part(*this, i, 2);
          bool whole = !start && !stop && (!step || literal(step) == 1);
          if (whole) {
            dims.push_back(n);
            strides.push_back(stride);
          } else {
            // stdlib/slices.py: (start, length) of a slice over n elements, Python's clamping.
            CallArgs args;
            args.span = span;
            bool unit = !step || literal(step) == 1;
            auto part = [&](Expr* e) { return e ? to_i64(e) : make_none(span); };
            args.positional = {part(start), part(stop), unit ? make_int(1, span) : to_i64(step), n};
            Expr* bounds = make_temp(call_library_or_fail(
                unit ? "cantil.library.slice_unit" : "cantil.library.slice_bounds", args, "slicing"));
            data = make_op(Opcode::PtrOffset, data->type,
                           {data, make_op(Opcode::Mul, i64(), {tuple_item(bounds, 0, span), stride}, span)},
                           span);
            dims.push_back(tuple_item(bounds, 1, span));
            strides.push_back(unit ? stride : make_op(Opcode::Mul, i64(), {stride, to_i64(step)}, span));
            if (!unit || !may_slice) contiguous = false;
          }
          may_slice = false;
        }
        ++axis;
      }
      Layout layout = contiguous ? Layout::C : Layout::A;
      if (dims.empty()) layout = Layout::C;
      std::vector<Expr*> parts = {make_op(Opcode::ArrayOwner, owner_type(), {a}, span), data};
      parts.insert(parts.end(), dims.begin(), dims.end());
      if (layout == Layout::A) parts.insert(parts.end(), strides.begin(), strides.end());
      return make_op(Opcode::ArrayMake,
                     array_type(t->elem(), static_cast<int>(dims.size()), layout, t->readonly, t->aligned),
                     std::move(parts), span);
    }
  }
  if (t->is_array()) {
    Advanced advanced;
    if (split_advanced(base, index_list(*this, index, span), advanced, span)) {
      CallArgs args;
      args.positional = {advanced.view, advanced.places, advanced.position};
      args.span = span;
      return call_library_or_fail("cantil.library.gather", args, "indexing");
    }
  }
  if (t->is(TypeKind::Range) && is_integer(index->type)) {
    CallArgs args;
    args.positional = {base, index};
    args.span = span;
    if (Expr* e = call_library("operator.getitem", args)) return e;
  }
  CallArgs args;
  args.positional = {base, index};
  args.span = span;
  if (Expr* e = call_library("operator.getitem", args)) return e;
  if (t->is_array()) fail(Diag::BadIndex, span, {shown_type(t), shown_type(index->type)});
  fail(Diag::NotIndexable, span, {shown_type(t)});
}

void Typer::store_subscript(Expr* base, Expr* index, Expr* value, const Span& span) {
  if (is_undecided(value->type) && is_list(base->type)) {
    if (index->type->is(TypeKind::Slice)) learn(value->type, base->type);
    if (is_list(base->type->elem())) learn(value->type, base->type->elem());
  }
  if (is_undecided(base->type) && base->type->name == "dict" && !index->type->is(TypeKind::Unknown) &&
      !value->type->is(TypeKind::Unknown))
    learn(base->type, dict_type(unliteral(index->type), unliteral(value->type)));
  if (is_dict(base->type) && !index->type->is(TypeKind::Unknown) && !value->type->is(TypeKind::Unknown)) {
    TypeRef key = base->type->elems[0], item = base->type->elems[1];
    TypeRef keys = unify(key, index->type), items = unify(item, value->type);
    if (keys != key || items != item) {
      auto literal = base->kind == ExprKind::Read ? literal_of_.find(base->local) : literal_of_.end();
      if (keys && items && literal != literal_of_.end()) {
        learned_[literal->second] = dict_type(keys, items);
        throw Retype{};
      }
      if (keys != key)
        fail(Diag::CannotCast, span, {type_name(index), shown_type(key) + ", the type of the dict's keys"});
      fail(Diag::CannotCast, span, {type_name(value), shown_type(item) + ", the type of the dict's values"});
    }
    index = convert(materialise(index), key, span);
    value = convert(materialise(value), item, span);
  }
  if (base->type->is(TypeKind::Buffer)) {
    Expr* data = make_op(Opcode::BufferData, pointer_type(base->type->elem()), {base}, span);
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = store_pointer(make_op(Opcode::PtrIndex, data->type, {data, to_i64(index)}, span), value, span);
    emit(s);
    return;
  }
  if (base->type->is(TypeKind::Unknown) || index->type->is(TypeKind::Unknown) ||
      value->type->is(TypeKind::Unknown))
    return;
  base = unwrap(base, span);
  TypeRef t = base->type;
  if (Expr* e = call_special(base, "__setitem__", {index, value}, span)) {
    Stmt* s = make_stmt(StmtKind::Eval, span);
    s->value = e;
    emit(s);
    return;
  }
  if (is_array_iterator(t, "flatiter")) {
    store_flat(base, index, value, span);
    return;
  }
  if (t->is_array()) {
    if (t->readonly) fail(Diag::ReadonlyArray, span);
    std::vector<Expr*> indices = index_list(*this, index, span);
    bool all_int = indices.size() == t->ndim;
    for (Expr* i : indices) all_int = all_int && is_integer(i->type);
    value = unwrap(value, span);
    if (all_int && t->elem()->is_tuple() && value->type->is_tuple()) {  // a record
      Expr* load = element(make_temp(base), indices, span);
      load->opcode = Opcode::StoreElem;
      load->type = none_type();
      load->args.push_back(convert(value, t->elem(), span));
      Stmt* s = make_stmt(StmtKind::Eval, span);
      s->value = load;
      emit(s);
      return;
    }
    if (all_int && !t->elem()->is_tuple() && unliteral(value->type)->is_number()) {
      if (unliteral(value->type)->is_complex() && !t->elem()->is_complex())
        fail(Diag::CannotCast, value->span.valid() ? value->span : span,
             {type_name(value), shown_type(t->elem())});
      Expr* load = element(make_temp(base), indices, span);
      load->opcode = Opcode::StoreElem;
      load->type = none_type();
      load->args.push_back(cast_number(value, t->elem(), span));
      Stmt* s = make_stmt(StmtKind::Eval, span);
      s->value = load;
      emit(s);
      return;
    }
    if (all_int && value->type->is_array() && value->type->ndim == 0) {
      store_subscript(base, index, element(make_temp(value), {}, span), span);
      return;
    }
  }
  if (t->is_tuple()) fail(Diag::NotAssignable, span, {"an element of a tuple"});
  if (t->is_array()) {
    Advanced advanced;
    if (split_advanced(base, index_list(*this, index, span), advanced, span)) {
      CallArgs args;
      args.positional = {advanced.view, advanced.places, value, advanced.position};
      args.span = span;
      Stmt* s = make_stmt(StmtKind::Eval, span);
      s->value = call_library_or_fail("cantil.library.scatter", args, "indexing");
      emit(s);
      return;
    }
  }
  CallArgs args;
  args.span = span;
  args.positional = {base, index, value};
  Expr* e = call_library("operator.setitem", args);
  if (!e && t->is_array()) {
    // A view and a value to spread over it.
    Expr* view = subscript_value(base, index, span);
    if (view->type->is_array()) {
      if (assign_view(view, value, span)) return;
      args.positional = {view, value};
      e = call_library("cantil.library.assign_array", args);
    }
    if (!e) fail(Diag::NoOperator, span, {"[]=", type_list({base, index, value})});
  }
  if (!e) fail(Diag::NotAssignable, span, {"an element of " + shown_type(t)});
  Stmt* s = make_stmt(StmtKind::Eval, span);
  s->value = e;
  emit(s);
}

}  // namespace cantil::frontend
