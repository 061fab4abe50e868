// cantil._core.DeviceArray: an array in a device's memory.
#include "python/bindings/cuda_array.h"

#include <pybind11/pybind11.h>

#include "ir/layout.h"
#include "python/bindings/cuda_python.h"
#include "python/bindings/errors.h"
#include "python/bindings/ref.h"
#include "python/bindings/type_object.h"

namespace cantil::bindings {

PyTypeObject* device_array_class = nullptr;

namespace {

// The layout that NumPy's flags would show: dimensions of one element, and empty arrays, do not disturb
// contiguity.
ir::Layout layout_of(int ndim, const npy_intp* shape, const npy_intp* strides, npy_intp item) {
  npy_intp c_stride = item, f_stride = item;
  bool c = true, f = true;
  for (int i = 0; i < ndim; ++i)
    if (shape[i] == 0) return ir::Layout::C;
  for (int i = ndim - 1; i >= 0; --i) {
    if (shape[i] != 1 && strides[i] != c_stride) c = false;
    c_stride *= shape[i];
  }
  for (int i = 0; i < ndim; ++i) {
    if (shape[i] != 1 && strides[i] != f_stride) f = false;
    f_stride *= shape[i];
  }
  return c ? ir::Layout::C : f ? ir::Layout::F : ir::Layout::A;
}

int read_dims(PyObject* sequence, npy_intp* dims) {
  Ref items = checked(PySequence_Fast(sequence, "a tuple of integers is expected"));
  Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
  if (n > NPY_MAXDIMS) {
    PyErr_Format(PyExc_ValueError, "an array has at most %d dimensions", NPY_MAXDIMS);
    throw PythonError{};
  }
  for (Py_ssize_t i = 0; i < n; ++i) {
    dims[i] = PyNumber_AsSsize_t(PySequence_Fast_GET_ITEM(items.get(), i), PyExc_OverflowError);
    if (dims[i] == -1 && PyErr_Occurred()) throw PythonError{};
  }
  return static_cast<int>(n);
}

PyObject* tuple_of(int n, const npy_intp* values) {
  PyObject* tuple = PyTuple_New(n);
  for (int i = 0; tuple && i < n; ++i) {
    PyObject* value = PyLong_FromSsize_t(values[i]);
    if (!value) Py_CLEAR(tuple);
    if (tuple) PyTuple_SET_ITEM(tuple, i, value);
  }
  return tuple;
}

DeviceArrayState& state_of(PyObject* self) { return *reinterpret_cast<DeviceArrayObject*>(self)->state; }

// DeviceArray(dtype, shape, strides, device, memory, pointer, stream=None, readonly=False)
PyObject* array_new(PyTypeObject* cls, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"dtype",   "shape",  "strides",  "device", "memory",
                                "pointer", "stream", "readonly", nullptr};
  PyObject *dtype, *shape, *strides, *device, *memory, *stream = Py_None;
  unsigned long long pointer = 0;
  int readonly = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOOOK|Op", const_cast<char**>(names), &dtype, &shape,
                                   &strides, &device, &memory, &pointer, &stream, &readonly))
    return nullptr;
  return guarded([&]() -> PyObject* {
    auto state = std::make_unique<DeviceArrayState>();
    ir::TypeRef elem = type_denoted_by(dtype);
    if (!elem) return PyErr_Format(PyExc_TypeError, "device arrays have no elements of %R", dtype);
    DeviceArrayLayout& layout = state->layout;
    layout.ndim = read_dims(shape, layout.shape);
    if (read_dims(strides, layout.strides) != layout.ndim)
      return PyErr_Format(PyExc_ValueError, "shape and strides differ in length");
    layout.pointer = pointer;
    ir::Layout l =
        layout_of(layout.ndim, layout.shape, layout.strides, static_cast<npy_intp>(ir::memory_size(elem)));
    layout.type = ir::array_type(elem, layout.ndim, l, readonly != 0);
    state->device = device_from_python(device);
    state->memory = memory_from_python(memory);
    state->stream = stream_from_python(stream);
    Ref object = checked(cls->tp_alloc(cls, 0));
    reinterpret_cast<DeviceArrayObject*>(object.get())->state = state.release();
    return object.release();
  });
}

void array_dealloc(PyObject* self) {
  PyTypeObject* cls = Py_TYPE(self);
  delete reinterpret_cast<DeviceArrayObject*>(self)->state;
  cls->tp_free(self);
  Py_DECREF(cls);
}

PyObject* get_shape(PyObject* self, void*) {
  return tuple_of(state_of(self).layout.ndim, state_of(self).layout.shape);
}
PyObject* get_strides(PyObject* self, void*) {
  return tuple_of(state_of(self).layout.ndim, state_of(self).layout.strides);
}
PyObject* get_ndim(PyObject* self, void*) { return PyLong_FromLong(state_of(self).layout.ndim); }
PyObject* get_pointer(PyObject* self, void*) {
  return PyLong_FromUnsignedLongLong(state_of(self).layout.pointer);
}
PyObject* get_type(PyObject* self, void*) { return wrap_type(state_of(self).layout.type); }
PyObject* get_memory(PyObject* self, void*) { return memory_to_python(state_of(self).memory); }
PyObject* get_stream(PyObject* self, void*) { return stream_to_python(state_of(self).stream); }
PyObject* get_device(PyObject* self, void*) { return device_to_python(*state_of(self).device); }
PyObject* get_size(PyObject* self, void*) {
  npy_intp n = 1;
  for (int i = 0; i < state_of(self).layout.ndim; ++i) n *= state_of(self).layout.shape[i];
  return PyLong_FromSsize_t(n);
}

PyGetSetDef getset[] = {
    {"shape", get_shape, nullptr, "Extents, a tuple.", nullptr},
    {"strides", get_strides, nullptr, "Bytes from one element to the next, a tuple.", nullptr},
    {"ndim", get_ndim, nullptr, "The number of dimensions.", nullptr},
    {"size", get_size, nullptr, "The number of elements.", nullptr},
    {"_pointer", get_pointer, nullptr, nullptr, nullptr},
    {"_numba_type_", get_type, nullptr, "The type as a kernel's argument.", nullptr},
    {"_memory", get_memory, nullptr, nullptr, nullptr},
    {"_device", get_device, nullptr, nullptr, nullptr},
    {"stream", get_stream, nullptr, "The stream it is copied on by default, or None.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(array_new)},
                       {Py_tp_dealloc, reinterpret_cast<void*>(array_dealloc)},
                       {Py_tp_getset, getset},
                       {0, nullptr}};
PyType_Spec spec = {"cantil._core.DeviceArray", sizeof(DeviceArrayObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

}  // namespace

int add_cuda_array(PyObject* module) {
  device_array_class = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!device_array_class) return -1;
  return PyModule_AddObject(module, "DeviceArray",
                            Py_NewRef(reinterpret_cast<PyObject*>(device_array_class)));
}

}  // namespace cantil::bindings
