"""python -m cantil: what this installation has and sees; unchanged Numba programs (python -m cantil script.py)."""

import argparse
import os
import sys


def _parser():
    parser = argparse.ArgumentParser(
        prog="cantil",
        description="Python functions as CUDA kernels and native code. Runs a Numba program with Cantil.",
        epilog="cantil cache --help: the disk cache",
    )
    parser.add_argument("-s", "--sysinfo", action="store_true", help="print what this machine offers")
    parser.add_argument("--sys-json", metavar="FILE", help="write what this machine offers to a JSON file")
    parser.add_argument(
        "--annotate", action="store_true", help="print the inferred types of each compiled function"
    )
    parser.add_argument(
        "--annotate-html", metavar="FILE", help="write source, types and code to an HTML page"
    )
    parser.add_argument("--dump-ir", action="store_true", help="print Cantil's own IR")
    parser.add_argument("--dump-llvm", action="store_true", help="print LLVM IR")
    parser.add_argument("--dump-optimized", action="store_true", help="print optimised LLVM IR")
    parser.add_argument("--dump-assembly", action="store_true", help="print machine code")
    parser.add_argument("script", nargs="?", help="a Python program; its `import numba` finds Cantil")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="the program's arguments")
    return parser


def _arguments(argv):
    """The command line: our options may also stand behind the script, as with Numba's command."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.script and arguments.args and not arguments.annotate_html:
        rest = argparse.ArgumentParser(add_help=False)
        rest.add_argument("--annotate-html")
        own, others = rest.parse_known_args(arguments.args)
        if own.annotate_html:
            arguments.annotate_html, arguments.args = own.annotate_html, others
    return parser, arguments


def _sysinfo(arguments):
    from ._sysinfo import lines

    if arguments.sysinfo:
        for line in lines():
            print(line)
    if arguments.sys_json:
        import json

        with open(arguments.sys_json, "w", encoding="utf-8") as out:
            json.dump({"lines": list(lines())}, out, indent=1)


def _run(arguments):
    import runpy

    stages = [
        stage
        for stage, wanted in {
            "types": arguments.annotate,
            "ir": arguments.dump_ir,
            "llvm": arguments.dump_llvm,
            "llvm-opt": arguments.dump_optimized,
            "asm": arguments.dump_assembly,
        }.items()
        if wanted
    ]
    if stages:  # read at the first compilation
        os.environ["CANTIL_DUMP"] = ",".join([*filter(None, [os.environ.get("CANTIL_DUMP")]), *stages])
    from . import compat

    compat.install()
    if arguments.annotate_html:
        from . import _annotate

        _annotate.start()
    sys.argv = [arguments.script, *arguments.args]
    sys.path[0] = os.path.dirname(os.path.abspath(arguments.script))
    try:
        runpy.run_path(arguments.script, run_name="__main__")
    finally:
        if arguments.annotate_html:
            _annotate.write(arguments.annotate_html, arguments.script)


def main(argv=None):
    """Entry point of the command."""
    if (sys.argv[1:] if argv is None else argv)[:1] == ["cache"]:
        from ._cache_command import run

        raise SystemExit(run((sys.argv[1:] if argv is None else argv)[1:]))
    parser, arguments = _arguments(argv)
    if arguments.sysinfo or arguments.sys_json:
        _sysinfo(arguments)
    elif arguments.script:
        _run(arguments)
    else:
        parser.print_help()


if __name__ == "__main__":
    main()
