"""numpy.linalg through LAPACK, and products through BLAS: over types, layouts, sizes and stacks of matrices.

NumPy calls the same routines of the same library, but in part on other blocks, hence the tolerances: of the size of
rounding for results of well-conditioned problems.
"""

import numpy as np
import pytest
from cantil import njit

pytestmark = pytest.mark.targets("cpu")

RNG = np.random.default_rng(11)


def normal(*shape, dtype=np.float64):
    a = RNG.normal(size=shape)
    if np.issubdtype(dtype, np.complexfloating):
        a = a + 1j * RNG.normal(size=shape)
    return a.astype(dtype)


SQUARE = {
    "f64": normal(5, 5) + 4 * np.eye(5),
    "f32": normal(4, 4, dtype=np.float32) + 3 * np.eye(4, dtype=np.float32),
    "c64": normal(4, 4, dtype=np.complex64) + 3 * np.eye(4, dtype=np.complex64),
    "c128": normal(5, 5, dtype=np.complex128) + 3 * np.eye(5),
    "int": np.array([[2, 1, 0], [1, 3, 1], [0, 1, 4]]),
    "u8": np.array([[2, 1], [1, 3]], np.uint8),
    "F": np.asfortranarray(normal(6, 6)),
    "strided": normal(10, 12)[::-2, ::-2][:, :5],
    "one": np.array([[3.0]]),
    "large": normal(60, 60),
    "singular": np.ones((3, 3)),
    "not_square": np.ones((2, 3)),
    "flat": np.ones(3),
    "stack": normal(2, 3, 4, 4),
    "nan": np.array([[1.0, np.nan], [2.0, 3.0]]),
}
TALL = {
    "tall": normal(6, 3),
    "wide": normal(3, 6),
    "square": normal(4, 4),
    "f32": normal(5, 2, dtype=np.float32),
    "c128": normal(4, 6, dtype=np.complex128),
    "c64": normal(6, 4, dtype=np.complex64),
    "int": RNG.integers(-5, 5, (4, 3)),
    "F": np.asfortranarray(normal(5, 4)),
    "strided": normal(8, 9)[::-2, 1::3],
    "row": normal(1, 5),
    "column": normal(5, 1),
}


def rtol(a):
    return 5e-3 if a.dtype in (np.float32, np.complex64) else 1e-8


def slogdet(a):
    sign, logarithm = np.linalg.slogdet(a)
    return sign, logarithm


def numbered(functions):
    return [pytest.param(f, id=str(i)) for i, f in enumerate(functions)]


@pytest.mark.parametrize("name", SQUARE)
@pytest.mark.parametrize(
    "function",
    numbered(
        [
            lambda a: np.linalg.inv(a),
            lambda a: np.linalg.det(a),
            lambda a: np.linalg.solve(a, a + 1),
            lambda a: np.linalg.solve(a, a[0] + 1),
            lambda a: np.linalg.eigvalsh(a),
            lambda a: np.linalg.eigvalsh(a, "U"),
            lambda a: np.linalg.svd(a, True, False),
            lambda a: np.linalg.svdvals(a),
        ]
    ),
)
def test_square(check, function, name):
    a = SQUARE[name]
    if name == "singular":
        a = np.zeros((3, 3))  # exactly singular also after rounding
    check(function, a, rtol=rtol(a))


@pytest.mark.parametrize("name", [name for name in SQUARE if name != "flat"])
def test_slogdet(check, name):
    check(slogdet, SQUARE[name], rtol=rtol(SQUARE[name]))


@pytest.mark.parametrize(
    "name", ["f64", "f32", "c64", "c128", "int", "F", "strided", "one", "large", "stack"]
)
def test_factors_of_hermitian(check, name):
    a = SQUARE[name]
    if name == "strided":
        a = a[:5, :5]
    h = a @ np.swapaxes(a, -1, -2).conj() if a.dtype.kind != "i" else a
    check(lambda h: np.linalg.cholesky(h), h, rtol=rtol(a))

    def eigh(h):
        w, v = np.linalg.eigh(h)
        return w, np.abs(v)

    check(eigh, h, rtol=10 * rtol(a))


def test_not_positive(check):
    check(lambda a: np.linalg.cholesky(a), -np.eye(3))


