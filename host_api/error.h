// What the host API throws: a driver call that failed, a driver that cannot be used, a launch that cannot
// work.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "host_api/driver_types.h"

namespace cantil::host_api {

struct ErrorText {
  std::string_view name;    // CUDA_ERROR_OUT_OF_MEMORY
  std::string_view cause;   // what happened
  std::string_view advice;  // what the user can do; may be empty
};

// The row of driver_errors.def for a code. A code that is not in it gets a text that says so, never an empty
// one.
ErrorText error_text(cu::Result code);

// Base of all that host_api throws, so that a caller can catch it in one place.
class HostApiError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A driver call returned an error. what() names the call, the code, the cause and what can be done.
class DriverError : public HostApiError {
 public:
  DriverError(std::string call, cu::Result code, std::string detail = {});

  const std::string& call() const { return call_; }
  cu::Result code() const { return code_; }
  std::string_view name() const { return error_text(code_).name; }
  // What the failing place could add: limits, sizes, the compiler's log.
  const std::string& detail() const { return detail_; }

 protected:
  struct Whole {
    std::string message;
  };
  DriverError(Whole whole, std::string call, cu::Result code);

 private:
  std::string call_;
  cu::Result code_;
  std::string detail_;
};

// Why there is no driver to call.
enum class DriverFault {
  kLibraryMissing,  // no libcuda.so.1
  kTooOld,          // a required function is missing, or the version is below the minimum
  kNoDevice,        // a driver, but no device
  kInitFailed,      // cuInit failed for another reason (code() says which)
};

class DriverUnavailable : public DriverError {
 public:
  // cuInit said no.
  DriverUnavailable(DriverFault fault, std::string call, cu::Result code, std::string detail);
  // There was no function to call; code() is then CUDA_ERROR_NOT_INITIALIZED.
  DriverUnavailable(DriverFault fault, std::string step, std::string message);
  DriverFault fault() const { return fault_; }

 private:
  DriverFault fault_;
};

// The driver's compiler or linker refused code. log() is what it said; what() quotes the lines it complains
// about.
class CompileLogError : public DriverError {
 public:
  CompileLogError(std::string call, cu::Result code, std::string log, std::string detail);
  const std::string& log() const { return log_; }

 private:
  std::string log_;
};

// A launch that the device can never run; found before the driver is called.
class LaunchLimitError : public HostApiError {
 public:
  using HostApiError::HostApiError;
};

// A CUDA library other than the driver (NVRTC, nvJitLink) is missing or reports an error.
class LibraryError : public HostApiError {
 public:
  LibraryError(const std::string& message, std::string log = {})
      : HostApiError(log.empty() ? message : message + "\n" + log), log_(std::move(log)) {}
  const std::string& log() const { return log_; }

 private:
  std::string log_;
};

}  // namespace cantil::host_api
