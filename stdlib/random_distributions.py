"""The distributions of np.random and of np.random.Generator objects, with NumPy's streams.

The draws are C++ (device_runtime/random/): `random_call(T, name, g, …)` calls np.random's for g None, else the
generator's. Here are the parameters' checks and the loops over `size`."""

import math

import numpy as np
from cantil.library import cast, overload, packed_view, random_call, same_type


def _positive(x, message: LiteralStr):
    if x <= 0:
        raise ValueError(message)


def _not_negative(x, message: LiteralStr):
    """A zero with a sign is refused too, NaN is not."""
    if x == x and math.copysign(1.0, x) < 0:
        raise ValueError(message)


def _check(ok, message: LiteralStr):
    if not ok:
        raise ValueError(message)


def _draw0(g, name: LiteralStr, T, size):
    if size is None:
        return random_call(T, name, g)
    r = np.empty(size, T)
    out = packed_view(r, T, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(T, name, g)
    return r


def _draw1(g, name: LiteralStr, T, size, a):
    x = cast(a, np.float64)
    if size is None:
        return random_call(T, name, g, x)
    r = np.empty(size, T)
    out = packed_view(r, T, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(T, name, g, x)
    return r


def _draw2(g, name: LiteralStr, T, size, a, b):
    x = cast(a, np.float64)
    y = cast(b, np.float64)
    if size is None:
        return random_call(T, name, g, x, y)
    r = np.empty(size, T)
    out = packed_view(r, T, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(T, name, g, x, y)
    return r


def _draw3(g, name: LiteralStr, T, size, a, b, c):
    x = cast(a, np.float64)
    y = cast(b, np.float64)
    z = cast(c, np.float64)
    if size is None:
        return random_call(T, name, g, x, y, z)
    r = np.empty(size, T)
    out = packed_view(r, T, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(T, name, g, x, y, z)
    return r


# Uniform numbers


@overload(np.random.random_sample)
def random_sample(size: Whole | Tuple | NoneType = None):
    return _draw0(None, "standard_uniform", np.float64, size)


@overload(np.random.rand)
def rand(*dims):
    if len(dims) == 0:
        return random_sample()
    return random_sample(dims)


def _float_result(dtype, out):
    """The dtype that a generator's method is asked for: `out`'s where there is one."""
    if out is None:
        return dtype
    return out.dtype


def _fill(g, name: LiteralStr, single: LiteralStr, size, dtype, out):
    """Numbers without parameters in double or single precision, new or into `out`."""
    if out is None:
        if same_type(dtype, np.float32):
            return _draw0(g, single, np.float32, size)
        _check_float(dtype)
        return _draw0(g, name, np.float64, size)
    _check_float(out.dtype)
    for i in range(out.shape[0]):
        if out.ndim == 1:
            if same_type(out.dtype, np.float32):
                out[i] = random_call(np.float32, single, g)
            else:
                out[i] = random_call(np.float64, name, g)
        else:
            _fill(g, name, single, None, dtype, out[i, ...])
    return out


def _check_float(dtype):
    if not same_type(dtype, np.float64) and not same_type(dtype, np.float32):
        raise TypeError("Unsupported dtype for a random distribution: float32 and float64 are drawn")


@overload("method:generator.random")
def generator_random(
    g: Generator,
    size: Whole | Tuple | NoneType = None,
    dtype: Type = np.float64,
    out: Array | NoneType = None,
):
    return _fill(g, "standard_uniform", "standard_uniform_f", size, dtype, out)


def _range(low, high):
    return cast(high, np.float64) - cast(low, np.float64)


@overload(np.random.uniform)
def uniform(low: Real = 0.0, high: Real = 1.0, size: Whole | Tuple | NoneType = None):
    width = _range(low, high)
    if not math.isfinite(width):
        raise OverflowError("Range exceeds valid bounds")
    return _draw2(None, "uniform", np.float64, size, low, width)


@overload("method:generator.uniform")
def generator_uniform(g: Generator, low: Real = 0.0, high: Real = 1.0, size: Whole | Tuple | NoneType = None):
    width = _range(low, high)
    if not math.isfinite(width):
        raise OverflowError("high - low range exceeds valid bounds")
    _not_negative(width, "high - low < 0")
    return _draw2(g, "uniform", np.float64, size, low, width)


# Normal and exponential numbers


@overload(np.random.standard_normal)
def standard_normal(size: Whole | Tuple | NoneType = None):
    return _draw0(None, "standard_normal", np.float64, size)


@overload("method:generator.standard_normal")
def generator_standard_normal(
    g: Generator,
    size: Whole | Tuple | NoneType = None,
    dtype: Type = np.float64,
    out: Array | NoneType = None,
):
    return _fill(g, "standard_normal", "standard_normal_f", size, dtype, out)


@overload(np.random.randn)
def randn(*dims):
    if len(dims) == 0:
        return standard_normal()
    return standard_normal(dims)


@overload(np.random.standard_exponential)
def standard_exponential(size: Whole | Tuple | NoneType = None):
    return _draw0(None, "standard_exponential", np.float64, size)


@overload("method:generator.standard_exponential")
def generator_standard_exponential(
    g: Generator,
    size: Whole | Tuple | NoneType = None,
    dtype: Type = np.float64,
    method: LiteralStr = "zig",
    out: Array | NoneType = None,
):
    if method == "zig":
        return _fill(g, "standard_exponential", "standard_exponential_f", size, dtype, out)
    return _fill(g, "inverse_exponential", "inverse_exponential_f", size, dtype, out)


# standard_gamma alone has a single-precision form that takes a parameter.


@overload(np.random.standard_gamma)
def standard_gamma(shape: Real, size: Whole | Tuple | NoneType = None):
    _not_negative(shape, "shape < 0")
    return _draw1(None, "standard_gamma", np.float64, size, shape)


@overload("method:generator.standard_gamma")
def generator_standard_gamma(
    g: Generator, shape: Real, size: Whole | Tuple | NoneType = None, dtype: Type = np.float64
):
    _not_negative(shape, "shape < 0")
    if not same_type(dtype, np.float32):
        _check_float(dtype)
        return _draw1(g, "standard_gamma", np.float64, size, shape)
    x = cast(shape, np.float32)
    if size is None:
        return random_call(np.float32, "standard_gamma_f", g, x)
    r = np.empty(size, np.float32)
    out = packed_view(r, np.float32, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(np.float32, "standard_gamma_f", g, x)
    return r


# Whole numbers out of whole parameters


@overload(np.random.binomial)
def binomial(n: Whole, p: Real, size: Whole | Tuple | NoneType = None):
    return _binomial(None, n, p, size)


@overload("method:generator.binomial")
def generator_binomial(g: Generator, n: Whole, p: Real, size: Whole | Tuple | NoneType = None):
    return _binomial(g, n, p, size)


def _binomial(g, n, p, size):
    k = cast(n, np.int64)
    x = cast(p, np.float64)
    _check(x >= 0 and x <= 1, "p < 0, p > 1 or p is NaN")
    _check(k >= 0, "n < 0")
    if size is None:
        return random_call(np.int64, "binomial", g, k, x)
    r = np.empty(size, np.int64)
    out = packed_view(r, np.int64, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(np.int64, "binomial", g, k, x)
    return r


@overload(np.random.hypergeometric)
def hypergeometric(ngood: Whole, nbad: Whole, nsample: Whole, size: Whole | Tuple | NoneType = None):
    _check(ngood + nbad >= nsample, "ngood + nbad < nsample")
    _check(ngood >= 0, "ngood < 0")
    _check(nbad >= 0, "nbad < 0")
    _check(nsample >= 1, "nsample < 1 or nsample is NaN")
    return _hypergeometric(None, ngood, nbad, nsample, size)


@overload("method:generator.hypergeometric")
def generator_hypergeometric(
    g: Generator, ngood: Whole, nbad: Whole, nsample: Whole, size: Whole | Tuple | NoneType = None
):
    _check(ngood < 1000000000 and nbad < 1000000000, "both ngood and nbad must be less than 1000000000")
    _check(ngood + nbad >= nsample, "ngood + nbad < nsample")
    _check(ngood >= 0, "ngood < 0")
    _check(nbad >= 0, "nbad < 0")
    _check(nsample >= 0, "nsample < 0")
    return _hypergeometric(g, ngood, nbad, nsample, size)


def _hypergeometric(g, ngood, nbad, nsample, size):
    a = cast(ngood, np.int64)
    b = cast(nbad, np.int64)
    n = cast(nsample, np.int64)
    if size is None:
        return random_call(np.int64, "hypergeometric", g, a, b, n)
    r = np.empty(size, np.int64)
    out = packed_view(r, np.int64, 0, (r.size,))
    for i in range(out.shape[0]):
        out[i] = random_call(np.int64, "hypergeometric", g, a, b, n)
    return r


# What differs between the two in its checks


@overload(np.random.negative_binomial)
def negative_binomial(n: Real, p: Real, size: Whole | Tuple | NoneType = None):
    _positive(n, "n <= 0")
    _check(p >= 0 and p <= 1, "p < 0, p > 1 or p is NaN")
    return _draw2(None, "negative_binomial", np.int64, size, n, p)


@overload("method:generator.negative_binomial")
def generator_negative_binomial(g: Generator, n: Real, p: Real, size: Whole | Tuple | NoneType = None):
    _check(n == n, "n must not be NaN")
    _positive(n, "n <= 0")
    _check(p > 0 and p <= 1, "p <= 0, p > 1 or p contains NaNs")
    return _draw2(g, "negative_binomial", np.int64, size, n, p)


# What is the same in both but for the state: {np.random's overload, the generator's method}


@overload(np.random.standard_cauchy)
def standard_cauchy(size: Whole | Tuple | NoneType = None):
    return _draw0(None, "standard_cauchy", np.float64, size)


@overload("method:generator.standard_cauchy")
def generator_standard_cauchy(g: Generator, size: Whole | Tuple | NoneType = None):
    return _draw0(g, "standard_cauchy", np.float64, size)


@overload(np.random.standard_t)
def standard_t(df: Real, size: Whole | Tuple | NoneType = None):
    _positive(df, "df <= 0")
    return _draw1(None, "standard_t", np.float64, size, df)


@overload("method:generator.standard_t")
def generator_standard_t(g: Generator, df: Real, size: Whole | Tuple | NoneType = None):
    _positive(df, "df <= 0")
    return _draw1(g, "standard_t", np.float64, size, df)


@overload(np.random.chisquare)
def chisquare(df: Real, size: Whole | Tuple | NoneType = None):
    _positive(df, "df <= 0")
    return _draw1(None, "chisquare", np.float64, size, df)


@overload("method:generator.chisquare")
def generator_chisquare(g: Generator, df: Real, size: Whole | Tuple | NoneType = None):
    _positive(df, "df <= 0")
    return _draw1(g, "chisquare", np.float64, size, df)


@overload(np.random.pareto)
def pareto(a: Real, size: Whole | Tuple | NoneType = None):
    _positive(a, "a <= 0")
    return _draw1(None, "pareto", np.float64, size, a)


@overload("method:generator.pareto")
def generator_pareto(g: Generator, a: Real, size: Whole | Tuple | NoneType = None):
    _positive(a, "a <= 0")
    return _draw1(g, "pareto", np.float64, size, a)


@overload(np.random.weibull)
def weibull(a: Real, size: Whole | Tuple | NoneType = None):
    _not_negative(a, "a < 0")
    return _draw1(None, "weibull", np.float64, size, a)


@overload("method:generator.weibull")
def generator_weibull(g: Generator, a: Real, size: Whole | Tuple | NoneType = None):
    _not_negative(a, "a < 0")
    return _draw1(g, "weibull", np.float64, size, a)


@overload(np.random.power)
def power(a: Real, size: Whole | Tuple | NoneType = None):
    _positive(a, "a <= 0")
    return _draw1(None, "power", np.float64, size, a)


@overload("method:generator.power")
def generator_power(g: Generator, a: Real, size: Whole | Tuple | NoneType = None):
    _positive(a, "a <= 0")
    return _draw1(g, "power", np.float64, size, a)


@overload(np.random.rayleigh)
def rayleigh(scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw1(None, "rayleigh", np.float64, size, scale)


@overload("method:generator.rayleigh")
def generator_rayleigh(g: Generator, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw1(g, "rayleigh", np.float64, size, scale)


@overload(np.random.exponential)
def exponential(scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw1(None, "exponential", np.float64, size, scale)


@overload("method:generator.exponential")
def generator_exponential(g: Generator, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw1(g, "exponential", np.float64, size, scale)


@overload(np.random.normal)
def normal(loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw2(None, "normal", np.float64, size, loc, scale)


@overload("method:generator.normal")
def generator_normal(g: Generator, loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw2(g, "normal", np.float64, size, loc, scale)


@overload(np.random.gamma)
def gamma(shape: Real, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(shape, "shape < 0")
    _not_negative(scale, "scale < 0")
    return _draw2(None, "gamma", np.float64, size, shape, scale)


@overload("method:generator.gamma")
def generator_gamma(g: Generator, shape: Real, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(shape, "shape < 0")
    _not_negative(scale, "scale < 0")
    return _draw2(g, "gamma", np.float64, size, shape, scale)


@overload(np.random.beta)
def beta(a: Real, b: Real, size: Whole | Tuple | NoneType = None):
    _positive(a, "a <= 0")
    _positive(b, "b <= 0")
    return _draw2(None, "beta", np.float64, size, a, b)


@overload("method:generator.beta")
def generator_beta(g: Generator, a: Real, b: Real, size: Whole | Tuple | NoneType = None):
    _positive(a, "a <= 0")
    _positive(b, "b <= 0")
    return _draw2(g, "beta", np.float64, size, a, b)


@overload(np.random.f)
def f(dfnum: Real, dfden: Real, size: Whole | Tuple | NoneType = None):
    _positive(dfnum, "dfnum <= 0")
    _positive(dfden, "dfden <= 0")
    return _draw2(None, "f", np.float64, size, dfnum, dfden)


@overload("method:generator.f")
def generator_f(g: Generator, dfnum: Real, dfden: Real, size: Whole | Tuple | NoneType = None):
    _positive(dfnum, "dfnum <= 0")
    _positive(dfden, "dfden <= 0")
    return _draw2(g, "f", np.float64, size, dfnum, dfden)


@overload(np.random.laplace)
def laplace(loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw2(None, "laplace", np.float64, size, loc, scale)


@overload("method:generator.laplace")
def generator_laplace(
    g: Generator, loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None
):
    _not_negative(scale, "scale < 0")
    return _draw2(g, "laplace", np.float64, size, loc, scale)


@overload(np.random.gumbel)
def gumbel(loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw2(None, "gumbel", np.float64, size, loc, scale)


@overload("method:generator.gumbel")
def generator_gumbel(g: Generator, loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw2(g, "gumbel", np.float64, size, loc, scale)


@overload(np.random.logistic)
def logistic(loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(scale, "scale < 0")
    return _draw2(None, "logistic", np.float64, size, loc, scale)


@overload("method:generator.logistic")
def generator_logistic(
    g: Generator, loc: Real = 0.0, scale: Real = 1.0, size: Whole | Tuple | NoneType = None
):
    _not_negative(scale, "scale < 0")
    return _draw2(g, "logistic", np.float64, size, loc, scale)


@overload(np.random.lognormal)
def lognormal(mean: Real = 0.0, sigma: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _not_negative(sigma, "sigma < 0")
    return _draw2(None, "lognormal", np.float64, size, mean, sigma)


@overload("method:generator.lognormal")
def generator_lognormal(
    g: Generator, mean: Real = 0.0, sigma: Real = 1.0, size: Whole | Tuple | NoneType = None
):
    _not_negative(sigma, "sigma < 0")
    return _draw2(g, "lognormal", np.float64, size, mean, sigma)


@overload(np.random.noncentral_chisquare)
def noncentral_chisquare(df: Real, nonc: Real, size: Whole | Tuple | NoneType = None):
    _positive(df, "df <= 0")
    _not_negative(nonc, "nonc < 0")
    return _draw2(None, "noncentral_chisquare", np.float64, size, df, nonc)


@overload("method:generator.noncentral_chisquare")
def generator_noncentral_chisquare(g: Generator, df: Real, nonc: Real, size: Whole | Tuple | NoneType = None):
    _positive(df, "df <= 0")
    _not_negative(nonc, "nonc < 0")
    return _draw2(g, "noncentral_chisquare", np.float64, size, df, nonc)


@overload(np.random.wald)
def wald(mean: Real, scale: Real, size: Whole | Tuple | NoneType = None):
    _positive(mean, "mean <= 0")
    _positive(scale, "scale <= 0")
    return _draw2(None, "wald", np.float64, size, mean, scale)


@overload("method:generator.wald")
def generator_wald(g: Generator, mean: Real, scale: Real, size: Whole | Tuple | NoneType = None):
    _positive(mean, "mean <= 0")
    _positive(scale, "scale <= 0")
    return _draw2(g, "wald", np.float64, size, mean, scale)


@overload(np.random.vonmises)
def vonmises(mu: Real, kappa: Real, size: Whole | Tuple | NoneType = None):
    _not_negative(kappa, "kappa < 0")
    return _draw2(None, "vonmises", np.float64, size, mu, kappa)


@overload("method:generator.vonmises")
def generator_vonmises(g: Generator, mu: Real, kappa: Real, size: Whole | Tuple | NoneType = None):
    _not_negative(kappa, "kappa < 0")
    return _draw2(g, "vonmises", np.float64, size, mu, kappa)


@overload(np.random.noncentral_f)
def noncentral_f(dfnum: Real, dfden: Real, nonc: Real, size: Whole | Tuple | NoneType = None):
    _positive(dfnum, "dfnum <= 0")
    _positive(dfden, "dfden <= 0")
    _not_negative(nonc, "nonc < 0")
    return _draw3(None, "noncentral_f", np.float64, size, dfnum, dfden, nonc)


@overload("method:generator.noncentral_f")
def generator_noncentral_f(
    g: Generator, dfnum: Real, dfden: Real, nonc: Real, size: Whole | Tuple | NoneType = None
):
    _positive(dfnum, "dfnum <= 0")
    _positive(dfden, "dfden <= 0")
    _not_negative(nonc, "nonc < 0")
    return _draw3(g, "noncentral_f", np.float64, size, dfnum, dfden, nonc)


@overload(np.random.triangular)
def triangular(left: Real, mode: Real, right: Real, size: Whole | Tuple | NoneType = None):
    _check(not left > mode, "left > mode")
    _check(not mode > right, "mode > right")
    _check(left != right, "left == right")
    return _draw3(None, "triangular", np.float64, size, left, mode, right)


@overload("method:generator.triangular")
def generator_triangular(
    g: Generator, left: Real, mode: Real, right: Real, size: Whole | Tuple | NoneType = None
):
    _check(not left > mode, "left > mode")
    _check(not mode > right, "mode > right")
    _check(left != right, "left == right")
    return _draw3(g, "triangular", np.float64, size, left, mode, right)


@overload(np.random.poisson)
def poisson(lam: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _check(lam >= 0, "lam < 0 or lam is NaN")
    _check(lam <= 9.223372006484771e18, "lam value too large")
    return _draw1(None, "poisson", np.int64, size, lam)


@overload("method:generator.poisson")
def generator_poisson(g: Generator, lam: Real = 1.0, size: Whole | Tuple | NoneType = None):
    _check(lam >= 0, "lam < 0 or lam is NaN")
    _check(lam <= 9.223372006484771e18, "lam value too large")
    return _draw1(g, "poisson", np.int64, size, lam)


@overload(np.random.logseries)
def logseries(p: Real, size: Whole | Tuple | NoneType = None):
    _check(p >= 0 and p < 1, "p < 0, p >= 1 or p is NaN")
    return _draw1(None, "logseries", np.int64, size, p)


@overload("method:generator.logseries")
def generator_logseries(g: Generator, p: Real, size: Whole | Tuple | NoneType = None):
    _check(p >= 0 and p < 1, "p < 0, p >= 1 or p is NaN")
    return _draw1(g, "logseries", np.int64, size, p)


@overload(np.random.geometric)
def geometric(p: Real, size: Whole | Tuple | NoneType = None):
    _check(p > 0 and p <= 1, "p <= 0, p > 1 or p contains NaNs")
    return _draw1(None, "geometric", np.int64, size, p)


@overload("method:generator.geometric")
def generator_geometric(g: Generator, p: Real, size: Whole | Tuple | NoneType = None):
    _check(p > 0 and p <= 1, "p <= 0, p > 1 or p contains NaNs")
    return _draw1(g, "geometric", np.int64, size, p)


@overload(np.random.zipf)
def zipf(a: Real, size: Whole | Tuple | NoneType = None):
    _check(a > 1, "a <= 1 or a is NaN")
    return _draw1(None, "zipf", np.int64, size, a)


@overload("method:generator.zipf")
def generator_zipf(g: Generator, a: Real, size: Whole | Tuple | NoneType = None):
    _check(a > 1, "a <= 1 or a is NaN")
    return _draw1(g, "zipf", np.int64, size, a)
