"""Extending compiled code from Python: overloads of functions, methods and attributes, functions for both worlds.

An overload is a Python function that looks at the types of a call's arguments (cantil.types) and returns the function
that serves it, or None:

    @overload(scipy.special.exprel)
    def exprel(x):
        if isinstance(x, types.Float):
            return lambda x: math.expm1(x) / x
"""

import importlib as _importlib
import inspect as _inspect

from . import _core, types
from ._as_type import as_numba_type
from ._decorators import check_function as _check_function
from ._decorators import njit as _njit
from ._overloads import Intrinsic as _Intrinsic
from ._overloads import Overload as _Overload
from ._overloads import register as _register

__all__ = [
    "SentryLiteralArgs",
    "as_numba_type",
    "get_cython_function_address",
    "intrinsic",
    "is_jitted",
    "overload",
    "overload_attribute",
    "overload_classmethod",
    "overload_method",
    "register_jitable",
]


def _options(jit_options, inline):
    options = dict(jit_options or {})
    if inline == "always":
        options["inline"] = "always"
    return options


def _target(jit_options, given):
    options = dict(jit_options or {})
    return options.pop("target", given.pop("target", "generic")), options


def overload(func, jit_options=None, strict=True, inline="never", prefer_literal=False, **kwargs):
    """Makes `func` callable from compiled code, as the decorated function says.

    The decorated function is called with the types of the arguments and returns the implementation (a Python
    function with the same parameters; `strict=False` drops that demand) or None where it has none. With
    `prefer_literal=True` it is asked for literal types (cantil.types.Literal) first, else last.
    `target` ("cpu", "cuda" or "generic") says where the overload counts.

    Raises TypeError for unknown options.
    """
    target, options = _target(jit_options, kwargs)
    if kwargs:
        raise TypeError(f"unknown option(s) of overload: {', '.join(sorted(kwargs))}")

    def decorate(function):
        if isinstance(func, _core.Dispatcher):
            raise TypeError(f"{func.__name__} is compiled already and cannot be overloaded")
        _register(
            func, function, _Overload(function, _options(options, inline), target, strict, prefer_literal)
        )
        return function

    return decorate


def _overload_member(kind, typ, attr, kwargs):
    strict = kwargs.pop("strict", True)
    inline = kwargs.pop("inline", "never")
    prefer_literal = kwargs.pop("prefer_literal", False)
    target, options = _target(kwargs.pop("jit_options", None), kwargs)
    if kwargs:
        raise TypeError(f"unknown option(s) of overload_{kind}: {', '.join(sorted(kwargs))}")

    def decorate(function):
        entry = _Overload(function, _options(options, inline), target, strict, prefer_literal, matches=typ)
        _register(f"{kind}:{attr}", function, entry)
        return function

    return decorate


def overload_method(typ, attr, **kwargs):
    """Adds a method to values whose type is an instance of `typ` (a class of cantil.types).

    The decorated function gets the receiver's type first. Options are those of overload().
    """
    return _overload_member("method", typ, attr, kwargs)


def overload_attribute(typ, attr, **kwargs):
    """Adds an attribute to values whose type is an instance of `typ`. The decorated function gets that type."""
    return _overload_member("attribute", typ, attr, kwargs)


class _ClassMethod:
    """What `types.Array.name` is in Python when overload_classmethod has added it."""

    def __init__(self, typ, attr):
        self.__name__ = attr
        self.__qualname__ = f"{typ.__qualname__}.{attr}"
        self.__module__ = typ.__module__
        self.__doc__ = "A class method of compiled code."

    def __call__(self, *args, **kwargs):
        raise TypeError(f"{self.__qualname__} can only be called from compiled code")


def overload_classmethod(typ, attr, **kwargs):
    """Adds a class method to `typ`, a class of cantil.types: compiled code calls it as `typ.attr(…)`.

    The decorated function gets the class first, and so does the implementation.
    """
    strict = kwargs.pop("strict", True)
    target, options = _target(kwargs.pop("jit_options", None), kwargs)

    def decorate(function):
        stub = typ.__dict__.get(attr)
        if not isinstance(stub, _ClassMethod):
            stub = _ClassMethod(typ, attr)
            setattr(typ, attr, stub)
        entry = _Overload(function, options, target, strict, False, takes_class=typ)
        _register(stub, function, entry)
        return function

    return decorate


