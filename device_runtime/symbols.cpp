// The table of run-time functions.
#include "device_runtime/symbols.h"

#include "device_runtime/abi.h"
#include "device_runtime/blas/blas.h"
#include "device_runtime/random/random.h"
#include "device_runtime/sort/sort.h"
#include "device_runtime/text/functions.h"
#include "device_runtime/vector_math/vector_math.h"

namespace cantil::device_runtime {

std::span<const RuntimeSymbol> runtime_symbols() {
#define SYMBOL(name)                      \
  {                                       \
    #name, reinterpret_cast<void*>(&name) \
  }
  static const RuntimeSymbol symbols[] = {
      SYMBOL(cantil_rt_alloc),
      SYMBOL(cantil_rt_destroy),
      SYMBOL(cantil_rt_live_blocks),
      SYMBOL(cantil_rt_alloc_counted),
      SYMBOL(cantil_rt_move),
      SYMBOL(cantil_rt_raise),
      SYMBOL(cantil_rt_raise_counted),
      SYMBOL(cantil_rt_frame),
      SYMBOL(cantil_rt_this_error),
      SYMBOL(cantil_rt_c_failed),
      SYMBOL(cantil_rt_error_save),
      SYMBOL(cantil_rt_object_block),
      SYMBOL(cantil_rt_error_restore),
      SYMBOL(cantil_rt_parallel_for),
      SYMBOL(cantil_rt_parallel_chunks),
      SYMBOL(cantil_rt_num_threads),
      SYMBOL(cantil_rt_set_num_threads),
      SYMBOL(cantil_rt_get_parallel_chunksize),
      SYMBOL(cantil_rt_set_parallel_chunksize),
      SYMBOL(cantil_rt_max_threads),
      SYMBOL(cantil_rt_thread_id),
      SYMBOL(cantil_rt_print_begin),
      SYMBOL(cantil_rt_print_text),
      SYMBOL(cantil_rt_print_i64),
      SYMBOL(cantil_rt_print_u64),
      SYMBOL(cantil_rt_print_f64),
      SYMBOL(cantil_rt_print_f32),
      SYMBOL(cantil_rt_print_c128),
      SYMBOL(cantil_rt_print_c64),
      SYMBOL(cantil_rt_print_bool),
      SYMBOL(cantil_rt_print_end),
      SYMBOL(cantil_rt_scratch),
      SYMBOL(cantil_rt_barrier),
      SYMBOL(cantil_rt_collective),
      SYMBOL(cantil_rt_block_collective),
      SYMBOL(cantil_rt_access),
      SYMBOL(cantil_rt_initialised),
      SYMBOL(cantil_rt_fenced),
      SYMBOL(cantil_rt_synchronised),
      SYMBOL(cantil_rt_sync_mark),
      SYMBOL(cantil_rt_np_binomial),
      SYMBOL(cantil_rt_np_hypergeometric),
      SYMBOL(cantil_rt_np_multinomial),
      SYMBOL(cantil_rt_np_interval),
      SYMBOL(cantil_rt_np_bitgen),
      SYMBOL(cantil_rt_np_seed),
      SYMBOL(cantil_rt_np_seed_array),
      SYMBOL(cantil_rt_np_seed_entropy),
      SYMBOL(cantil_rt_generator_standard_uniform_f),
      SYMBOL(cantil_rt_generator_standard_normal_f),
      SYMBOL(cantil_rt_generator_standard_exponential_f),
      SYMBOL(cantil_rt_generator_standard_gamma_f),
      SYMBOL(cantil_rt_generator_inverse_exponential),
      SYMBOL(cantil_rt_generator_inverse_exponential_f),
      SYMBOL(cantil_rt_generator_binomial),
      SYMBOL(cantil_rt_generator_hypergeometric),
      SYMBOL(cantil_rt_generator_multinomial),
      SYMBOL(cantil_rt_generator_interval),
      SYMBOL(cantil_rt_generator_bounded),
      SYMBOL(cantil_rt_random_integers),
      SYMBOL(cantil_rt_random_real),
      SYMBOL(cantil_rt_random_word),
      SYMBOL(cantil_rt_random_seed),
      SYMBOL(cantil_rt_random_seed_entropy),
      SYMBOL(cantil_rt_random_take_gauss),
      SYMBOL(cantil_rt_random_keep_gauss),
      SYMBOL(cantil_rt_gemm),
      SYMBOL(cantil_rt_dot_f64),
      SYMBOL(cantil_rt_dot_f32),
      SYMBOL(cantil_rt_gemv),
      SYMBOL(cantil_rt_lapack_solve),
      SYMBOL(cantil_rt_lapack_lu),
      SYMBOL(cantil_rt_lapack_cholesky),
      SYMBOL(cantil_rt_lapack_eigh),
      SYMBOL(cantil_rt_lapack_eig),
      SYMBOL(cantil_rt_lapack_eigvals),
      SYMBOL(cantil_rt_lapack_svd),
      SYMBOL(cantil_rt_lapack_qr),
      SYMBOL(cantil_rt_lapack_q),
      SYMBOL(cantil_rt_lapack_lstsq),
      SYMBOL(cantil_rt_vm_exp_d8),
      SYMBOL(cantil_rt_vm_log_d8),
      SYMBOL(cantil_rt_vm_tanh_d8),
      SYMBOL(cantil_rt_vm_pow_d8),
      SYMBOL(cantil_rt_vm_pow_f16),
      SYMBOL(cantil_rt_sort),
      SYMBOL(cantil_rt_argsort),
#define TEXT_FUNCTION(result, name, parameters) SYMBOL(cantil_rt_##name),
#include "device_runtime/text/functions.def"
#undef TEXT_FUNCTION
#define DISTRIBUTION0(name, result) SYMBOL(cantil_rt_np_##name), SYMBOL(cantil_rt_generator_##name),
#define DISTRIBUTION1(name, result) DISTRIBUTION0(name, result)
#define DISTRIBUTION2(name, result) DISTRIBUTION0(name, result)
#define DISTRIBUTION3(name, result) DISTRIBUTION0(name, result)
#include "device_runtime/random/distributions.def"
  };
#undef SYMBOL
  return symbols;
}

}  // namespace cantil::device_runtime
