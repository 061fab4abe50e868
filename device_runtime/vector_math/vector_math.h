// Our own vector functions, where SLEEF's are slow. To be called on CPUs with AVX-512 (F, DQ and VL) only.
#pragma once

typedef double Double8 __attribute__((vector_size(64)));
typedef float Float16 __attribute__((vector_size(64)));

extern "C" {

// Within 1 ULP.
Double8 cantil_rt_vm_exp_d8(Double8 x);
Double8 cantil_rt_vm_log_d8(Double8 x);
Double8 cantil_rt_vm_tanh_d8(Double8 x);
Double8 cantil_rt_vm_pow_d8(Double8 x, Double8 y);
Float16 cantil_rt_vm_pow_f16(Float16 x, Float16 y);

}  // extern "C"
