"""Loop forms that people write: what the compiled function computes, and that LLVM made vectors of it.

Each form is compared with CPython where its indices are plain, where they wrap, and where nothing runs; and its
optimised LLVM IR must have a vector of at least `LANES` elements in it.
"""

import math
import re

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")

RNG = np.random.default_rng(41)
N = 67
LINE = RNG.random(N)
GRID = RNG.random((23, 21))
F, F32, I8 = np.float64, np.float32, np.uint8


def offsets_with_runtime_bounds(a, o, lo, hi):
    for i in range(lo, hi):
        for j in range(lo, hi):
            o[i, j] = 0.25 * (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1])


def window_with_radius(a, o, r):
    n, m = a.shape
    for i in range(r, n - r):
        for j in range(r, m - r):
            s = 0.0
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    s += a[i + di, j + dj]
            o[i, j] = s / 9.0


def constant_offsets(a, o):
    for i in range(1, a.shape[0] - 1):
        for j in range(1, a.shape[1] - 1):
            o[i, j] = a[i - 1, j - 1] + 2.0 * a[i, j] + a[i + 1, j + 1]


def negative_constant_index(a, o):
    for i in range(a.shape[0] - 1):
        o[i] = a[i] - a[-1]


def offset_by_argument(a, o, k):
    for i in range(o.shape[0] - 12):
        o[i] = a[i + k]


def start_by_argument(a, o, start, stop):
    for i in range(start, stop):
        o[i] = a[i] * 2.0


def backwards(a, o):
    for i in range(a.shape[0] - 1, -1, -1):
        o[i] = a[i] * 2.0


def from_the_end(a, o):
    n = a.shape[0]
    for i in range(n):
        o[i] = a[n - 1 - i]


def while_counter(a, o):
    i = 0
    while i < a.shape[0]:
        o[i] = a[i] * 2.0
        i += 1


def choice(a, o):
    for i in range(a.shape[0]):
        if a[i] > 0.5:
            o[i] = a[i]
        else:
            o[i] = -1.0


def clipped(a, o, low, high):
    for i in range(a.shape[0]):
        o[i] = min(max(a[i], low), high)


def over_elements(a, o):
    for i, x in enumerate(a):
        o[i] = x + 1.0


def expression(a, o):
    o[:] = a * a + a


def shifted_slices(a, o):
    o[1:-1] = 0.5 * (a[:-2] + a[2:])


def points(p, o):
    for i in range(p.shape[0]):
        o[i] = p[i, 0] * p[i, 0] + p[i, 1] * p[i, 1] + p[i, 2] * p[i, 2]


def forces(p, o):
    n = p.shape[0]
    for i in range(n):
        total = 0.0
        for j in range(n):
            dx = p[j, 0] - p[i, 0]
            dy = p[j, 1] - p[i, 1]
            r2 = dx * dx + dy * dy + 1e-9
            total += dx / (r2 * math.sqrt(r2))
        o[i] = total


def checked(a, o, n):
    for i in range(n):
        o[i] = a[i] + 2.0


def bytes_sum(a, o):
    for i in range(a.shape[0]):
        o[i] = a[i] + o[i]


def line(*more, dtype=F):
    return (LINE * 100).astype(dtype), np.zeros(N, dtype=dtype), *more


def grid(*more, dtype=F):
    return GRID.astype(dtype), np.zeros_like(GRID, dtype=dtype), *more


FORMS = [
    (offsets_with_runtime_bounds, [grid(1, 20), grid(-3, 5), grid(0, 4), grid(9, 2)]),
    (window_with_radius, [grid(1), grid(2), grid(3), grid(40)]),
    (constant_offsets, [grid()]),
    (negative_constant_index, [line(), line(dtype=F32)]),
    (offset_by_argument, [line(3), line(-5), line(-N + 12)]),
    (start_by_argument, [line(5, N), line(-7, N), line(-7, -2), line(9, 3)]),
    (backwards, [line(), line(dtype=F32)]),
    (from_the_end, [line()]),
    (while_counter, [line()]),
    (choice, [line(), line(dtype=F32)]),
    (clipped, [line(20.0, 70.0)]),
    (over_elements, [line()]),
    (expression, [line(), line(dtype=F32)]),
    (shifted_slices, [line()]),
    (points, [(RNG.random((31, 3)), np.zeros(31)), (RNG.random((31, 5)), np.zeros(31))]),
    (forces, [(RNG.random((31, 2)), np.zeros(31)), (RNG.random((31, 3)), np.zeros(31))]),
    (bytes_sum, [line(dtype=I8)]),
]


