"""Text from documents without the characters that no output can hold or that would act in it."""

import re

# Control characters other than tab and line breaks, marks that turn the writing direction, and what XML cannot hold.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

_FORMULA = re.compile("['=+\\-@\t\r\n＝＋－＠]")  # in full width too, and the mark that is put before it


def plain(text: str) -> str:
    r"""Leave out of a text what is unfit for a page, a picture or a Word document; white space stays.

    >>> plain("\u202e自贸区\x00\x1b[2J\ufffe\n提质")
    '自贸区[2J\n提质'
    """
    return _UNFIT.sub("", text)


def line(text: str) -> str:
    r"""Return a text as one line: plain, with single spaces for all white space.

    >>> line(" 自贸区\n提质\x00 ")
    '自贸区 提质'
    """
    return " ".join(plain(text).split())


def harmless(text: str) -> str:
    """Return a text for a cell of CSV, with an apostrophe before it where a spreadsheet would take it for a formula.

    >>> harmless("=1+1"), harmless("自贸区")
    ("'=1+1", '自贸区')
    """
    return f"'{text}" if _FORMULA.match(text) else text
