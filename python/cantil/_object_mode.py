"""jit(forceobj=True): a function that runs as Python, behind a dispatcher's face."""

import functools


class ObjectMode:
    """Numba's object mode, which is the interpreter: any value, nothing compiled, no specialisations.

    For code that decorates everything alike; a function without the decorator does the same.
    """

    def __init__(self, function, options):
        functools.update_wrapper(self, function)
        self.py_func = function
        self.targetoptions = options
        self.signatures = []
        self.nopython_signatures = []
        self.overloads = {}

    def __call__(self, *args, **kwargs):
        return self.py_func(*args, **kwargs)

    def __get__(self, instance, owner=None):
        return self if instance is None else functools.partial(self, instance)

    def __repr__(self):
        return f"<function {self.__qualname__} in object mode>"
