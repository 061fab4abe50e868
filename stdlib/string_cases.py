"""str: case, and what kinds of characters a text is made of."""

from cantil.library import call_runtime, overload, unicode_type


@overload("method:str.lower")
def lower(self: Str):
    """In lower case.

    >>> text.lower()
    """
    return call_runtime(unicode_type, "cantil_rt_text_case", self, 0, False)


@overload("method:str.upper")
def upper(self: Str):
    """In upper case.

    >>> text.upper()
    """
    return call_runtime(unicode_type, "cantil_rt_text_case", self, 1, False)


@overload("method:str.title")
def title(self: Str):
    """Words with a capital, the rest in lower case.

    >>> text.title()
    """
    return call_runtime(unicode_type, "cantil_rt_text_case", self, 2, False)


@overload("method:str.capitalize")
def capitalize(self: Str):
    """The first character in upper case, the rest in lower case.

    >>> text.capitalize()
    """
    return call_runtime(unicode_type, "cantil_rt_text_case", self, 3, False)


@overload("method:str.swapcase")
def swapcase(self: Str):
    """Upper case in place of lower, and lower in place of upper.

    >>> text.swapcase()
    """
    return call_runtime(unicode_type, "cantil_rt_text_case", self, 4, False)


@overload("method:str.casefold")
def casefold(self: Str):
    """As texts are compared without regard to case.

    >>> text.casefold()
    """
    return call_runtime(unicode_type, "cantil_rt_text_case", self, 5, False)


@overload("method:str.isalnum")
def isalnum(self: Str):
    """Whether all is letters and digits.

    >>> (text.isalnum(), word.isalnum())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 0, False)


@overload("method:str.isalpha")
def isalpha(self: Str):
    """Whether all is letters.

    >>> (text.isalpha(), word.isalpha())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 1, False)


@overload("method:str.isascii")
def isascii(self: Str):
    """Whether all is ASCII characters.

    >>> (text.isascii(), word.isascii())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 2, False)


@overload("method:str.isdecimal")
def isdecimal(self: Str):
    """Whether all is decimal digits.

    >>> (text.isdecimal(), word.isdecimal())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 3, False)


@overload("method:str.isdigit")
def isdigit(self: Str):
    """Whether all is digits.

    >>> (text.isdigit(), word.isdigit())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 4, False)


@overload("method:str.isidentifier")
def isidentifier(self: Str):
    """Whether all is what a name is made of.

    >>> (text.isidentifier(), word.isidentifier())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 5, False)


@overload("method:str.islower")
def islower(self: Str):
    """Whether all is lower case.

    >>> (text.islower(), word.islower())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 6, False)


@overload("method:str.isnumeric")
def isnumeric(self: Str):
    """Whether all is numeric characters.

    >>> (text.isnumeric(), word.isnumeric())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 7, False)


@overload("method:str.isprintable")
def isprintable(self: Str):
    """Whether all is printable characters.

    >>> (text.isprintable(), word.isprintable())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 8, False)


@overload("method:str.isspace")
def isspace(self: Str):
    """Whether all is white space.

    >>> (text.isspace(), word.isspace())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 9, False)


@overload("method:str.istitle")
def istitle(self: Str):
    """Whether all is words with a capital.

    >>> (text.istitle(), word.istitle())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 10, False)


@overload("method:str.isupper")
def isupper(self: Str):
    """Whether all is upper case.

    >>> (text.isupper(), word.isupper())
    """
    return call_runtime(bool, "cantil_rt_text_is", self, 11, False)
