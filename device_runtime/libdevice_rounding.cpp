// libdevice's arithmetic and conversions with a direction of rounding, and the bits of floating-point
// numbers, on the host. Volatile operands keep the operation between the two changes of the rounding mode.
#include <bit>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "device_runtime/libdevice_table.h"

namespace cantil::device_runtime {
namespace {

class Rounding {
 public:
  explicit Rounding(int mode) : before_(std::fegetround()) { std::fesetround(mode); }
  ~Rounding() { std::fesetround(before_); }
  Rounding(const Rounding&) = delete;
  Rounding& operator=(const Rounding&) = delete;

 private:
  int before_;
};

constexpr int rn = FE_TONEAREST, rz = FE_TOWARDZERO, rd = FE_DOWNWARD, ru = FE_UPWARD;

template <class T>
T add(int mode, T x, T y) {
  volatile T a = x, b = y;
  Rounding r(mode);
  volatile T result = a + b;
  return result;
}
template <class T>
T subtract(int mode, T x, T y) {
  return add<T>(mode, x, -y);
}
template <class T>
T multiply(int mode, T x, T y) {
  volatile T a = x, b = y;
  Rounding r(mode);
  volatile T result = a * b;
  return result;
}
template <class T>
T divide(int mode, T x, T y) {
  volatile T a = x, b = y;
  Rounding r(mode);
  volatile T result = a / b;
  return result;
}
template <class T>
T root(int mode, T x) {
  volatile T a = x;
  Rounding r(mode);
  volatile T result = std::sqrt(a);
  return result;
}
template <class T>
T fused(int mode, T x, T y, T z) {
  volatile T a = x, b = y, c = z;
  Rounding r(mode);
  volatile T result = std::fma(a, b, c);
  return result;
}
template <class To, class From>
To convert(int mode, From x) {
  volatile From a = x;
  Rounding r(mode);
  volatile To result = static_cast<To>(a);
  return result;
}

// As the hardware converts: saturating, NaN to 0.
template <class To, class From>
To to_integer(int mode, From x) {
  if (std::isnan(x)) return 0;
  volatile From a = x;
  Rounding r(mode);
  volatile From whole = std::nearbyint(a);
  constexpr From above = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
  if (whole >= above) return std::numeric_limits<To>::max();
  if (whole < static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  return static_cast<To>(whole);
}

uint64_t bits(double x) { return std::bit_cast<uint64_t>(x); }

}  // namespace

// One operation in the four directions.
#define EACH(name, result, parameters, call) \
  NV(name##_rn, result, parameters,          \
     {                                       \
       constexpr int mode = rn;              \
       return call;                          \
     }),                                     \
      NV(name##_rz, result, parameters,      \
         {                                   \
           constexpr int mode = rz;          \
           return call;                      \
         }),                                 \
      NV(name##_rd, result, parameters,      \
         {                                   \
           constexpr int mode = rd;          \
           return call;                      \
         }),                                 \
      NV(name##_ru, result, parameters, {    \
        constexpr int mode = ru;             \
        return call;                         \
      })

std::span<const LibdeviceEntry> libdevice_rounding() {
  static const LibdeviceEntry table[] = {
      EACH(dadd, double, (double x, double y), add(mode, x, y)),
      EACH(dsub, double, (double x, double y), subtract(mode, x, y)),
      EACH(dmul, double, (double x, double y), multiply(mode, x, y)),
      EACH(ddiv, double, (double x, double y), divide(mode, x, y)),
      EACH(drcp, double, (double x), divide(mode, 1.0, x)),
      EACH(dsqrt, double, (double x), root(mode, x)),
      EACH(fma, double, (double x, double y, double z), fused(mode, x, y, z)),
      EACH(fadd, float, (float x, float y), add(mode, x, y)),
      EACH(fsub, float, (float x, float y), subtract(mode, x, y)),
      EACH(fmul, float, (float x, float y), multiply(mode, x, y)),
      EACH(fdiv, float, (float x, float y), divide(mode, x, y)),
      EACH(frcp, float, (float x), divide(mode, 1.0f, x)),
      EACH(fsqrt, float, (float x), root(mode, x)),
      EACH(fmaf, float, (float x, float y, float z), fused(mode, x, y, z)),
      EACH(fmaf_ieee, float, (float x, float y, float z), fused(mode, x, y, z)),
      NV(frsqrt_rn, float, (float x), { return static_cast<float>(1 / std::sqrt(static_cast<double>(x))); }),
      EACH(double2float, float, (double x), (convert<float>(mode, x))),
      EACH(int2float, float, (int32_t x), (convert<float>(mode, x))),
      EACH(uint2float, float, (uint32_t x), (convert<float>(mode, x))),
      EACH(ll2float, float, (int64_t x), (convert<float>(mode, x))),
      EACH(ull2float, float, (uint64_t x), (convert<float>(mode, x))),
      EACH(ll2double, double, (int64_t x), (convert<double>(mode, x))),
      EACH(ull2double, double, (uint64_t x), (convert<double>(mode, x))),
      NV(int2double_rn, double, (int32_t x), { return x; }),
      NV(uint2double_rn, double, (uint32_t x), { return x; }),
      EACH(double2int, int32_t, (double x), (to_integer<int32_t>(mode, x))),
      EACH(double2uint, uint32_t, (double x), (to_integer<uint32_t>(mode, x))),
      EACH(double2ll, int64_t, (double x), (to_integer<int64_t>(mode, x))),
      EACH(double2ull, uint64_t, (double x), (to_integer<uint64_t>(mode, x))),
      EACH(float2int, int32_t, (float x), (to_integer<int32_t>(mode, x))),
      EACH(float2uint, uint32_t, (float x), (to_integer<uint32_t>(mode, x))),
      EACH(float2ll, int64_t, (float x), (to_integer<int64_t>(mode, x))),
      EACH(float2ull, uint64_t, (float x), (to_integer<uint64_t>(mode, x))),
      NV(llrint, int64_t, (double x), { return to_integer<int64_t>(rn, x); }),
      NV(llrintf, int64_t, (float x), { return to_integer<int64_t>(rn, x); }),
      NV(llround, int64_t, (double x), { return to_integer<int64_t>(rz, std::round(x)); }),
      NV(llroundf, int64_t, (float x), { return to_integer<int64_t>(rz, std::round(x)); }),
      NV(float2half_rn, int16_t, (float x), { return std::bit_cast<int16_t>(static_cast<_Float16>(x)); }),
      NV(half2float, float, (int16_t x), { return static_cast<float>(std::bit_cast<_Float16>(x)); }),
      NV(double_as_longlong, int64_t, (double x), { return std::bit_cast<int64_t>(x); }),
      NV(longlong_as_double, double, (int64_t x), { return std::bit_cast<double>(x); }),
      NV(float_as_int, int32_t, (float x), { return std::bit_cast<int32_t>(x); }),
      NV(float_as_uint, int32_t, (float x), { return std::bit_cast<int32_t>(x); }),
      NV(int_as_float, float, (int32_t x), { return std::bit_cast<float>(x); }),
      NV(uint_as_float, float, (int32_t x), { return std::bit_cast<float>(x); }),
      NV(double2hiint, int32_t, (double x), { return static_cast<int32_t>(bits(x) >> 32); }),
      NV(double2loint, int32_t, (double x), { return static_cast<int32_t>(bits(x)); }),
      NV(hiloint2double, double, (uint32_t high, uint32_t low),
         { return std::bit_cast<double>(uint64_t{high} << 32 | low); }),
      NV(signbitd, int32_t, (double x), { return std::signbit(x); }),
      NV(signbitf, int32_t, (float x), { return std::signbit(x); }),
      NV(isnand, int32_t, (double x), { return std::isnan(x); }),
      NV(isnanf, int32_t, (float x), { return std::isnan(x); }),
      NV(isinfd, int32_t, (double x), { return std::isinf(x); }),
      NV(isinff, int32_t, (float x), { return std::isinf(x); }),
      NV(isfinited, int32_t, (double x), { return std::isfinite(x); }),
      NV(finitef, int32_t, (float x), { return std::isfinite(x); }),
      NV(saturatef, float, (float x), { return x >= 1  ? 1
                                               : x > 0 ? x
                                                       : 0; }),
  };
  return table;
}

#undef EACH

}  // namespace cantil::device_runtime
