"""LTO-IR, NVIDIA's intermediate code for link-time optimisation.

Only NVIDIA's compilers write it. NVRTC is given a function of CUDA C++ whose body is the function's own PTX as inline
assembly: what nvJitLink then inlines and optimises is the same code.
"""

import re

from ..errors import UnsupportedError

# C++ types and assembler constraints of PTX parameters, by their size in bits.
_PARAMETERS = {
    "b8": ("unsigned", "r"),
    "b16": ("unsigned short", "h"),
    "b32": ("unsigned", "r"),
    "b64": ("unsigned long long", "l"),
}
_HEADER = re.compile(
    r"\.visible \.(?P<kind>func|entry)\s*(?:\(\.param \.(?P<result>b\d+) (?P<result_name>\w+)\))?\s*(?P<name>[\w$]+)\s*"
    r"\((?P<parameters>[^)]*)\)(?P<directives>[^{;]*)\{",
)
# Tables of constants, as libdevice has them.
_TABLE = re.compile(r"\.global \.align (\d+) \.b8 ([\w$]+)\[(\d+)\] = \{([^}]*)\};")
_PARAMETER = re.compile(
    r"\.param \.(?P<type>[bufs]\d+)(?: \.ptr(?: \.\w+)?(?: \.align \d+)?)? (?P<name>[\w$]+)$"
)


def _refuse(name, why):
    raise UnsupportedError(f"{name} cannot be made LTO-IR: {why}. PTX and cubins have no such limit")


def from_ptx(ptx, name, arch):
    """LTO-IR of the only function of a PTX module, for an architecture (9, 0, "").

    Raises UnsupportedError for a function that needs others or variables of the module, NvrtcSupportError without
    NVRTC.
    """
    from ._compile import compile_cuda_source

    source = _source(re.sub(r"//[^\n]*", "", ptx), name)
    return compile_cuda_source(source, f"{name}.cu", arch, "ltoir")[0]


def _source(ptx, name):
    head = _HEADER.search(ptx)
    if head is None:
        _refuse(name, "its parameters or its result are not plain numbers and pointers")
    end = ptx.rindex("}")
    outside = ptx[: head.start()] + ptx[end + 1 :]
    tables = _TABLE.findall(outside)
    other = re.search(r"\.(extern|func|global|const|shared)\b[^\n]{,80}", _TABLE.sub("", outside))
    if other:
        _refuse(name, f"it needs `{other[0].strip()}`")
    return _CppFunction(head, name, tables).write(ptx[head.end() : end])


