"""The decorators under their names in Numba's layout."""

from .._decorators import jit, jit_module, njit  # noqa: F401


def __getattr__(name):
    if name == "cfunc":
        import cantil

        return cantil.cfunc
    from .._internals import refuse

    refuse("cantil.core.decorators", name)
