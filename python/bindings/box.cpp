// Packed values of compiled code as Python objects. Numbers become Python's own, as Numba has it.
#include "python/bindings/box.h"

#include <bit>
#include <cstring>

#include "ir/class_types.h"
#include "python/bindings/container_object.h"
#include "python/bindings/instance_object.h"
#include "python/bindings/lists.h"
#include "python/bindings/object_table.h"
#include "python/bindings/owner.h"
#include "python/bindings/ref.h"
#include "python/bindings/texts.h"
#include "python/bindings/typeof.h"

namespace cantil::bindings {

using ir::TypeKind;
using ir::TypeRef;

namespace {

PyObject* box_half(uint16_t bits) {
  Ref descr(reinterpret_cast<PyObject*>(PyArray_DescrFromType(NPY_HALF)));
  Ref scalar(PyArray_Scalar(&bits, reinterpret_cast<PyArray_Descr*>(descr.get()), nullptr));
  return scalar ? PyNumber_Float(scalar.get()) : nullptr;
}

// Whether returning `array` itself gives the caller what the compiled code returned.
bool is_same_array(PyArrayObject* array, TypeRef type, void* data, const npy_intp* shape,
                   const npy_intp* strides) {
  if (PyArray_DATA(array) != data || PyArray_NDIM(array) != type->ndim ||
      type_of_dtype_number(PyArray_TYPE(array)) != type->elem() ||
      static_cast<bool>(PyArray_FLAGS(array) & NPY_ARRAY_WRITEABLE) == type->readonly)
    return false;
  size_t dims = static_cast<size_t>(type->ndim) * sizeof(npy_intp);
  // Without strides of its own the type says the order: a.T of a square array has its data and its shape.
  int order = type->layout == ir::Layout::F ? NPY_ARRAY_F_CONTIGUOUS : NPY_ARRAY_C_CONTIGUOUS;
  return std::memcmp(PyArray_DIMS(array), shape, dims) == 0 &&
         (strides ? std::memcmp(PyArray_STRIDES(array), strides, dims) == 0
                  : (PyArray_FLAGS(array) & order) != 0);
}

}  // namespace

template <typename T>
T Boxer::take() {
  T value;
  std::memcpy(&value, buffer_ + (leaf_++)->offset, sizeof value);
  return value;
}

PyObject* Boxer::next(TypeRef type) noexcept {
  switch (type->kind) {
    case TypeKind::None:
      Py_RETURN_NONE;
    case TypeKind::Bool:
      return PyBool_FromLong(take<uint8_t>());
    case TypeKind::Int:
      switch (type->bits) {
        case 8:
          return PyLong_FromLong(type->is_signed ? take<int8_t>() : take<uint8_t>());
        case 16:
          return PyLong_FromLong(type->is_signed ? take<int16_t>() : take<uint16_t>());
        case 32:
          return PyLong_FromLongLong(type->is_signed ? int64_t{take<int32_t>()} : int64_t{take<uint32_t>()});
        default:
          return type->is_signed ? PyLong_FromLongLong(take<int64_t>())
                                 : PyLong_FromUnsignedLongLong(take<uint64_t>());
      }
    case TypeKind::Float:
      if (type->bits == 64) return PyFloat_FromDouble(take<double>());
      if (type->bits == 32) return PyFloat_FromDouble(take<float>());
      if (type->is_bfloat())
        return PyFloat_FromDouble(std::bit_cast<float>(uint32_t{take<uint16_t>()} << 16));
      return box_half(take<uint16_t>());
    case TypeKind::Complex: {
      if (type->bits == 128) {
        double re = take<double>();
        return PyComplex_FromDoubles(re, take<double>());
      }
      double re = take<float>();
      return PyComplex_FromDoubles(re, take<float>());
    }
    case TypeKind::Optional:
      if (take<uint8_t>()) return next(type->elem());
      skip(type->elem());  // undefined when absent: its owners must not be looked at
      Py_RETURN_NONE;
    case TypeKind::Tuple:
      return tuple(type);
    case TypeKind::Array:
      return array(type);
    case TypeKind::Owner: {  // a text, or what stands for a Python object
      if (type->is_text() || type->is_bytes()) return box_text(type, take<cantil_rt_owner*>());
      auto* owner = take<cantil_rt_owner*>();
      PyObject* object = object_of(owner);
      Py_XINCREF(object);
      release_owner(owner);
      if (object) return object;
      return PyErr_Format(PyExc_TypeError, "compiled code cannot return %s to Python", type->str().c_str());
    }
    case TypeKind::Object:
      if (ir::is_class_instance(type)) return box_instance(type, take<cantil_rt_owner*>());
      return is_copied(type) ? box_list(type, take<cantil_rt_owner*>())
                             : box_container(type, take<cantil_rt_owner*>());
    default:
      discard(type);
      return PyErr_Format(PyExc_TypeError, "compiled code cannot return %s to Python", type->str().c_str());
  }
}

void Boxer::skip(TypeRef type) {
  std::vector<ir::Leaf> leaves;
  ir::append_leaves(type, 0, leaves);
  leaf_ += leaves.size();
}

void Boxer::discard(TypeRef type) {
  if (type->is_tuple()) {
    for (TypeRef elem : type->elems) discard(elem);
  } else if (type->is(TypeKind::Optional)) {
    take<uint8_t>() ? discard(type->elem()) : skip(type->elem());
  } else if (type->is_array()) {
    release_owner(take<cantil_rt_owner*>());
    leaf_ += 1 + type->ndim * (type->layout == ir::Layout::A ? 2 : 1);
  } else if (type->is(TypeKind::Owner) || type->is(TypeKind::Object) || type->is(TypeKind::Buffer)) {
    release_owner(take<cantil_rt_owner*>());
  } else {
    skip(type);
  }
}

PyObject* Boxer::tuple(TypeRef type) {
  Ref result(PyTuple_New(static_cast<Py_ssize_t>(type->elems.size())));
  bool failed = !result;
  for (size_t i = 0; i < type->elems.size(); ++i) {
    if (failed) {
      discard(type->elems[i]);
      continue;
    }
    PyObject* item = next(type->elems[i]);
    if (item)
      PyTuple_SET_ITEM(result.get(), static_cast<Py_ssize_t>(i), item);
    else
      failed = true;
  }
  if (failed) return nullptr;
  if (type->name.empty()) return result.release();
  if (type->name == "LiteralStrKeyDict") {
    Ref dict(PyDict_New());
    for (size_t i = 0; dict && i < type->fields.size(); ++i)
      if (PyDict_SetItem(dict.get(), make_str(type->fields[i]).get(),
                         PyTuple_GET_ITEM(result.get(), static_cast<Py_ssize_t>(i))) < 0)
        return nullptr;
    return dict.release();
  }
  PyObject* cls = kept_object(type->value);  // a namedtuple
  return cls ? PyObject_Call(cls, result.get(), nullptr) : result.release();
}

PyObject* Boxer::array(TypeRef type) {
  auto* owner = take<cantil_rt_owner*>();
  void* data = take<void*>();
  npy_intp shape[NPY_MAXDIMS], strides[NPY_MAXDIMS];
  for (int i = 0; i < type->ndim; ++i) shape[i] = take<int64_t>();
  bool any = type->layout == ir::Layout::A;
  if (any)
    for (int i = 0; i < type->ndim; ++i) strides[i] = take<int64_t>();

  PyObject* object = object_of(owner);
  if (object && PyArray_Check(object) &&
      is_same_array(reinterpret_cast<PyArrayObject*>(object), type, data, shape, any ? strides : nullptr)) {
    Py_INCREF(object);
    release_owner(owner);
    return object;
  }

  PyObject* base = nullptr;
  if (object) {
    base = Py_NewRef(object);
    release_owner(owner);
  } else if (owner) {
    base = wrap_owner(owner);
    if (!base) return nullptr;
  } else {
    base = Py_XNewRef(keeper_);
  }
  PyArray_Descr* descr = PyArray_DescrFromType(dtype_number(type->elem()));
  if (!descr) {
    Py_XDECREF(base);
    PyErr_Clear();
    return PyErr_Format(PyExc_TypeError, "compiled code cannot return %s to Python", type->str().c_str());
  }
  int flags = (type->readonly ? 0 : NPY_ARRAY_WRITEABLE) |
              (type->layout == ir::Layout::F ? NPY_ARRAY_F_CONTIGUOUS : 0);
  PyObject* result = PyArray_NewFromDescr(&PyArray_Type, descr, type->ndim, shape, any ? strides : nullptr,
                                          data, flags, nullptr);
  if (!result) {
    Py_XDECREF(base);
    return nullptr;
  }
  if (base && PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(result), base) < 0) {
    Py_DECREF(result);
    return nullptr;
  }
  return result;
}

PyObject* box_element(TypeRef type, const ir::Packed& packed, const char* at) {
  if (type == common_types.float64) {
    double d;
    std::memcpy(&d, at, sizeof d);
    return PyFloat_FromDouble(d);
  }
  if (ir::is_counted(type)) {
    const ir::OwnerMap map = ir::owner_map({type});
    for (size_t word = 0; word < map.size / 8; ++word)
      if (map.words[word / 64] >> (word % 64) & 1) {
        cantil_rt_owner* owner;
        std::memcpy(&owner, at + 8 * word, sizeof owner);
        cantil_rt_retain(owner);
      }
  }
  return Boxer(packed, at, nullptr).next(type);
}

}  // namespace cantil::bindings