class _CppFunction:
    """The C++ around a PTX body."""

    def __init__(self, head, name, tables=()):
        self.head, self.name, self.tables = head, name, tables
        self.parameters = []
        for text in filter(None, (part.strip() for part in head["parameters"].split(","))):
            found = _PARAMETER.match(text)
            if found is None:
                _refuse(name, f"the parameter `{text}` is no plain number or pointer")
            self.parameters.append((found["name"], "b" + found["type"][1:]))
        self.result = head["result"]

    def write(self, body):
        first = 1 if self.result else 0
        operands = {name: (first + i, kind) for i, (name, kind) in enumerate(self.parameters)}

        def load(match):
            number, kind = operands[match["name"]]
            if match["offset"] or match["vector"]:
                _refuse(self.name, "a parameter is read in parts")
            return _move(match["register"], f"%{number}", kind, match["type"])

        body = body.replace("%", "%%").replace("$L", "L")
        body = re.sub(
            r"ld\.param(?P<vector>\.v\d)?\.(?P<type>[bufs]\d+)\s+(?P<register>[^,]+),\s*\[(?P<name>[\w$]+)(?P<offset>\+\d+)?\];",
            load,
            body,
        )
        pointers = []  # parameters whose address is taken

        def address(match):
            if match["name"] not in pointers:
                pointers.append(match["name"])
            place = first + len(self.parameters) + len(self.tables) + pointers.index(match["name"])
            return f"mov.b64 {match['register']}, %{place};"

        names = "|".join(re.escape(name) for name, _ in self.parameters) or "$^"
        body = re.sub(rf"mov\.[bu]64\s+(?P<register>[^,]+),\s*(?P<name>{names})\s*;", address, body)
        body = re.sub(r"ld\.param(\.\w+\s+[^,]+,\s*\[%%)", r"ld\1", body)
        if self.head["result_name"]:
            body = re.sub(
                rf"st\.param\.[bufs]\d+\s*\[{re.escape(self.head['result_name'])}(?:\+0)?\],\s*([^;]+);",
                lambda m: _give(m[1], self.result, m[0]),
                body,
            )
        if "param" in body or re.search(r"\bcall\b", body):
            _refuse(self.name, "it calls functions that are not part of it")
        body = re.sub(r"\bret;", "bra Lcantil_end;", body)
        body = body.replace("__local_depot", "cantil_depot")
        for i, (_, table, _, _) in enumerate(self.tables):
            place = f"%{first + len(self.parameters) + i}"
            body = re.sub(
                rf"(mov\.[bu]64\s+[^,]+,\s*){re.escape(table)}\s*;", lambda m, p=place: f"{m[1]}{p};", body
            )
            if re.search(rf"\b{re.escape(table)}\b", body):
                _refuse(self.name, f"it uses the table {table} in a way that C++ cannot say")
        text = "\n".join(
            f'    "{line.strip()}\\n"' for line in body.replace('"', '\\"').splitlines() if line.strip()
        )
        listed = ", ".join(f"{_PARAMETERS[kind][0]} p{i}" for i, (_, kind) in enumerate(self.parameters))
        given = [f'"{_PARAMETERS[kind][1]}"(p{i})' for i, (_, kind) in enumerate(self.parameters)]
        given += [f'"l"(__cvta_generic_to_global(table{i}))' for i in range(len(self.tables))]
        numbers = {name: i for i, (name, _) in enumerate(self.parameters)}
        given += [f'"l"(&p{numbers[name]})' for name in pointers]
        inputs = ", ".join(given)
        declared = "".join(
            f"static __device__ const __align__({align}) unsigned char table{i}[{count}] = {{{values}}};\n"
            for i, (align, _, count, values) in enumerate(self.tables)
        )
        outputs = f'"={_PARAMETERS[self.result][1]}"(result)' if self.result else ""
        returned = _PARAMETERS[self.result][0] if self.result else "void"
        space = "__global__" if self.head["kind"] == "entry" else "__device__"
        bounds = re.search(r"\.maxntid (\d+)", self.head["directives"])
        return declared + (
            f'extern "C" {space} {f"__launch_bounds__({bounds[1]}) " if bounds else ""}{returned} '
            f"{self.head['name']}({listed}) {{\n"
            + (f"  {returned} result;\n" if self.result else "")
            + f'  asm volatile("{{\\n"\n{text}\n    "Lcantil_end:\\n}}\\n" : {outputs} : {inputs} : "memory");\n'
            + ("  return result;\n" if self.result else "")
            + "}\n"
        )


_WIDTHS = {"rs": 16, "r": 32, "rd": 64, "f": 32, "fd": 64, "h": 16, "b": 16}


def _width(register):
    """The bits of a register, by LLVM's names; `%%rd1`, since it stands in inline assembly."""
    return _WIDTHS[re.match(r"%%([a-z]+)", register)[1]]


def _move(register, operand, kind, loaded):
    """A parameter of `kind` into a register, which may be wider than what is loaded of it."""
    width, held, bits = _width(register), int(kind[1:]), int(loaded[1:])
    sign = "s" if loaded[0] == "s" else "u"
    held = max(held, 32) if held == 8 else held
    if bits < 16:  # there are no registers of a byte
        narrow = "cvt.s32.s8 t, t;" if sign == "s" else "and.b32 t, t, 255;"
        into = f"cvt.{sign}{width}.{sign}32 {register}, t;" if width != 32 else f"mov.b32 {register}, t;"
        taken = f"mov.b32 t, {operand};" if held == 32 else f"cvt.u32.u{held} t, {operand};"
        return f"{{ .reg .b32 t; {taken} {narrow} {into} }}"
    if width == held == bits:
        return f"mov.b{held} {register}, {operand};"
    if bits < held:  # the lower part of a promoted parameter
        return f"cvt.{sign}{width}.{sign}{bits} {register}, {operand};"
    return f"cvt.{sign}{width}.{sign}{held} {register}, {operand};"


def _give(register, kind, statement):
    """The result out of a register."""
    width, held = _width(register), max(int(kind[1:]), 32) if kind == "b8" else int(kind[1:])
    if width == held:
        return f"mov.b{held} %0, {register};"
    sign = "s" if re.match(r"st\.param\.s", statement) else "u"
    return f"cvt.{sign}{held}.{sign}{min(width, held)} %0, {register};"
