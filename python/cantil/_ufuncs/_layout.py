"""Layouts of generalised universal functions, such as "(m,n),(n,p)->(m,p)"."""

import re
from collections import namedtuple

Layout = namedtuple("Layout", "inputs outputs text")
Layout.__doc__ = (
    "The names (or fixed sizes) of each operand's and each result's dimensions, and NumPy's spelling."
)

_GROUP = re.compile(r"\(([^()]*)\)")
_DIMENSION = re.compile(r"[A-Za-z_]\w*\??|[1-9]\d*")


def _groups(text, whole):
    groups, at = [], 0
    text = text.strip()
    while text:
        found = _GROUP.match(text, at)
        if not found:
            raise ValueError(
                f"bad token in signature {whole!r}: a parenthesised list of dimensions is expected at {text[at:]!r}"
            )
        names = [name.strip() for name in found[1].split(",")] if found[1].strip() else []
        for name in names:
            if not _DIMENSION.fullmatch(name):
                raise ValueError(
                    f"bad token in signature {whole!r}: {name!r} is neither the name of a dimension nor its size"
                )
        groups.append(tuple(names))
        at = found.end()
        rest = text[at:].lstrip()
        if not rest:
            return groups
        if rest[0] != ",":
            raise ValueError(f"bad token in signature {whole!r}: a comma is expected at {rest!r}")
        at = len(text) - len(rest[1:].lstrip())
    return groups


def parse_layout(text):
    """Reads a layout. Raises TypeError unless it is a str, ValueError where it is malformed, NameError for a result's
    dimension that no operand has."""
    if not isinstance(text, str):
        raise TypeError(f"a layout is written as a string such as '(n),()->(n)', not {text!r}")
    parts = text.split("->")
    if len(parts) > 2:
        raise ValueError(f"bad token in signature {text!r}: '->' may stand only once")
    inputs = _groups(parts[0], text)
    outputs = _groups(parts[1], text) if len(parts) == 2 else []
    if not inputs:
        raise ValueError(f"the signature {text!r} has no operands")
    known = {name for group in inputs for name in group}
    unknown = sorted({n for group in outputs for n in group if not n.isdigit()} - known)
    if unknown:
        raise NameError(f"undefined output symbols: {', '.join(unknown)}")
    spelling = ",".join(f"({','.join(group)})" for group in inputs)
    if outputs:  # NumPy does not read an arrow without results behind it
        spelling += "->" + ",".join(f"({','.join(group)})" for group in outputs)
    return Layout(inputs, outputs, spelling)
