// exp, log, tanh and pow of eight float64 and pow of sixteen float32 at a time, for CPUs with AVX-512: two to
// three times as fast as SLEEF's, within 1 ULP.
//
// exp: x = (16 n + j) ln2/16 + r; 2^n comes from an instruction, 2^(j/16) from a table in registers, e^r - 1
// from a polynomial. log: x = 2^k z, with z in one of 16 intervals, c (a table) near 1/z: k ln2 - log c +
// log1p(z c - 1). pow: log in two parts whose sum has some 64 bits, so that the product with y keeps 53. What
// is rare (zeros, infinities, results at the ends of the range) goes to libm, lane by lane.
#include "device_runtime/vector_math/vector_math.h"

#include <cmath>

#pragma GCC diagnostic ignored "-Wpsabi"
// GCC's own headers start from such values.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,fma,avx2")
#include <immintrin.h>

namespace {

using Vec = __m512d;
using Int = __m512i;

// Made by expansions in 70 digits: 2^(j/16) in two parts, c with -log c in two parts and in base 2, and
// polynomials interpolated at Chebyshev's nodes: (e^r - 1 - r) / r^2, (log1p r - r + r^2/2) / r^3, log2(1 +
// r) / r, (2^r - 1) / r.
alignas(64) constexpr double kRoot[] = {
    0x1.0000000000000p+0, 0x1.0b5586cf9890fp+0, 0x1.172b83c7d517bp+0, 0x1.2387a6e756238p+0,
    0x1.306fe0a31b715p+0, 0x1.3dea64c123422p+0, 0x1.4bfdad5362a27p+0, 0x1.5ab07dd485429p+0,
    0x1.6a09e667f3bcdp+0, 0x1.7a11473eb0187p+0, 0x1.8ace5422aa0dbp+0, 0x1.9c49182a3f090p+0,
    0x1.ae89f995ad3adp+0, 0x1.c199bdd85529cp+0, 0x1.d5818dcfba487p+0, 0x1.ea4afa2a490dap+0};
alignas(64) constexpr double kRootLow[] = {0.0,
                                           0x1.8a62e4adc610bp-54,
                                           -0x1.19041b9d78a76p-55,
                                           0x1.9b07eb6c70573p-54,
                                           0x1.6f46ad23182e4p-55,
                                           0x1.ada0911f09ebcp-55,
                                           0x1.d4397afec42e2p-56,
                                           0x1.6324c054647adp-54,
                                           -0x1.bdd3413b26456p-54,
                                           -0x1.41577ee04992fp-55,
                                           0x1.6e9f156864b27p-54,
                                           0x1.c7c46b071f2bep-56,
                                           0x1.7a1cd345dcc81p-54,
                                           0x1.11065895048ddp-55,
                                           0x1.2ed02d75b3707p-55,
                                           -0x1.e9c23179c2893p-54};
alignas(64) constexpr double kExp[] = {0x1.0000000000000p-1, 0x1.55555554dbf3bp-3, 0x1.5555555518a49p-5,
                                       0x1.11120c54e1bb7p-7, 0x1.6c17bcafd1d7ap-10};
alignas(64) constexpr double kExpLong[] = {0x1.0000000000001p-1,  0x1.5555555555556p-3,
                                           0x1.55555554e8171p-5,  0x1.11111110e083ap-7,
                                           0x1.6c17eef09dce9p-10, 0x1.a01b0da40d711p-13};
alignas(64) constexpr double kInverse[] = {
    0x1.6400000000000p+0, 0x1.5500000000000p+0, 0x1.4800000000000p+0, 0x1.3b00000000000p+0,
    0x1.2f00000000000p+0, 0x1.2500000000000p+0, 0x1.1a00000000000p+0, 0x1.1100000000000p+0,
    0x1.0800000000000p+0, 0x1.0000000000000p+0, 0x1.e200000000000p-1, 0x1.c800000000000p-1,
    0x1.b000000000000p-1, 0x1.9a00000000000p-1, 0x1.8600000000000p-1, 0x1.7400000000000p-1};
alignas(64) constexpr double kLog[] = {-0x1.51aad872e0000p-2, -0x1.2596010df7000p-2,
                                       -0x1.fb9186d5e4000p-3, -0x1.a8becfc882000p-3,
                                       -0x1.59338d9982000p-3, -0x1.1478584674000p-3,
                                       -0x1.8c345d6318000p-4, -0x1.0759835990000p-4,
                                       -0x1.f829b0e780000p-6, 0.0,
                                       0x1.eea31c0068000p-5,  0x1.da72763844000p-4,
                                       0x1.5bf406b544000p-3,  0x1.c6ffbc6f00000p-3,
                                       0x1.16b5ccbad0000p-2,  0x1.4718dc271c000p-2};
alignas(64) constexpr double kLogLow[] = {0x1.f4bd8db0a7cc1p-44,  -0x1.8e7bc224ea3e3p-44,
                                          0x1.d572aab993c87p-47,  -0x1.e3185cf21b9cfp-44,
                                          -0x1.0ba68b7555d4ap-48, -0x1.563451027c750p-46,
                                          -0x1.b20f5acb42a66p-44, 0x1.b8ecfe4b59987p-44,
                                          -0x1.980267c7e09e4p-45, 0.0,
                                          0x1.c3dd83606d891p-44,  0x1.a89401fa71733p-46,
                                          -0x1.27023eb68981cp-46, 0x1.ee138d3a69d43p-44,
                                          -0x1.23299042d74bfp-44, 0x1.06c18fb4c14c5p-44};
alignas(64) constexpr double kLog2[] = {-0x1.e726aa1e754d2p-2, -0x1.a78e146f7bef4p-2,
                                        -0x1.6e221cd9d0cdep-2, -0x1.32639636b2836p-2,
                                        -0x1.f205339208f27p-3, -0x1.8edcae8352b6cp-3,
                                        -0x1.1dcd197552b7bp-3, -0x1.7beee96b8a281p-4,
                                        -0x1.6bad3758efd87p-5, 0.0,
                                        0x1.64ce26c067157p-4,  0x1.563dc29ffacb2p-3,
                                        0x1.f5fd8a9063e35p-3,  0x1.48365e695d797p-2,
                                        0x1.921800924dd3bp-2,  0x1.d7e6c0abc3579p-2};
alignas(64) constexpr double kLog1pLong[] = {
    0x1.5555555555556p-2,  -0x1.fffffffffffa0p-3, 0x1.9999999994c80p-3,
    -0x1.55555556961bfp-3, 0x1.2492496acacdep-3,  -0x1.ffffdbed1242dp-4,
    0x1.c7196ff10f7c6p-4,  -0x1.9a59e13c93629p-4, 0x1.7a2bb80668a01p-4};
alignas(64) constexpr double kLog1p[] = {0x1.555555555554ap-2,  -0x1.fffffffffffebp-3, 0x1.9999999a54327p-3,
                                         -0x1.5555555600626p-3, 0x1.24923a91e5bf9p-3,  -0x1.ffffe5484c811p-4,
                                         0x1.c7d6e01602bd3p-4,  -0x1.9a447f5ca758fp-4};
alignas(64) constexpr double kLog2p[] = {0x1.71547652b82fep+0, -0x1.715473ea5be7fp-1, 0x1.ec7099a2f8e04p-2,
                                         -0x1.71a17a4d6c4bcp-2, 0x1.27b8c8ed95d63p-2};
alignas(64) constexpr double kExp2[] = {0x1.62e42fefa39efp-1, 0x1.ebff921618931p-3, 0x1.c6b29a135221ap-5};

constexpr double kPerRoot = 0x1.71547652b82fep+4;                                     // 16 / ln 2
constexpr double kStepHigh = 0x1.62e42fef80000p-5, kStepLow = 0x1.1cf79abc9e3b4p-40;  // ln2 / 16
constexpr double kLn2High = 0x1.62e42fefa3800p-1, kLn2Low = 0x1.ef35793c76730p-45;
constexpr double kShift = 0x1.8p52;  // added and taken away again, it rounds to an integer
// The lower end of the first interval of log: 1 lies inside the one with c = 1.
constexpr long long kFirst = 0x3FE6800000000000;
constexpr int kFirstFloat = 0x3F340000;  // the same in float32

inline Vec all(double x) { return _mm512_set1_pd(x); }
inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_pd(a, b, c); }
inline Vec look_up(const double* table, Int index) {
  return _mm512_permutex2var_pd(_mm512_load_pd(table), index, _mm512_load_pd(table + 8));
}

