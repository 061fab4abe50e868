"""CUDA: kernels, device memory, streams and events, on a GPU or on the simulator.

    @cuda.jit
    def add(x, y, out):
        i = cuda.grid(1)
        if i < out.size:
            out[i] = x[i] + y[i]

    add[blocks, threads](x, y, out)

CANTIL_CUDA chooses the device: `auto` (the GPU where a driver answers, else the simulator, with a
warning), `gpu`, `sim`. Nothing touches the driver until a device is needed.
"""

from .. import config as _config

if _config.DISABLE_JIT:
    from . import _plain as _device_names
else:
    from . import _names as _device_names

_DEVICE_NAMES = (
    "activemask all_sync any_sync atomic ballot_sync blockDim blockIdx brev cbrt clz const eq_sync ffs "
    "fma grid gridDim gridsize laneid lanemask_lt ldca ldcg ldcs ldcv ldlu local match_all_sync match_any_sync "
    "nanosleep popc rsqrt selp shared shfl_down_sync shfl_sync shfl_up_sync shfl_xor_sync stcg stcs stwb stwt "
    "syncthreads syncthreads_and syncthreads_count syncthreads_or syncwarp threadIdx threadfence "
    "threadfence_block threadfence_system warpsize"
).split()
globals().update({name: getattr(_device_names, name) for name in _DEVICE_NAMES})

_MODULES = ("bf16", "cg", "extending", "fp16", "libdevice", "nvtx", "random")

_NAMES = {
    name: module
    for module, names in {
        "_jit": "jit",
        "_link": "declare_device",
        "_sanitizer": "SanitizerError SanitizerFinding SanitizerAccess",
        "_compile": "compile compile_all compile_for_current_device compile_ptx compile_ptx_for_current_device",
        "_arrays": "DeviceNDArray as_cuda_array is_cuda_array to_device device_array device_array_like is_device_array "
        "from_cuda_array_interface",
        "_host_arrays": "pinned_array pinned_array_like mapped_array mapped_array_like managed_array pinned mapped",
        "_dlpack": "from_dlpack",
        "_args": "In Out InOut",
        "_reduce": "Reduce reduce",
        "_profiling": "profile_start profile_stop profiling",
        "_memory": "BaseCUDAMemoryManager HostOnlyCUDAMemoryManager GetIpcHandleMixin MemoryPointer MappedMemory "
        "PinnedMemory ManagedMemory MemoryInfo IpcHandle set_memory_manager open_ipc_array",
        "_linkable": "Archive CUSource Cubin Fatbin LTOIR LinkableCode Object PTXSource",
        "_devices": "Device Stream Event default_stream legacy_default_stream per_thread_default_stream "
        "external_stream stream event event_elapsed_time synchronize is_available is_supported_version cuda_error "
        "detect list_devices gpus select_device current_context get_current_device close reset require_context "
        "defer_cleanup is_simulated is_float16_supported is_bfloat16_supported is_fp8_supported",
    }.items()
    for name in names.split()
}

# Numba's modules, by their names here; programs import from them.
_ALIASES = {
    "api": "._devices",
    "args": "._args",
    "compiler": "._compile",
    "cudadrv": ".cudadrv",
    "decorators": "._jit",
    "devicearray": ".cudadrv.devicearray",
    "devices": ".cudadrv.devices",
    "dispatcher": "._jit",
    "driver": ".cudadrv.driver",
    "nvvm": ".cudadrv.nvvm",
    "reduction": "._reduce",
    "runtime": ".cudadrv.runtime",
    "config": "cantil.config",
    "core": "cantil.core",
    "errors": "cantil.errors",
    "types": "cantil.types",
}

# Types that Numba has here too.
_TYPES = (
    "b1 bfloat16 bool_ boolean byte c16 c8 char complex128 complex64 double f2 f4 f8 float16 float32 float64 i1 i2 i4 "
    "i8 int16 int32 int64 int8 int_ intc intp long_ longlong none optional short size_t ssize_t u1 u2 u4 u8 uchar uint "
    "uint16 uint32 uint64 uint8 uintc uintp ulong ulonglong ushort void literal float_"
).split()

#: Whether Numba is used: never.
HAS_NUMBA = False

# Types of vectors: float32x3, in CUDA C's words float3.
_VECTORS = {
    f"{word}{n}": f"{scalar}x{n}"
    for scalar, words in {
        "int8": "int8x char",
        "int16": "int16x short",
        "int32": "int32x int",
        "int64": "int64x long longlong",
        "uint8": "uint8x uchar",
        "uint16": "uint16x ushort",
        "uint32": "uint32x uint",
        "uint64": "uint64x ulong ulonglong",
        "float32": "float32x float",
        "float64": "float64x double",
    }.items()
    for word in words.split()
    for n in (1, 2, 3, 4)
}

__all__ = [*_DEVICE_NAMES, *_NAMES, *_ALIASES, *_TYPES, *_MODULES, *_VECTORS]


def __getattr__(name):
    import importlib

    if name in _ALIASES:
        value = importlib.import_module(_ALIASES[name], __name__)
    elif name in _TYPES:
        value = getattr(importlib.import_module("cantil.types"), name)
    elif name in ("CudaSupportError", "KernelRuntimeError"):
        value = getattr(importlib.import_module("cantil.errors"), name)
    elif name in _MODULES:
        value = importlib.import_module("." + name, __name__)
    elif name in _VECTORS:
        value = _device_names.vector(_VECTORS[name])
        for spelling, canonical in _VECTORS.items():
            if canonical == _VECTORS[name]:
                globals()[spelling] = value
    elif name in _NAMES:
        value = getattr(importlib.import_module("." + _NAMES[name], __name__), name)
    elif name in ("typeof", "vectorize", "guvectorize"):
        value = getattr(importlib.import_module("cantil"), name)
    else:
        raise AttributeError(f"module 'cantil.cuda' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *__all__})
