// The driver's linker.
#include "host_api/linker.h"

namespace cantil::host_api {
namespace {

cu::JitInput driver_input(const LinkPart& part) {
  switch (part.kind) {
    case LinkInput::kPtx:
      return cu::JitInput::kPtx;
    case LinkInput::kCubin:
      return cu::JitInput::kCubin;
    case LinkInput::kFatbin:
      return cu::JitInput::kFatbin;
    case LinkInput::kObject:
      return cu::JitInput::kObject;
    case LinkInput::kLibrary:
      return cu::JitInput::kLibrary;
    case LinkInput::kLtoIr:
      break;
  }
  throw LibraryError("'" + part.name + "' is LTO-IR, which the driver cannot link; nvJitLink can.");
}

}  // namespace

LinkResult link_with_driver(Context& context, const std::vector<LinkPart>& parts, const JitOptions& options) {
  const Driver& driver = context.driver();
  const CurrentScope scope(context);
  const RelaxedCapture relaxed(driver);
  JitCall jit(options);
  cu::LinkState state = nullptr;
  driver.cuLinkCreate(jit.count(), jit.options(), jit.values(), &state);
  const auto destroy = [&driver](cu::LinkState s) { driver.cuLinkDestroy.try_call(s); };
  const std::unique_ptr<cu::LinkStateOpaque, decltype(destroy)> owner(state, destroy);

  const auto check = [&](const char* call, cu::Result result, std::string_view ptx) {
    if (result == cu::kSuccess) {
      return;
    }
    if (result == cu::kErrorOutOfMemory || context_is_lost(result)) {
      throw_driver_error(call, result);
    }
    const std::string log = jit.error_log();
    throw CompileLogError(call, result, log, explain_jit_log(log, ptx));
  };

  for (const LinkPart& part : parts) {
    const cu::JitInput kind = driver_input(part);
    // For PTX the size counts the final zero, which std::string has.
    const size_t bytes = part.code.size() + (part.kind == LinkInput::kPtx ? 1 : 0);
    const cu::Result result =
        driver.cuLinkAddData.try_call(state, kind, const_cast<char*>(part.code.c_str()), bytes,
                                      part.name.empty() ? nullptr : part.name.c_str(), 0, nullptr, nullptr);
    check(driver.cuLinkAddData.name(), result, part.kind == LinkInput::kPtx ? part.code : std::string_view());
  }
  void* cubin = nullptr;
  size_t bytes = 0;
  check(driver.cuLinkComplete.name(), driver.cuLinkComplete.try_call(state, &cubin, &bytes), {});
  // The image belongs to the linker's state.
  return {std::string(static_cast<const char*>(cubin), bytes), jit.info_log()};
}

}  // namespace cantil::host_api
