// Opens libcuda and fills the table of its functions.
#include "host_api/driver.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cantil::host_api {
namespace {

// cuThreadExchangeStreamCaptureMode and the rest of the REQUIRED rows are in every driver since this version.
constexpr int kOldestVersion = 11000;

enum Need { REQUIRED, OPTIONAL };

struct Opened {
  std::unique_ptr<const Driver> driver;
  std::optional<DriverUnavailable> failure;
};

std::mutex opening;
// Never destroyed: objects with static storage elsewhere may free device memory after main has returned.
Opened* opened = nullptr;
std::atomic<const Driver*> ready{nullptr};

std::string open_problem(const std::string& library, const char* reason) {
  return "No CUDA driver was found: " + library + " could not be opened (" + (reason ? reason : "unknown") +
         "). Install the NVIDIA driver, which brings libcuda.so.1 (in a container, start it with GPU "
         "access); "
         "CANTIL_CUDA=sim runs kernels on the CPU.";
}

std::unique_ptr<const Driver> open_first() {
  // The override is taken alone: falling back from it would hide a mistake in it.
  if (const char* chosen = std::getenv("CANTIL_LIBCUDA"); chosen != nullptr && *chosen != '\0') {
    return std::make_unique<const Driver>(chosen);
  }
  const char* const usual[] = {"libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1"};
  std::optional<DriverUnavailable> first;
  for (const char* library : usual) {
    try {
      return std::make_unique<const Driver>(library);
    } catch (const DriverUnavailable& failure) {
      if (failure.fault() != DriverFault::kLibraryMissing) {
        throw;
      }
      if (!first) {
        first = failure;
      }
    }
  }
  throw *first;
}

const Opened& open_once() {
  const std::lock_guard lock(opening);
  if (opened == nullptr) {
    auto result = std::make_unique<Opened>();
    try {
      result->driver = open_first();
    } catch (const DriverUnavailable& failure) {
      result->failure = failure;
    }
    opened = result.release();
    ready.store(opened->driver.get(), std::memory_order_release);
  }
  return *opened;
}

DriverFault fault_of(cu::Result code) {
  return code == cu::kErrorNoDevice ? DriverFault::kNoDevice : DriverFault::kInitFailed;
}

}  // namespace

const Driver& Driver::get() {
  if (const Driver* driver = ready.load(std::memory_order_acquire)) [[likely]] {
    return *driver;
  }
  const Opened& result = open_once();
  if (result.failure) {
    throw DriverUnavailable(*result.failure);
  }
  return *result.driver;
}

bool Driver::available() noexcept {
  try {
    return open_once().driver != nullptr;
  } catch (const std::exception&) {  // out of memory while opening; the next call tries again
    return false;
  }
}

std::string Driver::why_unavailable() {
  const Opened& result = open_once();
  return result.failure ? result.failure->what() : "";
}

void Driver::forget() noexcept {
  const std::lock_guard lock(opening);
  ready.store(nullptr);
  delete opened;
  opened = nullptr;
}

Driver::Driver(const std::string& library) : library_(library), process_(getpid()) {
  // RTLD_LOCAL: another library in the process may bring its own idea of these symbols.
  std::unique_ptr<void, int (*)(void*)> handle(dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL), &dlclose);
  if (handle == nullptr) {
    throw DriverUnavailable(DriverFault::kLibraryMissing, "dlopen", open_problem(library, dlerror()));
  }

  std::vector<const char*> missing;
  const auto bind = [&](auto& function, const char* name, const char* symbol, Need need) {
    function.name_ = name;
    function.pointer_ = reinterpret_cast<decltype(function.pointer_)>(dlsym(handle.get(), symbol));
    if (function.pointer_ == nullptr && need == REQUIRED) {
      missing.push_back(symbol);
    }
  };
#define X(name, symbol, needed, parameters) bind(this->name, #name, #symbol, needed);
#include "host_api/driver_functions.def"
#undef X

  // The version can be asked for before cuInit, so that "too old" is said before anything else goes wrong.
  if (cuDriverGetVersion.available() && cuDriverGetVersion.try_call(&version_) != cu::kSuccess) {
    version_ = 0;
  }
  if (!missing.empty() || (version_ != 0 && version_ < kOldestVersion)) {
    std::string message = "The CUDA driver in " + library + " is too old for Cantil: it supports CUDA " +
                          cuda_version_text(version_) + ", and at least " +
                          cuda_version_text(kOldestVersion) + " is needed";
    if (!missing.empty()) {
      message += " (it lacks " + std::string(missing.front());
      message += missing.size() > 1 ? " and " + std::to_string(missing.size() - 1) + " more functions)" : ")";
    }
    throw DriverUnavailable(DriverFault::kTooOld, missing.empty() ? "cuDriverGetVersion" : missing.front(),
                            message + ". Update the NVIDIA driver.");
  }

  if (const cu::Result result = cuInit.try_call(0); result != cu::kSuccess) {
    std::string detail;
    if (const char* visible = std::getenv("CUDA_VISIBLE_DEVICES"); result == cu::kErrorNoDevice && visible) {
      detail = "CUDA_VISIBLE_DEVICES is '" + std::string(visible) + "'.";
    }
    throw DriverUnavailable(fault_of(result), "cuInit", result, std::move(detail));
  }
  if (version_ == 0) {
    cuDriverGetVersion(&version_);
  }
  handle_ = handle.release();
}

Driver::~Driver() {
  if (handle_ != nullptr) {
    dlclose(handle_);
  }
}

bool Driver::forked() const { return process_ != getpid(); }

void throw_driver_error(const char* call, cu::Result code) {
  std::string detail;
  if (const Driver* driver = ready.load(std::memory_order_acquire);
      code == cu::kErrorNotInitialized && driver != nullptr && driver->forked()) {
    detail = "This process was forked from one that had already started CUDA.";
  }
  throw DriverError(call, code, std::move(detail));
}

void throw_missing_function(const char* call) {
  const Driver* driver = ready.load(std::memory_order_acquire);
  throw DriverError(call, cu::kErrorNotSupported,
                    "The installed driver" +
                        (driver ? " (CUDA " + cuda_version_text(driver->version()) + ")" : std::string()) +
                        " does not have this function; update the NVIDIA driver.");
}

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

int newest_ptx_isa(int driver_version) {
  struct Row {
    int driver;
    int isa;
  };
  // Until 12.5 each CUDA release had a PTX version of its own; then the two came apart.
  static constexpr Row kRows[] = {{13010, 91}, {13000, 90}, {12090, 88}, {12080, 87}, {12070, 86},
                                  {12050, 85}, {12040, 84}, {12030, 83}, {12020, 82}, {12010, 81},
                                  {12000, 80}, {11080, 78}, {11070, 77}, {11060, 76}, {11050, 75},
                                  {11040, 74}, {11030, 73}, {11020, 72}, {11010, 71}, {11000, 70}};
  for (const Row& row : kRows) {
    if (driver_version >= row.driver) {
      return row.isa;
    }
  }
  return 65;
}

}  // namespace cantil::host_api
