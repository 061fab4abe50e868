"""Finding the source of a function: its lines, and the node of the ast module that stands for it.

Only the function's own lines are parsed. An indented function is put below an `if 1:`, so that lines and columns
need no correction but a constant offset, whatever its multi-line strings and continuation lines look like. Where
that does not give the function (a lambda in the middle of a statement, a closing bracket at the margin), the whole
file is parsed.
"""

import functools
import linecache
import os
import stat
import sys
import warnings

_ONLY_AST = 0x400  # ast.PyCF_ONLY_AST, without importing ast
_TOP_LEVEL_AWAIT = 0x2000  # notebook cells may have it
_DEFINITIONS = ("FunctionDef", "AsyncFunctionDef")

# File name -> (lines, tree or code), of the last few files that had to be parsed or compiled whole.
_parsed_files = {}
_compiled_files = {}


def _remember(kept, filename, lines, make):
    known = kept.get(filename)
    if known is not None and known[0] is lines:
        return known[1]
    made = make()
    while len(kept) >= 4:
        del kept[next(iter(kept))]
    kept[filename] = (lines, made)
    return made


def find_source(function, loaded_at):
    """The source of a Python function, or None when there is none.

    `loaded_at` is when cantil was imported, in seconds since the epoch: a file changed after that may no longer be what
    the function was made from, so it is compared with the code object.
    Returns the ast node, its text, the number of the text's first line, and what to add to the node's lines.
    """
    code = function.__code__
    find = _find_lambda if code.co_name == "<lambda>" else _find_definition
    carried = getattr(function, "__cantil_source__", None)
    if carried:  # it came out of a pickle
        text, first = carried
        lines = ["\n"] * (first - 1) + text.splitlines(True)
        found = find(code, lines)
        if found is None:
            return None
        node, offset = found
        return node, text, first, offset
    filename = code.co_filename
    linecache.checkcache(filename)
    lines = linecache.getlines(filename, function.__globals__)
    doubtful = filename in ("<string>", "<stdin>")
    if lines:
        entry = linecache.cache.get(filename)
        if entry and len(entry) > 1 and entry[1] and entry[1] > loaded_at:
            doubtful = True
    elif filename == "<string>":
        lines = _command_lines()
    elif filename == "<stdin>":
        lines = _typed_lines(code) if hasattr(sys, "ps1") else _stdin_lines()
    if not lines or code.co_firstlineno > len(lines):
        return None
    found = find(code, lines)
    if found is None:
        return None
    node, offset = found
    if doubtful and not _is_made_from(code, lines):
        return None
    first = min(code.co_firstlineno, node.lineno + offset)
    return node, "".join(lines[first - 1 : node.end_lineno + offset]), first, offset


# ---- Parsing -------------------------------------------------------------------------------------------------------


def _parse(text):
    if "\\" in text or "finally" in text:
        # Python has warned about these lines when it compiled them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(text, "<source>", "exec", _ONLY_AST | _TOP_LEVEL_AWAIT, True)
    return compile(text, "<source>", "exec", _ONLY_AST | _TOP_LEVEL_AWAIT, True)


def _parse_lines(lines, first, end):
    """The statements of lines[first:end] and the offset of their line numbers, or None where they are no statements."""
    text = "".join(lines[first:end])
    indented = text[:1] in (" ", "\t", "\f")
    try:
        if indented:
            return _parse("if 1:\n" + text).body[0].body, first - 1
        return _parse(text).body, first
    except (SyntaxError, ValueError, IndexError):
        return None


def _parse_file(code, lines):
    def parse():
        try:
            return _parse("".join(lines))
        except (SyntaxError, ValueError):
            return None

    return _remember(_parsed_files, code.co_filename, lines, parse)


def _walk(node):
    import ast

    return ast.walk(node)


# ---- Functions defined by `def` -------------------------------------------------------------------------------------


