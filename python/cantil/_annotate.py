"""An HTML page of a program's compiled functions: source with types, IR, machine code."""

import html
import weakref

from . import _dispatcher

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: sans-serif; margin: 2em; }}
pre {{ background: #f6f6f6; padding: .6em; overflow-x: auto; }}
.type {{ color: #777; }}
</style></head><body><h1>{title}</h1>
{body}
</body></html>
"""

_made = []


def start():
    """From now on, remembers each function that is compiled."""
    _dispatcher.watchers.append(lambda dispatcher: _made.append(weakref.ref(dispatcher)))


def _lines(text):
    shown = []
    for line in text.splitlines():
        escaped = html.escape(line)
        shown.append(f'<span class="type">{escaped}</span>' if line.strip().startswith("#") else escaped)
    return "\n".join(shown)


def _section(dispatcher):
    parts = [f"<h2>{html.escape(dispatcher.__qualname__)}</h2>"]
    for args, ret, _, _, types in dispatcher._compiled():
        signature = f"({', '.join(map(str, args))}) -> {ret}"
        parts.append(f"<h3>{html.escape(signature)}</h3>\n<pre>{_lines(types)}</pre>")
        for title, stage in {"Cantil IR": "ir", "LLVM": "llvm-opt", "Machine code": "asm"}.items():
            text = html.escape(dispatcher._inspect(args, stage))
            parts.append(f"<details><summary>{title}</summary><pre>{text}</pre></details>")
    return "\n".join(parts)


def write(path, title):
    """Writes the page of all functions compiled since start()."""
    alive = [d for d in (ref() for ref in _made) if d is not None and d._compiled()]
    body = "\n".join(map(_section, alive)) or "<p>No function was compiled.</p>"
    with open(path, "w", encoding="utf-8") as out:
        out.write(_PAGE.format(title=html.escape(title), body=body))