// Coefficients from the constant one upwards.
template <int n>
inline Vec polynomial(const double (&c)[n], Vec x) {
  Vec p = all(c[n - 1]);
  for (int i = n - 2; i >= 0; --i) p = fma(p, x, all(c[i]));
  return p;
}

struct Power {
  Vec root, root_low;  // 2^(j/16)
  Vec r, r_low;
  Vec exponent;  // n is its floor
};

inline Power power(Vec x) {
  const Vec shifted = fma(x, all(kPerRoot), all(kShift));
  const Int index = _mm512_castpd_si512(shifted);
  const Vec k = shifted - all(kShift);
  Power p;
  const Vec r = _mm512_fnmadd_pd(k, all(kStepHigh), x);
  p.r = _mm512_fnmadd_pd(k, all(kStepLow), r);
  p.r_low = _mm512_fnmadd_pd(k, all(kStepLow), r - p.r);
  p.root = look_up(kRoot, index);
  p.root_low = look_up(kRootLow, index);
  p.exponent = k * all(1.0 / 16);
  return p;
}

inline Vec value(const Power& p, Vec r) {
  const Vec rest = fma(r * r, polynomial(kExp, r), r);
  return _mm512_scalef_pd(p.root + fma(p.root, rest, p.root_low), p.exponent);
}