def _indentation(line):
    width = 0
    for char in line:
        if char == " ":
            width += 1
        elif char == "\t":
            width += 8 - width % 8
        elif char == "\f":
            width = 0
        else:
            break
    return width


def _last_line(code):
    last = code.co_firstlineno
    for _, _, line in code.co_lines():
        if line is not None and line > last:
            last = line
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            last = max(last, _last_line(constant))
    return last


def _block_end(lines, start, indentation):
    """The first line from `start` on that stands at the definition's own indentation or left of it."""
    for number in range(start, len(lines)):
        line = lines[number]
        text = line.lstrip()
        if text and not text.startswith("#") and _indentation(line) <= indentation:
            return number
    return len(lines)


def _starts_at(node, name, line):
    if type(node).__name__ not in _DEFINITIONS or node.name != name:
        return False
    return (node.decorator_list[0].lineno if node.decorator_list else node.lineno) == line


def _find_definition(code, lines):
    first = code.co_firstlineno - 1
    end = _block_end(lines, max(_last_line(code), first + 1), _indentation(lines[first]))
    parsed = _parse_lines(lines, first, end)
    if parsed is not None:
        body, offset = parsed
        if body and _starts_at(body[0], code.co_name, code.co_firstlineno - offset):
            return body[0], offset
    tree = _parse_file(code, lines)
    if tree is not None:
        for node in _walk(tree):
            if _starts_at(node, code.co_name, code.co_firstlineno):
                return node, 0
    return None


# ---- Lambdas --------------------------------------------------------------------------------------------------------


def _positions(code):
    """First and last (line, column) of all that the code's instructions stand for; None where Python has no columns."""
    if not hasattr(code, "co_positions"):
        return None
    start = end = None
    for line, end_line, column, end_column in code.co_positions():
        if line is None or column is None or (line, column) == (end_line, end_column):
            continue
        if start is None or (line, column) < start:
            start = line, column
        if end is None or (end_line, end_column) > end:
            end = end_line, end_column
    return None if start is None else (start, end)


