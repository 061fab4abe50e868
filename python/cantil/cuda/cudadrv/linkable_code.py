"""Code to link into kernels."""

from .._linkable import (
    FILE_EXTENSION_MAP,
    LTOIR,
    Archive,
    Cubin,
    CUSource,
    Fatbin,
    LinkableCode,
    Object,
    PTXSource,
)

__all__ = [
    "FILE_EXTENSION_MAP",
    "LTOIR",
    "Archive",
    "CUSource",
    "Cubin",
    "Fatbin",
    "LinkableCode",
    "Object",
    "PTXSource",
]
