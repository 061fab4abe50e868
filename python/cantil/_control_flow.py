"""Control flow graphs of LLVM IR, in Graphviz's language."""

import re

_DEFINE = re.compile(r"^define [^@]*@(?P<name>\"[^\"]+\"|[\w.$]+)\(")
_LABEL = re.compile(r"^(?P<name>\"[^\"]+\"|[\w.$-]+):")
_TARGET = re.compile(r"label %(\"[^\"]+\"|[\w.$-]+)")


def _functions(text):
    """(name, {block: (lines, successors)}) of each function of a module's text."""
    blocks = name = current = None
    for line in text.splitlines():
        if start := _DEFINE.match(line):
            name, blocks, current = start["name"].strip('"'), {}, None
        elif blocks is not None and line == "}":
            yield name, blocks
            blocks = None
        elif blocks is not None and line.strip():
            label = _LABEL.match(line)
            if label or current is None:
                current = label["name"].strip('"') if label else "entry"
                blocks[current] = ([], [])
            if not label:
                blocks[current][0].append(line.strip())
                if re.match(
                    r"\s+(br|switch|indirectbr|callbr|invoke) |\s+i\d+ .*, label %|\s+to label", line
                ):
                    blocks[current][1].extend(t.strip('"') for t in _TARGET.findall(line))


def _escaped(text):
    return re.sub(r'([\\"{}<>|])', r"\\\1", text)


class ControlFlow:
    """The graph of one specialisation: `dot` is its text for Graphviz, which notebooks draw where it is installed."""

    def __init__(self, name, llvm):
        self.name = name
        self.dot = self._write(llvm)

    def _write(self, llvm):
        lines = [f'digraph "{_escaped(self.name)}" {{', "  node [shape=record, fontname=monospace];"]
        for number, (function, blocks) in enumerate(_functions(llvm)):
            lines.append(f'  subgraph cluster_{number} {{ label="{_escaped(function)}";')
            for block, (code, _) in blocks.items():
                text = "\\l".join(_escaped(line) for line in [f"{block}:", *code])
                lines.append(f'    "{number}.{block}" [label="{{{text}\\l}}"];')
            for block, (_, successors) in blocks.items():
                lines += [f'    "{number}.{block}" -> "{number}.{s}";' for s in dict.fromkeys(successors)]
            lines.append("  }")
        return "\n".join([*lines, "}"])

    def display(self, filename=None, format="pdf", view=False):
        """The graph as a graphviz.Source, written to `filename` where one is given. Raises ImportError without
        the package graphviz."""
        import graphviz

        source = graphviz.Source(self.dot)
        if filename is not None:
            source.render(filename, format=format, view=view)
        return source

    def _repr_svg_(self):
        return self.display().pipe(format="svg").decode()

    def __str__(self):
        return self.dot
