# ---- text and a number
from cantil import njit


@njit
def f(x):
    return "a" + x  #! C0301 the operator + does not take str and int64


f(1)

# ---- an operator that assigns
from cantil import njit


@njit
def f(x):
    y = 1.5
    y <<= x  #! C0301 the operator << does not take float64 and int64
    return y


f(1)

# ---- the operator over several lines
import numpy as np

from cantil import njit


@njit
def f(a):
    return (
        a[0]
        + (1 ^ a[1])  #! C0301 the operator ^ does not take int64 and float64
    )


f(np.zeros(3))

# ---- an ordering of complex numbers
from cantil import njit


@njit
def f(z):
    return z < 1j  #! C0301 the operator < does not take complex128 and complex128


f(2j)

# ---- a unary operator
from cantil import njit


@njit
def f(x):
    return ~x  #! C0301 the operator unary ~ does not take float64


f(1.0)

# ---- a call of math with text
import math

from cantil import njit


@njit
def f(x):
    return math.sqrt("4")  #! C0302 math.sqrt() does not take str


f(1.0)

# ---- range of a float
from cantil import njit


@njit
def f(x):
    total = 0
    for i in range(x):  #! C0302 range does not take float64
        total += i
    return total


f(2.0)

# ---- two forms of a conditional expression
import numpy as np

from cantil import njit


@njit
def f(flag, a):
    return a if flag else 0.0  #! C0303 is array(float64, 1d, C) on one path and float64 on another


f(True, np.zeros(3))

# ---- the conflict of a loop
import numpy as np

from cantil import njit


@njit
def f(n, a):
    value = 0.0
    for _ in range(n):
        value = a
    return value  #! C0303 'value' is


f(3, np.zeros(3))

# ---- a return without a value
import numpy as np

from cantil import njit


@njit
def f(pair):
    if pair[0] > 0:
        return pair
    return 1  #! C0304 the function returns int64 here and UniTuple(int64 x 2) elsewhere


f((1, 2))

# ---- a module that is called
import math

from cantil import njit


@njit
def f(x):
    return math(x)  #! C0306 cannot be called


f(1)

# ---- a loop over a mixed tuple
from cantil import njit


@njit
def f(pair):
    total = 0.0
    for x in reversed(pair):  #! C0307 cannot iterate over a tuple of mixed types
        total += x
    return total


f((1, 2.0))

# ---- an array indexed with text
import numpy as np

from cantil import njit


@njit
def f(a):
    return a["x"]  #! C0309 cannot be indexed with


f(np.zeros(3))

# ---- a slice with a float bound
import numpy as np

from cantil import njit


@njit
def f(a):
    return a[0 : a.size / 2]  #! C0309 a slice's bound cannot be indexed with float64


f(np.zeros(3))

# ---- an attribute that is assigned
import numpy as np

from cantil import njit


@njit
def f(a):
    a.flags = 1  #! C0311 cannot assign to the attribute 'flags'


f(np.zeros(3))

# ---- an array that is not writeable
import numpy as np

from cantil import njit


@njit
def f(a):
    a[0] = 1  #! C0312 cannot assign to a read-only array


a = np.zeros(3)
a.flags.writeable = False
f(a)

# ---- too few names
from cantil import njit


@njit
def f(t):
    a, b = t  #! C0316 cannot unpack UniTuple(int64 x 3) into 2 names
    return a + b


f((1, 2, 3))

# ---- a class that is no exception
from cantil import njit


@njit
def f(x):
    raise int  #! C0322 only exception classes and their instances can be raised


f(1)

# ---- the truth of a class
from cantil import njit


@njit
def f(x):
    while ValueError:  #! C0324 ValueError has no truth value
        x += 1
    return x


f(1)

# ---- mutual recursion without an end
from cantil import njit


@njit
def f(n):
    return g(n - 1)


@njit
def g(n):
    return f(n - 1)  #! C0321 the type of this recursive call of 'f' cannot be inferred


f(3)

# ---- a tuple's index from the end
from cantil import njit


@njit
def f(t):
    return t[-4]  #! C0320 tuple index out of range: the tuple has 3 element(s)


f((1, 2, 3))

# ---- a keyword given twice
from cantil import njit


@njit
def g(a, b):
    return a + b


@njit
def f(x):
    return g(x, a=1)  #! C0328 two values for the argument 'a'


f(1)

# ---- a generator of unlike items
from cantil import njit


@njit
def f(x):
    yield x
    yield x, x  #! C0303 what the generator yields


f(1)

# ---- next of what is no iterator
from cantil import njit


@njit
def f(x):
    items = [x, x]
    return next(items)  #! C0328 is no iterator


f(1)

# ---- a nonlocal variable of two types
from cantil import njit


@njit
def f(x):
    def inner():
        nonlocal x
        x = 0.5  #! C0303 the nonlocal variable 'x'

    inner()
    return x


f(1)
