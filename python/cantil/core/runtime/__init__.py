"""Counts of the memory of compiled code."""

from collections import namedtuple as _namedtuple

from ... import _core

_Statistics = _namedtuple("nrt_mstats", "alloc free mi_alloc mi_free")


class _Runtime:
    """The run-time library's memory."""

    def get_allocation_stats(self):
        """Blocks made and freed. Only their difference is kept: the blocks alive are shown as made."""
        alive = _core.live_blocks()
        return _Statistics(alive, 0, alive, 0)

    def initialize(self, context=None):
        """There is nothing to do."""


rtsys = _Runtime()
