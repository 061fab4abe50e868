"""python -m cantil: what this installation has and sees."""

import argparse


def main():
    """Entry point of the command."""
    parser = argparse.ArgumentParser(
        prog="cantil", description="Python functions as CUDA kernels and native code"
    )
    parser.add_argument("-s", "--sysinfo", action="store_true", help="print what this machine offers")
    arguments = parser.parse_args()
    if not arguments.sysinfo:
        parser.print_help()
        return
    from ._sysinfo import lines

    for line in lines():
        print(line)


if __name__ == "__main__":
    main()
