"""What a kernel says of itself: its code at each stage, resources, specialisations. Methods of _core.Kernel."""

import sys

from .. import _core
from .._dispatcher import as_signatures


def _method(function):
    setattr(_core.Kernel, function.__name__, function)
    return function


def _property(function):
    setattr(_core.Kernel, function.__name__, property(function))
    return function


def _by_signature(self, signature, get):
    if signature is not None:
        return get(tuple(signature))
    return {args: get(args) for args in self.signatures}


def _add_attribute(name, index, doc):
    def query(self, signature=None):
        return _by_signature(self, signature, lambda args: self._attributes((None, args))[index])

    query.__name__, query.__doc__ = name, doc + " By argument types, or of one signature."
    _method(query)


_add_attribute("get_regs_per_thread", 0, "Registers of a thread.")
_add_attribute("get_shared_mem_per_block", 1, "Bytes of static shared memory of a block.")
_add_attribute("get_const_mem_size", 2, "Bytes of constant memory.")
_add_attribute("get_local_mem_per_thread", 3, "Bytes of local memory of a thread.")
_add_attribute("get_max_threads_per_block", 4, "The most threads that a block can have.")


@_method
def max_cooperative_grid_blocks(self, signature, blockdim, dynsmemsize=0):
    """The most blocks of a cooperative launch with blocks of `blockdim` threads."""
    threads = 1
    for extent in blockdim if isinstance(blockdim, tuple) else (blockdim,):
        threads *= extent
    return self._occupancy((None, tuple(signature)), threads, dynsmemsize)[1]


@_method
def inspect_asm(self, signature=None):
    """The PTX by argument types, or that of one signature (on the simulator, the host's assembler text)."""
    stage = "ptx" if _core.cuda_kind() == "gpu" else "asm"
    return _by_signature(self, signature, lambda args: self._inspect(args, stage))


@_method
def inspect_llvm(self, signature=None):
    """The optimised LLVM IR by argument types, or that of one signature."""
    return _by_signature(self, signature, lambda args: self._inspect(args, "llvm"))


@_method
def inspect_ir(self, signature=None):
    """Cantil's own IR by argument types, or that of one signature."""
    return _by_signature(self, signature, lambda args: self._inspect(args, "ir"))


@_method
def inspect_ptx(self, signature=None, cc=None):
    """The PTX by argument types, or that of one signature; `cc` is the compute capability, by default the device's."""
    if cc is None:
        major, minor = _core.cuda_current().properties["compute_capability"]
    else:
        major, minor = cc
    return _by_signature(self, signature, lambda args: self._ptx((None, args), (major, minor), "", "")[0])


@_method
def inspect_sass(self, signature=None):
    """The machine code of the current device as text, by argument types or of one signature. Needs ptxas and nvdisasm.

    Raises RuntimeError where these tools are not found.
    """
    from ._compile import kernel_sass

    major, minor = _core.cuda_current().properties["compute_capability"]
    return _by_signature(
        self,
        signature,
        lambda args: kernel_sass(self, self._ptx((None, args), (major, minor), "", ""), (major, minor)),
    )


@_method
def inspect_types(self, file=None):
    """Prints the source with the inferred types of each specialisation to `file` (standard output)."""
    for args, _, _, text in self._compiled():
        head = f"{self.__name__} ({', '.join(map(str, args))})"
        print(head, "-" * 80, text, sep="\n", file=file or sys.stdout)


def _tool_text(self, signature, tool, *flags):
    """What NVIDIA's disassembler says of the cubin, by argument types or of one signature."""
    from ._compile import disassembled, kernel_cubin

    cc = _core.cuda_current().properties["compute_capability"]

    def text(args):
        return disassembled(kernel_cubin(self, self._ptx((None, args), cc, "", ""), cc), tool, *flags)

    return _by_signature(self, signature, text)


@_method
def inspect_sass_cfg(self, signature=None):
    """The control flow of the machine code in the DOT language, by argument types or of one signature. Needs ptxas and
    nvdisasm; raises RuntimeError where these tools are not found."""
    return _tool_text(self, signature, "nvdisasm", "-cfg")


inspect_disasm_cfg = inspect_sass_cfg
_core.Kernel.inspect_disasm_cfg = inspect_sass_cfg


@_method
def inspect_cfg(self, signature=None, **_):
    """The blocks of the optimised LLVM IR as a graph, by argument types, or that of one signature."""
    from .._control_flow import ControlFlow

    return _by_signature(
        self, signature, lambda args: ControlFlow(self.__name__, self._inspect(args, "llvm"))
    )


@_method
def inspect_lto_ptx(self, signature=None):
    """The PTX: Cantil optimises before it makes PTX, linking or not."""
    return self.inspect_ptx(signature)


@_property
def nopython_signatures(self):
    """The signature of each specialisation, with its return type."""
    from .._types import Signature

    return [Signature(ret, args) for args, ret, *_ in self._compiled()]


@_property
def specialized(self):
    """Whether it takes the types of specialize() only."""
    return bool(self.__dict__.get("_specialized"))


@_property
def is_compiling(self):
    """Whether it is being compiled right now: never seen by the thread that asks."""
    return False


@_method
def get_overload(self, sig):
    """What was compiled for a signature. Raises KeyError when nothing was."""
    (pair,) = as_signatures(sig)
    return self.overloads[tuple(pair[1])]


get_compile_result = get_overload
_core.Kernel.get_compile_result = get_overload


@_method
def get_call_template(self, args, kws):
    """(return type, argument types) of a call with these types, compiling it where it is new."""
    if kws:
        raise TypeError("keyword arguments have to be given by position here")
    return self._compile((None, args)), tuple(args)


@_method
def get_function_type(self):
    """The signature, where there is only one; else None."""
    found = self.nopython_signatures
    return found[0] if len(found) == 1 else None


@_method
def get_metadata(self, signature=None):
    """What is known of each specialisation beside its code: {argument types: {…}}, or that of one."""
    found = {args: {"return_type": ret, "from_cache": cached} for args, ret, cached, _ in self._compiled()}
    return found if signature is None else found[tuple(signature)]


@_method
def recompile(self):
    """Compiles all specialisations again, with the globals as they are now."""
    found = self.signatures
    self._forget()
    for args in found:
        self._compile((None, args))
