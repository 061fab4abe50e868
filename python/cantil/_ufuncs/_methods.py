"""The parts of universal functions that are not hot: they are added to the extension module's class."""

import numpy as np

from .. import _core

_UFUNC = _core.UniversalFunction


def _method(function):
    setattr(_UFUNC, function.__name__, function)
    return function


def _property(function):
    setattr(_UFUNC, function.__name__, property(function))
    return function


# ---- New loops ----


def element_type(value):
    """The type of the elements of an operand."""
    from .._types import typeof

    if isinstance(value, np.ndarray):
        return _of_dtype(value.dtype)
    if isinstance(value, (list, tuple)) or (
        hasattr(value, "__array__") and not isinstance(value, np.generic)
    ):
        return _of_dtype(np.asarray(value).dtype)
    return typeof(value)


def _of_dtype(dtype):
    found = _core.as_type(dtype.newbyteorder("="))
    if found is None:
        raise TypeError(f"compiled code does not know the dtype {dtype}")
    return found


def missing_loop(self, args, kwargs):
    """Compiles a loop for the operands of a call that no loop takes. False when that cannot help."""
    from ..errors import NumbaError

    if len(args) < self.nin:
        return False
    try:
        types = tuple(element_type(a) for a in args[: self.nin])
    except (TypeError, NumbaError):
        return False
    if any(types == known for known, *_ in self._loops()):
        return False
    self._add((None, types))
    return True


def _prepare_for_arrays(self, *arrays):
    """Compiles what a method needs that applies the function to these operands, unless a loop takes them."""
    if self._missing is None:
        return
    types = tuple(element_type(a) for a in arrays)
    letters = "".join(np.dtype(np.bool_).char if t._kind == "bool" else np.dtype(t.name).char for t in types)
    if not find_loop(self.types, letters):
        self._add((None, types))


def find_loop(loops, letters):
    """The first of NumPy's loops ("dd->d") into which types of these letters cast safely, or None."""
    for loop in loops:
        wanted = loop.split("->")[0]
        if len(wanted) == len(letters) and all(map(np.can_cast, letters, wanted)):
            return loop
    return None


@_method
def add(self, sig):
    """Compiles a loop for a signature and adds it, also where other signatures were given before.

    Raises what compiling raises, cantil.errors.TypingError for a signature that cannot be read.
    """
    from .._dispatcher import as_signatures
    from ._decorators import _checked_signatures

    pairs = as_signatures(sig)
    layout = self.__dict__.get("_layout")
    for pair in _checked_signatures(self.py_func, pairs, layout) if layout else pairs:
        self._add(pair)


@_method
def build_ufunc(self):
    """The universal function itself, as Numba's builders give it."""
    return self


@_method
def disable_compile(self):
    """No more loops are compiled from now on."""
    self._missing = None


@_property
def is_dynamic(self):
    """Whether loops are compiled at the call."""
    return self._missing is not None


# ---- Calls that are not the plain ones ----


def _override(self, method, args, kwargs):
    """What the class of an argument makes of a call, in NumPy's order: (True, result), or (False, None)."""
    plain = np.ndarray.__array_ufunc__
    given = [*args[: self.nin]]
    out = kwargs.get("out", ())
    given += [*args[self.nin :], *(out if isinstance(out, tuple) else (out,)), kwargs.get("where")]
    found = []
    for value in given:
        own = getattr(type(value), "__array_ufunc__", plain)
        if own is plain or type(value) in [type(f) for f in found]:
            continue
        if own is None:
            raise TypeError(
                f"operand '{type(value).__name__}' does not support ufuncs (__array_ufunc__=None)"
            )
        at = next((i for i, f in enumerate(found) if issubclass(type(value), type(f))), len(found))
        found.insert(at, value)
    if not found:
        return False, None
    if out and not isinstance(out, tuple):
        kwargs = {**kwargs, "out": (out,)}
    for value in found:
        result = value.__array_ufunc__(self, method, *args, **kwargs)
        if result is not NotImplemented:
            return True, result
    names = ", ".join(repr(type(v).__name__) for v in given if v is not None)
    raise TypeError(
        f"operand type(s) all returned NotImplemented from __array_ufunc__({self!r}, {method!r}, "
        f"{', '.join(map(repr, args))}): {names}"
    )


@_method
def _call_overridden(self, args, kwargs):
    handled, result = _override(self, "__call__", args, kwargs)
    if handled:
        return result
    if self._missing is not None:
        missing_loop(self, args, kwargs) if not self._layout_or_none() else _prepare_generalised(self, args)
    return self._call_numpy(None, args, kwargs)


@_method
def _layout_or_none(self):
    return self.__dict__.get("_layout")


def _prepare_generalised(self, args):
    from .. import types

    layout = self._layout
    groups = layout.inputs + layout.outputs
    found = []
    for i, (value, dims) in enumerate(zip(args, groups)):
        elem = element_type(value)
        is_array = dims or i >= len(layout.inputs)
        found.append(types.Array(elem, max(len(dims), 1), "A") if is_array else elem)
    letters = "".join(np.dtype(getattr(t, "dtype", t).name.replace("bool", "bool_")).char for t in found)
    inputs = letters[: len(layout.inputs)]
    for loop in self.types:
        wanted, results = loop.split("->")
        if all(map(np.can_cast, inputs, wanted)) and all(map(np.can_cast, results, letters[len(inputs) :])):
            return
    self._add((None, tuple(found)))


