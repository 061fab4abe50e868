// What the C runtime asks of Python: where texts are printed, and SciPy's routines.
#include "python/bindings/runtime_hooks.h"

#include <mutex>
#include <string>

#include "device_runtime/abi.h"
#include "device_runtime/blas/blas.h"
#include "python/bindings/ref.h"
#include "python/bindings/texts.h"

namespace cantil::bindings {
namespace {

std::mutex kept_mutex;
std::string kept_text;

// Compiled code prints through Python's sys.stdout, so that redirection works and the order is kept.
void write_to_stdout(const char* text, size_t size) {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject* out = PySys_GetObject("stdout");
  if (out && out != Py_None) {
    Ref string(PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(size), "surrogatepass"));
    if (!string || PyFile_WriteObject(string.get(), out, Py_PRINT_RAW) < 0) PyErr_WriteUnraisable(out);
  }
  PyErr_Restore(type, value, traceback);
}

void print_to_python(const char* text, int64_t size) {
  if (!Py_IsInitialized()) return;
  const bool has_gil = PyGILState_Check();
  if (!has_gil && GilHeldCall::any()) {
    GilHeldCall::keep(text, static_cast<size_t>(size));
    return;
  }
  GilHeld gil;
  GilHeldCall::flush();
  write_to_stdout(text, static_cast<size_t>(size));
}

void print_to_stream(const char* text, int64_t size, int32_t stream, bool flush) {
  if (stream != 2 && !flush) return print_to_python(text, size);
  if (!Py_IsInitialized()) return;
  GilHeld gil;
  if (stream != 2) {
    print_to_python(text, size);
  } else {
    GilHeldCall::flush();
    PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject* out = PySys_GetObject("stderr");
    Ref string(PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(size), "surrogatepass"));
    if (out && out != Py_None && string && PyFile_WriteObject(string.get(), out, Py_PRINT_RAW) < 0)
      PyErr_WriteUnraisable(out);
    PyErr_Restore(type, value, traceback);
  }
  PyObject* out = flush ? PySys_GetObject(stream == 2 ? "stderr" : "stdout") : nullptr;
  if (out && out != Py_None) {
    Ref done(PyObject_CallMethod(out, "flush", nullptr));
    if (!done) PyErr_WriteUnraisable(out);
  }
}

// A BLAS or LAPACK routine as SciPy exports them for Cython. Any thread may ask, also one without the GIL.
void* scipy_routine(const char* name) {
  if (!Py_IsInitialized()) return nullptr;
  GilHeld gil;
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  void* address = nullptr;
  for (const char* module_name : {"scipy.linalg.cython_lapack", "scipy.linalg.cython_blas"}) {
    Ref module(PyImport_ImportModule(module_name));
    Ref table(module ? PyObject_GetAttrString(module.get(), "__pyx_capi__") : nullptr);
    PyObject* capsule = table ? PyDict_GetItemString(table.get(), name) : nullptr;
    if (capsule) address = PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule));
    PyErr_Clear();
    if (address) break;
  }
  PyErr_Restore(type, value, traceback);
  return address;
}

}  // namespace

std::atomic<int> GilHeldCall::count_{0};
std::atomic<bool> GilHeldCall::kept_{false};

void GilHeldCall::keep(const char* text, size_t size) {
  std::lock_guard lock(kept_mutex);
  kept_text.append(text, size);
  kept_.store(true, std::memory_order_release);
}

void GilHeldCall::flush() {
  std::string text;
  {
    std::lock_guard lock(kept_mutex);
    text.swap(kept_text);
    kept_.store(false, std::memory_order_release);
  }
  if (!text.empty()) write_to_stdout(text.data(), text.size());
}

void install_runtime_hooks() {
  cantil_rt_set_print_hook(print_to_python);
  cantil_rt_set_stream_hook(print_to_stream);
  install_text_hooks();
  device_runtime::set_lapack_lookup(scipy_routine);
}

}  // namespace cantil::bindings
