"""Fixtures of the tests that are made from the library's declarations."""

import importlib.util
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent / "programs")]  # the oracle is there


@pytest.fixture
def compiled_from(tmp_path):
    """A module of the given text, from a file, so that its functions have a source."""

    def load(text):
        path = tmp_path / "sample_module.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location("sample_module", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
