// The C interface of NumPy's random numbers: bit generators as their capsules hold them, and the
// distributions of libnpyrandom, which NumPy brings for programs in C and which is linked in. (NumPy's own
// header wants Python.h.)
#pragma once
#include <cstdint>

namespace cantil::device_runtime {

struct Bitgen {
  void* state;
  uint64_t (*next_uint64)(void*);
  uint32_t (*next_uint32)(void*);
  double (*next_double)(void*);
  uint64_t (*next_raw)(void*);

  double real() { return next_double(state); }
};

// What random_binomial remembers between draws of the same n and p.
struct BinomialSetup {
  int has_binomial;
  double psave;
  int64_t nsave;
  double r, q, fm;
  int64_t m;
  double p1, xm, xl, xr, c, laml, lamr, p2, p3, p4;
};

}  // namespace cantil::device_runtime

extern "C" {

#define CANTIL_BITGEN cantil::device_runtime::Bitgen*
double random_loggam(double);
uint64_t random_interval(CANTIL_BITGEN, uint64_t max);
uint64_t random_bounded_uint64(CANTIL_BITGEN, uint64_t low, uint64_t range, uint64_t mask, bool masked);
void random_bounded_uint64_fill(CANTIL_BITGEN, uint64_t low, uint64_t range, intptr_t n, bool masked,
                                uint64_t*);
void random_bounded_uint32_fill(CANTIL_BITGEN, uint32_t low, uint32_t range, intptr_t n, bool masked,
                                uint32_t*);
void random_bounded_uint16_fill(CANTIL_BITGEN, uint16_t low, uint16_t range, intptr_t n, bool masked,
                                uint16_t*);
void random_bounded_uint8_fill(CANTIL_BITGEN, uint8_t low, uint8_t range, intptr_t n, bool masked, uint8_t*);
void random_bounded_bool_fill(CANTIL_BITGEN, uint8_t low, uint8_t range, intptr_t n, bool masked, uint8_t*);
int64_t random_binomial(CANTIL_BITGEN, double p, int64_t n, cantil::device_runtime::BinomialSetup*);
int64_t random_geometric_search(CANTIL_BITGEN, double p);
int64_t random_hypergeometric(CANTIL_BITGEN, int64_t good, int64_t bad, int64_t sample);
void random_multinomial(CANTIL_BITGEN, int64_t n, int64_t* out, double* p, intptr_t d,
                        cantil::device_runtime::BinomialSetup*);
float random_standard_uniform_f(CANTIL_BITGEN);
float random_standard_normal_f(CANTIL_BITGEN);
float random_standard_exponential_f(CANTIL_BITGEN);
float random_standard_gamma_f(CANTIL_BITGEN, float shape);
void random_standard_exponential_inv_fill(CANTIL_BITGEN, intptr_t n, double*);
void random_standard_exponential_inv_fill_f(CANTIL_BITGEN, intptr_t n, float*);
#define DISTRIBUTION0(name, result) result random_##name(CANTIL_BITGEN);
#define DISTRIBUTION1(name, result) result random_##name(CANTIL_BITGEN, double);
#define DISTRIBUTION2(name, result) result random_##name(CANTIL_BITGEN, double, double);
#define DISTRIBUTION3(name, result) result random_##name(CANTIL_BITGEN, double, double, double);
#include "device_runtime/random/distributions.def"
#undef CANTIL_BITGEN
}
