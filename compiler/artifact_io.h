// Artifacts as bytes, for the disk cache.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "compiler/job.h"

namespace cantil::compiler {

// Everything but cache_key and from_cache. Nothing when the artifact refers to objects of this process.
std::optional<std::string> serialise(const Artifact& a);
// Nothing when the bytes are not a whole artifact.
std::optional<Artifact> deserialise(std::string_view bytes);

}  // namespace cantil::compiler
