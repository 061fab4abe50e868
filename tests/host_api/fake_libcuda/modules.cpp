// The fake driver's modules, linker and launches. PTX is read far enough to know its entries and variables; a
// line with the word "bad_instruction" is refused the way ptxas refuses one.
#include <cstdio>
#include <cstring>
#include <regex>

#include "tests/host_api/fake_libcuda/state.h"

namespace cantil::host_api {
using fake::state;

namespace {

void write_log(unsigned count, const cu::JitOption* options, void** values, cu::JitOption buffer,
               cu::JitOption size, const std::string& text) {
  char* to = nullptr;
  size_t room = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == buffer) {
      to = static_cast<char*>(values[i]);
    } else if (options[i] == size) {
      room = reinterpret_cast<uintptr_t>(values[i]);
    }
  }
  if (to != nullptr && room != 0) {
    std::snprintf(to, room, "%s", text.c_str());
  }
}

// The error log for PTX that is refused; empty where it is accepted.
std::string complaint(const std::string& ptx) {
  size_t line = 1;
  for (size_t begin = 0; begin < ptx.size(); ++line) {
    const size_t end = std::min(ptx.find('\n', begin), ptx.size());
    if (ptx.substr(begin, end - begin).find("bad_instruction") != std::string::npos) {
      return "ptxas application ptx input, line " + std::to_string(line) +
             "; error   : Not a name of any known instruction: 'bad_instruction'\n"
             "ptxas fatal   : Ptx assembly aborted due to errors";
    }
    begin = end + 1;
  }
  return {};
}

std::unique_ptr<fake::ModuleObject> parse(const std::string& ptx) {
  auto module = std::make_unique<fake::ModuleObject>();
  static const std::regex entry(R"(\.entry\s+([A-Za-z_$][\w$]*))");
  static const std::regex global(R"(\.global[^;]*\s([A-Za-z_$][\w$]*)\[(\d+)\])");
  for (std::sregex_iterator it(ptx.begin(), ptx.end(), entry), end; it != end; ++it) {
    auto function = std::make_unique<fake::FunctionObject>();
    function->name = (*it)[1];
    state().functions.insert(function.get());
    module->functions[(*it)[1]] = std::move(function);
  }
  for (std::sregex_iterator it(ptx.begin(), ptx.end(), global), end; it != end; ++it) {
    module->globals[(*it)[1]].resize(std::stoul((*it)[2]));
  }
  return module;
}

fake::FunctionObject* function_of(cu::Function handle) {
  if (state().functions.count(handle) == 0) {
    ++state().misuse;
    return nullptr;
  }
  return reinterpret_cast<fake::FunctionObject*>(handle);
}

cu::Result launch(cu::Function handle, const unsigned (&grid)[3], const unsigned (&block)[3], unsigned shared,
                  cu::Stream stream, const void* parameters, size_t bytes, bool cooperative) {
  fake::FunctionObject* function = function_of(handle);
  if (function == nullptr || fake::stream_of(stream) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  const unsigned threads = block[0] * block[1] * block[2];
  if (grid[0] == 0 || grid[1] == 0 || grid[2] == 0 || threads == 0 || threads > 1024 || block[2] > 64) {
    return cu::kErrorInvalidValue;
  }
  if (threads > static_cast<unsigned>(state().setting("kernel_max_threads"))) {
    return cu::kErrorLaunchOutOfResources;
  }
  if (shared > static_cast<unsigned>(function->dynamic_shared_limit)) {
    return cu::kErrorInvalidValue;
  }
  if (cooperative && grid[0] * grid[1] * grid[2] > 132u * state().setting("cooperative_blocks")) {
    return cu::kErrorCooperativeLaunchTooLarge;
  }
  state().last_launch = {
      function->name.c_str(), {grid[0], grid[1], grid[2]}, {block[0], block[1], block[2]}, shared, stream,
      cooperative ? 1 : 0};
  if (const auto body = state().bodies.find(function->name); body != state().bodies.end()) {
    body->second(parameters, bytes, grid, block);
  }
  return cu::kSuccess;
}

}  // namespace

