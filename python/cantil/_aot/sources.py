"""The texts that go into a module: its C part and the Python parameters of its functions."""

from .exports import parameters

_MAIN = """\
/* Written by Cantil. */
#include "cantil_aot.h"

__asm__(
    ".section .rodata\\n"
{embedded}    ".previous\\n");

{declarations}
static const cantil_aot_function functions[] = {{
{functions}}};

static const char* const level_features[] = {{{features}}};

static const cantil_aot_module module = {{
  "{name}", text_stubs, {level_count}, level_features, {function_count}, functions}};

__attribute__((visibility("default"))) void* PyInit_{base}(void) {{ return cantil_aot_init(&module); }}
"""


def stubs(exports):
    """Python text with a def for each export: what a call may look like."""
    parts = []
    for export in exports:
        doc = export.py_func.__doc__
        body = repr(doc) if doc else "..."
        parts.append(f"def {export.name}{parameters(export.py_func)}:\n    {body}\n")
    return "\n".join(parts)


def main_source(name, exports, variants, levels):
    """The module's C text. It embeds `stubs.txt` and `metadata_<function>_<signature>.bin` of its folder.

    The entry points are `entry_<function>_<signature>_<level>`."""
    embedded = [_embed("text_stubs", "stubs.txt", zero=True)]
    declarations = ["extern const char text_stubs[];"]
    rows = []
    for f, (export, compiled) in enumerate(zip(exports, variants)):
        inner = []
        for v, variant in enumerate(compiled):
            key = f"{f}_{v}"
            embedded.append(_embed(f"metadata_{key}", f"metadata_{key}.bin"))
            entries = [f"entry_{key}_{level}" for level in range(len(levels))]
            declarations += [f"extern const unsigned char metadata_{key}[];"]
            declarations += [f"extern int32_t {e}(void* ret, const void* args);" for e in entries]
            declarations += [f"static const cantil_aot_entry entries_{key}[] = {{{', '.join(entries)}}};"]
            inner.append(
                f"  {{metadata_{key}, {len(variant.metadata)}u, {int(variant.releases_gil)}, entries_{key}}},\n"
            )
        declarations += [f"static const cantil_aot_variant variants_{f}[] = {{\n{''.join(inner)}}};"]
        rows.append(f'  {{"{export.name}", {len(compiled)}, variants_{f}}},\n')
    return _MAIN.format(
        name=name,
        base=name.rpartition(".")[2],
        embedded="".join(embedded),
        declarations="\n".join(declarations) + "\n",
        functions="".join(rows),
        features=", ".join(f'"{" ".join(level.features)}"' for level in levels),
        level_count=len(levels),
        function_count=len(exports),
    )


def _embed(symbol, file, zero=False):
    end = '    ".byte 0\\n"\n' if zero else ""
    lines = (f".hidden {symbol}", f".global {symbol}", f"{symbol}:", f'.incbin \\"{file}\\"')
    return "".join(f'    "{line}\\n"\n' for line in lines) + end
