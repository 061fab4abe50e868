// What the bindings of calls ask of the compiler's side, in a module that has none: helpers come from inside,
// errors are Python's own classes, and the objects of cantil itself are unknown.
#include <new>
#include <stdexcept>

#include "python/bindings/aot/helper_texts.h"
#include "python/bindings/container_object.h"
#include "python/bindings/cuda_array.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/errors.h"
#include "python/bindings/helpers.h"
#include "python/bindings/instance_object.h"
#include "python/bindings/owner.h"

namespace cantil::bindings {

Ref helper(const char* module, const char* name) {
  static PyObject* modules = checked(PyDict_New()).release();
  PyObject* known = PyDict_GetItemString(modules, module);
  if (!known) {
    Ref made = checked(PyModule_New(module));
    PyObject* globals = PyModule_GetDict(made.get());  // borrowed
    check_status(PyDict_SetItemString(globals, "__builtins__", PyEval_GetBuiltins()));
    checked(PyRun_String(aot::helper_text(module), Py_file_input, globals, globals));
    check_status(PyDict_SetItemString(modules, module, made.get()));
    known = made.get();  // the table holds it
  }
  return attribute(known, name);
}

void set_compile_error(const CompileError& error) {
  std::string text = error.render();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const bool is_value =
      !error.diagnostics().empty() && diag_info(error.diagnostics()[0].id).cls == DiagClass::Value;
  PyErr_SetString(is_value ? PyExc_ValueError : PyExc_TypeError, text.c_str());
}

void set_current_exception() noexcept {
  try {
    throw;
  } catch (const PythonError&) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "an error without an exception");
  } catch (const CompileError& error) {
    set_compile_error(error);
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_SystemError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_SystemError, "an unknown C++ exception");
  }
}

PyTypeObject* device_array_class = nullptr;

std::shared_ptr<frontend::Function> function_of(PyObject*) { return nullptr; }

ir::TypeRef type_of_container(PyObject*) { return nullptr; }

cantil_rt_owner* unbox_container(ir::TypeRef type, PyObject*) {
  PyErr_Format(PyExc_TypeError, "a module compiled ahead of time does not take a %s", type->str().c_str());
  throw PythonError{};
}

PyObject* box_container(ir::TypeRef type, cantil_rt_owner* owner) noexcept {
  release_owner(owner);
  return PyErr_Format(PyExc_TypeError, "a module compiled ahead of time cannot return a %s",
                      type->str().c_str());
}

ir::TypeRef type_of_instance(PyObject*) { return nullptr; }

cantil_rt_owner* unbox_instance(ir::TypeRef type, PyObject* object) { return unbox_container(type, object); }

PyObject* box_instance(ir::TypeRef type, cantil_rt_owner* owner) noexcept {
  return box_container(type, owner);
}

}  // namespace cantil::bindings
