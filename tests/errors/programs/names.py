# ---- a misspelt builtin
from cantil import njit


@njit
def f(n):
    return rnage(n)  #! C0101 the name 'rnage' is not defined


f(3)

# ---- a name that a loop may not have bound is an error only when nothing binds it
from cantil import njit


@njit
def f(n):
    del n
    return n  #! C0102 'n' may be used before it is assigned


f(3)

# ---- a global set
from cantil import njit

allowed = {1, 2}


@njit
def f(n):
    return n in allowed  #! C0103 the global 'allowed' is an object of type set


f(3)

# ---- a module's missing attribute
import math

from cantil import njit


@njit
def f(x):
    return math.sinc(x)  #! C0104 'math' has no attribute 'sinc'


f(1.0)

# ---- an attribute of a number
from cantil import njit


@njit
def f(x):
    return x.shape  #! C0104 float64 has no attribute 'shape'


f(1.0)

# ---- a library that is not compiled
import os

from cantil import njit


@njit
def f(x):
    os.getpid()  #! C0105 not supported in compiled code
    return x


f(1)

# ---- a plain function of the module
from cantil import njit


def helper(x):
    return x


@njit
def f(x):
    y = x + 1
    return helper(y)  #! C0106 'helper' is a plain Python function


f(1)

# ---- a plain function called by a kernel
import numpy as np

from cantil import cuda


def helper(x):
    return x


@cuda.jit
def f(a):
    a[0] = helper(a[1])  #! C0106 'helper' is a plain Python function


f[1, 1](np.zeros(2))

# ---- a mistake in a callee is shown there
from cantil import njit


@njit
def inner(x):
    return x + undefined  #! C0101 the name 'undefined' is not defined


@njit
def outer(x):
    return inner(x) * 2


outer(1)
