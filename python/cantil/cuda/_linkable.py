"""Code from elsewhere to link into kernels, in memory or in files."""

import hashlib
import io
import os
from pathlib import Path

from ..errors import LinkerError

#: What a file holds, by its extension.
FILE_EXTENSION_MAP = {
    "cu": "cu",
    "ptx": "ptx",
    "cubin": "cubin",
    "fatbin": "fatbin",
    "a": "library",
    "lib": "library",
    "o": "object",
    "obj": "object",
    "ltoir": "ltoir",
}


class LinkableCode:
    """Code to link, from memory: text or bytes, or an io.StringIO or io.BytesIO.

    `name` is used in messages. `setup_callback` is called with the module when it has been loaded, before the first
    launch; `teardown_callback` before it is unloaded.
    """

    kind = None
    default_name = "<unnamed-code>"

    def __init__(self, data, name=None, setup_callback=None, teardown_callback=None, nrt=False):
        for what, callback in (("setup_callback", setup_callback), ("teardown_callback", teardown_callback)):
            if callback is not None and not callable(callback):
                raise TypeError(f"{what} must be callable")
        if self.kind is None:
            raise TypeError(
                "LinkableCode is made as one of CUSource, PTXSource, Cubin, Fatbin, Archive, Object, LTOIR"
            )
        self._data = data
        self._name = name
        self.setup_callback = setup_callback
        self.teardown_callback = teardown_callback
        self.nrt = nrt

    @property
    def name(self):
        """The name in messages."""
        return self._name or self.default_name

    @property
    def data(self):
        """The code."""
        return self._data.getvalue() if isinstance(self._data, (io.StringIO, io.BytesIO)) else self._data

    def _bytes(self):
        data = self.data
        return data.encode() if isinstance(data, str) else bytes(data)

    @staticmethod
    def from_path(path):
        """The code in a file, its kind by the extension. Raises LinkerError for a file that is not there or of a kind
        that is not known."""
        path = Path(os.fspath(path))
        extension = path.suffix
        if not extension:
            raise LinkerError(f"Don't know how to link file with no extension: {path}")
        cls = _CLASSES.get(FILE_EXTENSION_MAP.get(extension[1:].lower()))
        if cls is None:
            raise LinkerError(
                f"Don't know how to link file with extension {extension}: {path}; "
                f"known are {', '.join('.' + known for known in FILE_EXTENSION_MAP)}"
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise LinkerError(f"{path} not found: {error.strerror}") from error
        made = cls(data.decode() if cls in (CUSource, PTXSource) else data, name=str(path))
        made._folder = str(path.parent)
        return made

    @classmethod
    def from_path_or_obj(cls, path_or_obj):
        """The code in a file, or the object itself."""
        return path_or_obj if isinstance(path_or_obj, LinkableCode) else cls.from_path(path_or_obj)

    _folder = None  # of the file, for its own #include "…"


class CUSource(LinkableCode):
    """CUDA C++ source; NVRTC compiles it."""

    kind = "cu"
    default_name = "<unnamed-cu>"


class PTXSource(LinkableCode):
    """PTX."""

    kind = "ptx"
    default_name = "<unnamed-ptx>"


class Cubin(LinkableCode):
    """A cubin: machine code of one architecture."""

    kind = "cubin"
    default_name = "<unnamed-cubin>"


class Fatbin(LinkableCode):
    """A fatbin: code for several architectures."""

    kind = "fatbin"
    default_name = "<unnamed-fatbin>"


class Archive(LinkableCode):
    """A static library of relocatable device code."""

    kind = "library"
    default_name = "<unnamed-archive>"


class Object(LinkableCode):
    """An object file with relocatable device code."""

    kind = "object"
    default_name = "<unnamed-object>"


class LTOIR(LinkableCode):
    """NVIDIA's intermediate code for link-time optimisation; nvJitLink links it."""

    kind = "ltoir"
    default_name = "<unnamed-ltoir>"


_CLASSES = {cls.kind: cls for cls in (CUSource, PTXSource, Cubin, Fatbin, Archive, Object, LTOIR)}


def as_codes(link):
    """A `link=` argument as a tuple of LinkableCode: a path, an object, or a collection of them."""
    if link is None:
        return ()
    items = link if isinstance(link, (list, tuple, set, frozenset)) else (link,)
    return tuple(LinkableCode.from_path_or_obj(item) for item in items)


def key_of(codes):
    """What tells these codes from others, a short text; "" for none."""
    if not codes:
        return ""
    digest = hashlib.sha256()
    for code in codes:
        data = code._bytes()
        digest.update(f"{code.kind}:{len(data)}:{code._folder}:".encode() + data)
    return digest.hexdigest()[:32]