@pytest.mark.parametrize("name", ["f64", "f32", "c64", "c128", "int", "F", "one", "large"])
def test_eig(name):
    a = SQUARE[name]
    if a.dtype.kind != "c":
        a = a + a.T  # real eigenvalues

    @njit
    def eig(a):
        w, v = np.linalg.eig(a)
        return w, v, np.linalg.eigvals(a)

    w, v, values = eig(a)
    tolerance = 2e-4 if rtol(a) > 1e-4 else 1e-10
    want = np.linalg.eigvals(a)
    assert w.dtype == want.dtype and v.dtype == want.dtype
    np.testing.assert_allclose(a @ v, v * w, atol=tolerance * np.abs(want).max())
    np.testing.assert_allclose(np.sort(values), np.sort(want), rtol=tolerance, atol=tolerance)


def test_eig_that_changes_domain():
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    with pytest.raises(ValueError, match=r"eig\(\) argument must not cause a domain change."):
        njit(lambda a: np.linalg.eig(a))(turn)
    with pytest.raises(ValueError, match=r"eigvals\(\) argument must not cause a domain change."):
        njit(lambda a: np.linalg.eigvals(a))(turn)
    values = njit(lambda a: np.linalg.eigvals(a))(turn.astype(np.complex128))
    np.testing.assert_allclose(sorted(values, key=lambda x: x.imag), [-1j, 1j], atol=1e-12)


def test_eig_refuses_nan(check):
    check(lambda a: np.linalg.eigvals(a), SQUARE["nan"])


@pytest.mark.parametrize("name", TALL)
def test_rectangles(check, name):
    a = TALL[name]

    def svd(a):
        u, s, vt = np.linalg.svd(a)
        x, t, yt = np.linalg.svd(a, False)
        return u.shape, s, vt.shape, np.abs(x), t, np.abs(yt)

    def qr(a):
        q, r = np.linalg.qr(a)
        p, s = np.linalg.qr(a, "complete")
        return q, r, p, s, np.linalg.qr(a, "r")

    check(svd, a, rtol=rtol(a))
    check(qr, a, rtol=10 * rtol(a))
    check(lambda a: np.linalg.matrix_rank(a), a)
    check(lambda a: (np.linalg.cond(a), np.linalg.cond(a, -2)), a, rtol=rtol(a))
    if a.dtype.itemsize >= 8 and a.dtype != np.complex64:
        check(lambda a: np.linalg.pinv(a), a, rtol=1e-6)


def test_svd_stack(check):
    def svd(a):
        u, s, vt = np.linalg.svd(a)
        return np.abs(u), s, np.abs(vt)

    check(svd, normal(2, 4, 3), rtol=1e-8)


