"""From sources to written outputs: the whole chain in one call."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from rdflib import Graph

from ftzgraph.analysis.measures import analyse
from ftzgraph.analysis.report import report
from ftzgraph.brief.page import page
from ftzgraph.brief.word import word
from ftzgraph.causalmap import CausalMap
from ftzgraph.errors import OutputError, ReaderError, ReadingError
from ftzgraph.extraction import DEFAULT, Settings, extract, pipeline
from ftzgraph.files import write_together
from ftzgraph.knowledge.rdf import to_rdf
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.notebook import build_html
from ftzgraph.reading import read
from ftzgraph.rendering.explorer import render
from ftzgraph.workers import interrupts_held_back

SUFFIXES = (".txt", ".md", ".pdf", ".docx", ".html", ".htm")
"""The files that are taken from a folder."""

OUTPUTS = ("graph.ttl", "graph.html", "report.md", "report.html", "report.docx")
"""The files that :func:`build` writes."""

Progress = Callable[[int, int], None]
"""Is told how many of how many sources are done."""


@dataclass(frozen=True)
class BuildResult:
    """What a build made.

    Attributes:
        graph: the knowledge graph of all sources.
        maps: the causal map of each document, in the order of the sources.
        written: the files that were written, in the order of :data:`OUTPUTS`; empty without an output folder.
    """

    graph: Graph
    maps: tuple[CausalMap, ...] = field(repr=False)
    written: tuple[Path, ...]

    def _repr_html_(self) -> str:
        return build_html(self)


def build(
    sources: str | Path | Iterable[str | Path],
    output: str | Path | None = None,
    *,
    engine: str = DEFAULT,
    settings: Settings | None = None,
    lang: str = "zh",
    min_confidence: float = 0.0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> BuildResult:
    """Read documents, extract their argument, and write graph, page and report.

    Everything is made before the first file is written, so a build that fails leaves the outputs as they were. Files of
    the same bytes are one document, which goes by the name of the first.

    Args:
        sources: files, or folders that hold them at any depth (see :data:`SUFFIXES`).
        output: the folder for :data:`OUTPUTS`; nothing is written without one.
        engine: the reader that finds factors and links.
        settings: what that reader is told, see :func:`ftzgraph.extraction.extract`.
        lang: language of page and report, ``"zh"`` or ``"en"``.
        min_confidence: what page and report show at the least, 0 to 1; the graph holds everything.
        jobs: number of processes that read and extract; the result is the same for any number. More than one start
            Python anew, so that a script has to guard its entry with ``if __name__ == "__main__":``.
        progress: is called after each source.

    Returns:
        The graph, the causal maps and the written files.

    Raises:
        ReadingError: a source cannot be read; the message names each one that cannot.
        OutputError: the output folder cannot be written.
        ReaderError: the engine is unknown or cannot be set up; or it fails, the message names on which source.
    """
    folder = Path(output) if output is not None else None
    if folder:
        _check(folder)
    own = [folder / name for name in OUTPUTS] if folder else []
    files = find_sources([sources] if isinstance(sources, str | Path) else sources, without=own)
    pipeline(engine, settings)  # wrong settings fail before the first file is read
    maps: dict[str, CausalMap] = {}
    for causal_map in _read_all(files, engine, settings, jobs, progress):
        maps.setdefault(causal_map.document.sha256, causal_map)
    graph = to_rdf(maps.values())
    written: dict[Path, str | bytes] = {}
    if folder:
        analysis = analyse(graph, min_confidence=min_confidence)
        contents: tuple[str | bytes, ...] = (
            serialise(graph),
            render(graph, lang=lang, min_confidence=min_confidence),
            report(analysis, lang),
            page(analysis, lang),
            word(analysis, lang),
        )
        written = {folder / name: content for name, content in zip(OUTPUTS, contents, strict=True)}
        write_together(written)
    return BuildResult(graph, tuple(maps.values()), tuple(written))


def find_sources(sources: Iterable[str | Path], without: Iterable[Path] = ()) -> list[Path]:
    """The files that sources stand for: files as they are, folders as the documents in them, sorted by path.

    Args:
        sources: paths of files and folders.
        without: files that are passed over in folders, such as the outputs of the last build.

    Returns:
        Each file once, in the order of the sources. Hidden files and folders are passed over.

    Raises:
        ReadingError: there are no sources, or a folder has no documents.
    """
    found: list[Path] = []
    outside = {path.resolve() for path in without}
    for source in map(Path, sources):
        if not source.is_dir():
            found.append(source)
            continue
        inside = sorted(
            path
            for path in source.rglob("*")
            if path.suffix.lower() in SUFFIXES
            and path.is_file()
            and path.resolve() not in outside
            and not any(part.startswith(".") for part in path.relative_to(source).parts)
        )
        if not inside:
            raise ReadingError(f"{source}: the folder holds no document ({', '.join(SUFFIXES)})")
        found += inside
    if not found:
        raise ReadingError("there is no source to read")
    return list({path.resolve(): path for path in found}.values())


def _check(folder: Path) -> None:
    """Find out before the work, not after it, that the outputs cannot be written."""
    nearest = next(path for path in (folder, *folder.absolute().parents) if os.path.exists(path))
    if not nearest.is_dir():
        raise OutputError(f"cannot write to {folder}: {nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise OutputError(f"cannot write to {folder}: no permission to write in {nearest}")
    for path in (folder / name for name in OUTPUTS):
        if path.is_dir():
            raise OutputError(f"cannot write {path}: it is a folder")


def _read_all(
    files: Sequence[Path], engine: str, settings: Settings | None, jobs: int, progress: Progress | None
) -> list[CausalMap]:
    work = partial(_read_one, engine=engine, settings=settings)
    if jobs <= 1 or len(files) == 1:
        return _collect(map(work, files), len(files), progress)
    # Started afresh rather than forked, so that it makes no difference which threads the caller runs.
    pool = ProcessPoolExecutor(min(jobs, len(files)), get_context("spawn"))
    try:
        with interrupts_held_back():
            results = pool.map(work, files, chunksize=min(8, len(files) // (4 * jobs) + 1))
        return _collect(results, len(files), progress)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read_one(path: Path, engine: str, settings: Settings | None) -> CausalMap | ReadingError:
    try:
        return extract(read(path), engine, settings)
    except ReadingError as error:
        return error
    except ReaderError as error:  # it would fail on the others too, and each may cost time and money
        raise ReaderError(f"{path}: {error}") from error


def _collect(results: Iterable[CausalMap | ReadingError], total: int, progress: Progress | None) -> list[CausalMap]:
    maps, errors = [], []
    for done, result in enumerate(results, start=1):
        if isinstance(result, ReadingError):
            errors.append(result)
        else:
            maps.append(result)
        if progress:
            progress(done, total)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ReadingError(f"{len(errors)} of {total} sources cannot be read: {'; '.join(map(str, errors))}")
    return maps
