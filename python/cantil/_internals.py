"""Refusing names of Numba that are internals: passes, lowering, data models and their kin."""


def refuse(module, name):
    """Raises AttributeError for dunder names, else an ImportError that says what the name is."""
    if name.startswith("__"):
        raise AttributeError(f"module '{module}' has no attribute '{name}'")
    numba = module.replace("cantil", "numba", 1)
    raise ImportError(
        f"{numba}.{name} is internal to Numba; Cantil is another compiler and has nothing of that name"
    )
