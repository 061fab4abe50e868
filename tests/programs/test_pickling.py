"""Pickling: by name, and by value for what other processes cannot import."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from cantil import cuda, float64, guvectorize, int64, njit, types, vectorize

pytestmark = pytest.mark.targets("cpu")

PROGRAM = """
import math, pickle, sys
import numpy as np
from cantil import cuda, cfunc, float64, guvectorize, int64, njit, stencil, vectorize

K = 3

def plain(x):
    return x + K

helper = njit(plain)

@njit
def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)

@njit
def uses(x):
    return helper(x) * math.floor(1.5) + K

def closure(k):
    @njit
    def inner(x):
        return helper(x) * k
    return inner

@njit("int64(int64)")
def closed(x):
    return x * K

square = njit(lambda x: x * x)

@vectorize(["int64(int64, int64)"], identity=0)
def add(a, b):
    return a + b + K - 3

@vectorize
def lazy(a):
    return a * K

@guvectorize(["(int64[:], int64[:])"], "(n)->()")
def total(x, r):
    r[0] = x.sum() + K

@stencil(cval=-1)
def right(a):
    return a[1] + K

@cfunc("float64(float64)")
def double(x):
    return 2 * x

@cuda.jit
def kernel(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] *= K

@vectorize(["float64(float64)"], target="cuda")
def device_square(x):
    return x * x + K

objects = dict(uses=uses, factorial=factorial, closure=closure(5), closed=closed, square=square, add=add, lazy=lazy,
               total=total, right=right, double=double, kernel=kernel, device_square=device_square)
sys.stdout.buffer.write(pickle.dumps(objects))
"""

READER = """
import pickle, sys
import numpy as np
o = pickle.load(open(sys.argv[1], "rb"))
a = np.arange(4)
print(o["uses"](2), o["factorial"](5), o["closure"](1), o["closed"](4), o["square"](3))
print(o["add"](a, 1).tolist(), o["add"].reduce(a), o["add"].types, o["lazy"](a).tolist())
print(o["total"](a), o["right"](a).tolist(), o["double"].ctypes(1.5))
b = np.ones(3)
o["kernel"][1, 32](b)
print(b.tolist(), o["device_square"](b).tolist())
try:
    o["closed"]("text")
except Exception as e:
    print(type(e).__name__)
"""


def test_another_process_gets_it_whole(tmp_path):
    def run(name, text, *args):
        path = tmp_path / name
        path.write_text(text)
        return subprocess.run([sys.executable, path, *args], capture_output=True, check=True).stdout

    data = run("writer.py", PROGRAM)
    (tmp_path / "data").write_bytes(data)
    (tmp_path / "writer.py").unlink()
    lines = run("reader.py", READER, tmp_path / "data").decode().splitlines()
    assert lines == [
        "8 120 20 12 9",
        "[1, 2, 3, 4] 6 ['ll->l'] [0, 3, 6, 9]",
        "9 [4, 5, 6, -1] 3.0",
        "[3.0, 3.0, 3.0] [12.0, 12.0, 12.0]",
        "SignatureMismatchError",
    ]


def local_functions(k):
    @njit
    def inner(x):
        return x + k

    return inner, vectorize(lambda x: x * k), cuda.jit(device=True)(lambda x: x)


def test_the_same_process_gets_the_same_object():
    for f in local_functions(3):
        assert pickle.loads(pickle.dumps(f)) is f
        assert copy.copy(f) is f
        assert copy.deepcopy({"f": f})["f"] is f
    first, second = local_functions(1)[0], local_functions(2)[0]
    one, two = pickle.loads(pickle.dumps((first, second)))
    assert (one(1), two(1)) == (2, 3)


@pytest.mark.parametrize("start", ["spawn", "forkserver"])
def test_pools(start):
    import multiprocessing

    with multiprocessing.get_context(start).Pool(1) as pool:
        assert pool.map(local_functions(3)[0], [1, 2]) == [4, 5]


def test_signatures_and_types():
    for t in (
        int64,
        float64[:],
        float64[:, ::1],
        types.UniTuple(int64, 3),
        types.Tuple((int64, float64)),
        types.none,
        float64(int64, float64[::1]),
        types.Array(float64, 2, "F", readonly=True),
    ):
        assert pickle.loads(pickle.dumps(t)) == t
        assert copy.deepcopy(t) == t


def test_a_generalised_one():
    k = 2

    @guvectorize("(n)->(n)")
    def scale(x, r):
        for i in range(x.size):
            r[i] = x[i] * k

    assert pickle.loads(pickle.dumps(scale)) is scale
    r = np.zeros(3)
    scale(np.ones(3), r)
    assert r.tolist() == [2, 2, 2]
