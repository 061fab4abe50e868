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


def vector(name):
    """A type of vectors, "float32x3"."""
    return Name(
        f"cuda.{name}", "a vector of numbers with the fields x, y, z and w, made of numbers and vectors"
    )


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

syncthreads_count = Name(
    "cuda.syncthreads_count", "syncthreads_count(p): syncthreads() that counts the threads where p holds"
)
syncthreads_and = Name(
    "cuda.syncthreads_and", "syncthreads_and(p): syncthreads() that gives 1 where p holds for all, else 0"
)
syncthreads_or = Name(
    "cuda.syncthreads_or", "syncthreads_or(p): syncthreads() that gives 1 where p holds for some, else 0"
)
syncwarp = Name("cuda.syncwarp", "syncwarp(mask=0xffffffff): waits for the lanes of the mask")
shfl_sync = Name("cuda.shfl_sync", "shfl_sync(mask, value, lane): the value of that lane")
shfl_up_sync = Name(
    "cuda.shfl_up_sync", "shfl_up_sync(mask, value, delta): the value of the lane delta below"
)
shfl_down_sync = Name(
    "cuda.shfl_down_sync", "shfl_down_sync(mask, value, delta): the value of the lane delta above"
)
shfl_xor_sync = Name(
    "cuda.shfl_xor_sync", "shfl_xor_sync(mask, value, lane_mask): the value of lane laneid ^ lane_mask"
)
all_sync = Name("cuda.all_sync", "all_sync(mask, p): whether p holds in all lanes of the mask")
any_sync = Name("cuda.any_sync", "any_sync(mask, p): whether p holds in some lane of the mask")
eq_sync = Name("cuda.eq_sync", "eq_sync(mask, p): whether p is the same in all lanes of the mask")
ballot_sync = Name(
    "cuda.ballot_sync", "ballot_sync(mask, p): the lanes of the mask where p holds, a bit each"
)
match_any_sync = Name(
    "cuda.match_any_sync", "match_any_sync(mask, value): the lanes of the mask with the same value"
)
match_all_sync = Name(
    "cuda.match_all_sync", "match_all_sync(mask, value): (mask, True) where all have the same value"
)
activemask = Name("cuda.activemask", "activemask(): the lanes that are here together, a bit each")
lanemask_lt = Name("cuda.lanemask_lt", "lanemask_lt(): the lanes below this one, a bit each")

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

for _name, _what in {
    "ldca": "array[i], kept in all caches",
    "ldcg": "array[i], kept in the L2 cache only",
    "ldcs": "array[i], likely not needed again",
    "ldlu": "array[i], for the last time",
    "ldcv": "array[i], not from a cache",
}.items():
    globals()[_name] = Name(f"cuda.{_name}", f"{_name}(array, i): {_what}")
for _name, _what in {
    "stcg": "kept in the L2 cache only",
    "stcs": "likely not needed again",
    "stwb": "written back with its cache line",
    "stwt": "written through to memory",
}.items():
    globals()[_name] = Name(f"cuda.{_name}", f"{_name}(array, i, value): array[i] = value, {_what}")

popc = Name("cuda.popc", "popc(x): how many bits are set")
brev = Name("cuda.brev", "brev(x): the bits in reverse order")
clz = Name("cuda.clz", "clz(x): how many leading bits are zero")
ffs = Name("cuda.ffs", "ffs(x): the place of the lowest set bit, from 1; 0 where there is none")
nanosleep = Name("cuda.nanosleep", "nanosleep(ns): lets the thread wait for about that long")
fma = Name("cuda.fma", "fma(a, b, c): a * b + c, rounded once")
cbrt = Name("cuda.cbrt", "cbrt(x): the cube root")
rsqrt = Name("cuda.rsqrt", "rsqrt(x): one over the square root")
selp = Name("cuda.selp", "selp(condition, a, b): a where the condition holds, else b, without a branch")
