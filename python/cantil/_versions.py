"""Versions as values: Cantil's own, and the one of Numba whose interface it offers."""

from collections import namedtuple

from . import _core

#: The version of Numba that unchanged programs are told (cantil.compat).
NUMBA_INTERFACE = "0.68.1"

VersionInfo = namedtuple("VersionInfo", "major minor patch short full string tuple git_revision")
VersionInfo.__doc__ = "The parts of a version: numbers, 'major.minor', a tuple of the numbers, and the text."


def version_info_of(text):
    """A version's text as a VersionInfo."""
    numbers = tuple(int(n) for n in text.split("+")[0].split(".")[:3] if n.isdigit())
    major, minor, patch = (*numbers, None, None, None)[:3]
    return VersionInfo(
        major, minor, patch, (major, minor), (major, minor, patch), text, tuple(text.split(".")), None
    )


version_info = version_info_of(_core.__version__)
