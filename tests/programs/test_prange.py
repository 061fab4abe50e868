"""prange: independent iterations, reductions with + * min max, steps, nests, calls, exceptions.

Sums of floats are compared with a tolerance: the parts of a parallel sum are added in another order.
"""

import subprocess
import sys

import numpy as np
import pytest
from cantil import njit, prange

pytestmark = pytest.mark.targets("cpu")

SIZES = [0, 1, 2, 3, 17, 1000, 100_003]


def fill(a):
    for i in prange(a.size):
        a[i] = i * i


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.int64, np.float32])
def test_independent_iterations(check, n, dtype):
    check(
        fill,
        np.zeros(n, dtype=dtype),
        parallel=True,
        like=lambda a: a.__setitem__(slice(None), np.arange(a.size, dtype=np.int64) ** 2),
    )


def sum_integers(a):
    total = 0
    for i in prange(a.size):
        total += a[i]
    return total


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.int8, np.int64, np.uint32])
def test_integer_sum(check, n, dtype):
    a = (np.arange(n) % 100).astype(dtype)
    check(sum_integers, a, parallel=True, like=lambda a: int(a.sum(dtype=np.int64)))


def sum_floats(a):
    total = 0.0
    for i in prange(a.size):
        total += a[i]
    return total


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_sum(check, n, dtype):
    a = np.random.default_rng(13).random(n).astype(dtype)
    check(sum_floats, a, parallel=True, rtol=1e-10, like=lambda a: float(a.astype(np.float64).sum()))


def sum_from(a, start):
    total = start
    for i in prange(a.size):
        total += a[i]
    return total


def test_the_initial_value_counts_once(check):
    check(sum_from, np.arange(1000), 10**6, parallel=True, like=lambda a, s: int(a.sum()) + s)


def product(a):
    result = 1
    for i in prange(a.size):
        result *= a[i]
    return result


@pytest.mark.parametrize("n", [0, 1, 20, 60])
def test_product(check, n):
    check(product, np.full(n, 2, dtype=np.int64), parallel=True, like=lambda a: 2**a.size)


def smallest(a):
    result = np.inf
    for i in prange(a.size):
        result = min(result, a[i])
    return result


def largest(a):
    result = -1.0e300
    for i in prange(a.size):
        result = max(result, a[i])
    return result


@pytest.mark.parametrize("function", [smallest, largest])
@pytest.mark.parametrize("n", SIZES)
def test_min_and_max(check, function, n):
    a = np.random.default_rng(14).standard_normal(n)
    check(function, a, parallel=True)


def several(a):
    total = 0
    squares = 0.0
    low = 10**9
    for i in prange(a.size):
        total += a[i]
        squares += a[i] * 0.5
        low = min(low, a[i])
    return total, squares, low


def test_several_reductions(check):
    a = np.random.default_rng(15).integers(-50, 50, 10_000)
    check(
        several,
        a,
        parallel=True,
        rtol=1e-10,
        like=lambda a: (int(a.sum()), float(a.sum() * 0.5), int(a.min())),
    )


def conditional_count(a, limit):
    count = 0
    for i in prange(a.size):
        if a[i] > limit:
            count += 1
    return count


def test_conditional_reduction(check):
    a = np.random.default_rng(16).random(50_000)
    check(conditional_count, a, 0.25, parallel=True, like=lambda a, limit: int((a > limit).sum()))


def subtracting(a):
    total = 100
    for i in prange(a.size):
        total -= a[i]
    return total


def test_subtraction_is_a_sum(check):
    check(subtracting, np.arange(1000), parallel=True, like=lambda a: 100 - int(a.sum()))


def start_and_stop(a, start, stop):
    for i in prange(start, stop):
        a[i] = i


def test_start_and_stop(check):
    check(start_and_stop, np.zeros(100), 17, 80, parallel=True)
    check(start_and_stop, np.zeros(100), 80, 17, parallel=True)


def from_negative(n):
    total = 0
    for i in prange(-n, n):
        total += i * i
    return total


def test_negative_start(check):
    check(from_negative, 1000, parallel=True, like=lambda n: sum(i * i for i in range(-n, n)))


def private_variables(a, out):
    for i in prange(a.shape[0]):
        total = 0.0
        best = a[i, 0]
        for j in range(a.shape[1]):
            value = a[i, j]
            total += value
            if value > best:
                best = value
        out[i] = total - best


def test_variables_of_the_body_are_private(check):
    a = np.random.default_rng(17).random((300, 20))
    check(private_variables, a, np.zeros(300), parallel=True)


def inner_prange(a):
    for i in prange(a.shape[0]):
        for j in prange(a.shape[1]):
            a[i, j] = i * 1000 + j


def test_nests(check):
    check(inner_prange, np.zeros((50, 70)), parallel=True)


@njit
def helper(x):
    return x * x + 1


def calls(a, out):
    for i in prange(a.size):
        out[i] = helper(a[i])


def test_calls(check):
    check(calls, np.arange(1000.0), np.zeros(1000), parallel=True)


def two_loops(a, b):
    total = 0
    for i in prange(a.size):
        a[i] = i
    for i in prange(a.size):
        b[i] = a[a.size - 1 - i] * 2
        total += b[i]
    return total


def test_loops_follow_each_other(check):
    n = 10_000
    check(two_loops, np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), parallel=True)


def continues(a):
    count = 0
    for i in prange(a.size):
        if a[i] % 2:
            continue
        count += a[i]
    return count


