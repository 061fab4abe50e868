"""Loads and stores with hints for the caches: the same values on each target, their own instructions in PTX."""

import itertools

import numpy as np
import pytest
from cantil import cuda, errors, float32, types, void

pytestmark = pytest.mark.targets("sim", "gpu")

LOADS, STORES = ("ldca", "ldcg", "ldcs", "ldlu", "ldcv"), ("stcg", "stcs", "stwb", "stwt")
DTYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64".split()


def copier(load, store):
    load, store = getattr(cuda, load), getattr(cuda, store)

    def copy(source, target):
        i, j = cuda.grid(2)
        if i < source.shape[0] and j < source.shape[1]:
            store(target, (i, -1 - j), load(source, (i, j)))

    return copy


@pytest.mark.parametrize("dtype", DTYPES)
def test_values(dtype):
    source = np.arange(12).reshape(3, 4).astype(dtype)
    for load, store in zip(LOADS, itertools.cycle(STORES)):
        target = np.zeros_like(source)
        cuda.jit(copier(load, store))[(1, 1), (4, 4)](source, target)
        np.testing.assert_array_equal(target, source[:, ::-1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_instructions(dtype):
    kind = getattr(types, dtype)
    for load, store in zip(LOADS, itertools.cycle(STORES)):
        copy = copier(load, store)
        ptx, _ = cuda.compile_ptx(copy, void(kind[:, ::1], kind[:, ::1]), cc=(9, 0))
        assert f"ld.{load[2:]}.b{kind.bitwidth}" in ptx and f"st.{store[2:]}.b{kind.bitwidth}" in ptx
        cuda.compile(
            copy, void(kind[:, ::1], kind[:, ::1]), device=False, abi="numba", cc=(9, 0), output="cubin"
        )


def test_one_dimension_and_mistakes():
    @cuda.jit
    def fill(a):
        i = cuda.grid(1)
        cuda.stcg(a, i, i + 0.5)
        a[i] += cuda.ldca(a, i)

    a = np.zeros(4, np.float32)
    fill[1, 4](a)
    assert a.tolist() == [1, 3, 5, 7]

    def too_few(a):
        a[0] = cuda.ldca(a)

    def no_array(a):
        a[0] = cuda.ldca(a[0], 0)

    def wrong_index(a):
        a[0] = cuda.ldca(a, 1.5)

    def too_many(a):
        cuda.stwt(a, (0, 0), 1)

    def wrong_value(a):
        cuda.stwt(a, 0, 1j)

    for wrong in (too_few, no_array, wrong_index, too_many, wrong_value):
        with pytest.raises(errors.TypingError):
            cuda.compile_ptx(wrong, void(float32[::1]), cc=(9, 0))
    with pytest.raises(errors.NumbaError):
        cuda.ldca(a, 0)
