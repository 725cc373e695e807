"""Writing files so that a reader never meets half of one."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from ftzgraph.errors import OutputError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file in one step: it holds the old content or the new, never a part. Missing folders are made.

    Args:
        path: the file to write or replace.
        content: text is written as UTF-8 with its newlines as they are.

    Raises:
        OutputError: the file or its folder cannot be written; an old file stands unchanged then.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(data)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        reason = f"{path.parent} is not a folder" if isinstance(error, FileExistsError) else error.strerror or error
        raise OutputError(f"cannot write {path}: {reason}") from error
