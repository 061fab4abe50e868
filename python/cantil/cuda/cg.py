"""Cooperative groups in kernels: `grid = cuda.cg.this_grid()`, then `grid.sync()` waits for all threads of the grid."""

from ._names import Name

__all__ = ["this_grid"]

this_grid = Name("cuda.cg.this_grid", "this_grid(): the grid's group, with a method sync()")
