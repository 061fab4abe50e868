"""Ahead-of-time compilation: functions to extension modules that need no Cantil, for `cantil.pycc` and `python -m cantil build`."""
