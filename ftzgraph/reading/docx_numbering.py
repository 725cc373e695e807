"""The numbers that Word shows before paragraphs without storing them as text (``一、``, ``（二）``, ``1.``)."""

from collections import defaultdict
from dataclasses import dataclass

from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_HAN = "零一二三四五六七八九"
_HAN_FORMATS = frozenset(
    f"{language}{kind}"
    for language in ("chinese", "japanese", "taiwanese")
    for kind in ("Counting", "CountingThousand")
)


@dataclass(frozen=True)
class _Level:
    """How one level of a list is numbered: number format, text such as ``（%1）``, first number."""

    format: str
    text: str
    start: int


class Numbering:
    """Counts the automatically numbered paragraphs of a Word document, asked in reading order."""

    def __init__(self, document: WordDocument):
        self._levels: dict[tuple[str, int], _Level] = {}
        self._abstract: dict[str, str] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        root = getattr(part, "element", None)
        for abstract in root.findall(qn("w:abstractNum")) if root is not None else ():
            for level in abstract.findall(qn("w:lvl")):
                key = (abstract.get(qn("w:abstractNumId")), int(level.get(qn("w:ilvl"))))
                self._levels[key] = _Level(
                    _value(level, "w:numFmt", "decimal"),
                    _value(level, "w:lvlText", ""),
                    int(_value(level, "w:start", "1")),
                )
        for number in root.findall(qn("w:num")) if root is not None else ():
            self._abstract[number.get(qn("w:numId"))] = _value(number, "w:abstractNumId", "")

    def label(self, paragraph: Paragraph) -> str:
        """Return the number that Word shows before a paragraph, ``""`` for none or a bullet."""
        place = _place(paragraph)
        if place is None or place[0] not in self._abstract:
            return ""
        abstract, depth = self._abstract[place[0]], place[1]
        level = self._levels.get((abstract, depth))
        if level is None or level.format in ("bullet", "none"):
            return ""
        counts = self._counts[abstract]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        label = level.text
        for d in range(depth + 1):
            shown = self._levels.get((abstract, d), level)
            label = label.replace(f"%{d + 1}", _written(counts.get(d, shown.start), shown.format))
        return label + (" " if label[-1:].isalnum() else "")


def _place(paragraph: Paragraph) -> tuple[str, int] | None:
    """Return list and level of a paragraph: its own, else that of its style or of one the style is based on."""
    elements = [paragraph._p.pPr]
    style = paragraph.style
    while style is not None:
        elements.append(style.element.find(qn("w:pPr")))
        style = style.base_style
    for properties in elements:
        numbering = properties.find(qn("w:numPr")) if properties is not None else None
        if numbering is not None:
            return _value(numbering, "w:numId", "0"), int(_value(numbering, "w:ilvl", "0"))
    return None


def _value(element, tag: str, default: str) -> str:  # type: ignore[no-untyped-def]  # an lxml element
    child = element.find(qn(tag))
    return default if child is None else child.get(qn("w:val"), default)


def _written(number: int, number_format: str) -> str:
    if number_format in _HAN_FORMATS and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens < 2 else _HAN[tens]) + ("十" if tens else "") + (_HAN[ones] if ones else "")
    if number_format.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(ord("①") + number - 1)
    return str(number)
