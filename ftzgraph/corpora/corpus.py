"""Many documents as one graph: what was read before is taken from the cache, the rest is read, what fails is told."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import Final

import pyoxigraph as ox
from rdflib import Graph

from ftzgraph.causalmap import CausalMap
from ftzgraph.corpora import sources
from ftzgraph.corpora.cache import Cache, fingerprint, key
from ftzgraph.corpora.items import SUFFIXES, Failure, Item
from ftzgraph.corpora.mapping import MOST_DOCUMENTS, Result, map_documents
from ftzgraph.corpora.shards import BuiltDocument, Shard, merge, pack, unpack
from ftzgraph.errors import OutputError, ReaderError, ReadingError
from ftzgraph.extraction import Settings, extract
from ftzgraph.knowledge.oxigraph import from_oxigraph
from ftzgraph.knowledge.vocabulary import new_graph
from ftzgraph.plain import line
from ftzgraph.reading import read_bytes

Progress = Callable[[int, int], None]
"""Is told how many of how many documents are done."""

_TOLD: Final = 3  # failures in a message
_ONE_AT_A_TIME: Final = Lock()  # an executor may have several threads, of which only one can use a pipeline


@dataclass(frozen=True)
class Corpus:
    """Documents that have been read.

    Attributes:
        documents: each once, in the order of the sources.
        failed: what could not be read, in the order of the sources.
        repeats: how many sources hold the same bytes as an earlier one.
        unused: of each table the columns that mean nothing here.
    """

    documents: tuple[BuiltDocument, ...]
    failed: tuple[Failure, ...]
    repeats: int
    unused: dict[str, tuple[str, ...]]
    _keys: tuple[str, ...] = field(repr=False)  # of the documents, sorted by their hashes
    _cache: Cache = field(repr=False)

    @classmethod
    def of(cls, maps: Iterable[CausalMap]) -> "Corpus":
        """Return the corpus of documents that differ, held in memory."""
        kept = Cache()
        documents = []
        for causal_map in maps:
            packed = pack(causal_map)
            kept.put(causal_map.document.sha256, packed)
            documents.append(unpack(packed).about)
        return cls(tuple(documents), (), 0, {}, tuple(sorted(document.sha256 for document in documents)), kept)

    def faults(self) -> str:
        """Return in one line what could not be read."""
        if len(self.failed) == 1:
            return str(self.failed[0])
        total = len(self.documents) + self.repeats + len(self.failed)
        told = "; ".join(map(str, self.failed[:_TOLD]))
        more = f"; and {len(self.failed) - _TOLD} more" if len(self.failed) > _TOLD else ""
        return f"{len(self.failed)} of {total} sources cannot be read: {told}{more}"

    def shards(self) -> Iterator[Shard]:
        """Yield the graph of each document, sorted by their hashes.

        Raises:
            OutputError: somebody else has removed it from the cache.
        """
        for name in self._keys:
            shard = self._cache.get(name)
            if shard is None:
                raise OutputError("what was read is gone from the cache, or damaged; build again")
            yield shard

    def turtle(self) -> Iterator[bytes]:
        """Yield the Turtle of all documents in pieces, one document in memory at a time."""
        return merge(self.shards())

    def triples(self) -> Iterator[ox.Triple]:
        """Yield all triples, document by document; what several documents tell comes with each."""
        for shard in self.shards():
            yield from shard.triples()

    @cached_property
    def graph(self) -> Graph:
        """All documents as one graph in memory."""
        graph, term = new_graph(), cache(from_oxigraph)
        for triple in self.triples():
            graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))
        return graph


@dataclass(frozen=True)
class Reader:
    """Who reads, and what it is told; a process elsewhere is sent this.

    Attributes:
        engine, settings: see :func:`ftzgraph.extraction.extract`.
        version: :func:`~ftzgraph.corpora.cache.fingerprint` of both where it was made.
    """

    engine: str
    settings: Settings | None
    version: str

    def __call__(self, items: list[Item]) -> list[Result]:
        """Read documents.

        Raises:
            ReaderError: this is another version of the engine, or a language model cannot be asked, which would fail for
                the other documents too, and each may cost time and money.
        """
        with _ONE_AT_A_TIME:
            if fingerprint(self.engine, self.settings) != self.version:
                raise ReaderError(
                    "not all processes have the same ftzgraph and the same versions of what it depends on"
                )
            return [self._packed(item) for item in items]

    def read(self, item: Item) -> CausalMap:
        """Read a document.

        Raises:
            ReadingError: it cannot be read.
            ReaderError: the engine cannot read it; the message names the document.
        """
        document = read_bytes(item.data, item.where, item.name, item.metadata)
        try:
            return extract(document, self.engine, self.settings)
        except ReaderError as error:
            raise ReaderError(f"{item.where}: {error}") from error

    def _packed(self, item: Item) -> Result:
        try:
            return pack(self.read(item))
        except ReadingError as error:
            return str(error).removeprefix(f"{item.where} ")
        except ReaderError as error:
            if self.engine == "llm":
                raise
            return f"cannot be read: {str(error).removeprefix(f'{item.where}: ')}"
        except Exception as error:  # no document may keep the others from being read
            return f"cannot be read: {type(error).__name__}: {line(str(error))}"


def read_one(found: Path | Failure, reader: Reader, text_column: str | None = None) -> CausalMap:
    """Read the document of a source that holds one.

    Raises:
        ReadingError: it cannot be read.
        ReaderError: the engine cannot read it.
    """
    (item,) = sources.items(found, text_column)
    if isinstance(item, Failure):
        raise ReadingError(str(item))
    return reader.read(item)


def read_corpus(
    found: Sequence[Path | Failure],
    reader: Reader,
    kept: Cache,
    *,
    executor: Executor | None = None,
    jobs: int = 1,
    text_column: str | None = None,
    progress: Progress | None = None,
) -> Corpus:
    """Read all documents that the cache does not have.

    Args:
        found: what :func:`ftzgraph.corpora.sources.find` returned.
        reader: who reads.
        kept: the cache, which also gets what is read.
        executor: see :func:`ftzgraph.corpora.mapping.map_documents`.
        jobs: see there.
        text_column: see :func:`ftzgraph.corpora.tables.items`.
        progress: is called after each document.

    Raises:
        ReaderError: see :class:`Reader` and :func:`~ftzgraph.corpora.mapping.map_documents`. What was read is in the cache.
        OutputError: the cache cannot be written.
    """
    total = sum(sources.count(each, text_column) for each in found)
    reading = _Reading(kept, (lambda done: progress(done, total)) if progress else None)
    unread = reading.unread(item for each in found for item in sources.items(each, text_column))
    most = min(MOST_DOCUMENTS, total // (4 * jobs) + 1)
    for item, result in map_documents(reader, unread, executor=executor, jobs=jobs, most=most):
        reading.take(item, result)
    kept.tidy()
    return reading.corpus()


class _Reading:
    """What has been read so far."""

    def __init__(self, kept: Cache, progress: Callable[[int], None] | None) -> None:
        self._kept = kept
        self._progress = progress
        self._done = 0
        self._order: list[Failure | tuple[str, str]] = []  # failures, and where each document was found with its key
        self._keys: dict[tuple[str, str], str] = {}  # of documents, by their content
        # By key: what a document holds, or why it could not be read.
        self._outcomes: dict[str, BuiltDocument | str] = {}
        self._unused: dict[str, dict[str, None]] = {}

    def unread(self, items: Iterable[Item | Failure]) -> Iterator[Item]:
        """Yield the documents that are neither in the cache nor the same as an earlier one."""
        for item in items:
            if isinstance(item, Failure):
                self._order.append(item)
            elif not self._is_known(item):
                yield item
                continue
            self._tell()

    def take(self, item: Item, result: Result) -> None:
        """Keep what was read of a document."""
        name = key(item)
        if isinstance(result, str):
            self._outcomes[name] = result
        else:
            self._kept.put(name, result)
            self._outcomes[name] = unpack(result).about
        self._tell()

    def corpus(self) -> Corpus:
        """Return all of it."""
        documents: dict[str, tuple[BuiltDocument, str]] = {}
        failed: list[Failure] = []
        repeats = 0
        for each in self._order:
            if isinstance(each, Failure):
                failed.append(each)
                continue
            where, name = each
            outcome = self._outcomes[name]
            if isinstance(outcome, str):
                failed.append(Failure(where, outcome))
            elif outcome.sha256 in documents:
                repeats += 1
            else:
                documents[outcome.sha256] = outcome, name
        found = sorted(documents.values(), key=lambda each: each[0].sha256)
        return Corpus(
            tuple(document for document, _ in documents.values()),
            tuple(failed),
            repeats,
            {table: tuple(columns) for table, columns in self._unused.items()},
            tuple(name for _, name in found),
            self._kept,
        )

    def _is_known(self, item: Item) -> bool:
        """Note where a document was found; whether it need not be read."""
        if item.unused:
            self._unused.setdefault(item.where.rpartition("#")[0], {}).update(dict.fromkeys(item.unused))
        suffix = Path(item.where).suffix.lower()
        content = hashlib.sha256(item.data).hexdigest(), suffix if suffix in SUFFIXES else ""
        name = self._keys.get(content)
        known = name is not None
        if name is None:
            name = self._keys[content] = key(item)
            if (shard := self._kept.get(name)) is not None:
                self._outcomes[name] = replace(shard.about, notes={})  # which were counted when it was read
                known = True
        self._order.append((item.where, name))
        return known

    def _tell(self) -> None:
        self._done += 1
        if self._progress:
            self._progress(self._done)
