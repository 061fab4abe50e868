"""vectorize and guvectorize."""

import functools

from .. import _core
from .._decorators import _declared, check_function, fastmath_bits, is_signature
from .._dispatcher import as_signatures
from ._layout import parse_layout

_TARGETS = ("cpu", "parallel", "cuda")


def _normalise(options, decorator, target):
    """The options as the integers that the extension module reads."""
    from .. import config

    if not options.pop("nopython", True):
        raise_unsupported("nopython=False", "nothing falls back to Python")
    if options.pop("forceobj", False):
        raise_unsupported("forceobj=True", "a function that runs as Python is numpy.frompyfunc's")
    boundscheck = options.pop("boundscheck", None)
    if boundscheck is None:
        boundscheck = config.BOUNDSCHECK
    options.pop("nogil", None)  # NumPy releases it around loops by itself
    options.pop("looplift", None)
    normal = {
        "fastmath": fastmath_bits(options.pop("fastmath", False)),
        "boundscheck": int(bool(boundscheck)),
        "numpy_errors": int(options.pop("error_model", "numpy") == "numpy"),
        "parallel": int(bool(options.pop("parallel", False))),
        "debug": int(bool(options.pop("debug", False))),
        "inline": int(options.pop("inline", "never") == "always"),
        "cache": int(bool(options.pop("cache", config.CACHE))),
        "locals": _declared(options.pop("locals", None) or {}),
        "split": int(target == "parallel"),
    }
    if options:
        raise TypeError(f"unknown option(s) of {decorator}: {', '.join(sorted(options))}")
    return normal


def raise_unsupported(option, why):
    """Raises cantil.errors.UnsupportedError for an option."""
    from ..errors import UnsupportedError

    raise UnsupportedError(f"the option {option} is not supported: {why}")


def _check_target(target, decorator):
    if target not in _TARGETS:
        raise ValueError(
            f"Unsupported target: {target!r}; {decorator} knows {', '.join(map(repr, _TARGETS))}"
        )


def _listed(signatures):
    """One signature or several as a list; a tuple of types is one."""
    if isinstance(signatures, list):
        return signatures
    if isinstance(signatures, tuple) and all(map(is_signature, signatures)):
        return list(signatures)
    return [signatures]


def vectorize(ftylist_or_function=(), target="cpu", identity=None, **options):
    """Makes a universal function of a function of numbers.

    Used as `@vectorize`, `@vectorize([signature, …])`, `@vectorize("float64(float64)")` or with options. The result
    does what a numpy.ufunc does: it broadcasts, takes out=, where=, dtype= and the like, and has reduce(),
    accumulate(), reduceat(), outer() and at(). Without signatures a loop is compiled when arguments come that no loop
    so far takes; with them, no more are.

    Args:
        ftylist_or_function: the function, or signatures; those that stand first are preferred.
        target: "cpu"; "parallel" splits long loops over all cores; "cuda" runs on a CUDA device or the simulator.
        identity: what an empty reduction gives: a number, None for none, or "reorderable" for none where several axes
            can be reduced at once.
        options: `cache`, `fastmath`, `boundscheck`, `locals`, `debug`, as those of jit.

    Raises TypeError for unknown options, ValueError for an unknown target or identity, and what compiling raises.
    """
    _check_target(target, "vectorize")
    if identity is not None and identity != "reorderable" and not isinstance(identity, (int, float, complex)):
        raise ValueError(f"Invalid identity value: {identity!r}")
    function = None
    if is_signature(ftylist_or_function):
        signatures = _listed(ftylist_or_function)
    else:
        function, signatures = ftylist_or_function, []
        check_function(function, "vectorize")
    if target == "cuda":
        from ..cuda._ufuncs import make_ufunc

        def decorate(function):
            check_function(function, "vectorize")
            return make_ufunc(function, as_signatures(signatures), identity, dict(options))
    else:
        normal = _normalise(dict(options), "vectorize", target)
        given = {"nopython": True, "target": target, **options}

        def decorate(function):
            check_function(function, "vectorize")
            return make_ufunc_object(function, normal, given, as_signatures(signatures), identity)

    return decorate if function is None else decorate(function)


def _count_parameters(function):
    code = function.__code__
    if code.co_flags & 0x0C or code.co_kwonlyargcount:
        raise TypeError(
            f"{function.__name__}: a universal function takes each operand by position, no * or ** and no "
            "keyword-only parameters"
        )
    return code.co_argcount


def make_ufunc_object(function, normal, given, pairs, identity):
    """The universal function of a Python function; with signatures, closed for others."""
    inputs = _count_parameters(function)
    if not inputs:
        raise TypeError(f"{function.__name__}: a universal function has at least one operand")
    ufunc = _core.UniversalFunction(
        function, normal, function.__name__, function.__doc__ or "", inputs, 1, "", identity, ()
    )
    functools.update_wrapper(ufunc, function)
    ufunc.targetoptions = given
    ufunc._made_with = None, identity, ()
    add_all(ufunc, pairs)
    return ufunc


