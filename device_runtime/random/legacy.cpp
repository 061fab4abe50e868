// np.random's distributions as RandomState draws them: frozen since NumPy 1.16, bit for bit, over this
// thread's Mersenne twister. What RandomState shares with Generator comes from libnpyrandom.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "device_runtime/random/mt19937.h"
#include "device_runtime/random/random.h"

namespace cantil::device_runtime {

namespace {

constexpr double kPi = 3.14159265358979323846264338328;

// One draw's view of the state; methods are named as the distributions of np.random.
struct Legacy {
  Mt19937& mt = numpy_state();

  double u() { return mt.real(); }
  Bitgen* bits() { return &mt.bitgen; }

  double standard_uniform() { return u(); }

  // Marsaglia's polar method: pairs, of which the second waits for the next call.
  double standard_normal() {
    if (mt.has_gauss) {
      mt.has_gauss = false;
      return mt.gauss;
    }
    double x, y, r;
    do {
      x = 2.0 * u() - 1.0;
      y = 2.0 * u() - 1.0;
      r = x * x + y * y;
    } while (r >= 1.0 || r == 0.0);
    double f = std::sqrt(-2.0 * std::log(r) / r);
    mt.gauss = f * x;
    mt.has_gauss = true;
    return f * y;
  }

  double standard_exponential() { return -std::log(1.0 - u()); }

  double standard_cauchy() {
    double a = standard_normal();
    return a / standard_normal();
  }

  double standard_gamma(double shape) {
    if (shape == 1.0) return standard_exponential();
    if (shape == 0.0) return 0.0;
    if (shape < 1.0) {
      for (;;) {
        double a = u();
        double v = standard_exponential();
        if (a <= 1.0 - shape) {
          double x = std::pow(a, 1. / shape);
          if (x <= v) return x;
        } else {
          double y = -std::log((1 - a) / shape);
          double x = std::pow(1.0 - shape + shape * y, 1. / shape);
          if (x <= v + y) return x;
        }
      }
    }
    double b = shape - 1. / 3., c = 1. / std::sqrt(9 * b);
    for (;;) {
      double x, v;
      do {
        x = standard_normal();
        v = 1.0 + c * x;
      } while (v <= 0.0);
      v = v * v * v;
      double a = u();
      if (a < 1.0 - 0.0331 * (x * x) * (x * x)) return b * v;
      if (std::log(a) < 0.5 * x * x + b * (1. - v + std::log(v))) return b * v;
    }
  }

  double standard_t(double df) {
    double top = standard_normal(), bottom = standard_gamma(df / 2);
    return std::sqrt(df / 2) * top / std::sqrt(bottom);
  }

  double chisquare(double df) { return 2.0 * standard_gamma(df / 2.0); }
  double pareto(double a) { return std::exp(standard_exponential() / a) - 1; }
  double weibull(double a) { return a == 0.0 ? 0.0 : std::pow(standard_exponential(), 1. / a); }
  double power(double a) { return std::pow(1 - std::exp(-standard_exponential()), 1. / a); }
  double rayleigh(double mode) { return mode * std::sqrt(-2.0 * std::log1p(-u())); }
  double exponential(double scale) { return scale * standard_exponential(); }
  double normal(double loc, double scale) { return loc + scale * standard_normal(); }
  double uniform(double low, double range) { return low + range * u(); }
  double gamma(double shape, double scale) { return scale * standard_gamma(shape); }

  double beta(double a, double b) {
    if (a > 1.0 || b > 1.0) {
      double x = standard_gamma(a);
      return x / (x + standard_gamma(b));
    }
    for (;;) {  // Jöhnk's
      double v = u(), w = u();
      double x = std::pow(v, 1.0 / a), y = std::pow(w, 1.0 / b), sum = x + y;
      if (!(sum <= 1.0 && v + w > 0.0)) continue;
      if (sum > 0) return x / sum;
      double log_x = std::log(v) / a, log_y = std::log(w) / b, most = std::max(log_x, log_y);
      log_x -= most;
      log_y -= most;
      return std::exp(log_x - std::log(std::exp(log_x) + std::exp(log_y)));
    }
  }

  double f(double top_df, double bottom_df) {
    double top = chisquare(top_df) * bottom_df;
    return top / (chisquare(bottom_df) * top_df);
  }

