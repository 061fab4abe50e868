"""cantil.extending: overloads, functions for both worlds, intrinsics; literally()."""

from __future__ import annotations

import copy
import math
import operator

import numpy as np
import pytest
from cantil import cuda, literally, njit, types
from cantil.core import errors
from cantil.extending import (
    SentryLiteralArgs,
    as_numba_type,
    intrinsic,
    is_jitted,
    overload,
    overload_attribute,
    overload_classmethod,
    overload_method,
    register_jitable,
)


def test_overload_by_type():
    def twice(x):
        return [x, x]

    @overload(twice)
    def ov(x):
        if isinstance(x, types.Integer):
            return lambda x: x * 2
        if isinstance(x, types.Float):

            def impl(x):
                return x + x + 0.5

            return impl

    @njit
    def f(x):
        return twice(x)

    assert [f(3), f(1.5)] == [6, 3.5]
    with pytest.raises(errors.TypingError, match="twice"):
        f(1j)


def test_overload_of_library_functions_and_defaults():
    @overload(np.busday_count)
    def busday(a, b=10, *, c=1):
        if isinstance(a, types.Array):
            return lambda a, b=10, *, c=1: a.size * b + c

    @njit
    def f(a):
        return np.busday_count(a), np.busday_count(a, 2), np.busday_count(a, b=3, c=4)

    assert f(np.zeros(3)) == (31, 7, 13)


def test_literals():
    seen = []

    def pick(t, i):
        return t[i]

    @overload(pick)
    def ov(t, i):
        seen.append(i)
        if not isinstance(i, types.IntegerLiteral):
            return None
        n = i.literal_value
        return lambda t, i: t[n]

    @njit
    def f(t):
        return pick(t, 0), pick(t, 1)

    assert f((1, 2.5)) == (1, 2.5)
    assert any(not isinstance(i, types.Literal) for i in seen)

    order = []

    def first(x):
        return x

    @overload(first, prefer_literal=True)
    def ov_first(x):
        order.append(x)
        if isinstance(x, types.Literal):
            return lambda x: 100
        return lambda x: 200

    @njit
    def g(y):
        return first(5), first(y)

    assert g(5) == (100, 200) and isinstance(order[0], types.Literal)

    def refuses(x):
        return x

    @overload(refuses)
    def ov_refuses(x):
        if not isinstance(x, types.Literal):
            raise errors.RequireLiteralValue("a literal, please")
        return lambda x: x

    @njit
    def h(y):
        return refuses(y)

    with pytest.raises(errors.TypingError, match="a literal, please"):
        h(3)


def test_literally():
    compiled = []

    def power(x, n):
        return x**n

    @overload(power)
    def ov(x, n):
        if not isinstance(n, types.Literal):
            return lambda x, n: literally(n)
        compiled.append(n.literal_value)
        k = n.literal_value
        return lambda x, n: x * k

    @njit
    def f(x, n):
        return power(x, n)

    @njit
    def outer(x, n):
        return f(x, n) + 1

    assert f(2.0, 3) == 6.0 and f(2.0, 3) == 6.0 and f(2.0, 4) == 8.0
    assert outer(2.0, 5) == 11.0 and outer(3.0, 5) == 16.0 and outer(2, 6) == 13
    assert set(compiled) == {3, 4, 5, 6}

    @njit
    def direct(n):
        return literally(n) + 1

    assert direct(3) == 4 and direct(4) == 5 and literally(7) == 7

    @njit
    def cannot(n):
        return direct(n * 2)

    with pytest.raises(errors.TypingError, match="compile-time constant"):
        cannot(3)


def test_methods_and_attributes():
    @overload_method(types.Array, "my_total")
    def total(a, k=2):
        return lambda a, k=2: a.sum() * k

    @overload_attribute(types.Array, "my_half")
    def half(a):
        return lambda a: a.size / 2

    @overload_method(types.Integer, "bits_set")
    def bits(i):
        def impl(i):
            n = 0
            while i:
                n += i & 1
                i >>= 1
            return n

        return impl

    @overload_method(types.UniTuple, "third")
    def third(t):
        if t.count > 2:
            return lambda t: t[2]

    @njit
    def f(a, i):
        return a.my_total(), a.my_total(3), a.my_total(k=1), a.my_half, i.bits_set()

    assert f(np.arange(4.0), 7) == (12.0, 18.0, 6.0, 2.0, 3)

    @njit
    def g(t):
        return t.third()

    assert g((1, 2, 3)) == 3
    with pytest.raises(errors.TypingError):
        g((1, 2))

    @njit
    def h(x):
        return x.my_half

    with pytest.raises(errors.TypingError, match="my_half"):
        h(2.5)


def test_class_methods():
    @overload_classmethod(types.Array, "mk_nine")
    def mk(cls, n):
        return lambda cls, n: n * 9

    @njit
    def f(n):
        return types.Array.mk_nine(n)

    assert f(2) == 18
    with pytest.raises(TypeError, match="compiled code"):
        types.Array.mk_nine(2)


