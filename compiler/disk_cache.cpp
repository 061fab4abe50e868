// Keys, folders and files of the disk cache.
#include "compiler/disk_cache.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <llvm/Config/llvm-config.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "compiler/artifact_io.h"
#include "cpu_codegen/compile.h"
#include "frontend/classes.h"
#include "support/hash.h"
#include "support/trace.h"

namespace cantil::compiler {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kMagic = "cantil artifact 1\n";
constexpr size_t kDigest = 32;

std::string digest(std::string_view bytes) { return Hasher().str(bytes).hex(); }

// The note that the linker left in the object around `address`.
struct Search {
  uintptr_t address;
  std::string id;
};

int visit(dl_phdr_info* info, size_t, void* data) {
  auto* search = static_cast<Search*>(data);
  bool inside = false;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) & p = info->dlpi_phdr[i];
    const uintptr_t start = info->dlpi_addr + p.p_vaddr;
    if (p.p_type == PT_LOAD && search->address >= start && search->address < start + p.p_memsz) inside = true;
  }
  if (!inside) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) & p = info->dlpi_phdr[i];
    if (p.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(info->dlpi_addr + p.p_vaddr);
    const char* end = at + p.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      ElfW(Nhdr) note;
      std::memcpy(&note, at, sizeof note);
      const char* name = at + sizeof note;
      const char* body = name + ((note.n_namesz + 3) & ~3u);
      if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
        search->id.assign(body, note.n_descsz);
        return 1;
      }
      at = body + ((note.n_descsz + 3) & ~3u);
    }
  }
  return 1;
}

// NUMBA_DEBUG_CACHE: what the cache does, on standard output as Numba says it.
void debug_note(const char* what, const std::string& path) {
  static const bool wanted = [] {
    for (const char* name : {"CANTIL_DEBUG_CACHE", "NUMBA_DEBUG_CACHE"})
      if (const char* value = std::getenv(name)) return *value && std::strcmp(value, "0") != 0;
    return false;
  }();
  if (!wanted) return;
  std::printf("[cache] %s '%s'\n", what, path.c_str());
  std::fflush(stdout);
}

// Marks a folder that holds nothing but the cache as one, for backups and cleaners (bford.info/cachedir).
void tag(const std::string& folder) {
  if (fs::path(folder).filename() == "__pycache__") return;
  const std::string path = folder + "/CACHEDIR.TAG";
  std::error_code error;
  if (fs::exists(path, error)) return;
  std::ofstream(path) << "Signature: 8a477f597d28d172789f06886806bc55\n# Compiled functions of Cantil.\n";
}

bool writable(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return access(folder.c_str(), W_OK | X_OK) == 0;
}

std::string file_of(const std::string& folder, const std::string& name, const std::string& key) {
  std::string stem;
  for (char c : name.substr(0, 80)) stem += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '-';
  return folder + "/" + stem + "-" + key + ".cantil";
}

}  // namespace

const std::string& build_id() {
  static const std::string id = [] {
    Search search{reinterpret_cast<uintptr_t>(&visit), ""};
    dl_iterate_phdr(&visit, &search);
    return search.id;
  }();
  return id;
}

std::string cache_key(const Job& job) {
  if (build_id().empty()) {
    timing_note("cache", "this build has no id, nothing is cached");
    return "";
  }
  Hasher h;
  h.str(build_id()).str(LLVM_VERSION_STRING);
  if (!frontend::hash_function(h, *job.function)) return "";
  h.u64(job.args.size());
  for (ir::TypeRef t : job.args)
    if (!frontend::hash_type(h, t)) return "";
  h.str(job.ret ? job.ret->str() : "").u64(static_cast<uint64_t>(job.form));
  const Target& t = job.target;
  h.u64(static_cast<uint64_t>(t.kind));
  if (t.kind == TargetKind::Ptx) {
    h.u64(t.compute_major)
        .u64(t.compute_minor)
        .u64(static_cast<unsigned char>(t.arch_suffix))
        .u64(t.max_ptx_version);
  } else {
    h.str(t.cpu.empty() ? cpu_codegen::host_cpu() : t.cpu);
    h.str(t.features.empty() && t.cpu.empty() ? cpu_codegen::host_features() : t.features);
  }
  h.u64(t.lineinfo).u64(t.debug).u64(t.device_function).str(t.export_name).u64(t.shuffles_threads);
  return h.hex();
}

