// Turns driver error codes into messages.
#include "host_api/error.h"

namespace cantil::host_api {
namespace {

std::string describe(const std::string& call, cu::Result code, const std::string& detail) {
  const ErrorText text = error_text(code);
  std::string message = call + " failed: " + std::string(text.name) + " (" + std::to_string(code) + "): ";
  message += text.cause;
  message += '.';
  if (!detail.empty()) {
    message += ' ';
    message += detail;
  }
  if (!text.advice.empty()) {
    message += detail.find('\n') == std::string::npos ? ' ' : '\n';
    message += text.advice;
  }
  return message;
}

}  // namespace

ErrorText error_text(cu::Result code) {
  switch (code) {
    case cu::kSuccess:
      return {"CUDA_SUCCESS", "no error", ""};
#define X(code, name, cause, advice) \
  case code:                         \
    return {#name, cause, advice};
#include "host_api/driver_errors.def"
#undef X
    default:
      return {"CUDA_ERROR (no name)", "this version of Cantil does not know the driver's error code", ""};
  }
}

DriverError::DriverError(std::string call, cu::Result code, std::string detail)
    : HostApiError(describe(call, code, detail)),
      call_(std::move(call)),
      code_(code),
      detail_(std::move(detail)) {}

DriverError::DriverError(Whole whole, std::string call, cu::Result code)
    : HostApiError(whole.message), call_(std::move(call)), code_(code), detail_(std::move(whole.message)) {}

DriverUnavailable::DriverUnavailable(DriverFault fault, std::string step, std::string message)
    : DriverError(Whole{std::move(message)}, std::move(step), cu::kErrorNotInitialized), fault_(fault) {}

DriverUnavailable::DriverUnavailable(DriverFault fault, std::string call, cu::Result code, std::string detail)
    : DriverError(std::move(call), code, std::move(detail)), fault_(fault) {}

CompileLogError::CompileLogError(std::string call, cu::Result code, std::string log, std::string detail)
    : DriverError(std::move(call), code, std::move(detail)), log_(std::move(log)) {}

}  // namespace cantil::host_api
