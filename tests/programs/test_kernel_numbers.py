"""Numbers of device code: libdevice, float16, bfloat16, vectors, records, random streams; simulator or GPU."""

import functools
import math
import re
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cantil import cuda, float16, float32, float64, int32, int64, types, uint64
from cantil.types import bfloat16

pytestmark = pytest.mark.targets("sim", "gpu")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def on_each_device(target):
    """Names the device in every test's id."""


# ---- libdevice


def declared():
    rows = re.findall(
        r'LIBDEVICE\("(\w+)", "(\w)", "([\w*]*)"\)', (ROOT / "frontend/typing/libdevice.def").read_text()
    )
    return {name: (result, re.findall(r"\*?\w", parameters)) for name, result, parameters in rows}


DECLARED = declared()
NUMPY = {"f": np.float32, "d": np.float64, "h": np.int16, "i": np.int32, "l": np.int64}
TYPE = {"f": float32, "d": float64, "h": types.int16, "i": int32, "l": int64}


def kernel_of(name):
    """A kernel that calls a libdevice function for each element, and the types of its parameters."""
    result, parameters = DECLARED[name]
    inputs = [p for p in parameters if p[0] != "*"]
    outputs = ([result] if result != "v" else []) + [p[1] for p in parameters if p[0] == "*"]
    ins = ", ".join(f"a{k}" for k in range(len(inputs)))
    outs = ", ".join(f"o{k}" for k in range(len(outputs)))
    call = f"cuda.libdevice.{name}({', '.join(f'a{k}[i]' for k in range(len(inputs)))})"
    targets = ", ".join(f"o{k}[i]" for k in range(len(outputs)))
    text = (
        f"def kernel({ins}, {outs}):\n    i = cuda.grid(1)\n    if i < o0.size:\n        {targets} = {call}\n"
    )
    import linecache

    filename = f"<libdevice {name}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(True), filename)
    space = {"cuda": cuda}
    exec(compile(text, filename, "exec"), space)
    return space["kernel"], inputs, outputs


def test_the_list_is_the_compilers():
    assert sorted(cuda.libdevice.__all__) == sorted(DECLARED)


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_function_runs_and_is_ptx(name):
    kernel, inputs, outputs = kernel_of(name)
    samples = {
        "f": [0.25, 0.5, 0.75],
        "d": [0.25, 0.5, 0.75],
        "h": [0x3800] * 3,
        "i": [1, 2, 3],
        "l": [1, 2, 3],
    }
    if name.startswith("acosh"):
        samples = {p: [1.25, 1.5, 1.75] for p in "fd"}
    out = [np.zeros(3, NUMPY[o]) for o in outputs]
    cuda.jit(kernel)[1, 3](*(np.array(samples[p], NUMPY[p]) for p in inputs), *out)
    assert all(np.isfinite(o).all() for o in out)
    signature = types.void(*(TYPE[p][::1] for p in [*inputs, *outputs]))
    assert "__nv" not in cuda.compile_ptx(kernel, signature, cc=(9, 0))[0]


def call(name, *args):
    kernel, inputs, outputs = kernel_of(name)
    n = max(np.size(a) for a in args)
    out = [np.zeros(n, NUMPY[o]) for o in outputs]
    arrays = [
        np.ascontiguousarray(np.broadcast_to(np.asarray(a).astype(NUMPY[p]), n)) for a, p in zip(args, inputs)
    ]
    cuda.jit(kernel)[1, n](*arrays, *out)
    return out[0] if len(out) == 1 else out


X = np.array([-3.7, -1.0, -0.5, -0.0, 0.0, 0.3, 0.5, 1.0, 2.5, 7.25])


