// Python values into the packed form of ir/layout.h.
#include "python/bindings/unbox.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "ir/class_types.h"
#include "python/bindings/container_object.h"
#include "python/bindings/errors.h"
#include "python/bindings/instance_object.h"
#include "python/bindings/lists.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"
#include "python/bindings/texts.h"
#include "python/bindings/typeof.h"

namespace cantil::bindings {

using ir::Leaf;
using ir::TypeKind;
using ir::TypeRef;

namespace {

template <typename T>
void put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}

// Integers wrap like compiled code's own conversions; floats truncate (an explicit signature may ask for
// that).
uint64_t integer_bits(PyObject* value) {
  if (PyLong_Check(value)) {
    uint64_t bits = PyLong_AsUnsignedLongLongMask(value);
    if (bits == static_cast<uint64_t>(-1) && PyErr_Occurred()) throw PythonError{};
    return bits;
  }
  Ref number = checked(PyNumber_Long(value));
  uint64_t bits = PyLong_AsUnsignedLongLongMask(number.get());
  if (bits == static_cast<uint64_t>(-1) && PyErr_Occurred()) throw PythonError{};
  return bits;
}

double float_value(PyObject* value) {
  double d = PyFloat_AsDouble(value);
  if (d == -1.0 && PyErr_Occurred()) throw PythonError{};
  return d;
}

// Rounded to the nearest, ties to even.
uint16_t bfloat_bits(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if (x != x) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void put_half(char* at, PyObject* value) {
  if (!PyArray_IsScalar(value, Half)) {
    Ref converted = checked(PyObject_CallOneArg(reinterpret_cast<PyObject*>(&PyHalfArrType_Type), value));
    PyArray_ScalarAsCtype(converted.get(), at);
  } else {
    PyArray_ScalarAsCtype(value, at);
  }
}

// Writes one value's leaves, advancing `leaf` over them.
class Writer {
 public:
  Writer(char* buffer, ArraySource* arrays) : buffer_(buffer), arrays_(arrays) {}

  void write(TypeRef type, PyObject* value, const Leaf*& leaf) {
    char* at = buffer_ + leaf->offset;
    switch (type->kind) {
      case TypeKind::None:
        return;
      case TypeKind::Bool: {
        int truth = PyObject_IsTrue(value);
        check_status(truth);
        put<uint8_t>(at, truth != 0);
        break;
      }
      case TypeKind::Int: {
        uint64_t bits = integer_bits(value);
        std::memcpy(at, &bits, type->bits / 8);  // little-endian
        break;
      }
      case TypeKind::Float:
        if (type->bits == 64)
          put(at, float_value(value));
        else if (type->bits == 32)
          put(at, static_cast<float>(float_value(value)));
        else if (type->is_bfloat())
          put(at, bfloat_bits(static_cast<float>(float_value(value))));
        else
          put_half(at, value);
        break;
      case TypeKind::Complex: {
        Py_complex c = PyComplex_AsCComplex(value);
        if (c.real == -1.0 && PyErr_Occurred()) throw PythonError{};
        char* imaginary = buffer_ + (++leaf)->offset;
        if (type->bits == 128) {
          put(at, c.real);
          put(imaginary, c.imag);
        } else {
          put(at, static_cast<float>(c.real));
          put(imaginary, static_cast<float>(c.imag));
        }
        break;
      }
      case TypeKind::Tuple:
        write_tuple(type, value, leaf);
        return;
      case TypeKind::Optional:
        write_optional(type, value, leaf);
        return;
      case TypeKind::Array:
        write_array(type, value, leaf);
        return;
      case TypeKind::Object:
        if (!arrays_ && ir::is_class_instance(type)) {
          put(at, unbox_instance(type, value));
          break;
        }
        if (!arrays_) {
          put(at, is_copied(type) ? unbox_list(type, value) : unbox_container(type, value));
          break;
        }
        PyErr_Format(PyExc_TypeError, "%s cannot be passed to a kernel", type->str().c_str());
        throw PythonError{};
      case TypeKind::LiteralInt:  // known while compiling
      case TypeKind::LiteralBool:
      case TypeKind::LiteralStr:
      case TypeKind::Function:
        return;                // the type says all
      case TypeKind::Owner: {  // str, bytes; np.random.Generator
        if (type->is_text() || type->is_bytes()) {
          if (arrays_) {
            PyErr_Format(PyExc_TypeError, "%s cannot be passed to a kernel", type->str().c_str());
            throw PythonError{};
          }
          put(at, unbox_text(type, value));
          break;
        }
        void* bits = bit_generator_of(value);
        if (!bits) {
          if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "%s is expected, not %R", type->str().c_str(), value);
          throw PythonError{};
        }
        put(at, own_object(value, bits, 0));
        break;
      }
      default:
        PyErr_Format(PyExc_TypeError, "a Python value cannot be passed as %s", type->str().c_str());
        throw PythonError{};
    }
    ++leaf;
  }

 private:
  void write_tuple(TypeRef type, PyObject* value, const Leaf*& leaf) {
    if (!PyTuple_Check(value) || PyTuple_GET_SIZE(value) != static_cast<Py_ssize_t>(type->elems.size())) {
      PyErr_Format(PyExc_TypeError, "%s is expected, not %R", type->str().c_str(), value);
      throw PythonError{};
    }
    for (size_t i = 0; i < type->elems.size(); ++i)
      write(type->elems[i], PyTuple_GET_ITEM(value, static_cast<Py_ssize_t>(i)), leaf);
  }

  void write_optional(TypeRef type, PyObject* value, const Leaf*& leaf) {
    put<uint8_t>(buffer_ + leaf->offset, value != Py_None);
    ++leaf;
    if (value != Py_None) {
      write(type->elem(), value, leaf);
      return;
    }
    std::vector<Leaf>
        skipped;  // an absent payload is undefined, but its owners are counted: they are null already
    ir::append_leaves(type->elem(), 0, skipped);
    leaf += skipped.size();
  }

  void write_array(TypeRef type, PyObject* value, const Leaf*& leaf) {
    ArraySource::View view{};
    cantil_rt_owner* owner = nullptr;
    if (arrays_) {
      view = arrays_->view(type, value);
    } else {
      if (!PyArray_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s is expected, not %R", type->str().c_str(), value);
        throw PythonError{};
      }
      auto* array = reinterpret_cast<PyArrayObject*>(value);
      view = {PyArray_DATA(array), PyArray_DIMS(array), PyArray_STRIDES(array)};
      owner = own_object(value, view.data, PyArray_NBYTES(array));
    }
    put(buffer_ + leaf->offset, owner);
    put(buffer_ + (++leaf)->offset, view.data);
    for (int i = 0; i < type->ndim; ++i) put<int64_t>(buffer_ + (++leaf)->offset, view.shape[i]);
    if (type->layout == ir::Layout::A)
      for (int i = 0; i < type->ndim; ++i) put<int64_t>(buffer_ + (++leaf)->offset, view.strides[i]);
    ++leaf;
  }

  char* buffer_;
  ArraySource* arrays_;
};

bool holds_list(TypeRef t) {
  if (t->is(TypeKind::Object))
    return is_copied(t) || std::any_of(t->elems.begin(), t->elems.end(), holds_list);
  if (!t->is_tuple() && !t->is(TypeKind::Optional)) return false;
  return std::any_of(t->elems.begin(), t->elems.end(), holds_list);
}

}  // namespace