def test_operators_of_structs():
    from cantil.experimental import structref

    @structref.register
    class MoneyType(types.StructRef):
        def preprocess_fields(self, fields):
            return tuple((n, types.unliteral(t)) for n, t in fields)

    class Money(structref.StructRefProxy):
        def __new__(cls, cents):
            return structref.StructRefProxy.__new__(cls, cents)

        @property
        def cents(self):
            return cents_of(self)

    @njit
    def cents_of(m):
        return m.cents

    structref.define_proxy(Money, MoneyType, ["cents"])

    @overload(operator.add)
    def add(a, b):
        if isinstance(a, MoneyType) and isinstance(b, MoneyType):
            return lambda a, b: Money(a.cents + b.cents)

    @overload(len)
    def length(m):
        if isinstance(m, MoneyType):
            return lambda m: m.cents

    @overload(operator.getitem)
    def item(m, i):
        if isinstance(m, MoneyType):
            return lambda m, i: m.cents * i

    @overload(operator.iadd)
    def add_in_place(a, b):
        if isinstance(a, MoneyType) and isinstance(b, types.Integer):

            def impl(a, b):
                a.cents += b
                return a

            return impl

    @overload(operator.eq)
    def equal(a, b):
        if isinstance(a, MoneyType):
            return lambda a, b: a.cents == b.cents

    @overload_method(MoneyType, "doubled")
    def doubled(m):
        return lambda m: Money(m.cents * 2)

    @overload_attribute(MoneyType, "euros")
    def euros(m):
        return lambda m: m.cents / 100

    @njit
    def f(a, b):
        c = a + b
        return c, len(c), c[2], a == b, a == a, c.doubled(), c.euros

    c, n, twice, same, itself, double, e = f(Money(150), Money(50))
    assert (c.cents, n, twice, same, itself, double.cents, e) == (200, 200, 400, False, True, 400, 2.0)
    assert type(c) is Money and isinstance(c._numba_type_, MoneyType)
    assert c._numba_type_.field_dict == {"cents": types.int64}

    @njit
    def change(m):
        m.cents += 1
        return m

    assert change(c) is c and c.cents == 201

    @njit
    def in_place(m):
        m += 9
        return m

    assert in_place(c) is c and c.cents == 210
    again = copy.deepcopy(c)
    assert again is not c and again.cents == 210 and again._numba_type_ is c._numba_type_
    assert Money(1.5).cents == 1.5 and Money(1.5)._numba_type_ is not c._numba_type_


def test_register_jitable():
    @register_jitable
    def add(a, b):
        return a + b

    @register_jitable(inline="always")
    def mul(a, b):
        return a * b

    @njit
    def f(x):
        return add(x, 1) + mul(x, 2)

    assert (
        add(1, 2) == 3
        and f(2.5) == 8.5
        and not hasattr(add, "signatures")
        and not is_jitted(add)
        and is_jitted(f)
    )


def test_strict():
    def g(a, b):
        return a

    @overload(g)
    def ov(a, b):
        return lambda a, c: a

    @njit
    def f(x):
        return g(x, x)

    with pytest.raises(errors.TypingError, match="have to be the same"):
        f(1)

    def k(a, b):
        return a

    @overload(k, strict=False)
    def ov_k(a, b):
        return lambda x, y: x + y

    @njit
    def h(x):
        return k(x, x)

    assert h(2) == 4


def test_targets():
    def where():
        return 0

    @overload(where, target="cpu")
    def on_cpu():
        return lambda: 1

    @overload(where, target="cuda")
    def on_cuda():
        return lambda: 2

    @njit
    def f():
        return where()

    assert f() == 1

    def kernel(a):
        a[0] = where()

    ptx, _ = cuda.compile_ptx(kernel, types.void(types.int64[::1]), cc=(9, 0))
    assert "st.global" in ptx and ", 2;" in ptx

    with pytest.raises(TypeError, match="unknown option"):
        overload(where, nonsense=1)


def test_errors_in_overloads():
    def g(x):
        return x

    @overload(g)
    def ov(x):
        raise errors.TypingError("not today")

    @njit
    def f(x):
        return g(x)

    with pytest.raises(errors.TypingError, match="not today"):
        f(1)

    def k(x):
        return x

    @overload(k)
    def ov_k(x):
        return 1 / 0

    @njit
    def h(x):
        return k(x)

    with pytest.raises(ZeroDivisionError):
        h(1)


def test_intrinsic_as_text():
    @intrinsic
    def add_one(typingctx, a):
        if isinstance(a, types.Integer) and a.bitwidth == 64:
            return a(a), "define i64 @f(i64 %a) {\n  %r = add i64 %a, 1\n  ret i64 %r\n}\n"
        if isinstance(a, types.Float) and a.bitwidth == 64:
            text = (
                "declare double @llvm.floor.f64(double)\n"
                "define double @f(double %a) {\n  %r = call double @llvm.floor.f64(double %a)\n  ret double %r\n}\n"
            )
            return a(a), text

    @njit
    def f(x):
        return add_one(x)

    assert f(4) == 5 and f(2.5) == 2.0
    with pytest.raises(errors.TypingError, match="add_one"):
        f(1j)
    with pytest.raises(NotImplementedError):
        add_one(3)

    @intrinsic
    def broken(typingctx, a):
        return a(a), "define i64 @f(i64 %a) {\n  %r = nonsense i64 %a, 1\n  ret i64 %r\n}\n"

    @njit
    def g(x):
        return broken(x)

    with pytest.raises(errors.LoweringError, match="nonsense"):
        g(1)

    @intrinsic
    def wrong(typingctx, a):
        return a(a), "define i32 @f(i32 %a) {\n  ret i32 %a\n}\n"

    @njit
    def h(x):
        return wrong(x)

    with pytest.raises(errors.LoweringError, match="i32"):
        h(1)


