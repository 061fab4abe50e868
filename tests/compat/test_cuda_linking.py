"""Linking CUDA C++, PTX and the rest into kernels: what the simulator runs, and what NVIDIA's linkers accept."""

import io
import os
import shutil
import subprocess

import numpy as np
import pytest

os.environ.setdefault("CANTIL_CUDA", "sim")

from cantil import (  # noqa: E402  (after the choice of the device)
    _core,  # noqa: E402
    cuda,
    float32,
    int32,
    types,
    void,
)
from cantil.cuda._compile import _package_folders  # noqa: E402
from cantil.errors import LinkerError, NumbaError  # noqa: E402

has_compiler = any(shutil.which(name) for name in ("c++", "g++", "clang++"))
sim = pytest.mark.skipif(
    not (cuda.is_simulated() and has_compiler), reason="needs the simulator and a C++ compiler"
)
has_cuda = bool(
    _core.cuda_library("nvrtc", _package_folders()) and _core.cuda_library("nvJitLink", _package_folders())
)
nvidia = pytest.mark.skipif(not has_cuda, reason="needs NVRTC and nvJitLink")

SOURCE = r"""
extern "C" __device__ int scaled(float *result, float x, int n) {
  *result = x * n;
  return 0;
}
extern "C" __device__ float sum_of(const float *data, int n) {
  float total = 0;
  for (int i = 0; i < n; ++i) total += data[i];
  return total;
}
extern "C" __device__ bool is_odd(long long x, bool flip) { return ((x & 1) != 0) != flip; }
extern "C" __device__ int count(int *result, int *counter) {
  *result = atomicAdd(counter, 1);
  return 0;
}
extern "C" __device__ signed char narrow(signed char a, unsigned short b) { return (signed char)(a - b); }
extern "C" __device__ int touch(void *, int *at) { *at += 5; return 0; }
"""


@pytest.fixture(scope="module")
def functions():
    code = cuda.CUSource(SOURCE, name="functions.cu")

    def declare(name, signature, abi="c"):
        return cuda.declare_device(name, signature, link=code, abi=abi)

    return {
        "scaled": declare("scaled", "float32(float32, int32)", "numba"),
        "sum_of": declare("sum_of", "float32(CPointer(float32), int32)"),
        "is_odd": declare("is_odd", "boolean(int64, boolean)"),
        "count": declare("count", "int32(CPointer(int32))", "numba"),
        "narrow": declare("narrow", types.int8(types.int8, types.uint16)),
        "touch": declare("touch", "void(CPointer(int32))", "numba"),
    }


def kernels(functions):
    scaled, sum_of, is_odd = functions["scaled"], functions["sum_of"], functions["is_odd"]
    count, narrow, touch = functions["count"], functions["narrow"], functions["touch"]

    @cuda.jit
    def use(a, counter, out, flags, small):
        i = cuda.grid(1)
        if i < a.size:
            out[i] = scaled(a[i], 3) + sum_of(a, a.size)
            flags[i] = is_odd(i, False)
            small[i] = narrow(i, 1)
            count(counter)
            if i == 0:
                touch(counter[1:])

    return use


@sim
def test_cuda_source_on_the_simulator(functions):
    use = kernels(functions)
    a, counter = np.arange(5, dtype=np.float32), np.zeros(2, np.int32)
    out, flags, small = np.zeros(5, np.float32), np.zeros(5, np.bool_), np.zeros(5, np.int8)
    use[1, 32](a, counter, out, flags, small)
    np.testing.assert_array_equal(out, 3 * a + a.sum())
    assert flags.tolist() == [False, True, False, True, False]
    assert small.tolist() == [-1, 0, 1, 2, 3]
    assert counter.tolist() == [5, 5]


def _cubin_of(kernel, signature, cc=(9, 0)):
    return cuda.compile(kernel, signature, device=False, abi="numba", cc=cc, output="cubin")[0]


@nvidia
@pytest.mark.parametrize("cc", [(7, 5), (9, 0)])
def test_cuda_source_with_nvjitlink(functions, cc):
    signature = void(float32[::1], int32[::1], float32[::1], types.boolean[::1], types.int8[::1])
    use = kernels(functions)
    cubin = _cubin_of(use, signature, cc)
    assert cubin.startswith(b"\x7fELF") and b"use" in cubin
    codes, result = cuda.compile_all(use, signature, device=False, abi="numba", cc=cc)
    assert len(codes) == 2 and result == void
    assert "scaled" in codes[0] and ".extern .func" in codes[0]
    assert ".visible .func" in codes[1] and "scaled" in codes[1]


