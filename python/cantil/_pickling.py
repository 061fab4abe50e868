"""Pickling of compiled objects: by name where another process can import them, else with their source.

An object that is carried whole takes along its function's code, the source text (which compiling needs), what its free
names stand for, and its options and signatures; machine code is made anew, or comes from the disk cache. Unpickled in a
process that has the object already, it is that object.
"""

import importlib
import linecache
import marshal
import sys
import types
import uuid
import weakref

_alive = weakref.WeakValueDictionary()  # by identity of the object that was pickled first


def restore(module, qualname):
    """The object that stands under this name in another process."""
    found = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def _is_importable(obj):
    """Whether another process finds this very object by its name. Scripts and notebooks are nobody else's to import."""
    module, qualname = obj.__module__, obj.__qualname__
    if not module or module == "__main__" or "<" in qualname or module not in sys.modules:
        return False
    try:
        return restore(module, qualname) is obj
    except (AttributeError, ImportError):
        return False


def reduce_object(obj, kind, extra):
    """What __reduce__ of a compiled object gives. `kind` names an entry of _KINDS, `extra` is for its functions."""
    if _is_importable(obj):
        return restore, (obj.__module__, obj.__qualname__)
    uid = obj.__dict__.setdefault("_uid", None) or uuid.uuid4().hex
    obj.__dict__["_uid"] = uid
    _alive[uid] = obj
    function = obj.py_func
    return _rebuild, (uid, kind, _shell_of(function), extra), _state_of(function), None, None, _set_state


# ---- Functions ------------------------------------------------------------------------------------------------------


def _shell_of(function):
    code = function.__code__
    return (
        marshal.dumps(code),
        function.__name__,
        function.__qualname__,
        function.__module__,
        function.__doc__,
        len(function.__closure__ or ()),
        _source_of(function),
    )


def _source_of(function):
    """(text, number of its first line), or None."""
    carried = getattr(function, "__cantil_source__", None)
    if carried:
        return carried
    from ._capture import find_source

    try:
        found = find_source(function, float("inf"))
    except (SyntaxError, OSError):
        found = None
    if found is None:
        return None
    _, text, first, _ = found
    if function.__code__.co_name == "<lambda>":  # part of a statement: only the whole text can be parsed
        return "".join(linecache.getlines(function.__code__.co_filename, function.__globals__)) or text, 1
    return text, first


def _make_function(shell):
    code, name, qualname, module, doc, cells, source = shell
    space = {"__name__": module, "__builtins__": __builtins__}
    closure = tuple(types.CellType() for _ in range(cells))
    function = types.FunctionType(marshal.loads(code), space, name, None, closure or None)
    function.__qualname__, function.__module__, function.__doc__ = qualname, module, doc
    if source:
        function.__cantil_source__ = source
    return function


def _names_in(code):
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*map(_names_in, inner))


class _Wrapped:
    """A value that pickle refuses: a module, or a Python function that cannot be imported."""

    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        value = self.value
        if isinstance(value, types.ModuleType):
            return importlib.import_module, (value.__name__,)
        return _make_function, (_shell_of(value),), _state_of(value), None, None, _fill_function


def _wrap(value):
    if isinstance(value, types.ModuleType):
        return _Wrapped(value)
    if isinstance(value, types.FunctionType) and not _is_importable(value):
        return _Wrapped(value)
    return value


def _state_of(function):
    space = function.__globals__
    used = {name: _wrap(space[name]) for name in sorted(_names_in(function.__code__)) if name in space}
    cells = []
    for cell in function.__closure__ or ():
        try:
            cells.append((_wrap(cell.cell_contents),))
        except ValueError:
            cells.append(())
    defaults = function.__defaults__, function.__kwdefaults__
    return used, cells, defaults


def _fill_function(function, state):
    used, cells, (function.__defaults__, function.__kwdefaults__) = state
    function.__globals__.update(used)
    for cell, content in zip(function.__closure__ or (), cells):
        if content:
            (cell.cell_contents,) = content


# ---- Compiled objects -----------------------------------------------------------------------------------------------


def _rebuild(uid, kind, shell, extra):
    known = _alive.get(uid)
    if known is not None:
        return known
    make, _ = _KINDS[kind]
    made = make(_make_function(shell), *extra)
    made.__dict__["_uid"] = uid
    made.__dict__["_unfinished"] = kind, extra
    _alive[uid] = made
    return made


def _set_state(obj, state):
    kind, extra = obj.__dict__.pop("_unfinished", (None, None))
    if kind is None:
        return  # one that was there already
    _fill_function(obj.py_func, state)
    _, finish = _KINDS[kind]
    finish(obj, *extra)


def _make_dispatcher(function, options, given, pairs):
    from ._dispatcher import bare_dispatcher

    return bare_dispatcher(function, options, given)


def _finish_dispatcher(obj, options, given, pairs):
    from ._dispatcher import close_for

    if pairs is not None:
        close_for(obj, pairs)


def _make_kernel(function, options, given, pairs):
    from .cuda._jit import make_kernel

    return make_kernel(function, options, given)


def _finish_kernel(obj, options, given, pairs):
    from .cuda._jit import close_for

    if pairs is not None:
        close_for(obj, options, pairs)


def _make_ufunc(function, options, given, pairs, layout, identity, writable):
    from ._ufuncs._decorators import make_gufunc_object, make_ufunc_object
    from ._ufuncs._layout import parse_layout

    if layout is None:
        return make_ufunc_object(function, options, given, [], identity)
    return make_gufunc_object(function, options, given, [], parse_layout(layout), identity, writable)


def _finish_ufunc(obj, options, given, pairs, *_):
    from ._ufuncs._decorators import add_all

    add_all(obj, pairs)


def _plain(module, cls):
    """The pair for a class in Python: an empty object that is initialised when its function is complete."""

    def make(function, *extra):
        made = object.__new__(getattr(importlib.import_module(module, __package__), cls))
        made.__dict__["py_func"] = function
        return made

    def finish(obj, *extra):
        obj.__init__(obj.py_func, *extra)

    return make, finish


_KINDS = {
    "jit": (_make_dispatcher, _finish_dispatcher),
    "kernel": (_make_kernel, _finish_kernel),
    "ufunc": (_make_ufunc, _finish_ufunc),
    "cfunc": _plain("._cfunc", "CFunc"),
    "stencil": _plain("._stencils", "StencilFunc"),
    "cuda_ufunc": _plain(".cuda._ufuncs", "CudaUfunc"),
    "cuda_gufunc": _plain(".cuda._ufuncs", "CudaGufunc"),
}
