"""Pass managers of jit(pipeline_class=…), as far as they describe the default passes."""


class PassManager:
    """A pipeline: what was asked of it beyond the default passes is in `changes`."""

    def __init__(self, pipeline_name):
        self.pipeline_name = pipeline_name
        self.changes = []
        self.finalized = False

    def finalize(self):
        """Nothing more will be added."""
        self.finalized = True

    def _note(self, what, pss):
        self.changes.append(f"it {what} the pass {getattr(pss, '__name__', pss)!r}")

    def add_pass(self, pss, description=""):
        """Asks for one more pass."""
        self._note("adds", pss)

    def add_pass_after(self, pass_cls, location):
        """Asks for a pass behind another one."""
        self._note("adds", pass_cls)

    def add_pass_before(self, pass_cls, location):
        """Asks for a pass in front of another one."""
        self._note("adds", pass_cls)


def __getattr__(name):
    from .._internals import refuse

    refuse("cantil.core.compiler_machinery", name)
