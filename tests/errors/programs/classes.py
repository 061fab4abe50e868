# ---- an instance of a plain class
from cantil import njit


class Plain:
    pass


@njit
def f(p):
    return p


f(Plain())  #! C0323 argument 1: cannot determine the type of a value of type 'Plain' (of classes, those made with jitclass

# ---- a plain class that is called
from cantil import njit


class Plain:
    pass


@njit
def f():
    return Plain()  #! C0103 the global 'Plain' is a plain Python class (a jitclass could be used)


f()

# ---- an attribute that a jitclass does not have
from cantil import njit, types
from cantil.experimental import jitclass


@jitclass([("x", types.int64)])
class Point:
    def __init__(self):
        self.x = 1


@njit
def f(p):
    return p.y  #! C0104 Point has no attribute 'y'


f(Point())

# ---- a property without a setter
from cantil import njit, types
from cantil.experimental import jitclass


@jitclass([("x", types.int64)])
class Point:
    def __init__(self):
        self.x = 1

    @property
    def y(self):
        return self.x


@njit
def f(p):
    p.y = 2  #! C0311 cannot assign to the property 'y' of Point, which has no setter


f(Point())

# ---- an operator that a jitclass does not have
from cantil import njit, types
from cantil.experimental import jitclass


@jitclass([("x", types.int64)])
class Point:
    def __init__(self):
        self.x = 1


@njit
def f(p):
    return p < p  #! C0301 the operator < does not take Point and Point


f(Point())

# ---- an instance made in a kernel
from cantil import cuda, types
from cantil.experimental import jitclass


@jitclass([("x", types.int64)])
class Point:
    def __init__(self):
        self.x = 1


def kernel(out):
    out[0] = Point().x  #! C0403 an instance of a class cannot be used in a CUDA kernel


cuda.compile_ptx(kernel, types.void(types.int64[::1]), cc=(9, 0))

# ---- an argument that has to be a literal
from cantil import literally, njit


@njit
def inner(n):
    return literally(n)


@njit
def f(n):
    return inner(n + 1)  #! C0318 an argument of inner() must be a compile-time constant


f(3)

# ---- an overload whose implementation has other parameters
from cantil import njit
from cantil.extending import overload


def scale(x, k):
    return x * k


@overload(scale)
def scale_of(x, k):
    return lambda x, factor: x * factor


@njit
def f(x):
    return scale(x, 2)  #! C0342 the implementation that the overload scale_of chose takes (x, factor)


f(3)
