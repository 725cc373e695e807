"""From sources to written outputs: the whole chain in one call."""

import csv
import os
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Final

from rdflib import Graph

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.brief.page import page
from ftzgraph.brief.word import word
from ftzgraph.causalmap import CausalMap
from ftzgraph.corpora.cache import Cache, fingerprint
from ftzgraph.corpora.corpus import Corpus, Progress, Reader, read_corpus, read_one
from ftzgraph.corpora.items import Failure
from ftzgraph.corpora.shards import BuiltDocument
from ftzgraph.corpora.sources import count, find
from ftzgraph.errors import OutputError, ReadingError
from ftzgraph.extraction import DEFAULT, Settings, pipeline
from ftzgraph.files import Content, write_together
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.notebook import build_html
from ftzgraph.plain import harmless
from ftzgraph.rendering.explorer import render
from ftzgraph.review.decisions import load_decisions
from ftzgraph.review.replay import STALE, Replayed, replay, stale_table
from ftzgraph.store import open_store

OUTPUTS: Final = ("graph.ttl", "graph.html", "report.md", "report.html", "report.docx")
"""The files that :func:`build` writes."""

FAILED: Final = "failed.csv"
"""The table of what could not be read, beside the outputs."""

MOST_FACTORS: Final = 5_000
"""Of a graph with more factors no page and no report is written unless somebody asks for them."""


@dataclass(frozen=True)
class BuildResult:
    """What a build made.

    Attributes:
        corpus: the documents that were read, and those that were not.
        maps: the causal map of the document when there is only one; those of many are not held in memory.
        written: the files that were written, in the order of :data:`OUTPUTS`; empty without an output folder.
        left_out: those of :data:`OUTPUTS` that were not, since the graph is too large for them.
        reviewed: what reviewers' decisions made of what was read, ``None`` when none were given.
    """

    corpus: Corpus
    maps: tuple[CausalMap, ...] = field(repr=False)
    written: tuple[Path, ...]
    left_out: tuple[str, ...] = ()
    reviewed: Replayed | None = field(default=None, repr=False)

    @property
    def documents(self) -> tuple[BuiltDocument, ...]:
        """What each document holds, in the order of the sources."""
        return self.corpus.documents

    @property
    def failed(self) -> tuple[Failure, ...]:
        """What could not be read, in the order of the sources."""
        return self.corpus.failed

    @property
    def graph(self) -> Graph:
        """The knowledge graph of all documents, which is put together in memory when it is first asked for."""
        return self.reviewed.graph if self.reviewed else self.corpus.graph

    def _repr_html_(self) -> str:
        return build_html(self)