  double laplace(double loc, double scale) { return random_laplace(bits(), loc, scale); }
  double gumbel(double loc, double scale) { return random_gumbel(bits(), loc, scale); }
  double logistic(double loc, double scale) { return random_logistic(bits(), loc, scale); }
  double triangular(double left, double mode, double right) {
    return random_triangular(bits(), left, mode, right);
  }
  double lognormal(double mean, double sigma) { return std::exp(normal(mean, sigma)); }

  double noncentral_chisquare(double df, double nonc) {
    if (nonc == 0) return chisquare(df);
    if (1 < df) {
      double c = chisquare(df - 1), n = standard_normal() + std::sqrt(nonc);
      return c + n * n;
    }
    double i = static_cast<double>(random_poisson(bits(), nonc / 2.0));
    double out = chisquare(df + 2 * i);
    return std::isnan(nonc) ? nonc : out;
  }

  double noncentral_f(double top_df, double bottom_df, double nonc) {
    double top = noncentral_chisquare(top_df, nonc) * bottom_df;
    return top / (chisquare(bottom_df) * top_df);
  }

  double wald(double mean, double scale) {
    double half = mean / (2 * scale), y = standard_normal();
    y = mean * y * y;
    double x = mean + half * (y - std::sqrt(4 * scale * y + y * y));
    return u() <= mean / (mean + x) ? x : mean * mean / x;
  }

  double vonmises(double mu, double kappa) {
    if (std::isnan(kappa)) return kappa;
    if (kappa < 1e-8) return kPi * (2 * u() - 1);
    double s;
    if (kappa < 1e-5) {
      s = 1. / kappa + kappa;
    } else {
      double r = 1 + std::sqrt(1 + 4 * kappa * kappa), rho = (r - std::sqrt(2 * r)) / (2 * kappa);
      s = (1 + rho * rho) / (2 * rho);
    }
    double w;
    for (;;) {
      double z = std::cos(kPi * u());
      w = (1 + s * z) / (s + z);
      double y = kappa * (s - w), v = u();
      if (y * (2 - y) - v >= 0 || std::log(y / v) + 1 - y >= 0) break;
    }
    double angle = std::acos(w);
    if (u() < 0.5) angle = -angle;
    angle += mu;
    double size = std::fmod(std::fabs(angle) + kPi, 2 * kPi) - kPi;
    return angle < 0 ? -size : size;
  }

  int64_t poisson(double lam) { return random_poisson(bits(), lam); }
  int64_t negative_binomial(double n, double p) { return random_poisson(bits(), gamma(n, (1 - p) / p)); }

  int64_t logseries(double p) {
    double r = std::log1p(-p);
    for (;;) {
      double v = u();
      if (v >= p) return 1;
      double q = -std::expm1(r * u());
      if (v <= q * q) {
        auto x = static_cast<int64_t>(std::floor(1 + std::log(v) / std::log(q)));
        if (x < 1 || v == 0.0) continue;
        return x;
      }
      return v >= q ? 1 : 2;
    }
  }

  int64_t geometric(double p) {
    if (p >= 0.333333333333333333333333) return random_geometric_search(bits(), p);
    return static_cast<int64_t>(std::ceil(std::log1p(-u()) / std::log(1 - p)));
  }

  int64_t zipf(double a) {
    double am1 = a - 1.0, b = std::pow(2.0, am1);
    for (;;) {
      double w = 1.0 - u(), v = u();
      double x = std::floor(std::pow(w, -1.0 / am1));
      if (x > static_cast<double>(std::numeric_limits<int64_t>::max()) || x < 1.0) continue;
      double t = std::pow(1.0 + 1.0 / x, am1);
      if (v * x * (t - 1.0) / (b - 1.0) <= t / b) return static_cast<int64_t>(x);
    }
  }

  int64_t hypergeometric(int64_t good, int64_t bad, int64_t sample) {
    if (sample > 10) return hypergeometric_large(good, bad, sample);
    if (sample <= 0) return 0;
    int64_t d1 = bad + good - sample;
    double d2 = static_cast<double>(std::min(bad, good)), y = d2;
    for (int64_t k = sample; y > 0.0;) {
      y -= static_cast<double>(static_cast<int64_t>(std::floor(u() + y / static_cast<double>(d1 + k))));
      if (--k == 0) break;
    }
    auto z = static_cast<int64_t>(d2 - y);
    return good > bad ? sample - z : z;
  }

