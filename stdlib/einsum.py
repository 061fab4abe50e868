"""np.einsum: products of views that have one axis for each label (frontend/typing/einsum.cpp), summed."""

import numpy as np
from cantil.library import cast, einsum_length, einsum_sum, overload, type_of

from .joining import _common_type


@overload(einsum_length)
def _einsum_length(n, m):
    """The length of an axis for which two operands give n and m."""
    if n != m and n != 1 and m != 1:
        raise ValueError(
            "operands could not be broadcast together with remapped shapes [original->remapped]: "
            f"the lengths {n} and {m} of one label differ"
        )
    return m if n == 1 else n


def _product_at(views, k, zero):
    T = type_of(zero)
    x = cast(views[0][k], T)
    if len(views) == 1:
        return x
    return cast(x * _product_at(views[1:], k, zero), T)


def _item_of(views, zero):
    T = type_of(zero)
    x = cast(views[0][()], T)
    if len(views) == 1:
        return x
    return cast(x * _item_of(views[1:], zero), T)


def _rows_of(views, i):
    if len(views) == 0:
        return ()
    return (views[0][i, ...],) + _rows_of(views[1:], i)


def _total(views, zero):
    """The sum over all axes of the product of the views."""
    if views[0].ndim == 0:
        return _item_of(views, zero)
    total = zero
    if views[0].ndim == 1:
        for k in range(views[0].shape[0]):
            total = cast(total + _product_at(views, k, zero), type_of(zero))
    else:
        for k in range(views[0].shape[0]):
            total = cast(total + _total(_rows_of(views, k), zero), type_of(zero))
    return total


def _fill(r, views, zero):
    for i in range(r.shape[0]):
        if r.ndim == 1:
            r[i] = _total(_rows_of(views, i), zero)
        else:
            _fill(r[i, ...], _rows_of(views, i), zero)


@overload(einsum_sum)
def _einsum_sum(views, n: LiteralInt):
    zero = _common_type(views)
    if n == 0:
        return _total(views, zero)
    r = np.empty(views[0].shape[:n], type_of(zero))
    _fill(r, views, zero)
    return r
