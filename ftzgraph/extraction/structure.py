"""spaCy component that finds title, sections, paragraphs and sentences, and what role each stretch plays in the argument."""

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from ftzgraph.document import Structure
from ftzgraph.extraction.lexicon import Lexicon, lexicon
from ftzgraph.reading.structure import find_structure

Doc.set_extension("structure", default=None, force=True)
Doc.set_extension("roles", default=None, force=True)


@dataclass(frozen=True)
class Role:
    """What the text from ``start`` (text offset) to the next role is about.

    Attributes:
        start: where the role begins.
        name: ``achievement``, ``problem``, ``cause``, ``remedy``, ``goal``, ``progress``, ``background`` or ``""`` (unknown).
        strong: a lead-in such as ``发现的主要问题：`` announced it, so that clauses need no cue of their own;
            a section's heading is a weaker prior.
    """

    start: int
    name: str
    strong: bool = False


@Language.factory("ftz_structure", assigns=["doc._.structure", "doc._.roles"])
def create_structure(nlp: Language, name: str) -> "StructureFinder":
    """Create the component that finds the layers of a text."""
    return StructureFinder()


class StructureFinder:
    """spaCy component: sets ``doc._.structure`` (unless it is set already) and ``doc._.roles``."""

    def __call__(self, doc: Doc) -> Doc:
        """Find the layers of one document."""
        if doc._.structure is None:
            doc._.structure = find_structure(doc.text)
        doc._.roles = find_roles(doc.text, doc._.structure, lexicon())
        return doc


def heading_role(title: str, lex: Lexicon) -> str:
    """Return the role that a heading gives to its section: the keyword that ends last decides, ``""`` when there is none."""
    hits = [(m.end(), rule.role) for rule in lex.headings for m in rule.pattern.finditer(title)]
    return max(hits)[1] if hits else ""


def find_roles(text: str, structure: Structure, lex: Lexicon) -> tuple[Role, ...]:
    """Tell what each stretch of the text is about.

    A section takes the role that its heading names, else its parent's. A lead-in in running text opens a strong role for the rest
    of its paragraph, and beyond it where the lexicon says so.

    Args:
        text: cleaned text.
        structure: its layers.
        lex: the tables.

    Returns:
        Roles sorted by start; each holds up to the next one.
    """
    by_section: list[str] = []
    for section in structure.sections:
        own = heading_role(text[section.title_start : section.title_end], lex) if section.kind == "heading" else ""
        by_section.append(own or (by_section[section.parent] if section.parent is not None else ""))
    roles: list[Role] = []
    lasting: tuple[Role, int] | None = None  # a lead-in that goes on over paragraphs, and where its section ends
    paragraph = -1
    current = Role(0, "")
    for sentence in structure.sentences:
        base = by_section[sentence.section] if sentence.section is not None else ""
        if lasting and sentence.start >= lasting[1]:
            lasting = None
        if sentence.paragraph != paragraph or (not current.strong and current.name != base):
            paragraph = sentence.paragraph
            opened = sentence.section is not None and structure.sections[sentence.section].start == sentence.start
            if (
                opened
                and lasting
                and sentence.section is not None
                and structure.sections[sentence.section].kind == "heading"
            ):
                lasting = (
                    None if base != lasting[0].name and _names_role(text, structure, sentence.section, lex) else lasting
                )
            current = Role(sentence.start, lasting[0].name, True) if lasting else Role(sentence.start, base)
            roles.append(current)
        for at, role, persist in _lead_ins(text[sentence.start : sentence.end], lex):
            current = Role(sentence.start + at, role, role != "")
            roles.append(current)
            ends_paragraph = (
                sentence.end == structure.paragraphs[sentence.paragraph][1] and text[sentence.end - 1] in "：:"
            )
            if role and (persist or ends_paragraph):
                lasting = (current, _end_of_scope(text, structure, sentence.section))
    return tuple(roles)


def _names_role(text: str, structure: Structure, section: int, lex: Lexicon) -> bool:
    title = structure.sections[section]
    return bool(heading_role(text[title.title_start : title.title_end], lex))


def _end_of_scope(text: str, structure: Structure, section: int | None) -> int:
    """Where the outermost running-text section around a lead-in ends; headings of its own level close it."""
    if section is None:
        return len(text)
    while (parent := structure.sections[section].parent) is not None and structure.sections[section].kind != "heading":
        section = parent
    return structure.sections[section].end


def _lead_ins(sentence: str, lex: Lexicon) -> list[tuple[int, str, bool]]:
    hits = [(m.end(), rule.role, rule.persist) for rule in lex.lead_ins for m in rule.pattern.finditer(sentence)]
    hits += [(0, "", False) for reset in lex.resets if reset.search(sentence)]
    return sorted(hits)
