// Who owns an array's memory, across the border: Python objects as owners of compiled code, and the other way
// round.
#pragma once
#include <Python.h>

#include "device_runtime/abi.h"

namespace cantil::bindings {

// An owner that stands for a Python object, count 1. Needs the GIL; from a free list, so that a call
// allocates nothing.
cantil_rt_owner* own_object(PyObject* object, void* data, int64_t size);

// The object behind an owner made by own_object (borrowed), or nullptr for any other owner.
PyObject* object_of(const cantil_rt_owner* owner);

// Drops one count. Needs the GIL.
void release_owner(cantil_rt_owner* owner);

// A Python object that holds one count of `owner` (taken over) until it dies: the base of arrays over its
// memory.
PyObject* wrap_owner(cantil_rt_owner* owner);

int init_owner();

}  // namespace cantil::bindings