std::string cache_directory(const std::string& source_file) {
  for (const char* name : {"CANTIL_CACHE_DIR", "NUMBA_CACHE_DIR"})
    if (const char* folder = std::getenv(name); folder && *folder) {
      // One that others have filled may be only for reading.
      std::error_code missing;
      return writable(folder) || fs::is_directory(folder, missing) ? folder : "";
    }
  std::error_code error;
  if (!source_file.empty() && source_file[0] != '<' && fs::exists(source_file, error)) {
    const fs::path beside = fs::absolute(source_file, error).parent_path() / "__pycache__";
    if (writable(beside)) return beside.string();
  }
  fs::path base;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg && *xdg)
    base = xdg;
  else if (const char* home = std::getenv("HOME"); home && *home)
    base = fs::path(home) / ".cache";
  else
    return "";
  const fs::path folder = base / "cantil";
  return writable(folder) ? folder.string() : "";
}

namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  if (file) content << file.rdbuf();
  return content.str();
}

// What an entry of this key holds; nothing where the bytes are not exactly that.
std::optional<std::string_view> payload_of(std::string_view bytes, std::string_view key) {
  const size_t head = kMagic.size() + key.size() + kDigest;
  if (bytes.size() < head || bytes.substr(0, kMagic.size()) != kMagic ||
      bytes.substr(kMagic.size(), key.size()) != key)
    return std::nullopt;
  const std::string_view payload = bytes.substr(head);
  if (digest(payload) != bytes.substr(kMagic.size() + key.size(), kDigest)) return std::nullopt;
  return payload;
}

}  // namespace

std::optional<Artifact> read_cache(const std::string& folder, const std::string& name,
                                   const std::string& key) {
  const std::string bytes = read_file(file_of(folder, name, key));
  const std::optional<std::string_view> payload = payload_of(bytes, key);
  if (!payload) return std::nullopt;
  std::optional<Artifact> artifact = deserialise(*payload);
  if (artifact) {
    artifact->cache_key = key;
    artifact->from_cache = true;
    debug_note("data loaded from", file_of(folder, name, key));
  }
  return artifact;
}

bool is_sound_entry(const std::string& path) {
  const std::string stem = fs::path(path).stem().string();
  if (fs::path(path).extension() != ".cantil" || stem.size() <= kDigest) return false;
  const std::string bytes = read_file(path);
  const std::optional<std::string_view> payload = payload_of(bytes, stem.substr(stem.size() - kDigest));
  return payload && deserialise(*payload);
}

void write_cache(const std::string& folder, const std::string& name, const std::string& key,
                 const Artifact& artifact) {
  const std::optional<std::string> payload = serialise(artifact);
  if (!payload) {
    timing_note("cache", "the code refers to objects of this process and is not kept");
    return;
  }
  const std::string path = file_of(folder, name, key);
  std::string aside = path + ".XXXXXX";
  const int fd = mkstemp(aside.data());
  if (fd < 0) {
    timing_note("cache", "cannot write to " + folder);
    return;
  }
  const std::string bytes = std::string(kMagic) + key + digest(*payload) + *payload;
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = write(fd, bytes.data() + done, bytes.size() - done);
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  const bool whole = done == bytes.size() && fchmod(fd, 0644) == 0;
  if (close(fd) != 0 || !whole || rename(aside.c_str(), path.c_str()) != 0) {
    unlink(aside.c_str());
    timing_note("cache", "cannot write " + path);
    return;
  }
  debug_note("data saved to", path);
  tag(folder);
}

}  // namespace cantil::compiler