@pytest.mark.parametrize(
    "name, reference",
    [
        ("sin", np.sin),
        ("exp10", lambda x: 10.0**x),
        ("sinpi", lambda x: np.sin(np.pi * np.fmod(x, 2))),
        ("cospi", lambda x: np.cos(np.pi * np.fmod(x, 2))),
        ("normcdf", lambda x: np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in x])),
        ("erfcx", lambda x: np.array([math.exp(v * v) * math.erfc(v) for v in x])),
        ("rcbrt", lambda x: 1 / np.cbrt(x)),
        ("round", lambda x: np.trunc(x + np.copysign(0.5, x))),
        ("logb", lambda x: np.floor(np.log2(np.abs(x)))),
        ("nearbyint", np.rint),
    ],
)
def test_values(name, reference):
    x = X[X != 0] if name in ("logb", "rcbrt") else X
    with np.errstate(all="ignore"):
        assert np.allclose(call(name, x), reference(x), rtol=1e-13, atol=1e-15)
        if name + "f" in DECLARED:
            assert np.allclose(call(name + "f", x), reference(x), rtol=1e-5, atol=1e-6)


def test_inverses():
    x = np.array([1e-300, 1e-10, 0.1, 0.5, 0.9, 0.999999])
    erfc = np.vectorize(math.erfc)
    assert np.allclose(erfc(call("erfcinv", x)), x, rtol=1e-12)
    assert np.allclose(np.vectorize(math.erf)(call("erfinv", x[1:])), x[1:], rtol=1e-13)
    assert np.allclose(erfc(-call("normcdfinv", x) / math.sqrt(2)) / 2, x, rtol=1e-11)
    assert call("erfcinv", [0.0, 2.0, 1.0]).tolist() == [np.inf, -np.inf, 0.0]
    assert call("erfinv", [1.0, -1.0, 0.0]).tolist() == [np.inf, -np.inf, 0.0]
    assert np.isnan(call("erfinv", [1.5, -2.0])).all()


def test_results_through_pointers():
    s, c = call("sincos", X)
    assert np.allclose(s, np.sin(X)) and np.allclose(c, np.cos(X))
    m, e = call("frexp", X)
    assert np.array_equal(m, np.frexp(X)[0]) and np.array_equal(e, np.frexp(X)[1])
    f, w = call("modf", X)
    assert np.array_equal(f, np.modf(X)[0]) and np.array_equal(w, np.modf(X)[1])
    r, q = call("remquo", X, 2.0)
    assert np.array_equal(r, [math.remainder(v, 2.0) for v in X])
    assert ((q - np.rint(X / 2)) % 8 == 0).all()


def rounded(exact, dtype, direction):
    """The neighbour of a fraction in a direction, of the dtype's numbers."""
    nearest = dtype(float(exact)) if dtype is np.float64 else dtype(exact.numerator / exact.denominator)
    lower, upper = nearest, nearest
    if Fraction(float(nearest)) > exact:
        lower = np.nextafter(nearest, dtype(-np.inf))
    if Fraction(float(nearest)) < exact:
        upper = np.nextafter(nearest, dtype(np.inf))
    if direction == "rd":
        return lower
    if direction == "ru":
        return upper
    if direction == "rz":
        return upper if exact < 0 else lower
    return nearest


@pytest.mark.parametrize("direction", ["rn", "rz", "rd", "ru"])
def test_directed_rounding(direction):
    rng = np.random.default_rng(1)
    for letter, dtype in (("d", np.float64), ("f", np.float32)):
        x, y = (rng.normal(size=40).astype(dtype) for _ in range(2))
        for name, operation in (
            ("add", lambda a, b: a + b),
            ("mul", lambda a, b: a * b),
            ("div", lambda a, b: a / b),
        ):
            exact = [operation(Fraction(float(a)), Fraction(float(b))) for a, b in zip(x, y)]
            expected = [rounded(e, dtype, direction) for e in exact]
            if dtype is np.float32 and name == "div" and direction == "rn":
                expected = x / y  # the fraction's float64 would be rounded twice
            assert np.array_equal(call(f"{letter}{name}_{direction}", x, y), np.array(expected, dtype)), name
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.3, -0.3])
    whole = {"rn": np.rint, "rz": np.trunc, "rd": np.floor, "ru": np.ceil}[direction]
    assert np.array_equal(call(f"double2int_{direction}", halves), whole(halves))
    assert np.array_equal(call(f"float2ll_{direction}", halves), whole(halves))
    n = np.array([2**62 + 1, -(2**62) - 1, 2**53 + 1])
    expected = [rounded(Fraction(int(v)), np.float64, direction) for v in n]
    assert np.array_equal(call(f"ll2double_{direction}", n), expected)


