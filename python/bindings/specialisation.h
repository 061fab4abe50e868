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
  // `code` keeps what `entry_point` points into alive.
  Specialisation(std::shared_ptr<const compiler::Artifact> a, CpuEntry entry_point,
                 std::shared_ptr<void> code)
      : artifact(std::move(a)),
        entry(entry_point),
        arguments(artifact->args),
        result(ir::pack({artifact->ret})),
        code_(std::move(code)) {}

  std::shared_ptr<const compiler::Artifact> artifact;
  CpuEntry entry;
  ArgumentPlan arguments;
  ir::Packed result;
  bool nogil = false;
  uint64_t calls_resolved = 0;  // lookups that found it (not calls: those are not counted)

 private:
  std::shared_ptr<void> code_;
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

// Finds what was compiled for exactly these types among `targets`; null when there is none.
inline CallTarget* find_target(const std::vector<std::unique_ptr<CallTarget>>& targets,
                               const std::vector<ir::TypeRef>& key) {
  size_t hash = CallTarget::hash_of(key);
  for (auto& target : targets)
    if (target->hash == hash && target->key == key) return target.get();
  return nullptr;
}

inline CallTarget* add_target(std::vector<std::unique_ptr<CallTarget>>& targets, std::vector<ir::TypeRef> key,
                              Specialisation* specialisation) {
  size_t hash = CallTarget::hash_of(key);
  targets.push_back(std::make_unique<CallTarget>(CallTarget{std::move(key), hash, specialisation}));
  return targets.back().get();
}

}  // namespace cantil::bindings
