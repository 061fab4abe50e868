// The CUDA driver, opened at run time: a table of its functions, each checked and named when it fails.
//
// Nothing is opened until Driver::get() is first called. What happens then is remembered for the life of the
// process, success and failure alike, so that asking again is free and gives the same answer.
#pragma once

#include <string>

#include "host_api/driver_types.h"
#include "host_api/error.h"

namespace cantil::host_api {

// Throws the DriverError for a call; outside the template so that each call site stays small.
[[noreturn]] void throw_driver_error(const char* call, cu::Result code);
[[noreturn]] void throw_missing_function(const char* call);

template <class Signature>
class DriverFunction;

template <class... Parameters>
class DriverFunction<cu::Result(Parameters...)> {
 public:
  bool available() const { return pointer_ != nullptr; }
  const char* name() const { return name_; }

  // Calls, and throws DriverError where the driver says no.
  void operator()(Parameters... parameters) const {
    if (pointer_ == nullptr) [[unlikely]] {
      throw_missing_function(name_);
    }
    const cu::Result result = pointer_(parameters...);
    if (result != cu::kSuccess) [[unlikely]] {
      throw_driver_error(name_, result);
    }
  }

  // Calls, and leaves the answer to the caller: for clean-up, queries, and calls whose failure means
  // something.
  cu::Result try_call(Parameters... parameters) const noexcept {
    return pointer_ == nullptr ? cu::kErrorNotSupported : pointer_(parameters...);
  }

 private:
  friend class Driver;
  cu::Result (*pointer_)(Parameters...) = nullptr;
  const char* name_ = "";
};

class Driver {
 public:
  // The process's driver; throws DriverUnavailable, each time with the same cause, where there is none.
  static const Driver& get();
  // Whether get() would succeed, without throwing.
  static bool available() noexcept;
  // Why get() throws; empty where it does not.
  static std::string why_unavailable();

  // Opens one library and initialises it. For get(), and for tests.
  explicit Driver(const std::string& library);
  ~Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // The newest CUDA that the driver supports: 12040 for 12.4.
  int version() const { return version_; }
  const std::string& library() const { return library_; }
  // The process that initialised the driver; a forked child cannot use it.
  bool forked() const;

#define X(name, symbol, needed, parameters) DriverFunction<cu::Result parameters> name;
#include "host_api/driver_functions.def"
#undef X

 private:
  friend struct TestAccess;
  static void forget() noexcept;

  std::string library_;
  void* handle_ = nullptr;
  int version_ = 0;
  long process_ = 0;
};

// 12040 as "12.4".
std::string cuda_version_text(int version);

// The newest PTX ISA version that a driver of this CUDA version accepts, as 10 * major + minor (84 for 8.4).
int newest_ptx_isa(int driver_version);

}  // namespace cantil::host_api
