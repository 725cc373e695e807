"""A document before it is read, and one that cannot be."""

from dataclasses import dataclass, field
from typing import Final

from ftzgraph.reading.formats import Metadata

SUFFIXES: Final = (".txt", ".md", ".pdf", ".docx", ".html", ".htm")
"""The documents that are taken from folders and archives."""

LARGEST: Final = 100_000_000
"""Bytes that a document in an archive or a table may have."""


@dataclass(frozen=True)
class Item:
    """A document that is still bytes.

    Attributes:
        where: where it was found, such as ``reports/paper.pdf``, ``reports.zip#2024/paper.pdf`` or ``reports.csv#12``.
        name: what the graph calls it.
        data: its bytes; of a row of a table, the text in UTF-8.
        metadata: what the table says of it.
        unused: the columns of that table that mean nothing here.
    """

    where: str
    name: str
    data: bytes = field(repr=False)
    metadata: Metadata = ()
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A source that is not in the graph; ``reason`` continues a sentence that begins with ``where``."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where} {self.reason}"
