// The methods of np.random.Generator, over the bit generator that the object holds.
#include <memory>

#include "device_runtime/random/random.h"

using namespace cantil::device_runtime;

namespace {

// n and p of the last binomial numbers of this thread.
// On the heap, for the thread-local data of a shared library has to stay small: see mt19937.h.
BinomialSetup* binomial_setup() {
  static thread_local const auto setup = std::make_unique<BinomialSetup>();
  return setup.get();
}

}  // namespace

extern "C" {

#define DISTRIBUTION0(name, result) \
  result cantil_rt_generator_##name(Bitgen* g) { return random_##name(g); }
#define DISTRIBUTION1(name, result) \
  result cantil_rt_generator_##name(Bitgen* g, double a) { return random_##name(g, a); }
#define DISTRIBUTION2(name, result) \
  result cantil_rt_generator_##name(Bitgen* g, double a, double b) { return random_##name(g, a, b); }
#define DISTRIBUTION3(name, result)                                            \
  result cantil_rt_generator_##name(Bitgen* g, double a, double b, double c) { \
    return random_##name(g, a, b, c);                                          \
  }
#include "device_runtime/random/distributions.def"

float cantil_rt_generator_standard_uniform_f(Bitgen* g) { return random_standard_uniform_f(g); }
float cantil_rt_generator_standard_normal_f(Bitgen* g) { return random_standard_normal_f(g); }
float cantil_rt_generator_standard_exponential_f(Bitgen* g) { return random_standard_exponential_f(g); }
float cantil_rt_generator_standard_gamma_f(Bitgen* g, float a) { return random_standard_gamma_f(g, a); }
double cantil_rt_generator_inverse_exponential(Bitgen* g) {
  double x;
  random_standard_exponential_inv_fill(g, 1, &x);
  return x;
}
float cantil_rt_generator_inverse_exponential_f(Bitgen* g) {
  float x;
  random_standard_exponential_inv_fill_f(g, 1, &x);
  return x;
}
int64_t cantil_rt_generator_binomial(Bitgen* g, int64_t n, double p) {
  return random_binomial(g, p, n, binomial_setup());
}
int64_t cantil_rt_generator_hypergeometric(Bitgen* g, int64_t good, int64_t bad, int64_t sample) {
  return random_hypergeometric(g, good, bad, sample);
}
void cantil_rt_generator_multinomial(Bitgen* g, int64_t n, double* p, int64_t d, int64_t* out) {
  random_multinomial(g, n, out, p, d, binomial_setup());
}
uint64_t cantil_rt_generator_interval(Bitgen* g, uint64_t max) { return random_interval(g, max); }
uint64_t cantil_rt_generator_bounded(Bitgen* g, uint64_t max) {
  return random_bounded_uint64(g, 0, max, 0, false);
}

// n integers in [low, low + range] of `bits` bits (1: bool); masked: with RandomState's method.
void cantil_rt_random_integers(Bitgen* g, uint64_t low, uint64_t range, int64_t n, int32_t bits,
                               int32_t masked, void* out) {
  bool m = masked != 0;
  switch (bits) {
    case 64:
      return random_bounded_uint64_fill(g, low, range, n, m, static_cast<uint64_t*>(out));
    case 32:
      return random_bounded_uint32_fill(g, static_cast<uint32_t>(low), static_cast<uint32_t>(range), n, m,
                                        static_cast<uint32_t*>(out));
    case 16:
      return random_bounded_uint16_fill(g, static_cast<uint16_t>(low), static_cast<uint16_t>(range), n, m,
                                        static_cast<uint16_t*>(out));
    case 8:
      return random_bounded_uint8_fill(g, static_cast<uint8_t>(low), static_cast<uint8_t>(range), n, m,
                                       static_cast<uint8_t*>(out));
    default:
      return random_bounded_bool_fill(g, static_cast<uint8_t>(low), static_cast<uint8_t>(range), n, m,
                                      static_cast<uint8_t*>(out));
  }
}
}
