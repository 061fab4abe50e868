# ---- except with what is no exception class
from cantil import njit


@njit
def f(x):
    try:
        return 1 / x
    except int:  #! C0322 only exception classes
        return 0.0


f(1)

# ---- with
from cantil import njit


@njit
def f(x):
    with x:  #! C0201 a with statement is not supported
        pass


f(1)

# ---- a class
from cantil import njit


@njit
def f(x):
    class C:  #! C0201 a class definition is not supported
        pass

    return x


f(1)

# ---- an import inside
from cantil import njit


@njit
def f(x):
    import math  #! C0201 import inside a function is not supported

    return x


f(1)

# ---- a global that is assigned
from cantil import njit

count = 0


@njit
def f(x):
    global count  #! C0201 assignment to a global is not supported
    count += x


f(1)

# ---- match
from cantil import njit


@njit
def f(x):
    d = {1: x}
    match d:
        case {1: y, **rest}:  #! C0201 ** in a pattern is not supported
            return y
    return 0


f(1)

# ---- a dict of mixed values
from cantil import njit


@njit
def f(x):
    d = {1: x, 2: (x, x)}  #! C0303 a value of this dict
    return d[1]


f(1)

# ---- ** in a dict
from cantil import njit


@njit
def f(x):
    return len({**x, 2: x})  #! C0201 ** of int64 in a dict is not supported


f(1)

# ---- a list of mixed items
from cantil import njit


@njit
def f(x):
    items = [x, (x, x)]
    items.append(x)  #! C0104 a list of mixed types, which cannot be changed
    return len(items)


f(1)

# ---- an item that the list does not hold
from cantil import njit


@njit
def f(items):
    items.append(2.5)  #! C0305 cannot convert float64 to int64


f([1, 2])

# ---- an empty list that nothing is put into
from cantil import njit


@njit
def f(x):
    return len([])  #! C0329 nothing here says what this empty list will hold


f(1)

# ---- a format that is known only at run time
from cantil import njit


@njit
def f(s):
    return s.format(1)  #! C0318 the text that .format() is called on


f("{}")

# ---- keyword arguments from a mapping
from cantil import njit


@njit
def g(a):
    return a


@njit
def f(x):
    return g(**x)  #! C0201 ** of int64 is not supported


f(1)

# ---- an assignment in half of an expression
from cantil import njit


@njit
def f(x):
    return x > 0 and (y := x) > 1  #! C0201 an assignment inside an expression that may not run


f(1)

# ---- a builtin that needs the interpreter
from cantil import njit


@njit
def f(a):
    s = vars(a)  #! C0105 'vars()' is not supported
    return s


f(1)

# ---- a bare raise
from cantil import njit


@njit
def f(x):
    raise  #! C0201 a bare raise outside an except clause is not supported


f(1)

# ---- break in prange
from cantil import njit, prange


@njit(parallel=True)
def f(n):
    total = 0
    for i in prange(n):
        if i == 3:
            break  #! C0201 break in a prange loop is not supported
        total += i
    return total


f(10)

# ---- return in prange
from cantil import njit, prange


@njit(parallel=True)
def f(n):
    for i in prange(n):
        if i == 3:
            return i  #! C0201 return in a prange loop is not supported
    return 0


f(10)

# ---- a function as the result
from cantil import njit


@njit
def g(x):
    return x


@njit
def f(x):  #! C0201 returning
    return g


f(1)

# ---- a generator that returns a value
from cantil import njit


@njit
def f(x):
    yield x
    return 5  #! C0201 a generator that returns a value


f(1)

# ---- a block of objmode that is left
from cantil import njit, objmode


@njit
def f(x):
    with objmode(y="int64"):
        y = x
        return y  #! C0201 leaving an objmode block this way
    return 0


f(1)

# ---- a block of objmode whose type is none
from cantil import njit, objmode


@njit
def f(x):
    with objmode(y="nonsense"):  #! C0328 objmode needs a type for 'y'
        y = x
    return y


f(1)
