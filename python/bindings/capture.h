// Capturing a Python function: its source as a tree, and what its free names stand for.
#pragma once
#include <Python.h>

#include "frontend/function.h"

namespace cantil::bindings {

// Fills `f.tree`, `f.captures`, `f.defaults` and `f.kw_defaults` from a Python function (name, module and
// file, too). Throws CompileError(NoSource) when there is no source, PythonError when a Python exception is
// set. Needs the GIL.
void capture_function(PyObject* function, frontend::Function& f);

// Adds dump_syntax and dump_captures, for tests and for curious developers. Returns -1 with an exception set
// when it fails.
int add_capture(PyObject* module);

}  // namespace cantil::bindings
