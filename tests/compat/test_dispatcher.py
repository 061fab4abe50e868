"""What Numba documents of the object that njit and jit return: specialisations, signatures, inspection, recompiling."""

import inspect
import os
import pickle
import subprocess
import sys

import cantil
import numpy as np
import pytest
from cantil import float32, float64, int32, int64, jit, njit, types
from cantil.core.errors import TypingError


def add(a, b):
    """Adds two things."""
    return a + b


def test_every_spelling_of_the_decorator():
    for decorated in (
        njit(add),
        njit()(add),
        jit(add),
        jit(nopython=True)(add),
        njit(cache=False)(add),
        njit(nogil=True)(add),
        njit(fastmath=True)(add),
    ):
        assert decorated(1, 2) == 3
        assert decorated.signatures == [(int64, int64)]


def test_the_function_is_still_recognisable():
    compiled = njit(add)
    assert compiled.py_func is add
    assert compiled.__name__ == "add"
    assert compiled.__doc__ == "Adds two things."
    assert compiled.__module__ == add.__module__
    assert compiled.__wrapped__ is add or inspect.unwrap(compiled) in (add, compiled)
    assert "add" in repr(compiled)
    assert compiled.py_func(1, 2) == 3


def test_compilation_is_lazy_and_by_type():
    compiled = njit(add)
    assert compiled.signatures == []
    assert compiled.nopython_signatures == []
    compiled(1, 2)
    compiled(3, 4)
    assert compiled.signatures == [(int64, int64)]
    compiled(1.5, 2)
    compiled(1j, True)
    assert compiled.signatures == [(int64, int64), (float64, int64), (types.complex128, types.boolean)]


def test_numpy_scalars_have_their_own_types():
    compiled = njit(add)
    compiled(np.int8(1), np.float32(2))
    compiled(np.uint64(1), np.complex64(2))
    assert compiled.signatures == [(types.int8, float32), (types.uint64, types.complex64)]


def test_array_types():
    compiled = njit(lambda a: a.size)
    compiled(np.zeros(3))
    compiled(np.zeros((3, 4), dtype=np.int32))
    compiled(np.zeros((3, 4), order="F"))
    compiled(np.zeros(6)[::2])
    layouts = [signature[0] for signature in compiled.signatures]
    assert layouts == [float64[::1], int32[:, ::1], float64[::1, :], float64[:]]
    assert [(str(t.dtype), t.ndim, t.layout) for t in layouts] == [
        ("float64", 1, "C"),
        ("int32", 2, "C"),
        ("float64", 2, "F"),
        ("float64", 1, "A"),
    ]
    compiled(np.ones(5))
    assert len(compiled.signatures) == 4


def test_type_names():
    assert str(int32) == "int32"
    assert str(float64[:]) == "array(float64, 1d, A)"
    assert str(float32[:, ::1]) == "array(float32, 2d, C)"
    assert str(int64[::1, :]) == "array(int64, 2d, F)"
    assert str(types.UniTuple(int64, 3)) == "UniTuple(int64 x 3)"
    assert str(types.Tuple((int64, float32))) == "Tuple(int64, float32)"
    assert types.UniTuple(int64, 3) == types.Tuple((int64, int64, int64))
    assert float64[:] == types.Array(float64, 1, "A")
    assert hash(float64[:]) == hash(types.Array(float64, 1, "A"))
    assert float64[:] != float64[::1]
    assert float64(int32, int32).return_type == float64
    assert float64(int32, int32).args == (int32, int32)


def test_typeof():
    assert cantil.typeof(1) == int64
    assert cantil.typeof(1.0) == float64
    assert cantil.typeof(1j) == types.complex128
    assert cantil.typeof(True) == types.boolean
    assert cantil.typeof(np.float32(1)) == float32
    assert cantil.typeof(np.zeros((2, 2), dtype=np.int8)) == types.int8[:, ::1]
    assert cantil.typeof((1, 2)) == types.UniTuple(int64, 2)
    assert cantil.typeof((1, 2.0)) == types.Tuple((int64, float64))
    assert cantil.typeof(None) == types.none


def test_from_dtype():
    assert cantil.from_dtype(np.dtype(np.uint16)) == types.uint16
    assert cantil.from_dtype(np.dtype(np.complex64)) == types.complex64


@pytest.mark.parametrize(
    "signature", ["int64(int64, int64)", "(int64, int64)", int64(int64, int64), (int64, int64), "i8(i8,i8)"]
)
def test_explicit_signature(signature):
    compiled = njit(signature)(add)
    assert compiled.signatures == [(int64, int64)]  # compiled when decorated
    assert compiled(1, 2) == 3
    assert compiled.signatures == [(int64, int64)]