struct Split {
  Vec k, z;   // x = 2^k z
  Int index;  // of z's interval
};

// Of positive, finite, normal x.
inline Split split(Vec x) {
  const Int bits = _mm512_castpd_si512(x);
  const Int above = _mm512_sub_epi64(bits, _mm512_set1_epi64(kFirst));
  Split s;
  s.index = _mm512_srli_epi64(above, 48);
  const Int k = _mm512_srai_epi64(above, 52);
  s.k = _mm512_cvtepi64_pd(k);
  s.z = _mm512_castsi512_pd(_mm512_sub_epi64(bits, _mm512_slli_epi64(k, 52)));
  return s;
}

// The lanes that are not positive, finite and normal.
inline __mmask8 not_normal(Vec x) {
  const Int least = _mm512_set1_epi64(0x0010000000000000);
  return _mm512_cmpge_epu64_mask(_mm512_sub_epi64(_mm512_castpd_si512(x), least),
                                 _mm512_set1_epi64(0x7FE0000000000000));
}

// Some lanes by a function of one number.
template <class F>
[[gnu::noinline]] Vec lanes(Vec result, unsigned which, Vec x, Vec y, F f) {
  alignas(64) double xs[8], ys[8], out[8];
  _mm512_store_pd(xs, x);
  _mm512_store_pd(ys, y);
  _mm512_store_pd(out, result);
  for (int i = 0; i < 8; ++i)
    if (which >> i & 1) out[i] = f(xs[i], ys[i]);
  return _mm512_load_pd(out);
}

}  // namespace

