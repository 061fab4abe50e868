"""numpy.linalg by LAPACK (device_runtime/blas/): factorisations, systems, eigenvalues; stacks of matrices too."""

import math

import numpy as np
from cantil.library import (
    call_runtime,
    cast,
    complex_of,
    data_pointer,
    is_class,
    overload,
    packed_view,
    promote,
    same_type,
    type_of,
    unsupported,
)
from numpy.linalg import LinAlgError

from .reductions import _square, _zero_of_mean
from .shapes import _broadcast_shapes, _flat, broadcast_to


def _kind(T):
    """LAPACK's letter as a number: s, d, c, z."""
    if same_type(T, np.float32):
        return cast(0, np.int32)
    if same_type(T, np.float64):
        return cast(1, np.int32)
    if same_type(T, np.complex64):
        return cast(2, np.int32)
    return cast(3, np.int32)


def _number(T):
    """A zero of the type in which linear algebra on T is done."""
    if same_type(T, np.float16):
        return cast(0, np.float32)
    else:
        return _zero_of_mean(T)


def _check_type(a):
    if same_type(a.dtype, np.float16):
        raise TypeError("array type float16 is unsupported in linalg")


def _eps(T):
    return 1.1920928955078125e-07 if same_type(T, np.float32) else 2.220446049250313e-16


def _done(info):
    """What says that LAPACK could not run."""
    if info <= -1000:
        if info == -1000:
            raise RuntimeError(
                "linear algebra needs the BLAS and LAPACK that NumPy or SciPy bring: none was found in this process"
            )
        raise MemoryError("no memory for the workspace of LAPACK")
    return info


@overload(np.linalg.cholesky)
@overload(np.linalg.cond)
@overload(np.linalg.det)
@overload(np.linalg.eig)
@overload(np.linalg.eigh)
@overload(np.linalg.eigvals)
@overload(np.linalg.eigvalsh)
@overload(np.linalg.inv)
@overload(np.linalg.lstsq)
@overload(np.linalg.matrix_power)
@overload(np.linalg.pinv)
@overload(np.linalg.qr)
@overload(np.linalg.slogdet)
@overload(np.linalg.solve)
@overload(np.linalg.svd)
@overload(np.linalg.svdvals)
def not_a_matrix(a: Array0 | Array1, *arguments):
    if a.ndim == 0:
        raise LinAlgError("0-dimensional array given. Array must be at least two-dimensional")
    raise LinAlgError("1-dimensional array given. Array must be at least two-dimensional")


def _check_square(a):
    _check_type(a)
    if a.shape[-1] != a.shape[-2]:
        raise LinAlgError("Last 2 dimensions of the array must be square")


def _columns(a, T):
    """A copy of the matrix in column order, as LAPACK has it."""
    r = np.empty((a.shape[1], a.shape[0]), T).T
    r[...] = a
    return r


def _count(shape):
    n = 1
    for i in range(len(shape)):
        n *= shape[i]
    return n


def _stack(a):
    """The matrices of `a` along one axis."""
    return packed_view(_flat(a), a.dtype, 0, (_count(a.shape[:-2]), a.shape[-2], a.shape[-1]))


# Systems


@overload(np.linalg.solve)
def solve(a: Array, b: Array):
    """The solution of linear systems.

    >>> np.linalg.solve(q, a[:3].copy())
    >>> np.linalg.solve(q, q.T)
    """
    _check_square(a)
    T = promote(type_of(_number(a.dtype)), type_of(_number(b.dtype)))
    if b.ndim == 0:
        raise ValueError("solve1: Input operand 1 does not have enough dimensions")
    elif a.ndim == 2 and b.ndim == 1:
        return packed_view(_solved(a, np.expand_dims(b, 1), T), T, 0, (b.shape[0],))
    elif a.ndim == 2 and b.ndim == 2:
        return _solved(a, b, T).copy()
    elif a.ndim >= 2:
        x = np.expand_dims(b, 1) if b.ndim == 1 else b
        shape = _broadcast_shapes((a.shape[:-2], x.shape[:-2]))
        r = np.empty(shape + x.shape[-2:], T)
        out = packed_view(r, T, 0, (_count(shape), r.shape[-2], r.shape[-1]))
        left = _stack(broadcast_to(a, shape + a.shape[-2:]))
        right = _stack(broadcast_to(x, shape + x.shape[-2:]))
        for i in range(out.shape[0]):
            out[i] = _solved(left[i], right[i], T)
        if b.ndim == 1:
            return r.reshape(r.shape[:-1])
        return r


