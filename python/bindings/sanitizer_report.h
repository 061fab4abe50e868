// What the sanitizer has found, on its way to a cuda.SanitizerError.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "compiler/job.h"
#include "simulator/sanitizer.h"

namespace cantil::bindings {

struct SanitizerFound {
  std::shared_ptr<const compiler::Artifact> artifact;
  std::vector<simulator::Finding> findings;
  unsigned grid[3], block[3];
};

// Throws: a kernel that shall be checked, and a device that cannot.
[[noreturn]] void refuse_sanitizing(const std::string& kernel);

// Sets the Python exception.
void raise_sanitizer_error(const SanitizerFound& found) noexcept;

}  // namespace cantil::bindings
