"""The declarations of stdlib/: what each body stands for, its line of documentation and its sample cases.

A sample is a line ``>>> expression`` of a body's docstring, over the names of ``values.py``. What it should give is
what plain Python and NumPy give.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "stdlib"


@dataclass(frozen=True)
class Declaration:
    kind: str  # "overload" or "ufunc"
    name: str  # "np.sort", "method:array.sort"
    loops: str  # a ufunc's type characters, as NumPy writes them
    doc: str
    samples: tuple
    place: str

    @property
    def is_public(self):
        """Whether users write the name: the others are what the compiler calls for an operator or a statement."""
        if self.name.startswith("cantil."):
            return False  # plain Python has no such name to compare with: tests/compat
        return "." in self.name or self.name in ("pow", "round")


def written(node):
    return node.value if isinstance(node, ast.Constant) else ast.unparse(node)


def declarations():
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            text = ast.get_docstring(node) or ""
            samples = tuple(line.strip()[4:] for line in text.splitlines() if line.strip().startswith(">>> "))
            for decorator in node.decorator_list:
                kind = getattr(getattr(decorator, "func", None), "id", "")
                if kind in ("overload", "ufunc"):
                    found.append(
                        Declaration(
                            kind,
                            written(decorator.args[0]),
                            written(decorator.args[1]) if kind == "ufunc" else "",
                            text.partition("\n")[0],
                            samples,
                            f"{path.name}:{node.lineno}",
                        )
                    )
    return found
