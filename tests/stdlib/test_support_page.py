"""docs/library.md lists what stdlib/ declares; UPDATE_GOLDEN=1 writes it."""

import os
from pathlib import Path

from declarations import declarations

PAGE = Path(__file__).resolve().parents[2] / "docs" / "library.md"
GROUPS = [
    ("math", "math"),
    ("cmath", "cmath"),
    ("random", "random"),
    ("np.linalg", "np.linalg"),
    ("np.random", "np.random"),
    ("np", "np"),
    ("method:array", "Methods of arrays"),
    ("method:list", "Methods of lists"),
    ("method:dict", "Methods of dicts"),
    ("method:set", "Methods of sets"),
    ("method:str", "Methods of str"),
    ("method:bytes", "Methods of bytes"),
    ("method:bytearray", "Methods of bytearrays"),
]


def group_of(name):
    head = name.rpartition(".")[0]
    return next((title for start, title in GROUPS if head == start or head.startswith(start + ".")), None)


def page():
    rows = {title: {} for _, title in GROUPS}
    for d in declarations():
        title = group_of(d.name)
        if title is None:
            continue
        entry = rows[title].setdefault(d.name.removeprefix("method:"), ["", ""])
        entry[0] = entry[0] or d.doc
        entry[1] += (" " if entry[1] else "") + d.loops if d.kind == "ufunc" else ""
    lines = [
        "# The library",
        "",
        "What compiled code can call, beyond Python itself and the operations of arrays; made from the declarations",
        "in `stdlib/` (`UPDATE_GOLDEN=1 ./dev test tests/stdlib`). Shapes, keywords and exceptions are those of the",
        "namesake in Python or NumPy. A ufunc's loops are given in NumPy's type characters.",
    ]
    for _, title in GROUPS:
        if rows[title]:
            lines += ["", f"## {title}", "", "| name | |", "|---|---|"]
            for name, (doc, loops) in sorted(rows[title].items()):
                text = " ".join(t for t in (doc, f"Loops: `{loops}`" if loops else "") if t)
                lines.append(f"| `{name}` | {text} |")
    return "\n".join(lines) + "\n"


def test_support_page():
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PAGE.write_text(page())
    assert PAGE.read_text() == page(), "UPDATE_GOLDEN=1 ./dev test tests/stdlib writes docs/library.md anew"
