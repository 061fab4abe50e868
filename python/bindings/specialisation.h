// One compiled version of a CPU function, and the table that finds it by argument types.
#pragma once
#include <Python.h>

#include <memory>
#include <vector>

#include "compiler/job.h"
#include "python/bindings/unbox.h"

namespace cantil::bindings {

using CpuEntry = int32_t (*)(void* ret, const void* args);

struct Specialisation {
  Specialisation(std::shared_ptr<const compiler::Artifact> artifact,
                 std::shared_ptr<compiler::LoadedCode> code);

  std::shared_ptr<const compiler::Artifact> artifact;
  std::shared_ptr<compiler::LoadedCode> code;
  CpuEntry entry;
  ArgumentPlan arguments;
  ir::Packed result;
  bool nogil = false;
  uint64_t calls_resolved = 0;  // lookups that found it (not calls: those are not counted)
};

// Argument types of a call, and what to run for them. With explicit signatures the two may differ.
struct CallTarget {
  std::vector<ir::TypeRef> key;
  size_t hash;
  Specialisation* specialisation;

  static size_t hash_of(const std::vector<ir::TypeRef>& key) {
    size_t h = key.size();
    for (ir::TypeRef t : key) h = (h ^ reinterpret_cast<size_t>(t)) * 0x9E3779B97F4A7C15u;
    return h;
  }
};

}  // namespace cantil::bindings
