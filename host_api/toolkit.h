// Finding CUDA's own parts: in a toolkit, or in NVIDIA's Python packages whose folders the caller names.
//
// The order: the caller's folders (so that a virtual environment wins over the machine), CUDA_HOME,
// CUDA_PATH, the toolkit of the nvcc on the PATH, /usr/local/cuda, then the loader's own search for
// libraries.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cantil::host_api {

class Toolkit {
 public:
  // `extra` are folders like site-packages/nvidia: they, and each folder in them, may be laid out like a
  // toolkit.
  explicit Toolkit(const std::vector<std::filesystem::path>& extra = {});

  // Each returns nothing where the part is not there; describe_search() then says where was looked.
  std::optional<std::filesystem::path> libdevice() const;
  std::optional<std::filesystem::path> binary(
      std::string_view name) const;  // ptxas, nvdisasm, cuobjdump, nvcc
  std::optional<std::filesystem::path> library(
      std::string_view name) const;  // "nvrtc" for the newest libnvrtc.so.*
  std::optional<std::filesystem::path> include_folder(
      std::string_view header) const;  // the folder that has it
  std::string describe_search() const;

  const std::vector<std::filesystem::path>& roots() const { return roots_; }

 private:
  std::vector<std::filesystem::path> roots_;
};

}  // namespace cantil::host_api
