// What the simulator throws; twins of host_api's errors, with the driver's codes.
#pragma once
#include <stdexcept>
#include <string>

namespace cantil::simulator {

inline constexpr int kErrorInvalidValue = 1;
inline constexpr int kErrorOutOfMemory = 2;
inline constexpr int kErrorInvalidDevice = 101;
inline constexpr int kErrorInvalidHandle = 400;
inline constexpr int kErrorNotReady = 600;
inline constexpr int kErrorLaunchTimeout = 702;
inline constexpr int kErrorCooperativeLaunchTooLarge = 720;
inline constexpr int kErrorNotSupported = 801;

// The driver would have refused this call with this code.
class DriverError : public std::runtime_error {
 public:
  DriverError(std::string call, int code, const std::string& detail)
      : std::runtime_error(call + ": " + detail), call_(std::move(call)), code_(code), detail_(detail) {}
  const std::string& call() const { return call_; }
  int code() const { return code_; }
  const std::string& detail() const { return detail_; }

 private:
  std::string call_;
  int code_;
  std::string detail_;
};

// A launch that the device could never run.
class LaunchLimitError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cantil::simulator
