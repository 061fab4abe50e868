"""Products of vectors and matrices."""

import operator

import numpy as np
from cantil.library import (
    bits_of,
    call_runtime,
    cast,
    data_pointer,
    in_kernel,
    is_class,
    layout_of,
    overload,
    packed_view,
    promote,
    same_type,
)

from .linalg import _kind
from .shapes import _broadcast_shapes, _copy_as, _flat, ascontiguousarray, broadcast_to


def _has_blas(T):
    """Whether BLAS multiplies this type (where it is found)."""
    return not in_kernel() and (
        is_class(T, "Complex") or same_type(T, np.float64) or same_type(T, np.float32)
    )


def _strides(a):
    """Of a matrix that is contiguous, in elements."""
    if layout_of(a) == "F":
        return 1, a.shape[0]
    return a.shape[1], 1


def _for_blas(a, T):
    """The matrix as BLAS takes it: of type T, in one of the two orders."""
    if same_type(a.dtype, T):
        if layout_of(a) == "A":
            return ascontiguousarray(a)
        return a
    r = np.empty(a.shape, T)
    r[...] = a
    return r


def _gemm(r, a, b, T):
    """r = a @ b for r in C order; False where there is no BLAS."""
    x = _for_blas(a, T)
    y = _for_blas(b, T)
    x_row, x_column = _strides(x)
    y_row, y_column = _strides(y)
    done = call_runtime(
        np.int64,
        "cantil_rt_gemm",
        _kind(T),
        a.shape[0],
        a.shape[1],
        b.shape[1],
        data_pointer(x),
        x_row,
        x_column,
        data_pointer(y),
        y_row,
        y_column,
        data_pointer(r),
    )
    return done == 0


def _gemv(r, a, v, T):
    """r = a @ v."""
    x = _for_blas(a, T)
    row, column = _strides(x)
    y = ascontiguousarray(v) if same_type(v.dtype, T) else _copy_as(v, T)
    done = call_runtime(
        np.int64,
        "cantil_rt_gemv",
        _kind(T),
        a.shape[0],
        a.shape[1],
        data_pointer(x),
        row,
        column,
        data_pointer(y),
        1,
        data_pointer(r),
    )
    return done == 0


def _inner(a, b, T):
    if a.shape[0] != b.shape[0]:
        raise ValueError("incompatible array sizes: the dimensions that are multiplied differ")
    if not in_kernel() and same_type(a.dtype, T) and same_type(b.dtype, T) and is_class(T, "Float"):
        if bits_of(T) >= 32 and a.shape[0] >= 32:
            return call_runtime(
                T,
                "cantil_rt_dot_f64" if bits_of(T) == 64 else "cantil_rt_dot_f32",
                a.shape[0],
                data_pointer(a),
                a.strides[0],
                data_pointer(b),
                b.strides[0],
            )
    total = cast(0, T)
    for i in range(a.shape[0]):
        total = cast(total + cast(a[i], T) * cast(b[i], T), T)
    return total


def _multiply_into(r, a, b):
    """r = a @ b for matrices in C order: rows of b are added to rows of r, in blocks that stay in the cache."""
    T = r.dtype
    n = a.shape[1]
    r[...] = cast(0, T)
    for kk in range(0, n, 128):
        last = min(kk + 128, n)
        for i in range(a.shape[0]):
            for k in range(kk, last):
                x = cast(a[i, k], T)
                for j in range(b.shape[1]):
                    r[i, j] = cast(r[i, j] + x * cast(b[k, j], T), T)


def _matrix_product(a, b, T):
    if a.shape[1] != b.shape[0]:
        raise ValueError("incompatible array sizes: the dimensions that are multiplied differ")
    r = np.empty((a.shape[0], b.shape[1]), T)
    if _has_blas(T):
        # Small products are done sooner than BLAS has looked at its arguments.
        if a.shape[0] * a.shape[1] * b.shape[1] >= 1000:
            if _gemm(r, a, b, T):
                return r
    _multiply_into(r, ascontiguousarray(a), ascontiguousarray(b))
    return r


def _matrix_vector(a, v, T):
    if a.shape[1] != v.shape[0]:
        raise ValueError("incompatible array sizes: the dimensions that are multiplied differ")
    r = np.empty((a.shape[0],), T)
    if _has_blas(T):
        if a.shape[0] * a.shape[1] >= 1000:
            if _gemv(r, a, v, T):
                return r
    for i in range(a.shape[0]):
        total = cast(0, T)
        for k in range(a.shape[1]):
            total = cast(total + cast(a[i, k], T) * cast(v[k], T), T)
        r[i] = total
    return r


def _vector_matrix(v, b, T):
    if v.shape[0] != b.shape[0]:
        raise ValueError("incompatible array sizes: the dimensions that are multiplied differ")
    r = np.zeros((b.shape[1],), T)
    if _has_blas(T):
        if b.shape[0] * b.shape[1] >= 1000:
            if _gemv(r, b.T, v, T):
                return r
    for k in range(b.shape[0]):
        x = cast(v[k], T)
        for j in range(b.shape[1]):
            r[j] = cast(r[j] + x * cast(b[k, j], T), T)
    return r


def _product_of(a, b, T):
    if a.ndim == 1 and b.ndim == 1:
        return _inner(a, b, T)
    if a.ndim == 2 and b.ndim == 2:
        return _matrix_product(a, b, T)
    if a.ndim == 2:
        return _matrix_vector(a, b, T)
    return _vector_matrix(a, b, T)


