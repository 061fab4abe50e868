"""Norms, condition numbers, ranks and powers of matrices."""

import math

import numpy as np
from cantil.library import cast, is_class, overload, type_of
from numpy.linalg import LinAlgError

from .linalg import _check_square, _eps, _number, _singular_values, inv
from .reductions import _square, _zero_of_mean
from .shapes import _axis, _flat


def _real_zero(T):
    return abs(cast(0, type_of(_zero_of_mean(T))))


def _euclid(x):
    """The root of the sum of squares, over all elements."""
    total = _real_zero(x.dtype)
    T = type_of(_zero_of_mean(x.dtype))
    flat = _flat(x)
    for i in range(flat.shape[0]):
        total = total + _square(cast(flat[i], T))
    return np.sqrt(total)


def _vector_norm(x, order):
    T = type_of(_zero_of_mean(x.dtype))
    total = _real_zero(x.dtype)
    n = x.shape[0]
    if order == 2:
        return _euclid(x)
    if order == math.inf or order == -math.inf:
        if n == 0:
            if order > 0:
                return total
            raise ValueError("zero-size array to reduction operation minimum which has no identity")
        total = abs(cast(x[0], T))
        for i in range(1, n):
            v = abs(cast(x[i], T))
            if v != v or (v > total if order > 0 else v < total):
                total = v
            elif total != total:
                break
        return total
    if order == 0:
        for i in range(n):
            if x[i] != 0:
                total = total + cast(1, type_of(total))
        return total
    if order == 1:
        for i in range(n):
            total = total + abs(cast(x[i], T))
        return total
    p = cast(order, type_of(total))
    for i in range(n):
        total = total + abs(cast(x[i], T)) ** p
    return cast(total ** (cast(1, type_of(total)) / p), type_of(total))


def _sums(x, across):
    """Sums of the sizes of each column (across: of each row)."""
    T = type_of(_zero_of_mean(x.dtype))
    r = np.zeros((x.shape[0] if across else x.shape[1],), type_of(_real_zero(x.dtype)))
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            r[i if across else j] += abs(cast(x[i, j], T))
    return r


def _matrix_norm(x, order):
    if order == 1 or order == -1 or order == math.inf or order == -math.inf:
        s = _sums(x, order == math.inf or order == -math.inf)
        return np.max(s) if order > 0 else np.min(s)
    if order == 2 or order == -2:
        s = _singular_values(x, type_of(_number(x.dtype)))
        return np.max(s) if order > 0 else np.min(s)
    raise ValueError("Invalid norm order for matrices.")


@overload(np.linalg.norm)
def norm(x: Array, ord: NoneType = None):
    """A norm of a vector or matrix.

    >>> np.linalg.norm(a)
    >>> np.linalg.norm(q)
    """
    return _euclid(x)


@overload(np.linalg.norm)
def norm_text(x: Array2, ord: LiteralStr):
    if ord == "fro" or ord == "f":
        return _euclid(x)
    elif ord == "nuc":
        return np.sum(_singular_values(x, type_of(_number(x.dtype))))
    else:
        raise ValueError("Invalid norm order for matrices.")


@overload(np.linalg.norm)
def norm_text_other(x: Array, ord: LiteralStr):
    if x.ndim == 1:
        raise ValueError("Invalid norm order for vectors")
    else:
        raise ValueError("Improper number of dimensions to norm.")


@overload(np.linalg.norm)
def norm_order(x: Array, ord: Real):
    """A norm of a given order.

    >>> np.linalg.norm(m, 1)
    >>> np.linalg.norm(a, 3)
    """
    order = cast(ord, np.float64)
    if x.ndim == 1:
        return _vector_norm(x, order)
    elif x.ndim == 2:
        return _matrix_norm(x, order)
    else:
        raise ValueError("Improper number of dimensions to norm.")


@overload(np.linalg.norm)
def norm_axis(x: Array, ord: Real | NoneType = None, axis: Whole = 0, keepdims: LiteralBool = False):
    k = _axis(axis, x.ndim)
    order = 2.0 if ord is None else cast(ord, np.float64)
    rows = np.moveaxis(x, k, -1)
    T = type_of(_real_zero(x.dtype))
    if x.ndim == 1:
        if keepdims:
            r = np.empty((1,), T)
            r[0] = _vector_norm(x, order)
            return r
        else:
            return _vector_norm(x, order)
    else:
        lanes = np.ascontiguousarray(rows).reshape(-1, x.shape[k])
        r = np.empty(rows.shape[:-1], T)
        out = _flat(r)
        for i in range(out.shape[0]):
            out[i] = _vector_norm(lanes[i], order)
        if keepdims:
            return np.expand_dims(r, k)
        else:
            return r


@overload(np.linalg.cond)
def cond(x: Array2, p: Real | NoneType = None):
    """The condition number.

    >>> np.linalg.cond(q)
    >>> np.linalg.cond(q, 1)
    """
    if x.shape[0] == 0 or x.shape[1] == 0:
        raise LinAlgError("cond is not defined on empty arrays")
    order = 2.0 if p is None else cast(p, np.float64)
    T = type_of(_real_zero(x.dtype))
    if order == 2 or order == -2:
        s = _singular_values(x, type_of(_number(x.dtype)))
        r = s[0] / s[-1] if order > 0 else s[-1] / s[0]
        return r
    _check_square(x)
    r = cast(math.inf, T)
    if np.linalg.det(x) != 0:
        r = cast(_matrix_norm(x, order) * _matrix_norm(inv(x), order), T)
    return r


@overload(np.linalg.matrix_rank)
def matrix_rank(A: Array, tol: Real | NoneType = None):
    """The rank by singular values.

    >>> np.linalg.matrix_rank(m)
    """
    if A.ndim < 2:
        return 1 if np.any(A != 0) else 0
    else:
        s = _singular_values(A, type_of(_number(A.dtype)))
        if s.shape[0] == 0:
            return 0
        limit = cast(0, np.float64)
        if tol is None:
            limit = cast(s[0] * cast(max(A.shape[0], A.shape[1]), s.dtype) * _eps(s.dtype), np.float64)
        else:
            limit = cast(tol, np.float64)
        n = 0
        for i in range(s.shape[0]):
            if s[i] > limit:
                n += 1
        return n


def _power(a, n):
    """a to the power n >= 0."""
    r = np.eye(a.shape[0], None, 0, a.dtype)
    base = a.copy()
    k = n
    while k > 0:
        if k & 1:
            r = r @ base
        k = k >> 1
        if k > 0:
            base = base @ base
    return r


@overload(np.linalg.matrix_power)
def matrix_power_literal(a: Array2, n: LiteralInt):
    """The matrix multiplied with itself.

    >>> np.linalg.matrix_power(q, 3)
    """
    _check_square(a)
    if n < 0:
        return _power(inv(a), -n)
    else:
        return _power(a, n)


@overload(np.linalg.matrix_power)
def matrix_power(a: Array2, n: Whole):
    _check_square(a)
    if n >= 0:
        return _power(a, n)
    if is_class(a.dtype, "Float") or is_class(a.dtype, "Complex"):
        return _power(inv(a), -n)
    raise TypeError("a negative power of a matrix of integers has another type: write the power as a literal")


@overload(np.linalg.multi_dot)
def multi_dot(arrays: Tuple):
    """The product of several matrices.

    >>> np.linalg.multi_dot((m, q, q))
    """
    if len(arrays) < 2:
        raise ValueError("Expecting at least two arrays.")
    elif len(arrays) == 2:
        return np.dot(arrays[0], arrays[1])
    else:
        return np.dot(arrays[0], multi_dot(arrays[1:]))
