# ---- a list as an argument
from cantil import njit


@njit
def f(x):
    return x


f([1, object()])  #! C0323 argument 1: cannot determine the type

# ---- big-endian data
import numpy as np

from cantil import njit


@njit
def f(x, a):
    return a[0]


f(1, np.zeros(3, ">f8"))  #! C0323 argument 2: cannot determine the type of a value of dtype '>f8'

# ---- an integer that does not fit
from cantil import njit


@njit
def f(x):
    return x


f(2**70)  #! C0327 the integer 1180591620717411303424 does not fit 64 bits

# ---- no signature takes the argument
import numpy as np

from cantil import njit


@njit(["float64(float64)", "int64(int64)"])
def f(x):
    return x


f(np.zeros(3))  #! C0325 no matching definition for argument types (array(float64, 1d, C))

# ---- a kernel's signature does not take the argument
import numpy as np

from cantil import cuda


@cuda.jit("void(float32[::1])")
def f(a):
    a[0] = 1


f[1, 1](np.zeros(3))  #! C0325 no matching definition for argument types

# ---- a signature with the wrong number of types
from cantil import njit


@njit("float64(float64)")  #! C0313 f takes 2 argument(s), 1 were given
def f(x, y):
    return x + y

# ---- a signature that is no signature
from cantil import njit


@njit("float64[")  #! C0326 cannot read the signature 'float64['
def f(x):
    return x

# ---- a result that the signature cannot hold
from cantil import njit


@njit("float64(complex128)")
def f(z):
    return z * 2  #! C0305 cannot convert complex128 to float64, the return type of the signature


f(1j)

# ---- a kernel called like a function
import numpy as np

from cantil import cuda


@cuda.jit
def g(a):
    a[0] = 1


@cuda.jit
def f(a):
    g(a)  #! C0306 the kernel 'g'


f[1, 1](np.zeros(3))
