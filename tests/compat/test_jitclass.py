"""experimental.jitclass: classes whose instances live in compiled code."""

from __future__ import annotations

import copy
import gc
import pickle
import typing
from collections import OrderedDict

import numpy as np
import pytest
from cantil import _core, deferred_type, njit, typed, types
from cantil.core import errors
from cantil.experimental import jitclass

LIMIT = 7


@jitclass([("x", types.float64), ("a", types.int64[:])])
class Account:
    """What an account holds."""

    rate = 3

    def __init__(self, x, n=2):
        self.x = x
        self.a = np.zeros(n, np.int64)

    def add(self, v, times=1):
        self.x += v * times
        self.a[0] += 1
        return self.x

    @property
    def size(self):
        return self.a.size

    @property
    def half(self):
        return self.x / 2

    @half.setter
    def half(self, v):
        self.x = v * 2

    @staticmethod
    def square(v):
        return v * v

    def __len__(self):
        return self.a.size

    def __getitem__(self, i):
        return self.a[i]

    def __setitem__(self, i, v):
        self.a[i] = v

    def __contains__(self, v):
        for e in self.a:
            if e == v:
                return True
        return False


@jitclass([("x", types.float64), ("y", types.float64)])
class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return Vector(self.x + o.x, self.y + o.y)

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        return self

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __rmul__(self, k):
        return Vector(self.x * k, self.y * k)

    def __neg__(self):
        return Vector(-self.x, -self.y)

    def __eq__(self, o):
        return self.x == o.x and self.y == o.y

    def __hash__(self):
        return int(self.x) * 31 + int(self.y)

    def __lt__(self, o):
        return self.x < o.x

    def __bool__(self):
        return self.x != 0 or self.y != 0

    def __call__(self, k):
        return self.x * k + self.y

    def __abs__(self):
        return (self.x**2 + self.y**2) ** 0.5

    def __float__(self):
        return self.x

    def __int__(self):
        return int(self.x)


def test_fields_methods_and_properties_from_python():
    c = Account(4.0, 3)
    assert isinstance(c, Account) and Account.__doc__ == "What an account holds."
    assert (c.size, c.half, len(c), c.add(1.0), c.add(1.0, times=2), c.add(1.0, 2)) == (
        3,
        2.0,
        3,
        5.0,
        7.0,
        9.0,
    )
    c.half = 5
    assert c.x == 10.0 and list(c.a) == [3, 0, 0]
    c.x = 7
    c.a = np.arange(4)
    c[1] = 50
    assert c.x == 7.0 and c[1] == 50 and 50 in c and 51 not in c
    assert Account.square(3) == c.square(3) == 9 and Account.rate == c.rate == 3
    with pytest.raises(AttributeError):
        c.missing  # noqa: B018
    with pytest.raises(AttributeError):
        c.missing = 1
    with pytest.raises(AttributeError):
        del c.x
    with pytest.raises(errors.TypingError, match="field 'x' of Account is float64"):
        c.x = np.zeros(2)
    with pytest.raises(TypeError, match="argument"):
        Account()


def test_the_same_from_compiled_code():
    @njit
    def f(c):
        c.half = 1.0
        c[0] = 4
        return c.half + c.size + len(c) + c.square(2) + Account.square(3) + c.rate + c[0], 4 in c, 5 in c

    assert f(Account(1.0)) == (1.0 + 2 + 2 + 4 + 9 + 3 + 4, True, False)

    @njit
    def make(x):
        c = Account(x, n=5)
        c.add(2.0, times=3)
        return c

    made = make(1.5)
    assert type(made) is Account and made.x == 7.5 and made.size == 5


def test_operators():
    @njit
    def f(a, b):
        c = a + b
        c += a
        return (
            c * 2,
            3.0 * c,
            -c,
            a == b,
            a != b,
            a == a,
            a < b,
            a > b,
            bool(a),
            not a,
            a(10),
            abs(c),
            hash(a),
            float(a),
            int(a),
        )

    a, b = Vector(1.0, 2.0), Vector(3.0, 4.0)
    twice, thrice, negative, *rest = f(a, b)
    assert (twice.x, twice.y, thrice.x, negative.y) == (10.0, 16.0, 15.0, -8.0)
    assert rest == [False, True, True, True, False, True, False, 12.0, 89**0.5, 33, 1.0, 1]
    d = a + b
    d += a
    assert (d.x, d.y) == (5.0, 8.0) and d == Vector(5.0, 8.0) and d != a and a < b and a(10) == 12.0
    assert abs(d) == 89**0.5 and hash(a) == 33 and float(a) == 1.0 and int(a) == 1 and not Vector(0.0, 0.0)
    assert (2 * a).x == (a * 2).x == 2.0


