// C++ errors as Python exceptions of cantil.errors.
#pragma once
#include <Python.h>

#include "python/bindings/ref.h"
#include "support/diagnostics.h"

namespace cantil::bindings {

// Sets the Python exception for the C++ exception being handled; call it inside catch (...). A PythonError
// leaves the exception that is already set.
void set_current_exception() noexcept;

void set_compile_error(const CompileError& error);

// Runs `body` at the border to Python: its exceptions become Python's, and `failed` is returned.
template <typename Result, typename Body>
Result guarded(Result failed, Body&& body) noexcept {
  try {
    return body();
  } catch (...) {
    set_current_exception();
    return failed;
  }
}

template <typename Body>
PyObject* guarded(Body&& body) noexcept {
  return guarded<PyObject*>(nullptr, static_cast<Body&&>(body));
}

}  // namespace cantil::bindings