extern "C" {

cu::Result cuModuleLoadDataEx(cu::Module* module, const void* image, unsigned count, cu::JitOption* options,
                              void** values) {
  FAKE_ENTER(cuModuleLoadDataEx);
  FAKE_NEEDS_CONTEXT();
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  std::string text = static_cast<const char*>(image);
  if (text.find(".version") == std::string::npos && !text.starts_with("\x7f"
                                                                      "ELF")) {
    return 200;
  }
  if (const std::string log = complaint(text); !log.empty()) {
    write_log(count, options, values, cu::JitOption::kErrorLogBuffer, cu::JitOption::kErrorLogBufferBytes,
              log);
    return cu::kErrorInvalidPtx;
  }
  write_log(count, options, values, cu::JitOption::kInfoLogBuffer, cu::JitOption::kInfoLogBufferBytes,
            "ptxas info    : Used 32 registers");
  *module = state().modules.add<cu::Module>(parse(text));
  return cu::kSuccess;
}

cu::Result cuModuleUnload(cu::Module module) {
  FAKE_ENTER(cuModuleUnload);
  if (const cu::Result result = fake::check_unsafe(); result != cu::kSuccess) {
    return result;
  }
  fake::ModuleObject* object = state().modules.find(module);
  if (object == nullptr) {
    ++state().misuse;
    return cu::kErrorInvalidHandle;
  }
  for (const auto& [name, function] : object->functions) {
    state().functions.erase(function.get());
  }
  state().modules.remove(module);
  return cu::kSuccess;
}

cu::Result cuModuleGetFunction(cu::Function* function, cu::Module module, const char* name) {
  FAKE_ENTER(cuModuleGetFunction);
  fake::ModuleObject* object = state().modules.find(module);
  if (object == nullptr) {
    ++state().misuse;
    return cu::kErrorInvalidHandle;
  }
  const auto it = object->functions.find(name);
  if (it == object->functions.end()) {
    return cu::kErrorNotFound;
  }
  *function = reinterpret_cast<cu::Function>(it->second.get());
  return cu::kSuccess;
}

cu::Result cuModuleGetGlobal_v2(cu::DevicePtr* pointer, size_t* bytes, cu::Module module, const char* name) {
  FAKE_ENTER(cuModuleGetGlobal);
  fake::ModuleObject* object = state().modules.find(module);
  if (object == nullptr) {
    ++state().misuse;
    return cu::kErrorInvalidHandle;
  }
  const auto it = object->globals.find(name);
  if (it == object->globals.end()) {
    return cu::kErrorNotFound;
  }
  *pointer = reinterpret_cast<cu::DevicePtr>(it->second.data());
  *bytes = it->second.size();
  return cu::kSuccess;
}

cu::Result cuLinkCreate_v2(unsigned, cu::JitOption*, void**, cu::LinkState* link) {
  FAKE_ENTER(cuLinkCreate);
  FAKE_NEEDS_CONTEXT();
  *link = state().links.add<cu::LinkState>(std::make_unique<fake::LinkObject>());
  return cu::kSuccess;
}

cu::Result cuLinkAddData_v2(cu::LinkState link, cu::JitInput, void* data, size_t bytes, const char*, unsigned,
                            cu::JitOption*, void**) {
  FAKE_ENTER(cuLinkAddData);
  fake::LinkObject* object = state().links.find(link);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  const std::string text(static_cast<const char*>(data), strnlen(static_cast<const char*>(data), bytes));
  if (!complaint(text).empty()) {
    return cu::kErrorInvalidPtx;
  }
  object->text += text;
  return cu::kSuccess;
}

cu::Result cuLinkComplete(cu::LinkState link, void** cubin, size_t* bytes) {
  FAKE_ENTER(cuLinkComplete);
  fake::LinkObject* object = state().links.find(link);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  object->text =
      "\x7f"
      "ELF " +
      object->text;
  *cubin = object->text.data();
  *bytes = object->text.size();
  return cu::kSuccess;
}

cu::Result cuLinkDestroy(cu::LinkState link) {
  FAKE_ENTER(cuLinkDestroy);
  return state().links.remove(link) ? cu::kSuccess : cu::kErrorInvalidHandle;
}

cu::Result cuFuncGetAttribute(int* value, cu::FunctionAttribute attribute, cu::Function function) {
  FAKE_ENTER(cuFuncGetAttribute);
  const fake::FunctionObject* object = function_of(function);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  switch (attribute) {
    case cu::FunctionAttribute::kMaxThreadsPerBlock:
      *value = static_cast<int>(state().setting("kernel_max_threads"));
      break;
    case cu::FunctionAttribute::kRegisters:
      *value = static_cast<int>(state().setting("kernel_registers"));
      break;
    case cu::FunctionAttribute::kSharedBytes:
      *value = static_cast<int>(state().setting("kernel_shared_bytes"));
      break;
    case cu::FunctionAttribute::kPtxVersion:
      *value = 84;
      break;
    case cu::FunctionAttribute::kBinaryVersion:
      *value = 90;
      break;
    case cu::FunctionAttribute::kMaxDynamicSharedBytes:
      *value = object->dynamic_shared_limit;
      break;
    default:
      *value = 0;
  }
  return cu::kSuccess;
}

cu::Result cuFuncSetAttribute(cu::Function function, cu::FunctionAttribute attribute, int value) {
  FAKE_ENTER(cuFuncSetAttribute);
  fake::FunctionObject* object = function_of(function);
  if (object == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  if (attribute == cu::FunctionAttribute::kMaxDynamicSharedBytes) {
    if (value + state().setting("kernel_shared_bytes") > 232448) {
      return cu::kErrorInvalidValue;
    }
    object->dynamic_shared_limit = value;
  }
  return cu::kSuccess;
}

cu::Result cuFuncSetCacheConfig(cu::Function function, cu::CacheConfig) {
  FAKE_ENTER(cuFuncSetCacheConfig);
  return function_of(function) == nullptr ? cu::kErrorInvalidHandle : cu::kSuccess;
}

cu::Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, cu::Function function, int block_size,
                                                       size_t) {
  FAKE_ENTER(cuOccupancyMaxActiveBlocksPerMultiprocessor);
  if (function_of(function) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  *blocks =
      std::min<int>(2048 / std::max(1, block_size), static_cast<int>(state().setting("cooperative_blocks")));
  return cu::kSuccess;
}

cu::Result cuOccupancyMaxPotentialBlockSize(int* min_grid_size, int* block_size, cu::Function function,
                                            cu::BlockSizeToSharedBytes, size_t, int limit) {
  FAKE_ENTER(cuOccupancyMaxPotentialBlockSize);
  if (function_of(function) == nullptr) {
    return cu::kErrorInvalidHandle;
  }
  *block_size = limit == 0 ? 1024 : std::min(limit, 1024);
  *min_grid_size = 132 * (2048 / *block_size);
  return cu::kSuccess;
}

cu::Result cuLaunchKernel(cu::Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                          unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                          cu::Stream stream, void** parameters, void** extra) {
  FAKE_ENTER(cuLaunchKernel);
  FAKE_NEEDS_CONTEXT();
  const void* block = nullptr;
  size_t bytes = 0;
  if (parameters != nullptr) {
    return cu::kErrorInvalidValue;
  }
  for (; extra != nullptr && *extra != cu::kLaunchParamEnd; extra += 2) {
    if (extra[0] == cu::kLaunchParamBufferPointer) {
      block = extra[1];
    } else if (extra[0] == cu::kLaunchParamBufferSize) {
      bytes = *static_cast<const size_t*>(extra[1]);
    } else {
      return cu::kErrorInvalidValue;
    }
  }
  return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, stream, block,
                bytes, false);
}

cu::Result cuLaunchCooperativeKernel(cu::Function function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                     unsigned block_x, unsigned block_y, unsigned block_z,
                                     unsigned shared_bytes, cu::Stream stream, void** parameters) {
  FAKE_ENTER(cuLaunchCooperativeKernel);
  FAKE_NEEDS_CONTEXT();
  // The body is given the array of parameters itself.
  return launch(function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, stream,
                parameters, 0, true);
}

}  // extern "C"

}  // namespace cantil::host_api
