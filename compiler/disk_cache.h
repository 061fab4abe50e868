// The disk cache: one file an entry, named by the function and the key. Right by construction: the key covers
// all that the code depends on; a file is written aside and renamed, and carries its key and a checksum, so
// that whatever is not exactly the entry asked for is a miss. Where no folder is writable there is no cache,
// and no error.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "compiler/job.h"

namespace cantil::compiler {

// The key of a job, "" when it cannot be cached.
std::string cache_key(const Job& job);
std::optional<Artifact> read_cache(const std::string& folder, const std::string& name,
                                   const std::string& key);
// Writes what it can; failures are silent by design (and noted under CANTIL_TIMING).
void write_cache(const std::string& folder, const std::string& name, const std::string& key,
                 const Artifact& artifact);

// Whether a file is an entry, whole and under its own name, of whatever build.
bool is_sound_entry(const std::string& path);

// Identifies this build of the compiler: the linker's build id of the library that holds it. "" when there is
// none.
const std::string& build_id();

}  // namespace cantil::compiler
