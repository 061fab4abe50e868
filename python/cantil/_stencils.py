"""stencil: functions of an element and its neighbours, applied to all of an array."""

import functools
import inspect

from . import _core
from ._decorators import check_function, njit
from ._pickling import reduce_object


class StencilFunc:
    """A stencil. Called with an array (and what else the function takes), it gives an array of the same shape; `out=`
    is the array to write to. Compiled code calls it too; in functions compiled with parallel=True it runs on all cores.
    """

    __cantil_compiled__ = "_function"

    def __init__(self, function, neighborhood, standard_indexing, cval):
        functools.update_wrapper(self, function)
        self.py_func = function
        self.neighborhood = neighborhood or None
        self._made_with = neighborhood, standard_indexing, cval
        options = {"cache": 0, "stencil": (neighborhood, standard_indexing, cval)}
        self._function = _core.Dispatcher(function, options)
        parameters = inspect.signature(function).parameters.values()
        if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
            raise TypeError(f"{function.__name__}: a stencil takes each argument by name, no * or **")
        self._signature = inspect.signature(function)

    @functools.cached_property
    def _callers(self):
        kernel = self

        def apply(*args):
            return kernel(*args)

        def apply_into(out, *args):
            return kernel(*args, out=out)

        return njit(apply), njit(apply_into)

    def __call__(self, *args, out=None, **kwargs):
        if kwargs or len(args) != len(self._signature.parameters):
            bound = self._signature.bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        apply, apply_into = self._callers
        return apply(*args) if out is None else apply_into(out, *args)

    def __repr__(self):
        return f"<stencil {self.__qualname__}>"

    def __reduce__(self):
        return reduce_object(self, "stencil", self._made_with)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


def stencil(func_or_mode="constant", **options):
    """Makes a stencil of a function that reads an array relative to the current element: `a[0, 1]` is to the right.

    Used as `@stencil`, `@stencil("constant")` or `@stencil(option=…)`. Elements whose neighbourhood reaches over the
    edge get `cval`.

    Args:
        func_or_mode: the function, or the mode; there is only "constant".
        neighborhood: a pair (lowest, highest) of offsets for each dimension; needed where an offset is no constant.
        standard_indexing: names of array parameters that are indexed as usual.
        cval: the value of the border, 0 where none is given.

    Raises cantil.errors.NumbaValueError for another mode, TypeError for unknown options.
    """
    if not isinstance(func_or_mode, str):
        return _make(func_or_mode, options)
    if func_or_mode != "constant":
        from .errors import NumbaValueError

        raise NumbaValueError(f"Unsupported mode style {func_or_mode}")
    return lambda function: _make(function, options)


def _make(function, options):
    check_function(function, "stencil")
    options = dict(options)
    mode = options.pop("func_or_mode", "constant")
    if mode != "constant":
        from .errors import NumbaValueError

        raise NumbaValueError(f"Unsupported mode style {mode}")
    neighborhood = tuple((int(low), int(high)) for low, high in options.pop("neighborhood", None) or ())
    standard = options.pop("standard_indexing", ())
    standard = (standard,) if isinstance(standard, str) else tuple(standard)
    cval = (options.pop("cval"),) if "cval" in options else ()
    if options:
        raise TypeError(f"unknown option(s) of stencil: {', '.join(sorted(options))}")
    return StencilFunc(function, neighborhood, standard, cval)
