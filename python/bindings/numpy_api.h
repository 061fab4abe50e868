// NumPy's C API for all files of the bindings; exactly one file defines CANTIL_NUMPY_IMPORTS and calls
// import_numpy().
#pragma once
#include <Python.h>

#define PY_ARRAY_UNIQUE_SYMBOL cantil_numpy_api
#ifndef CANTIL_NUMPY_IMPORTS
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>
