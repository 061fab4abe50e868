// The table of run-time functions.
#include "device_runtime/symbols.h"

#include "device_runtime/abi.h"

namespace cantil::device_runtime {

std::span<const RuntimeSymbol> runtime_symbols() {
#define SYMBOL(name)                      \
  {                                       \
    #name, reinterpret_cast<void*>(&name) \
  }
  static const RuntimeSymbol symbols[] = {
      SYMBOL(cantil_rt_alloc),           SYMBOL(cantil_rt_destroy),         SYMBOL(cantil_rt_live_blocks),
      SYMBOL(cantil_rt_raise),           SYMBOL(cantil_rt_frame),           SYMBOL(cantil_rt_this_error),
      SYMBOL(cantil_rt_parallel_for),    SYMBOL(cantil_rt_parallel_chunks), SYMBOL(cantil_rt_num_threads),
      SYMBOL(cantil_rt_set_num_threads), SYMBOL(cantil_rt_max_threads),     SYMBOL(cantil_rt_thread_id),
      SYMBOL(cantil_rt_print_begin),     SYMBOL(cantil_rt_print_text),      SYMBOL(cantil_rt_print_i64),
      SYMBOL(cantil_rt_print_u64),       SYMBOL(cantil_rt_print_f64),       SYMBOL(cantil_rt_print_f32),
      SYMBOL(cantil_rt_print_c128),      SYMBOL(cantil_rt_print_c64),       SYMBOL(cantil_rt_print_bool),
      SYMBOL(cantil_rt_print_end),       SYMBOL(cantil_rt_scratch),         SYMBOL(cantil_rt_barrier),
  };
#undef SYMBOL
  return symbols;
}

}  // namespace cantil::device_runtime
