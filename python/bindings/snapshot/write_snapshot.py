"""Writes the snapshot of stdlib/: every library function as a serialised tree, with an index by what it overloads.

    write_snapshot.py STDLIB_FOLDER SNAPSHOT_FILE MODULE_FOLDER

The format is read by frontend/library.cpp, which says what stands where. A library file is: a docstring, imports,
constants (`NAME = value`), and functions. Constants and default values are evaluated here, so that nothing is left to
evaluate at run time: they become literals, tuples of them, `float32(1.5)` for NumPy scalars and
`array(bytes, dtype, shape)`; a dotted name stays one and is resolved by the reader.
"""

import ast
import builtins
import importlib
import struct
import sys
from pathlib import Path

MAGIC = b"CANTLIB1"
# What constants may be computed with.
VALUE_MODULES = ("math", "cmath", "operator", "numpy")


class LibraryError(Exception):
    pass


class LibraryFile:
    """One file of the library: its imports, constants and functions, checked."""

    def __init__(self, path, name, tools):
        self.path = path
        self.name = name  # "numpy/sorting.py"
        self.tools = tools
        self.package = ["stdlib", *name.removesuffix(".py").split("/")[:-1]]
        self.imports = {}
        self.constants = []
        self.functions = []
        self.environment = {"__builtins__": vars(builtins)}
        module = ast.parse(path.read_text(encoding="utf-8"), str(path))
        body = module.body[1:] if ast.get_docstring(module) is not None else module.body
        for statement in body:
            self.statement(statement)

    def fail(self, node, text):
        raise LibraryError(f"{self.path}:{node.lineno}: {text}")

    def statement(self, node):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.add_import(
                    alias.asname or alias.name.split(".")[0],
                    alias.name if alias.asname else alias.name.split(".")[0],
                )
        elif isinstance(node, ast.ImportFrom):
            # Relative imports are among the library's own files.
            base = self.package[: len(self.package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                if alias.name == "*":
                    self.fail(node, "import the names one by one")
                self.add_import(alias.asname or alias.name, f"{module}.{alias.name}")
        elif (
            isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        ):
            value = self.value(node.value)
            self.constants.append((node.targets[0].id, self.tools.serialize(value)))
            if not self.is_chain(node.value):  # for constants computed from it
                self.environment[node.targets[0].id] = self.evaluate(node.value)
        elif isinstance(node, ast.FunctionDef):
            self.functions.append(self.function(node))
        else:
            self.fail(node, "only imports, constants and functions stand in a library file")

    def add_import(self, name, target):
        self.imports[name] = self.tools.canonical_name(target)
        root = target.split(".")[0]
        if root in VALUE_MODULES:
            try:
                self.environment[name] = importlib.import_module(target)
            except ImportError:
                module, _, attribute = target.rpartition(".")
                self.environment[name] = getattr(importlib.import_module(module), attribute)

    # ---- Values ----

    @staticmethod
    def is_chain(node):
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name)

    def evaluate(self, node):
        try:
            return eval(compile(ast.Expression(node), str(self.path), "eval"), self.environment)
        except Exception as error:
            self.fail(node, f"this value cannot be computed when the library is built: {error}")

    def value(self, node):
        """The tree of a value: a dotted name as it stands, everything else evaluated."""
        if self.is_chain(node):
            return node
        if isinstance(node, ast.Tuple):
            return ast.copy_location(ast.Tuple([self.value(e) for e in node.elts], ast.Load()), node)
        return ast.fix_missing_locations(ast.copy_location(self.literal(self.evaluate(node), node), node))

    def literal(self, value, node):
        if isinstance(value, tuple):
            return ast.Tuple([self.literal(v, node) for v in value], ast.Load())
        if type(value) in (int, float, complex, bool, str, bytes, type(None), type(Ellipsis)):
            return ast.Constant(value)
        import numpy as np

        if isinstance(value, np.generic):
            return ast.Call(ast.Name(value.dtype.name, ast.Load()), [ast.Constant(value.item())], [])
        if isinstance(value, np.ndarray):
            data = [
                ast.Constant(value.tobytes("C")),
                ast.Constant(value.dtype.name),
                self.literal(value.shape, node),
            ]
            return ast.Call(ast.Name("array", ast.Load()), data, [])
        return self.fail(node, f"a library constant cannot be of type {type(value).__name__}")

    # ---- Functions ----

    def dotted(self, node):
        """The canonical name of a dotted name, through the file's imports."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        root = self.imports.get(node.id)
        if root is None:
            root = "builtins." + node.id if hasattr(builtins, node.id) else "stdlib." + node.id
        return self.tools.canonical_name(".".join([root, *reversed(parts)]))

    def decorator(self, node):
        call = node if isinstance(node, ast.Call) else None
        name = call.func if call else node
        if not self.is_chain(name):
            self.fail(node, "a library decorator is a name or the call of one")
        arguments = call.args if call else []
        kind = self.dotted(name).rpartition(".")[2]
        if not arguments:
            key = ""
        elif isinstance(arguments[0], ast.Constant) and isinstance(arguments[0].value, str):
            key = arguments[0].value
            # overload_method("array", "sum") and overload_attribute("array", "T")
            if kind.startswith("overload_") and len(arguments) > 1 and isinstance(arguments[1], ast.Constant):
                key = f"{kind.removeprefix('overload_')}:{key}.{arguments[1].value}"
            elif ":" not in key:
                key = self.tools.canonical_name(key)
        elif self.is_chain(arguments[0]):
            key = self.dotted(arguments[0])
        else:
            self.fail(node, "what a library function overloads is a dotted name or a string")
        return kind, key, self.tools.serialize(node)

    def function(self, node):
        decorators = [self.decorator(d) for d in node.decorator_list]
        doc = (ast.get_docstring(node) or "").partition("\n")[0]  # samples are for tests/stdlib
        if doc:
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]
        node.args.defaults = [self.value(d) for d in node.args.defaults]
        node.args.kw_defaults = [d and self.value(d) for d in node.args.kw_defaults]
        return {
            "name": node.name,
            "line": node.lineno,
            "doc": doc,
            "tree": self.tools.serialize(node),
            "decorators": decorators,
        }


class Writer:
    """Tables of fixed-width rows behind a header, then the bytes that the rows point into."""

    def __init__(self):
        self.heap = bytearray()
        self.kept = {}

    def put(self, data):
        """(place in the heap, size) of some bytes; equal ones are stored once."""
        if isinstance(data, str):
            data = data.encode("utf-8")
        if data not in self.kept:
            self.kept[data] = len(self.heap)
            self.heap += data
        return self.kept[data], len(data)


def snapshot(files, tools):
    w = Writer()
    tables = {
        name: [] for name in ("files", "imports", "constants", "functions", "decorators", "keys", "ids")
    }
    keys = {}
    for number, file in enumerate(files):
        tables["files"].append(
            (
                *w.put(file.name),
                len(tables["imports"]),
                len(file.imports),
                len(tables["constants"]),
                len(file.constants),
                len(tables["functions"]),
                len(file.functions),
            )
        )
        tables["imports"] += [(*w.put(name), *w.put(target)) for name, target in file.imports.items()]
        tables["constants"] += [(*w.put(name), *w.put(tree)) for name, tree in file.constants]
        for f in file.functions:
            for _, key, _ in f["decorators"]:
                if key:
                    keys.setdefault(key, []).append(len(tables["functions"]))
            tables["functions"].append(
                (
                    *w.put(f["name"]),
                    number,
                    f["line"],
                    *w.put(f["doc"]),
                    *w.put(f["tree"]),
                    len(tables["decorators"]),
                    len(f["decorators"]),
                )
            )
            tables["decorators"] += [
                (*w.put(kind), *w.put(key), *w.put(tree)) for kind, key, tree in f["decorators"]
            ]
    for key in sorted(keys, key=str.encode):
        tables["keys"].append((*w.put(key), len(tables["ids"]), len(keys[key])))
        tables["ids"] += [(i,) for i in keys[key]]
    body = bytearray()
    directory = []
    for rows in tables.values():
        directory += [len(body), len(rows)]
        for row in rows:
            body += struct.pack(f"<{len(row)}I", *row)
    directory += [len(body), len(w.heap)]
    payload = struct.pack(f"<{len(directory)}I", *directory) + body + w.heap
    return MAGIC + tools.content_hash(bytes(payload)).encode() + payload


def main(stdlib, target, module_folder):
    sys.path.insert(0, module_folder)
    import _snapshot as tools

    root = Path(stdlib)
    paths = sorted(
        p
        for p in root.rglob("*.py")
        if not any(part.startswith((".", "_")) for part in p.relative_to(root).parts)
    )
    try:
        files = [LibraryFile(path, path.relative_to(root).as_posix(), tools) for path in paths]
    except (LibraryError, SyntaxError) as error:
        sys.exit(f"stdlib: {error}")
    Path(target).write_bytes(snapshot(files, tools))


if __name__ == "__main__":
    main(*sys.argv[1:])
