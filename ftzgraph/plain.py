"""Text from documents without the characters that no output can hold or that would act in it."""

import re

# Control characters other than tab and line breaks, marks that turn the writing direction, and what XML cannot hold.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


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
