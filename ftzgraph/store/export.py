"""A store as Turtle, of any size: read, sorted and written document by document."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

import pyoxigraph as ox
from rdflib import URIRef

from ftzgraph.knowledge.order import reading_order
from ftzgraph.knowledge.oxigraph import from_store, spelt, subject_of, uncollected
from ftzgraph.knowledge.syntaxes import _predicate_order
from ftzgraph.knowledge.vocabulary import PREFIXES
from ftzgraph.store.base import Store

_HEAD: Final = re.compile(rb"\A(?:@prefix .*\n)*")


def turtle(store: Store) -> Iterator[bytes]:
    """Yield everything in a store as Turtle, in pieces that make what :func:`ftzgraph.serialise` makes of its graph.

    Args:
        store: of a store folder one document at a time is in memory, of anything else all.

    Raises:
        StoreError: the store cannot be read.
    """
    begun = False
    for part in store.parts():
        with uncollected():
            piece = ox.serialize(_sorted(part), format=ox.RdfFormat.TURTLE, prefixes=PREFIXES) or b""
        yield _HEAD.sub(b"", piece, count=1) if begun else piece
        begun = begun or bool(piece)


def _sorted(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Sort into reading order. This runs for every triple, so it looks at a term only where it must."""
    by_predicate: dict[str, list[ox.Triple]] = defaultdict(list)
    for triple in triples:
        by_predicate[triple.predicate.value].append(triple)
    by_subject: dict[str, list[ox.Triple]] = defaultdict(list)
    for predicate in sorted(by_predicate, key=lambda iri: _predicate_order(URIRef(iri))):
        same = by_predicate[predicate]
        subjects = [subject_of(triple) for triple in same]
        if len(set(subjects)) < len(subjects):  # it is told twice of a subject
            value = cache(lambda term: reading_order(from_store(term)))
            same.sort(key=lambda triple: value(triple.object))
            subjects = [subject_of(triple) for triple in same]
        for subject, triple in zip(subjects, same, strict=True):
            by_subject[subject].append(triple)
    for subject in sorted(by_subject, key=lambda iri: reading_order(URIRef(iri))):
        yield from map(_spelt, by_subject[subject])


def _spelt(triple: ox.Triple) -> ox.Triple:
    value = triple.object
    told = spelt(value)
    return triple if told is value else ox.Triple(triple.subject, triple.predicate, told)