def test_conversions_saturate():
    x = np.array([1e30, -1e30, np.nan, np.inf])
    assert call("double2int_rz", x).tolist() == [2**31 - 1, -(2**31), 0, 2**31 - 1]
    assert call("float2uint_rz", x).view(np.uint32).tolist() == [2**32 - 1, 0, 0, 2**32 - 1]
    assert call("double2ull_rz", x[[0, 1, 3]]).view(np.uint64).tolist() == [2**64 - 1, 0, 2**64 - 1]


def test_integers():
    x, y = np.array([-7, 100, 2**31 - 1, -(2**31)]), np.array([3, -50, 2, 2**31 - 1])
    wide = x * y
    assert np.array_equal(call("mulhi", x, y), wide >> 32)
    assert np.array_equal(call("hadd", x, y), (x + y) >> 1)
    assert np.array_equal(call("rhadd", x, y), (x + y + 1) >> 1)
    assert np.array_equal(call("max", x, y), np.maximum(x, y))
    assert np.array_equal(call("sad", [5, -5], [2, 7], 10), [13, 22])
    assert np.array_equal(call("byte_perm", 0x33221100, 0x77665544, 0x7531).view(np.uint32), [0x77553311])
    assert np.array_equal(call("mul64hi", [2**62, -(2**62)], [4, 4]), [1, -1])
    assert np.array_equal(call("brev", [1]).view(np.uint32), [1 << 31])
    assert call("ffsll", [0, 8, 1 << 62]).tolist() == [0, 4, 63]


def test_bits_of_floats():
    assert call("float_as_int", [1.0]).tolist() == [0x3F800000]
    assert call("longlong_as_double", [0x4000000000000000]).tolist() == [2.0]
    assert call("double2hiint", [1.0]).tolist() == [0x3FF00000]
    assert call("hiloint2double", [0x3FF00000], [0]).tolist() == [1.0]
    assert call("float2half_rn", [1.0]).tolist() == [0x3C00]
    assert call("half2float", [0x3C00]).tolist() == [1.0]


# ---- float16 and bfloat16


def test_float16_arithmetic():
    @cuda.jit
    def k(a, b, out):
        i = cuda.grid(1)
        out[0, i] = a[i] + b[i]
        out[1, i] = a[i] - b[i]
        out[2, i] = a[i] * b[i]
        out[3, i] = a[i] / b[i]
        out[4, i] = cuda.fp16.hadd(a[i], b[i])
        out[5, i] = -a[i]
        out[6, i] = cuda.fp16.hmax(a[i], b[i])
        out[7, i] = a[i] < b[i]

    a, b = (np.random.default_rng(k).normal(size=50).astype(np.float16) for k in (1, 2))
    out = np.zeros((8, 50), np.float16)
    k[1, 50](a, b, out)
    for got, expected in zip(out, (a + b, a - b, a * b, a / b, a + b, -a, np.maximum(a, b), a < b)):
        assert np.array_equal(got, expected.astype(np.float16))


def test_float16_functions():
    names = "hsin hcos hlog hlog2 hlog10 hexp hexp2 hsqrt hceil hfloor htrunc hrint hrcp hrsqrt habs".split()
    numpy = "sin cos log log2 log10 exp exp2 sqrt ceil floor trunc rint".split()
    body = "\n".join(f"    out[{n}, i] = cuda.fp16.{name}(a[i])" for n, name in enumerate(names))
    import linecache

    text = f"def k(a, out):\n    i = cuda.grid(1)\n{body}\n"
    linecache.cache["<fp16>"] = (len(text), None, text.splitlines(True), "<fp16>")
    space = {"cuda": cuda}
    exec(compile(text, "<fp16>", "exec"), space)
    a = np.linspace(0.1, 9, 40).astype(np.float16)
    out = np.zeros((len(names), 40), np.float16)
    cuda.jit(space["k"])[1, 40](a, out)
    wide = a.astype(np.float64)
    references = [getattr(np, f)(wide) for f in numpy] + [1 / wide, wide**-0.5, wide]
    for name, got, expected in zip(names, out, references):
        assert np.allclose(got, expected, rtol=2e-3, atol=1e-3), name


