// Calls nvJitLink.
#include "host_api/linker.h"

namespace cantil::host_api {
namespace {

std::filesystem::path find(const Toolkit& toolkit) {
  if (auto path = toolkit.library("nvJitLink")) {
    return *path;
  }
  throw LibraryError("nvJitLink (libnvJitLink.so) was not found; it links LTO-IR. " +
                     toolkit.describe_search());
}

int input_number(LinkInput kind) {
  switch (kind) {
    case LinkInput::kCubin:
      return 1;
    case LinkInput::kPtx:
      return 2;
    case LinkInput::kLtoIr:
      return 3;
    case LinkInput::kFatbin:
      return 4;
    case LinkInput::kObject:
      return 5;
    case LinkInput::kLibrary:
      return 6;
  }
  return 0;
}

const char* error_name(int code) {
  static constexpr const char* kNames[] = {"success",        "unrecognized option", "missing -arch",
                                           "invalid input",  "PTX compile error",   "NVVM compile error",
                                           "internal error", "thread pool error",   "unrecognized input",
                                           "finalize error"};
  return code >= 0 && code < static_cast<int>(std::size(kNames)) ? kNames[code] : "unknown error";
}

}  // namespace

template <class Pointer>
void NvJitLink::bind(Pointer& function, const std::string& name) const {
  library_.bind(function, ("nvJitLink" + name).c_str());
}

NvJitLink::NvJitLink(const Toolkit& toolkit) : library_(find(toolkit)) {
  library_.try_bind(version_, "nvJitLinkVersion");
  bind(create_, "Create");
  bind(destroy_, "Destroy");
  bind(add_data_, "AddData");
  bind(complete_, "Complete");
  bind(cubin_size_, "GetLinkedCubinSize");
  bind(cubin_, "GetLinkedCubin");
  bind(ptx_size_, "GetLinkedPtxSize");
  bind(ptx_, "GetLinkedPtx");
  bind(error_log_size_, "GetErrorLogSize");
  bind(error_log_, "GetErrorLog");
  bind(info_log_size_, "GetInfoLogSize");
  bind(info_log_, "GetInfoLog");
}

std::optional<NvJitLink::Version> NvJitLink::version() const {
  Version version;
  if (version_ == nullptr || version_(&version.major, &version.minor) != 0) {
    return std::nullopt;
  }
  return version;
}

std::string NvJitLink::log(Handle handle, int (*size)(Handle, size_t*), int (*text)(Handle, char*)) const {
  size_t bytes = 0;
  if (handle == nullptr || size(handle, &bytes) != 0 || bytes == 0) {
    return {};
  }
  std::string result(bytes, '\0');
  if (text(handle, result.data()) != 0) {
    return {};
  }
  while (!result.empty() && (result.back() == '\0' || result.back() == '\n')) {
    result.pop_back();
  }
  return result;
}

void NvJitLink::check(Handle handle, const char* call, int code) const {
  if (code != 0) {
    throw LibraryError(std::string(call) + " failed: " + error_name(code) + " (" + std::to_string(code) + ")",
                       log(handle, error_log_size_, error_log_));
  }
}

template <class Use>
void NvJitLink::with_linked(const std::vector<LinkPart>& parts, const std::vector<std::string>& options,
                            Use use) const {
  std::vector<const char*> texts;
  for (const std::string& option : options) {
    texts.push_back(option.c_str());
  }
  Handle handle = nullptr;
  const int created = create_(&handle, static_cast<uint32_t>(texts.size()), texts.data());
  const auto destroy = [this](Handle h) { destroy_(&h); };
  const std::unique_ptr<NvJitLinkOpaque, decltype(destroy)> owner(handle, destroy);
  check(handle, "nvJitLinkCreate", created);
  for (const LinkPart& part : parts) {
    const size_t bytes = part.code.size() + (part.kind == LinkInput::kPtx ? 1 : 0);
    check(handle, "nvJitLinkAddData",
          add_data_(handle, input_number(part.kind), part.code.c_str(), bytes, part.name.c_str()));
  }
  check(handle, "nvJitLinkComplete", complete_(handle));
  use(handle);
}

LinkResult NvJitLink::link(const std::vector<LinkPart>& parts,
                           const std::vector<std::string>& options) const {
  LinkResult result;
  with_linked(parts, options, [&](Handle handle) {
    size_t bytes = 0;
    check(handle, "nvJitLinkGetLinkedCubinSize", cubin_size_(handle, &bytes));
    result.cubin.resize(bytes);
    check(handle, "nvJitLinkGetLinkedCubin", cubin_(handle, result.cubin.data()));
    result.info_log = log(handle, info_log_size_, info_log_);
  });
  return result;
}

std::string NvJitLink::link_to_ptx(const std::vector<LinkPart>& parts,
                                   const std::vector<std::string>& options) const {
  std::string ptx;
  with_linked(parts, options, [&](Handle handle) {
    size_t bytes = 0;
    check(handle, "nvJitLinkGetLinkedPtxSize", ptx_size_(handle, &bytes));
    ptx.resize(bytes);
    check(handle, "nvJitLinkGetLinkedPtx", ptx_(handle, ptx.data()));
    while (!ptx.empty() && ptx.back() == '\0') {
      ptx.pop_back();
    }
  });
  return ptx;
}

}  // namespace cantil::host_api
