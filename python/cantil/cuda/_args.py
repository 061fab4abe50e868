"""How a launch copies an argument: In, Out and InOut around it, and extensions that prepare arguments themselves."""

import numpy as np


class ArgHint:
    """An array that a launch copies to the device; what comes back is the subclass's business."""

    _kernel_argument_ = True

    def __init__(self, value):
        self.value = value

    @property
    def _numba_type_(self):
        from .. import typeof

        return typeof(self.value)

    def to_device(self, retr, stream=0):
        """What the kernel is given; functions to call after the kernel are appended to `retr`."""
        raise NotImplementedError


def _is_on_device(value):
    return hasattr(value, "__cuda_array_interface__")


class In(ArgHint):
    """`In(array)`: copied to the device before the kernel, not back."""

    def to_device(self, retr, stream=0):
        from ._arrays import to_device

        return self.value if _is_on_device(self.value) else to_device(self.value, stream)


class Out(ArgHint):
    """`Out(array)`: not copied to the device, but copied back after the kernel."""

    _copies_in = False

    def to_device(self, retr, stream=0):
        from ._arrays import device_array, to_device

        value = self.value
        if _is_on_device(value):
            return value
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{type(self).__name__} takes an array to copy back into, not {value!r}")
        if self._copies_in:
            array = to_device(value, stream)
        else:
            order = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
            array = device_array(value.shape, value.dtype, order=order, stream=stream)
        retr.append(lambda: array.copy_to_host(value, stream))
        return array


class InOut(Out):
    """`InOut(array)`: copied to the device before the kernel and back after it, as arrays are without a hint."""

    _copies_in = True


def wrap_arg(value, default=InOut):
    """The hint around a value: itself where it is one."""
    return value if isinstance(value, ArgHint) else default(value)


def _type_of(value):
    from .. import typeof
    from ..errors import NumbaError

    try:
        return typeof(value)
    except (NumbaError, ValueError, TypeError):
        return None  # it is the extension that knows what to do with it


def launch(launcher, values, extensions):
    """Launches with arguments that have to be prepared; called by the extension module.

    Waits for the kernel where something is copied back.
    """
    stream = launcher.stream or 0
    retr, prepared = [], []
    for value in values:
        if extensions:
            kind = _type_of(value)
            for extension in reversed(extensions):
                kind, value = extension.prepare_args(kind, value, stream=stream, retr=retr)
        prepared.append(value.to_device(retr, stream) if isinstance(value, ArgHint) else value)
    launcher._direct(*prepared)
    for copy_back in retr:
        copy_back()
    if retr and stream:
        stream.synchronize()


__all__ = ["ArgHint", "In", "InOut", "Out", "wrap_arg"]
