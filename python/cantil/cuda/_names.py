"""Names that mean something only in kernels and device functions: the compiler knows them by where they stand."""


class Name:
    """A function, value or namespace of device code, for instance `cuda.threadIdx.x` or `cuda.atomic.add`."""

    def __init__(self, name, doc, **members):
        self.__name__ = name.rpartition(".")[2]
        self._full_name = name
        self.__doc__ = doc
        self.__dict__.update(members)

    def __repr__(self):
        return f"<{self._full_name}: {self.__doc__}>"

    def __call__(self, *args, **kwargs):
        from .. import _core

        _core.raise_diagnostic("OnlyInKernel", self._full_name)

    def __reduce__(self):
        return _find, (self._full_name,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def _find(full_name):
    found = None
    for part in full_name.split(".")[1:]:
        found = globals()[part] if found is None else getattr(found, part)
    return found


def _triple(name, what):
    return Name(
        f"cuda.{name}", what, **{axis: Name(f"cuda.{name}.{axis}", f"{what}, {axis}") for axis in "xyz"}
    )


def _space(name, what, **functions):
    return Name(f"cuda.{name}", what, **{f: Name(f"cuda.{name}.{f}", doc) for f, doc in functions.items()})


threadIdx = _triple("threadIdx", "this thread's place in its block")
blockIdx = _triple("blockIdx", "this block's place in the grid")
blockDim = _triple("blockDim", "the threads of a block")
gridDim = _triple("gridDim", "the blocks of the grid")
laneid = Name("cuda.laneid", "this thread's place in its warp")
warpsize = Name("cuda.warpsize", "the threads of a warp")

grid = Name(
    "cuda.grid", "grid(n): this thread's place in the whole grid, in n dimensions; a tuple where n > 1"
)
gridsize = Name(
    "cuda.gridsize", "gridsize(n): the threads of the whole grid, in n dimensions; a tuple where n > 1"
)

shared = _space(
    "shared",
    "memory that a block shares",
    array="array(shape, dtype): an array that the block's threads share",
)
local = _space("local", "a thread's own memory", array="array(shape, dtype): an array of this thread")
const = _space("const", "constant memory", array_like="array_like(array): a constant copy of a global array")

syncthreads = Name("cuda.syncthreads", "syncthreads(): waits for all threads of the block")
threadfence = Name("cuda.threadfence", "threadfence(): earlier writes become visible to the device first")
threadfence_block = Name(
    "cuda.threadfence_block", "threadfence_block(): earlier writes become visible to the block first"
)
threadfence_system = Name(
    "cuda.threadfence_system", "threadfence_system(): earlier writes become visible to all first"
)

atomic = _space(
    "atomic",
    "atomic operations; each returns the old value",
    add="add(array, index, value)",
    sub="sub(array, index, value)",
    and_="and_(array, index, value)",
    or_="or_(array, index, value)",
    xor="xor(array, index, value)",
    max="max(array, index, value): a NaN in the array stays",
    min="min(array, index, value): a NaN in the array stays",
    nanmax="nanmax(array, index, value): a NaN gives way to a number",
    nanmin="nanmin(array, index, value): a NaN gives way to a number",
    exch="exch(array, index, value)",
    inc="inc(array, index, limit): counts up, from the limit to 0",
    dec="dec(array, index, limit): counts down, from 0 to the limit",
    cas="cas(array, index, old, value): stores the value where the array has the old one",
    compare_and_swap="compare_and_swap(array, old, value): cas() on element 0",
)

popc = Name("cuda.popc", "popc(x): how many bits are set")
brev = Name("cuda.brev", "brev(x): the bits in reverse order")
clz = Name("cuda.clz", "clz(x): how many leading bits are zero")
fma = Name("cuda.fma", "fma(a, b, c): a * b + c, rounded once")
cbrt = Name("cuda.cbrt", "cbrt(x): the cube root")
rsqrt = Name("cuda.rsqrt", "rsqrt(x): one over the square root")
selp = Name("cuda.selp", "selp(condition, a, b): a where the condition holds, else b, without a branch")