@overload(np.dot)
@overload("method:array.dot")
def dot(a: Array1 | Array2, b: Array1 | Array2):
    """The product of vectors and matrices.

    >>> np.dot(a, b)
    >>> np.dot(m, n)
    >>> np.dot(m, n[:, 0].copy())
    >>> m.dot(n)
    """
    return _product_of(a, b, promote(a.dtype, b.dtype))


@overload(np.dot)
def dot_into(a: Array1 | Array2, b: Array1 | Array2, out: Array):
    _into(out, _product_of(a, b, promote(a.dtype, b.dtype)))
    return out


def _into(out, r):
    if same_type(out.dtype, r.dtype) and layout_of(out) == "C" and out.ndim == r.ndim:
        if out.shape == r.shape:
            out[...] = r
            return
    raise ValueError(
        "output array is not acceptable (must have the right datatype, number of dimensions, and be a C-Array)"
    )


@overload(np.matmul)
@overload(operator.matmul)
def matmul(a: Array1 | Array2, b: Array1 | Array2):
    """The matrix product, batched over leading axes.

    >>> np.matmul(m, n)
    >>> m @ n
    """
    return _product_of(a, b, promote(a.dtype, b.dtype))


@overload(np.matmul)
@overload(operator.matmul)
def matmul_batched(a: Array, b: Array):
    if a.ndim < 2 or b.ndim < 2:
        raise ValueError("matmul of a stack of matrices with a vector is not supported")
    if a.shape[-1] != b.shape[-2]:
        raise ValueError("matmul: the dimensions that are multiplied differ")
    T = promote(a.dtype, b.dtype)
    stack = _broadcast_shapes((a.shape[:-2], b.shape[:-2]))
    rows = a.shape[-2]
    inner = a.shape[-1]
    columns = b.shape[-1]
    x = ascontiguousarray(broadcast_to(a, stack + (rows, inner)))
    y = ascontiguousarray(broadcast_to(b, stack + (inner, columns)))
    r = np.empty(stack + (rows, columns), T)
    n = 1
    for i in range(len(stack)):
        n *= stack[i]
    x3 = packed_view(x, a.dtype, 0, (n, rows, inner))
    y3 = packed_view(y, b.dtype, 0, (n, inner, columns))
    r3 = packed_view(r, T, 0, (n, rows, columns))
    for i in range(n):
        if _has_blas(T):
            if rows * inner * columns >= 1000:
                if _gemm(r3[i], x3[i], y3[i], T):
                    continue
        _multiply_into(r3[i], x3[i], y3[i])
    return r


@overload(np.vdot)
def vdot(a: Array, b: Array):
    """The product of two vectors, the first conjugated.

    >>> np.vdot(z, z)
    """
    x = _flat(a)
    y = _flat(b)
    T = promote(a.dtype, b.dtype)
    if x.shape[0] != y.shape[0]:
        raise ValueError("incompatible array sizes")
    total = cast(0, T)
    for i in range(x.shape[0]):
        total = cast(total + cast(x[i].conjugate(), T) * cast(y[i], T), T)
    return total


@overload(np.inner)
def inner(a: Array1, b: Array1):
    """The sum of products over the last axes.

    >>> np.inner(a, b)
    """
    return _inner(a, b, promote(a.dtype, b.dtype))


@overload(np.inner)
def inner_matrices(a: Array2, b: Array2):
    return _matrix_product(a, b.T, promote(a.dtype, b.dtype))


@overload(np.outer)
def outer(a: Array, b: Array):
    """The products of all pairs.

    >>> np.outer(a, b)
    """
    x = _flat(a)
    y = _flat(b)
    T = promote(a.dtype, b.dtype)
    r = np.empty((x.shape[0], y.shape[0]), T)
    for i in range(x.shape[0]):
        for j in range(y.shape[0]):
            r[i, j] = cast(cast(x[i], T) * cast(y[j], T), T)
    return r


@overload(np.kron)
def kron(a: Array2, b: Array2):
    """The Kronecker product.

    >>> np.kron(m, n)
    """
    T = promote(a.dtype, b.dtype)
    r = np.empty((a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]), T)
    for i in range(r.shape[0]):
        for j in range(r.shape[1]):
            x = cast(a[i // b.shape[0], j // b.shape[1]], T)
            r[i, j] = cast(x * cast(b[i % b.shape[0], j % b.shape[1]], T), T)
    return r


@overload(np.kron)
def kron_vectors(a: Array1, b: Array1):
    return _flat(outer(a, b))


@overload(np.trace)
@overload("method:array.trace")
def trace(a: Array2, offset: Whole = 0):
    """The sum of a diagonal.

    >>> np.trace(q)
    >>> np.trace(q, 1)
    >>> q.trace()
    """
    return np.sum(np.diag(a, offset), 0)


@overload(np.cross)
def cross(a: Array1, b: Array1):
    """The vector product.

    >>> np.cross(a[:3], b[:3])
    """
    if a.shape[0] != 3 or b.shape[0] != 3:
        raise ValueError(
            "Both input arrays must be (arrays of) 3-dimensional vectors, but they have other dimensions."
        )
    T = promote(a.dtype, b.dtype)
    r = np.empty((3,), T)
    for i in range(3):
        j = (i + 1) % 3
        k = (i + 2) % 3
        r[i] = cast(cast(a[j], T) * cast(b[k], T) - cast(a[k], T) * cast(b[j], T), T)
    return r
