"""From document to causal map: a spaCy pipeline of small components, one idea each.

``ftz_words`` → ``ftz_structure`` → ``ftz_clauses`` → ``ftz_factors`` → ``ftz_links`` → ``ftz_mentions``. All are registered factories:

>>> import spacy
>>> nlp = spacy.blank("zh")
>>> for name in PIPELINE:
...     _ = nlp.add_pipe(name)
>>> doc = nlp("由于缺乏专业人才，企业难以开展研发。")
>>> [(span.text, span.label_) for span in doc.spans["factors"]]
[('缺乏专业人才', 'Cause'), ('企业难以开展研发', 'Problem')]
>>> [(link.relation.value, link.source, link.target) for link in doc._.links]
[('causes', 0, 1)]
"""

from functools import cache

import spacy
from spacy.language import Language

from ftzgraph.causalmap import CausalMap
from ftzgraph.document import Document
from ftzgraph.errors import FtzgraphError
from ftzgraph.extraction import clauses, links, structure, words
from ftzgraph.extraction.factors import factors_of
from ftzgraph.extraction.mentions import mentions_of

__all__ = ["ENGINES", "PIPELINE", "clauses", "extract", "links", "pipeline", "structure", "words"]

PIPELINE = ("ftz_words", "ftz_structure", "ftz_clauses", "ftz_factors", "ftz_links", "ftz_mentions")

# Which components make up each engine. A trained reader joins by naming its own component in the place of ``ftz_factors``.
ENGINES: dict[str, tuple[str, ...]] = {
    "rules": PIPELINE,
    "model": (*PIPELINE[:4], "ftz_reader", "ftz_links", "ftz_link_scorer", "ftz_mentions"),
}


@cache
def pipeline(engine: str = "rules") -> Language:
    """Return the spaCy pipeline of an engine, built once per process.

    Raises:
        FtzgraphError: there is no such engine.
    """
    if engine not in ENGINES:
        raise FtzgraphError(f"unknown engine {engine!r}: this release has {', '.join(ENGINES)}")
    nlp = spacy.blank("zh")
    nlp.max_length = 50_000_000  # spaCy's own limit guards memory-hungry parsers; there is none here
    for component in ENGINES[engine]:
        nlp.add_pipe(component)
    return nlp


def extract(document: Document, engine: str = "rules") -> CausalMap:
    """Read the argument out of a document.

    Args:
        document: what :func:`ftzgraph.reading.read` returned.
        engine: which reader; ``"rules"`` needs no model.

    Returns:
        The document's causal map, the same for the same document in every process.

    Raises:
        FtzgraphError: there is no such engine.
    """
    nlp = pipeline(engine)
    doc = nlp.make_doc(document.text)
    doc._.structure = document.structure
    for _, component in nlp.pipeline:
        doc = component(doc)
    return CausalMap(document, factors_of(doc), doc._.links, mentions_of(doc), engine)
