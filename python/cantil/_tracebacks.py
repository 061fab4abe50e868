"""The cold side of raising: exception classes by name, and code objects that show the user's lines."""

import functools
import importlib
import sys


def find_class(name):
    """The class with this "module.qualname"; where the module ends is found by importing."""
    parts = name.split(".")
    for split in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:split]))
        except ImportError:
            continue
        for part in parts[split:]:
            found = getattr(found, part)
        return found
    raise ImportError(f"the exception class {name} cannot be imported")


def _varint(value):
    """CPython's variable-length integer: six bits a byte, low ones first, bit 6 says that more follow."""
    out = bytearray()
    while value >= 64:
        out.append(0x40 | (value & 63))
        value >>= 6
    out.append(value)
    return out


def _line_table(units, lines, col, end_col):
    """A PEP 657 table that gives all `units` code units the same place, relative to the code's first line."""
    table = bytearray()
    while units > 0:
        length = min(units, 8)
        table.append(0x80 | 14 << 3 | (length - 1))  # the long form: all positions follow
        table += _varint(0) + _varint(lines) + _varint(col + 1) + _varint(end_col + 1)
        units -= length
    return bytes(table)


_TEMPLATE = compile("None", "", "eval")


@functools.lru_cache(maxsize=1024)
def code_for(filename, function, line, end_line, col, end_col):
    """A code object named `function` whose every instruction stands at the given place."""
    name = function.rpartition(".")[2]
    if sys.version_info < (3, 11):
        return _TEMPLATE.replace(co_filename=filename, co_name=name, co_firstlineno=line)
    return _TEMPLATE.replace(
        co_filename=filename,
        co_name=name,
        co_qualname=function,
        co_firstlineno=line,
        co_linetable=_line_table(len(_TEMPLATE.co_code) // 2, max(end_line - line, 0), col, end_col),
    )