def widest_vector(compiled):
    """The most elements of a vector that arithmetic or a store works on."""
    (signature,) = compiled.signatures
    text = compiled._inspect(signature, "llvm-opt")
    lanes = [
        int(n)
        for n in re.findall(
            r"(?:store|fadd|fsub|fmul|fdiv|add|fcmp \w+|call)(?: [a-z]+)* <(\d+) x (?:double|float|i8|i64)>",
            text,
        )
    ]
    return max(lanes, default=0)


def copies(args):
    return [a.copy(order="K") if isinstance(a, np.ndarray) else a for a in args]


@pytest.mark.parametrize(("form", "calls"), FORMS, ids=[f.__name__ for f, _ in FORMS])
def test_form(form, calls):
    for args in calls:
        compiled = njit(form)
        expected, got = copies(args), copies(args)
        form(*expected)
        compiled(*got)
        np.testing.assert_array_equal(got[1], expected[1])
        assert widest_vector(compiled) >= 4


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[2:-2],
        lambda a: a[::2],
        lambda a: a[::-1],
        lambda a: a[:, 1:-1],
        lambda a: a[:, ::2],
        lambda a: a.T,
        lambda a: a[::-1, ::-1],
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.complex128])
def test_layouts(view, dtype):
    """The test for elements next to each other decides at run time; both versions do the same."""

    def scale(a, o):
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                o[i, j] = a[i, j] + a[i - 1, j - 1]

    whole = (RNG.random((24, 20)) * 100).astype(dtype)
    a = view(whole)
    expected, got = np.zeros_like(a), view(np.zeros_like(whole))
    scale(a, expected)
    compiled = njit(scale)
    compiled(a, got)
    np.testing.assert_array_equal(got, expected)


def test_elements_next_to_each_other_in_a_view():
    def scale(a, o):
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                o[i, j] = a[i, j] * 2.0

    compiled = njit(scale)
    a = RNG.random((24, 40))
    o = np.zeros((24, 40))
    compiled(a[:, 3:-3], o[:, 3:-3])
    np.testing.assert_array_equal(o[:, 3:-3], a[:, 3:-3] * 2)
    assert widest_vector(compiled) >= 4


@pytest.mark.parametrize("n", [N, N + 1, 0, -3])
def test_bounds_checks_raise_where_they_did(n):
    compiled = njit(boundscheck=True)(checked)
    a, o, expected = LINE.copy(), np.zeros(N), np.zeros(N)
    error = None
    try:
        checked(a, expected, n)
    except IndexError as e:
        error = e
    if error is None:
        compiled(a, o, n)
    else:
        with pytest.raises(IndexError):
            compiled(a, o, n)
    np.testing.assert_array_equal(o, expected)
    assert widest_vector(compiled) >= 4


def test_fields_of_records_are_not_next_to_each_other():
    def total(a, o):
        for i in range(a.shape[0]):
            o[i] = a[i] * 2.0

    records = np.zeros(40, dtype=[("k", np.int32), ("x", np.float64)])
    records["x"] = RNG.random(40)
    o = np.zeros(40)
    njit(total)(records["x"], o)
    np.testing.assert_array_equal(o, records["x"] * 2)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sums_under_fastmath(dtype):
    def dot(a, b):
        s = a[0] * 0
        for i in range(a.shape[0]):
            s += a[i] * b[i]
        return s

    a, b = RNG.random(1000).astype(dtype), RNG.random(1000).astype(dtype)
    compiled = njit(fastmath=True)(dot)
    result = compiled(a, b)
    assert result == pytest.approx(float(a.astype(np.float64) @ b), rel=1e-5)
    assert widest_vector(compiled) >= 4


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_integer_sums(dtype):
    def total(a):
        s = 0
        for i in range(a.shape[0]):
            s += a[i]
        return s

    a = RNG.integers(0, 100, 1000).astype(dtype)
    compiled = njit(total)
    assert compiled(a) == int(a.sum(dtype=np.int64))
    assert widest_vector(compiled) >= 4


