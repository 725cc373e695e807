"""Writing files so that a reader never meets half of one."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from ftzgraph.errors import OutputError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file in one step: it holds the old content or the new, never a part. Missing folders are made.

    Args:
        path: the file to write or replace.
        content: text is written as UTF-8 with its newlines as they are.

    Raises:
        OutputError: the file or its folder cannot be written; nothing is changed then.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
