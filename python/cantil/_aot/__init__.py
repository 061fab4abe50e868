"""Ahead-of-time compilation: functions to extension modules that need no Cantil."""
