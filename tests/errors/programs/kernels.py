# ---- a value returned on one path
import numpy as np

from cantil import cuda


@cuda.jit
def f(a):
    if a[0] > 0:
        return a[0]  #! C0401
    a[0] = 1


f[1, 1](np.zeros(3))

# ---- a barrier on the CPU
from cantil import cuda, njit


@njit
def f(x):
    cuda.syncthreads()  #! C0402 cuda.syncthreads can only be used in a CUDA kernel
    return x


f(1)

# ---- a shared array on the CPU
from cantil import cuda, float32, njit


@njit
def f(x):
    a = cuda.shared.array(4, float32)  #! C0402 can only be used in a CUDA kernel
    return a[0]


f(1)

# ---- a negative shape
import numpy as np

from cantil import cuda, float32


@cuda.jit
def f(a):
    tile = cuda.shared.array((4, -1), float32)  #! C0404 the shape of cuda.shared.array
    a[0] = tile[0, 0]


f[1, 1](np.zeros(3))

# ---- a local array's shape from an argument
import numpy as np

from cantil import cuda, float32


@cuda.jit
def f(a, n):
    tile = cuda.local.array(n, float32)  #! C0404 the shape of cuda.local.array
    a[0] = tile[0]


f[1, 1](np.zeros(3), 4)

# ---- a shared array without a type
import numpy as np

from cantil import cuda


@cuda.jit
def f(a):
    tile = cuda.shared.array(4)  #! C0315 the argument 'dtype' is missing
    a[0] = tile[0]


f[1, 1](np.zeros(3))

# ---- an atomic operation on a number
import numpy as np

from cantil import cuda


@cuda.jit
def f(a, x):
    cuda.atomic.add(x, 0, 1)  #! C0302 does not take


f[1, 1](np.zeros(3), 1)

# ---- an empty grid
import numpy as np

from cantil import cuda


@cuda.jit
def f(a):
    a[0] = 1


f[0, 32](np.zeros(3))  #! C0405 the grid has 0 in dimension 0

# ---- a grid of four dimensions
import numpy as np

from cantil import cuda


@cuda.jit
def f(a):
    a[0] = 1


f[(1, 1, 1, 1), 32](np.zeros(3))  #! C0405 the grid has 4 dimensions

# ---- a configuration with one value
import numpy as np

from cantil import cuda


@cuda.jit
def f(a):
    a[0] = 1


f[32](np.zeros(3))  #! C0405

# ---- two reductions of one variable
from cantil import njit, prange


@njit(parallel=True)
def f(n):
    total = 1
    for i in prange(n):
        total += i  #! C0409 'total' carries a value
        total *= 2
    return total


f(10)

# ---- an element of the iteration before
import numpy as np

from cantil import njit, prange


@njit(parallel=True)
def f(a):
    for i in prange(1, a.shape[0]):
        for j in range(a.shape[1]):
            a[i, j] = a[i - 1, j] + 1  #! C0409 'a' carries a value from one iteration of prange to the next


f(np.zeros((3, 3)))

# ---- try in a kernel
from cantil import cuda
import numpy as np


@cuda.jit
def kernel(a):
    try:  #! C0403 try cannot be used in a CUDA kernel
        a[0] = 1 / a[1]
    except ZeroDivisionError:
        a[0] = 0


kernel[1, 1](np.ones(2))

# ---- a list in a kernel
from cantil import cuda
import numpy as np


@cuda.jit
def kernel(a):
    items = [1.0, 2.0]  #! C0403 a list cannot be used in a CUDA kernel
    a[0] = items[0]


kernel[1, 1](np.ones(2))
