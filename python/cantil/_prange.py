"""prange: range() in plain Python, parallel in functions compiled with parallel=True."""


class prange:
    """`for i in prange(…)` takes what range() takes. Compiled with parallel=True, iterations run on all
    cores in any order;
    only reductions (`+=`, `*=`, `min`, `max` and the like) may carry a value from one to the next."""

    def __new__(cls, *args):
        return range(*args)
