"""Marks on containers whose items the compiler should see one by one. In Python they do nothing."""


def literal_unroll(container):
    """Marks a tuple or list of mixed types that a for loop runs over: the body is compiled for each item's type.

    Compiled code does so for every tuple of mixed types; the mark is for programs that are written for Numba.
    """
    return container
