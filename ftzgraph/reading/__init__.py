"""Reading: a file becomes a :class:`~ftzgraph.document.Document`.

In reading order: ``formats`` (file → source text, with ``docx_numbering``), ``cleaning`` and ``wrapping`` (source text →
cleaned text with offsets), ``structure`` with ``headings``, ``authors`` and ``sentences`` (cleaned text → its layers).
"""

import hashlib
from dataclasses import replace
from pathlib import Path

from ftzgraph.document import Document
from ftzgraph.errors import ReadingError
from ftzgraph.reading.cleaning import clean, heading_levels
from ftzgraph.reading.formats import Metadata, Source, file_name, load, parse
from ftzgraph.reading.structure import find_structure

__all__ = ["read", "read_bytes", "read_text", "source_text"]


def read(path: str | Path) -> Document:
    """Read a document from a file.

    Args:
        path: a text, Markdown, PDF, DOCX or HTML file.

    Returns:
        The document: cleaned text, source offsets, structure.

    Raises:
        ReadingError: the file is missing, empty, binary, damaged, encrypted or without a sentence.
    """
    path = Path(path)
    return _read(load(path), path, file_name(path))


def read_bytes(data: bytes, path: str | Path, name: str | None = None, metadata: Metadata = ()) -> Document:
    """Read a document from the bytes of a file that is no file of its own, such as a member of an archive.

    Args:
        data: the bytes.
        path: where they stand; the suffix tells the format.
        name: what to call the document; by default the last part of the path.
        metadata: what else is known of the document; a title or author has precedence over what the text says.

    Raises:
        ReadingError: they are empty, binary, damaged, encrypted or without a sentence.
    """
    path, told = Path(path), dict(metadata)
    source = parse(data, path)
    known = tuple((dict(source.metadata) | told).items())
    document = _read(replace(source, metadata=known), path, name or file_name(path))
    structure = replace(
        document.structure,
        title=None if "title" in told else document.structure.title,
        authors=() if "author" in told else document.structure.authors,
    )
    return replace(document, structure=structure)


def read_text(source: str, name: str = "text", sha256: str | None = None) -> Document:
    """Read a document from a string.

    Args:
        source: the text, with whatever line breaks and page artefacts.
        name: what to call it.
        sha256: hex digest that identifies it; by default that of the text in UTF-8.

    Raises:
        ReadingError: the text holds no sentence.
    """
    digest = sha256 or hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    document = _document(source, name, digest, ())
    if not _speaks(document):
        raise ReadingError(f"{name} holds no sentence")
    return document


def source_text(path: str | Path) -> str:
    """Return the source text of a file, to which all evidence offsets refer.

    Raises:
        ReadingError: the file is missing, empty, binary, damaged or encrypted.
    """
    return load(Path(path)).text


def _read(source: Source, path: Path, name: str) -> Document:
    document = _document(source.text, name, source.sha256, source.metadata)
    if not _speaks(document):
        raise ReadingError(f"{path} holds no sentence")
    return document


def _document(source: str, name: str, sha256: str, metadata: Metadata) -> Document:
    text, offsets = clean(source)
    structure = find_structure(text, heading_levels(source, text, offsets))
    return Document(name, sha256, source, text, offsets, structure, metadata=metadata)


def _speaks(document: Document) -> bool:
    """Tell whether a document has a sentence, not just numbers and punctuation."""
    return bool(document.structure.sentences) and any(character.isalpha() for character in document.text)
