"""Signatures from what users write."""

from .._decorators import is_signature as _is_signature
from .._types import parse_signature

__all__ = ["is_signature", "normalize_signature"]


def is_signature(sig):
    """Whether `sig` is a signature: an object, a text or a tuple of types."""
    return _is_signature(sig) and not isinstance(sig, list)


def normalize_signature(sig):
    """(argument types, return type or None) of a signature. Raises TypeError for anything else."""
    if not is_signature(sig):
        raise TypeError(
            f"invalid signature: {sig!r} (type: {type(sig)!r}) evaluates to {type(sig).__name__} "
            "instead of tuple or Signature"
        )
    ret, args = parse_signature(sig)
    return tuple(args), ret
