// cantil._core.DeviceArray: an array in a device's memory. The Python class DeviceNDArray derives from it.
#pragma once
#include <Python.h>

#include <memory>

#include "ir/type.h"
#include "python/bindings/cuda_device.h"
#include "python/bindings/numpy_api.h"

namespace cantil::bindings {

struct DeviceArrayLayout {
  ir::TypeRef type = nullptr;  // an array type
  uint64_t pointer = 0;        // of the first element
  int ndim = 0;
  npy_intp shape[NPY_MAXDIMS];
  npy_intp strides[NPY_MAXDIMS];  // in bytes
};

struct DeviceArrayState {
  DeviceArrayLayout layout;
  CudaDevice* device = nullptr;
  std::shared_ptr<CudaMemory> memory;
  std::shared_ptr<CudaStream>
      stream;  // that copies and launches use where none is given; null for the default
};

struct DeviceArrayObject {
  PyObject_HEAD DeviceArrayState* state;
};

extern PyTypeObject* device_array_class;

inline DeviceArrayState* device_array(PyObject* object) {
  return device_array_class && PyObject_TypeCheck(object, device_array_class)
             ? reinterpret_cast<DeviceArrayObject*>(object)->state
             : nullptr;
}

// The array type of a device array, nullptr for any other object.
inline ir::TypeRef type_of_device_array(PyObject* object) {
  DeviceArrayState* state = device_array(object);
  return state ? state->layout.type : nullptr;
}

int add_cuda_array(PyObject* module);

}  // namespace cantil::bindings
