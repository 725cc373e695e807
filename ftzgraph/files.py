"""Writing files so that a reader never meets half of one, nor new ones beside old, and none that tells when it was made."""

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TypeAlias
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ftzgraph.errors import OutputError

Content: TypeAlias = str | bytes | Iterable[bytes]
"""What a file is to hold: text is written as UTF-8 with its newlines as they are, pieces one after another."""


def write_atomically(path: Path, content: Content) -> None:
    """Write a file in one step: it holds the old content or the new, never a part. Missing folders are made.

    Args:
        path: the file to write or replace.
        content: what it is to hold.

    Raises:
        OutputError: the file or its folder cannot be written; an old file stands unchanged then.
    """
    write_together({path: content})


def write_together(contents: Mapping[Path, Content]) -> None:
    """Write files that belong together: all are written in full beside the old ones before the first is replaced.

    Args:
        contents: what each file is to hold.

    Raises:
        OutputError: a file or its folder cannot be written, for want of space or permission; all old files stand
            unchanged then.
    """
    temporary = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp") for path in contents}
    path = Path()
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary[path].open("wb") as file:
                file.writelines(_pieces(content))
        for path in contents:
            os.replace(temporary[path], path)
    except OSError as error:
        reason = f"{path.parent} is not a folder" if isinstance(error, FileExistsError) else error.strerror or error
        raise OutputError(f"cannot write {path}: {reason}") from error
    finally:
        for each in temporary.values():
            with suppress(OSError):
                each.unlink()


def _pieces(content: Content) -> Iterable[bytes]:
    if isinstance(content, str):
        return (content.encode("utf-8"),)
    return (content,) if isinstance(content, bytes) else content


def dated(archive: BytesIO, date: datetime, change: Callable[[str, bytes], bytes] = lambda name, data: data) -> bytes:
    """Return a ZIP archive, such as a document of Office, with one date for every file in it.

    Args:
        archive: the archive.
        date: the date.
        change: is given the name and the content of each file, and returns what the content is to be.
    """
    content = BytesIO()
    with ZipFile(archive) as old, ZipFile(content, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            told = ZipInfo(entry.filename, date.timetuple()[:6])
            told.compress_type, told.create_system = ZIP_DEFLATED, 0
            new.writestr(told, change(entry.filename, old.read(entry)))
    return content.getvalue()
