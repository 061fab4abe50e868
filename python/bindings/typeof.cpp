// The type of a Python value as an argument. Types of arrays come from a table indexed by dtype, dimensions
// and flags.
#define CANTIL_NUMPY_IMPORTS
#include "python/bindings/typeof.h"

#include <array>
#include <atomic>
#include <cstring>
#include <unordered_map>

#include "device_runtime/sort/sort.h"
#include "ir/object_types.h"
#include "python/bindings/container_object.h"
#include "python/bindings/cuda_array.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/instance_object.h"
#include "python/bindings/lists.h"
#include "python/bindings/object_table.h"
#include "python/bindings/record_types.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {

using ir::Layout;
using ir::TypeRef;

CommonTypes common_types;

namespace {

constexpr int kDtypeNumbers = NPY_HALF + 1;
constexpr int kTableDims = 8;  // arrays of more dimensions are interned at each call

std::array<TypeRef, kDtypeNumbers> element_types{};
// By dtype number, dimensions, layout (C, F, A), aligned, writeable.
TypeRef array_types[kDtypeNumbers][kTableDims][3][2][2];
std::unordered_map<PyTypeObject*, TypeRef> scalar_types;  // NumPy's scalar classes

TypeRef integer_of_size(size_t bytes, bool is_signed) {
  return ir::int_type(static_cast<int>(bytes * 8), is_signed);
}

TypeRef typeof_int(PyObject* value) {
  int overflow = 0;
  PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow == 0) return common_types.int64;
  if (overflow > 0) {
    PyLong_AsUnsignedLongLong(value);
    if (!PyErr_Occurred()) return common_types.uint64;
    PyErr_Clear();
  }
  return nullptr;
}

TypeRef typeof_tuple(PyObject* value) {
  Py_ssize_t n = PyTuple_GET_SIZE(value);
  std::vector<TypeRef> elems;
  elems.reserve(static_cast<size_t>(n));
  for (Py_ssize_t i = 0; i < n; ++i) {
    TypeRef t = typeof_value(PyTuple_GET_ITEM(value, i));
    if (!t) return nullptr;
    elems.push_back(t);
  }
  if (Py_TYPE(value) == &PyTuple_Type) return ir::tuple_type(std::move(elems));
  return named_tuple_of(reinterpret_cast<PyObject*>(Py_TYPE(value)), std::move(elems));
}

}  // namespace

TypeRef named_tuple_of(PyObject* cls, std::vector<TypeRef> elems) {
  Ref fields(PyObject_GetAttrString(cls, "_fields"));
  if (!fields || !PyTuple_Check(fields.get()) ||
      PyTuple_GET_SIZE(fields.get()) != static_cast<Py_ssize_t>(elems.size())) {
    PyErr_Clear();
    return ir::tuple_type(
        std::move(elems));  // another subclass of tuple: its elements are all that compiled code sees
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < elems.size(); ++i)
    names.push_back(text_of(PyTuple_GET_ITEM(fields.get(), static_cast<Py_ssize_t>(i))));
  return ir::named_tuple_type(reinterpret_cast<PyTypeObject*>(cls)->tp_name, std::move(names),
                              std::move(elems), keep_object(cls));
}

TypeRef type_of_dtype_number(int number) {
  return number >= 0 && number < kDtypeNumbers ? element_types[static_cast<size_t>(number)] : nullptr;
}

int dtype_number(TypeRef type) {
  switch (type->kind) {
    case ir::TypeKind::Bool:
      return NPY_BOOL;
    case ir::TypeKind::Int:
      switch (type->bits) {
        case 8:
          return type->is_signed ? NPY_INT8 : NPY_UINT8;
        case 16:
          return type->is_signed ? NPY_INT16 : NPY_UINT16;
        case 32:
          return type->is_signed ? NPY_INT32 : NPY_UINT32;
        default:
          return type->is_signed ? NPY_INT64 : NPY_UINT64;
      }
    case ir::TypeKind::Float:
      if (type->is_bfloat()) return -1;  // NumPy has none
      return type->bits == 16 ? NPY_HALF : type->bits == 32 ? NPY_FLOAT : NPY_DOUBLE;
    case ir::TypeKind::Complex:
      return type->bits == 64 ? NPY_CFLOAT : NPY_CDOUBLE;
    default:
      return -1;
  }
}

