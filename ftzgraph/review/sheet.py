"""The spreadsheet that reviewers fill in: a table of text, as Excel workbook or CSV.

Text from documents never becomes a formula: in CSV an apostrophe stands before it, in a workbook the cell says that it is text.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, Final, TypeAlias

from ftzgraph.errors import FtzgraphError
from ftzgraph.files import dated
from ftzgraph.plain import harmless, plain

Cell: TypeAlias = str | int | float
Record: TypeAlias = tuple[str, dict[str, str]]
"""Where a row stands, for messages, and its cells by column."""

SUFFIXES: Final = (".xlsx", ".csv")

_DATE: Final = datetime(2000, 1, 1)
_TIME: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LONGEST: Final = 32_767  # characters in a cell of Excel


class ReviewError(FtzgraphError):
    """A spreadsheet that cannot be read, or in which a cell is not what its column asks for."""


@dataclass(frozen=True)
class Column:
    """A column: its names in Chinese and English, its width in characters, and whether it is the reviewer's to fill in.

    ``choices`` are what may be chosen in it, in Chinese and English.
    """

    zh: str
    en: str
    width: int
    fill_in: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    def name(self, lang: str) -> str:
        """Return its name in a language."""
        return self.en if lang == "en" else self.zh


Columns: TypeAlias = Mapping[str, Column]


def write(path: Path, columns: Columns, rows: Sequence[Mapping[str, Cell]], lang: str) -> bytes:
    """Return a spreadsheet of rows.

    Args:
        path: where it is to stand; its suffix says whether it is a workbook or CSV.
        columns: by their keys in the rows.
        rows: the cells that are not empty.
        lang: language of the names of columns, ``"zh"`` or ``"en"``.

    Raises:
        ReviewError: it has another suffix, or openpyxl is not installed.
    """
    table = [[column.name(lang) for column in columns.values()]]
    cells = ([_plain(row.get(key, "")) for key in columns] for row in rows)
    if _suffix(path) == ".csv":
        output = StringIO()
        writer = csv.writer(output, lineterminator="\r\n")
        writer.writerows(table)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in cells)
        return output.getvalue().encode("utf-8-sig")
    return _workbook(columns, list(cells), lang)


def read(path: Path, columns: Columns, needed: Iterable[str]) -> list[Record]:
    """Read a spreadsheet that a person has filled in: columns and rows in any order, some of them missing.

    Args:
        path: a workbook, of which the first sheet with the needed columns counts, or CSV in UTF-8, UTF-16, GB 18030 or
            Windows-1252, parted by commas, semicolons or tabs.
        columns: by their keys; a column is known by its key or its name in either language.
        needed: the keys without which nothing can be read.

    Returns:
        The rows that are not empty; white space around cells is gone.

    Raises:
        ReviewError: it cannot be read, or a needed column is missing; one line.
    """
    names = {name.lower(): key for key, each in columns.items() for name in (key, each.zh, each.en)}
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReviewError(f"cannot read {path}: {error.strerror or error}") from error
    tables = [_csv(path, data)] if _suffix(path) == ".csv" else _sheets(path, data)
    missing: list[str] = []
    for table in tables:
        rows = iter(table)
        keys = [names.get(cell.strip().lower(), "") for cell in next(rows, [])]
        twice = sorted({key for key in keys if key and keys.count(key) > 1})
        if twice:
            raise ReviewError(f"{path}: there are several columns {_named(columns[twice[0]])}")
        missing = missing or [_named(columns[key]) for key in needed if key not in keys]
        if all(key in keys for key in needed):
            return list(_records(path, keys, rows))
    raise ReviewError(f"{path}: there is no column {missing[0] if missing else 'at all'}")


def fault(place: str, column: Column, what: str) -> ReviewError:
    """Return the error of a cell that cannot be used."""
    return ReviewError(f"{place}, column {_named(column)}: {what}")


def _named(column: Column) -> str:
    return f"{column.en} ({column.zh})"


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ReviewError(f"{path}: a spreadsheet is named by one of the suffixes {', '.join(SUFFIXES)}")
    return suffix


def _plain(value: Cell) -> Cell:
    return plain(value)[:_LONGEST] if isinstance(value, str) else value


def _records(path: Path, keys: Sequence[str], rows: Iterator[list[str]]) -> Iterator[Record]:
    for number, cells in enumerate(rows, 2):
        if any(cell.strip() for cell in cells):
            found = {key: cell.strip() for key, cell in zip(keys, cells, strict=False) if key}
            yield f"{path}, row {number}", found


def _csv(path: Path, data: bytes) -> Iterator[list[str]]:
    text = _decoded(data)
    head = text.partition("\n")[0]
    delimiter = next((character for character in head if character in ",;\t"), ",")
    lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in lines:
            yield [cell.removeprefix("'") for cell in cells]
    except csv.Error as error:
        raise ReviewError(f"{path}, line {lines.line_num}: {error}") from error


def _decoded(data: bytes) -> str:
    """What Excel saves as CSV: UTF-8, "Unicode text", or the code page of a Chinese or Western Windows."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", "replace")


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise ReviewError("a workbook needs openpyxl: pip install 'ftzgraph[review]'; or name a .csv") from None
    return openpyxl


def _sheets(path: Path, data: bytes) -> Iterator[list[list[str]]]:
    try:
        book = _openpyxl().load_workbook(BytesIO(data), data_only=True)
        for sheet in book.worksheets:
            yield [[_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except FtzgraphError:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise ReviewError(f"{path} is no workbook that can be read: {type(error).__name__}") from error


def _text(value: object) -> str:
    """The text of a cell; Excel makes numbers of what looks like one."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _workbook(columns: Columns, rows: Sequence[Sequence[Cell]], lang: str) -> bytes:
    openpyxl = _openpyxl()
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    book.properties.creator = "ftzgraph"
    sheet = book.active
    sheet.title = "review" if lang == "en" else "审阅"
    wrapped = Alignment(wrap_text=True, vertical="top")
    fixed, open_, head = (PatternFill("solid", fgColor=colour) for colour in ("F2F2F2", "FFFBE6", "D9E2EC"))
    for index, column in enumerate(columns.values(), 1):
        letter = get_column_letter(index)
        sheet.column_dimensions[letter].width = column.width
        top = sheet.cell(1, index, column.name(lang))
        top.font, top.fill, top.alignment = Font(bold=True), head, wrapped
        for number, row in enumerate(rows, 2):
            cell, value = sheet.cell(number, index), row[index - 1]
            if value != "":
                cell.value = value
            cell.alignment, cell.fill = wrapped, open_ if column.fill_in else fixed
            if isinstance(value, str):
                cell.data_type, cell.number_format = "s", "@"
                # Tells Excel to keep it text also when the cell is edited.
                cell.quotePrefix = harmless(value) != value
        if column.choices and rows:
            listed = ",".join(choice[lang == "en"] for choice in column.choices)
            choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
            choice.add(f"{letter}2:{letter}{len(rows) + 1}")
            sheet.add_data_validation(choice)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    output = BytesIO()
    book.save(output)
    return dated(output, _DATE, _timeless)


def _timeless(name: str, data: bytes) -> bytes:
    """A file of a workbook without the time at which it was made."""
    return _TIME.sub(_DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), data) if name == "docProps/core.xml" else data
