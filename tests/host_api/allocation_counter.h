// Counts what a thread allocates with operator new, which allocation_counter.cpp replaces for the whole test
// executable.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CANTIL_COUNT_ALLOCATIONS 0  // the sanitizers have an operator new of their own
#else
#define CANTIL_COUNT_ALLOCATIONS 1
#endif

namespace cantil::host_api {

// How often the calling thread has allocated so far.
size_t allocations();

}  // namespace cantil::host_api
