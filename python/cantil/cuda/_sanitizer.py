"""What the simulator's sanitizer raises: the findings of a launch, and a report that can be read."""

from dataclasses import dataclass
from typing import NamedTuple

from ..errors import NumbaError


class SanitizerAccess(NamedTuple):
    """One side of a finding: what a thread did, and where."""

    #: "read", "write", "atomic", "barrier", "return" (the thread returned early) or "end" (the kernel's end).
    what: str
    file: str
    line: int
    function: str
    #: Of the thread, tuples of three (x, y, z); None where only the place is known.
    block: "tuple[int, int, int] | None"
    thread: "tuple[int, int, int] | None"

    def describe(self):
        """The access in words, without its place."""
        done = {
            "read": "read",
            "write": "written",
            "atomic": "changed atomically",
            "barrier": "waiting at a barrier",
            "return": "returned",
            "end": "at the end of the kernel",
        }[self.what]
        who = "another thread" if self.thread is None else f"thread {self.thread} of block {self.block}"
        return f"{done} by {who}" if self.what in ("read", "write", "atomic") else f"{who} {done}"

    def place(self):
        """File and line, and the source where it can be read."""
        import linecache

        if not self.line:
            return f"in {self.function}"
        source = linecache.getline(self.file, self.line).strip()
        return f"{self.file}:{self.line}, in {self.function}" + (f"\n        {source}" if source else "")


@dataclass(frozen=True)
class SanitizerFinding:
    """One thing that is wrong with a kernel."""

    #: "race", "out of bounds", "uninitialised", "divergent barrier" or "warp mask".
    kind: str
    #: "global", "shared", "local" or "constant"; None for barriers and masks.
    memory: "str | None"
    #: What the source calls the array, None where that is not known.
    array: "str | None"
    #: The index of the access and the array's shape, None for accesses that have none.
    index: "tuple[int, ...] | None"
    shape: "tuple[int, ...] | None"
    #: The access or barrier that is wrong; for a race, the later of the two.
    access: SanitizerAccess
    #: A race: the earlier access. A divergent barrier: where another thread was.
    other: "SanitizerAccess | None"
    #: The wrong mask of a warp's operation, else 0.
    mask: int
    #: How often it was found at these places.
    count: int

    @property
    def block(self):
        """The block of the access."""
        return self.access.block

    @property
    def thread(self):
        """The thread of the access."""
        return self.access.thread

    @property
    def file(self):
        """The file of the access."""
        return self.access.file

    @property
    def line(self):
        """The line of the access."""
        return self.access.line

    def _element(self):
        name = self.array or "an array"
        if not self.index:
            return name
        index = ", ".join(map(str, self.index))
        return f"{name}[{index}]" if not name.startswith("a view") else f"[{index}] of {name}"

    def _headline(self):
        if self.kind == "race":
            return f"data race on {self._element()} in {self.memory} memory"
        if self.kind == "out of bounds":
            return f"index out of bounds: {self._element()}" + (f", shape {self.shape}" if self.shape else "")
        if self.kind == "uninitialised":
            return f"{self._element()} in {self.memory} memory is read before anything is written to it"
        if self.kind == "divergent barrier":
            return "not all threads of the block reach the same barrier"
        return f"the mask 0x{self.mask:08x} leaves the thread itself out, or names threads that have ended"

    def __str__(self):
        lines = [self._headline() + (f" (found {self.count} times)" if self.count > 1 else "")]
        lines.append(f"    {self.access.describe()}\n      {self.access.place()}")
        if self.other is not None:
            before = "before, " if self.kind == "race" else ""
            lines.append(f"    {before}{self.other.describe()}\n      {self.other.place()}")
        return "\n".join(lines)


class SanitizerError(NumbaError):
    """A checked kernel did something that it must not do. `findings` has what, a list of SanitizerFinding."""

    def __init__(self, message, findings=()):
        super().__init__(message)
        self.findings = list(findings)

    def __reduce__(self):
        return type(self), (str(self), self.findings)


def make_error(kernel, raw):
    """The exception for what the extension module hands over."""
    findings = []
    for one in raw:
        sides = {side: one[side] and SanitizerAccess(*one[side]) for side in ("access", "other")}
        findings.append(SanitizerFinding(**{**one, **sides}))
    count = len(findings)
    head = f"the sanitizer found {count} thing{'s' if count != 1 else ''} wrong with the kernel {kernel}:"
    return SanitizerError("\n\n".join([head, *map(str, findings)]), findings)
