"""Words for a call whose arguments do not fit, as CPython chooses them."""


def _listed(names):
    quoted = [f"'{name}'" for name in names]
    if len(quoted) <= 2:
        return " and ".join(quoted)
    return f"{', '.join(quoted[:-1])}, and {quoted[-1]}"


def _plural(count, word):
    return word if count == 1 else word + "s"


def explain(function, positional, keywords):
    """The message of the TypeError for calling `function` with so many positional arguments and these keywords."""
    code = function.__code__
    name = function.__qualname__
    only = code.co_posonlyargcount
    places = code.co_varnames[: code.co_argcount]
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    takes_more = code.co_flags & 0x04
    given = set(places[:positional])
    wrongly_positional = [k for k in keywords if k in places[:only]]
    for keyword in keywords:
        if keyword not in places[only:] and keyword not in keyword_only:
            if wrongly_positional:
                return (
                    f"{name}() got some positional-only arguments passed as keyword arguments: "
                    f"'{', '.join(wrongly_positional)}'"
                )
            return f"{name}() got an unexpected keyword argument '{keyword}'"
        if keyword in given:
            return f"{name}() got multiple values for argument '{keyword}'"
        given.add(keyword)
    required = len(places) - len(function.__defaults__ or ())
    if positional > len(places) and not takes_more:
        least = f"from {required} to " if required < len(places) else ""
        also = sum(k in keyword_only for k in keywords)
        with_keywords = (
            f" positional {_plural(positional, 'argument')} (and {also} keyword-only {_plural(also, 'argument')})"
            if also
            else ""
        )
        were = "was" if positional == 1 and not also else "were"
        return (
            f"{name}() takes {least}{len(places)} positional {_plural(len(places), 'argument')} "
            f"but {positional}{with_keywords} {were} given"
        )
    missing = [p for p in places[:required] if p not in given]
    if missing:
        return (
            f"{name}() missing {len(missing)} required positional {_plural(len(missing), 'argument')}: "
            f"{_listed(missing)}"
        )
    missing = [p for p in keyword_only if p not in given and p not in (function.__kwdefaults__ or {})]
    return (
        f"{name}() missing {len(missing)} required keyword-only {_plural(len(missing), 'argument')}: "
        f"{_listed(missing)}"
    )
