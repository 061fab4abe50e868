"""The systems under measurement by name, and functions that are new to each of them."""

import importlib
import itertools
import sys
import tempfile
from pathlib import Path

_counter = itertools.count(1)
_folder = tempfile.TemporaryDirectory(prefix="cantil-bench-")


def package(name):
    """The module that speaks Numba's API."""
    return importlib.import_module(name)


def cuda_of(name):
    return importlib.import_module(f"{name}.cuda")


def fresh_module(text, peer):
    """Execute `text` as a new module in a file of its own and return the module.

    `@K@` becomes a number that no earlier module had, so that nothing can be found in a cache; `@PEER@` the package.
    """
    number = next(_counter)
    name = f"cantil_bench_{number}"
    path = Path(_folder.name) / f"{name}.py"
    path.write_text(text.replace("@K@", str(1000 + number)).replace("@PEER@", peer))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