def test_identity_and_default_comparison():
    @jitclass([("v", types.int64)])
    class Plain:
        def __init__(self, v):
            self.v = v

    @njit
    def same(a, b):
        return a is b, a == b, a != b, a is not b, bool(a)

    @njit
    def back(a):
        return a

    a, b = Plain(1), Plain(1)
    assert same(a, a) == (True, True, False, False, True) and same(a, b) == (False, False, True, True, True)
    assert back(a) is a

    @jitclass([("inner", Plain.class_type.instance_type)])
    class Outer:
        def __init__(self, inner):
            self.inner = inner

    o = Outer(a)
    assert o.inner is a
    o.inner.v = 9
    assert a.v == 9
    o.inner = b
    assert o.inner is b
    with pytest.raises(errors.TypingError):
        o.inner = 3


def test_spec_forms():
    for spec in ([("x", types.int64)], {"x": types.int64}, OrderedDict(x=types.int64)):

        @jitclass(spec)
        class A:
            def __init__(self):
                self.x = 3

        assert A().x == 3 and A.class_type.instance_type.struct == {"x": types.int64}

    @jitclass
    class B:
        x: int
        y: float
        z: typing.Optional[float]
        w: typing.List[int]

        def __init__(self, x):
            self.x = x
            self.y = x
            self.z = None
            self.w = typed.List.empty_list(types.int64)

    assert (B(2).x, B(2).y, B(2).z, list(B(2).w)) == (2, 2.0, None, [])

    @jitclass()
    class C:
        x: int

        def __init__(self):
            self.x = 1

    class D:
        def __init__(self):
            self.x = 4

    assert C().x == 1 and jitclass(D, [("x", types.int8)])().x == 4
    assert typing.get_type_hints(B)

    @jitclass
    class Empty:
        def __init__(self):
            pass

        def one(self):
            return 1

    assert Empty().one() == 1


def test_annotations_of_other_classes():
    @jitclass
    class Inner:
        x: float

        def __init__(self, x):
            self.x = x

    class Holder:
        inner: Inner

        def __init__(self, inner):
            self.inner = inner

    Holder.__annotations__["inner"] = Inner
    assert jitclass(Holder)(Inner(2.0)).inner.x == 2.0


def test_refused_classes():
    with pytest.raises(TypeError, match="spec values"):
        jitclass([("x", int)])
    with pytest.raises(TypeError, match="spec keys"):
        jitclass([(3, types.int64)])
    with pytest.raises(TypeError, match="cannot subclass"):

        class Derived(Account):
            pass

    with pytest.raises(NameError, match="name shadowing: x"):

        @jitclass([("x", types.int64)])
        class Shadow:
            def __init__(self):
                pass

            def x(self):
                return 1

    with pytest.raises(TypeError, match="class methods"):

        @jitclass([])
        class WithClassMethod:
            def __init__(self):
                pass

            @classmethod
            def make(cls):
                pass

    with pytest.raises(TypeError, match="'__iter__' is not supported"):

        @jitclass([])
        class WithIter:
            def __init__(self):
                pass

            def __iter__(self):
                pass


def test_forgotten_field_and_wrong_type():
    @jitclass([("x", types.int64)])
    class Forgot:
        def __init__(self):
            self.zz = 1

    with pytest.raises(errors.TypingError, match="Forgot has no field 'zz'"):
        Forgot()

    @jitclass([("x", types.int64)])
    class Wrong:
        def __init__(self):
            self.x = np.zeros(3)

    with pytest.raises(errors.TypingError, match="field 'x' of Wrong is int64"):
        Wrong()


def test_deferred_types():
    node_type = deferred_type()

    @jitclass([("v", types.int64), ("next", types.optional(node_type))])
    class Node:
        def __init__(self, v):
            self.v = v
            self.next = None

    node_type.define(Node.class_type.instance_type)
    assert node_type.get() is Node.class_type.instance_type
    with pytest.raises(TypeError):
        node_type.define(types.int64)

    @njit
    def build(n):
        head = Node(0)
        for i in range(1, n):
            m = Node(i)
            m.next = head
            head = m
        return head

    @njit
    def total(h):
        s = h.v
        while h.next is not None:
            h = h.next
            if h is None:
                raise ValueError("unreachable")
            s += h.v
        return s

    head = build(5)
    assert total(head) == 10 and head.next.next.v == 2 and head.next.next is head.next.next
    head.next = None
    assert total(head) == 4
    head.next = Node(7)
    assert total(head) == 11


