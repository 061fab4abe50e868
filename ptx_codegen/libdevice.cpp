// Finding and linking libdevice.
#include "ptx_codegen/libdevice.h"

#include <dlfcn.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Transforms/IPO/Internalize.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <vector>

#include "support/diagnostics.h"

namespace cantil::ptx_codegen {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFile = "libdevice.10.bc";

struct State {
  std::mutex mutex;
  std::vector<std::string> folders;
  bool looked = false;
  std::string path;
  std::unique_ptr<llvm::MemoryBuffer> bytes;
};

State& state() {
  static State s;
  return s;
}

std::string find(const std::vector<std::string>& first) {
  if (const char* chosen = std::getenv("CANTIL_LIBDEVICE")) {  // that file or none
    std::error_code ignored;
    return fs::exists(chosen, ignored) ? chosen : "";
  }
  std::vector<fs::path> folders(first.begin(), first.end());
  Dl_info self;
  fs::path here;
  if (dladdr(reinterpret_cast<void*>(&find), &self) && self.dli_fname)
    here = fs::path(self.dli_fname).parent_path();
  folders.push_back(here / "_data");
  for (const char* name : {"CUDA_HOME", "CUDA_PATH"})
    if (const char* root = std::getenv(name)) folders.push_back(fs::path(root) / "nvvm/libdevice");
  folders.push_back("/usr/local/cuda/nvvm/libdevice");
  // NVIDIA's Python packages, installed beside ours.
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(here.parent_path() / "nvidia", ignored)) {
    folders.push_back(entry.path() / "nvvm/libdevice");
    folders.push_back(entry.path() / "libdevice");
  }
  for (const fs::path& folder : folders)
    if (fs::exists(folder / kFile, ignored)) return (folder / kFile).string();
  return "";
}

}  // namespace

void add_libdevice_folder(std::string folder) {
  State& s = state();
  std::lock_guard lock(s.mutex);
  s.folders.push_back(std::move(folder));
  if (s.path.empty()) s.looked = false;
}

std::string libdevice_path() {
  State& s = state();
  std::lock_guard lock(s.mutex);
  if (!s.looked) s.path = find(s.folders);
  s.looked = true;
  return s.path;
}

void link_libdevice(llvm::Module& module) {
  bool needed = false;
  for (const llvm::Function& f : module) needed |= f.isDeclaration() && f.getName().starts_with("__nv_");
  if (!needed) return;

  const std::string path = libdevice_path();
  if (path.empty()) fail(Diag::NoLibdevice, {});
  State& s = state();
  {
    std::lock_guard lock(s.mutex);
    if (!s.bytes) {
      auto file = llvm::MemoryBuffer::getFile(path);
      if (!file) fail(Diag::NoLibdevice, {});
      s.bytes = std::move(*file);
    }
  }
  auto library = llvm::getLazyBitcodeModule(s.bytes->getMemBufferRef(), module.getContext());
  if (!library) throw InternalError("cannot read " + path + ": " + llvm::toString(library.takeError()));
  (*library)->setTargetTriple(module.getTargetTriple());
  (*library)->setDataLayout(module.getDataLayout());
  llvm::Linker linker(module);
  const bool failed = linker.linkInModule(std::move(*library), llvm::Linker::LinkOnlyNeeded,
                                          [](llvm::Module& linked, const llvm::StringSet<>& names) {
                                            llvm::internalizeModule(linked, [&](const llvm::GlobalValue& v) {
                                              return !v.hasName() || !names.count(v.getName());
                                            });
                                          });
  if (failed) throw InternalError("cannot link " + path);
}

}  // namespace cantil::ptx_codegen
