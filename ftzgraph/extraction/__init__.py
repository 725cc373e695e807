"""From document to causal map: a spaCy pipeline of small components, one idea each.

``ftz_words`` → ``ftz_structure`` → ``ftz_clauses`` → ``ftz_factors`` → ``ftz_links`` → ``ftz_mentions``. All are registered factories:

>>> import spacy
>>> nlp = spacy.blank("zh")
>>> for name in PIPELINE:
...     _ = nlp.add_pipe(name)
>>> doc = nlp("由于缺乏专业人才，企业难以开展研发。")
>>> [(span.text, span.label_) for span in doc.spans["factors"]]
[('缺乏专业人才', 'Cause'), ('企业难以开展研发', 'Effect')]
>>> [(link.relation.value, link.source, link.target) for link in doc._.links]
[('causes', 0, 1)]
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from ftzgraph.causalmap import CausalMap
from ftzgraph.document import Document
from ftzgraph.errors import FtzgraphError, ReaderError
from ftzgraph.extraction import clauses, links, structure, words
from ftzgraph.extraction.coverage import gaps_of
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.mentions import mentions_of

__all__ = [
    "DEFAULT",
    "ENGINES",
    "GROUP",
    "PIPELINE",
    "clauses",
    "engines",
    "extract",
    "links",
    "pipeline",
    "structure",
    "words",
]

Doc.set_extension("notes", default=None, force=True)

PIPELINE = ("ftz_words", "ftz_structure", "ftz_clauses", "ftz_factors", "ftz_links", "ftz_mentions")

# Which components make up each engine: a reader takes the place of those that fill doc.spans["factors"] and doc._.links.
ENGINES: dict[str, tuple[str, ...]] = {
    "rules": PIPELINE,
    "model": (*PIPELINE[:4], "ftz_reader", "ftz_links", "ftz_link_scorer", "ftz_mentions"),
    "llm": (*PIPELINE[:2], "ftz_llm_reader", "ftz_mentions"),
}

DEFAULT = "model"
"""The engine that is used when none is named."""

GROUP = "ftzgraph.readers"
"""Entry points of third-party readers: the name of an engine, and a tuple of the names of its spaCy components."""

Settings = Mapping[str, str | int | float]
"""What a component of an engine can be told, by the names of its spaCy config."""


def engines() -> dict[str, EntryPoint | tuple[str, ...]]:
    """Return the engines that are installed: our own, then third parties', which cannot take our names."""
    others = sorted(entry_points(group=GROUP), key=lambda e: (e.name, e.value))
    return {**{e.name: e for e in others if e.name not in ENGINES}, **ENGINES}


def pipeline(engine: str = DEFAULT, settings: Settings | None = None) -> Language:
    """Return the spaCy pipeline of an engine, built once per process.

    Args:
        engine: one of :func:`engines`.
        settings: config of the ``llm`` engine's reader.

    Raises:
        ReaderError: there is no such engine, or it cannot be set up.
    """
    return _pipeline(engine, tuple(sorted((settings or {}).items())))


@cache
def _pipeline(engine: str, settings: tuple[tuple[str, str | int | float], ...]) -> Language:
    found = engines().get(engine)
    if found is None:
        raise ReaderError(f"unknown engine {engine!r}: there are {', '.join(sorted(engines()))}")
    nlp = spacy.blank("zh")
    nlp.max_length = 50_000_000  # spaCy's own limit guards memory-hungry parsers; there is none here
    try:
        if not re.fullmatch(r"[\w.-]+", engine):  # it goes into the graph
            raise ValueError("its name may hold letters, digits, '_', '.' and '-'")
        for component in found if isinstance(found, tuple) else _components(found):
            nlp.add_pipe(component, config=dict(settings) if component == "ftz_llm_reader" else {})
    except FtzgraphError:
        raise
    except Exception as error:  # whatever a third party's code raises
        raise ReaderError(f"the engine {engine!r} cannot be set up: {_first_line(error)}") from error
    return nlp


def _components(entry: EntryPoint) -> tuple[str, ...]:
    names = entry.load()
    if not isinstance(names, tuple | list) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{entry.value} is not a tuple of names of components")
    return tuple(names)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__


def extract(document: Document, engine: str = DEFAULT, settings: Settings | None = None) -> CausalMap:
    """Read the argument out of a document.

    Args:
        document: what :func:`ftzgraph.reading.read` returned.
        engine: which reader; ``"rules"`` needs no model.
        settings: for the ``llm`` engine ``base_url``, ``model``, ``cache`` (a folder), ``timeout`` (seconds), ``parallel``.

    Returns:
        The document's causal map, the same for the same document in every process.

    Raises:
        ReaderError: there is no such engine, or it cannot read the document.
    """
    nlp = pipeline(engine, settings)
    try:
        return _read(nlp, document, engine)
    except FtzgraphError:
        raise
    except Exception as error:
        if engine in ENGINES:
            raise
        raise ReaderError(f"the engine {engine!r} failed: {type(error).__name__}: {_first_line(error)}") from error


def _read(nlp: Language, document: Document, engine: str) -> CausalMap:
    doc = nlp.make_doc(document.text)
    doc._.structure = document.structure
    for _, component in nlp.pipeline:
        doc = component(doc)
    notes = tuple(sorted((doc._.notes or {}).items()))
    factors = factors_of(doc)
    return CausalMap(document, factors, doc._.links, mentions_of(doc), engine, gaps_of(document, factors), notes)
