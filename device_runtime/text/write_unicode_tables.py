"""Writes unicode_tables.inc: what this Python's str methods say of each character."""

import sys
import unicodedata


def record(c, expansions):
    ch = chr(c)
    surrogate = 0xD800 <= c < 0xE000
    flags = 0
    tests = [
        ch.isalpha(),
        ch.isdecimal(),
        ch.isdigit(),
        ch.isnumeric(),
        ch.islower(),
        ch.isupper(),
        unicodedata.category(ch) == "Lt",
        ch.isspace(),
        ch.isprintable(),
        ch.isidentifier(),
        ("a" + ch).isidentifier(),
        (ch + "a").title()[-1] == "a",
        # The final sigma looks past what is ignored to what is cased.
        ("A" + ch + "\u03a3").lower()[-1] == "\u03c2" and ("1" + ch + "\u03a3").lower()[-1] == "\u03c3",
        len(("a" + ch + "b").splitlines()) == 2,
    ]
    for i, test in enumerate(tests):
        flags |= bool(test) << i
    expanded = 0
    maps = []
    for i, to in enumerate((ch.lower(), ch.upper(), ch.title(), ch.casefold())):
        if surrogate or len(to) == 1:
            maps.append(ord(to) - c)
        else:
            expanded |= 1 << i
            key = tuple(map(ord, to))
            maps.append(expansions.setdefault(key, len(expansions)))
    return (flags, unicodedata.decimal(ch, -1), expanded, *maps)


def main(path):
    expansions = {}
    records = {(0, -1, 0, 0, 0, 0, 0): 0}
    numbers = [records.setdefault(record(c, expansions), len(records)) for c in range(0x110000)]
    blocks = {}
    index = []
    for at in range(0, 0x110000, 128):
        index.append(blocks.setdefault(tuple(numbers[at : at + 128]), len(blocks)))
    with open(path, "w") as out:

        def table(kind, name, rows):
            out.write(f"constexpr {kind} {name} = {{\n")
            for at in range(0, len(rows), 16):
                out.write(",".join(map(str, rows[at : at + 16])) + ",\n")
            out.write("};\n")

        out.write(f"// Unicode {unicodedata.unidata_version}\n")
        table("CharacterRecord", "kRecords[]", ["{" + ",".join(map(str, r)) + "}" for r in records])
        table("uint16_t", "kRecordOf[]", [n for b in blocks for n in b])
        table("uint16_t", "kBlockOf[]", index)
        table("uint32_t", "kExpansions[][3]", ["{" + ",".join(map(str, e)) + "}" for e in expansions])


main(sys.argv[1])
