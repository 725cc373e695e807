"""The corpus brief: what many documents say together, as Markdown for a policy analyst.

The words stand in ``templates/corpus.LANGUAGE.md.j2``, one file a language. Quotes are never translated.
"""

import re
from typing import Final

from ftzgraph.analysis.markdown import escape
from ftzgraph.analysis.report import LANGUAGES
from ftzgraph.corpusmap.measures import CorpusMap
from ftzgraph.plain import line
from ftzgraph.resources import templates

_ROWS: Final = 12  # most that a table shows
_SHORT: Final = 40  # characters of a quote in a table
_NAMES: Final = 4  # most actors or places in a cell


def corpus_brief(found: CorpusMap, lang: str = "zh") -> str:
    """Write the brief.

    Args:
        found: what was measured.
        lang: ``"zh"`` or ``"en"``.

    Returns:
        Markdown, ending in a line break; the same text for the same map.

    Raises:
        ValueError: there is no such language.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no report in {lang!r}, only in {' and '.join(LANGUAGES)}")
    environment = templates("ftzgraph.corpusmap", escape=False)
    environment.filters.update(
        names=lambda names: _names(names, lang), number=lambda value: f"{value:.2f}", quote=_quote, years=_years
    )
    text = environment.get_template(f"corpus.{lang}.md.j2").render(map=found, rows=_ROWS)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


def _quote(label: str) -> str:
    words = line(label)
    return f"「{escape(words if len(words) <= _SHORT else words[: _SHORT - 1] + '…')}」"


def _names(names: tuple[str, ...], lang: str) -> str:
    shown = ("、" if lang == "zh" else ", ").join(escape(name) for name in names[:_NAMES])
    return f"{shown} …" if len(names) > _NAMES else shown


def _years(years: tuple[int, int] | None) -> str:
    if years is None:
        return ""
    first, last = years
    return str(first) if first == last else f"{first}–{last}"
