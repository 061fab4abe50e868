"""setuptools builds modules of CC with the rest of a project."""

import functools
from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext


class CCExtension(Extension):
    """An extension whose code is compiled by Cantil when it is built."""

    def __init__(self, name, cc, options):
        super().__init__(name, sources=options.pop("sources", []), **options)
        self.cc = cc
        _teach_setuptools()


@functools.cache
def _teach_setuptools():
    # build_ext has no hook for an extension that is made otherwise; all its subclasses come through this method.
    compile_c = build_ext.build_extension

    @functools.wraps(compile_c)
    def build_extension(self, ext):
        if isinstance(ext, CCExtension):
            ext.cc._build(Path(self.get_ext_fullpath(ext.name)))
        else:
            compile_c(self, ext)

    build_ext.build_extension = build_extension
