"""Devices and contexts."""

from .._devices import _DeviceList, get_context, gpus, require_context, reset

__all__ = ["_DeviceList", "get_context", "gpus", "require_context", "reset"]
