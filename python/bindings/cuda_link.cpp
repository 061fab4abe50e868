// NVRTC and nvJitLink for cantil.cuda, and where CUDA's parts are.
#include "python/bindings/cuda_link.h"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <filesystem>
#include <string>
#include <vector>

#include "host_api/linker.h"
#include "host_api/nvrtc.h"
#include "host_api/toolkit.h"
#include "python/bindings/cuda_device.h"
#include "python/bindings/ref.h"

namespace py = pybind11;

namespace cantil::bindings {
namespace {

namespace api = host_api;
using Strings = std::vector<std::string>;

api::Toolkit toolkit(const Strings& folders) { return api::Toolkit({folders.begin(), folders.end()}); }

[[noreturn]] void raise_library_error(const char* class_name, const char* what) {
  PyErr_SetString(import_attribute("cantil.cuda.cudadrv.error", class_name).get(), what);
  throw py::error_already_set();
}

// Opening a library that is not there is another error than what it says of code.
template <typename Library>
Library open_library(const Strings& folders, const char* class_name) {
  try {
    return Library(toolkit(folders));
  } catch (const api::LibraryError& error) {
    raise_library_error(class_name, error.what());
  }
}

py::tuple nvrtc_compile(const std::string& source, const std::string& name, const Strings& options,
                        const std::string& output, const Strings& expressions, const Strings& folders) {
  auto nvrtc = open_library<api::Nvrtc>(folders, "NvrtcSupportError");
  api::NvrtcJob job{source, name, options, {}, expressions};
  job.output = output == "ltoir"   ? api::NvrtcOutput::kLtoIr
               : output == "cubin" ? api::NvrtcOutput::kCubin
                                   : api::NvrtcOutput::kPtx;
  api::NvrtcResult result;
  std::string failure;
  {
    py::gil_scoped_release release;
    try {
      result = nvrtc.compile(job);
    } catch (const api::LibraryError& error) {
      failure = error.what();
    }
  }
  if (!failure.empty()) raise_library_error("NvrtcCompilationError", failure.c_str());
  return py::make_tuple(py::bytes(result.code), result.log, result.lowered_names);
}

py::tuple nvrtc_about(const Strings& folders) {
  auto nvrtc = open_library<api::Nvrtc>(folders, "NvrtcSupportError");
  api::NvrtcVersion version = nvrtc.version();
  return py::make_tuple(py::make_tuple(version.major, version.minor), nvrtc.architectures(),
                        nvrtc.library().string());
}

std::vector<api::LinkPart> parts_from(const py::list& given) {
  std::vector<api::LinkPart> parts;
  for (const py::handle& item : given) {
    auto [kind, code, name] = py::cast<std::tuple<std::string, py::bytes, std::string>>(item);
    const api::LinkInput input = kind == "ptx"       ? api::LinkInput::kPtx
                                 : kind == "cubin"   ? api::LinkInput::kCubin
                                 : kind == "fatbin"  ? api::LinkInput::kFatbin
                                 : kind == "object"  ? api::LinkInput::kObject
                                 : kind == "library" ? api::LinkInput::kLibrary
                                                     : api::LinkInput::kLtoIr;
    parts.push_back({input, std::string(code), name});
  }
  return parts;
}

// (cubin or PTX, log)
py::tuple nvjitlink(const py::list& given, const Strings& options, bool to_ptx, const Strings& folders) {
  auto linker = open_library<api::NvJitLink>(folders, "NvrtcSupportError");
  const std::vector<api::LinkPart> parts = parts_from(given);
  api::LinkResult result;
  std::string failure;
  {
    py::gil_scoped_release release;
    try {
      if (to_ptx)
        result.cubin = linker.link_to_ptx(parts, options);
      else
        result = linker.link(parts, options);
    } catch (const api::LibraryError& error) {
      failure = error.what();
    }
  }
  if (!failure.empty()) raise_library_error("LinkerError", failure.c_str());
  return py::make_tuple(py::bytes(result.cubin), result.info_log);
}

// The driver's own linker, for the current device; it takes no LTO-IR.
py::tuple driver_link(const py::list& given) {
  const std::vector<api::LinkPart> parts = parts_from(given);
  py::gil_scoped_release release;
  api::LinkResult result = api::link_with_driver(api::Context::current(), parts);
  py::gil_scoped_acquire acquire;
  return py::make_tuple(py::bytes(result.cubin), result.info_log);
}

py::object path_or_none(const std::optional<std::filesystem::path>& path) {
  return path ? py::object(py::str(path->string())) : py::none();
}

}  // namespace

int add_cuda_link(PyObject* module) {
  py::module_ m = py::reinterpret_borrow<py::module_>(module);
  m.def("nvrtc_compile", &nvrtc_compile);
  m.def("nvrtc_about", &nvrtc_about);
  m.def("nvjitlink", &nvjitlink);
  m.def("driver_link", &driver_link);
  m.def("cuda_library", [](const std::string& name, const Strings& folders) {
    return path_or_none(toolkit(folders).library(name));
  });
  m.def("cuda_include_folder", [](const std::string& header, const Strings& folders) {
    return path_or_none(toolkit(folders).include_folder(header));
  });
  m.def("cuda_search", [](const Strings& folders) { return toolkit(folders).describe_search(); });
  return 0;
}

}  // namespace cantil::bindings
