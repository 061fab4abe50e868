"""Functions beyond NumPy's own."""

import numpy as _np

from ..extending import register_jitable as _register_jitable


@_register_jitable
def cross2d(a, b):
    """The cross product of vectors in the plane: a[…, 0] b[…, 1] - a[…, 1] b[…, 0]. Raises ValueError for others."""
    a_ = _np.asarray(a)
    b_ = _np.asarray(b)
    if a_.shape[-1] != 2 or b_.shape[-1] != 2:
        raise ValueError("Incompatible dimensions for 2D cross product (dimension must be 2 for both inputs)")
    return a_[..., 0] * b_[..., 1] - a_[..., 1] * b_[..., 0]


__all__ = ["cross2d"]
