// libdevice's mathematical functions on the host.
#include <cmath>
#include <limits>
#include <numbers>

#include "device_runtime/libdevice_table.h"

namespace cantil::device_runtime {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// sin and cos of pi * x: the reduction is exact.
void sincospi(double x, double& s, double& c) {
  if (!std::isfinite(x)) {
    s = c = kNan;
    return;
  }
  const double n = std::nearbyint(2 * x);
  const double r = std::numbers::pi * (x - n / 2);
  const double a = std::sin(r), b = std::cos(r);
  switch (static_cast<int>(std::fmod(n, 4)) & 3) {
    case 0:
      s = a, c = b;
      break;
    case 1:
      s = b, c = -a;
      break;
    case 2:
      s = -a, c = -b;
      break;
    default:
      s = -b, c = a;
      break;
  }
  if (s == 0) s = std::copysign(0.0, x);
  if (c == 0) c = 0;
}

double sinpi(double x) {
  double s, c;
  sincospi(x, s, c);
  return s;
}

double cospi(double x) {
  double s, c;
  sincospi(x, s, c);
  return c;
}

// exp(x^2) erfc(x) in extended precision; from 25 on its asymptotic series.
double erfcx(double x) {
  if (std::isnan(x)) return x;
  if (x < -26.75) return kInf;
  const long double y = x;
  if (x < 25) return static_cast<double>(std::exp(y * y) * std::erfc(y));
  const long double q = 1 / (2 * y * y);
  const long double series = 1 - q * (1 - 3 * q * (1 - 5 * q * (1 - 7 * q * (1 - 9 * q))));
  return static_cast<double>(series / (y * std::sqrt(std::numbers::pi_v<long double>)));
}

// Newton's method with a second-order term, in extended precision, from the quantile's classic approximation.
double erfcinv(double x) {
  if (!(x >= 0 && x <= 2)) return kNan;
  if (x == 0) return kInf;
  if (x == 2) return -kInf;
  if (x == 1) return 0;
  if (x > 1) return -erfcinv(2 - x);
  const long double wanted = x;
  const long double t = std::sqrt(-2 * std::log(wanted / 2));
  long double y = (t - (2.30753L + t * 0.27061L) / (1 + t * (0.99229L + t * 0.04481L))) / std::sqrt(2.0L);
  for (int k = 0; k < 4; ++k) {
    const long double error = std::erfc(y) - wanted;
    const long double step = error / (2 / std::sqrt(std::numbers::pi_v<long double>) * std::exp(-y * y));
    y += step / (1 - y * step);
  }
  return static_cast<double>(y);
}

double erfinv(double x) {
  if (!(x >= -1 && x <= 1)) return kNan;
  if (x == 0) return x;
  if (x >= 0.5) return erfcinv(1 - x);
  if (x <= -0.5) return -erfcinv(1 + x);
  const long double wanted = x;
  long double y = wanted * std::sqrt(std::numbers::pi_v<long double>) / 2;
  for (int k = 0; k < 5; ++k) {
    const long double error = std::erf(y) - wanted;
    const long double step = error / (2 / std::sqrt(std::numbers::pi_v<long double>) * std::exp(-y * y));
    y -= step / (1 + y * step);
  }
  return static_cast<double>(y);
}

double normcdf(double x) {
  return static_cast<double>(std::erfc(-static_cast<long double>(x) / std::sqrt(2.0L)) / 2);
}

double normcdfinv(double x) { return -std::numbers::sqrt2 * erfcinv(2 * x); }

double bessel_i(double order, double x) {
  if (std::isnan(x)) return x;
  const double magnitude = std::fabs(x);
  const double value = magnitude > 713 ? kInf : std::cyl_bessel_i(order, magnitude);
  return order == 1 && x < 0 ? -value : value;
}

// The norm of up to four numbers, without overflow on the way.
double norm(double a, double b, double c, double d) { return std::hypot(std::hypot(a, b), std::hypot(c, d)); }

}  // namespace

