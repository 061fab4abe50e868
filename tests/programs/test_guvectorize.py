"""guvectorize: layouts, axes, layouts of memory, lazily compiled ones, calls from compiled code."""

import numpy as np
import pytest
from cantil import errors, guvectorize, njit
from cantil._ufuncs._layout import parse_layout

TARGETS = ["cpu", "parallel"]

pytestmark = pytest.mark.targets("cpu")


def matmul(where):
    @guvectorize(["(float64[:,:], float64[:,:], float64[:,:])", "(int32[:,:], int32[:,:], int32[:,:])"],
                 "(m,n),(n,p)->(m,p)", target=where)  # fmt: skip
    def mm(a, b, c):
        for i in range(a.shape[0]):
            for j in range(b.shape[1]):
                s = a[0, 0] * 0
                for k in range(a.shape[1]):
                    s += a[i, k] * b[k, j]
                c[i, j] = s

    return mm


@pytest.mark.parametrize("where", TARGETS)
def test_matrix_product(where):
    mm = matmul(where)
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, (6, 4, 3)).astype(float), rng.integers(0, 9, (3, 5)).astype(float)
    assert np.array_equal(mm(a, b), a @ b)
    assert np.array_equal(mm(a, np.asfortranarray(b)), a @ b)
    assert np.array_equal(mm(a[:, ::2, ::-1], b[::-1]), a[:, ::2, ::-1] @ b[::-1])
    assert mm(a.astype(np.int32), b.astype(np.int32)).dtype == np.int32
    assert np.array_equal(mm(a, b, axes=[(-2, -1), (-2, -1), (-1, -2)]), (a @ b).swapaxes(-1, -2))
    out = np.zeros((6, 4, 5))
    assert mm(a, b, out=out) is out
    assert np.array_equal(out, a @ b)
    with pytest.raises(ValueError, match="core dimension"):
        mm(a, a)
    with pytest.raises(ValueError):
        mm(1.0, b)
    assert (mm.signature, mm.nin, mm.nout) == ("(m,n),(n,p)->(m,p)", 2, 1)
    assert mm.types == ["dd->d", "ii->i"]


@pytest.mark.parametrize("where", TARGETS)
def test_scalars_and_several_results(where):
    @guvectorize(["(float64[:], float64, float64[:], float64[:])"], "(n),()->(),(n)", target=where)
    def norm(x, k, total, scaled):
        total[0] = x.sum()
        for i in range(x.shape[0]):
            scaled[i] = x[i] * k

    x = np.arange(12.0).reshape(3, 4)
    total, scaled = norm(x, 2.0)
    assert np.array_equal(total, x.sum(1))
    assert np.array_equal(scaled, x * 2)
    total, scaled = norm(x, [1.0, 2.0, 3.0])
    assert np.array_equal(scaled, x * [[1.0], [2.0], [3.0]])
    total, _ = norm(x[0], 1)
    assert total == 6.0
    total, scaled = norm(np.zeros((0, 4)), 1)
    assert total.shape == (0,)
    assert scaled.shape == (0, 4)
    total, scaled = norm(np.zeros((2, 0)), 1)
    assert np.array_equal(total, [0, 0])


def test_axis_and_keepdims():
    @guvectorize(["(float64[:], float64[:])"], "(n)->()")
    def total(x, r):
        r[0] = 0
        for i in range(x.shape[0]):
            r[0] += x[i]

    x = np.arange(24.0).reshape(2, 3, 4)
    for axis in (0, 1, -1):
        assert np.array_equal(total(x, axis=axis), x.sum(axis))
        assert np.array_equal(total(x, axis=axis, keepdims=True), x.sum(axis, keepdims=True))


def test_fixed_sizes():
    @guvectorize(["(float64[:], float64[:], float64[:])"], "(3),(3)->(3)")
    def cross(a, b, r):
        r[0] = a[1] * b[2] - a[2] * b[1]
        r[1] = a[2] * b[0] - a[0] * b[2]
        r[2] = a[0] * b[1] - a[1] * b[0]

    a, b = np.arange(12.0).reshape(4, 3), np.array([1.0, 2.0, 4.0])
    assert np.array_equal(cross(a, b), np.cross(a, b))
    with pytest.raises(ValueError):
        cross(np.zeros(4), np.zeros(4))


def test_complex_numbers_and_bools():
    @guvectorize(["(complex128[:], boolean, complex128[:])"], "(n),()->(n)")
    def conjugate(x, on, r):
        for i in range(x.size):
            r[i] = x[i].conjugate() if on else x[i]

    x = np.array([1 + 2j, 3 - 1j])
    assert np.array_equal(conjugate(x, True), x.conj())
    assert np.array_equal(conjugate(x, [True, False]), np.array([x.conj(), x]))


