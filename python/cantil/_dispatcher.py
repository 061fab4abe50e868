"""The parts of Dispatcher that are not hot: they are added to the extension module's class."""

import functools
import sys
from collections import Counter, OrderedDict, namedtuple

from . import _core

CompileResult = namedtuple("CompileResult", "signature from_cache type_annotation entry_point")
CompileResult.__doc__ = (
    "One compiled specialisation: its signature, whether it came from the disk cache, its typed source, and the\n"
    "function to call, which chooses the specialisation by its arguments."
)

Stats = namedtuple("Stats", "cache_path cache_hits cache_misses")
Stats.__doc__ = "The disk cache's folder (None without cache=True), and hits and misses by signature."


# Called with each new Dispatcher.
watchers = []


def as_signatures(given):
    """One signature or a list of them, as (return type, argument types) pairs."""
    from ._types import parse_signature

    return [parse_signature(s) for s in (given if isinstance(given, list) else [given])]


def make_dispatcher(function, options, given, signatures):
    """The Dispatcher of a Python function; with signatures, compiled for them and closed for others."""
    dispatcher = bare_dispatcher(function, options, given)
    if signatures is not None:
        close_for(dispatcher, as_signatures(signatures))
    return dispatcher


def bare_dispatcher(function, options, given):
    """The Dispatcher of a Python function that specialises at the call."""
    dispatcher = _core.Dispatcher(function, options)
    functools.update_wrapper(dispatcher, function)
    dispatcher.targetoptions = given
    for watch in watchers:
        watch(dispatcher)
    return dispatcher


def close_for(dispatcher, pairs):
    """Compiles for signatures, and for no others from then on."""
    dispatcher._explicit = pairs
    for pair in pairs:
        dispatcher._declare(pair)
    for pair in pairs:
        dispatcher._compile(pair)
    dispatcher.disable_compile(True)


def _method(function):
    setattr(_core.Dispatcher, function.__name__, function)
    return function


def _property(function):
    setattr(_core.Dispatcher, function.__name__, property(function))
    return function


def _signature_objects(self):
    from ._types import Signature

    return [(Signature(ret, args), cached, text) for args, ret, cached, _, text in self._compiled()]


@_property
def signatures(self):
    """The argument types of each specialisation, in the order of compiling."""
    return [args for args, *_ in self._compiled()]


@_property
def nopython_signatures(self):
    """The signature of each specialisation, with its return type."""
    return [signature for signature, _, _ in _signature_objects(self)]


@_property
def overloads(self):
    """What was compiled, by argument types."""
    return OrderedDict(
        (s.args, CompileResult(s, cached, text, self)) for s, cached, text in _signature_objects(self)
    )


@_property
def stats(self):
    """The disk cache's folder, hits and misses."""
    if not self._options["cache"]:
        return Stats(None, Counter(), Counter())
    hits, misses = Counter(), Counter()
    for args, _, from_cache, _, _ in self._compiled():
        (hits if from_cache else misses)[args] += 1
    return Stats(self._cache_path() or None, hits, misses)


@_property
def __signature__(self):
    """The Python signature, for inspect.signature()."""
    import inspect

    return inspect.signature(self.py_func)


@_method
def compile(self, sig):
    """Compiles for a signature, unless that has been done."""
    (pair,) = as_signatures(sig)
    self._compile(pair)


@_method
def get_overload(self, sig):
    """What was compiled for a signature. Raises KeyError when nothing was."""
    (pair,) = as_signatures(sig)
    return self.overloads[tuple(pair[1])]


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
    found = {args: {"return_type": ret, "from_cache": cached} for args, ret, cached, _, _ in self._compiled()}
    return found if signature is None else found[tuple(signature)]


@_method
def recompile(self):
    """Compiles all specialisations again, with the globals as they are now."""
    declared = getattr(self, "_explicit", None) or [(None, args) for args in self.signatures]
    self._forget()
    for pair in declared:
        self._compile(pair)


def _inspect_stage(self, signature, stage):
    if signature is not None:
        return self._inspect(tuple(signature), stage)
    return {args: self._inspect(args, stage) for args in self.signatures}


@_method
def inspect_llvm(self, signature=None):
    """The optimised LLVM IR by argument types, or that of one signature."""
    return _inspect_stage(self, signature, "llvm")


@_method
def inspect_asm(self, signature=None):
    """The machine code as assembler text by argument types, or that of one signature."""
    return _inspect_stage(self, signature, "asm")


@_method
def inspect_cfg(self, signature=None, **_):
    """The blocks of the optimised LLVM IR as a graph, by argument types, or that of one signature."""
    from ._control_flow import ControlFlow

    if signature is not None:
        return ControlFlow(self.__name__, self._inspect(tuple(signature), "llvm"))
    return {args: ControlFlow(self.__name__, self._inspect(args, "llvm")) for args in self.signatures}


@_method
def inspect_ir(self, signature=None):
    """Cantil's own IR by argument types, or that of one signature."""
    return _inspect_stage(self, signature, "ir")


@_method
def inspect_types(self, file=None, signature=None, **_):
    """Prints the source with the inferred types of each specialisation to `file` (standard output)."""
    wanted = None if signature is None else tuple(signature)
    for args, ret, _, _, text in self._compiled():
        if wanted is None or args == wanted:
            head = f"{self.__name__} ({', '.join(map(str, args))}) -> {ret}"
            print(head, "-" * 80, text, sep="\n", file=file or sys.stdout)


@_method
def parallel_diagnostics(self, signature=None, level=1):
    """Prints what became of the parallel code of each specialisation, or of one.

    level 1: the parallel loops beside the source, and what was fused; 2: also what runs serially inside of
    them; 3: also where memory is allocated; 4: also what was left unfused.
    """
    from ._parallel_report import report

    for args in [tuple(signature)] if signature is not None else self.signatures:
        print(report(self, args, level))


@_method
def __repr__(self):
    return f"<Dispatcher of {self.__module__}.{self.__qualname__}>"


@_method
def __reduce__(self):
    from ._pickling import reduce_object

    explicit = self.__dict__.get("_explicit")
    return reduce_object(self, "jit", (self._options, self.targetoptions, explicit))


_core.Dispatcher.__deepcopy__ = lambda self, memo: self
_core.Dispatcher.__copy__ = lambda self: self
