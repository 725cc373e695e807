"""Tables that hold a document in each row: CSV, and JSON Lines with an object a line.

The text of a row is to the graph what a file is elsewhere: offsets count its characters, the hash is that of its UTF-8.
"""

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias

from ftzgraph.corpora.items import LARGEST, Failure, Item
from ftzgraph.plain import line
from ftzgraph.reading.formats import file_name

SUFFIXES: Final = (".csv", ".tsv", ".jsonl", ".ndjson")

TEXT_COLUMNS: Final = ("text", "正文", "content", "内容", "全文", "body")
"""The names by which the column of the text is known."""

METADATA_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "title": ("title", "标题", "题名", "题目"),
    "author": ("author", "authors", "creator", "作者"),
    "date": ("date", "日期", "发布日期", "发布时间", "成文日期", "发文日期"),
    "publisher": ("publisher", "发布机构", "发文机关", "发布单位", "发文单位"),
    "source": ("source", "来源", "url", "链接", "网址"),
    "identifier": ("identifier", "id", "文号", "发文字号", "编号"),
    "subject": ("subject", "主题", "keywords", "关键词"),
    "place": ("place", "地点", "地区"),
}
"""What may be known of a document, and the names of the columns that tell it."""

_Record: TypeAlias = dict[str, Any]
_DATE: Final = re.compile(
    r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?)?\s*[年月日]?(?:[ T]\s*\d{1,2}:.*)?"
)


def items(path: Path, text_column: str | None = None) -> Iterator[Item | Failure]:
    """Yield the documents of a table in its order.

    Args:
        path: the table. CSV has a row of names, is UTF-8 or GB 18030 and parted by commas, semicolons or tabs; JSON
            Lines is UTF-8.
        text_column: the column of the text; by default the first of :data:`TEXT_COLUMNS` that there is.
    """
    lines = path.suffix.lower() in (".jsonl", ".ndjson")
    number = 0
    try:
        for number, record in _json_records(path) if lines else _csv_records(path, text_column):
            yield _item(path, number, record, text_column)
        if not number:
            yield Failure(str(path), "holds no document")
    except OSError as error:
        yield Failure(str(path), f"cannot be read: {error.strerror or error}")
    except _TableError as error:
        yield Failure(str(path), str(error))
    except csv.Error as error:
        yield Failure(str(path), f"is not CSV below row {number}: {error}")


class _TableError(Exception):
    """A table of which no row can be read."""


@dataclass(frozen=True)
class _Columns:
    """Which column is what: that of the text, those of the metadata by what they tell, and the others."""

    text: str | None
    metadata: dict[str, str]
    unused: tuple[str, ...]


@lru_cache(maxsize=64)
def _columns(names: tuple[str, ...], text_column: str | None) -> _Columns:
    left = {name.strip("\ufeff \t").lower(): name for name in reversed(names)}

    def first(wanted: tuple[str, ...]) -> str | None:
        return next((left.pop(name) for name in wanted if name in left), None)

    text = first((text_column.lower(),) if text_column else TEXT_COLUMNS)
    metadata = {key: name for key, wanted in METADATA_COLUMNS.items() if (name := first(wanted)) is not None}
    unused = set(left.values())
    return _Columns(text, metadata, tuple(name for name in names if name in unused))


def _no_text(names: tuple[str, ...], text_column: str | None) -> str:
    missing = f"no column {text_column}" if text_column else "no text column, name it with --text-column"
    return f"has {missing}; there are: {', '.join(map(line, names))}"


def _item(path: Path, number: int, record: _Record | str, text_column: str | None) -> Item | Failure:
    where = f"{path}#{number}"
    if isinstance(record, str):
        return Failure(where, record)
    columns = _columns(tuple(record), text_column)
    if columns.text is None:
        return Failure(where, _no_text(tuple(record), text_column))
    text = record[columns.text]
    if not isinstance(text, str):
        return Failure(where, f"has something other than text in {line(columns.text)}")
    try:
        data = text.encode()
    except UnicodeEncodeError:
        return Failure(where, "holds half a character (a lone surrogate)")
    if len(data) > LARGEST:
        return Failure(where, f"is larger than {LARGEST:,} bytes")
    told = {key: _told(record[name]) for key, name in columns.metadata.items()}
    metadata = tuple((key, _iso(value) if key == "date" else value) for key, value in told.items() if value)
    return Item(where, f"{file_name(path)}#{number}", data, metadata, tuple(map(line, columns.unused)))


def _told(value: object) -> str:
    """A value in one line; of a list all values, of what is neither text nor number nothing."""
    if isinstance(value, list):
        return "、".join(filter(None, map(_told, value)))
    return line(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _iso(value: str) -> str:
    """Return a day, month or year in the form of ISO 8601, without a time of day; anything else as it is.

    >>> _iso("2023年5月6日"), _iso("2023/5"), _iso("2023-05-06 10:00"), _iso("2023-02-31"), _iso("2023-2025年")
    ('2023-05-06', '2023-05', '2023-05-06', '2023-02-31', '2023-2025年')
    """
    if found := _DATE.fullmatch(value):
        year, month, day = (int(part or 1) for part in found.groups())
        with suppress(ValueError):
            parts = date(year, month, day).isoformat().split("-")
            return "-".join(parts[: sum(part is not None for part in found.groups())])
    return value


def _json_records(path: Path) -> Iterator[tuple[int, _Record | str]]:
    """The objects of the lines that are not blank, by the number of the line; of one that is no object the fault."""
    with path.open("rb") as file:
        for number, data in enumerate(file, start=1):
            if data.strip():
                yield number, _json_record(data)


def _json_record(data: bytes) -> _Record | str:
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return "is not UTF-8"
    except (ValueError, RecursionError) as error:
        return f"is not JSON: {error}"
    return record if isinstance(record, dict) else "is not a JSON object"


def _csv_records(path: Path, text_column: str | None) -> Iterator[tuple[int, _Record]]:
    """The cells of the rows that are not blank, by the number of the row; the row of names is none."""
    with _long_cells(), path.open(encoding=_encoding(path), newline="") as file:
        head = file.readline()
        file.seek(0)
        delimiter = next((character for character in head if character in ",;\t"), ",")
        rows = csv.reader(file, delimiter=delimiter, strict=True)  # a quote that is never closed would swallow the rest
        names = tuple(next(rows, []))
        if _columns(names, text_column).text is None:
            raise _TableError(_no_text(names, text_column))
        for number, cells in enumerate(rows, start=1):
            if any(cell.strip() for cell in cells):
                yield number, dict.fromkeys(names, "") | dict(zip(names, cells, strict=False))


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let a cell hold a document, for which Python's own limit is too small; the limit is the whole process's."""
    before = csv.field_size_limit(LARGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _encoding(path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # the latter is what a Chinese Excel writes when not told otherwise
        with suppress(UnicodeDecodeError), path.open(encoding=encoding, newline="") as file:
            while file.read(1 << 20):
                pass
            return encoding
    raise _TableError("is neither UTF-8 nor GB 18030")
