"""A library file that another imports from."""

from cantil import cuda
from cantil.library import overload

LIMIT = 7


def helper(n):
    return helper(n - 1) if n > LIMIT else cuda.threadIdx.x


@overload(cuda.grid)
def grid(n):
    return cuda.blockDim.x * n
