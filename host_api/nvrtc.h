// NVRTC, opened at run time: CUDA C++ source to PTX, cubin or LTO-IR.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host_api/shared_library.h"
#include "host_api/toolkit.h"

namespace cantil::host_api {

struct NvrtcVersion {
  int major = 0;
  int minor = 0;
};

enum class NvrtcOutput { kPtx, kCubin, kLtoIr };

struct NvrtcHeader {
  std::string name;  // as the source includes it
  std::string text;
};

struct NvrtcJob {
  std::string source;
  std::string name = "kernel.cu";         // for messages
  std::vector<std::string> options = {};  // --gpu-architecture=sm_90, -I…
  std::vector<NvrtcHeader> headers = {};
  std::vector<std::string> expressions = {};  // templates to instantiate and whose mangled names are wanted
  NvrtcOutput output = NvrtcOutput::kPtx;
};

struct NvrtcResult {
  std::string code;
  std::string log;                         // warnings
  std::vector<std::string> lowered_names;  // one for each of the job's expressions
};

class Nvrtc {
 public:
  // Throws LibraryError where it is not found or cannot be opened.
  explicit Nvrtc(const Toolkit& toolkit);

  NvrtcVersion version() const;
  // The compute capabilities it compiles for: 75, 80, …
  std::vector<int> architectures() const;
  // Throws LibraryError with the compiler's log where the source does not compile. For LTO-IR "-dlto" is
  // added.
  NvrtcResult compile(const NvrtcJob& job) const;
  const std::filesystem::path& library() const { return library_.path(); }

 private:
  using Program = struct NvrtcProgramOpaque*;

  void check(const char* call, int code, std::string log = {}) const;
  std::string get(Program program, int (*size)(Program, size_t*), int (*text)(Program, char*),
                  const char* call) const;

  SharedLibrary library_;
  const char* (*get_error_string_)(int) = nullptr;
  int (*version_)(int*, int*) = nullptr;
  int (*get_num_supported_archs_)(int*) = nullptr;
  int (*get_supported_archs_)(int*) = nullptr;
  int (*create_program_)(Program*, const char*, const char*, int, const char* const*,
                         const char* const*) = nullptr;
  int (*destroy_program_)(Program*) = nullptr;
  int (*compile_program_)(Program, int, const char* const*) = nullptr;
  int (*add_name_expression_)(Program, const char*) = nullptr;
  int (*get_lowered_name_)(Program, const char*, const char**) = nullptr;
  int (*get_log_size_)(Program, size_t*) = nullptr;
  int (*get_log_)(Program, char*) = nullptr;
  int (*get_ptx_size_)(Program, size_t*) = nullptr;
  int (*get_ptx_)(Program, char*) = nullptr;
  int (*get_cubin_size_)(Program, size_t*) = nullptr;
  int (*get_cubin_)(Program, char*) = nullptr;
  int (*get_lto_size_)(Program, size_t*) = nullptr;
  int (*get_lto_)(Program, char*) = nullptr;
};

}  // namespace cantil::host_api