def build(
    sources: str | Path | Iterable[str | Path],
    output: str | Path | None = None,
    *,
    store: str | Path | None = None,
    engine: str = DEFAULT,
    settings: Settings | None = None,
    lang: str = "zh",
    min_confidence: float = 0.0,
    jobs: int = 1,
    executor: Executor | None = None,
    text_column: str | None = None,
    fresh: bool = False,
    decisions: str | Path | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """Read documents, extract their argument, and write graph, page and report.

    Everything is made before the first output is written, so a build that fails leaves the outputs as they were. Documents
    of the same bytes are one document, which goes by the name of the first.

    Of many documents each is kept beside the outputs as soon as it is read: the next build reads what is new or changed,
    also after one that was killed. One that cannot be read is passed over and told in :data:`FAILED`.

    Args:
        sources: what to read, see :func:`ftzgraph.corpora.sources.find`.
        output: the folder for :data:`OUTPUTS`; nothing is written without one.
        store: where to add the documents as well: a store folder, which is made when there is none, or the URL of a
            SPARQL endpoint. Those that are there already are replaced.
        engine: the reader that finds factors and links.
        settings: what that reader is told, see :func:`ftzgraph.extraction.extract`.
        lang: language of page and report, ``"zh"`` or ``"en"``.
        min_confidence: what page and report show at the least, 0 to 1; the graph holds everything.
        jobs: number of processes that read and extract; the result is the same for any number. More than one start
            Python anew, so that a script has to guard its entry with ``if __name__ == "__main__":``.
        executor: reads and extracts instead, that many documents at a time; ftzgraph has to be installed where it works.
        text_column: the column of tables that holds the text, see :func:`ftzgraph.corpora.tables.items`.
        fresh: read everything anew.
        decisions: what reviewers decided, see :mod:`ftzgraph.review`; applied to the graph, which is held in memory then.
            Decisions that cannot be applied any more are told in :data:`~ftzgraph.review.replay.STALE`.
        progress: is called after each document.

    Returns:
        What was read, and the written files.

    Raises:
        ReadingError: nothing can be read; the message tells why.
        OutputError: the output folder cannot be written.
        GraphError: the decisions cannot be read.
        StoreError: the store cannot be opened or written.
        ReaderError: the engine is unknown or cannot be set up; or a language model cannot be asked, the message tells of
            which document; or no process can be started.
    """
    folder = Path(output) if output is not None else None
    if folder:
        _check(folder)
    own = [folder / name for name in OUTPUTS] if folder else []
    found = find([sources] if isinstance(sources, str | Path) else sources, without=own)
    pipeline(engine, settings)  # wrong settings fail before the first file is read
    decided = load_decisions(Path(decisions)) if decisions is not None else None
    reader = Reader(engine, settings, fingerprint(engine, settings))
    library = open_store(store, create=True) if store is not None else None
    maps: tuple[CausalMap, ...] = ()
    if len(found) == 1 and count(found[0], text_column) == 1:
        maps = (read_one(found[0], reader, text_column),)
        corpus = Corpus.of(maps)
        if progress:
            progress(1, 1)
    else:
        kept = Cache.beside(folder, engine, reader.version, fresh=fresh) if folder else Cache()
        corpus = read_corpus(
            found, reader, kept, executor=executor, jobs=jobs, text_column=text_column, progress=progress
        )
    failures: dict[Path, Content] = {folder / FAILED: _table(corpus.failed)} if folder and corpus.failed else {}
    if not corpus.documents:
        write_together(failures)
        raise ReadingError(corpus.faults())
    reviewed = replay(corpus.graph, decided) if decided is not None else None
    contents = _contents(corpus, reviewed, lang, min_confidence) if folder else {}
    if library:
        with library:
            library.add(reviewed.graph if reviewed else corpus.triples())
    if not folder:
        return BuildResult(corpus, maps, (), reviewed=reviewed)
    told = failures | ({folder / STALE: stale_table(reviewed.stale, lang)} if reviewed and reviewed.stale else {})
    write_together(told | {folder / name: content for name, content in contents.items()})
    left_out = tuple(name for name in OUTPUTS if name not in contents)
    for path in (folder / name for name in (*left_out, FAILED, STALE)):
        if path not in told:
            path.unlink(missing_ok=True)  # of an earlier build
    return BuildResult(corpus, maps, tuple(folder / name for name in contents), left_out, reviewed)


def _contents(corpus: Corpus, reviewed: Replayed | None, lang: str, min_confidence: float) -> dict[str, Content]:
    """Make the outputs, in the order of :data:`OUTPUTS`."""
    contents: dict[str, Content] = {"graph.ttl": serialise(reviewed.graph) if reviewed else corpus.turtle()}
    if sum(sum(document.factors.values()) for document in corpus.documents) <= MOST_FACTORS:
        graph = reviewed.graph if reviewed else corpus.graph
        analysis = analyse(graph, min_confidence=min_confidence)
        contents |= {
            "graph.html": render(graph, lang=lang, min_confidence=min_confidence),
            "report.md": report(analysis, lang),
            "report.html": page(analysis, lang),
            "report.docx": word(analysis, lang),
        }
    return contents


def _table(failed: Iterable[Failure]) -> bytes:
    """What could not be read and why, for a spreadsheet, which must not take a name for a formula."""
    table = StringIO()
    writer = csv.writer(table)
    writer.writerow(("source", "reason"))
    writer.writerows((harmless(each.where), harmless(each.reason)) for each in failed)
    return table.getvalue().encode("utf-8-sig", "replace")


def _check(folder: Path) -> None:
    """Find out before the work, not after it, that the outputs cannot be written."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if os.path.exists(path))
    if not nearest.is_dir():
        raise OutputError(f"cannot write to {folder}: {nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write to {folder}: no permission to write in {nearest}")
    for path in (folder / name for name in (*OUTPUTS, FAILED, STALE)):
        if path.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder")