def test_continue(check):
    check(continues, np.arange(999), parallel=True)


def test_without_parallel_it_is_range(check):
    check(sum_integers, np.arange(1000))
    check(fill, np.zeros(10))


@pytest.mark.parametrize("where", [0, 500, 999])
def test_exceptions_leave_the_region(where):
    """One failing iteration: its exception arrives once, and the next call works."""

    @njit(parallel=True)
    def program(a):
        total = 0
        for i in prange(a.size):
            if a[i] < 0:
                raise ValueError("negative")
            total += a[i]
        return total

    a = np.ones(1000, dtype=np.int64)
    a[where] = -1
    with pytest.raises(ValueError, match="negative"):
        program(a)
    assert program(np.ones(1000, dtype=np.int64)) == 1000


def test_calls_from_many_threads():
    from concurrent.futures import ThreadPoolExecutor

    compiled = njit(parallel=True)(sum_integers)
    a = np.arange(100_000)
    expected = int(a.sum())
    compiled(a)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: compiled(a), range(64))) == [expected] * 64


def sum_of_rows(a, total):
    for i in prange(a.shape[0]):
        total += a[i]
    return total


def products_of_rows(a, total):
    for i in prange(a.shape[0]):
        total *= a[i]
    return total


def masks(a, total):
    for i in prange(a.shape[0]):
        total |= a[i]
    return total


@pytest.mark.parametrize("rows", [0, 1, 7, 20_000])
def test_arrays_are_reduced(check, rows):
    rng = np.random.default_rng(17)
    a = rng.integers(0, 5, (rows, 4))
    check(sum_of_rows, a, np.arange(4), parallel=True)
    check(sum_of_rows, a.astype(np.float64), np.full(4, 0.5), parallel=True)
    check(products_of_rows, 1 + a % 2, np.arange(1, 5, dtype=np.int64), parallel=True)
    check(masks, a > 3, np.zeros(4, dtype=bool), parallel=True)
    check(masks, a, np.zeros(4, dtype=np.int64), parallel=True)


def test_arrays_of_two_axes_are_reduced(check):
    a = np.random.default_rng(18).integers(0, 9, (5000, 3, 2))
    check(sum_of_rows, a, np.zeros((3, 2), dtype=np.int64), parallel=True)
    check(sum_of_rows, a, np.zeros((2, 3), dtype=np.int64).T, parallel=True)


def test_every_second_element_may_depend_on_its_neighbours(check):
    def red_and_black(a):
        for i in prange(1, a.size - 1, 2):
            a[i] = a[i - 1] + a[i + 1]

    check(red_and_black, np.arange(50.0), parallel=True)


def test_sizes_of_pieces():
    from cantil import get_parallel_chunksize, parallel_chunksize, set_parallel_chunksize

    @njit(parallel=True)
    def fill(a):
        for i in prange(a.size):
            a[i] = get_parallel_chunksize()

    @njit
    def ask():
        return get_parallel_chunksize()

    a = np.full(1000, -1)
    assert set_parallel_chunksize(0) == 0
    with parallel_chunksize(3):
        assert get_parallel_chunksize() == ask() == 3
        fill(a)
    assert get_parallel_chunksize() == ask() == 0
    assert not a.any()  # inside of a region nothing is set
    with pytest.raises(ValueError, match="greater than or equal to zero"):
        set_parallel_chunksize(-1)
    with pytest.raises(TypeError, match="must be an integer"):
        set_parallel_chunksize(1.5)


def test_threads_as_compiled_code_sees_them():
    from cantil import get_num_threads, get_thread_id, set_num_threads

    @njit(parallel=True)
    def ids(a):
        for i in prange(a.size):
            a[i] = get_thread_id()

    @njit
    def with_threads(n):
        before = get_num_threads()
        set_num_threads(n)
        now = get_num_threads()
        set_num_threads(before)
        return now

    a = np.full(5000, -1)
    ids(a)
    assert a.min() >= 0 and a.max() < get_num_threads()
    assert with_threads(1) == 1
    with pytest.raises(ValueError, match="number of threads"):
        with_threads(0)
    with pytest.raises(TypeError):
        set_num_threads(2.0)


@pytest.mark.parametrize(
    "wanted, name",
    [("default", "tbb"), ("workqueue", "workqueue"), ("omp", "omp"), ("forksafe", "tbb"), ("safe", "tbb")],
)
def test_threading_layers(tmp_path, wanted, name):
    program = tmp_path / "layers.py"
    program.write_text(
        "import cantil\n"
        "from cantil import njit, prange, threading_layer\n"
        "try:\n    threading_layer()\nexcept ValueError as e:\n    print(e)\n"
        f"cantil.config.THREADING_LAYER = {wanted!r}\n"
        "@njit(parallel=True)\n"
        "def f(n):\n    s = 0\n    for i in prange(n):\n        s += i\n    return s\n"
        "print(f(1000), threading_layer())\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["Threading layer is not initialized.", f"499500 {name}"]


def test_diagnostics_say_what_became_parallel(capsys):
    @njit(parallel=True)
    def program(a, b):
        c = a + b
        d = c * 2
        total = 0.0
        for i in prange(d.size):
            for j in prange(3):
                total += d[i] + j
        return total

    program(np.ones(5), np.ones(5))
    program.parallel_diagnostics(level=4)
    text = capsys.readouterr().out
    assert "fused into the loop" in text and "2 parallel loop(s)" in text
    assert "serial, prange" in text and "c = a + b" in text
