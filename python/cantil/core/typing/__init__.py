"""Signatures and types of values."""

from ..._types import Signature, typeof

__all__ = ["Signature", "signature", "typeof"]


def signature(return_type, *args, **kwargs):
    """A signature: `signature(float64, int64)` is `float64(int64)`."""
    return Signature(return_type, args, recvr=kwargs.get("recvr"))


def __getattr__(name):
    from ..._internals import refuse

    refuse("cantil.core.typing", name)