def test_explicit_signatures_close_the_function():
    compiled = njit([int64(int64, int64), float64(float64, float64)])(add)
    assert compiled.signatures == [(int64, int64), (float64, float64)]
    assert compiled(1, 2) == 3
    assert compiled(1.5, 2.5) == 4.0
    assert compiled(1, 2.5) == 3.5  # an int64 is a float64 where no exact match is
    with pytest.raises(TypeError):
        compiled(1j, 2)
    with pytest.raises(TypeError):
        compiled(np.zeros(3), 1)
    assert len(compiled.signatures) == 2


def test_a_declared_result_type_converts():
    compiled = njit("float64(int64, int64)")(add)
    result = compiled(1, 2)
    assert isinstance(result, float) and result == 3.0
    compiled = njit("int32(int32, int32)")(add)
    assert compiled(2**31 - 1, 1) == -(2**31)


@pytest.mark.parametrize(
    "signature, argument, refused",
    [
        ("float64(float64[:])", np.zeros(6)[::2], np.zeros(3, dtype=np.float32)),
        ("float64(float64[::1])", np.zeros(3), np.zeros(6)[::2]),
        ("float64(float64[:, :])", np.zeros((2, 3), order="F"), np.zeros(3)),
        (
            "int32(int32[:, ::1])",
            np.zeros((2, 3), dtype=np.int32),
            np.zeros((2, 3), dtype=np.int32, order="F"),
        ),
        (
            "int32(int32[::1, :])",
            np.zeros((2, 3), dtype=np.int32, order="F"),
            np.zeros((2, 3), dtype=np.int32)[:, ::2],
        ),
    ],
)
def test_array_signatures(signature, argument, refused):
    compiled = njit(signature)(lambda a: a.size)
    assert compiled(argument) == argument.size
    with pytest.raises(TypeError):
        compiled(refused)


def test_contiguous_arrays_fit_an_any_layout_signature():
    compiled = njit("int64(int64[:])")(lambda a: a.size)
    assert compiled(np.zeros(3, dtype=np.int64)) == 3
    assert compiled(np.zeros(6, dtype=np.int64)[::2]) == 3
    assert compiled.signatures == [(int64[:],)]


def test_tuple_signatures():
    compiled = njit("int64(UniTuple(int64, 2))")(lambda t: t[0] + t[1])
    assert compiled((1, 2)) == 3


def test_void_signature():
    def clear(a):
        a[0] = 0

    compiled = njit("void(float64[:])")(clear)
    a = np.ones(2)
    assert compiled(a) is None and a[0] == 0
    assert str(compiled.nopython_signatures[0].return_type) == "none"


@pytest.mark.parametrize("signature", ["nonsense(int64)", "int64(int64", 5])
def test_bad_signatures_are_refused(signature):
    with pytest.raises(Exception):
        njit(signature)(add)


def test_a_signature_with_the_wrong_number_of_arguments_is_refused():
    with pytest.raises((TypeError, TypingError)):
        njit("int64(int64)")(add)


def test_nopython_signatures():
    compiled = njit(add)
    compiled(1, 2)
    compiled(1.0, 2)
    first, second = compiled.nopython_signatures
    assert first == int64(int64, int64) and first.return_type == int64 and first.args == (int64, int64)
    assert second == float64(float64, int64)
    assert str(first) == "(int64, int64) -> int64"


def test_overloads():
    compiled = njit(add)
    compiled(1, 2)
    assert list(compiled.overloads) == [(int64, int64)]
    assert compiled.overloads[(int64, int64)].signature == int64(int64, int64)


def test_get_overload_and_compile():
    compiled = njit(add)
    compiled.compile((int64, int64))
    compiled.compile("float64(float64, float64)")
    assert compiled.signatures == [(int64, int64), (float64, float64)]
    assert compiled.get_call_template is not None


def test_disable_compile():
    compiled = njit(add)
    compiled(1, 2)
    compiled.disable_compile()
    assert compiled(3, 4) == 7
    with pytest.raises(TypeError):
        compiled((1, 2), (3,))


SCALE = 2


def scaled(x):
    return x * SCALE


def test_globals_are_frozen_until_recompile():
    global SCALE
    SCALE = 2
    compiled = njit(scaled)
    assert compiled(10) == 20
    SCALE = 3
    assert compiled(10) == 20
    compiled.recompile()
    assert compiled(10) == 30
    assert compiled.signatures == [(int64,)]


def test_inspect_llvm():
    compiled = njit(add)
    compiled(1, 2)
    compiled(1.0, 2.0)
    texts = compiled.inspect_llvm()
    assert set(texts) == {(int64, int64), (float64, float64)}
    assert "define" in texts[(int64, int64)]
    assert compiled.inspect_llvm((float64, float64)) == texts[(float64, float64)]
    assert "fadd" in texts[(float64, float64)]


def test_inspect_asm():
    compiled = njit(add)
    compiled(1, 2)
    texts = compiled.inspect_asm()
    assert set(texts) == {(int64, int64)}
    assert "ret" in texts[(int64, int64)]
    assert compiled.inspect_asm((int64, int64)) == texts[(int64, int64)]


