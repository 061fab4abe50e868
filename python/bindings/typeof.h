// The type of a Python value as an argument: exact, and quick for what calls are made of.
#pragma once
#include "python/bindings/numpy_api.h"

#include <string>
#include <vector>

#include "ir/type.h"

namespace cantil::bindings {

// The element type of NumPy's dtype number, or nullptr.
ir::TypeRef type_of_dtype_number(int type_number);
// NumPy's dtype number of an element type, or -1.
int dtype_number(ir::TypeRef type);

// The type of an ndarray, or nullptr when its dtype has no type of ours (structured, object, swapped bytes…).
ir::TypeRef type_of_array(PyArrayObject* array);

// All but the quickest cases; nullptr without an exception when the value has no type.
ir::TypeRef typeof_general(PyObject* value);

// The type of a namedtuple class with these elements (a plain tuple's when `cls` has no fields).
ir::TypeRef named_tuple_of(PyObject* cls, std::vector<ir::TypeRef> elems);

struct CommonTypes {  // filled once, so that the hot path takes no lock
  ir::TypeRef int64 = nullptr, uint64 = nullptr, float64 = nullptr, text = nullptr;
};
extern CommonTypes common_types;

// Whether a Python int surely fits int64, by its size alone.
inline bool is_small_int(PyObject* value) {
#if PY_VERSION_HEX >= 0x030C0000
  return PyUnstable_Long_IsCompact(reinterpret_cast<PyLongObject*>(value));
#else
  Py_ssize_t size = Py_SIZE(value);
  return size >= -2 && size <= 2;  // two digits of 30 bits
#endif
}

// The value of an int for which is_small_int holds.
inline int64_t small_int(PyObject* value) {
#if PY_VERSION_HEX >= 0x030C0000
  return PyUnstable_Long_CompactValue(reinterpret_cast<PyLongObject*>(value));
#else
  const digit* digits = reinterpret_cast<PyLongObject*>(value)->ob_digit;
  switch (Py_SIZE(value)) {
    case 0:
      return 0;
    case 1:
      return digits[0];
    case -1:
      return -static_cast<int64_t>(digits[0]);
    case 2:
      return static_cast<int64_t>(digits[0]) | static_cast<int64_t>(digits[1]) << PyLong_SHIFT;
    default:
      return -(static_cast<int64_t>(digits[0]) | static_cast<int64_t>(digits[1]) << PyLong_SHIFT);
  }
#endif
}

inline ir::TypeRef typeof_value(PyObject* value) {
  PyTypeObject* cls = Py_TYPE(value);
  if (cls == &PyFloat_Type) return common_types.float64;
  if (cls == &PyLong_Type && is_small_int(value)) return common_types.int64;
  if (cls == &PyArray_Type) return type_of_array(reinterpret_cast<PyArrayObject*>(value));
  if (cls == &PyUnicode_Type) return common_types.text;
  return typeof_general(value);
}

// A np.random.Generator, and its bitgen_t: null for other objects, or with an exception set.
bool is_generator(PyObject* value);
void* bit_generator_of(PyObject* generator);

// Why typeof_value() gave nullptr, in words for Diag::UnknownArgumentType ("type 'list'", "dtype '>f8'").
std::string describe_untyped(PyObject* value);

// Imports NumPy's C API and fills the tables. Returns -1 with an exception set when it fails.
int init_typeof();

}  // namespace cantil::bindings
