"""Where a slice begins and how many elements it takes: Python's clamping (PySlice_AdjustIndices' rules)."""

from cantil.library import overload, slice_bounds, slice_unit


@overload(slice_unit)
def _slice_unit(start, stop, step, n):
    lo = 0
    if start is not None:
        lo = start
        if lo < 0:
            lo += n
            if lo < 0:
                lo = 0
        elif lo > n:
            lo = n
    hi = n
    if stop is not None:
        hi = stop
        if hi < 0:
            hi += n
        elif hi > n:
            hi = n
    return lo, max(hi - lo, 0)


@overload(slice_bounds)
def _slice_bounds(start, stop, step, n):
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if step > 0:
        lower = 0
        upper = n
    else:
        lower = -1
        upper = n - 1
    if start is None:
        lo = lower if step > 0 else upper
    else:
        lo = start
        if lo < 0:
            lo += n
            if lo < lower:
                lo = lower
        elif lo > upper:
            lo = upper
    if stop is None:
        hi = upper if step > 0 else lower
    else:
        hi = stop
        if hi < 0:
            hi += n
            if hi < lower:
                hi = lower
        elif hi > upper:
            hi = upper
    if step > 0:
        count = (hi - lo + step - 1) // step if hi > lo else 0
    else:
        count = (lo - hi - step - 1) // (-step) if lo > hi else 0
    return lo, count
