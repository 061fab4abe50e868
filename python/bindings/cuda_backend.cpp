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

void warn_about_simulator(const std::string& why) {
  Ref category = import_attribute("cantil.errors", "CudaSimulatorWarning");
  std::string text = "no GPU can be used (" + why +
                     "): kernels run on the simulator; CANTIL_CUDA=sim says that this is wanted";
  check_status(PyErr_WarnEx(category.get(), text.c_str(), 1));
}

}  // namespace

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
