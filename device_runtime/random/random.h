// The random numbers that generated code calls for: np.random's (cantil_rt_np_…), those of a Generator
// (cantil_rt_generator_…, with its bit generator) and random's (cantil_rt_random_…).
#pragma once
#include <cstdint>

#include "device_runtime/random/numpy_random.h"

extern "C" {

#define CANTIL_BITGEN cantil::device_runtime::Bitgen*
#define DISTRIBUTION0(name, result) \
  result cantil_rt_np_##name(void); \
  result cantil_rt_generator_##name(CANTIL_BITGEN);
#define DISTRIBUTION1(name, result)   \
  result cantil_rt_np_##name(double); \
  result cantil_rt_generator_##name(CANTIL_BITGEN, double);
#define DISTRIBUTION2(name, result)           \
  result cantil_rt_np_##name(double, double); \
  result cantil_rt_generator_##name(CANTIL_BITGEN, double, double);
#define DISTRIBUTION3(name, result)                   \
  result cantil_rt_np_##name(double, double, double); \
  result cantil_rt_generator_##name(CANTIL_BITGEN, double, double, double);
#include "device_runtime/random/distributions.def"

int64_t cantil_rt_np_binomial(int64_t n, double p);
int64_t cantil_rt_np_hypergeometric(int64_t good, int64_t bad, int64_t sample);
void cantil_rt_np_multinomial(int64_t n, double* p, int64_t d, int64_t* out);
uint64_t cantil_rt_np_interval(uint64_t max);  // in [0, max]
CANTIL_BITGEN cantil_rt_np_bitgen(void);       // this thread's
void cantil_rt_np_seed(uint32_t value);
void cantil_rt_np_seed_array(const uint32_t* key, int64_t n);
void cantil_rt_np_seed_entropy(void);

float cantil_rt_generator_standard_uniform_f(CANTIL_BITGEN);
float cantil_rt_generator_standard_normal_f(CANTIL_BITGEN);
float cantil_rt_generator_standard_exponential_f(CANTIL_BITGEN);
float cantil_rt_generator_standard_gamma_f(CANTIL_BITGEN, float);
double cantil_rt_generator_inverse_exponential(CANTIL_BITGEN);
float cantil_rt_generator_inverse_exponential_f(CANTIL_BITGEN);
int64_t cantil_rt_generator_binomial(CANTIL_BITGEN, int64_t n, double p);
int64_t cantil_rt_generator_hypergeometric(CANTIL_BITGEN, int64_t good, int64_t bad, int64_t sample);
void cantil_rt_generator_multinomial(CANTIL_BITGEN, int64_t n, double* p, int64_t d, int64_t* out);
uint64_t cantil_rt_generator_interval(CANTIL_BITGEN, uint64_t max);  // in [0, max], as shuffle() has it
uint64_t cantil_rt_generator_bounded(CANTIL_BITGEN, uint64_t max);   // the same as choice() has it
void cantil_rt_random_integers(CANTIL_BITGEN, uint64_t low, uint64_t range, int64_t n, int32_t bits,
                               int32_t masked, void* out);

double cantil_rt_random_real(void);
uint32_t cantil_rt_random_word(void);
void cantil_rt_random_seed(uint32_t value);
void cantil_rt_random_seed_entropy(void);
double cantil_rt_random_take_gauss(void);
void cantil_rt_random_keep_gauss(double);
#undef CANTIL_BITGEN
}
