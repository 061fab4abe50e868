// Names of cantil.cuda that have a meaning inside kernels.
#include <unordered_map>

#include "frontend/typing/bfloat_names.h"
#include "frontend/typing/cache_hints.h"
#include "frontend/typing/libdevice.h"
#include "frontend/typing/typer.h"
#include "frontend/typing/unify.h"
#include "ir/layout.h"

namespace cantil::frontend {

using namespace ir;

namespace {

const char kPrefix[] = "cantil.cuda.";

bool cuda_name(const std::string& name, std::string& rest) {
  if (name.rfind(kPrefix, 0) != 0) return false;
  rest = name.substr(sizeof kPrefix - 1);
  return true;
}

const std::unordered_map<std::string, Sreg>& registers() {
  static const auto* table = new std::unordered_map<std::string, Sreg>{
      {"threadIdx.x", Sreg::TidX},  {"threadIdx.y", Sreg::TidY},  {"threadIdx.z", Sreg::TidZ},
      {"blockIdx.x", Sreg::CtaidX}, {"blockIdx.y", Sreg::CtaidY}, {"blockIdx.z", Sreg::CtaidZ},
      {"blockDim.x", Sreg::NtidX},  {"blockDim.y", Sreg::NtidY},  {"blockDim.z", Sreg::NtidZ},
      {"gridDim.x", Sreg::NctaidX}, {"gridDim.y", Sreg::NctaidY}, {"gridDim.z", Sreg::NctaidZ},
      {"laneid", Sreg::LaneId},     {"warpsize", Sreg::WarpSize},
  };
  return *table;
}

const std::unordered_map<std::string, AtomicOp>& atomics() {
  static const auto* table = new std::unordered_map<std::string, AtomicOp>{
      {"add", AtomicOp::Add}, {"sub", AtomicOp::Sub},       {"min", AtomicOp::Min},
      {"max", AtomicOp::Max}, {"and_", AtomicOp::And},      {"or_", AtomicOp::Or},
      {"xor", AtomicOp::Xor}, {"exch", AtomicOp::Exch},     {"inc", AtomicOp::Inc},
      {"dec", AtomicOp::Dec}, {"nanmin", AtomicOp::NanMin}, {"nanmax", AtomicOp::NanMax},
      {"cas", AtomicOp::Cas},
  };
  return *table;
}

// The scalar type of "float32x3" or "float3", and how many there are; null for other names.
TypeRef vector_element(const std::string& name, size_t& count) {
  if (name.size() < 2 || name.back() < '1' || name.back() > '4') return nullptr;
  count = static_cast<size_t>(name.back() - '0');
  std::string scalar = name.substr(0, name.size() - 1);
  static const std::unordered_map<std::string, std::string> kShort = {
      {"char", "int8"},      {"short", "int16"},      {"int", "int32"},     {"long", "int64"},
      {"longlong", "int64"}, {"uchar", "uint8"},      {"ushort", "uint16"}, {"uint", "uint32"},
      {"ulong", "uint64"},   {"ulonglong", "uint64"}, {"float", "float32"}, {"double", "float64"},
  };
  if (auto it = kShort.find(scalar); it != kShort.end()) return parse_type(it->second);
  if (scalar.back() != 'x') return nullptr;
  scalar.pop_back();
  TypeRef t = parse_type(scalar);
  return t && (t->is_int() || t->is_float()) && t->str() == scalar ? t : nullptr;
}

// cuda.float32x4(v, 1.0): numbers and vectors one after another make a vector, which is a named tuple with
// the fields x, y, z and w.
Expr* vector_value(Typer& t, const std::string& name, CallArgs& args) {
  size_t count = 0;
  TypeRef elem = vector_element(name, count);
  if (!elem) return nullptr;
  const Span& span = args.span;
  std::vector<Expr*> parts;
  for (Expr* e : args.positional) {
    if (e->type->is_tuple() && e->type->fields.size() == e->type->elems.size() && !e->type->fields.empty() &&
        e->type->fields[0] == "x") {
      Expr* v = t.make_temp(e);
      for (size_t i = 0; i < e->type->elems.size(); ++i) parts.push_back(t.tuple_item(v, i, span));
    } else {
      parts.push_back(t.materialise(e));
    }
  }
  for (Expr*& e : parts) {
    if (!e->type->is_real())
      fail(Diag::NoOverload, span, {"cuda." + name + "()", type_list(args.positional)});
    e = t.cast_number(e, elem, span);
  }
  if (parts.size() != count)
    fail(Diag::WrongArgumentCount, span,
         {"cuda." + name + "()", std::to_string(count), std::to_string(parts.size())});
  static const std::vector<std::string> kFields = {"x", "y", "z", "w"};
  TypeRef type = named_tuple_type(elem->str() + "x" + std::to_string(count),
                                  {kFields.begin(), kFields.begin() + static_cast<long>(count)},
                                  std::vector<TypeRef>(count, elem), -1);
  return t.make_op(Opcode::TupleMake, type, std::move(parts), span);
}

}  // namespace

Expr* Typer::cuda_value(const std::string& name, const Span& span) {
  std::string f;
  if (!cuda_name(name, f)) return nullptr;
  auto it = registers().find(f);
  if (it == registers().end()) return nullptr;
  if (!on_cuda()) fail(Diag::OnlyInKernel, span, {"cuda." + f});
  return make_op(Opcode::Sreg, int_type(32), {}, span, static_cast<int64_t>(it->second));
}

Expr* Typer::cuda_call(const std::string& name, CallArgs& args) {
  std::string f;
  if (!cuda_name(name, f)) return nullptr;
  const Span& span = args.span;
  std::vector<Expr*>& a = args.positional;
  std::string shown = "cuda." + f;
  if (!on_cuda()) fail(Diag::OnlyInKernel, span, {shown});
  if (Expr* e = libdevice_call(*this, name, args)) return e;
  if (Expr* e = bfloat_conversion(*this, name, args)) return e;
  if (Expr* e = cache_hint_call(*this, f, args)) return e;
  if (Expr* e = vector_value(*this, f, args)) return e;
  if (f == "cg.this_grid" && a.empty())
    return make_static(builtin_type(std::string(kPrefix) + "cg.GridGroup"), span);
  if (f == "cg.GridGroup.sync" && a.empty())
    return make_op(Opcode::Collective, none_type(), {}, span, static_cast<int64_t>(CollectiveOp::SyncGrid));
  auto keyword = [&](const char* key, size_t position) -> Expr* {
    for (auto& [k, v] : args.keywords)
      if (k == key) return v;
    return position < a.size() ? a[position] : nullptr;
  };
  auto sreg = [&](Sreg s) { return make_op(Opcode::Sreg, int_type(32), {}, span, static_cast<int64_t>(s)); };
  if (f == "grid" || f == "gridsize") {
    Expr* n = keyword("ndim", 0);
    auto dims = n ? literal(n) : std::nullopt;
    if (!dims || *dims < 1 || *dims > 3)
      fail(Diag::NeedsConstant, span, {"the argument of " + shown + " (1, 2 or 3)"});
    std::vector<Expr*> parts;
    for (int i = 0; i < *dims; ++i) {
      auto at = [&](Sreg base) { return to_i64(sreg(static_cast<Sreg>(static_cast<int>(base) + i))); };
      if (f == "grid")
        parts.push_back(make_op(
            Opcode::Add, i64(),
            {make_op(Opcode::Mul, i64(), {at(Sreg::CtaidX), at(Sreg::NtidX)}, span), at(Sreg::TidX)}, span));
      else
        parts.push_back(make_op(Opcode::Mul, i64(), {at(Sreg::NtidX), at(Sreg::NctaidX)}, span));
    }
    return parts.size() == 1 ? parts[0] : make_tuple(std::move(parts), span);
  }
  if (f == "syncthreads" && a.empty()) return make_op(Opcode::Barrier, none_type(), {}, span);
  if (f == "threadfence_block" || f == "threadfence" || f == "threadfence_system")
    return make_op(Opcode::Fence, none_type(), {}, span,
                   f == "threadfence_block" ? 0
                   : f == "threadfence"     ? 1
                                            : 2);
  if (f == "shared.array" || f == "local.array") {
    bool shared = f[0] == 's';
    for (auto& [key, value] : args.keywords)
      if (key != "shape" && key != "dtype" && key != "alignment")
        fail(Diag::UnknownKeyword, span, {shown + "()", key});
    if (Expr* alignment = keyword("alignment", 2); alignment && !alignment->type->is_none()) {
      // All start at multiples of 16.
      auto bytes = literal(alignment);
      if (!bytes || *bytes < 1 || *bytes > 16 || (*bytes & (*bytes - 1)) != 0)
        fail(Diag::NeedsConstant, alignment->span, {"the alignment (a power of two, at most 16)"});
    }
    Expr *shape = keyword("shape", 0), *dtype = keyword("dtype", 1);
    if (!shape || !dtype) fail(Diag::MissingArgument, span, {shown, shape ? "dtype" : "shape"});
    if (!dtype->type->is(TypeKind::TypeObject))
      fail(Diag::NoOverload, dtype->span, {shown, type_name(dtype) + " as the dtype"});
    TypeRef elem = dtype->type->elem();
    std::vector<int64_t> dims;
    if (auto v = literal(shape)) {
      dims.push_back(*v);
    } else if (shape->type->is_tuple()) {
      for (TypeRef t : shape->type->elems) {
        if (!t->is(TypeKind::LiteralInt)) fail(Diag::SharedShape, shape->span, {shown}, {});
        dims.push_back(t->value);
      }
    } else {
      fail(Diag::SharedShape, shape->span, {shown});
    }
    int64_t count = 1;
    for (int64_t d : dims) {
      if (d < 0) fail(Diag::SharedShape, shape->span, {shown});
      count *= d;
    }
    TypeRef array = array_type(elem, static_cast<int>(dims.size()), Layout::C);
    std::vector<Expr*> parts = {make_op(Opcode::Undef, owner_type(), {}, span)};
    bool dynamic = shared && dims.size() == 1 && dims[0] == 0;
    if (!dynamic && count == 0) fail(Diag::SharedShape, shape->span, {shown});
    parts.push_back(make_op(dynamic  ? Opcode::DynShared
                            : shared ? Opcode::SharedArray
                                     : Opcode::LocalArray,
                            pointer_type(elem), {}, span, dynamic ? 0 : count));
    if (dynamic) {
      Expr* bytes = make_op(Opcode::DynSharedSize, i64(), {}, span);
      parts.push_back(make_op(Opcode::TruncDiv, i64(),
                              {bytes, make_const(i64(), static_cast<int64_t>(memory_size(elem)), span)},
                              span));
    } else {
      for (int64_t d : dims) parts.push_back(make_const(i64(), d, span));
    }
    return make_op(Opcode::ArrayMake, array, std::move(parts), span);
  }
  if (f == "const.array_like" && a.size() == 1) {
    if (a[0]->kind != ExprKind::ConstArray)
      fail(Diag::NeedsConstant, span, {"the array given to cuda.const.array_like"});
    return a[0];
  }
  if (f.rfind("atomic.", 0) == 0) {
    std::string op = f.substr(7);
    bool swap = op == "compare_and_swap";
    auto it = atomics().find(swap ? "cas" : op);
    if (it == atomics().end()) return nullptr;
    bool cas = it->second == AtomicOp::Cas;
    size_t want = swap ? 3 : cas ? 4 : 3;
    if (a.size() != want)
      fail(Diag::WrongArgumentCount, span, {shown, std::to_string(want), std::to_string(a.size())});
    Expr* array = make_temp(a[0]);
    if (!array->type->is_array()) fail(Diag::NoOverload, span, {shown, type_name(array) + " as the array"});
    if (array->type->readonly) fail(Diag::ReadonlyArray, span);
    TypeRef elem = array->type->elem();
    bool bits_ok = (elem->is_int() || elem->is_float()) && elem->bits >= 32;
    bool int_only = it->second == AtomicOp::And || it->second == AtomicOp::Or ||
                    it->second == AtomicOp::Xor || it->second == AtomicOp::Inc || it->second == AtomicOp::Dec;
    if (!bits_ok || (int_only && !elem->is_int()))
      fail(Diag::NoOverload, span, {shown, "an array of " + shown_type(elem)});
    std::vector<Expr*> indices;
    Expr* index = swap ? make_int(0, span) : a[1];
    if (index->type->is_tuple()) {
      Expr* t = make_temp(index);
      for (size_t i = 0; i < index->type->elems.size(); ++i) indices.push_back(tuple_item(t, i, span));
    } else {
      indices.push_back(index);
    }
    if (swap && array->type->ndim != 1) fail(Diag::NoOverload, span, {shown, type_name(array)});
    if (indices.size() != array->type->ndim)
      fail(Diag::TooManyIndices, span,
           {type_name(array), std::to_string(array->type->ndim), std::to_string(indices.size())});
    for (Expr* i : indices)
      if (!unliteral(i->type)->is_int()) fail(Diag::BadIndex, span, {type_name(array), type_name(i)});
    Expr* pointer = element(array, indices, span);
    pointer->opcode = Opcode::ElemPtr;
    pointer->type = pointer_type(elem);
    auto value = [&](Expr* v) {
      v = materialise(v);
      if (!v->type->is_real()) fail(Diag::NoOverload, span, {shown, type_name(v)});
      return cast_number(v, elem, span);
    };
    std::vector<Expr*> operands = {pointer};
    if (cas) operands.push_back(value(a[swap ? 1 : 2]));
    operands.push_back(value(a.back()));
    return make_op(Opcode::AtomicRmw, elem, std::move(operands), span, static_cast<int64_t>(it->second));
  }
  static const std::unordered_map<std::string, Opcode> kBits = {{"popc", Opcode::Popc}, {"clz", Opcode::Clz}};
  if (auto it = kBits.find(f); it != kBits.end() && a.size() == 1) {
    Expr* x = materialise(a[0]);
    if (!x->type->is_int()) fail(Diag::NoOverload, span, {shown, type_name(x)});
    return make_op(it->second, x->type, {x}, span);
  }
  if (f == "selp" && a.size() == 3) {
    TypeRef t = unify(a[1]->type, a[2]->type);
    if (!t) fail(Diag::NoOverload, span, {shown, type_list(a)});
    return make_op(Opcode::Select, t,
                   {materialise(truth(a[0], span)), convert(a[1], t, span), convert(a[2], t, span)}, span);
  }
  static const std::unordered_map<std::string, MathFn> kMath = {
      {"fma", MathFn::Fma}, {"cbrt", MathFn::Cbrt}, {"rsqrt", MathFn::Rsqrt}};
  if (auto it = kMath.find(f);
      it != kMath.end() && static_cast<int>(a.size()) == math_info(it->second).arity) {
    TypeRef t = nullptr;
    for (Expr*& e : a) {
      e = materialise(e);
      if (!e->type->is_real()) fail(Diag::NoOverload, span, {shown, type_list(a)});
      t = t ? arith_type(t, e->type) : e->type;
    }
    if (!t->is_float()) t = f64();
    std::vector<Expr*> operands;
    for (Expr* e : a) operands.push_back(cast_number(e, t, span));
    return make_op(Opcode::Math, t, std::move(operands), span, static_cast<int64_t>(it->second));
  }
  return nullptr;
}

}  // namespace cantil::frontend
