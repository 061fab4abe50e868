"""Every function of the library gives what plain Python gives, on the sample cases of its own declaration."""

import ast

import numpy as np
import pytest
from declarations import declarations
from oracle import check
from values import values

VALUES = values()
OVERLOADS = [d for d in declarations() if d.kind == "overload"]
SAMPLES = sorted({sample for d in OVERLOADS for sample in d.samples})

# NumPy's own algorithms may add in another order.
ROUNDING = 1e-12


def program(sample):
    """A function of the values that the sample names, which returns the sample."""
    used = {node.id for node in ast.walk(ast.parse(sample)) if isinstance(node, ast.Name)}
    names = [name for name in VALUES if name in used]
    return (
        "import bisect, cmath, functools, heapq, itertools, math, operator\nimport numpy as np\n\n\n"
        f"def sample({', '.join(names)}):\n    return {sample}\n",
        names,
    )


@pytest.mark.parametrize("sample", SAMPLES)
def test_sample(sample, compiled_from):
    text, names = program(sample)
    function = compiled_from(text).sample
    with np.errstate(all="ignore"):
        check("cpu", function, *(VALUES[name] for name in names), rtol=ROUNDING)


def test_every_function_has_a_sample():
    with_samples = set()
    for d in OVERLOADS:
        if d.samples:
            with_samples.add(d.name)
    missing = sorted(
        {
            f"{d.name} ({d.place})"
            for d in OVERLOADS
            if d.is_public
            and d.name not in with_samples
            and not any(
                part in d.name for part in ("random", "generator", "cuda.", "thread", "chunksize")
            )  # these have tests of their own
        }
    )
    assert not missing


def test_a_sample_is_of_its_function():
    for d in OVERLOADS:
        own = d.name.rpartition(".")[2]
        if d.samples and d.is_public and not d.name.startswith("operator."):
            others = {o.name.rpartition(".")[2] for o in OVERLOADS if o.place == d.place}
            assert any(name in sample for name in {own} | others for sample in d.samples), d.place
