"""numba.typed: List and Dict from Python and from compiled code."""

import pickle

import numpy as np
import pytest
from cantil import float64, int64, njit, typed, types
from cantil._core import live_blocks
from cantil.typed import Dict, List


def test_list_from_python():
    l = List()
    for x in (3, 1, 2):
        l.append(x)
    l.insert(1, 10)
    assert list(l) == [3, 10, 1, 2] and len(l) == 4 and l[-1] == 2 and 10 in l and 11 not in l
    l[0] = 5
    del l[1]
    l.extend([7, 8])
    assert list(l[1:4]) == [1, 2, 7] and l.index(7) == 3 and l.count(8) == 1
    l[1:3] = [0]
    assert l.pop() == 8 and l.pop(0) == 5 and list(l) == [0, 7]
    l.sort(reverse=True)
    assert list(l) == [7, 0] and l == List([7, 0]) and l != List([7])
    l.reverse()
    assert str(l) == "[0, 7]" and repr(l) == "ListType[int64]([0, 7])"
    m = l.copy()
    l.clear()
    assert len(l) == 0 and list(m) == [0, 7]
    with pytest.raises(IndexError):
        m[2]
    with pytest.raises(ValueError):
        m.remove(99)


def test_list_is_shared_with_compiled_code():
    @njit
    def program(l):
        l.append(2.5)
        l[0] += 1
        return l

    l = List.empty_list(float64)
    l.append(1)
    m = program(l)
    assert list(l) == [2.0, 2.5]
    m.append(9.0)
    assert list(l) == [2.0, 2.5, 9.0]


def test_list_in_compiled_code():
    @njit
    def program(n):
        a = List()
        a.append(n)
        b = List.empty_list(int64)
        for i in range(n):
            b.append(i)
        c = List([1.5, 2.5])
        d = List()
        d.append(b)
        d.append(b[1:])
        total = 0
        for row in d:
            for x in row:
                total += x
        return a, b, c, total, len(d)

    a, b, c, total, count = program(4)
    assert type(a) is List and list(a) == [4] and list(b) == [0, 1, 2, 3] and list(c) == [1.5, 2.5]
    assert (total, count) == (12, 2)


def test_lists_of_arrays_and_lists():
    before = live_blocks()
    l = List()
    l.append(np.arange(3.0))
    l.append(np.ones(2))
    assert l[0].sum() == 3.0 and l[1].shape == (2,)
    n = List()
    n.append(List([1, 2]))
    n.append(List([3]))
    n[0].append(5)
    assert [list(x) for x in n] == [[1, 2, 5], [3]]
    del l, n
    assert live_blocks() == before


def test_dict_from_python():
    d = Dict.empty(int64, float64)
    d[1] = 2.5
    d[2] = 3
    assert d[1] == 2.5 and len(d) == 2 and 1 in d and 3 not in d and list(d) == [1, 2]
    assert d.get(1) == 2.5 and d.get(9) is None and d.get(9, 7) == 7
    assert (
        dict(d.items()) == {1: 2.5, 2: 3.0} and sorted(d.values()) == [2.5, 3.0] and list(d.keys()) == [1, 2]
    )
    assert d.pop(1) == 2.5 and d.pop(1, 0) == 0 and d.setdefault(5, 1.5) == 1.5 and d.popitem() == (5, 1.5)
    with pytest.raises(KeyError):
        d[1]
    with pytest.raises(KeyError):
        del d[1]
    d.update({4: 0.5})
    assert d == {2: 3.0, 4: 0.5} and str(d) == "{2: 3.0, 4: 0.5}"
    e = d.copy()
    d.clear()
    assert len(d) == 0 and e == {2: 3.0, 4: 0.5}


def test_dict_is_inferred_and_shared():
    d = Dict()
    d[(1, 2)] = np.zeros(2)

    @njit
    def program(d):
        d[(3, 4)] = np.ones(2)
        d[(1, 2)][0] = 7.0
        return len(d)

    assert program(d) == 2 and d[(1, 2)][0] == 7.0 and d[(3, 4)].sum() == 2.0


def test_dict_in_compiled_code():
    @njit
    def program(n):
        d = Dict.empty(int64, int64)
        for i in range(n):
            d[i] = i * i
        e = Dict()
        e[1.5] = d
        f = {1: 2.5}
        return d, e, f

    d, e, f = program(3)
    assert type(d) is Dict and dict(d.items()) == {0: 0, 1: 1, 2: 4}
    assert dict(e[1.5].items()) == {0: 0, 1: 1, 2: 4} and dict(f.items()) == {1: 2.5}


def test_pickle():
    l = pickle.loads(pickle.dumps(List([1, 2])))
    d = Dict()
    d[1] = 2.5
    e = pickle.loads(pickle.dumps(d))
    assert list(l) == [1, 2] and dict(e.items()) == {1: 2.5} and e._numba_type_ == d._numba_type_
    assert list(pickle.loads(pickle.dumps(List()))) == []


def test_untyped():
    with pytest.raises(IndexError):
        List()[0]
    with pytest.raises(KeyError):
        Dict()[0]
    assert len(List()) == 0 and list(Dict()) == [] and List() == List()


def test_wrong_element_types():
    l = List([1, 2])
    with pytest.raises(Exception, match="cannot convert"):
        l.append(2.5)
    with pytest.raises(TypeError):
        List.empty_list("int64")


def test_set():
    s = typed.Set([3, 1, 3])
    assert len(s) == 2 and 3 in s and 2 not in s and sorted(s) == [1, 3] and s == {1, 3}
    s.add(7)
    s.discard(3)
    s.discard(100)
    with pytest.raises(KeyError):
        s.remove(100)
    s.remove(1)
    assert s.pop() == 7 and not s
    with pytest.raises(KeyError):
        s.pop()
    e = typed.Set.empty(types.float64)
    assert (
        e._numba_type_ is types.SetType(types.float64) and str(types.SetType(types.int64)) == "SetType[int64]"
    )

    @njit
    def f(s, x):
        s.add(x)
        t = typed.Set.empty(types.int64)
        t.add(2)
        u = typed.Set()
        u.add(5)
        return s, len(s), x in s, t, u, s | s.copy()

    back, n, there, t, u, both = f(e, 2.5)
    assert (
        back._identity == e._identity
        and n == 1
        and there
        and set(t) == {2}
        and set(u) == {5}
        and set(both) == {2.5}
    )
    assert set(pickle.loads(pickle.dumps(t))) == {2} and t | {9} == {2, 9} and t.isdisjoint({1})