def register_jitable(*args, **kwargs):
    """Makes a plain Python function callable from compiled code too; in Python it stays as it is.

    Used as `@register_jitable` or `@register_jitable(option=…)` with jit's options.
    """

    def decorate(function):
        _check_function(function, "register_jitable")
        _core.register_twin(function, _njit(**kwargs)(function) if kwargs else _njit(function))
        return function

    if args:
        if len(args) != 1 or kwargs:
            raise TypeError("register_jitable takes a function, or options")
        return decorate(args[0])
    return decorate


def is_jitted(function):
    """Whether `function` is what jit made of a Python function."""
    return isinstance(function, _core.Dispatcher)


def intrinsic(*args, prefer_literal=False, **kwargs):
    """A function of compiled code that is written in LLVM's language.

    The decorated function gets a typing context (which is None) and the argument types, and returns a signature and
    the code, or None for types that it does not take. The code is

    - a text: an LLVM function whose parameters are the signature's arguments and which returns its result,

          @intrinsic
          def add(typingctx, a, b):
              return a(a, b), "define i64 @add(i64 %a, i64 %b) { %r = add i64 %a, %b  ret i64 %r }"

    - or a function `codegen(context, builder, signature, args)` as Numba's are, which returns the result. `builder`
      makes instructions under llvmlite's names (it is llvmlite's where that is installed); `context` has
      get_value_type, get_constant and cast.

    Only numbers, bools, pointers and None can be arguments and results.
    """

    def decorate(function):
        _inspect.signature(function)
        caller = _Caller(function)
        _register(caller, function, _Intrinsic(function, prefer_literal))
        return caller

    if args:
        if len(args) != 1:
            raise TypeError("intrinsic takes a function, or options")
        return decorate(args[0])
    return decorate


class _Caller:
    """An intrinsic, as the name in the user's module."""

    def __init__(self, function):
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__module__ = function.__module__
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *args, **kwargs):
        raise NotImplementedError(f"the intrinsic {self.__name__} can only be called from compiled code")

    def __repr__(self):
        return f"<intrinsic {self.__name__}>"


class SentryLiteralArgs:
    """Asks for literals: `SentryLiteralArgs(["axis"]).for_function(f).bind(*types)` binds the types of a call to f's
    parameters and raises RequireLiteralValue where one of the named ones is no literal."""

    def __init__(self, literal_args):
        self.literal_args = tuple(literal_args)

    def for_function(self, function):
        """The same for one function."""
        return _BoundLiterals(_inspect.signature(function), self.literal_args)

    def for_pysig(self, signature):
        """The same for an inspect.Signature."""
        return _BoundLiterals(signature, self.literal_args)


class _BoundLiterals:
    def __init__(self, signature, literal_args):
        self.signature = signature
        self.literal_args = literal_args

    def bind(self, *args, **kwargs):
        """The bound arguments. Raises RequireLiteralValue."""
        from .errors import RequireLiteralValue

        bound = self.signature.bind(*args, **kwargs)
        for name in self.literal_args:
            if name in bound.arguments and not isinstance(bound.arguments[name], types.Literal):
                raise RequireLiteralValue(
                    f"the argument '{name}' has to be a literal, not {bound.arguments[name]}"
                )
        return bound


def get_cython_function_address(module_name, function_name):
    """The address of a `cpdef` function of a Cython module, for ctypes.

    Raises ImportError for a module that cannot be imported, ValueError for one that has no such C function.
    """
    import ctypes

    module = _importlib.import_module(module_name)
    exported = getattr(module, "__pyx_capi__", None)
    if exported is None or function_name not in exported:
        raise ValueError(f"No function '{function_name}' found in __pyx_capi__ of '{module_name}'")
    capsule = exported[function_name]
    name_of = ctypes.pythonapi.PyCapsule_GetName
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype, pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return pointer_of(capsule, name_of(capsule))


# How values are laid out, boxed and lowered is Numba's own business there, and Cantil's here: other machinery.
_INTERNAL = (
    "BoundLiteralArgs NativeValue box unbox reflect lower_builtin lower_cast lower_getattr lower_getattr_generic "
    "lower_setattr lower_setattr_generic make_attribute_wrapper models register_model type_callable typeof_impl infer "
    "infer_getattr"
).split()


def __getattr__(name):
    if name in ("carray", "farray", "cfunc"):
        import cantil

        return getattr(cantil, name)
    if name in _INTERNAL:
        raise ImportError(
            f"cantil.extending has no {name}: it is part of how Numba represents values, which Cantil does in another "
            "way. New types are made with experimental.jitclass and experimental.structref, functions with overload "
            "and intrinsic"
        )
    raise AttributeError(f"module 'cantil.extending' has no attribute '{name}'")
