"""Unchanged Numba programs: after `cantil.compat.install()`, `import numba` and its public modules give Cantil.

    import cantil.compat

    cantil.compat.install()
    from numba import njit, cuda      # Cantil's

`python -m cantil script.py` does this for a script.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
import types

__all__ = ["install", "uninstall"]

# Modules of Numba with other places here.
_PLACES = {
    "numba.np.ufunc.decorators": "cantil.np.ufunc",
    "numba.typed.typedlist": "cantil.typed",
    "numba.typed.typeddict": "cantil.typed",
}


class _Numba(types.ModuleType):
    """The module `numba`: Cantil's names, under the version whose interface they have."""

    def __init__(self):
        super().__init__("numba", "Cantil, under Numba's name.")
        from . import _core, _versions

        self.__version__ = f"{_versions.NUMBA_INTERFACE}+cantil.{_core.__version__}"
        self.version_info = _versions.version_info_of(self.__version__)
        self.__path__ = []

    def __getattr__(self, name):
        import cantil

        if name == "__all__":
            return cantil.__all__
        try:
            return getattr(cantil, name)
        except AttributeError:
            pass
        if importlib.util.find_spec(f"cantil.{name}") is not None and not name.startswith("_"):
            return importlib.import_module(f"cantil.{name}")
        raise AttributeError(f"module 'numba' (which is Cantil here) has no attribute '{name}'")

    def __dir__(self):
        import cantil

        return dir(cantil)


class _Finder:
    """Finds numba and what is below it."""

    def __init__(self):
        self._specs = {}  # of modules that are being imported under Numba's name

    def find_spec(self, name, path=None, target=None):
        if name == "numba":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        if not name.startswith("numba."):
            return None
        place = _PLACES.get(name, "cantil" + name[len("numba") :])
        try:
            found = importlib.util.find_spec(place)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise ModuleNotFoundError(
                f"{name} is internal to Numba, or not there yet: Cantil has no module of this name", name=name
            )
        return importlib.machinery.ModuleSpec(name, self, origin=place, is_package=True)

    def create_module(self, spec):
        if spec.name == "numba":
            return _Numba()
        module = importlib.import_module(spec.origin)
        self._specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module):
        if isinstance(module, _Numba):
            return
        module.__spec__ = self._specs.pop(module.__spec__.name)  # the import system has put the alias's there


_finder = _Finder()


def install():
    """Lets `import numba` find Cantil from now on. Raises ImportError when the real Numba has been imported already."""
    present = sys.modules.get("numba")
    if present is not None and not isinstance(present, _Numba):
        raise ImportError(
            "numba has been imported already: call cantil.compat.install() before anything imports it"
        )
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def uninstall():
    """Undoes install(): later imports of numba find the real one. What has been imported stays as it is."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in [n for n in sys.modules if n == "numba" or n.startswith("numba.")]:
        del sys.modules[name]