def _solved(a, b, T):
    """The solution in column order."""
    if b.shape[0] != a.shape[0]:
        raise ValueError("solve: Input operand 1 has a mismatch in its core dimension 0")
    x = _columns(b, T)
    lu = _columns(a, T)
    info = call_runtime(
        np.int64,
        "cantil_rt_lapack_solve",
        _kind(T),
        a.shape[0],
        b.shape[1],
        data_pointer(lu),
        data_pointer(x),
    )
    if _done(info) != 0:
        raise LinAlgError("Singular matrix")
    return x


@overload(np.linalg.inv)
def inv(a: Array):
    """The inverse.

    >>> np.linalg.inv(q)
    """
    _check_square(a)
    T = type_of(_number(a.dtype))
    if a.ndim == 2:
        return _solved(a, np.eye(a.shape[0], None, 0, T), T).copy()
    else:
        r = np.empty(a.shape, T)
        out = _stack(r)
        x = _stack(a)
        for i in range(out.shape[0]):
            out[i] = inv(x[i])
        return r


def _lu(a, T, rows):
    lu = _columns(a, T)
    _done(
        call_runtime(
            np.int64, "cantil_rt_lapack_lu", _kind(T), a.shape[0], data_pointer(lu), data_pointer(rows)
        )
    )
    return lu


def _sign_and_log(a, T):
    rows = np.empty((a.shape[0],), np.int64)
    lu = _lu(a, T, rows)
    sign = cast(1, T)
    total = cast(0, type_of(abs(sign)))
    for i in range(a.shape[0]):
        if rows[i] != i + 1:
            sign = -sign
        d = lu[i, i]
        size = abs(d)
        if size == 0:
            return cast(0, T), cast(-math.inf, type_of(size))
        if is_class(T, "Complex"):
            sign = cast(sign * (d / size), T)
        elif d < 0:
            sign = -sign
        total = total + np.log(size)
    return sign, total


@overload(np.linalg.slogdet)
def slogdet(a: Array):
    """Sign and logarithm of the determinant.

    >>> np.linalg.slogdet(q)[1]
    """
    _check_square(a)
    T = type_of(_number(a.dtype))
    if a.ndim == 2:
        return _sign_and_log(a, T)
    else:
        x = _stack(a)
        signs = np.empty(a.shape[:-2], T)
        logs = np.empty(a.shape[:-2], type_of(abs(cast(0, T))))
        s = packed_view(signs, T, 0, (signs.size,))
        t = packed_view(logs, logs.dtype, 0, (logs.size,))
        for i in range(s.shape[0]):
            s[i], t[i] = _sign_and_log(x[i], T)
        return signs, logs


def _det(a, T):
    rows = np.empty((a.shape[0],), np.int64)
    lu = _lu(a, T, rows)
    r = cast(1, T)
    for i in range(a.shape[0]):
        if rows[i] != i + 1:
            r = -r
        r = cast(r * lu[i, i], T)
    return r


@overload(np.linalg.det)
def det(a: Array):
    """The determinant.

    >>> np.linalg.det(q)
    """
    _check_square(a)
    T = type_of(_number(a.dtype))
    if a.ndim == 2:
        return _det(a, T)
    else:
        x = _stack(a)
        r = np.empty(a.shape[:-2], T)
        out = packed_view(r, T, 0, (r.size,))
        for i in range(out.shape[0]):
            out[i] = _det(x[i], T)
        return r


