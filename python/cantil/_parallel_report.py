"""The text of parallel_diagnostics."""

import inspect
from collections import namedtuple

_WIDTH = 80
_Event = namedtuple("_Event", "kind function line end_line what into")


def _events(text):
    for row in text.splitlines():
        kind, function, line, end_line, what, into = row.split("\t")
        yield _Event(kind, function, int(line), int(end_line), what, int(into))


def _heading(text, fill="-"):
    return f" {text} ".center(_WIDTH, fill)


def _listing(lines, first, loops):
    """The source with the number of each loop beside the line where it begins."""
    at = {}
    for number, loop in enumerate(loops):
        at.setdefault(loop.line, []).append(f"#{number}")
    width = max((len(line.rstrip()) for line in lines), default=0) + 4
    yield "-" * width + "|loop #ID"
    for k, line in enumerate(lines):
        numbers = at.get(first + k)
        if numbers:
            yield line.rstrip().ljust(width, "-") + "| " + ", ".join(numbers)
        else:
            yield line.rstrip().ljust(width) + "|"


def _inside(event, loop):
    return loop is not event and loop.line <= event.line <= max(loop.end_line, loop.line)


def report(dispatcher, args, level):
    """The report on one specialisation of a compiled function."""
    function = dispatcher.py_func
    lines, first = inspect.getsourcelines(function)
    name = f"{function.__name__}, {inspect.getsourcefile(function)} ({first})"
    events = list(_events(dispatcher._inspect(args, "parallel")))
    loops = [e for e in events if e.kind == "loop"]
    nested = [e for e in events if e.kind == "nested"]
    fused = [e for e in events if e.kind == "fused"]
    fused = [
        e for e in fused if any(loop.line <= e.into <= loop.end_line for loop in loops) or not e.function
    ]
    out = ["", "=" * _WIDTH, _heading(f"Parallel report: function {name}", "="), "=" * _WIDTH]
    out += [f"argument types: {', '.join(map(str, args))}", "", f"Parallel loop listing for function {name}"]
    out += _listing(lines, first, [*loops, *nested])
    out.append(_heading("Fusing loops"))
    for e in fused:
        out.append(
            f"The {e.what} of line {e.line} is fused into the loop of line {e.into}: computed element by element "
            "there, without an array for it."
        )
    if not fused:
        out.append("No fusion: no array expression is used just once, by another one.")
    out.append(
        f"After fusion there are {len(loops)} parallel loop(s), of {len(loops) + len(fused)} array operations "
        "and prange loops."
    )
    if level >= 2:
        out.append(_heading("Parallel regions"))
        for k, loop in enumerate(loops):
            count = sum(1 for e in fused if loop.line <= e.into <= loop.end_line)
            what = "" if loop.what == "prange" else f" {loop.what},"
            out.append(f"Parallel region {k}:")
            out.append(f"+--{k} (parallel,{what} line {loop.line}; {count} loop(s) fused)")
            for n, e in enumerate(nested):
                if _inside(e, loop):
                    out.append(f"   +--{len(loops) + n} (serial, {e.what}, line {e.line})")
            out.append("")
        if not loops:
            out.append("None: nothing in this function runs on more than one thread.")
    if level >= 3:
        out.append(_heading("Loop invariant code motion"))
        out.append("Allocation hoisting:")
        out.append(
            "No allocation hoisting found: small blocks come from a list that each thread keeps, so that an "
            "allocation in a loop costs some nanoseconds."
        )
        out.append(
            "Instruction hoisting: LLVM moves what does not change out of loops (inspect_llvm shows it)."
        )
    if level >= 4:
        out.append(_heading("What was not fused"))
        left = [e for e in loops if e.what.startswith("array")]
        for e in left[1:]:
            out.append(
                f"The {e.what} of line {e.line} has a loop of its own: its operands are used more than once, or "
                "something that writes or raises stands in between."
            )
        if not left[1:]:
            out.append("Nothing.")
    out.append("-" * _WIDTH)
    return "\n".join(out)