def _parameter_names(arguments):
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    names += [a.arg for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return names


def _code_parameters(code):
    count = (
        code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    )
    return list(code.co_varnames[:count])


def _choose_lambda(code, statements, offset, positions):
    candidates = [
        node
        for statement in statements
        for node in _walk(statement)
        if type(node).__name__ == "Lambda"
        and node.lineno + offset == code.co_firstlineno
        and _parameter_names(node.args) == _code_parameters(code)
    ]
    if positions is None:
        return next((node for node in candidates if _compiles_to(code, node)), None)
    start, end = positions
    # Of nested lambdas, the smallest body that holds all that the code does.
    around = [
        node.body
        for node in candidates
        if (node.body.lineno + offset, node.body.col_offset) <= start
        and end <= (node.body.end_lineno + offset, node.body.end_col_offset)
    ]
    best = None
    for node in candidates:
        if node.body in around and (best is None or _is_inside(node.body, best.body)):
            best = node
    return best


def _is_inside(inner, outer):
    return (outer.lineno, outer.col_offset) <= (inner.lineno, inner.col_offset) and (
        (inner.end_lineno, inner.end_col_offset) <= (outer.end_lineno, outer.end_col_offset)
    )


def _find_lambda(code, lines):
    positions = _positions(code)
    last = max(_last_line(code), positions[1][0] if positions else 0)
    parsed = _parse_lines(lines, code.co_firstlineno - 1, last)
    if parsed is not None:
        node = _choose_lambda(code, *parsed, positions)
        if node is not None:
            return node, parsed[1]
    tree = _parse_file(code, lines)
    node = None if tree is None else _choose_lambda(code, tree.body, 0, positions)
    return None if node is None else (node, 0)


# ---- Is this the text that the code was made from? ------------------------------------------------------------------


def _is_made_from(code, lines):
    """Whether compiling the whole text gives this code somewhere."""
    if any(name.startswith("@py") for name in code.co_names):
        return True  # pytest has rewritten the asserts: no text compiles to this
    made = _remember(_compiled_files, code.co_filename, lines, lambda: _compile("".join(lines)))
    same_place = code.co_name, code.co_firstlineno
    return made is not None and any(
        (c.co_name, c.co_firstlineno) == same_place and _same_code(code, c) for c in _codes(made)
    )


def _compiles_to(code, node):
    """Whether a lambda gives this code: Python 3.10 has no columns to tell those of one line apart."""
    import ast

    # A function around it binds the names that were closure cells.
    names = [ast.arg(arg=name) for name in code.co_freevars]
    arguments = ast.arguments(posonlyargs=[], args=names, kwonlyargs=[], kw_defaults=[], defaults=[])
    outer = ast.FunctionDef(
        name="outer", args=arguments, body=[ast.Expr(node)], decorator_list=[], type_params=[]
    )
    made = _compile(ast.fix_missing_locations(ast.Module(body=[outer], type_ignores=[])))
    return made is not None and any(c.co_name == code.co_name and _same_code(code, c) for c in _codes(made))


def _compile(source):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(source, "<source>", "exec", 0, True)
    except (SyntaxError, ValueError):
        return None


def _codes(code):
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            yield constant
            yield from _codes(constant)


def _same_code(a, b):
    # Python before 3.11 keeps qualified names of inner functions among the constants; they differ.
    def constants(code):
        return [
            (type(c), c)
            for c in code.co_consts
            if not isinstance(c, type(code)) and not (isinstance(c, str) and "<locals>" in c)
        ]

    return (
        a.co_code == b.co_code
        and a.co_names == b.co_names
        and a.co_varnames == b.co_varnames
        and a.co_freevars == b.co_freevars
        and repr(constants(a)) == repr(constants(b))
    )


# ---- Programs that are not in a file --------------------------------------------------------------------------------


@functools.cache
def _command_lines():
    """The lines of `python -c …`."""
    arguments = iter(sys.orig_argv[1:])
    for argument in arguments:
        if not argument.startswith("-") or argument in ("-", "--"):
            return None
        if argument.startswith("--"):
            if argument == "--check-hash-based-pycs":
                next(arguments, None)
            continue
        for place, option in enumerate(argument[1:], 2):
            if option == "c":
                text = argument[place:] or next(arguments, "")
                return [line + "\n" for line in text.split("\n")]
            if option == "m":
                return None
            if option in "WX":
                if not argument[place:]:
                    next(arguments, None)
                break
    return None


@functools.cache
def _stdin_lines():
    """The lines of a script that Python reads from a file as its standard input; what came through a pipe is gone."""
    try:
        status = os.fstat(0)
        if not stat.S_ISREG(status.st_mode):
            return None
        text = os.pread(0, status.st_size, 0).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return [line + "\n" for line in text.split("\n")]


def _typed_lines(code):
    """The statement of an interactive session that made this code, from the line editor's history.

    Python 3.13 enters what is typed into linecache. The history of earlier ones may hold several functions of a name,
    so each place that could be the right one is compiled and compared.
    """
    readline = sys.modules.get("readline")
    if readline is None:
        return None
    count = readline.get_current_history_length()
    typed = [(readline.get_history_item(n) or "") + "\n" for n in range(max(1, count - 999), count + 1)]
    is_lambda = code.co_name == "<lambda>"
    find = _find_lambda if is_lambda else _find_definition
    for start in reversed(range(len(typed) - code.co_firstlineno + 1)):
        head = typed[start + code.co_firstlineno - 1]
        if ("lambda" if is_lambda else code.co_name) in head or head.lstrip().startswith("@"):
            lines = typed[start:]
            found = find(code, lines)
            if found is not None:
                node, offset = found
                lines = lines[: node.end_lineno + offset]
                if _is_made_from(code, lines):
                    return lines
    return None