@overload(np.linalg.cholesky)
def cholesky(a: Array):
    """The lower triangular factor.

    >>> np.linalg.cholesky(q @ q.T)
    """
    _check_square(a)
    T = type_of(_number(a.dtype))
    if a.ndim == 2:
        x = _columns(a, T)
        info = call_runtime(np.int64, "cantil_rt_lapack_cholesky", _kind(T), a.shape[0], data_pointer(x))
        if _done(info) != 0:
            raise LinAlgError("Matrix is not positive definite")
        r = np.zeros(a.shape, T)
        for i in range(a.shape[0]):
            for j in range(i + 1):
                r[i, j] = x[i, j]
        return r
    else:
        r = np.empty(a.shape, T)
        out = _stack(r)
        x = _stack(a)
        for i in range(out.shape[0]):
            out[i] = cholesky(x[i])
        return r


@overload(np.linalg.lstsq)
def lstsq(a: Array2, b: Array1 | Array2, rcond: Real | NoneType = None):
    """Least squares: (x, residuals, rank, singular values).

    >>> np.linalg.lstsq(m, a[:4].copy())[0]
    """
    T = promote(type_of(_number(a.dtype)), type_of(_number(b.dtype)))
    m = a.shape[0]
    n = a.shape[1]
    if b.shape[0] != m:
        raise LinAlgError("Incompatible dimensions")
    columns = 1 if b.ndim == 1 else b.shape[-1]
    R = type_of(abs(cast(0, T)))
    limit = _eps(R) * max(m, n) if rcond is None else cast(rcond, np.float64)
    rows = max(m, n)
    right = np.zeros((columns, rows), T).T
    if b.ndim == 1:
        right[:m, 0] = b
    else:
        right[:m] = b
    s = np.empty((min(m, n),), R)
    rank = np.zeros((1,), np.int64)
    left = _columns(a, T)
    if m > 0 and n > 0:
        info = call_runtime(
            np.int64,
            "cantil_rt_lapack_lstsq",
            _kind(T),
            m,
            n,
            columns,
            data_pointer(left),
            data_pointer(right),
            data_pointer(s),
            cast(limit, np.float64),
            data_pointer(rank),
        )
        if _done(info) != 0:
            raise LinAlgError("SVD did not converge in Linear Least Squares")
    elif m == 0:
        right[...] = cast(0, T)
    known = columns if rank[0] == n and m > n else 0
    residuals = np.zeros((known,), R)
    for j in range(known):
        for i in range(n, m):
            residuals[j] += _square(right[i, j])
    if b.ndim == 1:
        return right[:n, 0].copy(), residuals, rank[0], s
    else:
        return right[:n].copy(), residuals, rank[0], s


# Eigenvalues


def _check_finite(a):
    for x in _flat(a):
        if not np.isfinite(x):
            raise LinAlgError("Array must not contain infs or NaNs")


def _eigen(a, T, vectors):
    """Complex eigenvalues and vectors (in column order; empty when not wanted)."""
    n = a.shape[0]
    C = complex_of(T)
    x = _columns(a, T)
    w = np.empty((n,), C)
    v = np.empty((n, n) if vectors else (0, 0), C).T
    if vectors:
        info = call_runtime(
            np.int64, "cantil_rt_lapack_eig", _kind(T), n, data_pointer(x), data_pointer(w), data_pointer(v)
        )
    else:
        info = call_runtime(
            np.int64, "cantil_rt_lapack_eigvals", _kind(T), n, data_pointer(x), data_pointer(w)
        )
    if _done(info) != 0:
        raise LinAlgError("Eigenvalues did not converge")
    return w, v


def _real_part(x):
    r = np.empty(x.shape, type_of(abs(cast(0, x.dtype))))
    for i in range(x.shape[0]):
        if x.ndim == 1:
            r[i] = x[i].real
        else:
            for j in range(x.shape[1]):
                r[i, j] = x[i, j].real
    return r


@overload(np.linalg.eig)
def eig(a: Array2):
    """Eigenvalues and eigenvectors; real matrices must have real ones.

    >>> np.abs(np.linalg.eig(q + q.T)[1])
    """
    _check_square(a)
    _check_finite(a)
    T = type_of(_number(a.dtype))
    w, v = _eigen(a, T, True)
    if is_class(T, "Complex"):
        return w, v
    else:
        for i in range(w.shape[0]):
            if w[i].imag != 0:
                raise ValueError("eig() argument must not cause a domain change.")
        return _real_part(w), _real_part(v)