def test_without_results_and_writable_arguments():
    @guvectorize(["(float64[:], float64[:])"], "(n),(n)")
    def double(x, y):
        for i in range(x.size):
            y[i] = x[i] * 2

    x, y = np.arange(6.0).reshape(2, 3), np.zeros((2, 3))
    double(x, y)
    assert np.array_equal(y, x * 2)

    @guvectorize(["(float64[:], float64[:])"], "(n)->()", writable_args=("x",))
    def drain(x, total):
        total[0] = x.sum()
        x[:] = 0

    z = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(drain(z), [3, 12])
    assert not z.any()
    z = np.arange(6, dtype=np.int32)  # a copy of another type is written back
    assert drain(z) == 15
    assert not z.any()


def test_compiled_at_the_call():
    @guvectorize("(n),()->(n)")
    def shift(x, k, r):
        for i in range(x.size):
            r[i] = x[i] + k

    assert shift.is_dynamic
    r = np.zeros(3, np.int64)
    shift(np.arange(3), 2, r)
    assert np.array_equal(r, [2, 3, 4])
    r = np.zeros((2, 3))
    shift(np.ones((2, 3)), 0.5, out=r)
    assert np.array_equal(r, np.full((2, 3), 1.5))
    assert len(shift.types) == 2
    with pytest.raises(TypeError, match="Too few arguments"):
        guvectorize("(n)->(n)")(lambda x, r: None)(np.zeros(3))


def test_exceptions():
    @guvectorize(["(int64[:], int64[:])"], "(n)->()")
    def first(x, r):
        if x[0] < 0:
            raise ValueError("negative", x[0])
        r[0] = x[0]

    assert np.array_equal(first([[1, 2], [3, 4]]), [1, 3])
    with pytest.raises(ValueError, match="negative") as info:
        first([[1, 2], [-3, 4]])
    assert info.traceback[-1].name == "first"


def test_compiled_code_calls_it():
    @guvectorize(["(float64[:], float64, float64[:])"], "(n),()->(n)")
    def scale(x, k, r):
        for i in range(x.size):
            r[i] = x[i] * k

    @guvectorize("(n)->()")
    def total(x, r):
        r[0] = 0
        for i in range(x.size):
            r[0] += x[i]

    @njit
    def run(x, k, r, t):
        scale(x, k, r)
        total(r, t)

    x = np.arange(12.0).reshape(3, 4)
    r, t = np.zeros((3, 4)), np.zeros(3)
    run(x, 2.0, r, t)
    assert np.array_equal(r, x * 2)
    assert np.array_equal(t, (x * 2).sum(1))
    run(x, np.array([1.0, 2.0, 3.0]), r, t)
    assert np.array_equal(r, x * [[1.0], [2.0], [3.0]])
    run(x[0], 3.0, r[0], np.zeros(()))
    assert np.array_equal(r[0], x[0] * 3)
    with pytest.raises(ValueError, match="core dimension"):
        run(x, 2.0, np.zeros((3, 5)), t)
    with pytest.raises(ValueError, match="broadcast"):
        run(x, np.zeros(2), r, t)


@pytest.mark.parametrize(
    "layout, error, words",
    [
        ("(n)->(m)", NameError, "undefined output symbols: m"),
        ("(n->(n)", ValueError, "bad token"),
        ("n->(n)", ValueError, "bad token"),
        ("(n),->(n)", ValueError, "bad token"),
        ("(n)->(n)->(n)", ValueError, "only once"),
        ("(n.m)->()", ValueError, "n.m"),
        ("->(n)", ValueError, "no operands"),
        (3, TypeError, "layout"),
    ],
)
def test_wrong_layouts(layout, error, words):
    with pytest.raises(error, match=words):
        guvectorize(["(float64[:], float64[:])"], layout)


def test_layouts_are_read():
    assert parse_layout(" ( m , n ),(n ) -> (m),()").text == "(m,n),(n)->(m),()"
    assert parse_layout("(3),()").inputs == [("3",), ()]


def test_signatures_that_do_not_fit():
    def f(x, r):
        pass

    with pytest.raises(ValueError, match="2 operands"):
        guvectorize(["(float64[:], float64[:], float64[:])"], "(n)->(n)")(f)
    with pytest.raises(ValueError, match="dimension"):
        guvectorize(["(float64[:,:], float64[:])"], "(n)->(n)")(f)
    with pytest.raises(TypeError, match="'r' is float64"):
        guvectorize(["(float64[:], float64)"], "(n)->()")(f)
    with pytest.raises(TypeError, match="cannot return"):
        guvectorize(["float64(float64[:], float64[:])"], "(n)->(n)")(f)
    with pytest.raises(TypeError, match="argument"):
        guvectorize(["(float64[:], float64[:])"], "(n)->(n)")(lambda x: x)
    with pytest.raises(ValueError, match="writable_args"):
        guvectorize(["(float64[:], float64[:])"], "(n)->(n)", writable_args=("z",))(f)
    with pytest.raises(errors.TypingError):
        guvectorize(["(float64[:], float64[:])"], "(n)->(n)")(lambda x, r: x.nothing)
