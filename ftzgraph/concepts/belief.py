"""How many independent documents state something, and how far that can be believed.

Repeats within a document and copies of it are one voice, as extractions of one paragraph are for INDRA (Gyori et al., 2017).
"""

from collections.abc import Iterable, Mapping
from math import prod

from ftzgraph.concepts.copies import first_of
from ftzgraph.concepts.told import Place


def voices(places: Iterable[Place], originals: Mapping[str, str]) -> dict[str, str]:
    """Tell whose voice each document is.

    Args:
        places: where something is stated.
        originals: of which document each one is a copy, see :func:`~ftzgraph.concepts.copies.copied`.

    Returns:
        For each document of the places the first of those that speak with one voice: copies of each other, and those in which
        the very same sentence states it.

    >>> there = [Place("a", ("一句同样的长话",)), Place("b", ("一句同样的长话",)), Place("c", ()), Place("d", ())]
    >>> voices(there, {"a": "a", "b": "b", "c": "c", "d": "c"})
    {'a': 'a', 'b': 'a', 'c': 'c', 'd': 'c'}
    """
    documents: dict[str, str] = {}
    first: dict[str, str] = {}
    pairs: set[tuple[str, str]] = set()
    for place in places:
        original = documents[place.document] = originals.get(place.document, place.document)
        pairs |= {(first.setdefault(sentence, original), original) for sentence in place.sentences}
    joined = first_of(sorted(set(documents.values())), pairs)
    return {document: joined[original] for document, original in documents.items()}


def independent(places: Iterable[Place], originals: Mapping[str, str]) -> int:
    """Return how many independent documents state something; see :func:`voices`."""
    return len(set(voices(places, originals).values()))


def belief(confidences: Iterable[tuple[str, float]]) -> float:
    """Return how probable it is that at least one voice is right, if they err independently (noisy-or).

    Args:
        confidences: of each statement, with its voice; of a voice the surest statement counts.

    >>> round(belief([("a", 0.5), ("a", 0.4), ("b", 0.5)]), 2)
    0.75
    """
    surest: dict[str, float] = {}
    for voice, confidence in confidences:
        surest[voice] = max(confidence, surest.get(voice, 0.0))
    return 1 - prod(1 - surest[voice] for voice in sorted(surest))
