// What stands in the brackets of `kernel[…]`.
#include "python/bindings/launch_config.h"

#include "python/bindings/cuda_python.h"
#include "python/bindings/ref.h"
#include "support/diagnostics.h"

namespace cantil::bindings {
namespace {

[[noreturn]] void refuse_configuration(const std::string& what) {
  fail(Diag::LaunchLimit, {},
       {what,
        "a configuration is [blocks, threads], each an integer or a tuple of one to three of them, all at "
        "least 1"});
}

void read_dimensions(PyObject* given, const char* what, unsigned* out) {
  auto one = [&](PyObject* value, int axis) {
    if (!PyIndex_Check(value)) {
      PyErr_Format(PyExc_TypeError, "%s must be an integer or a tuple of integers, not %R", what, given);
      throw PythonError{};
    }
    Py_ssize_t n = PyNumber_AsSsize_t(value, PyExc_OverflowError);
    if (n == -1 && PyErr_Occurred()) throw PythonError{};
    if (n < 1 || n > 0x7fffffff)
      refuse_configuration(std::string(what) + " has " + std::to_string(n) + " in dimension " +
                           std::to_string(axis));
    out[axis] = static_cast<unsigned>(n);
  };
  if (!PyTuple_Check(given) && !PyList_Check(given)) return one(given, 0);
  Ref items = checked(PySequence_Fast(given, "a tuple is expected"));
  Py_ssize_t n = PySequence_Fast_GET_SIZE(items.get());
  if (n < 1 || n > 3) refuse_configuration(std::string(what) + " has " + std::to_string(n) + " dimensions");
  for (Py_ssize_t i = 0; i < n; ++i) one(PySequence_Fast_GET_ITEM(items.get(), i), static_cast<int>(i));
}

// None and 0 are the default stream, other integers a driver's handle; also objects with __cuda_stream__.
std::shared_ptr<CudaStream> read_stream(PyObject* given) {
  if (given == Py_None) return nullptr;
  if (PyLong_Check(given)) {
    unsigned long long handle = PyLong_AsUnsignedLongLong(given);
    if (PyErr_Occurred()) throw PythonError{};
    return handle == 0 ? nullptr : cuda_backend().current().wrap_stream(handle, nullptr);
  }
  if (std::shared_ptr<CudaStream> own = stream_behind(given)) return own;
  if (PyObject_HasAttrString(given, "__cuda_stream__")) {
    Ref pair = checked(PyObject_CallMethod(given, "__cuda_stream__", nullptr));
    unsigned long long version = 0, handle = 0;
    if (!PyArg_ParseTuple(pair.get(), "KK", &version, &handle)) throw PythonError{};
    return handle == 0 ? nullptr : cuda_backend().current().wrap_stream(handle, share(given));
  }
  return stream_from_python(given);
}

}  // namespace

void read_configuration(PyObject* given, CudaLaunch& config) {
  if (!PyTuple_Check(given))
    refuse_configuration("a kernel is configured with at least the number of blocks and of threads");
  Py_ssize_t n = PyTuple_GET_SIZE(given);
  if (n < 2 || n > 4)
    refuse_configuration(
        "a kernel is configured with 2 to 4 values [blocks, threads, stream, shared memory], not " +
        std::to_string(n));
  read_dimensions(PyTuple_GET_ITEM(given, 0), "the grid", config.grid);
  read_dimensions(PyTuple_GET_ITEM(given, 1), "the block", config.block);
  if (n >= 3) config.stream = read_stream(PyTuple_GET_ITEM(given, 2));
  if (n == 4) {
    Py_ssize_t bytes = PyNumber_AsSsize_t(PyTuple_GET_ITEM(given, 3), PyExc_OverflowError);
    if (bytes == -1 && PyErr_Occurred()) throw PythonError{};
    if (bytes < 0 || bytes > 0x7fffffff)
      refuse_configuration("the dynamic shared memory is " + std::to_string(bytes) + " bytes");
    config.shared_bytes = static_cast<unsigned>(bytes);
  }
}

}  // namespace cantil::bindings
