/* What a module compiled ahead of time hands to its run-time part (libcantil_aot.a). Plain C: the module's
   own file, which cantil/_aot writes, includes it. */
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* See device_runtime/abi.h. */
typedef int32_t (*cantil_aot_entry)(void* ret, const void* args);

/* One signature of a function. */
typedef struct cantil_aot_variant {
  const unsigned char* metadata; /* an artifact without its code, see compiler/artifact_io.h */
  uint64_t metadata_size;
  int32_t releases_gil;
  const cantil_aot_entry* entries; /* one for each level of the module */
} cantil_aot_variant;

typedef struct cantil_aot_function {
  const char* name;
  uint32_t variant_count;
  const cantil_aot_variant* variants;
} cantil_aot_function;

typedef struct cantil_aot_module {
  const char* name;
  const char* stubs; /* Python text with a def for each function: its parameters, defaults and docstring */
  uint32_t level_count;
  const char* const*
      level_features; /* of each level, best first: the CPU features that it needs, with spaces between */
  uint32_t function_count;
  const cantil_aot_function* functions;
} cantil_aot_module;

/* The module object (new reference), or null with a Python exception set. */
void* cantil_aot_init(const cantil_aot_module* module);

#ifdef __cplusplus
}
#endif
