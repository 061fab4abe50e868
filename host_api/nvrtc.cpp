// Calls NVRTC.
#include "host_api/nvrtc.h"

#include <algorithm>

namespace cantil::host_api {
namespace {

constexpr int kCompilationError = 6;

std::filesystem::path find(const Toolkit& toolkit) {
  if (auto path = toolkit.library("nvrtc")) {
    return *path;
  }
  throw LibraryError("NVRTC (libnvrtc.so) was not found; it compiles CUDA C++ source. " +
                     toolkit.describe_search());
}

}  // namespace

Nvrtc::Nvrtc(const Toolkit& toolkit) : library_(find(toolkit)) {
  library_.bind(get_error_string_, "nvrtcGetErrorString");
  library_.bind(version_, "nvrtcVersion");
  library_.bind(get_num_supported_archs_, "nvrtcGetNumSupportedArchs");
  library_.bind(get_supported_archs_, "nvrtcGetSupportedArchs");
  library_.bind(create_program_, "nvrtcCreateProgram");
  library_.bind(destroy_program_, "nvrtcDestroyProgram");
  library_.bind(compile_program_, "nvrtcCompileProgram");
  library_.bind(add_name_expression_, "nvrtcAddNameExpression");
  library_.bind(get_lowered_name_, "nvrtcGetLoweredName");
  library_.bind(get_log_size_, "nvrtcGetProgramLogSize");
  library_.bind(get_log_, "nvrtcGetProgramLog");
  library_.bind(get_ptx_size_, "nvrtcGetPTXSize");
  library_.bind(get_ptx_, "nvrtcGetPTX");
  library_.bind(get_cubin_size_, "nvrtcGetCUBINSize");
  library_.bind(get_cubin_, "nvrtcGetCUBIN");
  // Since CUDA 12; before that LTO-IR had another name and another use.
  library_.try_bind(get_lto_size_, "nvrtcGetLTOIRSize");
  library_.try_bind(get_lto_, "nvrtcGetLTOIR");
}

void Nvrtc::check(const char* call, int code, std::string log) const {
  if (code != 0) {
    const char* text = get_error_string_(code);
    throw LibraryError(std::string(call) + " failed: " + (text != nullptr ? text : "unknown error"),
                       std::move(log));
  }
}

NvrtcVersion Nvrtc::version() const {
  NvrtcVersion version;
  check("nvrtcVersion", version_(&version.major, &version.minor));
  return version;
}

std::vector<int> Nvrtc::architectures() const {
  int count = 0;
  check("nvrtcGetNumSupportedArchs", get_num_supported_archs_(&count));
  std::vector<int> architectures(static_cast<size_t>(count));
  check("nvrtcGetSupportedArchs", get_supported_archs_(architectures.data()));
  return architectures;
}

std::string Nvrtc::get(Program program, int (*size)(Program, size_t*), int (*text)(Program, char*),
                       const char* call) const {
  size_t bytes = 0;
  check(call, size(program, &bytes));
  std::string result(bytes, '\0');
  if (bytes != 0) {
    check(call, text(program, result.data()));
  }
  return result;
}

NvrtcResult Nvrtc::compile(const NvrtcJob& job) const {
  if (job.output == NvrtcOutput::kLtoIr && (get_lto_size_ == nullptr || get_lto_ == nullptr)) {
    throw LibraryError(library_.path().string() + " cannot make LTO-IR; NVRTC of CUDA 12 or later can.");
  }
  std::vector<const char*> header_texts;
  std::vector<const char*> header_names;
  for (const NvrtcHeader& header : job.headers) {
    header_texts.push_back(header.text.c_str());
    header_names.push_back(header.name.c_str());
  }
  Program program = nullptr;
  check("nvrtcCreateProgram",
        create_program_(&program, job.source.c_str(), job.name.c_str(), static_cast<int>(job.headers.size()),
                        header_texts.data(), header_names.data()));
  const auto destroy = [this](Program p) { destroy_program_(&p); };
  const std::unique_ptr<NvrtcProgramOpaque, decltype(destroy)> owner(program, destroy);

  for (const std::string& expression : job.expressions) {
    check("nvrtcAddNameExpression", add_name_expression_(program, expression.c_str()));
  }
  std::vector<const char*> options;
  for (const std::string& option : job.options) {
    options.push_back(option.c_str());
  }
  if (job.output == NvrtcOutput::kLtoIr &&
      std::find(job.options.begin(), job.options.end(), "-dlto") == job.options.end()) {
    options.push_back("-dlto");
  }
  const int compiled = compile_program_(program, static_cast<int>(options.size()), options.data());

  NvrtcResult result;
  result.log = get(program, get_log_size_, get_log_, "nvrtcGetProgramLog");
  while (!result.log.empty() && (result.log.back() == '\0' || result.log.back() == '\n')) {
    result.log.pop_back();
  }
  if (compiled == kCompilationError) {
    throw LibraryError("NVRTC could not compile " + job.name + ":", result.log);
  }
  check("nvrtcCompileProgram", compiled, result.log);

  switch (job.output) {
    case NvrtcOutput::kPtx:
      result.code = get(program, get_ptx_size_, get_ptx_, "nvrtcGetPTX");
      if (!result.code.empty() && result.code.back() == '\0') {
        result.code.pop_back();
      }
      break;
    case NvrtcOutput::kCubin:
      result.code = get(program, get_cubin_size_, get_cubin_, "nvrtcGetCUBIN");
      break;
    case NvrtcOutput::kLtoIr:
      result.code = get(program, get_lto_size_, get_lto_, "nvrtcGetLTOIR");
      break;
  }
  if (result.code.empty()) {
    throw LibraryError("NVRTC gave no code for " + job.name +
                       ": a cubin needs an sm_ architecture in the options, LTO-IR a compute_ or sm_ one.");
  }
  for (const std::string& expression : job.expressions) {
    const char* lowered = nullptr;
    check("nvrtcGetLoweredName", get_lowered_name_(program, expression.c_str(), &lowered));
    result.lowered_names.emplace_back(lowered);
  }
  return result;
}

}  // namespace cantil::host_api