def bits_of_bfloat(x, direction):
    """The upper half of the float32 next to a float64 in a direction, by exact arithmetic."""
    if direction == "rn":
        bits = struct.unpack("<I", struct.pack("<f", x))[0]
        candidates = [bits >> 16, (bits >> 16) + 1]
        return min(candidates, key=lambda c: (abs(Fraction(value_of(c)) - Fraction(x)), c & 1))
    sign = 0x8000 if math.copysign(1, x) < 0 else 0
    below = max(c for c in range(0x7F80) if Fraction(value_of(c)) <= abs(Fraction(x)))
    exact = Fraction(value_of(below)) == abs(Fraction(x))
    away = direction == "ru" and not sign or direction == "rd" and sign
    return sign | (below + (1 if away and not exact else 0))


@functools.cache
def value_of(bits):
    return struct.unpack("<f", struct.pack("<I", bits << 16))[0]


@pytest.mark.parametrize("direction", ["rn", "rz", "rd", "ru"])
def test_bfloat16_conversions(direction):
    bf16 = cuda.bf16

    def rn(a, n, out):
        i = cuda.grid(1)
        out[0, i] = bf16.bfloat16_as_uint16(bf16.float32_to_bfloat16_rn(a[i]))
        out[1, i] = bf16.bfloat16_as_uint16(bf16.int64_to_bfloat16_rn(n[i]))
        out[2, i] = bf16.bfloat16_to_int32_rn(bf16.float32_to_bfloat16(a[i]))

    def rz(a, n, out):
        i = cuda.grid(1)
        out[0, i] = bf16.bfloat16_as_uint16(bf16.float32_to_bfloat16_rz(a[i]))
        out[1, i] = bf16.bfloat16_as_uint16(bf16.int64_to_bfloat16_rz(n[i]))
        out[2, i] = bf16.bfloat16_to_int32_rz(bf16.float32_to_bfloat16(a[i]))

    def rd(a, n, out):
        i = cuda.grid(1)
        out[0, i] = bf16.bfloat16_as_uint16(bf16.float32_to_bfloat16_rd(a[i]))
        out[1, i] = bf16.bfloat16_as_uint16(bf16.int64_to_bfloat16_rd(n[i]))
        out[2, i] = bf16.bfloat162int_rd(bf16.float32_to_bfloat16(a[i]))

    def ru(a, n, out):
        i = cuda.grid(1)
        out[0, i] = bf16.bfloat16_as_uint16(bf16.float32_to_bfloat16_ru(a[i]))
        out[1, i] = bf16.bfloat16_as_uint16(bf16.int64_to_bfloat16_ru(n[i]))
        out[2, i] = bf16.bfloat162int_ru(bf16.float32_to_bfloat16(a[i]))

    a = np.array([1.0, 1.001, -1.001, 3.14159, -7e-5, 1e10, -2.5, 0.0], np.float32)
    n = np.array([0, 1, 255, 257, -259, 2**40 + 1, 2**62 + 2**54 + 1, -(2**63)])
    out = np.zeros((3, 8), np.int64)
    cuda.jit({"rn": rn, "rz": rz, "rd": rd, "ru": ru}[direction])[1, 8](a, n, out)
    assert out[0].tolist() == [bits_of_bfloat(float(v), direction) for v in a]
    whole = {"rn": np.rint, "rz": np.trunc, "rd": np.floor, "ru": np.ceil}[direction]
    narrow = [value_of(bits_of_bfloat(float(v), "rn") & 0xFFFF) for v in a]
    assert out[2].tolist() == [min(int(whole(v)), 2**31 - 1) for v in narrow]
    for bits, exact in zip(out[1].tolist(), n.tolist()):
        got = Fraction(value_of(bits))
        if direction == "rd" or (direction == "rz" and exact > 0):
            assert got <= exact
        elif direction == "ru" or direction == "rz":
            assert got >= exact
        assert abs(got - exact) <= abs(exact) * Fraction(1, 256 if direction == "rn" else 128)