@overload(np.linalg.eigvals)
def eigvals(a: Array2):
    """Eigenvalues; real matrices must have real ones.

    >>> np.sort(np.linalg.eigvals(q + q.T))
    """
    _check_square(a)
    _check_finite(a)
    T = type_of(_number(a.dtype))
    w, v = _eigen(a, T, False)
    if is_class(T, "Complex"):
        return w
    else:
        for i in range(w.shape[0]):
            if w[i].imag != 0:
                raise ValueError("eigvals() argument must not cause a domain change.")
        return _real_part(w)


def _hermitian(a, T, vectors, upper, w):
    x = _columns(a, T)
    info = call_runtime(
        np.int64,
        "cantil_rt_lapack_eigh",
        _kind(T),
        cast(vectors, np.int32),
        cast(upper, np.int32),
        a.shape[0],
        data_pointer(x),
        data_pointer(w),
    )
    if _done(info) != 0:
        raise LinAlgError("Eigenvalues did not converge")
    return x


def _is_upper(uplo: LiteralStr):
    if uplo != "L" and uplo != "l" and uplo != "U" and uplo != "u":
        _refuse_uplo()
    return uplo == "U" or uplo == "u"


def _refuse_uplo():
    raise ValueError("UPLO argument must be 'L' or 'U'")


@overload(np.linalg.eigh)
def eigh(a: Array, UPLO: LiteralStr = "L"):
    """Eigenvalues and eigenvectors of a symmetric or Hermitian matrix.

    >>> np.linalg.eigh(q)[0]
    """
    _check_square(a)
    upper = _is_upper(UPLO)
    T = type_of(_number(a.dtype))
    w = np.empty(a.shape[:-1], type_of(abs(cast(0, T))))
    if a.ndim == 2:
        v = _hermitian(a, T, True, upper, w)
        return w, v.copy()
    else:
        x = _stack(a)
        v = np.empty(a.shape, T)
        vs = _stack(v)
        ws = packed_view(w, w.dtype, 0, (x.shape[0], x.shape[1]))
        for i in range(x.shape[0]):
            vs[i] = _hermitian(x[i], T, True, upper, ws[i])
        return w, v


@overload(np.linalg.eigvalsh)
def eigvalsh(a: Array, UPLO: LiteralStr = "L"):
    """Eigenvalues of a symmetric or Hermitian matrix.

    >>> np.linalg.eigvalsh(q, "U")
    """
    _check_square(a)
    upper = _is_upper(UPLO)
    T = type_of(_number(a.dtype))
    w = np.empty(a.shape[:-1], type_of(abs(cast(0, T))))
    if a.ndim == 2:
        _hermitian(a, T, False, upper, w)
    else:
        x = _stack(a)
        ws = packed_view(w, w.dtype, 0, (x.shape[0], x.shape[1]))
        for i in range(x.shape[0]):
            _hermitian(x[i], T, False, upper, ws[i])
    return w


# Singular values and orthogonal factors


def _singular(a, T, mode, s, u, vt):
    """u and vt in column order."""
    x = _columns(a, T)
    info = 0
    if a.shape[0] > 0 and a.shape[1] > 0:
        info = call_runtime(
            np.int64,
            "cantil_rt_lapack_svd",
            _kind(T),
            cast(mode, np.int32),
            a.shape[0],
            a.shape[1],
            data_pointer(x),
            data_pointer(s),
            data_pointer(u),
            data_pointer(vt),
        )
    if _done(info) != 0:
        raise LinAlgError("SVD did not converge")


def _singular_values(a, T):
    s = np.empty((min(a.shape[0], a.shape[1]),), type_of(abs(cast(0, T))))
    none = np.empty((1, 1), T)
    _singular(a, T, 78, s, none, none)  # 'N'
    return s


def _full_svd(a, full):
    _check_type(a)
    T = type_of(_number(a.dtype))
    m = a.shape[0]
    n = a.shape[1]
    k = min(m, n)
    s = np.empty((k,), type_of(abs(cast(0, T))))
    u = np.empty((m if full else k, m), T).T
    vt = np.empty((n, n if full else k), T).T
    if k == 0:
        u[...] = np.eye(u.shape[0], u.shape[1], 0, T)
        vt[...] = np.eye(vt.shape[0], vt.shape[1], 0, T)
    _singular(a, T, 65 if full else 83, s, u, vt)  # 'A', 'S'
    return u, s, vt