extern "C" {

Double8 cantil_rt_vm_exp_d8(Double8 x) {
  // Beyond these nothing changes; NaN stays.
  const Vec in = _mm512_max_pd(all(-800), _mm512_min_pd(all(800), x));
  const Power p = power(in);
  return value(p, p.r);
}

Double8 cantil_rt_vm_log_d8(Double8 x) {
  const Split s = split(x);
  const Vec c = look_up(kInverse, s.index);
  const Vec product = s.z * c;
  const Vec r = product - all(1), r_low = _mm512_fmsub_pd(s.z, c, product);
  const Vec whole = fma(s.k, all(kLn2High), look_up(kLog, s.index));
  const Vec high = whole + r;
  const Vec low = fma(s.k, all(kLn2Low), look_up(kLogLow, s.index)) + (whole - high + r) + r_low;
  const Vec square = r * r;
  const Vec result = high + fma(square * r, polynomial(kLog1p, r), fma(square, all(-0.5), low));
  const __mmask8 rare = not_normal(x);
  if (__builtin_expect(rare, 0))
    return lanes(result, rare, x, x, [](double a, double) { return std::log(a); });
  return result;
}

// t / (t + 2), where t = e^2|x| - 1 in two parts.
Double8 cantil_rt_vm_tanh_d8(Double8 x) {
  const Vec sign = _mm512_and_pd(x, all(-0.0));
  const Vec size = _mm512_min_pd(all(20), _mm512_andnot_pd(all(-0.0), x));
  const Power p = power(size + size);
  const Vec s = _mm512_scalef_pd(p.root, p.exponent), s_low = _mm512_scalef_pd(p.root_low, p.exponent);
  const Vec h = s - all(1);
  const Vec rest = fma(p.r * p.r, polynomial(kExpLong, p.r), p.r_low);
  const Vec first = s * p.r;
  const Vec second = _mm512_fmsub_pd(s, p.r, first) + fma(s, rest, s_low + (s - h - all(1)));
  const Vec sum = h + first, sum_low = h - sum + first + second;
  const Vec t = sum + sum_low, t_low = sum - t + sum_low;
  const Vec d = t + all(2), d_low = t - (d - all(2)) + t_low;
  const Vec q = t / d;
  const Vec left = _mm512_fnmadd_pd(q, d, t) + _mm512_fnmadd_pd(q, d_low, t_low);
  return _mm512_or_pd(fma(left, _mm512_rcp14_pd(d), q), sign);
}

Double8 cantil_rt_vm_pow_d8(Double8 x, Double8 y) {
  Vec size = x, flip = all(0);
  const __mmask8 negative = _mm512_cmp_pd_mask(x, all(0), _CMP_LT_OQ);
  __mmask8 rare = 0;
  if (__builtin_expect(negative, 0)) {
    size = _mm512_andnot_pd(all(-0.0), x);
    const __mmask8 whole = _mm512_cmp_pd_mask(y, _mm512_roundscale_pd(y, _MM_FROUND_TO_ZERO), _CMP_EQ_OQ) &
                           _mm512_cmp_pd_mask(_mm512_andnot_pd(all(-0.0), y), all(0x1p53), _CMP_LT_OQ);
    rare = negative & static_cast<__mmask8>(~whole);
    const __mmask8 odd = _mm512_test_epi64_mask(_mm512_cvttpd_epi64(y), _mm512_set1_epi64(1));
    flip = _mm512_maskz_mov_pd(negative & odd, all(-0.0));
  }
  rare |= not_normal(size);
  const Split s = split(size);
  const Vec c = look_up(kInverse, s.index);
  const Vec product = s.z * c;
  const Vec r = product - all(1), r_low = _mm512_fmsub_pd(s.z, c, product);
  const Vec whole = fma(s.k, all(kLn2High), look_up(kLog, s.index));
  const Vec first = whole + r;
  // r_low times the derivative of log1p.
  const Vec low1 = fma(r_low, fma(r, r - all(1), all(1)),
                       fma(s.k, all(kLn2Low), look_up(kLogLow, s.index)) + (whole - first + r));
  const Vec half = r * all(-0.5), square = half * r;
  const Vec second = first + square;
  const Vec low2 = _mm512_fmsub_pd(half, r, square) + (first - second + square);
  const Vec cube = fma(r * r * r, polynomial(kLog1pLong, r), low1 + low2);
  const Vec log_high = second + cube;
  const Vec log_low = second - log_high + cube;
  const Vec e = y * log_high;
  const Vec e_low = fma(y, log_low, _mm512_fmsub_pd(y, log_high, e));
  rare |= static_cast<__mmask8>(~_mm512_cmp_pd_mask(_mm512_andnot_pd(all(-0.0), e), all(700), _CMP_LT_OQ));
  const Power p = power(e);
  const Vec result = _mm512_or_pd(value(p, p.r + e_low), flip);
  if (__builtin_expect(rare, 0))
    return lanes(result, rare, x, y, [](double a, double b) { return std::pow(a, b); });
  return result;
}

// In float64, where log2, the product and the power of two need no second part. x = 2^k z.
static inline __m256 pow_half(Vec k, Vec z, Int index, Vec y) {
  const Vec r = fma(z, look_up(kInverse, index), all(-1));
  const Vec log = fma(r, polynomial(kLog2p, r), k + look_up(kLog2, index));
  const Vec e = y * log;
  const Vec shifted = e + all(kShift / 16);  // rounds to sixteenths
  const Vec whole = shifted - all(kShift / 16);
  const Vec f = e - whole;
  const Vec root = look_up(kRoot, _mm512_castpd_si512(shifted));
  return _mm512_cvtpd_ps(_mm512_scalef_pd(fma(root * f, polynomial(kExp2, f), root), whole));
}

Float16 cantil_rt_vm_pow_f16(Float16 x, Float16 y) {
  const Int bits = _mm512_castps_si512(x);
  const Int above = _mm512_sub_epi32(bits, _mm512_set1_epi32(kFirstFloat));
  const Int k = _mm512_srai_epi32(above, 23);
  const __m512 z = _mm512_castsi512_ps(_mm512_sub_epi32(bits, _mm512_slli_epi32(k, 23)));
  const Int index = _mm512_srli_epi32(above, 19);
  auto low = [](Int v) { return _mm512_castsi512_si256(v); };
  auto high = [](Int v) { return _mm512_extracti32x8_epi32(v, 1); };
  auto wide_low = [](__m512 v) { return _mm512_cvtps_pd(_mm512_castps512_ps256(v)); };
  auto wide_high = [](__m512 v) { return _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1)); };
  const __m256 a =
      pow_half(_mm512_cvtepi32_pd(low(k)), wide_low(z), _mm512_cvtepu32_epi64(low(index)), wide_low(y));
  const __m256 b =
      pow_half(_mm512_cvtepi32_pd(high(k)), wide_high(z), _mm512_cvtepu32_epi64(high(index)), wide_high(y));
  __m512 result = _mm512_insertf32x8(_mm512_castps256_ps512(a), b, 1);
  // x that is not positive, finite and normal; results outside of [2^-125, 2^125).
  auto outside = [](Int v, int least, unsigned count) {
    return _mm512_cmpge_epu32_mask(_mm512_sub_epi32(v, _mm512_set1_epi32(least)),
                                   _mm512_set1_epi32(static_cast<int>(count)));
  };
  const unsigned rare = static_cast<unsigned>(outside(bits, 0x00800000, 0x7F000000) |
                                              outside(_mm512_castps_si512(result), 0x01000000, 0x7D000000));
  if (__builtin_expect(rare, 0)) {
    alignas(64) float xs[16], ys[16], out[16];
    _mm512_store_ps(xs, x);
    _mm512_store_ps(ys, y);
    _mm512_store_ps(out, result);
    for (int i = 0; i < 16; ++i)
      if (rare >> i & 1) out[i] = std::pow(xs[i], ys[i]);
    result = _mm512_load_ps(out);
  }
  return result;
}

}  // extern "C"

#pragma GCC pop_options
