"""What an intrinsic's author writes, as the text of one LLVM function.

The code is a text already, or a function `codegen(context, builder, signature, args)` as Numba's are. Its builder is
llvmlite's where that is installed, else the one of this module, which knows the instructions on numbers and pointers
under llvmlite's names.
"""

from . import _core, errors
from ._types import Signature

_FLOATS = {16: "half", 32: "float", 64: "double"}


def value_type(type):
    """The LLVM type that values of a number, bool, pointer or None have. Raises TypingError for others."""
    kind = type._kind
    if kind == "bool":
        return "i1"
    if kind == "int":
        return f"i{type._bits}"
    if kind == "float":
        return "bfloat" if type.name == "bfloat16" else _FLOATS[type._bits]
    if kind == "complex":
        part = _FLOATS[type._bits // 2]
        return f"{{ {part}, {part} }}"
    if kind == "pointer":
        return "ptr"
    if kind == "none":
        return "void"
    raise errors.TypingError(
        f"an intrinsic cannot take or return {type}: only numbers, bools, pointers and None"
    )


def _leaves(type):
    """The LLVM types of the parameters that a value becomes."""
    if type._kind == "complex":
        return [_FLOATS[type._bits // 2]] * 2
    return [] if type._kind == "none" else [value_type(type)]


def llvm_of(function, types):
    """(text, result type, parameter types) of an intrinsic for these types, or None where it takes none such.

    Raises TypingError for what it returns otherwise.
    """
    made = function(TypingContext(), *types)
    if made is None:
        return None
    if not (isinstance(made, tuple) and len(made) == 2 and isinstance(made[0], Signature)):
        raise errors.TypingError(
            f"the intrinsic {function.__name__} returned {made!r}; it returns (signature, code)"
        )
    signature, code = made
    parameters = tuple(_core.unliteral(t) for t in signature.args)
    if not isinstance(code, str):
        code = _built(function.__name__, code, signature, parameters)
    return code, signature.return_type, parameters


class TypingContext:
    """What intrinsics get first."""

    def resolve_value_type(self, value):
        """The type of a value."""
        from ._types import typeof

        return typeof(value)

    def unify_types(self, *types):
        """The type that holds values of all these number types."""
        import numpy as np

        return _core.parse_type(str(np.result_type(*(np.dtype(t.name) for t in types))))


def _built(name, codegen, signature, parameters):
    if any(t._kind in ("complex", "none") for t in parameters):
        raise errors.TypingError(
            "an intrinsic with a codegen function takes integers, floats, bools and pointers"
        )
    try:
        from llvmlite import ir
    except ImportError:
        return _build(name, codegen, signature, parameters)
    return _build_with_llvmlite(ir, name, codegen, signature, parameters)


def _build(name, codegen, signature, parameters):
    builder = Builder()
    args = [Value(value_type(t), f"%arg{i}") for i, t in enumerate(parameters)]
    result = codegen(Context(), builder, signature, args)
    wanted = value_type(signature.return_type)
    if wanted == "void":
        builder.ret_void()
    else:
        if not isinstance(result, Value) or result.type != wanted:
            shown = result.type if isinstance(result, Value) else result
            raise errors.LoweringError(f"the codegen of {name} gives {shown}, its signature says {wanted}")
        builder.ret(result)
    return builder.text(f"cantil_{name}", wanted, args)


def _build_with_llvmlite(ir, name, codegen, signature, parameters):
    simple = {"i1": ir.IntType(1), "half": ir.HalfType(), "float": ir.FloatType(), "double": ir.DoubleType()}
    simple |= {f"i{n}": ir.IntType(n) for n in (8, 16, 32, 64)}
    simple["void"] = ir.VoidType()

    def llvmlite_type(type):
        text = value_type(type)
        if text not in simple:
            raise errors.TypingError(
                f"an intrinsic with a codegen function of llvmlite cannot take or return {type}"
            )
        return simple[text]

    module = ir.Module(name)
    result_type = llvmlite_type(signature.return_type)
    function = ir.Function(
        module, ir.FunctionType(result_type, [llvmlite_type(t) for t in parameters]), f"cantil_{name}"
    )
    builder = ir.IRBuilder(function.append_basic_block("entry"))

    class LlvmliteContext(Context):
        def get_value_type(self, type):
            return llvmlite_type(type)

        def get_constant(self, type, value):
            return ir.Constant(llvmlite_type(type), value)

    LlvmliteContext.get_data_type = LlvmliteContext.get_argument_type = LlvmliteContext.get_value_type
    result = codegen(LlvmliteContext(), builder, signature, list(function.args))
    if isinstance(result_type, ir.VoidType):
        builder.ret_void()
    else:
        builder.ret(result)
    lines = str(module).splitlines()
    return "\n".join(line for line in lines if not line.startswith("target "))


class Context:
    """What codegen functions get first."""

    def get_value_type(self, type):
        """The LLVM type of a type's values."""
        return value_type(type)

    def get_data_type(self, type):
        """The LLVM type of a type's values in memory."""
        return "i8" if type._kind == "bool" else value_type(type)

    get_argument_type = get_value_type

    def get_constant(self, type, value):
        """A number as an LLVM constant."""
        return Value(value_type(type), _literal(type, value))

    def get_dummy_value(self):
        """What a codegen function of a void signature may return."""
        return None

    def cast(self, builder, value, from_type, to_type):
        """A number as one of another type."""
        return builder.cast_number(value, from_type, to_type)

    def __getattr__(self, name):
        raise errors.LoweringError(
            f"context.{name} is part of Numba's lowering, which Cantil does not have; write that part with "
            "overload(), or the intrinsic as LLVM text"
        )


def _literal(type, value):
    if type._kind == "float":
        import struct

        if type._bits == 32:
            value = struct.unpack("f", struct.pack("f", value))[0]
        return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"
    return str(int(value))


class Value:
    """An LLVM value: its type, and how instructions name it."""

    def __init__(self, type, name):
        self.type = type
        self.name = name

    def __str__(self):
        return f"{self.type} {self.name}"


_BINARY = ("add sub mul sdiv udiv srem urem shl lshr ashr and or xor fadd fsub fmul fdiv frem").split()
_CASTS = "trunc zext sext fptrunc fpext fptoui fptosi uitofp sitofp ptrtoint inttoptr bitcast".split()
_SIGNED = {"<": "slt", "<=": "sle", ">": "sgt", ">=": "sge", "==": "eq", "!=": "ne"}
_UNSIGNED = {**_SIGNED, "<": "ult", "<=": "ule", ">": "ugt", ">=": "uge"}
_ORDERED = {
    "<": "olt",
    "<=": "ole",
    ">": "ogt",
    ">=": "oge",
    "==": "oeq",
    "!=": "one",
    "ord": "ord",
    "uno": "uno",
}
_UNORDERED = {
    "<": "ult",
    "<=": "ule",
    ">": "ugt",
    ">=": "uge",
    "==": "ueq",
    "!=": "une",
    "ord": "ord",
    "uno": "uno",
}


class Builder:
    """Makes the instructions of one function. Methods are named as llvmlite's IRBuilder names them."""

    def __init__(self):
        self._blocks = [Block("entry")]
        self._at = self._blocks[0]
        self._declared = {}
        self._count = 0

    @property
    def block(self):
        """The block that instructions go to."""
        return self._at

    def _emit(self, type, instruction):
        value = Value(type, f"%v{self._count}")
        self._count += 1
        self._at.lines.append(f"{value.name} = {instruction}")
        return value

    def _binary(self, op, a, b):
        if a.type != b.type:
            raise errors.LoweringError(f"{op} of {a.type} and {b.type}")
        return self._emit(a.type, f"{op} {a}, {b.name}")

    def _cast(self, op, value, type):
        return (
            value if value.type == type and op != "bitcast" else self._emit(type, f"{op} {value} to {type}")
        )

    def _compare(self, instruction, table, op, a, b):
        return self._emit("i1", f"{instruction} {table[op]} {a}, {b.name}")

    def icmp_signed(self, op, a, b, name=""):
        return self._compare("icmp", _SIGNED, op, a, b)

    def icmp_unsigned(self, op, a, b, name=""):
        return self._compare("icmp", _UNSIGNED, op, a, b)

    def fcmp_ordered(self, op, a, b, name=""):
        return self._compare("fcmp", _ORDERED, op, a, b)

    def fcmp_unordered(self, op, a, b, name=""):
        return self._compare("fcmp", _UNORDERED, op, a, b)

    def neg(self, a, name=""):
        return self._emit(a.type, f"sub {a.type} 0, {a.name}")

    def fneg(self, a, name=""):
        return self._emit(a.type, f"fneg {a}")

    def not_(self, a, name=""):
        return self._emit(a.type, f"xor {a}, -1")

    def select(self, condition, a, b, name=""):
        return self._emit(a.type, f"select {condition}, {a}, {b}")

    def alloca(self, type, size=None, name=""):
        return self._emit("ptr", f"alloca {type}" + (f", {size}" if size else ""))

    def load(self, pointer, name="", typ=None):
        """A load; `typ` is needed, since pointers do not say what they point at."""
        if typ is None:
            raise errors.LoweringError("load() needs typ=: pointers are opaque")
        return self._emit(typ, f"load {typ}, {pointer}")

    def store(self, value, pointer, align=None):
        self._at.lines.append(f"store {value}, {pointer}")

    def gep(self, pointer, indices, inbounds=False, source_etype="i8"):
        return self._emit(
            "ptr", f"getelementptr {source_etype}, {pointer}, " + ", ".join(str(i) for i in indices)
        )

    def call(self, function, args, name=""):
        """A call of a Function that declare() made."""
        signature = f"call {function.result} @{function.name}({', '.join(map(str, args))})"
        if function.result == "void":
            self._at.lines.append(signature)
            return None
        return self._emit(function.result, signature)

    def declare(self, name, result, parameters):
        """A function of LLVM's or C's, to be called: declare("llvm.ctpop.i64", "i64", ["i64"])."""
        self._declared[name] = f"declare {result} @{name}({', '.join(parameters)})"
        return Function(name, result)

    def append_basic_block(self, name=""):
        block = Block(f"{name or 'block'}{len(self._blocks)}")
        self._blocks.append(block)
        return block

    def position_at_end(self, block):
        self._at = block

    def branch(self, target):
        self._at.lines.append(f"br label %{target.name}")

    def cbranch(self, condition, yes, no):
        self._at.lines.append(f"br {condition}, label %{yes.name}, label %{no.name}")

    def phi(self, type, name=""):
        value = Phi(type, f"%v{self._count}")
        self._count += 1
        self._at.lines.append(value)
        return value

    def ret(self, value):
        self._at.lines.append(f"ret {value}")

    def ret_void(self):
        self._at.lines.append("ret void")

    def cast_number(self, value, from_type, to_type):
        """A number of one of Cantil's types as another one."""
        to = value_type(to_type)
        source, target = from_type._kind, to_type._kind
        signed = from_type._signed and source == "int"
        if source in ("int", "bool") and target in ("int", "bool"):
            width, wanted = int(value.type[1:]), int(to[1:])
            op = "trunc" if wanted < width else "sext" if signed else "zext"
        elif target == "float" and source == "float":
            op = "fptrunc" if to_type._bits < from_type._bits else "fpext"
        elif target == "float":
            op = "sitofp" if signed else "uitofp"
        else:
            op = "fptosi" if to_type._signed else "fptoui"
        return self._cast(op, value, to)

    def text(self, name, result, args):
        """The function."""
        lines = [*self._declared.values(), f"define {result} @{name}({', '.join(map(str, args))}) {{"]
        for block in self._blocks:
            lines.append(f"{block.name}:")
            lines += [f"  {line.line() if isinstance(line, Phi) else line}" for line in block.lines]
        return "\n".join([*lines, "}", ""])

    def __getattr__(self, name):
        raise errors.LoweringError(
            f"builder.{name} is not there: install llvmlite, whose builder has it, or write the intrinsic as LLVM text"
        )


class Function:
    """A function that a text declares."""

    def __init__(self, name, result):
        self.name = name
        self.result = result


class Block:
    """A basic block."""

    def __init__(self, name):
        self.name = name
        self.lines = []


class Phi(Value):
    """A value that depends on the block that control comes from."""

    def __init__(self, type, name):
        super().__init__(type, name)
        self.incoming = []

    def add_incoming(self, value, block):
        """Adds a block and its value."""
        self.incoming.append((value, block))

    def line(self):
        """The instruction."""
        pairs = ", ".join(f"[ {value.name}, %{block.name} ]" for value, block in self.incoming)
        return f"{self.name} = phi {self.type} {pairs}"


def _method(kind, op):
    def binary(self, a, b, name="", flags=()):
        return self._binary(op, a, b)

    def cast(self, value, typ, name=""):
        return self._cast(op, value, typ)

    made = binary if kind == "binary" else cast
    made.__name__ = op
    made.__doc__ = f"The instruction {op}."
    return made


for _op in _BINARY:
    setattr(Builder, _op + "_" if _op in ("and", "or") else _op, _method("binary", _op))
for _op in _CASTS:
    setattr(Builder, _op, _method("cast", _op))