def _device_code(tmp_path, kind):
    """The same function as every kind of code that can be linked."""
    source = 'extern "C" __device__ float twice(float x) { return 2 * x; }'
    (tmp_path / "twice.cu").write_text(source)
    if kind == "cu":
        return tmp_path / "twice.cu"
    from cantil.cuda._compile import compile_cuda_source

    if kind in ("ptx", "cubin", "ltoir"):
        code, _, _ = compile_cuda_source(source, "twice.cu", (9, 0), kind)
        path = tmp_path / f"twice.{kind}"
        path.write_bytes(code.encode() if kind == "ptx" else code)
        return path
    nvcc = _core.cuda_tool("nvcc", _package_folders())
    if nvcc is None:
        pytest.skip("needs nvcc")
    path = tmp_path / f"twice.{kind}"
    option = {"fatbin": "-fatbin", "o": "-dc", "a": "-lib"}[kind]
    options = ["-rdc=true", option, "-arch=sm_90", tmp_path / "twice.cu", "-o", path]
    done = subprocess.run([nvcc, *options], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nvcc does not work here: {done.stderr.splitlines()[-1:]}")
    return path


KINDS = {
    "cu": cuda.CUSource,
    "ptx": cuda.PTXSource,
    "cubin": cuda.Cubin,
    "ltoir": cuda.LTOIR,
    "fatbin": cuda.Fatbin,
    "o": cuda.Object,
    "a": cuda.Archive,
}


@nvidia
@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_code(tmp_path, kind, in_memory):
    path = _device_code(tmp_path, kind)
    link = path
    if in_memory:
        text = kind in ("cu", "ptx")
        data = path.read_text() if text else path.read_bytes()
        link = KINDS[kind]((io.StringIO if text else io.BytesIO)(data), name="in memory")
    twice = cuda.declare_device("twice", "float32(float32)", link=[link], abi="c")

    def kernel(a):
        a[0] = twice(a[0])

    assert _cubin_of(kernel, void(float32[::1])).startswith(b"\x7fELF")


@nvidia
def test_words_of_the_linker_and_compiler():
    missing = cuda.declare_device("not_defined_anywhere", "float32(float32)", abi="c")

    def kernel(a):
        a[0] = missing(a[0])

    with pytest.raises(LinkerError, match="not_defined_anywhere"):
        _cubin_of(kernel, void(float32[::1]))

    wrong = cuda.declare_device(
        "f", "float32(float32)", link=cuda.CUSource("no c++;", name="wrong.cu"), abi="c"
    )

    def other(a):
        a[0] = wrong(a[0])

    from cantil.cuda.cudadrv.error import NvrtcCompilationError

    with pytest.raises(NvrtcCompilationError, match=r"wrong\.cu\(1\): error"):
        _cubin_of(other, void(float32[::1]))
    damaged = cuda.declare_device(
        "f", "float32(float32)", link=cuda.Cubin(b"\x7fELF?", name="bad.cubin"), abi="c"
    )

    def third(a):
        a[0] = damaged(a[0])

    with pytest.raises(LinkerError):
        _cubin_of(third, void(float32[::1]))


@nvidia
def test_a_cubin_of_another_architecture(tmp_path):
    path = _device_code(tmp_path, "cubin")
    twice = cuda.declare_device("twice", "float32(float32)", link=path, abi="c")

    def kernel(a):
        a[0] = twice(a[0])

    with pytest.raises(LinkerError):
        _cubin_of(kernel, void(float32[::1]), cc=(8, 0))


@sim
def test_what_the_simulator_refuses():
    def use(function):
        @cuda.jit
        def kernel(a):
            a[0] = function(a[0])

        kernel[1, 1](np.zeros(1, np.float32))

    with pytest.raises(LinkerError, match="PTXSource.*CUDA C"):
        use(cuda.declare_device("f", "float32(float32)", link=cuda.PTXSource("//"), abi="c"))
    with pytest.raises(LinkerError, match="nothing that is linked defines"):
        use(cuda.declare_device("f", "float32(float32)", abi="c"))
    with pytest.raises(LinkerError, match="threadIdx"):
        source = 'extern "C" __device__ float f(float x) { return threadIdx.x; }'
        use(cuda.declare_device("f", "float32(float32)", link=cuda.CUSource(source), abi="c"))


def test_bad_declarations(tmp_path):
    with pytest.raises(TypeError, match="Return type"):
        cuda.declare_device("f", "(float32,)")
    with pytest.raises(NotImplementedError, match="ABI"):
        cuda.declare_device("f", "float32(float32)", abi="other")
    with pytest.raises(TypeError, match="array"):
        cuda.declare_device("f", "float32(float32[:])")
    for name, words in (
        ("nonexistent.a", "nonexistent.a not found"),
        ("code.cuh", "extension .cuh"),
        ("code", "no extension"),
    ):
        with pytest.raises(LinkerError, match=words):
            cuda.jit(link=[str(tmp_path / name)])(lambda a: None)
    with pytest.raises(TypeError, match="callable"):
        cuda.CUSource("", setup_callback=3)
    with pytest.raises(TypeError):
        cuda.LinkableCode("")
    f = cuda.declare_device("f", "float32(float32, CPointer(int32))", abi="c")
    with pytest.raises(NumbaError, match="only be used in a kernel|kernel"):
        f(1.0)

    def wrong_count(a):
        a[0] = f(a[0])

    def wrong_pointer(a):
        a[0] = f(a[0], a)

    def wrong_number(a):
        a[0] = f(1j, a)

    for wrong in (wrong_count, wrong_pointer, wrong_number):
        with pytest.raises(NumbaError):
            cuda.compile_ptx(wrong, void(float32[::1]), cc=(9, 0))


@sim
def test_callbacks_and_links_of_the_kernel():
    seen = []
    source = 'extern "C" __device__ int add_one(float *result, float x) { *result = x + 1; return 0; }'
    code = cuda.CUSource(
        source,
        setup_callback=lambda m: seen.append("setup"),
        teardown_callback=lambda m: seen.append("teardown"),
    )
    add_one = cuda.declare_device("add_one", "float32(float32)")

    @cuda.jit(link=[code])
    def kernel(a):
        a[0] = add_one(a[0])

    a = np.zeros(1, np.float32)
    kernel[1, 1](a)
    kernel[1, 1](a)
    assert a[0] == 2 and seen == ["setup"]
    del kernel
    import gc

    gc.collect()
    assert seen == ["setup", "teardown"]


@sim
def test_includes_beside_the_file(tmp_path):
    (tmp_path / "header.h").write_text("#define FACTOR 7\n")
    source = '#include "header.h"\nextern "C" __device__ float f(float x) { return FACTOR * x; }\n'
    (tmp_path / "code.cu").write_text(source)
    f = cuda.declare_device("f", "float32(float32)", link=tmp_path / "code.cu", abi="c")

    @cuda.jit
    def kernel(a):
        a[0] = f(a[0])

    a = np.ones(1, np.float32)
    kernel[1, 1](a)
    assert a[0] == 7


TYPES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 boolean".split()


@nvidia
@pytest.mark.parametrize("name", TYPES)
def test_ltoir_of_device_functions(name):
    kind = getattr(types, name)

    def choose(x, y, flag):
        return x if flag else y

    code, result = cuda.compile(choose, kind(kind, kind, types.boolean), cc=(9, 0), output="ltoir")
    assert isinstance(code, bytes) and len(code) > 100 and result == kind
    function = cuda.declare_device("choose", kind(kind, kind, types.boolean), link=cuda.LTOIR(code), abi="c")

    def kernel(a, flag):
        a[0] = function(a[0], a[1], flag)

    assert _cubin_of(kernel, void(kind[::1], types.boolean)).startswith(b"\x7fELF")


@nvidia
def test_ltoir_of_kernels_and_of_libdevice():
    import math

    def kernel(a, n):
        i = cuda.grid(1)
        if i < n:
            a[i] = math.sin(a[i])

    code, _ = cuda.compile(
        kernel, void(float32[::1], int32), device=False, abi="numba", cc=(9, 0), output="ltoir"
    )
    cubin = _core.nvjitlink([("ltoir", code, "kernel")], ["-arch=sm_90", "-lto"], False, _package_folders())[
        0
    ]
    assert b".text.kernel" in cubin or b"kernel" in cubin

    add = cuda.declare_device("add", "int32(int32)", abi="c")

    def needs_another(x):
        return add(x)

    from cantil.errors import UnsupportedError

    with pytest.raises(UnsupportedError, match="add"):
        cuda.compile(needs_another, int32(int32), cc=(9, 0), output="ltoir")
    assert ".func" in cuda.compile(lambda x: x, (int32,), cc=(9, 0))[0]
    with pytest.raises(ValueError, match="no name"):
        cuda.compile(lambda x: x, (int32,), cc=(9, 0), abi_info={"abi_name": "a-b"})
    with pytest.raises(NotImplementedError):
        cuda.compile(lambda x: x, (int32,), cc=(9, 0), output="tarball")
    with pytest.raises(NotImplementedError):
        cuda.compile(kernel, void(float32[::1], int32), device=False, abi="c", cc=(9, 0))
