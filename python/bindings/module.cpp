// The extension module cantil._core: registration of what the other files bind.
#include <pybind11/pybind11.h>

#include "python/bindings/ahead.h"
#include "python/bindings/c_function.h"
#include "python/bindings/capture.h"
#include "python/bindings/container_object.h"
#include "python/bindings/cuda_array.h"
#include "python/bindings/cuda_kernel.h"
#include "python/bindings/cuda_link.h"
#include "python/bindings/cuda_python.h"
#include "python/bindings/dispatcher.h"
#include "python/bindings/dlpack.h"
#include "python/bindings/extension_objects.h"
#include "python/bindings/external_function.h"
#include "python/bindings/instance_object.h"
#include "python/bindings/owner.h"
#include "python/bindings/runtime.h"
#include "python/bindings/type_object.h"
#include "python/bindings/typeof.h"
#include "python/bindings/ufunc_object.h"

PYBIND11_MODULE(_core, module) {
  using namespace cantil::bindings;
  module.attr("__version__") = CANTIL_VERSION;
  PyObject* m = module.ptr();
  if (init_typeof() < 0 || init_owner() < 0 || add_type_object(m) < 0 || add_container(m) < 0 ||
      add_instance(m) < 0 || add_extensions(m) < 0 || add_dispatcher(m) < 0 || add_runtime(m) < 0 ||
      add_cuda_array(m) < 0 || add_cuda_kernel(m) < 0 || add_cuda_python(m) < 0 || add_dlpack(m) < 0 ||
      add_cuda_link(m) < 0 || add_external_function(m) < 0 || add_capture(m) < 0 || add_ufunc(m) < 0 ||
      add_c_function(m) < 0 || add_ahead(m) < 0)
    throw pybind11::error_already_set();
}
