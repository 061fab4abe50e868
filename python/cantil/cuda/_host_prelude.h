// What CUDA C++ source has beyond C++, for compiling device functions for the host (the simulator's linking).
// There is no threadIdx and no __syncthreads(): functions that need to know their thread are given what they
// need.
#pragma once
#include <algorithm>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __restrict__ __restrict
#define __constant__ static const
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)
#define __CANTIL_SIMULATOR__ 1

using std::isfinite;
using std::isinf;
using std::isnan;
using std::max;
using std::min;
using std::signbit;

#define CANTIL_VECTORS(T, name)                                                 \
  struct name##1 { T x; };                                                      \
  struct alignas(2 * sizeof(T)) name##2 { T x, y; };                            \
  struct name##3 { T x, y, z; };                                                \
  struct alignas(sizeof(T) < 8 ? 4 * sizeof(T) : 16) name##4 { T x, y, z, w; }; \
  static inline name##1 make_##name##1(T x) { return {x}; }                     \
  static inline name##2 make_##name##2(T x, T y) { return {x, y}; }             \
  static inline name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; }     \
  static inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
CANTIL_VECTORS(char, char)
CANTIL_VECTORS(unsigned char, uchar)
CANTIL_VECTORS(short, short)
CANTIL_VECTORS(unsigned short, ushort)
CANTIL_VECTORS(int, int)
CANTIL_VECTORS(unsigned, uint)
CANTIL_VECTORS(long, long)
CANTIL_VECTORS(unsigned long, ulong)
CANTIL_VECTORS(long long, longlong)
CANTIL_VECTORS(unsigned long long, ulonglong)
CANTIL_VECTORS(float, float)
CANTIL_VECTORS(double, double)
#undef CANTIL_VECTORS

namespace cantil_prelude {
// The old value, after `change` was applied atomically.
template <typename T, typename Change>
static inline T update(T* at, Change change) {
  T old;
  __atomic_load(at, &old, __ATOMIC_RELAXED);
  for (;;) {
    T next = change(old);
    if (__atomic_compare_exchange(at, &old, &next, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return old;
  }
}
}  // namespace cantil_prelude

template <typename T>
static inline T atomicAdd(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return x + v; });
}
template <typename T>
static inline T atomicSub(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return x - v; });
}
template <typename T>
static inline T atomicExch(T* p, T v) {
  return cantil_prelude::update(p, [=](T) { return v; });
}
template <typename T>
static inline T atomicMin(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return v < x ? v : x; });
}
template <typename T>
static inline T atomicMax(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return x < v ? v : x; });
}
template <typename T>
static inline T atomicAnd(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return x & v; });
}
template <typename T>
static inline T atomicOr(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return x | v; });
}
template <typename T>
static inline T atomicXor(T* p, T v) {
  return cantil_prelude::update(p, [=](T x) { return x ^ v; });
}
template <typename T>
static inline T atomicCAS(T* p, T expected, T v) {
  return cantil_prelude::update(p, [=](T x) { return x == expected ? v : x; });
}
static inline unsigned atomicInc(unsigned* p, unsigned limit) {
  return cantil_prelude::update(p, [=](unsigned x) { return x >= limit ? 0u : x + 1; });
}
static inline unsigned atomicDec(unsigned* p, unsigned limit) {
  return cantil_prelude::update(p, [=](unsigned x) { return x == 0 || x > limit ? limit : x - 1; });
}

template <typename T>
static inline T __ldg(const T* p) {
  return *p;
}
static inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
static inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
static inline float rcbrtf(float x) { return 1.0f / std::cbrt(x); }
static inline double rcbrt(double x) { return 1.0 / std::cbrt(x); }
static inline float sinpif(float x) { return static_cast<float>(std::sin(M_PI * x)); }
static inline float cospif(float x) { return static_cast<float>(std::cos(M_PI * x)); }
static inline double sinpi(double x) { return std::sin(M_PI * x); }
static inline double cospi(double x) { return std::cos(M_PI * x); }
static inline double normcdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
static inline float normcdff(float x) { return static_cast<float>(normcdf(x)); }
static inline float __saturatef(float x) { return x > 0 ? (x < 1 ? x : 1) : 0; }
static inline float __fdividef(float x, float y) { return x / y; }
// Macros: the C library declares functions of these names.
#define __sinf(x) std::sin(static_cast<float>(x))
#define __cosf(x) std::cos(static_cast<float>(x))
#define __tanf(x) std::tan(static_cast<float>(x))
#define __expf(x) std::exp(static_cast<float>(x))
#define __logf(x) std::log(static_cast<float>(x))
#define __log2f(x) std::log2(static_cast<float>(x))
#define __log10f(x) std::log10(static_cast<float>(x))
#define __powf(x, y) std::pow(static_cast<float>(x), static_cast<float>(y))
static inline float __fmaf_rn(float x, float y, float z) { return std::fma(x, y, z); }
static inline double __fma_rn(double x, double y, double z) { return std::fma(x, y, z); }
static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz(x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll(x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline int __mulhi(int x, int y) { return static_cast<int>(static_cast<long long>(x) * y >> 32); }
static inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(static_cast<unsigned long long>(x) * y >> 32);
}
static inline int __float_as_int(float x) {
  int r;
  std::memcpy(&r, &x, 4);
  return r;
}
static inline unsigned __float_as_uint(float x) {
  unsigned r;
  std::memcpy(&r, &x, 4);
  return r;
}
static inline float __int_as_float(int x) {
  float r;
  std::memcpy(&r, &x, 4);
  return r;
}
static inline float __uint_as_float(unsigned x) {
  float r;
  std::memcpy(&r, &x, 4);
  return r;
}
static inline long long __double_as_longlong(double x) {
  long long r;
  std::memcpy(&r, &x, 8);
  return r;
}
static inline double __longlong_as_double(long long x) {
  double r;
  std::memcpy(&r, &x, 8);
  return r;
}
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
