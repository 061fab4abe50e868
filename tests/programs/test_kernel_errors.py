"""Exceptions in kernels: raised on the host at the next synchronisation; the device is usable afterwards."""

import numpy as np
import pytest
from cantil import cuda, float64

pytestmark = pytest.mark.targets("sim", "gpu")


@pytest.fixture(autouse=True)
def on_each_device(target):
    """Names the device in every test's id."""


class KernelError(Exception):
    """A user's own exception."""


@cuda.jit
def refuse_negative(a):
    i = cuda.grid(1)
    if i < a.size:
        if a[i] < 0:
            raise ValueError("negative")
        a[i] += 1


@cuda.jit
def increment(a):
    i = cuda.grid(1)
    if i < a.size:
        a[i] += 1


def launch_and_wait(kernel, grid, block, *args):
    kernel[grid, block](*args)
    cuda.synchronize()


def assert_the_device_works():
    a = np.zeros(40)
    launch_and_wait(increment, 2, 32, a)
    assert np.array_equal(a, np.ones(40))


@pytest.mark.parametrize("where", [0, 31, 32, 99])
def test_raise_in_one_thread(where):
    a = np.zeros(100)
    a[where] = -1
    with pytest.raises(ValueError, match="negative"):
        launch_and_wait(refuse_negative, 4, 32, a)
    assert_the_device_works()


def test_no_exception_without_a_cause():
    a = np.zeros(100)
    launch_and_wait(refuse_negative, 4, 32, a)
    assert np.array_equal(a, np.ones(100))


def test_every_thread_raises_and_one_exception_arrives():
    with pytest.raises(ValueError, match="negative"):
        launch_and_wait(refuse_negative, 4, 32, np.full(100, -1.0))
    assert_the_device_works()


def test_a_users_exception_class():
    @cuda.jit
    def program(a):
        if a[cuda.grid(1)] > 2:
            raise KernelError("too large")

    with pytest.raises(KernelError, match="too large"):
        launch_and_wait(program, 1, 4, np.arange(4.0))
    assert_the_device_works()


def test_raise_in_a_device_function():
    @cuda.jit(device=True)
    def checked(x):
        if x < 0:
            raise IndexError("below zero")
        return x * 2

    @cuda.jit
    def program(a):
        i = cuda.grid(1)
        if i < a.size:
            a[i] = checked(a[i])

    with pytest.raises(IndexError, match="below zero"):
        launch_and_wait(program, 1, 32, np.array([1.0, -1.0]))
    a = np.array([1.0, 2.0])
    launch_and_wait(program, 1, 32, a)
    assert a.tolist() == [2.0, 4.0]


def test_raise_by_a_whole_block_before_a_barrier():
    @cuda.jit
    def program(a, limit):
        buffer = cuda.shared.array(32, float64)
        t = cuda.threadIdx.x
        if limit < 0:
            raise ValueError("limit")
        buffer[t] = a[t]
        cuda.syncthreads()
        a[t] = buffer[31 - t]

    with pytest.raises(ValueError, match="limit"):
        launch_and_wait(program, 1, 32, np.zeros(32), -1)
    a = np.arange(32.0)
    launch_and_wait(program, 1, 32, a, 1)
    assert np.array_equal(a, np.arange(32.0)[::-1])


def test_raise_after_the_last_barrier():
    @cuda.jit
    def program(a):
        buffer = cuda.shared.array(32, float64)
        t = cuda.threadIdx.x
        buffer[t] = a[t]
        cuda.syncthreads()
        if buffer[31 - t] < 0:
            raise ValueError("opposite")
        a[t] = buffer[31 - t]

    a = np.arange(32.0)
    a[3] = -1
    with pytest.raises(ValueError, match="opposite"):
        launch_and_wait(program, 1, 32, a)
    assert_the_device_works()


def test_wrong_argument_types_are_refused():
    with pytest.raises(Exception):
        launch_and_wait(increment, 1, 32, "text")
    with pytest.raises(Exception):
        launch_and_wait(increment, 1, 32, object())
    assert_the_device_works()


def test_wrong_number_of_arguments_is_refused():
    with pytest.raises(TypeError):
        launch_and_wait(increment, 1, 32)
    with pytest.raises(TypeError):
        launch_and_wait(increment, 1, 32, np.zeros(3), 1)
    assert_the_device_works()
