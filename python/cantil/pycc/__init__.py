"""Ahead-of-time compilation in the form of numba.pycc: `CC` makes an extension module of exported functions."""

import sys
from pathlib import Path

from .._aot.exports import PORTABLE, Export

__all__ = ["CC"]


class CC:
    """An extension module to be compiled. It needs NumPy when it runs, and neither Cantil nor Numba.

        cc = CC("my_module")

        @cc.export("multf", "f8(f8, f8)")
        @cc.export("multi", "i4(i4, i4)")
        def mult(a, b):
            return a * b

        cc.compile()

    `extension_name` is the module's name without dots. `source_module` is the module (or its name) that the exported
    functions are in: its folder is where the extension goes; without it that is the caller's.

    A name that is exported with several signatures chooses by its arguments. Exceptions, their messages and tracebacks
    are those of the compiled function."""

    def __init__(self, extension_name, source_module=None):
        if "." in extension_name:
            raise ValueError("basename should be a simple module name, not qualified name")
        self._basename = extension_name
        self._exports = {}
        self._source_path, self._source_name = _source(source_module)
        self._output_dir = None
        self._output_file = None
        self.verbose = False
        self.use_nrt = True
        self._target_cpu = ""

    @property
    def name(self):
        """The name of the extension module."""
        return self._basename

    @property
    def output_file(self):
        """The file name of the extension, with its suffix."""
        from .._aot.link import extension_suffix

        return self._output_file or self._basename + extension_suffix()

    @output_file.setter
    def output_file(self, value):
        self._output_file = value

    @property
    def output_dir(self):
        """The folder that the extension is written to; the source module's unless it is set."""
        return self._output_dir or str(self._source_path.parent)

    @output_dir.setter
    def output_dir(self, value):
        self._output_dir = value

    @property
    def target_cpu(self):
        """LLVM's name of the CPU to compile for, or 'host'. Empty: code for several levels of x86-64, the best one that
        the machine has is chosen when the module is loaded."""
        return self._target_cpu

    @target_cpu.setter
    def target_cpu(self, value):
        self._target_cpu = value

    def export(self, exported_name, sig):
        """A decorator that exports a function as `exported_name` for the signature `sig` (text or a signature object).

        Raises KeyError for a name that another function has."""
        from .._decorators import njit
        from .._types import parse_signature

        signature = parse_signature(sig)

        def decorator(function):
            known = self._exports.get(exported_name)
            plain = getattr(function, "py_func", function)
            if known is None:
                dispatcher = function if plain is not function else njit(function)
                known = self._exports[exported_name] = Export(exported_name, dispatcher)
            elif known.py_func is not plain:
                raise KeyError(f"duplicated export symbol {exported_name}")
            known.signatures.append(signature)
            return function

        return decorator

    @property
    def _cpus(self):
        return (self._target_cpu,) if self._target_cpu else PORTABLE

    def compile(self):
        """Compiles the exported functions to `output_dir`/`output_file`."""
        self._build(Path(self.output_dir) / self.output_file)

    def _build(self, path):
        from .._aot.build import build_extension

        build_extension(self._basename, list(self._exports.values()), path, self._cpus, self.verbose)

    def distutils_extension(self, **kwargs):
        """An extension for the `ext_modules` of setuptools' setup(); the functions are compiled when it is built.

        `kwargs` are those of setuptools.Extension (macros, include_dirs…); compiled functions take no notice."""
        from .._aot.setuptools_extension import CCExtension

        package = self._source_name.rpartition(".")[0] if self._source_name not in (None, "__main__") else ""
        return CCExtension(f"{package}.{self._basename}" if package else self._basename, self, kwargs)


def _source(module):
    """The file of a module and its name: of the one given, else of the first caller outside this file."""
    if isinstance(module, str):
        __import__(module)
        module = sys.modules[module]
    if module is not None:
        return Path(module.__file__).resolve(), module.__name__
    frame = sys._getframe(2)
    path = Path(frame.f_code.co_filename)
    return (path.resolve() if path.exists() else Path.cwd() / "module"), frame.f_globals.get("__name__")