def test_bfloat16_arithmetic():
    @cuda.jit
    def k(a, b, out):
        i = cuda.grid(1)
        x, y = bfloat16(a[i]), bfloat16(b[i])
        out[0, i] = x + y
        out[1, i] = x * y
        out[2, i] = cuda.bf16.hsub(x, y)
        out[3, i] = cuda.bf16.hfma(x, y, x)
        out[4, i] = cuda.bf16.hsqrt(cuda.bf16.habs(x))
        out[5, i] = x < y
        out[6, i] = cuda.bf16.hadd_sat(x, y)

    def narrow(v):
        return np.array([value_of(bits_of_bfloat(float(u), "rn")) for u in v])

    a, b = (narrow(np.random.default_rng(k).normal(size=20).astype(np.float32)) for k in (1, 2))
    out = np.zeros((7, 20), np.float32)
    k[1, 20](a.astype(np.float32), b.astype(np.float32), out)
    expected = (a + b, a * b, a - b, a * b + a, np.sqrt(np.abs(a)))
    for got, e in zip(out, expected):
        assert np.array_equal(got, narrow(e))
    assert np.array_equal(out[5], a < b)
    assert np.array_equal(out[6], np.clip(narrow(a + b), 0, 1))


def test_bfloat16_in_shared_and_local_arrays():
    @cuda.jit
    def k(a, out):
        s = cuda.shared.array(32, bfloat16)
        l = cuda.local.array(2, float16)
        i = cuda.threadIdx.x
        s[i] = a[i]
        l[0] = a[i]
        l[1] = l[0] + l[0]
        cuda.syncthreads()
        out[i] = s[31 - i] + l[1]

    a = np.arange(32, dtype=np.float32)
    out = np.zeros(32, np.float32)
    k[1, 32](a, out)
    assert np.array_equal(out, a[::-1] + 2 * a)


# ---- Vectors


def test_vectors():
    @cuda.jit
    def k(out):
        a = cuda.float32x3(1.0, 2, 3.0)
        b = cuda.int32x2(4.7, 5)
        c = cuda.float32x4(a, 7.0)
        d = cuda.float3(1.5, 2.5, 3.5)
        e = cuda.double4(cuda.float64x2(1, 2), b)
        x, y, z = d
        out[0] = a.x + a.y * a.z
        out[1] = b.x * b.y
        out[2] = c.w + c.z
        out[3] = d.z + x + y + z
        out[4] = e.w + e.x

    out = np.zeros(5)
    k[1, 1](out)
    assert out.tolist() == [7.0, 20, 10, 11, 6]


def test_a_vector_needs_all_its_numbers():
    @cuda.jit
    def k(out):
        out[0] = cuda.float32x3(1.0, 2.0).x

    with pytest.raises(Exception, match="float32x3"):
        k[1, 1](np.zeros(1))


# ---- Records


PAIR = np.dtype([("x", np.float32), ("n", np.int64), ("flag", np.bool_)], align=True)


def test_records():
    @cuda.jit
    def k(a, out):
        i = cuda.grid(1)
        r = a[i]
        out[i] = r.x * r.n + r["n"]
        a[i].n = r.n + 1
        a[i]["flag"] = r.n > 3
        if i == 0:
            a[9] = a[5]

    a = np.zeros(10, PAIR)
    a["x"], a["n"] = np.arange(10) / 2, np.arange(10)
    before, out = a.copy(), np.zeros(10)
    k[1, 9](a, out)
    assert np.array_equal(out[:9], (before["x"] * before["n"] + before["n"])[:9])
    assert np.array_equal(a["n"][:9], before["n"][:9] + 1) and np.array_equal(
        a["flag"][:9], before["n"][:9] > 3
    )
    assert np.array_equal(a["x"][:9], before["x"][:9]) and a["x"][9] == 2.5


