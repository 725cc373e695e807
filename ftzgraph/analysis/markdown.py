"""Writing text into Markdown so that it shows as the very characters it has."""

import re

from ftzgraph.plain import line

_MEANINGFUL = re.compile(r"[\\`*_\[\]{}<>#|~&$@^]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def escape(text: str) -> str:
    r"""Escape a stretch of text for the inside of a Markdown line (CommonMark and GitHub's tables, links and formulas).

    White space becomes single spaces, and what is unfit for any output (:func:`~ftzgraph.plain.plain`) is left out.

    >>> print(escape("a|b <i>`*\n# 1"))
    a\|b \<i\>\`\* \# 1
    """
    return _MEANINGFUL.sub(r"\\\g<0>", line(text))
