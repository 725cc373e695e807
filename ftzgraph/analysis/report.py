"""The brief: what a document argues, and where the argument has gaps, as Markdown for a policy analyst.

The words stand in ``templates/report.LANGUAGE.md.j2``, one file a language. Quotes are never translated.
"""

import re
from typing import Final

from ftzgraph.analysis.centrality import MEASURES
from ftzgraph.analysis.graph import EvidenceRecord, FactorRecord, LinkRecord, MentionRecord, SentenceRecord, factor
from ftzgraph.analysis.markdown import escape
from ftzgraph.analysis.measures import Analysis
from ftzgraph.analysis.outline import chapters
from ftzgraph.analysis.robustness import THRESHOLDS
from ftzgraph.analysis.tables import UNSURE, unsure
from ftzgraph.causalmap import Modality
from ftzgraph.knowledge.vocabulary import FTZ, label
from ftzgraph.plain import line
from ftzgraph.resources import templates

LANGUAGES: Final = ("zh", "en")

_WORDS: Final = {
    "zh": {
        "file": "文件",
        "opening": "文首",
        "nowhere": "出处未注明",
        "unsure": "存疑",
        "cue": "线索词",
        "mark": "（{}）",
        "and": "、",
    },
    "en": {
        "file": "file",
        "opening": "opening",
        "nowhere": "no place given",
        "unsure": "unsure",
        "cue": "cue ",
        "mark": " ({}) ",
        "and": ", ",
    },
}
MOST_DETAILED: Final = 20
"""The brief of more documents than this has only the findings of each."""

_ROWS = 12  # most that a table shows
_SHORT = 30  # characters of a quote in a table
_TITLE_LENGTH = 10  # characters of an unnumbered section's title in a place


def report(analysis: Analysis, lang: str = "zh") -> str:
    """Write the brief.

    Args:
        analysis: of one document or many; many are told one after the other.
        lang: ``"zh"`` or ``"en"``.

    Returns:
        Markdown, ending in a line break: the findings, tables, and an appendix with everything in full. Each factor
        stands as 「quote」〔section · source offsets〕; quotes are cut short in tables only. The same analysis gives the
        same text.

    Raises:
        ValueError: there is no such language.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no report in {lang!r}, only in {' and '.join(LANGUAGES)}")
    environment = templates("ftzgraph.analysis", escape=False)
    teller = _Teller(analysis, lang)
    environment.filters.update(
        brief=teller.brief,
        escape=escape,
        heading=teller.heading,
        marks=teller.marks,
        named=teller.named,
        number=lambda value: f"{value:.2f}",
        reason=teller.reason,
        said=teller.said,
        sentence=teller.sentence,
        where=teller.where,
        word=teller.word,
    )
    text = environment.get_template(f"report.{lang}.md.j2").render(
        analysis=analysis,
        chapters=chapters(analysis),
        lang=lang,
        measures=MEASURES,
        most_detailed=MOST_DETAILED,
        most_rows=_ROWS,
        thresholds=THRESHOLDS,
        unsure=UNSURE,
    )
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"


class _Teller:
    """Puts factors, places and terms into words."""

    def __init__(self, analysis: Analysis, lang: str) -> None:
        self._graph = analysis.graph
        self._lang = lang
        self._words = _WORDS[lang]
        documents = list(analysis.graph.graph["documents"])
        self._number = {iri: index for index, iri in enumerate(documents, start=1)} if len(documents) > 1 else {}

    def said(self, iri: str) -> str:
        """A factor as 「quote」, how the text commits itself to it, and 〔place〕."""
        return self._quoted(iri, factor(self._graph, iri).quote)

    def brief(self, iri: str) -> str:
        """The same for a cell of a table, a long quote cut short."""
        quote = line(factor(self._graph, iri).quote)
        return self._quoted(iri, quote if len(quote) <= _SHORT else quote[: _SHORT - 1] + "…")

    def _quoted(self, iri: str, quote: str) -> str:
        return f"「{escape(quote)}」{self.marks(factor(self._graph, iri))}{self.where(iri)}"

    def marks(self, record: FactorRecord | LinkRecord) -> str:
        """What a reader must not overlook: a condition, a prediction, a denial, a low confidence."""
        marks = []
        if record.modality in (Modality.CONDITIONAL, Modality.PREDICTED):
            marks.append(self.word(record.modality.capitalize()))
        if record.negated:
            marks.append(self.word("negated"))
        if unsure(record):
            marks.append(self._words["unsure"])
        return self._words["mark"].format(self._words["and"].join(marks)) if marks else ""

    def where(self, iri: str) -> str:
        """A factor's place: section and source offsets, the number of the document before them if there are several."""
        record = factor(self._graph, iri)
        return self._place(record.document, record.section, record.evidence)

    def sentence(self, record: SentenceRecord) -> str:
        """A sentence as 「text」, the cue in it, and 〔place〕."""
        cue = f"{self._words['cue']}「{escape(record.cue)}」"
        return f"「{escape(record.text)}」{self._words['mark'].format(cue)}" + self._place(
            record.document, record.section, (record,)
        )

    def _place(
        self, document: str, section: str | None, spans: tuple[EvidenceRecord, ...] | tuple[SentenceRecord, ...]
    ) -> str:
        parts = [f"{self._words['file']} {self._number[document]}"] if self._number else []
        parts.append(self.section(section))
        parts.append(self._words["and"].join(f"{s.start}–{s.end}" for s in spans) or self._words["nowhere"])
        return f"〔{' · '.join(parts)}〕".replace("） ·", "）·")

    def named(self, mention: MentionRecord) -> str:
        """What factors mention, in Chinese; in an English brief with its English name if it has one."""
        english = f" ({escape(mention.label_en)})" if self._lang == "en" and mention.label_en else ""
        return escape(mention.label) + english

    def reason(self, record: FactorRecord | LinkRecord) -> str:
        """Why the reader said so: its cue and its method."""
        reasons = [f"{self._words['cue']}「{escape(record.cue)}」"] if record.cue else []
        reasons += [f"{self.word('method')} {escape(record.method)}"] if record.method else []
        return self._words["mark"].format(self._words["and"].join(reasons)) if reasons else ""

    def section(self, iri: str | None) -> str:
        """A section's numbers from the outermost in, such as 二（一） or 1.2; a short title in place of a number."""
        label = ""
        while iri is not None:
            record = self._graph.graph["sections"][iri]
            label = _joined(record.number.rstrip("、.．,，:： ") or record.title[:_TITLE_LENGTH], ".", label)
            iri = record.parent
        return escape(label) or self._words["opening"]

    def heading(self, iri: str | None) -> str:
        """A section's own title behind the numbers of the sections around it."""
        if iri is None:
            return self._words["opening"]
        record = self._graph.graph["sections"][iri]
        around = "" if record.parent is None else self.section(record.parent)
        return _joined(around, " ", escape(record.path[-1]))

    def word(self, term: str) -> str:
        """The ontology's name of a class, property or individual."""
        return label(FTZ[term], self._lang)


def _joined(first: str, mark: str, second: str) -> str:
    """Both, with the mark between where a letter or digit would meet another."""
    return f"{first}{mark}{second}" if first[-1:].isalnum() and second[:1].isalnum() else first + second