def test_division_by_zero_is_still_found():
    def inverse(a, o):
        for i in range(a.shape[0]):
            x = a[i]
            o[i] = 1.0 / (x * x + abs(x))

    compiled = njit(inverse)
    o = np.zeros(3)
    with pytest.raises(ZeroDivisionError):
        compiled(np.array([1.0, 0.0, 2.0]), o)
    assert o.tolist() == [0.5, 0, 0]
    # A positive constant that is lost in rounding, and one that is not.
    with pytest.raises(ZeroDivisionError):
        njit(lambda x: 1.0 / ((x * x + 1e-200) * 1e-200))(0.0)
    assert njit(lambda x: 1.0 / (x * x + 1e-200))(0.0) == 1e200
    assert math.isnan(njit(lambda x: 1.0 / (x * x + 1.0))(math.nan))


ELEMENTWISE = """
import math
from cantil import njit


@njit
def apply(a, b, o):
    for i in range(a.shape[0]):
        o[i] = {expression}
"""
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.0, math.inf, -math.inf, math.nan, 5e-324, 1e-310, 1e308]
SPECIAL += [709.7, -745.0, -750.0, 710.0, 1e-20, -1e-20]


@pytest.mark.parametrize(
    ("name", "expression", "low", "high"),
    [
        ("exp", "math.exp(a[i])", -700.0, 700.0),
        ("log", "math.log(a[i])", 1e-3, 1e3),
        ("log", "math.log(a[i])", 0.9, 1.1),
        ("tanh", "math.tanh(a[i])", -4.0, 4.0),
        ("tanh", "math.tanh(a[i])", -0.03, 0.03),
        ("power", "a[i] ** b[i]", 0.01, 50.0),
        ("power", "a[i] ** b[i]", 0.97, 1.03),
    ],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_accuracy_of_vector_functions(tmp_path, monkeypatch, name, expression, low, high, dtype):
    """Within 1 ULP of the result in extended precision; what is special is as libm has it."""
    module = f"vector_{name}_{np.dtype(dtype).name}_{str(low).replace('.', '_').replace('-', 'm')}"
    (tmp_path / f"{module}.py").write_text(ELEMENTWISE.format(expression=expression))
    monkeypatch.syspath_prepend(tmp_path)
    apply = __import__(module).apply
    if dtype == np.float32:
        low, high = max(low, -80.0), min(high, 80.0)
    a = RNG.uniform(low, high, 20_000).astype(dtype)
    b = RNG.uniform(-8.0, 8.0, a.size).astype(dtype)
    wide = np.longdouble
    function = getattr(np, name)

    def exact(a, b):
        with np.errstate(all="ignore"):
            return function(a.astype(wide), b.astype(wide)) if name == "power" else function(a.astype(wide))

    o = np.zeros_like(a)
    apply(a, b, o)
    expected = exact(a, b)
    assert np.max(np.abs(o - expected) / np.spacing(np.abs(expected).astype(dtype))) <= 1.05
    if name == "log" or dtype == np.float32:  # math.log raises for what is not positive
        return
    x = np.array([v for v in SPECIAL for _ in SPECIAL])
    y = np.array([v for _ in SPECIAL for v in SPECIAL])
    if name == "exp":
        x[x == 710.0] = x[x == 1e308] = 709.0
    if name == "power":
        keep = ~((x == 0) & (y < 0))
        x, y = x[keep], y[keep]
    o = np.zeros_like(x)
    apply(x, y, o)
    with np.errstate(all="ignore"):
        plain = function(x, y) if name == "power" else function(x)
    np.testing.assert_allclose(o, plain, rtol=3e-16, atol=5e-324)
    numbers = ~np.isnan(plain)
    np.testing.assert_array_equal(np.signbit(o)[numbers], np.signbit(plain)[numbers])