@_method
def _call_generalised(self, args, kwargs):
    """A call of a generalised function whose loops are compiled at the call."""
    if "out" in kwargs:
        kwargs = dict(kwargs)
        out = kwargs.pop("out")
        args += out if isinstance(out, tuple) else (out,)
    if len(args) != self.nargs:
        if len(args) == self.nin and self._loops():
            return self._call_numpy(None, args, kwargs)
        raise TypeError(
            f"Too few arguments for function '{self.__name__}'. Note that the pattern `out = gufunc(Arg1, Arg2, ..., "
            "ArgN)` is not allowed. Use `gufunc(Arg1, Arg2, ..., ArgN, out) instead."
        )
    _prepare_generalised(self, args)
    return self._call_numpy(None, args, kwargs)


@_method
def reduce(self, array, /, *args, **kwargs):
    """Reduces an axis (or several) with the function, as numpy.ufunc.reduce() does."""
    handled, result = _override(self, "reduce", (array,), kwargs)
    if handled:
        return result
    if self.nin == 2:
        _prepare_for_arrays(self, array, array)
    return self._call_numpy("reduce", (array, *args), kwargs)


@_method
def accumulate(self, array, /, *args, **kwargs):
    """All intermediate results of a reduction, as numpy.ufunc.accumulate() gives them."""
    handled, result = _override(self, "accumulate", (array,), kwargs)
    if handled:
        return result
    if self.nin == 2:
        _prepare_for_arrays(self, array, array)
    return self._call_numpy("accumulate", (array, *args), kwargs)


@_method
def reduceat(self, array, indices, /, *args, **kwargs):
    """Reductions of slices of an axis, as numpy.ufunc.reduceat() makes them."""
    handled, result = _override(self, "reduceat", (array, indices), kwargs)
    if handled:
        return result
    if self.nin == 2:
        _prepare_for_arrays(self, array, array)
    return self._call_numpy("reduceat", (array, indices, *args), kwargs)


@_method
def outer(self, A, B, /, **kwargs):
    """The function of all pairs of elements, as numpy.ufunc.outer() gives it."""
    handled, result = _override(self, "outer", (A, B), kwargs)
    if handled:
        return result
    if self.nin == 2:
        _prepare_for_arrays(self, A, B)
    return self._call_numpy("outer", (A, B), kwargs)


@_method
def at(self, a, indices, /, *b):
    """Applies the function in place to elements chosen by `indices`, repeated ones again, as numpy.ufunc.at()."""
    handled, result = _override(self, "at", (a, indices, *b), {})
    if handled:
        return result
    if self.nin == 1 + len(b):
        _prepare_for_arrays(self, a, *b)
    return self._call_numpy("at", (a, indices, *b), {})


@_method
def resolve_dtypes(self, dtypes, **kwargs):
    """The dtypes that a call with operands of these dtypes computes with, as numpy.ufunc.resolve_dtypes()."""
    return self._call_numpy("resolve_dtypes", (dtypes,), kwargs)


# ---- What numpy.ufunc has ----

for _name in "nin nout nargs ntypes types identity signature".split():

    def _read(self, name=_name):
        return getattr(self.ufunc, name)

    setattr(_UFUNC, _name, property(_read, doc=f"numpy.ufunc.{_name}"))


@_property
def __signature__(self):
    """The Python signature, for inspect.signature()."""
    import inspect

    return inspect.signature(self.py_func)


@_property
def signatures(self):
    """The argument types of each loop."""
    return [args for args, *_ in self._loops()]


@_property
def stats(self):
    """The disk cache's folder, hits and misses."""
    from collections import Counter

    from .._dispatcher import Stats

    if not self._options["cache"]:
        return Stats(None, Counter(), Counter())
    hits, misses = Counter(), Counter()
    for args, _, from_cache, _ in self._loops():
        (hits if from_cache else misses)[args] += 1
    return Stats(self._cache_path() or None, hits, misses)


def _inspect_stage(self, signature, stage):
    loops = [args for args, *_ in self._loops()]
    if signature is not None:
        return self._inspect(loops.index(tuple(signature)), stage)
    return {args: self._inspect(i, stage) for i, args in enumerate(loops)}


@_method
def inspect_llvm(self, signature=None):
    """The optimised LLVM IR by argument types, or that of one signature."""
    return _inspect_stage(self, signature, "llvm")


@_method
def inspect_asm(self, signature=None):
    """The machine code as assembler text by argument types, or that of one signature."""
    return _inspect_stage(self, signature, "asm")


@_method
def inspect_types(self, file=None):
    """Prints the source with the inferred types of each loop to `file` (standard output)."""
    for args, ret, _, text in self._loops():
        print(f"{self.__name__} ({', '.join(map(str, args))}) -> {ret}", "-" * 80, text, sep="\n", file=file)


@_method
def __repr__(self):
    return f"<cantil.UniversalFunction '{self.__name__}'>"


@_method
def __reduce__(self):
    from .._pickling import reduce_object

    layout, identity, writable = self._made_with
    return reduce_object(
        self, "ufunc", (self._options, self.targetoptions, self._explicit, layout, identity, writable)
    )


_UFUNC.__deepcopy__ = lambda self, memo: self
_UFUNC.__copy__ = lambda self: self
