// Searches toolkits and package folders.
#include "host_api/toolkit.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace cantil::host_api {
namespace {

namespace fs = std::filesystem;

void add_root(std::vector<fs::path>& roots, const fs::path& folder) {
  std::error_code error;
  if (!folder.empty() && fs::is_directory(folder, error) &&
      std::find(roots.begin(), roots.end(), folder) == roots.end()) {
    roots.push_back(folder);
  }
}

void add_variable(std::vector<fs::path>& roots, const char* variable) {
  if (const char* value = std::getenv(variable); value != nullptr && *value != '\0') {
    add_root(roots, value);
  }
}

std::vector<fs::path> path_folders() {
  std::vector<fs::path> folders;
  const char* value = std::getenv("PATH");
  std::string_view rest = value != nullptr ? value : "";
  while (!rest.empty()) {
    const size_t end = rest.find(':');
    if (end != 0) {
      folders.emplace_back(rest.substr(0, end));
    }
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + 1);
  }
  return folders;
}

bool executable(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0;
}

// The numbers after ".so.", for comparing versions; -1 where there are none.
std::vector<int> version_of(const std::string& file_name) {
  std::vector<int> version;
  size_t at = file_name.find(".so");
  for (at += 3; at < file_name.size() && file_name[at] == '.';) {
    char* end = nullptr;
    version.push_back(static_cast<int>(std::strtol(file_name.c_str() + at + 1, &end, 10)));
    at = static_cast<size_t>(end - file_name.c_str());
  }
  return version;
}

// The newest lib<name>.so* of a folder.
std::optional<fs::path> newest_library(const fs::path& folder, std::string_view name) {
  const std::string prefix = "lib" + std::string(name) + ".so";
  std::optional<fs::path> best;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (!file.starts_with(prefix) || (file.size() > prefix.size() && file[prefix.size()] != '.')) {
      continue;
    }
    if (!best || version_of(file) > version_of(best->filename().string())) {
      best = it->path();
    }
  }
  return best;
}

}  // namespace

Toolkit::Toolkit(const std::vector<fs::path>& extra) {
  for (const fs::path& folder : extra) {
    add_root(roots_, folder);
    std::vector<fs::path> parts;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      parts.push_back(it->path());
    }
    std::sort(parts.begin(), parts.end());  // the file system's order is nobody's choice
    for (const fs::path& part : parts) {
      add_root(roots_, part);
    }
  }
  add_variable(roots_, "CUDA_HOME");
  add_variable(roots_, "CUDA_PATH");
  for (const fs::path& folder : path_folders()) {
    if (executable(folder / "nvcc")) {
      std::error_code error;
      const fs::path nvcc = fs::canonical(folder / "nvcc", error);
      if (!error) {
        add_root(roots_, nvcc.parent_path().parent_path());
      }
    }
  }
  add_root(roots_, "/usr/local/cuda");
  add_root(roots_, "/opt/cuda");
}

std::optional<fs::path> Toolkit::libdevice() const {
  for (const fs::path& root : roots_) {
    for (const char* place :
         {"nvvm/libdevice/libdevice.10.bc", "libdevice/libdevice.10.bc", "libdevice.10.bc"}) {
      std::error_code error;
      if (fs::is_regular_file(root / place, error)) {
        return root / place;
      }
    }
  }
  return std::nullopt;
}

std::optional<fs::path> Toolkit::binary(std::string_view name) const {
  for (const fs::path& root : roots_) {
    if (const fs::path file = root / "bin" / name; executable(file)) {
      return file;
    }
  }
  for (const fs::path& folder : path_folders()) {
    if (const fs::path file = folder / name; executable(file)) {
      return file;
    }
  }
  return std::nullopt;
}

std::optional<fs::path> Toolkit::library(std::string_view name) const {
  for (const fs::path& root : roots_) {
    for (const char* place : {"lib64", "lib", "nvvm/lib64", "targets/x86_64-linux/lib", "."}) {
      if (auto found = newest_library(root / place, name)) {
        return found;
      }
    }
  }
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib64"}) {
    if (auto found = newest_library(folder, name)) {
      return found;
    }
  }
  return std::nullopt;
}

std::optional<fs::path> Toolkit::include_folder(std::string_view header) const {
  for (const fs::path& root : roots_) {
    for (const char* place : {"include", "targets/x86_64-linux/include", "include/cccl"}) {
      std::error_code error;
      if (fs::exists(root / place / header, error)) {
        return root / place;
      }
    }
  }
  return std::nullopt;
}

std::string Toolkit::describe_search() const {
  if (roots_.empty()) {
    return "There is no CUDA toolkit in CUDA_HOME, CUDA_PATH, on the PATH or in /usr/local/cuda, and none of "
           "NVIDIA's "
           "Python packages. 'pip install cantil[cuda]' brings what Cantil uses.";
  }
  std::string text = "Looked in";
  for (size_t i = 0; i < roots_.size(); ++i) {
    text += (i == 0 ? " " : ", ") + roots_[i].string();
  }
  return text + ". 'pip install cantil[cuda]' brings what Cantil uses.";
}

}  // namespace cantil::host_api
