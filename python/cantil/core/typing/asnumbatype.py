"""Python's own types as types of compiled code."""

from ..._as_type import AsNumbaType as AsNumbaTypeRegistry  # noqa: F401
from ..._as_type import as_numba_type  # noqa: F401
