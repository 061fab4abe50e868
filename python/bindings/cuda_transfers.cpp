// Host arrays passed straight to a kernel.
#include "python/bindings/cuda_transfers.h"

#include <algorithm>

#include "python/bindings/cuda_array.h"
#include "python/bindings/cuda_python.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {
namespace {

// The memory that an array's elements lie in.
std::pair<char*, char*> bounds(PyArrayObject* a) {
  char* low = PyArray_BYTES(a);
  char* high = low;
  for (int i = 0; i < PyArray_NDIM(a); ++i) {
    npy_intp reach = PyArray_STRIDE(a, i) * (PyArray_DIM(a, i) - 1);
    (reach < 0 ? low : high) += reach;
  }
  return {low, high + PyArray_ITEMSIZE(a)};
}

// Our own memory under an array that the device can use as it is.
CudaMemory* shared_memory_under(PyArrayObject* a) {
  PyObject* at = PyArray_BASE(a);
  while (at && PyArray_Check(at)) at = PyArray_BASE(reinterpret_cast<PyArrayObject*>(at));
  if (at && PyMemoryView_Check(at)) at = PyMemoryView_GET_BASE(at);
  CudaMemory* memory = at ? memory_behind(at) : nullptr;
  return memory && memory->host && memory->device ? memory : nullptr;
}

bool is_contiguous(PyArrayObject* a) {
  return PyArray_FLAGS(a) & (NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_F_CONTIGUOUS);
}

}  // namespace

bool holds_host_array(PyObject* value) {
  if (PyArray_Check(value)) return true;
  if (!PyTuple_Check(value)) return false;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); ++i)
    if (holds_host_array(PyTuple_GET_ITEM(value, i))) return true;
  return false;
}

void KernelArrays::gather(PyObject* value) {
  if (PyTuple_Check(value)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); ++i) gather(PyTuple_GET_ITEM(value, i));
  } else if (PyArray_Check(value)) {
    auto* array = reinterpret_cast<PyArrayObject*>(value);
    if (PyArray_SIZE(array) > 0 && !shared_memory_under(array)) arrays_.push_back(array);
  }
}

void KernelArrays::copy_in(PyObject* const* values, size_t count) {
  if (device_.shares_host_memory()) return;
  for (size_t i = 0; i < count; ++i) gather(values[i]);
  if (arrays_.empty()) return;
  for (PyArrayObject* a : arrays_) {
    auto [begin, end] = bounds(a);
    spans_.push_back({begin, end, nullptr});
  }
  std::sort(spans_.begin(), spans_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  size_t last = 0;
  for (size_t i = 1; i < spans_.size(); ++i) {
    if (spans_[i].begin < spans_[last].end)
      spans_[last].end = std::max(spans_[last].end, spans_[i].end);
    else
      spans_[++last] = spans_[i];
  }
  spans_.resize(last + 1);
  for (Span& span : spans_) {
    size_t bytes = static_cast<size_t>(span.end - span.begin);
    // Elements keep their alignment: the span begins where an element does, and device memory is aligned for
    // all.
    span.memory = allocate_by_manager(device_, bytes, stream_);
    GilReleased released;
    device_.copy_to_device(span.memory->device, span.begin, bytes, stream_);
  }
}

uint64_t KernelArrays::address_of(const char* host) const {
  for (const Span& span : spans_)
    if (span.begin <= host && host < span.end)
      return span.memory->device + static_cast<uint64_t>(host - span.begin);
  return 0;  // an empty array
}

void KernelArrays::copy_back() {
  for (PyArrayObject* a : arrays_) {
    if (!PyArray_ISWRITEABLE(a)) continue;
    auto [begin, end] = bounds(a);
    size_t bytes = static_cast<size_t>(end - begin);
    uint64_t from = address_of(begin);
    if (is_contiguous(a)) {
      GilReleased released;
      device_.copy_to_host(begin, from, bytes, nullptr);
      continue;
    }
    // Between the elements lies memory that is not the array's: only the elements are written.
    std::vector<char> copy(bytes);
    {
      GilReleased released;
      device_.copy_to_host(copy.data(), from, bytes, nullptr);
    }
    PyArray_Descr* descr = PyArray_DESCR(a);
    Py_INCREF(descr);
    Ref view = checked(PyArray_NewFromDescr(&PyArray_Type, descr, PyArray_NDIM(a), PyArray_DIMS(a),
                                            PyArray_STRIDES(a), copy.data() + (PyArray_BYTES(a) - begin), 0,
                                            nullptr));
    check_status(PyArray_CopyInto(a, reinterpret_cast<PyArrayObject*>(view.get())));
  }
}

ArraySource::View KernelArrays::view(ir::TypeRef, PyObject* value) {
  if (DeviceArrayState* state = device_array(value)) {
    if (device_.shares_host_memory() != state->device->shares_host_memory()) {
      PyErr_SetString(
          PyExc_TypeError,
          "kernel.cpu takes NumPy arrays: this array lies in a GPU's memory; copy_to_host() gives one");
      throw PythonError{};
    }
    if (stream_ && state->memory) state->device->use_on(*state->memory, stream_);
    return {reinterpret_cast<void*>(state->layout.pointer), state->layout.shape, state->layout.strides};
  }
  if (!PyArray_Check(value)) {
    PyErr_Format(PyExc_TypeError, "a kernel takes device arrays and NumPy arrays, not %R", value);
    throw PythonError{};
  }
  auto* a = reinterpret_cast<PyArrayObject*>(value);
  char* data = PyArray_BYTES(a);
  View seen{data, PyArray_DIMS(a), PyArray_STRIDES(a)};
  if (device_.shares_host_memory()) return seen;
  if (CudaMemory* shared = shared_memory_under(a))
    seen.data = reinterpret_cast<void*>(shared->device +
                                        static_cast<uint64_t>(data - static_cast<char*>(shared->host)));
  else
    seen.data = reinterpret_cast<void*>(address_of(data));
  return seen;
}

}  // namespace cantil::bindings