namespace {

// Of numpy.ma: compiled code would see the data and not the mask.
bool is_masked(PyObject* array) {
  for (PyTypeObject* t = Py_TYPE(array); t; t = t->tp_base)
    if (std::strcmp(t->tp_name, "MaskedArray") == 0) return true;
  return false;
}

}  // namespace

TypeRef type_of_array(PyArrayObject* array) {
  if (!PyArray_CheckExact(array) && is_masked(reinterpret_cast<PyObject*>(array))) return nullptr;
  int number = PyArray_TYPE(array);
  TypeRef elem = number == NPY_VOID ? type_of_record(PyArray_DESCR(array)) : type_of_dtype_number(number);
  if (!elem || PyArray_ISBYTESWAPPED(array)) return nullptr;
  int flags = PyArray_FLAGS(array);
  Layout layout = flags & NPY_ARRAY_C_CONTIGUOUS   ? Layout::C
                  : flags & NPY_ARRAY_F_CONTIGUOUS ? Layout::F
                                                   : Layout::A;
  bool aligned = flags & NPY_ARRAY_ALIGNED, writeable = flags & NPY_ARRAY_WRITEABLE;
  int ndim = PyArray_NDIM(array);
  if (ndim >= kTableDims || number == NPY_VOID)
    return ir::array_type(elem, ndim, layout, !writeable, aligned);
  TypeRef& slot = array_types[number][ndim][static_cast<int>(layout)][aligned][writeable];
  if (!slot) slot = ir::array_type(elem, ndim, layout, !writeable, aligned);
  return slot;
}

TypeRef typeof_general(PyObject* value) {
  if (TypeRef instance = type_of_instance(value)) return instance;
  if (TypeRef device = type_of_device_array(value)) return device;
  PyTypeObject* cls = Py_TYPE(value);
  if (cls == &PyBool_Type) return ir::bool_type();
  if (cls == &PyComplex_Type) return ir::complex_type(128);
  if (value == Py_None) return ir::none_type();
  if (auto found = scalar_types.find(cls); found != scalar_types.end()) return found->second;
  if (PyTuple_Check(value)) return typeof_tuple(value);
  if (PyList_Check(value)) return typeof_list(value);
  if (PySet_Check(value)) return typeof_set(value);
  if (PyLong_Check(value)) return typeof_int(value);
  if (PyFloat_Check(value)) return common_types.float64;
  if (PyComplex_Check(value)) return ir::complex_type(128);
  if (PyArray_Check(value)) return type_of_array(reinterpret_cast<PyArrayObject*>(value));
  if (PyUnicode_Check(value)) return ir::text_type();
  if (PyBytes_Check(value)) return ir::bytes_type();
  if (PyByteArray_Check(value)) return ir::bytearray_type();
  if (is_generator(value)) return ir::generator_type();
  if (TypeRef container = type_of_container(value)) return container;
  // A function passed as a value is told by its type: each one is compiled into its caller.
  if (std::shared_ptr<frontend::Function> f = function_of(value))
    return ir::function_type(static_cast<int64_t>(f->id), f->name);
  return nullptr;
}

std::string describe_untyped(PyObject* value) {
  if (PyArray_Check(value) && is_masked(value))
    return "type 'numpy.ma.MaskedArray': pass its data and its mask as two arrays";
  if (PyArray_Check(value)) {
    Ref text(
        PyObject_Str(reinterpret_cast<PyObject*>(PyArray_DESCR(reinterpret_cast<PyArrayObject*>(value)))));
    if (text) return "dtype '" + text_of(text.get()) + "'";
    PyErr_Clear();
  }
  if (PyLong_Check(value)) return "type 'int' beyond 64 bits";
  if (PyTuple_Check(value))
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); ++i)
      if (!typeof_value(PyTuple_GET_ITEM(value, i)))
        return "type 'tuple' that holds one of " + describe_untyped(PyTuple_GET_ITEM(value, i));
  static thread_local int depth = 0;  // a list may hold itself
  if (PyList_Check(value) && depth < 3) {
    if (PyList_GET_SIZE(value) == 0) return "type 'list' without elements";
    TypeRef first = typeof_value(PyList_GET_ITEM(value, 0));
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value); ++i) {
      TypeRef other = typeof_value(PyList_GET_ITEM(value, i));
      if (!other) {
        ++depth;
        std::string inner = describe_untyped(PyList_GET_ITEM(value, i));
        --depth;
        return "type 'list' that holds one of " + inner;
      }
      if (other != first) return "type 'list' that holds both " + first->str() + " and " + other->str();
    }
  }
  std::string text = std::string("type '") + Py_TYPE(value)->tp_name + "'";
  if (Py_TYPE(value)->tp_flags & Py_TPFLAGS_HEAPTYPE)  // a class written in Python
    text += " (of classes, those made with jitclass or NamedTuple can be passed)";
  return text;
}