def test_containers_of_instances():
    vector = Vector.class_type.instance_type

    @njit
    def f(n):
        l = [Vector(float(i), 0.0) for i in range(n)]
        d = {1: l[0], 2: l[1]}
        d[2].x = 50.0
        s = 0.0
        for v in l:
            s += v.x
        return s, l[1].x, (l[0], 3)

    s, x, pair = f(4)
    assert (s, x, pair[0].x, pair[1]) == (55.0, 50.0, 0.0, 3)
    l = typed.List.empty_list(vector)
    v = Vector(1.0, 2.0)
    l.append(v)
    l.append(Vector(3.0, 4.0))
    assert l[0] is v and l[1].x == 3.0

    @njit
    def bump(l):
        for e in l:
            e.x += 1
        return len(l)

    assert bump(l) == 2 and v.x == 2.0
    d = typed.Dict.empty(types.int64, vector)
    d[5] = v
    assert d[5] is v

    @njit
    def of_list(items):
        return items[0].x + items[1].x

    assert of_list([v, v]) == 4.0

    @jitclass([("l", types.ListType(types.int64)), ("d", types.DictType(types.int64, types.float64))])
    class Holder:
        def __init__(self):
            self.l = typed.List.empty_list(types.int64)
            self.d = typed.Dict.empty(types.int64, types.float64)

        def put(self, k):
            self.l.append(k)
            self.d[k] = k * 0.5
            return len(self.l)

    h = Holder()
    h.put(3)
    assert h.put(4) == 2 and list(h.l) == [3, 4] and h.d[4] == 2.0


def test_memory():
    gc.collect()
    before = _core.live_blocks()
    for _ in range(50):
        c = Account(1.0, 5)
        c.a = np.arange(3)
        c.add(2.0)
        del c
        v = Vector(1.0, 2.0) + Vector(3.0, 4.0)
        v += v
        del v
    gc.collect()
    assert _core.live_blocks() == before

    @njit
    def fails(c):
        d = Account(2.0, 3)
        if c.x > 0:
            raise ValueError("no")
        return d

    c = Account(1.0)
    before = _core.live_blocks()
    for _ in range(10):
        with pytest.raises(ValueError, match="no"):
            fails(c)
    assert _core.live_blocks() == before
    a = np.zeros(3, np.int64)
    c.a = a
    assert c.a is a


def test_pickle_and_copy():
    c = Account(4.0, 3)
    c.add(1.0)
    for other in (pickle.loads(pickle.dumps(c)), copy.deepcopy(c)):
        assert type(other) is Account and other is not c and other.x == 5.0 and list(other.a) == [1, 0, 0]
        other.x = 0
    assert c.x == 5.0


def test_types():
    t = Account.class_type.instance_type
    assert (
        isinstance(t, types.ClassInstanceType) and Account(1.0)._numba_type_ is t and t.classname == "Account"
    )
    assert str(t).startswith("instance.jitclass.Account#")
    assert types.ListType(t).dtype is t and hash(t) == hash(Account.class_type.instance_type)

    @njit
    def f(x):
        return isinstance(x, Account), isinstance(x, Vector)

    assert f(Account(1.0)) == (True, False)


def test_mutual_calls_recursion_and_globals():
    @jitclass([("n", types.int64)])
    class Counter:
        def __init__(self, n):
            self.n = n

        def fib(self, k):
            if k < 2:
                return k
            return self.fib(k - 1) + self.fib(k - 2)

        def twice(self, k):
            return 2 * self.fib(k) + LIMIT + self.n

    assert Counter(1).twice(10) == 2 * 55 + 7 + 1
    assert Counter(1).fib(10) == 55


def test_unchanged_in_python_when_jit_is_off(tmp_path):
    import subprocess
    import sys

    script = tmp_path / "plain.py"
    script.write_text(
        "from cantil.experimental import jitclass\nfrom cantil import types\n"
        "@jitclass([('x', types.int64)])\nclass A:\n    def __init__(self):\n        self.y = 3\nprint(A().y)\n"
    )
    out = subprocess.run(
        [sys.executable, script],
        env={**__import__("os").environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
    )
    assert out.stdout == "3\n", out.stderr
