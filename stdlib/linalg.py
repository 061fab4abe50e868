"""numpy.linalg in real and complex double and single precision: LU with partial pivoting, Cholesky, norms, powers."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, promote, type_of
from numpy.linalg import LinAlgError

from .reductions import _square, _zero_of_mean
from .shapes import _copy_as, _flat


def _check_square(a):
    if a.shape[0] != a.shape[1]:
        raise LinAlgError("Last 2 dimensions of the array must be square")


def _size(x):
    if is_class(type_of(x), "Complex"):
        return abs(x.real) + abs(x.imag)
    return abs(x)


def _factor(a, rows):
    """LU in place with row exchanges, noted in `rows`: the sign of the permutation, 0 when the matrix is singular."""
    n = a.shape[0]
    sign = 1
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if _size(a[i, k]) > _size(a[p, k]):
                p = i
        rows[k] = p
        if p != k:
            sign = -sign
            for j in range(n):
                v = a[k, j]
                a[k, j] = a[p, j]
                a[p, j] = v
        if a[k, k] == 0:
            return 0
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            a[i, k] = f
            for j in range(k + 1, n):
                a[i, j] = a[i, j] - f * a[k, j]
    return sign


def _solve_factored(a, rows, b):
    """Solves in place for all columns of b."""
    n = a.shape[0]
    m = b.shape[1]
    for k in range(n):
        p = rows[k]
        if p != k:
            for j in range(m):
                v = b[k, j]
                b[k, j] = b[p, j]
                b[p, j] = v
    for i in range(n):
        for k in range(i):
            f = a[i, k]
            for j in range(m):
                b[i, j] = b[i, j] - f * b[k, j]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            f = a[i, k]
            for j in range(m):
                b[i, j] = b[i, j] - f * b[k, j]
        for j in range(m):
            b[i, j] = b[i, j] / a[i, i]


def _factored(a, rows):
    lu = _copy_as(a, type_of(_zero_of_mean(a.dtype)))
    if _factor(lu, rows) == 0:
        raise LinAlgError("Singular matrix")
    return lu


@overload(np.linalg.det)
def det(a: Array2):
    """The determinant.

    >>> np.linalg.det(q)
    """
    _check_square(a)
    lu = _copy_as(a, type_of(_zero_of_mean(a.dtype)))
    rows = np.empty((a.shape[0],), np.int64)
    sign = _factor(lu, rows)
    r = cast(sign, lu.dtype)
    if sign != 0:
        for i in range(a.shape[0]):
            r = r * lu[i, i]
    return r


@overload(np.linalg.slogdet)
def slogdet(a: Array2):
    """Sign and logarithm of the determinant.

    >>> np.linalg.slogdet(q)[1]
    """
    _check_square(a)
    lu = _copy_as(a, type_of(_zero_of_mean(a.dtype)))
    rows = np.empty((a.shape[0],), np.int64)
    sign = cast(_factor(lu, rows), lu.dtype)
    R = type_of(abs(sign))
    if sign == 0:
        return sign, cast(-math.inf, R)
    total = cast(0, R)
    for i in range(a.shape[0]):
        size = abs(lu[i, i])
        sign = sign * (lu[i, i] / size)
        total = total + np.log(size)
    return sign, total


@overload(np.linalg.inv)
def inv(a: Array2):
    """The inverse.

    >>> np.linalg.inv(q)
    """
    _check_square(a)
    n = a.shape[0]
    rows = np.empty((n,), np.int64)
    lu = _factored(a, rows)
    r = np.eye(n, None, 0, lu.dtype)
    _solve_factored(lu, rows, r)
    return r


@overload(np.linalg.solve)
def solve(a: Array2, b: Array2):
    """The solution of a linear system.

    >>> np.linalg.solve(q, a[:3].copy())
    """
    _check_square(a)
    if b.shape[0] != a.shape[0]:
        raise ValueError("solve: Input operand 1 has a mismatch in its core dimension 0")
    T = promote(type_of(_zero_of_mean(a.dtype)), type_of(_zero_of_mean(b.dtype)))
    rows = np.empty((a.shape[0],), np.int64)
    lu = _factored(_copy_as(a, T), rows)
    r = _copy_as(b, T)
    _solve_factored(lu, rows, r)
    return r


@overload(np.linalg.solve)
def solve_vector(a: Array2, b: Array1):
    return solve(a, np.expand_dims(b, 1)).reshape(b.shape[0])


@overload(np.linalg.cholesky)
def cholesky(a: Array2):
    """The lower triangular factor.

    >>> np.linalg.cholesky(q @ q.T)
    """
    _check_square(a)
    T = type_of(_zero_of_mean(a.dtype))
    n = a.shape[0]
    r = np.zeros((n, n), T)
    for j in range(n):
        d = cast(a[j, j], T).real
        for k in range(j):
            d = d - _square(r[j, k])
        if not (d > 0):
            raise LinAlgError("Matrix is not positive definite")
        root = np.sqrt(d)
        r[j, j] = root
        for i in range(j + 1, n):
            v = cast(a[i, j], T)
            for k in range(j):
                v = v - r[i, k] * r[j, k].conjugate()
            r[i, j] = v / root
    return r


@overload(np.linalg.norm)
def norm(x: Array, ord: NoneType = None):
    """A norm of a vector or matrix.

    >>> np.linalg.norm(a)
    >>> np.linalg.norm(q)
    """
    flat = _flat(x)
    T = type_of(_zero_of_mean(x.dtype))
    total = _square(cast(0, T))
    for i in range(flat.shape[0]):
        total = total + _square(cast(flat[i], T))
    return np.sqrt(total)


@overload(np.linalg.matrix_power)
def matrix_power(a: Array2, n: Whole):
    """The matrix multiplied with itself.

    >>> np.linalg.matrix_power(q, 3)
    """
    _check_square(a)
    base = a.copy()
    k = n
    if n < 0:
        raise ValueError("matrix_power takes exponents of 0 and above here")
    r = np.eye(a.shape[0], None, 0, a.dtype)
    while k > 0:
        if k & 1:
            r = r @ base
        base = base @ base
        k = k >> 1
    return r
