// The options and log buffers of the driver's PTX compiler and linker, and what is made of the log when it
// refuses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host_api/driver_types.h"

namespace cantil::host_api {

struct JitOptions {
  std::optional<unsigned> max_registers = {};
  std::optional<unsigned> optimization_level = {};  // 0 to 4; the driver's own choice is 4
  bool line_info = false;
  bool debug_info = false;
  bool verbose = false;  // registers and spills into the info log
};

// The two arrays that the driver takes, with buffers for its logs. Must stay where it is while the driver may
// write.
class JitCall {
 public:
  explicit JitCall(const JitOptions& options);
  JitCall(const JitCall&) = delete;
  JitCall& operator=(const JitCall&) = delete;

  unsigned count() const { return static_cast<unsigned>(options_.size()); }
  cu::JitOption* options() { return options_.data(); }
  void** values() { return values_.data(); }
  std::string info_log() const;
  std::string error_log() const;

 private:
  void add(cu::JitOption option, uintptr_t value);

  std::vector<cu::JitOption> options_;
  std::vector<void*> values_;
  std::vector<char> info_;
  std::vector<char> error_;
};

// The log, followed by the lines of the PTX that it names.
std::string explain_jit_log(const std::string& log, std::string_view ptx);

}  // namespace cantil::host_api
