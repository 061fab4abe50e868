"""Functions with a meaning of their own in compiled code."""


def literally(value):
    """Asks for an argument's value at compile time: the function is compiled anew for each. In Python, the value."""
    return value


def _no_gdb(name):
    def refuse(*args, **kwargs):
        raise NotImplementedError(
            f"{name}() is not there: run the whole process under gdb (gdb --args python script.py); jit(debug=True) "
            "gives compiled code its source lines"
        )

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = "Not there: run the whole process under gdb. Raises NotImplementedError."
    return refuse


gdb = _no_gdb("gdb")
gdb_init = _no_gdb("gdb_init")
gdb_breakpoint = _no_gdb("gdb_breakpoint")
