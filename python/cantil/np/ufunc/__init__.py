"""The decorators for ufuncs under their names in Numba's layout."""

_NAMES = (
    "vectorize guvectorize threading_layer get_num_threads set_num_threads get_thread_id get_parallel_chunksize "
    "set_parallel_chunksize parallel_chunksize"
).split()


def __getattr__(name):
    if name in _NAMES:
        import cantil

        return getattr(cantil, name)
    from ..._internals import refuse

    refuse("cantil.np.ufunc", name)
