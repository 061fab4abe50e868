"""Functions with a meaning of their own in compiled code, under their names in Numba's layout."""

_NAMES = "gdb gdb_breakpoint gdb_init literal_unroll literally pndindex prange typeof".split()


def __getattr__(name):
    if name in _NAMES:
        import cantil

        return getattr(cantil, name)
    from .._internals import refuse

    refuse("cantil.misc.special", name)
