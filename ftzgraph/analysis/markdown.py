"""Writing text into Markdown so that it shows as the very characters it has."""

import re
import unicodedata

_MEANINGFUL = re.compile(r"[\\`*_\[\]{}<>#|~&$@^]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_DIRECTION = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


def escape(text: str) -> str:
    r"""Escape a stretch of text for the inside of a Markdown line (CommonMark and GitHub's tables, links and formulas).

    White space becomes single spaces; control characters and marks that would turn the writing direction of what
    follows are left out.

    >>> print(escape("a|b <i>`*\n# 1"))
    a\|b \<i\>\`\* \# 1
    """
    plain = " ".join(text.translate(_DIRECTION).split())
    visible = "".join(character for character in plain if unicodedata.category(character) != "Cc")
    return _MEANINGFUL.sub(r"\\\g<0>", visible)