def test_inspect_types(capsys):
    compiled = njit(add)
    compiled(1, 2.5)
    compiled.inspect_types()
    printed = capsys.readouterr().out
    assert "return a + b" in printed
    assert "int64" in printed and "float64" in printed


def test_inspect_types_to_a_file(tmp_path):
    compiled = njit(add)
    compiled(1, 2)
    path = tmp_path / "types.txt"
    with path.open("w") as file:
        compiled.inspect_types(file=file)
    assert "int64" in path.read_text()


def test_stats():
    compiled = njit(add)
    compiled(1, 2)
    assert compiled.stats.cache_path is None
    assert not compiled.stats.cache_hits


def test_target_options():
    assert njit(add).targetoptions["nopython"] is True
    assert njit(fastmath=True)(add).targetoptions["fastmath"] is True
    assert njit(parallel=True)(add).targetoptions["parallel"] is True


def test_unknown_options_are_refused():
    with pytest.raises(Exception, match="(?i)no_such_option"):
        njit(no_such_option=True)(add)(1, 2)


def test_keyword_and_default_arguments():
    @njit
    def weighted(a, b=10, c=1.5):
        return a * 100 + b + c

    assert weighted(1) == 111.5
    assert weighted(1, 2) == 103.5
    assert weighted(1, c=0.5) == 110.5
    assert weighted(c=1, b=2, a=3) == 303
    with pytest.raises(TypeError):
        weighted()
    with pytest.raises(TypeError):
        weighted(1, d=2)
    with pytest.raises(TypeError):
        weighted(1, 2, 3, 4)
    with pytest.raises(TypeError):
        weighted(1, a=2)


def test_a_dispatcher_as_a_method():
    class Box:
        value = 5

        @staticmethod
        @njit
        def double(x):
            return x * 2

    assert Box.double(4) == 8
    assert Box().double(4) == 8


@njit
def module_level(x):
    return x + 1


def test_pickle():
    again = pickle.loads(pickle.dumps(module_level))
    assert again(4) == 5


def test_jitting_a_jitted_function_is_refused():
    compiled = njit(add)
    with pytest.raises(TypeError):
        njit(compiled)


def test_njit_of_something_else_is_refused():
    with pytest.raises(Exception):
        njit(5)(1)


def test_errors_name_the_line():
    def wrong(a):
        b = a + 1
        return b.no_such_attribute

    with pytest.raises(TypingError) as caught:
        njit(wrong)(1)
    message = str(caught.value)
    assert "no_such_attribute" in message
    assert str(wrong.__code__.co_firstlineno + 2) in message


def test_unsupported_argument_types_are_refused():
    class Unknown:
        pass

    compiled = njit(add)
    with pytest.raises((TypeError, TypingError)):
        compiled(Unknown(), 1)
    assert compiled(1, 2) == 3


def test_large_python_integers():
    compiled = njit(add)
    assert compiled(2**63 - 1, 0) == 2**63 - 1
    assert compiled(-(2**63), 0) == -(2**63)
    with pytest.raises(OverflowError):
        compiled(2**64, 0)


def test_results_are_python_objects():
    compiled = njit(lambda x: x)
    assert type(compiled(5)) is int
    assert type(compiled(np.int8(5))) is int
    assert type(compiled(2.5)) is float
    assert type(compiled(np.float32(2.5))) is float
    assert type(compiled(True)) is bool
    assert type(compiled(np.bool_(True))) is bool
    assert type(compiled(1j)) is complex
    assert type(compiled((1, 2.5))) is tuple
    assert compiled(None) is None


def test_cache_on_disk(tmp_path):
    """A second process finds what the first has compiled; a changed function is compiled again."""
    source = tmp_path / "cached_module.py"
    text = "from cantil import njit\n\n\n@njit(cache=True)\ndef triple(x):\n    return x * 3\n"
    source.write_text(text)

    def run(argument):
        program = f"""from cached_module import triple
print(triple({argument}), sum(triple.stats.cache_hits.values()), sum(triple.stats.cache_misses.values()))"""
        environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
        environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), *sys.path])
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    assert run(5) == ["15", "0", "1"]
    assert run(6) == ["18", "1", "0"]
    assert run(2.5) == ["7.5", "0", "1"]
    source.write_text(text.replace("* 3", "* 30"))
    assert run(6) == ["180", "0", "1"]


def test_threads_may_compile_at_once():
    from concurrent.futures import ThreadPoolExecutor

    compiled = njit(add)
    values = [1, 1.5, 1j, True, np.float32(1), np.int8(1), np.uint16(1)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda i: compiled(values[i % 7], 1), range(70)))
    assert results == [value + 1 for value in (1, 1.5, 1j, 1, 1.0, 1, 1)] * 10
    assert len(compiled.signatures) == 7