void unbox_element(const ir::Packed& packed, TypeRef type, PyObject* value, char* at) {
  const Leaf* leaf = packed.leaves.data();
  Leaf none{};
  if (packed.leaves.empty()) leaf = &none;
  Writer(at, nullptr).write(type, value, leaf);
}

ArgumentPlan::ArgumentPlan(const std::vector<TypeRef>& types) : packed_(ir::pack(types)) {
  for (size_t i = 0; i < types.size(); ++i) {
    TypeRef t = types[i];
    Kind kind = t == common_types.float64 ? Kind::Float64
                : t == common_types.int64 ? Kind::Int64
                : t->is_array()           ? Kind::Array
                : t->is_text()            ? Kind::Text
                                          : Kind::Other;
    size_t leaf = packed_.first_leaf[i];
    size_t offset = leaf < packed_.leaves.size() ? packed_.leaves[leaf].offset : 0;
    arguments_.push_back({kind, t->layout == ir::Layout::A, t->ndim, offset, leaf, t});
  }
  has_lists_ = std::any_of(types.begin(), types.end(), holds_list);
  for (const Leaf& leaf : packed_.leaves)
    if (leaf.kind == ir::LeafKind::Owner) owners_.push_back(leaf.offset);
}

void ArgumentPlan::release_at(char* slot) noexcept {
  cantil_rt_owner* owner;
  std::memcpy(&owner, slot, sizeof owner);
  release_owner(owner);
}

bool ArgumentPlan::unbox(PyObject* const* values, char* buffer, ArraySource* arrays) const noexcept {
  for (size_t offset : owners_) std::memset(buffer + offset, 0, sizeof(void*));
  try {
    for (const Argument& a : arguments_) {
      PyObject* value = *values++;
      char* at = buffer + a.offset;
      if (a.kind == Kind::Float64 && PyFloat_CheckExact(value)) {
        put(at, PyFloat_AS_DOUBLE(value));
      } else if (a.kind == Kind::Int64 && PyLong_CheckExact(value) && is_small_int(value)) {
        put(at, small_int(value));
      } else if (a.kind == Kind::Text && !arrays) {
        put(at, unbox_text(a.type, value));
      } else if (a.kind == Kind::Array && !arrays && PyArray_CheckExact(value)) {
        auto* array = reinterpret_cast<PyArrayObject*>(value);
        size_t dims = static_cast<size_t>(a.ndim) * sizeof(npy_intp);
        put(at, own_object(value, PyArray_DATA(array), PyArray_ITEMSIZE(array)));
        put(at + 8, PyArray_DATA(array));
        std::memcpy(at + 16, PyArray_DIMS(array), dims);
        if (a.strides) std::memcpy(at + 16 + dims, PyArray_STRIDES(array), dims);
      } else {
        const Leaf* leaf = packed_.leaves.data() + a.leaf;
        Leaf none{};  // a value without leaves still needs a place to point at
        if (a.leaf >= packed_.leaves.size()) leaf = &none;
        Writer(buffer, arrays).write(a.type, value, leaf);
      }
    }
    return true;
  } catch (...) {
    set_current_exception();
    release(buffer);
    return false;
  }
}

}  // namespace cantil::bindings
