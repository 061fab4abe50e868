// Linking device code: PTX, cubins and fatbins by the driver, LTO-IR by nvJitLink, which is opened at run
// time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host_api/context.h"
#include "host_api/jit_log.h"
#include "host_api/shared_library.h"
#include "host_api/toolkit.h"

namespace cantil::host_api {

enum class LinkInput { kPtx, kCubin, kFatbin, kObject, kLibrary, kLtoIr };

struct LinkPart {
  LinkInput kind;
  std::string code;
  std::string name;  // for messages
};

struct LinkResult {
  std::string cubin;
  std::string info_log;
};

// Links with the driver, for the context's device. Throws CompileLogError with its log; LTO-IR is refused.
LinkResult link_with_driver(Context& context, const std::vector<LinkPart>& parts,
                            const JitOptions& options = {});

// nvJitLink: links without a device, and optimises across parts that are LTO-IR.
class NvJitLink {
 public:
  // Throws LibraryError where it is not found or cannot be opened.
  explicit NvJitLink(const Toolkit& toolkit);

  struct Version {
    unsigned major = 0;
    unsigned minor = 0;
  };
  std::optional<Version> version() const;  // nothing before CUDA 12.3
  // `options` as nvJitLink takes them: "-arch=sm_90", "-lto", "-O3". Throws LibraryError with its log.
  LinkResult link(const std::vector<LinkPart>& parts, const std::vector<std::string>& options) const;
  // The PTX after link-time optimisation; the options must have "-lto" and "-ptx".
  std::string link_to_ptx(const std::vector<LinkPart>& parts, const std::vector<std::string>& options) const;
  const std::filesystem::path& library() const { return library_.path(); }

 private:
  using Handle = struct NvJitLinkOpaque*;

  template <class Pointer>
  void bind(Pointer& function, const std::string& name) const;
  std::string log(Handle handle, int (*size)(Handle, size_t*), int (*text)(Handle, char*)) const;
  void check(Handle handle, const char* call, int code) const;
  template <class Use>
  void with_linked(const std::vector<LinkPart>& parts, const std::vector<std::string>& options,
                   Use use) const;

  SharedLibrary library_;
  int (*version_)(unsigned*, unsigned*) = nullptr;
  int (*create_)(Handle*, uint32_t, const char**) = nullptr;
  int (*destroy_)(Handle*) = nullptr;
  int (*add_data_)(Handle, int, const void*, size_t, const char*) = nullptr;
  int (*complete_)(Handle) = nullptr;
  int (*cubin_size_)(Handle, size_t*) = nullptr;
  int (*cubin_)(Handle, void*) = nullptr;
  int (*ptx_size_)(Handle, size_t*) = nullptr;
  int (*ptx_)(Handle, char*) = nullptr;
  int (*error_log_size_)(Handle, size_t*) = nullptr;
  int (*error_log_)(Handle, char*) = nullptr;
  int (*info_log_size_)(Handle, size_t*) = nullptr;
  int (*info_log_)(Handle, char*) = nullptr;
};

}  // namespace cantil::host_api
