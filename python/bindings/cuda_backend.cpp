// Choosing between the GPU and the simulator, once a process.
#include "host_api/driver.h"
#include "python/bindings/cuda_device.h"
#include "python/bindings/ref.h"
#include "support/diagnostics.h"

namespace cantil::bindings {
namespace {

std::unique_ptr<CudaBackend>& chosen() {
  // Never destroyed: arrays may outlive main.
  static auto* backend = new std::unique_ptr<CudaBackend>;
  return *backend;
}

// The warning is about the user's line, however deep in the package the device was first needed.
void warn_about_simulator(const std::string& why) {
  Ref warn = import_attribute("cantil._warnings", "warn_user");
  Ref category = import_attribute("cantil.errors", "CudaSimulatorWarning");
  Ref text = make_str("no GPU can be used (" + why +
                      "): kernels run on the simulator; CANTIL_CUDA=sim says that this is wanted");
  checked(PyObject_CallFunctionObjArgs(warn.get(), text.get(), category.get(), nullptr));
}

}  // namespace

CudaDevice& host_device() {
  CudaBackend& main = cuda_backend();
  if (std::string_view(main.kind()) == "sim") return main.current();
  static auto* backend = new std::unique_ptr<CudaBackend>(make_sim_backend());
  return (*backend)->current();
}

bool cuda_backend_chosen() { return chosen() != nullptr; }

CudaBackend& cuda_backend() {
  auto& backend = chosen();
  if (backend) [[likely]]
    return *backend;
  std::string mode = text_of(import_attribute("cantil.config", "CUDA").get());
  std::unique_ptr<CudaBackend> made;
  if (mode == "sim") {
    made = make_sim_backend();
  } else if (host_api::Driver::available()) {
    made = make_gpu_backend();
  } else if (mode == "gpu") {
    fail(Diag::NoDriver, {}, {host_api::Driver::why_unavailable()});
  } else {
    warn_about_simulator(host_api::Driver::why_unavailable());
    made = make_sim_backend();
  }
  if (!backend) backend = std::move(made);
  return *backend;
}

}  // namespace cantil::bindings
