"""Documents of one sentence for the tests of stores: small, and so many of them as are wanted."""

import hashlib

from rdflib import Graph

from ftzgraph.causalmap import CausalMap, Factor, FactorType, Link, Mention, MentionKind, Relation, Span
from ftzgraph.document import Document, Sentence, Structure
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.store import Store


def note(number: int, actor: str = "海关", engine: str = "rules") -> Graph:
    """The graph of the document ``<number>.txt``: a problem, its remedy that names an actor, the link between them."""
    problem, remedy = f"第{number}号问题突出", f"{actor}应解决第{number}号问题"
    text = f"{problem}，{remedy}。"
    first, second = Span(0, len(problem)), Span(len(problem) + 1, len(text) - 1)
    structure = Structure(None, (), (), ((0, len(text)),), (Sentence(0, len(text), 0, None),))
    sha256 = hashlib.sha256(str(number).encode()).hexdigest()
    document = Document(f"{number}.txt", sha256, text, text, tuple(range(len(text))), structure)
    return to_rdf(
        CausalMap(
            document,
            (Factor(first, FactorType.PROBLEM, confidence=0.8), Factor(second, FactorType.REMEDY, confidence=0.4)),
            (Link(Relation.ADDRESSES, 1, 0, (Span(0, len(text)),), confidence=1.0),),
            (Mention(Span(second.start, second.start + len(actor)), MentionKind.ACTOR, actor),),
            engine,
        )
    )


def name(number: int) -> str:
    """The IRI of that document."""
    return f"https://w3id.org/ftzgraph/id/{hashlib.sha256(str(number).encode()).hexdigest()[:12]}"


def change(store: Store, step: int) -> None:
    """The change of this number in an endless sequence of additions, replacements, removals, and many of them at once."""
    if step % 5 == 4:
        store.remove(f"{(step - 1) % 4}.txt")
    else:
        store.add(sum((note(number, f"第{step}局") for number in _touched(step)), Graph()))


def after(steps: int) -> Graph:
    """What a store holds after so many changes."""
    held: dict[int, str] = {}
    for step in range(steps):
        if step % 5 == 4:
            del held[(step - 1) % 4]
        else:
            held |= dict.fromkeys(_touched(step), f"第{step}局")
    return sum((note(number, actor) for number, actor in held.items()), Graph())


def _touched(step: int) -> list[int]:
    return [step % 4, *(range(100, 120) if step % 7 == 6 else ())]