  // Stadlober's ratio of uniforms.
  int64_t hypergeometric_large(int64_t good, int64_t bad, int64_t sample) {
    constexpr double kD1 = 1.7155277699214135, kD2 = 0.8989161620588988;
    int64_t fewer = std::min(good, bad), more = std::max(good, bad), all = good + bad;
    int64_t m = std::min(sample, all - sample);
    auto real = [](int64_t v) { return static_cast<double>(v); };
    double d4 = real(fewer) / real(all), d5 = 1.0 - d4, d6 = real(m) * d4 + 0.5;
    double d7 = std::sqrt(real(all - m) * real(sample) * d4 * d5 / real(all - 1) + 0.5);
    double d8 = kD1 * d7 + kD2;
    auto d9 = static_cast<int64_t>(std::floor(real(m + 1) * real(fewer + 1) / real(all + 2)));
    auto logs = [&](int64_t z) {
      return random_loggam(real(z + 1)) + random_loggam(real(fewer - z + 1)) +
             random_loggam(real(m - z + 1)) + random_loggam(real(more - m + z + 1));
    };
    double d10 = logs(d9);
    double d11 = std::min(real(std::min(m, fewer)) + 1.0, std::floor(d6 + 16 * d7));
    int64_t z;
    for (;;) {
      double x = u(), y = u(), w = d6 + d8 * (y - 0.5) / x;
      if (w < 0.0 || w >= d11) continue;
      z = static_cast<int64_t>(std::floor(w));
      double t = d10 - logs(z);
      if (x * (4.0 - x) - 3.0 <= t) break;
      if (x * (x - t) >= 1) continue;
      if (2.0 * std::log(x) <= t) break;
    }
    if (good > bad) z = m - z;
    return m < sample ? good - z : z;
  }
};

// On the heap, for the thread-local data of a shared library has to stay small: see mt19937.h.
BinomialSetup* binomial_setup() {
  static thread_local const auto setup = std::make_unique<BinomialSetup>();
  return setup.get();
}

}  // namespace

}  // namespace cantil::device_runtime

using namespace cantil::device_runtime;

extern "C" {

#define DISTRIBUTION0(name, result) \
  result cantil_rt_np_##name() { return Legacy{}.name(); }
#define DISTRIBUTION1(name, result) \
  result cantil_rt_np_##name(double a) { return Legacy{}.name(a); }
#define DISTRIBUTION2(name, result) \
  result cantil_rt_np_##name(double a, double b) { return Legacy{}.name(a, b); }
#define DISTRIBUTION3(name, result) \
  result cantil_rt_np_##name(double a, double b, double c) { return Legacy{}.name(a, b, c); }
#include "device_runtime/random/distributions.def"

int64_t cantil_rt_np_binomial(int64_t n, double p) {
  return random_binomial(&numpy_state().bitgen, p, n, binomial_setup());
}
int64_t cantil_rt_np_hypergeometric(int64_t good, int64_t bad, int64_t sample) {
  return Legacy{}.hypergeometric(good, bad, sample);
}
void cantil_rt_np_multinomial(int64_t n, double* p, int64_t d, int64_t* out) {
  random_multinomial(&numpy_state().bitgen, n, out, p, d, binomial_setup());
}
uint64_t cantil_rt_np_interval(uint64_t max) { return random_interval(&numpy_state().bitgen, max); }
cantil::device_runtime::Bitgen* cantil_rt_np_bitgen() { return &numpy_state().bitgen; }

void cantil_rt_np_seed(uint32_t value) { numpy_state().seed(value); }
void cantil_rt_np_seed_array(const uint32_t* key, int64_t n) { numpy_state().seed(key, n); }
void cantil_rt_np_seed_entropy() { numpy_state().seed_from_entropy(); }

double cantil_rt_random_real() { return python_state().real(); }
uint32_t cantil_rt_random_word() { return python_state().word(); }
void cantil_rt_random_seed(uint32_t value) { python_state().seed(value); }
void cantil_rt_random_seed_entropy() { python_state().seed_from_entropy(); }
// The second of a pair of normal numbers, NaN where there is none; it is there for one call.
double cantil_rt_random_take_gauss() {
  Mt19937& s = python_state();
  if (!s.has_gauss) return std::numeric_limits<double>::quiet_NaN();
  s.has_gauss = false;
  return s.gauss;
}
void cantil_rt_random_keep_gauss(double v) {
  Mt19937& s = python_state();
  s.gauss = v;
  s.has_gauss = true;
}
}
