// The C runtime as Python sees it: threads, leak counts; and diagnostics raised from Python.
#include "python/bindings/runtime.h"

#include <string>

#include "compiler/disk_cache.h"
#include "compiler/job.h"
#include "device_runtime/abi.h"
#include "python/bindings/errors.h"
#include "python/bindings/object_blocks.h"
#include "python/bindings/ref.h"
#include "python/bindings/runtime_hooks.h"
#include "support/trace.h"

namespace cantil::bindings {
namespace {

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

PyObject* get_parallel_chunksize(PyObject*, PyObject*) {
  return PyLong_FromLongLong(cantil_rt_get_parallel_chunksize());
}

PyObject* set_parallel_chunksize(PyObject*, PyObject* size) {
  const long long n = PyLong_AsLongLong(size);
  if (n == -1 && PyErr_Occurred()) return nullptr;
  if (n < 0) return PyErr_Format(PyExc_ValueError, "chunksize must be greater than or equal to zero");
  return PyLong_FromLongLong(cantil_rt_set_parallel_chunksize(n));
}

PyObject* threading_layer(PyObject*, PyObject* wanted) {
  const long n = PyLong_AsLong(wanted);
  if (n == -1 && PyErr_Occurred()) return nullptr;
  return PyLong_FromLong(cantil_rt_threading_layer(static_cast<int32_t>(n)));
}

PyObject* parallel_used(PyObject*, PyObject*) { return PyBool_FromLong(cantil_rt_parallel_used()); }

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

PyObject* is_sound_entry(PyObject*, PyObject* path) {
  return guarded([&] { return PyBool_FromLong(compiler::is_sound_entry(text_of(path))); });
}

PyMethodDef functions[] = {
    {"get_num_threads", get_num_threads, METH_NOARGS, "How many threads parallel code uses."},
    {"set_num_threads", set_num_threads, METH_O, "Sets how many threads parallel code uses."},
    {"max_threads", max_threads, METH_NOARGS, "The most threads that parallel code may use."},
    {"get_thread_id", get_thread_id, METH_NOARGS, "This thread's number among those of a parallel region."},
    {"get_parallel_chunksize", get_parallel_chunksize, METH_NOARGS, "How long pieces of a region are to be."},
    {"set_parallel_chunksize", set_parallel_chunksize, METH_O, "Sets that; gives the former size."},
    {"threading_layer", threading_layer, METH_O, "Wants a layer, by number; gives the one in use."},
    {"parallel_used", parallel_used, METH_NOARGS, "Whether a parallel region has run."},
    {"live_blocks", live_blocks, METH_NOARGS, "How many heap blocks of compiled code are alive."},
    {"reload_settings", reload_settings, METH_NOARGS, "Reads CANTIL_DUMP and CANTIL_TIMING again."},
    {"is_sound_entry", is_sound_entry, METH_O, "Whether a file is a whole entry of the disk cache."},
    {"raise_diagnostic", raise_diagnostic, METH_VARARGS, "raise_diagnostic(name, *arguments)"},
    {nullptr, nullptr, 0, nullptr}};

}  // namespace

int add_runtime(PyObject* module) {
  add_object_blocks();
  install_runtime_hooks();
  return PyModule_AddFunctions(module, functions);
}

}  // namespace cantil::bindings
