"""What Cantil raises and warns about; the names are Numba's, so that `except` clauses keep working.

An error about a program prints as a report: what is wrong, the user's line with a caret, where the types came from, and
what to do. `codes` are its stable identifiers, one for each problem.
"""


class NumbaWarning(Warning):
    """Base of all of Cantil's warnings."""

    def __init__(self, msg="", loc=None, highlighting=True):
        super().__init__(msg)
        self.msg, self.loc = msg, loc


class NumbaPerformanceWarning(NumbaWarning):
    """Something works, but slower than it could."""


class NumbaDeprecationWarning(NumbaWarning):
    """A feature that will go away."""


class NumbaPendingDeprecationWarning(NumbaWarning):
    """A feature that is going to be deprecated."""


class NumbaExperimentalFeatureWarning(NumbaWarning):
    """A feature whose interface may still change."""


class NumbaParallelSafetyWarning(NumbaWarning):
    """Parallel code that is not safe in this set-up."""


class NumbaIRAssumptionWarning(NumbaPendingDeprecationWarning):
    """Kept for compatibility."""


class NumbaDebugInfoWarning(NumbaWarning):
    """Debug information that could not be made."""


class NumbaSystemWarning(NumbaWarning):
    """Something about the machine or its configuration."""


class NumbaTypeSafetyWarning(NumbaWarning):
    """A conversion that may lose information."""


class NumbaInvalidConfigWarning(NumbaWarning):
    """A setting that makes no sense."""


class NumbaPedanticWarning(NumbaWarning):
    """Correct, but not what one would write."""


class CudaSimulatorWarning(NumbaWarning):
    """Kernels run on the simulator because no GPU was found."""


class NumbaError(Exception):
    """Base of all of Cantil's errors."""

    codes = ()

    def __init__(self, *args, loc=None, highlighting=True):
        # As Numba's: a message, and maybe the place that it is about.
        self.loc = args[1] if len(args) == 2 and not isinstance(args[1], str) else loc
        super().__init__(*args[:1] if self.loc is not None else args)

    @property
    def msg(self):
        """The report."""
        return str(self)

    @property
    def contexts(self):
        """What led to the error, the innermost first: the report says it itself."""
        return []

    def add_context(self, msg):
        """Adds a line to the report."""
        self.args = (f"{self}\n{msg}", *self.args[1:])
        return self


class UnsupportedError(NumbaError):
    """The program uses something that Cantil does not compile."""


class UnsupportedRewriteError(UnsupportedError):
    """Kept for compatibility."""


class UnsupportedBytecodeError(UnsupportedError):
    """Kept for compatibility: Cantil reads source, not bytecode."""


class SourceNotFoundError(UnsupportedError, OSError):
    """The source of a function cannot be found."""


class IRError(NumbaError):
    """A program that is malformed before types matter."""


class RedefinedError(IRError):
    """Kept for compatibility."""


class NotDefinedError(IRError):
    """A variable that is used before it is assigned."""


class VerificationError(IRError):
    """Kept for compatibility."""


class DeprecationError(NumbaError):
    """A feature that has been removed."""


class LoweringError(NumbaError):
    """A typed program for which no code could be made."""


class ByteCodeSupportError(UnsupportedError):
    """Kept for compatibility: Cantil reads source, not bytecode."""


class NonexistentTargetError(NumbaError):
    """There is no target of this name."""


class UnsupportedParforsError(NumbaError):
    """A parallel loop that cannot be run in parallel."""


class ForbiddenConstruct(LoweringError):
    """A construct that has no place here."""


class TypingError(NumbaError):
    """The types of the program do not fit together."""


class UntypedAttributeError(TypingError):
    """An attribute that the type does not have."""


class NumbaTypeError(TypingError, TypeError):
    """A type that is wrong where it is used."""


class NumbaAttributeError(TypingError, AttributeError):
    """An attribute that does not exist."""


class NumbaAssertionError(TypingError, AssertionError):
    """An assertion of library code that failed while compiling."""


class NumbaNotImplementedError(TypingError, NotImplementedError):
    """Something that could work, but does not yet."""


class NumbaKeyError(TypingError, KeyError):
    """A key that does not exist."""

    __str__ = Exception.__str__


class NumbaIndexError(TypingError, IndexError):
    """An index that does not exist."""


class NumbaRuntimeError(NumbaError, RuntimeError):
    """A failure at run time."""


class NumbaValueError(TypingError, ValueError):
    """A value that is wrong where it is used."""


class SignatureMismatchError(NumbaTypeError):
    """No explicit signature takes these arguments."""


class KernelReturnError(NumbaTypeError):
    """A kernel that returns a value."""


class IntegerRangeError(TypingError, OverflowError):
    """A Python integer that does not fit 64 bits."""


class InternalError(NumbaError):
    """A mistake in the compiler itself."""


CompilerError = InternalError


class ConstantInferenceError(NumbaError):
    """Something that has to be a constant is none."""


class RequireLiteralValue(TypingError):
    """An argument that has to be a literal is none."""


class ForceLiteralArg(NumbaError):
    """Kept for compatibility."""


class LiteralTypingError(TypingError):
    """A value that has no literal type."""


class CudaSupportError(NumbaError, ImportError):
    """There is no CUDA device to use, or the driver refuses to work."""


class CudaDriverError(NumbaError, RuntimeError):
    """A call of the CUDA driver failed. `code` is the driver's number, `call` the function's name."""

    code = 0
    call = ""


CudaAPIError = CudaDriverError


class LinkerError(CudaDriverError):
    """The driver or linker refused the code; the text has its log."""


class KernelRuntimeError(NumbaError, RuntimeError):
    """Kept for compatibility: what a kernel raises keeps its own class."""


class LaunchError(NumbaError, ValueError):
    """A launch that the device can never run, or that has no configuration."""


__all__ = [
    name
    for name, value in list(globals().items())
    if isinstance(value, type) and issubclass(value, (Exception, Warning))
]
