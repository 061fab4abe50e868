// The C runtime as Python sees it: threads, leak counts, printing; and diagnostics raised from Python.
#include "python/bindings/runtime.h"

#include <mutex>
#include <string>

#include "compiler/job.h"
#include "device_runtime/abi.h"
#include "device_runtime/blas/blas.h"
#include "python/bindings/errors.h"
#include "python/bindings/ref.h"
#include "support/trace.h"

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
    Ref string(PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(size), "replace"));
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

PyObject* get_num_threads(PyObject*, PyObject*) { return PyLong_FromLong(cantil_rt_num_threads()); }
PyObject* max_threads(PyObject*, PyObject*) { return PyLong_FromLong(cantil_rt_max_threads()); }
PyObject* get_thread_id(PyObject*, PyObject*) { return PyLong_FromLong(cantil_rt_thread_id()); }
PyObject* live_blocks(PyObject*, PyObject*) { return PyLong_FromLongLong(cantil_rt_live_blocks()); }

PyObject* set_num_threads(PyObject*, PyObject* count) {
  long n = PyLong_AsLong(count);
  if (n == -1 && PyErr_Occurred()) return nullptr;
  if (n < 1 || n > cantil_rt_max_threads())
    return PyErr_Format(PyExc_ValueError, "The number of threads must be between 1 and %d",
                        cantil_rt_max_threads());
  cantil_rt_set_num_threads(static_cast<int32_t>(n));
  Py_RETURN_NONE;
}

PyObject* reload_settings(PyObject*, PyObject*) {
  reload_trace_settings();
  Py_RETURN_NONE;
}

// raise_diagnostic(name, *arguments): the way for Python code to an error with code, text and help.
PyObject* raise_diagnostic(PyObject*, PyObject* args) {
  return guarded([&]() -> PyObject* {
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 1 || !PyUnicode_Check(PyTuple_GET_ITEM(args, 0)))
      return PyErr_Format(PyExc_TypeError, "raise_diagnostic(name, *arguments)");
    std::string name = text_of(PyTuple_GET_ITEM(args, 0));
    std::vector<std::string> texts;
    for (Py_ssize_t i = 1; i < n; ++i)
      texts.push_back(text_of(checked(PyObject_Str(PyTuple_GET_ITEM(args, i))).get()));
    static const std::pair<const char*, Diag> kNames[] = {
#define DIAG(name, code, cls, text, help) {#name, Diag::name},
#include "support/diagnostics.def"
#undef DIAG
    };
    for (const auto& [known, id] : kNames)
      if (name == known) fail(id, {}, std::move(texts));
    return PyErr_Format(PyExc_ValueError, "no diagnostic is called %s", name.c_str());
  });
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

PyMethodDef functions[] = {
    {"get_num_threads", get_num_threads, METH_NOARGS, "How many threads parallel code uses."},
    {"set_num_threads", set_num_threads, METH_O, "Sets how many threads parallel code uses."},
    {"max_threads", max_threads, METH_NOARGS, "The most threads that parallel code may use."},
    {"get_thread_id", get_thread_id, METH_NOARGS, "This thread's number among those of a parallel region."},
    {"live_blocks", live_blocks, METH_NOARGS, "How many heap blocks of compiled code are alive."},
    {"reload_settings", reload_settings, METH_NOARGS, "Reads CANTIL_DUMP and CANTIL_TIMING again."},
    {"raise_diagnostic", raise_diagnostic, METH_VARARGS, "raise_diagnostic(name, *arguments)"},
    {nullptr, nullptr, 0, nullptr}};

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

int add_runtime(PyObject* module) {
  cantil_rt_set_print_hook(print_to_python);
  device_runtime::set_lapack_lookup(scipy_routine);
  return PyModule_AddFunctions(module, functions);
}

}  // namespace cantil::bindings
