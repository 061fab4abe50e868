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
    other = re.search(r"\.(extern|func|global|const|shared)\b[^\n]*", outside)
    if other:
        _refuse(name, f"it needs `{other[0].strip()}`")
    return _CppFunction(head, name).write(ptx[head.end() : end])


class _CppFunction:
    """The C++ around a PTX body."""

    def __init__(self, head, name):
        self.head, self.name = head, name
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
        text = "\n".join(f'    "{line.strip()}\\n"' for line in body.splitlines() if line.strip())
        listed = ", ".join(f"{_PARAMETERS[kind][0]} p{i}" for i, (_, kind) in enumerate(self.parameters))
        inputs = ", ".join(f'"{_PARAMETERS[kind][1]}"(p{i})' for i, (_, kind) in enumerate(self.parameters))
        outputs = f'"={_PARAMETERS[self.result][1]}"(result)' if self.result else ""
        returned = _PARAMETERS[self.result][0] if self.result else "void"
        space = "__global__" if self.head["kind"] == "entry" else "__device__"
        bounds = re.search(r"\.maxntid (\d+)", self.head["directives"])
        return (
            f'extern "C" {space} {f"__launch_bounds__({bounds[1]}) " if bounds else ""}{returned} '
            f"{self.head['name']}({listed}) {{\n"
            + (f"  {returned} result;\n" if self.result else "")
            + f'  asm volatile("{{\\n"\n{text}\n    "Lcantil_end:\\n}}\\n" : {outputs} : {inputs} : "memory");\n'
            + ("  return result;\n" if self.result else "")
            + "}\n"
        )


def _move(register, operand, kind, loaded):
    """A parameter into a register, which may be wider or narrower."""
    if kind == loaded.replace("u", "b").replace("s", "b").replace("f", "b"):
        if kind == "b8":
            return f"{{ .reg .b32 t; and.b32 t, {operand}, 255; cvt.u16.u32 {register}, t; }}"
        return f"mov.{kind} {register}, {operand};"
    if kind == "b32" and loaded[1:] in ("8", "16"):
        mask = (1 << int(loaded[1:])) - 1
        sign = "s" if loaded[0] == "s" else "u"
        if loaded == "s8":
            return f"{{ .reg .b32 t; cvt.s32.s8 t, {operand}; cvt.s16.s32 {register}, t; }}"
        return f"{{ .reg .b32 t; and.b32 t, {operand}, {mask}; cvt.{sign}16.u32 {register}, t; }}"
    return f"cvt.u{kind[1:]}.u{loaded[1:]} {register}, {operand};"


def _give(register, kind, statement):
    """The result out of a register."""
    stored = re.match(r"st\.param\.([bufs])(\d+)", statement)
    if stored[2] == kind[1:]:
        return f"mov.{kind} %0, {register};"
    return f"cvt.{'s' if stored[1] == 's' else 'u'}32.{'s' if stored[1] == 's' else 'u'}{stored[2]} %0, {register};"
