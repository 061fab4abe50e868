// Devices, streams, events and memory as Python objects (pybind11), for cantil.cuda.
#pragma once
#include <Python.h>

#include <memory>

#include "python/bindings/cuda_device.h"

namespace cantil::bindings {

// Each throws PythonError (TypeError) for an object of another class; None is no stream and no memory.
CudaDevice* device_from_python(PyObject* object);
std::shared_ptr<CudaMemory> memory_from_python(PyObject* object);
std::shared_ptr<CudaStream> stream_from_python(PyObject* object);

// What is behind an object that is a Memory or a Stream; null, without an exception, for any other.
CudaMemory* memory_behind(PyObject* object);
std::shared_ptr<CudaStream> stream_behind(PyObject* object);

// Device memory for what a launch copies: from the memory manager that Python code has set, else from the
// device. Needs the GIL.
std::shared_ptr<CudaMemory> allocate_by_manager(CudaDevice& device, size_t bytes,
                                                const std::shared_ptr<CudaStream>& stream);

// New references; a null pointer is None.
PyObject* device_to_python(CudaDevice& device);
PyObject* memory_to_python(const std::shared_ptr<CudaMemory>& memory);
PyObject* stream_to_python(const std::shared_ptr<CudaStream>& stream);

int add_cuda_python(PyObject* module);

}  // namespace cantil::bindings
