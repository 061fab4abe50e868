"""The type of a value."""

from ..._types import typeof

__all__ = ["typeof"]