std::span<const LibdeviceEntry> libdevice_math() {
  static const LibdeviceEntry table[] = {
      NV(sinpi, double, (double x), { return sinpi(x); }),
      NV(sinpif, float, (float x), { return static_cast<float>(sinpi(x)); }),
      NV(cospi, double, (double x), { return cospi(x); }),
      NV(cospif, float, (float x), { return static_cast<float>(cospi(x)); }),
      NV(sincospi, void, (double x, double* s, double* c), { sincospi(x, *s, *c); }),
      NV(sincospif, void, (float x, float* s, float* c),
         {
           double a, b;
           sincospi(x, a, b);
           *s = static_cast<float>(a);
           *c = static_cast<float>(b);
         }),
      NV(sincos, void, (double x, double* s, double* c),
         {
           *s = std::sin(x);
           *c = std::cos(x);
         }),
      NV(sincosf, void, (float x, float* s, float* c),
         {
           *s = std::sin(x);
           *c = std::cos(x);
         }),
      NV(fast_sincosf, void, (float x, float* s, float* c),
         {
           *s = std::sin(x);
           *c = std::cos(x);
         }),
      NV(fast_sinf, float, (float x), { return std::sin(x); }),
      NV(fast_cosf, float, (float x), { return std::cos(x); }),
      NV(fast_tanf, float, (float x), { return std::tan(x); }),
      NV(fast_tanhf, float, (float x), { return std::tanh(x); }),
      NV(fast_expf, float, (float x), { return std::exp(x); }),
      NV(fast_exp10f, float, (float x), { return static_cast<float>(std::pow(10.0, x)); }),
      NV(fast_logf, float, (float x), { return std::log(x); }),
      NV(fast_log2f, float, (float x), { return std::log2(x); }),
      NV(fast_log10f, float, (float x), { return std::log10(x); }),
      NV(fast_powf, float, (float x, float y), { return std::pow(x, y); }),
      NV(fast_fdividef, float, (float x, float y), { return x / y; }),
      NV(exp10, double, (double x), { return std::pow(10.0, x); }),
      NV(exp10f, float, (float x), { return static_cast<float>(std::pow(10.0, x)); }),
      NV(erfcx, double, (double x), { return erfcx(x); }),
      NV(erfcxf, float, (float x), { return static_cast<float>(erfcx(x)); }),
      NV(erfinv, double, (double x), { return erfinv(x); }),
      NV(erfinvf, float, (float x), { return static_cast<float>(erfinv(x)); }),
      NV(erfcinv, double, (double x), { return erfcinv(x); }),
      NV(erfcinvf, float, (float x), { return static_cast<float>(erfcinv(x)); }),
      NV(normcdf, double, (double x), { return normcdf(x); }),
      NV(normcdff, float, (float x), { return static_cast<float>(normcdf(x)); }),
      NV(normcdfinv, double, (double x), { return normcdfinv(x); }),
      NV(normcdfinvf, float, (float x), { return static_cast<float>(normcdfinv(x)); }),
      NV(cyl_bessel_i0, double, (double x), { return bessel_i(0, x); }),
      NV(cyl_bessel_i0f, float, (float x), { return static_cast<float>(bessel_i(0, x)); }),
      NV(cyl_bessel_i1, double, (double x), { return bessel_i(1, x); }),
      NV(cyl_bessel_i1f, float, (float x), { return static_cast<float>(bessel_i(1, x)); }),
      NV(j0, double, (double x), { return ::j0(x); }),
      NV(j0f, float, (float x), { return static_cast<float>(::j0(x)); }),
      NV(j1, double, (double x), { return ::j1(x); }),
      NV(j1f, float, (float x), { return static_cast<float>(::j1(x)); }),
      NV(jn, double, (int n, double x), { return n < 0 ? kNan : ::jn(n, x); }),
      NV(jnf, float, (int n, float x), { return static_cast<float>(n < 0 ? kNan : ::jn(n, x)); }),
      NV(y0, double, (double x), { return ::y0(x); }),
      NV(y0f, float, (float x), { return static_cast<float>(::y0(x)); }),
      NV(y1, double, (double x), { return ::y1(x); }),
      NV(y1f, float, (float x), { return static_cast<float>(::y1(x)); }),
      NV(yn, double, (int n, double x), { return n < 0 ? kNan : ::yn(n, x); }),
      NV(ynf, float, (int n, float x), { return static_cast<float>(n < 0 ? kNan : ::yn(n, x)); }),
      NV(fdim, double, (double x, double y), { return std::fdim(x, y); }),
      NV(fdimf, float, (float x, float y), { return std::fdim(x, y); }),
      NV(frexp, double, (double x, int* e), { return std::isfinite(x) ? std::frexp(x, e) : (*e = 0, x); }),
      NV(frexpf, float, (float x, int* e), { return std::isfinite(x) ? std::frexp(x, e) : (*e = 0, x); }),
      NV(modf, double, (double x, double* whole), { return std::modf(x, whole); }),
      NV(modff, float, (float x, float* whole), { return std::modf(x, whole); }),
      NV(remquo, double, (double x, double y, int* q), { return std::remquo(x, y, q); }),
      NV(remquof, float, (float x, float y, int* q), { return std::remquo(x, y, q); }),
      NV(logb, double, (double x), { return std::logb(x); }),
      NV(logbf, float, (float x), { return std::logb(x); }),
      NV(ilogb, int, (double x), { return std::ilogb(x); }),
      NV(ilogbf, int, (float x), { return std::ilogb(x); }),
      NV(scalbn, double, (double x, int n), { return std::scalbn(x, n); }),
      NV(scalbnf, float, (float x, int n), { return std::scalbn(x, n); }),
      NV(powi, double, (double x, int n), { return std::pow(x, n); }),
      NV(powif, float, (float x, int n), { return static_cast<float>(std::pow(static_cast<double>(x), n)); }),
      NV(rcbrt, double, (double x), { return 1 / std::cbrt(x); }),
      NV(rcbrtf, float, (float x), { return static_cast<float>(1 / std::cbrt(static_cast<double>(x))); }),
      NV(nearbyint, double, (double x), { return std::nearbyint(x); }),
      NV(nearbyintf, float, (float x), { return std::nearbyint(x); }),
      NV(round, double, (double x), { return std::round(x); }),
      NV(roundf, float, (float x), { return std::round(x); }),
      NV(rhypot, double, (double x, double y), { return 1 / std::hypot(x, y); }),
      NV(rhypotf, float, (float x, float y), { return static_cast<float>(1 / norm(x, y, 0, 0)); }),
      NV(norm3d, double, (double x, double y, double z), { return norm(x, y, z, 0); }),
      NV(norm3df, float, (float x, float y, float z), { return static_cast<float>(norm(x, y, z, 0)); }),
      NV(rnorm3d, double, (double x, double y, double z), { return 1 / norm(x, y, z, 0); }),
      NV(rnorm3df, float, (float x, float y, float z), { return static_cast<float>(1 / norm(x, y, z, 0)); }),
      NV(norm4d, double, (double x, double y, double z, double t), { return norm(x, y, z, t); }),
      NV(norm4df, float, (float x, float y, float z, float t),
         { return static_cast<float>(norm(x, y, z, t)); }),
      NV(rnorm4d, double, (double x, double y, double z, double t), { return 1 / norm(x, y, z, t); }),
      NV(rnorm4df, float, (float x, float y, float z, float t),
         { return static_cast<float>(1 / norm(x, y, z, t)); }),
  };
  return table;
}

}  // namespace cantil::device_runtime
