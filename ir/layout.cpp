// Flattening of values to leaves, the packed form and the memory form.
#include "ir/layout.h"

#include <algorithm>

#include "support/diagnostics.h"

namespace cantil::ir {
namespace {

LeafKind int_leaf(int bits) {
  return bits == 8 ? LeafKind::I8 : bits == 16 ? LeafKind::I16 : bits == 32 ? LeafKind::I32 : LeafKind::I64;
}

LeafKind float_leaf(int bits) {
  return bits == 16 ? LeafKind::F16 : bits == 32 ? LeafKind::F32 : LeafKind::F64;
}

// Calls `leaf` with each leaf of `t` in order.
template <class F>
void each_leaf(TypeRef t, F&& leaf) {
  switch (t->kind) {
    case TypeKind::Bool:
      leaf(LeafKind::I8);
      return;
    case TypeKind::Int:
      leaf(int_leaf(t->bits));
      return;
    case TypeKind::Float:
      leaf(float_leaf(t->bits));
      return;
    case TypeKind::Complex:
      leaf(float_leaf(t->bits / 2));
      leaf(float_leaf(t->bits / 2));
      return;
    case TypeKind::Choice:
      leaf(LeafKind::I64);
      [[fallthrough]];
    case TypeKind::Tuple:
    case TypeKind::Closure:
      for (TypeRef e : t->elems) each_leaf(e, leaf);
      return;
    case TypeKind::Array:
      leaf(LeafKind::Owner);
      leaf(LeafKind::Ptr);
      for (int i = 0; i < t->ndim * (t->layout == Layout::A ? 2 : 1); ++i) leaf(LeafKind::I64);
      return;
    case TypeKind::Optional:
      leaf(LeafKind::I8);
      each_leaf(t->elem(), leaf);
      return;
    case TypeKind::Pointer:
      leaf(LeafKind::Ptr);
      return;
    case TypeKind::Owner:
    case TypeKind::Object:
    case TypeKind::Buffer:
      leaf(LeafKind::Owner);
      return;
    case TypeKind::Range:
      for (int i = 0; i < 3; ++i) each_leaf(t->elem(), leaf);
      return;
    case TypeKind::Slice:
      for (int bit = 1; bit <= 4; bit <<= 1)
        if (t->value & bit) leaf(LeafKind::I64);
      return;
    default:  // none and the compile-time-only types
      return;
  }
}

size_t align_up(size_t at, size_t align) { return (at + align - 1) / align * align; }

}  // namespace

size_t leaf_size(LeafKind kind) {
  switch (kind) {
    case LeafKind::I8:
      return 1;
    case LeafKind::I16:
    case LeafKind::F16:
      return 2;
    case LeafKind::I32:
    case LeafKind::F32:
      return 4;
    default:
      return 8;
  }
}

size_t append_leaves(TypeRef t, size_t at, std::vector<Leaf>& leaves) {
  each_leaf(t, [&](LeafKind kind) {
    size_t size = leaf_size(kind);
    at = align_up(at, size);
    leaves.push_back({kind, at});
    at += size;
  });
  return at;
}

Packed pack(const std::vector<TypeRef>& values) {
  Packed p;
  size_t at = 0;
  for (TypeRef t : values) {
    p.first_leaf.push_back(p.leaves.size());
    at = append_leaves(t, at, p.leaves);
  }
  p.size = align_up(at, 8);
  return p;
}

size_t memory_align(TypeRef t) {
  size_t align = 1;
  each_leaf(t, [&](LeafKind kind) { align = std::max(align, leaf_size(kind)); });
  return align;
}

size_t memory_size(TypeRef t) {
  size_t at = 0, align = 1;
  each_leaf(t, [&](LeafKind kind) {
    size_t size = leaf_size(kind);
    align = std::max(align, size);
    at = align_up(at, size) + size;
  });
  return align_up(at, align);
}

bool is_counted(TypeRef t) {
  switch (t->kind) {
    case TypeKind::Array:
    case TypeKind::Owner:
    case TypeKind::Object:
    case TypeKind::Buffer:
      return true;
    case TypeKind::Tuple:
    case TypeKind::Closure:
    case TypeKind::Choice:
      return std::any_of(t->elems.begin(), t->elems.end(), is_counted);
    case TypeKind::Optional:
      return is_counted(t->elem());
    default:
      return false;
  }
}

}  // namespace cantil::ir
