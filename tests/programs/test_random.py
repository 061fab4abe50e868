"""np.random, Generator objects and `random` in compiled code: NumPy's and CPython's streams, bit for bit."""

import linecache
import math
import os
import random
import threading

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")


def same(a, b):
    """Equal to the last bit, with types and shapes."""
    if isinstance(a, tuple):
        assert isinstance(b, tuple) and len(a) == len(b)
        for x, y in zip(a, b):
            same(x, y)
        return
    if isinstance(b, np.ndarray):
        assert isinstance(a, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape
    assert np.asarray(a).tobytes() == np.asarray(b, np.asarray(a).dtype).tobytes(), (a, b)


def compiled(expression, names):
    """A function of `names` that draws `expression` three times, once with sizes."""
    scope = {"np": np, "random": random, "math": math}
    text = f"def f({names}):\n    return {expression}\n"
    file = f"<drawn {len(linecache.cache)}>"
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    exec(compile(text, file, "exec"), scope)
    return scope["f"]


# The calls, with parameters on both sides of the algorithms' branches.
BOTH = [
    "normal(0.5, 2.0, {})",
    "normal(size={})",
    "exponential(2.5, {})",
    "standard_exponential(size={})",
    "standard_normal({})",
    "standard_cauchy({})",
    "standard_gamma(0.0, {})",
    "standard_gamma(0.3, {})",
    "standard_gamma(1.0, {})",
    "standard_gamma(4.5, {})",
    "gamma(0.5, 3.0, {})",
    "gamma(5, 2, {})",
    "beta(0.4, 0.7, {})",
    "beta(1e-3, 1e-3, {})",
    "beta(2.0, 0.7, {})",
    "f(3.0, 7.0, {})",
    "noncentral_f(3.0, 7.0, 1.5, {})",
    "chisquare(2.5, {})",
    "noncentral_chisquare(0.5, 2.0, {})",
    "noncentral_chisquare(3.0, 2.0, {})",
    "noncentral_chisquare(3.0, 0.0, {})",
    "standard_t(4.0, {})",
    "vonmises(1.0, 1e-9, {})",
    "vonmises(1.0, 1e-6, {})",
    "vonmises(1.0, 4.0, {})",
    "vonmises(-3.0, 0.5, {})",
    "pareto(3.0, {})",
    "weibull(1.5, {})",
    "weibull(0.0, {})",
    "power(2.5, {})",
    "laplace(1.0, 2.0, {})",
    "gumbel(1.0, 2.0, {})",
    "logistic(1.0, 2.0, {})",
    "lognormal(0.1, 0.8, {})",
    "rayleigh(1.5, {})",
    "wald(2.0, 3.0, {})",
    "triangular(-1.0, 0.5, 2.0, {})",
    "uniform(-1.0, 4.0, {})",
    "binomial(10, 0.3, {})",
    "binomial(200, 0.7, {})",
    "binomial(0, 0.5, {})",
    "negative_binomial(5, 0.3, {})",
    "poisson(0.0, {})",
    "poisson(3.5, {})",
    "poisson(40.0, {})",
    "zipf(2.5, {})",
    "geometric(0.2, {})",
    "geometric(0.7, {})",
    "hypergeometric(10, 15, 5, {})",
    "hypergeometric(40, 25, 30, {})",
    "hypergeometric(25, 400, 410, {})",
    "logseries(0.6, {})",
    "logseries(0.99, {})",
    "choice(7, {})",
    "choice(np.arange(20.0), {})",
    "choice(5, {}, True, np.array((0.1, 0.2, 0.3, 0.15, 0.25)))",
]
LEGACY = [
    "random_sample({})",
    "random({})",
    "ranf({})",
    "sample({})",
    "uniform(4.0, -1.0, {})",
    "randint(3, 90, {})",
    "randint(12, size={})",
    "randint(-5, 2**40, {})",
    "randint(0, 2**32, {})",
    "randint(7, 8, {})",
    "randint(-100, 100, {}, np.int8)",
    "randint(0, 256, {}, np.uint8)",
    "randint(0, 1000, {}, np.int16)",
    "randint(0, 1000, {}, np.uint32)",
    "randint(0, 2, {}, np.bool_)",
]
MODERN = [
    "random({})",
    "random({}, np.float32)",
    "random({}, dtype=np.float64)",
    "standard_normal({}, np.float32)",
    "standard_exponential({}, np.float32)",
    "standard_exponential({}, np.float64, 'inv')",
    "standard_gamma(2.5, {}, np.float32)",
    "standard_gamma(0.5, {}, np.float32)",
    "vonmises(1.0, 2e6, {})",
    "integers(3, 90, {})",
    "integers(12, size={})",
    "integers(-5, 2**40, {})",
    "integers(0, 2**32, {})",
    "integers(-100, 100, {}, np.int8)",
    "integers(0, 256, {}, np.uint8)",
    "integers(0, 1000, {}, np.int16)",
    "integers(-3, 5, {}, np.int32, True)",
    "integers(0, 2, {}, np.bool_)",
    "choice(100, {}, False)",
    "choice(20000, {}, False)",
    "choice(20000, {}, False, None, 0, False)",
    "choice(5, {}, False, np.array((0.1, 0.2, 0.3, 0.15, 0.25)))",
]


def three(call, where):
    one = call.format("None")
    many = call.format("5")
    grid = call.format("(2, 2)")
    return f"{where}.{one}, {where}.{many}, {where}.{grid}"


@pytest.mark.parametrize("call", BOTH + LEGACY)
def test_numpy_random(call):
    text = three(call, "np.random")
    f = compiled(text, "")
    seeded = njit(compiled(f"(np.random.seed(s), {text})[1:]", "s"))
    for seed in (0, 42, 4294967295):
        np.random.seed(seed)
        want = f()
        same(seeded(seed), want)


@pytest.mark.parametrize("call", BOTH + MODERN)
def test_generator(call):
    f = compiled(three(call, "g"), "g")
    c = njit(f)
    for seed in (1, 2):
        a, b = np.random.default_rng(seed), np.random.default_rng(seed)
        same(c(a), f(b))
        assert a.random() == b.random()


@pytest.mark.parametrize(
    "kind", [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64]
)
def test_bit_generators(kind):
    def f(g):
        return g.random(3), g.integers(0, 1000, 5), g.normal(), g.integers(0, 100, 3, np.int8)

    a, b = np.random.Generator(kind(5)), np.random.Generator(kind(5))
    same(njit(f)(a), f(b))
    assert a.integers(1 << 40) == b.integers(1 << 40)


def test_generator_into_out():
    @njit
    def f(g, out):
        return g.random(out=out), g.standard_normal(out=out).sum()

    for dtype in (np.float64, np.float32):
        a, b = np.random.default_rng(3), np.random.default_rng(3)
        x, y = np.zeros((2, 3), dtype), np.zeros((2, 3), dtype)
        f(a, x)
        b.random(out=y, dtype=dtype)
        b.standard_normal(out=y, dtype=dtype)
        same(x, y)


def test_generator_is_returned():
    @njit
    def f(g):
        g.random()
        return g

    g = np.random.default_rng(1)
    assert f(g) is g


PERMUTE = """
np.random.permutation(10)
np.random.permutation(np.arange(6.0))
np.random.permutation(np.arange(12).reshape(4, 3))
np.random.choice(10, 4, False)
np.random.choice(np.arange(10) * 2, 10, False)
np.random.choice(6, 3, False, np.array((0.0, 0.5, 0.2, 0.1, 0.1, 0.1)))
np.random.choice(np.array((3, 1)), (0,))
np.random.multinomial(20, np.array((0.2, 0.3, 0.5)))
np.random.multinomial(20, np.array((0.2, 0.3, 0.5)), 3)
np.random.multinomial(20, (0.2, 0.8), (2, 2))
np.random.dirichlet(np.array((0.5, 2.0, 3.0)))
np.random.dirichlet(np.array((0.5, 2.0, 3.0)), (2, 2))
np.random.rand()
np.random.rand(3, 2)
np.random.randn()
np.random.randn(5)
""".strip().split("\n")


@pytest.mark.parametrize("text", PERMUTE)
def test_sequences(text):
    f = compiled(text, "")
    g = njit(compiled(f"(np.random.seed(s), {text})[1]", "s"))
    for seed in (0, 7):
        np.random.seed(seed)
        same(g(seed), f())


@pytest.mark.parametrize("n", [0, 1, 2, 9])
@pytest.mark.parametrize("tail", [(), (2,), (2, 3)])
def test_shuffle(n, tail):
    x = np.arange(n * math.prod(tail)).reshape(n, *tail)

    def legacy(x):
        np.random.shuffle(x)
        return np.random.random()

    @njit
    def seed(s):
        np.random.seed(s)

    def modern(g, x):
        g.shuffle(x)
        return g.permutation(x)

    a, b = x.copy(), x.copy()
    seed(4)
    np.random.seed(4)
    same(njit(legacy)(a), legacy(b))
    same(a, b)
    a, b = x.copy(), x.copy()
    same(njit(modern)(np.random.default_rng(3), a), modern(np.random.default_rng(3), b))
    same(a, b)
    a, b = x[::-1], x.copy()[::-1]
    seed(5)
    np.random.seed(5)
    same(njit(legacy)(a), legacy(b))
    same(a, b)


PYTHON = """
random.random()
random.getrandbits(1)
random.getrandbits(32)
random.getrandbits(53)
random.getrandbits(64)
random.randrange(1)
random.randrange(1000)
random.randrange(-10, 10)
random.randrange(10, -7, -3)
random.randint(-3, 2**40)
random.uniform(2, 5.5)
random.triangular()
random.triangular(1, 5, 2)
random.triangular(2.0, 2.0, 2.0)
random.normalvariate(1, 2)
random.gauss(0.5, 1.5)
random.lognormvariate(0.0, 0.5)
random.expovariate(1.5)
random.vonmisesvariate(1.0, 3.0)
random.vonmisesvariate(1.0, 0.0)
random.gammavariate(0.5, 2.0)
random.gammavariate(1.0, 2.0)
random.gammavariate(2.5, 2.0)
random.betavariate(2.0, 0.5)
random.paretovariate(3.0)
random.weibullvariate(2.0, 1.5)
random.choice(np.arange(5) * 3)
random.choice(range(2, 100, 7))
random.choice((4, 5, 6))
""".strip().split("\n")


def python_seed(s):
    """CPython's state as init_genrand makes it: what an integer seeds in compiled code."""
    keys = np.random.RandomState(s).get_state()[1]
    random.setstate((3, (*(int(k) for k in keys), 624), None))


@pytest.mark.parametrize("text", PYTHON)
def test_random_module(text):
    f = compiled(", ".join([text] * 4), "")
    g = njit(compiled(f"(random.seed(s), {', '.join([text] * 4)})[1:]", "s"))
    for seed in (0, 42):
        python_seed(seed)
        same(g(seed), f())


def test_random_shuffle():
    def f(x):
        random.shuffle(x)
        return random.random()

    @njit
    def seed(s):
        random.seed(s)

    x, y = np.arange(30), np.arange(30)
    seed(3)
    python_seed(3)
    same(njit(f)(x), f(y))
    same(x, y)


ERRORS = """
beta(-1, 1)
beta(1.0, 0.0)
exponential(-1.0)
exponential(-0.0)
normal(0.0, -1.0)
uniform(0.0, np.inf)
gamma(-1.0, 1.0)
gamma(1.0, -1.0)
f(0.0, 1.0)
f(1.0, 0.0)
noncentral_f(1.0, 1.0, -1.0)
chisquare(0.0)
noncentral_chisquare(1.0, -1.0)
standard_t(0.0)
vonmises(0.0, -1.0)
pareto(0.0)
weibull(-1.0)
power(0.0)
lognormal(0.0, -1.0)
wald(0.0, 1.0)
wald(1.0, 0.0)
triangular(2.0, 1.0, 3.0)
triangular(0.0, 4.0, 3.0)
triangular(1.0, 1.0, 1.0)
binomial(-1, 0.5)
binomial(1, 1.5)
binomial(1, np.nan)
negative_binomial(0, 0.5)
negative_binomial(1, 1.5)
poisson(-1.0)
poisson(1e30)
poisson(np.nan)
zipf(1.0)
zipf(np.nan)
geometric(0.0)
hypergeometric(1, 1, 3)
hypergeometric(1, 1, -1)
logseries(1.0)
multinomial(-1, np.array((0.5, 0.5)))
multinomial(1, np.array((-0.9, 0.9)))
dirichlet(np.array((0.0, 1.0)))
choice(0)
choice(np.zeros(0))
choice(5, 6, False)
choice(5, 2, True, np.array((0.1, 0.2)))
choice(2, 2, True, np.array((0.1, 0.2)))
choice(2, 2, True, np.array((-0.1, 1.1)))
choice(2, 2, True, np.array((np.nan, 1.1)))
choice(3, 3, False, np.array((0.0, 0.5, 0.5)))
random(-1)
random((2, -1))
randint(5, 5)
randint(0)
randint(0, 300, None, np.int8)
randint(-200, 3, None, np.int8)
integers(5, 5)
integers(0)
integers(0, 300, None, np.int8)
integers(3, 1, None, np.int64, True)
seed(-1)
seed(4294967296)
seed(np.array((-1,)))
""".strip().split("\n")


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text):
    for where, names, args in (("np.random", "", ()), ("g", "g", (np.random.default_rng(1),))):
        if not hasattr(np.random if where == "np.random" else args[0], text.split("(")[0]):
            continue
        f = compiled(f"{where}.{text}", names)
        try:
            f(*args)
        except Exception as e:
            want = e
        else:
            continue  # only one of the two refuses it
        with pytest.raises(type(want)) as got:
            njit(f)(*args)
        assert str(got.value) == str(want)


