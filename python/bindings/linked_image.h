// A kernel's code together with what was linked to it; cantil.cuda._link does the work.
#pragma once
#include <Python.h>

#include <string>

#include "compiler/job.h"
#include "python/bindings/cuda_device.h"
#include "python/bindings/ref.h"

namespace cantil::bindings {

// What a device loads in the place of the kernel's own code. Throws PythonError (LinkerError).
std::string linked_image(PyObject* kernel, const compiler::Artifact& artifact, const CudaDevice& device,
                         bool& cooperative);

// Runs the setup callbacks of what was linked. Throws PythonError.
void run_setup(PyObject* kernel, const compiler::Artifact& artifact, const CudaCode& code);

// The functions from elsewhere that it calls, a list of "symbol:key".
Ref externals_of(const compiler::Artifact& artifact);

}  // namespace cantil::bindings
