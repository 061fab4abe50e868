"""Threads of parallel code, as compiled code sees and sets them."""

import cantil
import numpy as np
from cantil.library import call_runtime, cast, overload


@overload(cantil.get_num_threads)
def get_num_threads():
    """How many threads parallel code uses."""
    return cast(call_runtime(np.int32, "cantil_rt_num_threads"), np.int64)


@overload(cantil.set_num_threads)
def set_num_threads(n: Whole):
    """Sets how many threads parallel code of this thread uses."""
    most = cast(call_runtime(np.int32, "cantil_rt_max_threads"), np.int64)
    if n < 1 or n > most:
        raise ValueError("The number of threads must be between 1 and the most there are")
    call_runtime(None, "cantil_rt_set_num_threads", cast(n, np.int32))


@overload(cantil.get_thread_id)
def get_thread_id():
    """The number of this thread among those of a parallel region."""
    return cast(call_runtime(np.int32, "cantil_rt_thread_id"), np.int64)


@overload(cantil.get_parallel_chunksize)
def get_parallel_chunksize():
    """How many iterations of a parallel loop are to be one piece of work; 0 for as the runtime sees fit."""
    return call_runtime(np.int64, "cantil_rt_get_parallel_chunksize")


@overload(cantil.set_parallel_chunksize)
def set_parallel_chunksize(n: Whole):
    """Sets that; gives the former setting."""
    if n < 0:
        raise ValueError("chunksize must be greater than or equal to zero")
    return call_runtime(np.int64, "cantil_rt_set_parallel_chunksize", cast(n, np.int64))