bool is_generator(PyObject* value) {
  // By name: NumPy's random part is not imported before somebody has one.
  return std::strcmp(Py_TYPE(value)->tp_name, "numpy.random._generator.Generator") == 0;
}

void* bit_generator_of(PyObject* generator) {
  if (!is_generator(generator)) return nullptr;
  Ref bits(PyObject_GetAttrString(generator, "bit_generator"));
  if (!bits) return nullptr;
  Ref capsule(PyObject_GetAttrString(bits.get(), "capsule"));
  return capsule ? PyCapsule_GetPointer(capsule.get(), "BitGenerator") : nullptr;
}

namespace {

// NumPy sorts numbers faster than anything that could be linked in, and compiled code gives the very same
// results.
void register_sorters(int number, TypeRef type) {
  PyArray_Descr* descr = PyArray_DescrFromType(number);
  if (!descr) return PyErr_Clear();
  PyArray_ArrFuncs* f = PyDataType_GetArrFuncs(descr);
  int code = type->bits | (type->is_complex() ? 0x400
                           : type->is_float() ? 0x200
                           : type->is_signed  ? 0x100
                                              : 0);
  if (type->is_bool()) code = 0;
  for (int kind = 0; f && kind < 3; ++kind)
    device_runtime::set_sorters(code, kind, reinterpret_cast<device_runtime::SortFunction>(f->sort[kind]),
                                reinterpret_cast<device_runtime::ArgsortFunction>(f->argsort[kind]));
  Py_DECREF(descr);
}

}  // namespace

int init_typeof() {
  if (_import_array() < 0) return -1;
  common_types = {ir::int_type(64), ir::int_type(64, false), ir::float_type(64), ir::text_type()};

  auto& e = element_types;
  e[NPY_BOOL] = ir::bool_type();
  e[NPY_BYTE] = ir::int_type(8);
  e[NPY_UBYTE] = ir::int_type(8, false);
  e[NPY_SHORT] = integer_of_size(sizeof(short), true);
  e[NPY_USHORT] = integer_of_size(sizeof(short), false);
  e[NPY_INT] = integer_of_size(sizeof(int), true);
  e[NPY_UINT] = integer_of_size(sizeof(int), false);
  e[NPY_LONG] = integer_of_size(sizeof(long), true);
  e[NPY_ULONG] = integer_of_size(sizeof(long), false);
  e[NPY_LONGLONG] = integer_of_size(sizeof(long long), true);
  e[NPY_ULONGLONG] = integer_of_size(sizeof(long long), false);
  e[NPY_HALF] = ir::float_type(16);
  e[NPY_FLOAT] = ir::float_type(32);
  e[NPY_DOUBLE] = ir::float_type(64);
  e[NPY_CFLOAT] = ir::complex_type(64);
  e[NPY_CDOUBLE] = ir::complex_type(128);
  for (int number = 0; number < kDtypeNumbers; ++number) {
    if (!e[static_cast<size_t>(number)]) continue;
    PyArray_Descr* descr = PyArray_DescrFromType(number);
    if (!descr) return -1;
    register_sorters(number, e[static_cast<size_t>(number)]);
    scalar_types[descr->typeobj] = e[static_cast<size_t>(number)];
    Py_DECREF(descr);
  }
  return 0;
}

}  // namespace cantil::bindings
