// A failed call's status as the Python exception that the user's code raised, with the user's frames in its
// traceback.
#pragma once
#include <Python.h>

#include "compiler/job.h"
#include "device_runtime/abi.h"
#include "python/bindings/cuda_device.h"

namespace cantil::bindings {

// Builds the exception of a raise site from its packed run-time arguments; where they are not known (null),
// from its constants. `where` is put before the message. New reference, nullptr with an exception set.
PyObject* make_exception(const compiler::Site& site, const void* packed_args, const std::string& where = {});

// Sets the exception that a kernel raised: its message says which thread it was, as Numba's does, and it has
// the attributes `block` and `thread`.
void raise_kernel_failure(const KernelFailed& failure) noexcept;

// Sets the exception of this thread's cantil_rt_error. `globals` are those of the Python function that was
// called.
void raise_status(const compiler::Artifact& artifact, int32_t status, const cantil_rt_error& error,
                  PyObject* globals);

// Sets `exception` with a traceback of one frame for each of `frames` (innermost first).
void raise_with_frames(PyObject* exception, const std::vector<const compiler::Frame*>& frames,
                       PyObject* globals);

}  // namespace cantil::bindings
