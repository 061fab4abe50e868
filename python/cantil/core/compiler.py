"""jit(pipeline_class=…): pipelines that use the default passes. Cantil's passes are C++ and cannot be added to."""

from ..errors import UnsupportedError
from .compiler_machinery import PassManager

__all__ = ["Compiler", "CompilerBase", "DefaultPassBuilder", "check_pipeline"]


class CompilerBase:
    """Base of users' pipelines: define_pipelines() returns a list of pass managers."""

    def __init__(self, state=None):
        self.state = state

    def define_pipelines(self):
        """The pass managers to use."""
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]


class Compiler(CompilerBase):
    """The default pipeline."""


class DefaultPassBuilder:
    """Makes the default pipelines."""

    @staticmethod
    def define_nopython_pipeline(state, name="nopython"):
        """The passes of jit()."""
        return PassManager(name)

    define_typed_pipeline = define_untyped_pipeline = define_nopython_lowering_pipeline = (
        define_nopython_pipeline
    )
    define_parfor_gufunc_pipeline = define_nopython_pipeline


def check_pipeline(pipeline_class):
    """Raises UnsupportedError for a pipeline that is not the default one."""
    made = pipeline_class(None) if isinstance(pipeline_class, type) else pipeline_class
    for manager in made.define_pipelines():
        if not isinstance(manager, PassManager) or manager.changes:
            what = manager.changes[0] if isinstance(manager, PassManager) else repr(manager)
            raise UnsupportedError(
                f"jit(pipeline_class={pipeline_class.__name__}) is not supported: {what}. Cantil's passes are C++; "
                "a pipeline may only use the default ones"
            )


def __getattr__(name):
    from .._internals import refuse

    refuse("cantil.core.compiler", name)