def test_intrinsic_with_a_builder():
    @intrinsic
    def clamp(typingctx, a, b):
        if isinstance(a, types.Integer) and a is types.unliteral(b):

            def codegen(context, builder, sig, args):
                x, limit = args
                less = builder.icmp_signed("<", x, limit)
                return builder.select(less, builder.add(x, context.get_constant(types.int64, 100)), limit)

            return a(a, b), codegen

    @njit
    def f(x, y):
        return clamp(x, y), clamp(x, 3)

    assert f(1, 50) == (101, 101) and f(70, 50) == (50, 3)

    @intrinsic
    def nope(typingctx, a):
        def codegen(context, builder, sig, args):
            return builder.no_such_instruction(args[0])

        return a(a), codegen

    @njit
    def g(x):
        return nope(x)

    with pytest.raises(
        (errors.LoweringError, errors.TypingError, AttributeError), match="no_such_instruction"
    ):
        g(1)


def test_sentry_literal_arguments():
    def f(a, axis):
        return a

    sentry = SentryLiteralArgs(["axis"]).for_function(f)
    assert sentry.bind(types.int64, types.literal(3)).arguments["axis"].literal_value == 3
    with pytest.raises(errors.RequireLiteralValue):
        sentry.bind(types.int64, types.int64)


def test_as_numba_type():
    import typing

    assert as_numba_type(int) is types.int64 and as_numba_type(float) is types.float64
    assert as_numba_type(bool) is types.boolean and as_numba_type(complex) is types.complex128
    assert as_numba_type(typing.Optional[float]) is types.Optional(types.float64)
    assert as_numba_type(typing.List[int]) is types.ListType(types.int64)
    assert as_numba_type(typing.Dict[int, float]) is types.DictType(types.int64, types.float64)
    assert as_numba_type(typing.Tuple[int, float]) is types.Tuple((types.int64, types.float64))
    assert as_numba_type(typing.Set[int]) is types.Set(types.int64)

    class Mine:
        pass

    with pytest.raises(errors.TypingError):
        as_numba_type(Mine)
    as_numba_type.register(Mine, types.int32)
    assert as_numba_type(Mine) is types.int32


def test_recursion_and_cache(tmp_path):
    import os
    import subprocess
    import sys

    script = tmp_path / "extended.py"
    script.write_text(
        "import sys\nfrom cantil import njit\nfrom cantil.extending import overload\n"
        "def g(x):\n    return x\n"
        "@overload(g)\ndef ov(x):\n    return lambda x: x + K\n"
        # Methods belong to no name that a function mentions: they count in every key, those that use each other too.
        "from cantil import types\nfrom cantil.extending import overload_method\n"
        "@overload_method(types.Array, 'first')\ndef first(a):\n    return lambda a: a[0] + g(K)\n"
        "@overload_method(types.Array, 'again')\ndef again(a):\n    return lambda a: a.first()\n"
        "def down(x):\n    return x\n"
        "@overload(down)\ndef od(x):\n    return lambda x: x if x <= 0 else down(x - 1)\n"
        "K = int(sys.argv[1])\n"
        "@njit(cache=True)\ndef f(x):\n    return g(x) + down(3)\n"
        "print(f(1), sum(f.stats.cache_hits.values()))\n"
    )
    env = {**os.environ, "CANTIL_CACHE_DIR": str(tmp_path / "cache")}

    def run(k):
        return subprocess.run(
            [sys.executable, script, k], env=env, capture_output=True, text=True, check=True
        ).stdout

    assert run("10") == "11 0\n" and run("10") == "11 1\n" and run("20") == "21 0\n"


def test_helpers():
    from cantil.cpython.unsafe.tuple import tuple_setitem
    from cantil.np.extensions import cross2d
    from cantil.np.unsafe.ndarray import to_fixed_tuple

    @njit
    def f(t, i, v):
        return tuple_setitem(t, i, v)

    assert f((1, 2, 3), 1, 9) == (1, 9, 3) and f((1, 2, 3), -1, 9) == (1, 2, 9)

    @njit
    def g(a):
        return to_fixed_tuple(a, 2)

    assert g(np.arange(3.0)) == (0.0, 1.0)

    @njit
    def h(a, b):
        return cross2d(a, b)

    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0], [7.0, 9.0]])
    assert np.array_equal(h(a, b), cross2d(a, b)) and math.isfinite(cross2d(a, b)[0])
