"""Runs the installed cantil: the package comes from where it was installed, and its bundled libraries load."""

import ctypes
import sys
from pathlib import Path

import cantil

package = Path(cantil.__file__).parent
assert package.is_relative_to(sys.prefix), f"cantil comes from {package}, not from this environment"
assert (package / "_data" / "libdevice.10.bc").read_bytes()[:4] in (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
for name in ("libtbb.so.12", "libsleef.so.3"):
    ctypes.CDLL(str(package / "_libs" / name))
print(f"cantil {cantil.__version__} works on Python {sys.version.split()[0]}")