@pytest.mark.parametrize("columns", [None, 2])
@pytest.mark.parametrize("shape", [(6, 3), (3, 6), (4, 4)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_lstsq(check, shape, dtype, columns):
    a = normal(*shape, dtype=dtype)
    b = normal(shape[0], dtype=dtype) if columns is None else normal(shape[0], columns, dtype=dtype)

    def lstsq(a, b):
        x, residuals, rank, s = np.linalg.lstsq(a, b)
        return x, residuals, rank, s

    check(lstsq, a, b, rtol=2e-2 if dtype == np.float32 else 1e-7)


def test_lstsq_of_dependent_columns(check):
    a = np.ones((4, 2))

    def lstsq(a, b):
        x, residuals, rank, s = np.linalg.lstsq(a, b, 1e-10)
        return x, residuals.shape, rank

    check(lstsq, a, np.arange(4.0), rtol=1e-8)
    check(lstsq, a, np.arange(5.0))


@pytest.mark.parametrize(
    "a", [normal(4, 4), normal(3, 5), normal(4, dtype=np.complex128), normal(3, 3, dtype=np.float32)]
)
def test_norms(check, a):
    close = rtol(a)
    check(lambda a: np.linalg.norm(a), a, rtol=close)
    for order in (1, -1, 2, -2, np.inf, -np.inf):
        check(lambda a, order: np.linalg.norm(a, order), a, order, rtol=close)
    if a.ndim == 1:
        check(lambda a: (np.linalg.norm(a, 0), np.linalg.norm(a, 3), np.linalg.norm(a, 0.5)), a, rtol=close)
    else:
        check(lambda a: (np.linalg.norm(a, "fro"), np.linalg.norm(a, "nuc")), a, rtol=close)
        check(lambda a: np.linalg.norm(a, 3), a)
        check(
            lambda a: (
                np.linalg.norm(a, axis=0),
                np.linalg.norm(a, 1, -1),
                np.linalg.norm(a, axis=1, keepdims=True),
            ),
            a,
            rtol=close,
        )
        if a.shape[0] == a.shape[1]:
            check(lambda a: (np.linalg.cond(a, 1), np.linalg.cond(a, np.inf)), a, rtol=10 * close)


def test_norm_of_many_axes(check):
    check(lambda a: np.linalg.norm(a), normal(2, 3, 4), rtol=1e-12)
    check(lambda a: np.linalg.norm(a, 2), normal(2, 3, 4))
    check(lambda a: np.linalg.norm(a, axis=1), normal(2, 3, 4), rtol=1e-12)


def test_powers(check):
    a = SQUARE["f64"]
    check(
        lambda a: (np.linalg.matrix_power(a, 0), np.linalg.matrix_power(a, 5), np.linalg.matrix_power(a, -2)),
        a,
        rtol=1e-8,
    )
    check(lambda a, n: np.linalg.matrix_power(a, n), a, -3, rtol=1e-8)
    check(lambda a: np.linalg.matrix_power(a, 7), SQUARE["int"])
    check(lambda a, b: np.linalg.multi_dot((a, b, a)), normal(3, 4), normal(4, 3), rtol=1e-10)


DTYPES = [np.float64, np.float32, np.complex128, np.complex64, np.int64, np.int16, np.uint8]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("layout", ["C", "F", "strided", "transposed"])
@pytest.mark.parametrize("n", [3, 25])
def test_products(check, dtype, layout, n):
    def matrix(m, k):
        if layout == "strided":
            return (normal(2 * m, 3 * k) * 4).astype(dtype)[::-2, ::3]
        if layout == "transposed":
            return (normal(k, m) * 4).astype(dtype).T
        return np.asarray((normal(m, k) * 4).astype(dtype), order=layout)

    close = (
        1e-3
        if np.dtype(dtype) in (np.float32, np.complex64)
        else 1e-9
        if np.dtype(dtype).kind in "fc"
        else None
    )
    a, b = matrix(n, n + 2), matrix(n + 2, n + 1)
    check(lambda a, b: (a @ b, np.dot(a, b)), a, b, rtol=close)
    check(lambda a, v: (a @ v, np.dot(v, v)), a, a[0], rtol=close)
    check(lambda v, b: (v @ b, v[::-1] @ b[:, 0]), b[:, 1].copy(), b, rtol=close)
    check(lambda a, b: np.vdot(a, b), a, a.copy(), rtol=close)


@pytest.mark.parametrize("n", [2, 20])
def test_stacks_of_products(check, n):
    check(lambda a, b: a @ b, normal(3, n, n + 1), normal(3, n + 1, n), rtol=1e-9)
    check(lambda a, b: a @ b, normal(3, 1, n, n), normal(2, n, n).astype(np.complex64), rtol=1e-3)
    check(lambda a, b: a @ b, RNG.integers(0, 9, (2, n, n)), RNG.integers(0, 9, (n, n)))


def test_dot_into(check):
    def f(a, b, out):
        np.dot(a, b, out)

    check(f, normal(2, 3), normal(3, 2), np.zeros((2, 2)), rtol=1e-10)
    check(f, normal(2, 3), normal(3, 2), np.zeros((2, 3)))
    check(f, normal(2, 3), normal(3, 2), np.zeros((2, 2), np.float32))
    check(f, normal(2, 3), normal(3, 2), np.zeros((2, 2)).T)


def test_shapes_that_do_not_fit(check):
    for a, b in (((2, 3), (2, 3)), ((2, 3), (2,)), ((3,), (2, 3)), ((3,), (2,))):
        check(lambda a, b: a @ b, np.ones(a), np.ones(b))
    check(lambda a, b: np.linalg.solve(a, b), np.eye(3), np.ones((2, 2)))
    check(lambda a: np.linalg.eigh(a, "X"), np.eye(2))


def test_empty(check):
    none = np.zeros((0, 0))
    check(lambda a: (np.linalg.det(a), np.linalg.inv(a), np.linalg.svdvals(a), np.linalg.eigvalsh(a)), none)
    check(lambda a, b: a @ b, np.zeros((3, 0)), np.zeros((0, 2)))
    check(lambda a, b: a @ b, np.zeros((0, 3)), np.zeros((3, 2)))


def test_float16_is_refused(check):
    check(lambda a: np.linalg.inv(a), np.eye(2, dtype=np.float16))
