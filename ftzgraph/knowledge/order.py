"""The order in which people read a graph: document by document, kind by kind, offsets as numbers."""

import re
from typing import Final, TypeAlias

from rdflib import BNode, Literal
from rdflib.term import Node

from ftzgraph.causalmap import Relation
from ftzgraph.knowledge.vocabulary import FTZ_IRI, ID

_KINDS: Final = ["", "extraction", "section", "sentence", "factor", *Relation, "evidence", "selector"]
_LOCAL_NAME: Final = re.compile(r"([0-9a-f]{12})(?:-([A-Za-z]+))?((?:-\d+)*)(.*)", re.DOTALL)

OrderKey: TypeAlias = tuple[object, ...]


def reading_order(term: Node) -> OrderKey:
    """Return a sort key: a document, its sections, sentences, factors, links, evidence and selectors come first.

    >>> sorted([ID["0123456789ab-factor-10-12"], ID["0123456789ab-factor-9-12"], ID["0123456789ab"]], key=reading_order)
    [rdflib.term.URIRef('https://w3id.org/ftzgraph/id/0123456789ab'), \
rdflib.term.URIRef('https://w3id.org/ftzgraph/id/0123456789ab-factor-9-12'), \
rdflib.term.URIRef('https://w3id.org/ftzgraph/id/0123456789ab-factor-10-12')]
    """
    text = str(term)
    if isinstance(term, Literal):
        return 4, text, term.language or "", str(term.datatype or "")
    if isinstance(term, BNode):
        return 3, text
    match = _LOCAL_NAME.fullmatch(text, len(ID)) if text.startswith(ID) else None
    kind = match[2] or "" if match else None
    if match and kind in _KINDS:
        numbers = tuple(int(number) for number in match[3].split("-")[1:])
        return 0, match[1], _KINDS.index(kind), numbers, text
    return 1 if text.startswith(FTZ_IRI) else 2, text