@overload(np.linalg.svd)
def svd(a: Array, full_matrices: Boolean | Whole = True, compute_uv: LiteralBool = True):
    """Singular value decomposition.

    >>> np.linalg.svd(m)[1]
    >>> np.abs(np.linalg.svd(m, False)[0])
    """
    T = type_of(_number(a.dtype))
    full = full_matrices != 0
    if compute_uv:
        if a.ndim == 2:
            u, s, vt = _full_svd(a, full)
            return u.copy(), s, vt.copy()
        else:
            x = _stack(a)
            m = a.shape[-2]
            n = a.shape[-1]
            k = min(m, n)
            left = np.empty((*a.shape[:-1], m if full else k), T)
            values = np.empty((*a.shape[:-2], k), type_of(abs(cast(0, T))))
            right = np.empty((*a.shape[:-2], n if full else k, n), T)
            us = _stack(left)
            ss = packed_view(values, values.dtype, 0, (x.shape[0], k))
            vs = _stack(right)
            for i in range(x.shape[0]):
                u, s, vt = _full_svd(x[i], full)
                us[i] = u
                ss[i] = s
                vs[i] = vt
            return left, values, right
    else:
        return svdvals(a)


@overload(np.linalg.svdvals)
def svdvals(a: Array):
    """Singular values.

    >>> np.linalg.svdvals(m)
    """
    _check_type(a)
    T = type_of(_number(a.dtype))
    if a.ndim == 2:
        return _singular_values(a, T)
    else:
        x = _stack(a)
        k = min(a.shape[-2], a.shape[-1])
        values = np.empty((*a.shape[:-2], k), type_of(abs(cast(0, T))))
        ss = packed_view(values, values.dtype, 0, (x.shape[0], k))
        for i in range(x.shape[0]):
            ss[i] = _singular_values(x[i], T)
        return values


@overload(np.linalg.qr)
def qr(a: Array2, mode: LiteralStr = "reduced"):
    """Orthogonal and triangular factor.

    >>> np.linalg.qr(m)[1]
    >>> np.linalg.qr(m, "complete")[0]
    """
    if mode != "reduced" and mode != "complete" and mode != "r":
        unsupported("a mode of np.linalg.qr() that is not 'reduced', 'complete' or 'r'")
    _check_type(a)
    T = type_of(_number(a.dtype))
    m = a.shape[0]
    n = a.shape[1]
    k = min(m, n)
    x = _columns(a, T)
    tau = np.zeros((max(k, 1),), T)
    if k > 0:
        _done(
            call_runtime(np.int64, "cantil_rt_lapack_qr", _kind(T), m, n, data_pointer(x), data_pointer(tau))
        )
    width = m if mode == "complete" else k
    r = np.zeros((width, n), T)
    for i in range(k):
        for j in range(i, n):
            r[i, j] = x[i, j]
    if mode == "r":
        return r
    else:
        q = np.zeros((width, m), T).T
        for j in range(k):
            q[:, j] = x[:, j]
        if m > 0 and width > 0:
            _done(
                call_runtime(
                    np.int64, "cantil_rt_lapack_q", _kind(T), m, width, k, data_pointer(q), data_pointer(tau)
                )
            )
        return q.copy(), r


@overload(np.linalg.pinv)
def pinv(a: Array2, rcond: Real | NoneType = None):
    """The pseudo-inverse.

    >>> np.linalg.pinv(m)
    """
    u, s, vt = _full_svd(a, False)
    limit = 1e-15 if rcond is None else cast(rcond, np.float64)
    k = s.shape[0]
    T = u.dtype
    if k == 0:
        return np.empty((a.shape[1], a.shape[0]), T)
    cutoff = cast(limit, s.dtype) * s[0]
    scaled = np.empty((k, a.shape[0]), T)
    for i in range(k):
        f = 1 / s[i] if s[i] > cutoff else cast(0, s.dtype)
        for j in range(a.shape[0]):
            scaled[i, j] = cast(f * u[j, i].conjugate(), T)
    return np.conjugate(vt.T) @ scaled