def test_device_arrays_of_records():
    host = np.zeros(4, PAIR)
    host["n"] = 7
    device = cuda.to_device(host)
    assert device.dtype == PAIR

    @cuda.jit
    def k(a):
        a[cuda.grid(1)].x = a[cuda.grid(1)].n * 0.5

    k[1, 4](device)
    assert (device.copy_to_host()["x"] == 3.5).all()


# ---- Random numbers

MASK = 2**64 - 1


def rotated(x, k):
    return (x << k | x >> (64 - k)) & MASK


class Stream:
    """xoroshiro128+ in plain Python."""

    def __init__(self, seed):
        z = (seed + 0x9E3779B97F4A7C15) & MASK
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
        self.s0 = self.s1 = z ^ z >> 31

    def next(self):
        result = (self.s0 + self.s1) & MASK
        s1 = self.s1 ^ self.s0
        self.s0, self.s1 = rotated(self.s0, 55) ^ s1 ^ (s1 << 14 & MASK), rotated(s1, 36)
        return result

    def jump(self):
        s0 = s1 = 0
        for word in (0xBEAC0467EBA5FACB, 0xD86B048B86AA9922):
            for k in range(64):
                if word >> k & 1:
                    s0, s1 = s0 ^ self.s0, s1 ^ self.s1
                self.next()
        self.s0, self.s1 = s0, s1


def test_random_streams():
    from cantil.cuda.random import (
        create_xoroshiro128p_states,
        init_xoroshiro128p_states,
        xoroshiro128p_dtype,
        xoroshiro128p_next,
        xoroshiro128p_normal_float64,
        xoroshiro128p_uniform_float32,
        xoroshiro128p_uniform_float64,
    )

    @cuda.jit
    def k(states, words, singles, doubles, normals):
        i = cuda.grid(1)
        for r in range(3):
            words[i, r] = xoroshiro128p_next(states, i)
        singles[i] = xoroshiro128p_uniform_float32(states, i)
        doubles[i] = xoroshiro128p_uniform_float64(states, i)
        normals[i] = xoroshiro128p_normal_float64(states, i)

    n = 6
    states = create_xoroshiro128p_states(n, seed=42)
    assert states.dtype == xoroshiro128p_dtype
    words, singles = np.zeros((n, 3), np.uint64), np.zeros(n, np.float32)
    doubles, normals = np.zeros(n), np.zeros(n)
    k[1, n](states, words, singles, doubles, normals)
    stream = Stream(42)
    for i in range(n):
        if i:
            stream.jump()
        own = Stream(0)
        own.s0, own.s1 = stream.s0, stream.s1
        assert words[i].tolist() == [own.next() for _ in range(3)]
        assert singles[i] == np.float32((own.next() >> 11) * 2.0**-53)
        assert doubles[i] == (own.next() >> 11) * 2.0**-53
        u1, u2 = ((own.next() >> 11) * 2.0**-53 for _ in range(2))
        assert math.isclose(
            normals[i], math.sqrt(-2 * math.log(u1)) * math.cos(2 * math.pi * u2), rel_tol=1e-12
        )
    init_xoroshiro128p_states(states, seed=42, subsequence_start=1)
    again = np.zeros((n, 3), np.uint64)
    k[1, n](states, again, singles, doubles, normals)
    assert np.array_equal(again[:-1], words[1:])


def test_random_moments():
    from cantil.cuda import random

    @cuda.jit
    def k(states, uniform, normal):
        i = cuda.grid(1)
        for r in range(uniform.shape[1]):
            uniform[i, r] = random.xoroshiro128p_uniform_float32(states, i)
            normal[i, r] = random.xoroshiro128p_normal_float32(states, i)

    uniform, normal = (np.zeros((64, 500), np.float32) for _ in range(2))
    k[2, 32](random.create_xoroshiro128p_states(64, 7), uniform, normal)
    assert abs(uniform.mean() - 0.5) < 0.01 and abs(uniform.var() - 1 / 12) < 0.005
    assert abs(normal.mean()) < 0.02 and abs(normal.var() - 1) < 0.03
    assert uint64 is types.uint64
