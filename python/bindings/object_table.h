// Python objects that the compiler refers to by number (Captured::object_ref, a type's class_ref): kept for
// the life of the process, since compiled code may come back to them at any time.
#pragma once
#include <Python.h>

#include <cstdint>

namespace cantil::bindings {

// The object's number; the same object always gets the same one. Needs the GIL.
int64_t keep_object(PyObject* object);

// Borrowed; nullptr (no exception set) when there is no such number. Needs the GIL.
PyObject* kept_object(int64_t ref);

}  // namespace cantil::bindings