def test_seed_by_array():
    @njit
    def f(key):
        np.random.seed(key)
        return np.random.random(3)

    for key in ([1], [1, 2, 3], list(range(700))):
        same(f(np.array(key)), np.random.RandomState(key).random_sample(3))


def test_state_is_apart():
    @njit
    def seed(s):
        np.random.seed(s)
        random.seed(s)

    @njit
    def draw():
        return np.random.random(), random.random()

    seed(5)
    a = draw()
    seed(5)
    np.random.seed(1)
    random.seed(1)
    before = np.random.random(), random.random()
    assert draw() == a
    np.random.seed(1)
    random.seed(1)
    assert (np.random.random(), random.random()) == before
    seed(5)
    other = []
    t = threading.Thread(
        target=lambda: other.append(draw())
    )  # has a state of its own, from the system's entropy
    t.start()
    t.join()
    assert other[0] != a and draw() == a


def test_child_starts_anew():
    @njit
    def draw():
        return np.random.randint(0, 2**60)

    draw()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(draw()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(read, 100)) != draw()


def test_kernels_refuse(capfd):
    from cantil import cuda
    from cantil.errors import TypingError

    def kernel(out):
        out[0] = np.random.random()

    with pytest.raises(TypingError, match="kernel"):
        cuda.compile_ptx(kernel, "void(float64[:])")
