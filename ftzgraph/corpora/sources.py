"""What a source stands for: a file, a folder, a pattern, an archive or a table, as one stream of documents."""

import re
from collections.abc import Iterable, Iterator, Set
from glob import glob
from pathlib import Path

from ftzgraph.corpora import archives, tables
from ftzgraph.corpora.items import SUFFIXES, Failure, Item
from ftzgraph.errors import ReadingError
from ftzgraph.reading.formats import file_bytes, file_name

_PATTERN = re.compile(r"[*?[]")
_PART = re.compile(r"(.+?\.(?:zip|csv|tsv|jsonl|ndjson))#.+", re.IGNORECASE | re.DOTALL)


def find(sources: Iterable[str | Path], without: Iterable[Path] = ()) -> list[Path | Failure]:
    """The files that sources stand for, each once, in the order of the sources.

    Args:
        sources: files, which stand for themselves; folders, which stand for the documents in them at any depth, sorted
            by path, hidden ones aside; patterns such as ``reports/*.pdf`` or ``**/*.txt``, sorted; documents in
            archives and rows of tables, such as ``reports.zip#2024/paper.pdf`` and ``reports.csv#12``.
        without: files that are passed over in folders, such as the outputs of the last build.

    Returns:
        The files, and instead of a source that stands for nothing its failure.

    Raises:
        ReadingError: there are no sources.
    """
    outside = {path.resolve() for path in without}
    found: dict[Path | Failure, Path | Failure] = {}
    for source in map(Path, sources):
        for each in _expand(source, outside):
            found.setdefault(each.resolve() if isinstance(each, Path) else each, each)
    if not found:
        raise ReadingError("there is no source to read")
    return list(found.values())


def count(found: Path | Failure, text_column: str | None = None) -> int:
    """Return how many documents :func:`items` yields, failures included, without reading more than that takes."""
    if isinstance(found, Failure) or not found.is_file():
        return 1
    if found.suffix.lower() == archives.SUFFIX:
        return archives.count(found)
    return sum(1 for _ in items(found, text_column)) if found.suffix.lower() in tables.SUFFIXES else 1


def items(found: Path | Failure, text_column: str | None = None) -> Iterator[Item | Failure]:
    """Yield the documents of a file.

    Args:
        found: what :func:`find` returned.
        text_column: see :func:`ftzgraph.corpora.tables.items`.

    Yields:
        Each document; for what is none, the failure.
    """
    if isinstance(found, Failure):
        yield found
    elif not found.exists() and (part := _PART.fullmatch(str(found))):
        yield _part(Path(part[1]), str(found), text_column)
    elif found.is_file() and found.suffix.lower() == archives.SUFFIX:
        yield from archives.items(found)
    elif found.is_file() and found.suffix.lower() in tables.SUFFIXES:
        yield from tables.items(found, text_column)
    else:
        try:
            yield Item(str(found), file_name(found), file_bytes(found))
        except ReadingError as error:
            yield Failure(str(found), str(error).removeprefix(f"{found} "))


def item(source: str | Path, text_column: str | None = None) -> Item:
    """Return the one document that a source stands for.

    Args:
        source: a file that is no archive or table, or a document in one, as ``reports.csv#12``.
        text_column: see :func:`items`.

    Raises:
        ReadingError: it cannot be read, or holds many documents.
    """
    path = Path(source)
    first = next(items(path, text_column))
    if isinstance(first, Failure):
        raise ReadingError(str(first))
    if first.where != str(path):
        raise ReadingError(f"{path} holds many documents; name one, such as {first.where}")
    return first


def _expand(source: Path, outside: Set[Path]) -> Iterator[Path | Failure]:
    if source.is_dir():
        inside = sorted(
            path
            for path in source.rglob("*")
            if path.suffix.lower() in SUFFIXES
            and path.is_file()
            and path.resolve() not in outside
            and not any(part.startswith(".") for part in path.relative_to(source).parts)
        )
        yield from inside
        if not inside:
            yield Failure(str(source), f"holds no document ({', '.join(SUFFIXES)})")
    elif _PATTERN.search(str(source)) and not source.exists() and not _PART.fullmatch(str(source)):
        paths = [Path(path) for path in sorted(glob(str(source), recursive=True))]
        for path in paths:
            yield from _expand(path, outside)
        if not paths:
            yield Failure(str(source), "matches no file")
    else:
        yield source


def _part(container: Path, where: str, text_column: str | None) -> Item | Failure:
    # What is told of the container is why there is no such document.
    found = (each for each in items(container, text_column) if each.where in (where, str(container)))
    return next(found, Failure(where, "does not exist"))
