"""ZIP archives. Members are read in memory and never written anywhere, so that their names can do no harm."""

import lzma
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from ftzgraph.corpora.items import LARGEST, SUFFIXES, Failure, Item
from ftzgraph.plain import line

SUFFIX: Final = ".zip"

_DENSEST: Final = 100
"""How many times its own size the documents of an archive may have; text shrinks to a third, hardly ever to a tenth."""

_UTF8, _ENCRYPTED = 0x800, 0x1  # flags of a member
_FAULTS: Final = (BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, zlib.error, lzma.LZMAError)


def items(path: Path) -> Iterator[Item | Failure]:
    """Yield the documents of an archive in the order of their names; hidden ones are passed over, as in folders."""
    try:
        with ZipFile(path) as archive:
            for name, member in _documents(archive, path):
                yield _item(archive, member, f"{path}#{name}", PurePosixPath(name).name)
    except _ArchiveError as error:
        yield Failure(str(path), str(error))
    except _FAULTS as error:
        yield Failure(str(path), f"is not a readable ZIP archive: {error}")


def count(path: Path) -> int:
    """Return how many documents :func:`items` yields, a failure for one."""
    try:
        with ZipFile(path) as archive:
            return len(_documents(archive, path))
    except (_ArchiveError, *_FAULTS):
        return 1


class _ArchiveError(Exception):
    """An archive of which nothing is read."""


def _documents(archive: ZipFile, path: Path) -> list[tuple[str, ZipInfo]]:
    """The documents of an archive with their names, sorted.

    Raises:
        _ArchiveError: there are none, or all together they are too large.
    """
    named = [(_name(member), member) for member in archive.infolist()]
    found = [(name, member) for name, member in named if name.lower().endswith(SUFFIXES) and not _is_hidden(name)]
    size = sum(member.file_size for _, member in found if member.file_size <= LARGEST)
    if not found:
        raise _ArchiveError(f"holds no document ({', '.join(SUFFIXES)})")
    if size > max(LARGEST, _DENSEST * path.stat().st_size):
        raise _ArchiveError(f"would unpack to {size:,} bytes, which no archive of documents does")
    return sorted(found, key=lambda each: (each[0], each[1].header_offset))


def _name(member: ZipInfo) -> str:
    """The name of a member in one line. Where it is not said to be UTF-8, Chinese Windows means GBK, not code page 437."""
    name = member.filename
    if not member.flag_bits & _UTF8:
        written = name.encode("cp437", "replace")
        for encoding in ("gb18030", "utf-8"):  # the last that fits
            with suppress(UnicodeDecodeError):
                name = written.decode(encoding)
    return line(str(PurePosixPath(name.replace("\\", "/"))))


def _is_hidden(name: str) -> bool:
    return any(part != ".." and part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _item(archive: ZipFile, member: ZipInfo, where: str, name: str) -> Item | Failure:
    if member.flag_bits & _ENCRYPTED:
        return Failure(where, "is encrypted; remove its password first")
    if member.file_size > LARGEST:
        return Failure(where, f"is larger than {LARGEST:,} bytes")
    try:
        with archive.open(member) as file:
            data = file.read(member.file_size + 1)  # no more than that is unpacked, whatever the truth is
    except _FAULTS:
        return Failure(where, "is damaged, or packed in a way that is not known")
    return Item(where, name, data)
