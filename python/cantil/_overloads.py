"""Which implementation serves a call: what users' overloads answer when they are asked for argument types."""

import inspect

from . import _core, errors
from ._decorators import njit

# Overloads by key, in the order of registration.
_registered = {}


class Overload:
    """A user's function that chooses implementations by types."""

    def __init__(self, function, options, target, strict, prefer_literal, matches=None, takes_class=None):
        self.function = function
        self.options = options
        self.target = target
        self.strict = strict
        self.prefer_literal = prefer_literal
        self.matches = matches  # the class of receivers, for methods and attributes
        self.takes_class = takes_class
        self._answers = {}

    def serves(self, positional, target):
        """Whether this overload is to be asked at all."""
        if self.target not in (
            "generic",
            "cpu" if target == "cpu" else "cuda",
            "gpu" if target != "cpu" else "cpu",
        ):
            return False
        if self.matches is None:
            return True
        receiver = positional[0]
        if isinstance(self.matches, type):
            return isinstance(receiver, self.matches)
        return receiver is self.matches or _core.unliteral(receiver) is self.matches

    def answer(self, positional, keywords):
        """The Dispatcher of the implementation for these types, or None."""
        key = (positional, tuple(sorted(keywords.items())))
        if key not in self._answers:
            arguments = positional if self.takes_class is None else (self.takes_class, *positional)
            chosen = self.function(*arguments, **keywords)
            self._answers[key] = None if chosen is None else self._compiled(chosen)
        return self._answers[key]

    def _compiled(self, chosen):
        if isinstance(chosen, _core.Dispatcher):
            return chosen
        if (
            isinstance(chosen, tuple) and len(chosen) == 2 and callable(chosen[1])
        ):  # (signature function, body)
            chosen = chosen[1]
        if not inspect.isfunction(chosen):
            raise errors.TypingError(
                f"the overload {self.function.__qualname__} returned {chosen!r}; it returns a function or None"
            )
        if self.strict:
            self._compare(chosen)
        known = self.__dict__.setdefault("_functions", {})
        if chosen not in known:
            known[chosen] = njit(**self.options)(chosen) if self.options else njit(chosen)
        return known[chosen]

    def _compare(self, chosen):
        """Refuses an implementation whose parameters are not those of the overload."""
        ours, theirs = inspect.signature(self.function), inspect.signature(chosen)
        ours, theirs = ([(p.name, p.kind, p.default) for p in s.parameters.values()] for s in (ours, theirs))
        variable = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD

        def named(parameters):
            return [(name, kind) for name, kind, _ in parameters if kind not in variable]

        def defaults(parameters):
            return [default for *_, default in parameters]

        if named(ours) != named(theirs) and not any(kind in variable for _, kind, _ in ours):
            raise errors.TypingError(
                f"the implementation that the overload {self.function.__qualname__} chose takes "
                f"({', '.join(name for name, *_ in theirs)}), the overload itself "
                f"({', '.join(name for name, *_ in ours)}); they have to be the same (strict=False lifts that)"
            )
        if not any(kind in variable for _, kind, _ in ours):
            for (name, _, mine), other in zip(ours, defaults(theirs)):
                same = mine is other or (type(mine) is type(other) and mine == other)
                if not same:
                    raise errors.TypingError(
                        f"the implementation that the overload {self.function.__qualname__} chose has another default "
                        f"of '{name}' than the overload itself"
                    )


class Intrinsic:
    """A user's function that gives a signature and LLVM code for it."""

    def __init__(self, function, prefer_literal=False):
        self.function = function
        self.prefer_literal = prefer_literal
        self._answers = {}

    def answer(self, positional):
        """(text, result type, parameter types), or None."""
        if positional not in self._answers:
            from ._intrinsics import llvm_of

            self._answers[positional] = llvm_of(self.function, positional)
        return self._answers[positional]


def register(extended, function, entry):
    """Adds an overload of an object (or of a key such as "method:total")."""
    key = _core.extend(extended, function)
    _registered.setdefault(key, []).append(entry)
    return key


def _without_literals(positional, keywords):
    return (
        tuple(_core.unliteral(t) for t in positional),
        {name: _core.unliteral(t) for name, t in keywords.items()},
    )


def find(key, positional, keywords, target, literals_only):
    """Implementations for a call, the best first: called by the compiler."""
    found = []
    plain = _without_literals(positional, keywords)
    has_literals = plain != (positional, keywords)
    # The newest first: a notebook's cell may define one again.
    for entry in reversed(_registered.get(key, ())):
        if isinstance(entry, Intrinsic):
            forms = (
                [positional, plain[0]] if entry.prefer_literal or literals_only else [plain[0], positional]
            )
            answer = next(filter(None, map(entry.answer, forms)), None)
            if answer:
                found.append(answer)
            continue
        if not entry.serves(positional, target):
            continue
        forms = [(plain, False)]
        if has_literals:
            literal = ((positional, keywords), True)
            forms = (
                [literal]
                if literals_only
                else [literal, *forms]
                if entry.prefer_literal
                else [*forms, literal]
            )
        failure = None
        for (p, k), literals in forms:
            try:
                dispatcher = entry.answer(p, k)
            except errors.NumbaError as error:
                failure = failure or error
                continue
            if dispatcher is not None:
                found.append((dispatcher, literals, entry.takes_class is not None))
        if failure and not found:
            raise failure
    return found


_core.set_resolver(find)