def add_all(ufunc, pairs):
    """Compiles the loops of explicit signatures; without any, loops are compiled at the call."""
    from ._methods import missing_loop

    ufunc._explicit = pairs
    for pair in pairs:
        ufunc._declare(pair)
    for pair in pairs:
        ufunc._add(pair)
    ufunc._missing = None if pairs else missing_loop


def guvectorize(*args, target="cpu", identity=None, writable_args=(), **options):
    """Makes a generalised universal function of a function of arrays that writes its results into its last arguments.

    Used as `@guvectorize([signature, …], "(m,n),(n)->(m)")` or, without signatures, `@guvectorize("(n),()->(n)")`:
    loops are then compiled at the call, which has to give the arrays for the results too.

    Args:
        args: signatures (one or a list) and the layout. The signatures' types are arrays with as many dimensions as
            the layout gives them; "()" is a number for an operand and an array of one element for a result.
        target: "cpu"; "parallel" shares the outer loop between all cores; "cuda" runs on a CUDA device or simulator.
        identity: as for vectorize.
        writable_args: names or positions of the operands that the function changes.
        options: as those of vectorize.

    Raises ValueError for a malformed layout and for signatures that do not fit it, NameError for a result's dimension
    that no operand has, TypeError for unknown options, and what compiling raises.
    """
    _check_target(target, "guvectorize")
    if len(args) == 1:
        signatures, text = [], args[0]
    elif len(args) == 2:
        signatures, text = _listed(args[0]), args[1]
    else:
        raise TypeError("guvectorize takes signatures and a layout, or a layout alone")
    layout = parse_layout(text)

    if target == "cuda":
        from ..cuda._ufuncs import make_gufunc

        def decorate(function):
            check_function(function, "guvectorize")
            pairs = _checked_signatures(function, as_signatures(signatures), layout)
            return make_gufunc(function, pairs, layout, dict(options))
    else:
        normal = _normalise(dict(options), "guvectorize", target)
        given = {"nopython": True, "target": target, **options}

        def decorate(function):
            check_function(function, "guvectorize")
            return make_gufunc_object(
                function, normal, given, as_signatures(signatures), layout, identity, writable_args
            )

    return decorate


def _checked_signatures(function, pairs, layout):
    """The signatures with arrays of any layout. Raises ValueError where one does not fit the layout."""
    from .. import types

    names = function.__code__.co_varnames
    groups = layout.inputs + layout.outputs
    checked = []
    for ret, args in pairs:
        if ret is not None and ret is not types.none:
            raise TypeError(f"{function.__name__}: guvectorized functions cannot return values, not {ret}")
        if len(args) != len(groups):
            raise ValueError(
                f"{function.__name__}: the layout {layout.text} has {len(groups)} operands and results, the signature "
                f"({', '.join(map(str, args))}) has {len(args)}"
            )
        fitted = []
        for i, (type, dims) in enumerate(zip(args, groups)):
            is_array = isinstance(type, types.Array)
            is_result = i >= len(layout.inputs)
            if is_array and type.ndim != max(len(dims), 1):
                raise ValueError(
                    f"{function.__name__}: '{names[i]}' is {type}, and the layout {layout.text} gives it "
                    f"{len(dims)} dimension(s)"
                )
            if not is_array and (dims or is_result):
                what = f"{len(dims)} dimension(s)" if dims else "one element to write to"
                raise TypeError(
                    f"{function.__name__}: '{names[i]}' is {type}, and the layout {layout.text} gives it {what}: "
                    f"write {type}[{','.join(':' * max(len(dims), 1))}]"
                )
            fitted.append(types.Array(type.dtype, type.ndim, "A") if is_array else type)
        checked.append((None, tuple(fitted)))
    return checked


def make_gufunc_object(function, normal, given, pairs, layout, identity, writable_args):
    """The generalised universal function of a Python function."""
    count = len(layout.inputs) + len(layout.outputs)
    if _count_parameters(function) != count:
        raise TypeError(
            f"{function.__name__} takes {_count_parameters(function)} argument(s), the layout {layout.text} has {count}"
        )
    names = function.__code__.co_varnames
    writable = []
    for given_argument in writable_args:
        if given_argument in names[:count]:
            writable.append(names.index(given_argument))
        elif isinstance(given_argument, int) and 0 <= given_argument < count:
            writable.append(given_argument)
        else:
            raise ValueError(f"{function.__name__} has no argument {given_argument!r} (writable_args)")
    pairs = _checked_signatures(function, pairs, layout)
    ufunc = _core.UniversalFunction(
        function,
        normal,
        function.__name__,
        function.__doc__ or "",
        len(layout.inputs),
        len(layout.outputs),
        layout.text,
        identity,
        tuple(writable),
    )
    functools.update_wrapper(ufunc, function)
    ufunc.targetoptions = given
    ufunc._layout = layout
    ufunc._made_with = layout.text, identity, tuple(writable_args)
    add_all(ufunc, pairs)
    return ufunc
