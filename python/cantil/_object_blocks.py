"""with objmode(x="float64", …): a block of a compiled function that runs as Python."""

import ast

from ._capture import find_source


class _ObjectMode:
    """objmode(x="float64", …): the block runs as Python; what it gives to the compiled code is named, with types."""

    def __call__(self, *args, **types):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


objmode = _ObjectMode()
objmode.__name__ = "objmode"


def _find_block(function, line, column):
    found = find_source(function, float("inf"))
    if found is None:
        raise RuntimeError(f"the source of {function.__qualname__} cannot be found")
    node, _, _, offset = found
    for part in ast.walk(node):
        if isinstance(part, ast.With) and part.lineno + offset == line and part.col_offset == column:
            return part, offset
    raise RuntimeError(f"the block in line {line} of {function.__qualname__} cannot be found")


def make_block(function, line, column, inputs, outputs):
    """The block as a function of its inputs that returns a tuple of its outputs. It sees what `function` sees."""
    block, offset = _find_block(function, line, column)
    body = [ast.increment_lineno(statement, offset) for statement in block.body]
    # Of the closure, only what has a value now; nothing is bound twice.
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    free = [name for name in cells if name not in inputs]

    def arguments(names):
        return ast.arguments(
            posonlyargs=[], args=[ast.arg(arg=n) for n in names], kwonlyargs=[], kw_defaults=[], defaults=[]
        )

    def define(name, names, statements):
        made = ast.FunctionDef(name=name, args=arguments(names), body=statements, decorator_list=[])
        made.type_params = []
        return made

    result = ast.Return(ast.Tuple([ast.Name(n, ast.Load()) for n in outputs], ast.Load()))
    inner = define(function.__name__, inputs, [*body, result])
    outer = define("outer", free, [inner, ast.Return(ast.Name(function.__name__, ast.Load()))])
    tree = ast.fix_missing_locations(ast.Module([outer], type_ignores=[]))
    space = {}
    exec(compile(tree, function.__code__.co_filename, "exec"), function.__globals__, space)
    return space["outer"](*(cells[name].cell_contents for name in free))
