"""spaCy component that finds title, sections, paragraphs and sentences, and what role each stretch plays in the argument."""

from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from ftzgraph.document import Sentence, Structure
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
    own = [
        heading_role(text[s.title_start : s.title_end], lex) if s.kind == "heading" else "" for s in structure.sections
    ]
    inherited: list[str] = []
    for role, section in zip(own, structure.sections, strict=True):
        inherited.append(role or (inherited[section.parent] if section.parent is not None else ""))
    roles: list[Role] = []
    current, paragraph = Role(0, ""), -1
    lasting, until = current, 0  # a lead-in that goes on over paragraphs, and the offset where it ends
    for sentence in structure.sentences:
        base = inherited[sentence.section] if sentence.section is not None else ""
        if sentence.paragraph != paragraph or (not current.strong and current.name != base):
            paragraph = sentence.paragraph
            in_force = sentence.start < until
            current = Role(sentence.start, lasting.name if in_force else base, in_force)
            roles.append(current)
        for at, role, persists in _lead_ins(text[sentence.start : sentence.end], lex):
            current = Role(sentence.start + at, role, role != "")
            roles.append(current)
            opens_a_list = (
                sentence.end == structure.paragraphs[sentence.paragraph][1] and text[sentence.end - 1] in "：:"
            )
            if role and (persists or opens_a_list):
                lasting, until = current, _end_of_scope(structure, sentence, own, role)
    return tuple(roles)


def _end_of_scope(structure: Structure, sentence: Sentence, own: list[str], role: str) -> int:
    """Where a lead-in that goes on over paragraphs ends.

    With its section or, said inside a running one, with the section around; or where a heading inside names another role.
    """
    index = sentence.section
    if index is not None and structure.sections[index].kind != "heading":
        index = structure.sections[index].parent
    end = structure.sections[index].end if index is not None else structure.sentences[-1].end
    inside = (s.start for s, other in zip(structure.sections, own, strict=True) if other not in ("", role))
    return min((start for start in inside if sentence.start < start < end), default=end)


def _lead_ins(sentence: str, lex: Lexicon) -> list[tuple[int, str, bool]]:
    hits = [(m.end(), rule.role, rule.persist) for rule in lex.lead_ins for m in rule.pattern.finditer(sentence)]
    hits += [(0, "", False) for reset in lex.resets if reset.search(sentence)]
    return sorted(hits)


def titles_above(text: str, structure: Structure, section: int | None) -> tuple[str, ...]:
    """Return the titles of a section and of those around it, the outermost first; none outside any section."""
    titles: list[str] = []
    while section is not None:
        one = structure.sections[section]
        titles.insert(0, text[one.title_start : one.title_end])
        section = one.parent
    return tuple(titles)
