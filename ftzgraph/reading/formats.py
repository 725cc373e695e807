"""File → source text: plain text and Markdown in any usual encoding, PDF, DOCX, HTML."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import docx
import pypdfium2
from bs4 import BeautifulSoup
from bs4.element import Comment, NavigableString, Tag
from charset_normalizer import from_bytes
from docx.document import Document as WordDocument
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from ftzgraph.errors import ReadingError
from ftzgraph.reading.docx_numbering import Numbering

Metadata = tuple[tuple[str, str], ...]

# What Chinese text files are written in when it is not UTF-8; a free choice takes short texts for Korean.
_ENCODINGS = ["gb18030", "big5", "utf_16_le", "utf_16_be"]
_BOMS = ((b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1b\x7f]")


@dataclass(frozen=True)
class Source:
    """What a file holds.

    Attributes:
        text: the source text: as on disk, line breaks and byte order mark included; for PDF, DOCX and HTML as extracted.
        sha256: hex digest of the file's bytes.
        metadata: title and author where the format itself names them.
    """

    text: str
    sha256: str
    metadata: Metadata = ()


def load(path: Path) -> Source:
    """Read the source text of a file.

    Args:
        path: a file; its suffix tells the format, any other than ``.pdf``, ``.docx``, ``.html`` is read as text.

    Raises:
        ReadingError: the file is missing, a folder, empty, binary, encrypted, damaged or has no text.
    """
    return parse(file_bytes(path), path)


def file_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        ReadingError: the file is missing, a folder or cannot be read.
    """
    if path.is_dir():
        raise ReadingError(f"{path} is a folder, not a file")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ReadingError(f"{path} does not exist") from None
    except (OSError, ValueError) as error:
        raise ReadingError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def parse(data: bytes, path: Path) -> Source:
    """Find the source text in the bytes of a file.

    Args:
        data: the bytes.
        path: where they stand, for the format and for what is said of a fault; nothing is read from there.

    Raises:
        ReadingError: they are empty, binary, encrypted, damaged or have no text.
    """
    if not data.strip():
        raise ReadingError(f"{path} is empty")
    extract = _extractor(path, data)
    try:
        text, metadata = extract(data)
    except ReadingError as error:
        raise ReadingError(f"{path} {error}") from None
    return Source(text, hashlib.sha256(data).hexdigest(), metadata)


def file_name(path: Path) -> str:
    """Return the name of a file as text: the same in every locale, also where the name is not UTF-8.

    >>> file_name(Path("报告") / "第一稿.txt")
    '第一稿.txt'
    """
    name = os.fsencode(path.name)
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return name.decode(encoding)
    return name.decode("utf-8", "replace")


def _extractor(path: Path, data: bytes) -> Callable[[bytes], tuple[str, Metadata]]:
    suffix = path.suffix.lower()
    if suffix == ".pdf" or data.startswith(b"%PDF-"):
        return _pdf
    if suffix == ".docx":
        return _docx
    if suffix in (".html", ".htm", ".xhtml"):
        return _html
    return _plain


def _plain(data: bytes) -> tuple[str, Metadata]:
    return decode(data), ()


def decode(data: bytes) -> str:
    """Decode a text file: by its byte order mark, as UTF-8, or as the likeliest Chinese encoding.

    A UTF-8 byte order mark stays in as the first character, as it does for whoever opens the file as plain UTF-8.

    Raises:
        ReadingError: the bytes are no text.
    """
    encoding = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        best = None if b"\0" in data and encoding != "utf-8" else from_bytes(data, cp_isolation=_ENCODINGS).best()
        if best is None:
            raise ReadingError("is not a text file (or in an encoding that is not known)") from None
        text = data.decode(best.encoding)
    if "\0" in text or len(_CONTROL.findall(text)) > len(text) / 100:
        raise ReadingError("is a binary file, not text")
    return text


# --- PDF ---------------------------------------------------------------------------------------------------------


def _pdf(data: bytes) -> tuple[str, Metadata]:
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            pages = [page.get_textpage().get_text_bounded() for page in pdf]
            info = pdf.get_metadata_dict()
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadingError("is an encrypted PDF; remove its password first") from None
        raise ReadingError("is not a readable PDF") from None
    if not any(page.strip() for page in pages):
        raise ReadingError("is a PDF without text (scanned pages?); run OCR on it first")
    # U+FFFE stands for the hyphen at a line's end.
    text = "\f".join(page.replace("\r\n", "\n").replace("\ufffe", "-") for page in pages)
    return text, _metadata(info.get("Title"), info.get("Author"))


# --- DOCX --------------------------------------------------------------------------------------------------------


def _docx(data: bytes) -> tuple[str, Metadata]:
    try:
        document = docx.Document(BytesIO(data))
        text = "\n".join(_docx_lines(document, Numbering(document)))
    except Exception:  # python-docx lets errors of zipfile, lxml and its own through.
        protected = data.startswith(b"\xd0\xcf\x11\xe0")
        raise ReadingError(f"is not a readable DOCX{' (encrypted, or an old .doc)' if protected else ''}") from None
    if not text.strip():
        raise ReadingError("is a DOCX without text")
    properties = document.core_properties
    return text, _metadata(properties.title, properties.author)


def _docx_lines(container: WordDocument | _Cell, numbering: Numbering) -> Iterator[str]:
    """Yield the lines of paragraphs and tables; headings are marked with ``#`` as in Markdown."""
    for block in container.iter_inner_content():
        if isinstance(block, Paragraph):
            level = _docx_level(block)
            mark = "#" * level + " " if level else ""
            yield mark + numbering.label(block) + block.text if block.text.strip() else ""
        else:
            yield from _docx_table(block, numbering)


def _docx_level(paragraph: Paragraph) -> int:
    """Return 1 for the title, 2 for headings of the first level, …, 0 for body text."""
    style = (paragraph.style.name if paragraph.style else "") or ""
    if style.lower() == "title" or style == "标题":
        return 1
    match = re.fullmatch(r"(?:heading|标题) ?(\d)", style, re.IGNORECASE)
    return min(int(match[1]) + 1, 6) if match else 0


def _docx_table(table: Table, numbering: Numbering) -> Iterator[str]:
    """Yield a line for each row of short cells, a line for each paragraph where the cells hold sentences."""
    for row in table.rows:
        cells = [list(_docx_lines(cell, numbering)) for cell in dict.fromkeys(row.cells)]
        lines = [line for cell in cells for line in cell if line.strip()]
        if any("。" in line for line in lines):
            yield from lines
        elif lines:
            yield "\t".join(lines)


# --- HTML --------------------------------------------------------------------------------------------------------

_BOILERPLATE = re.compile("^(?:script|style|noscript|template|nav|footer|aside|iframe|form|button|svg|head)$")
_BLOCK = re.compile(
    "address|article|blockquote|body|caption|center|d[dlt]|div|fieldset|fig(?:caption|ure)|footer|h[1-6r]|header|li|main|ol|p|pre|section|"
    "table|t(?:body|head|foot|r)|ul"
)


def _html(data: bytes) -> tuple[str, Metadata]:
    soup = BeautifulSoup(_decode_html(data), "lxml")
    title = soup.title.get_text(" ", strip=True) if soup.title else None
    meta = soup.find("meta", attrs={"name": re.compile("^author$", re.IGNORECASE)})
    author = meta.get("content") if isinstance(meta, Tag) else None
    for tag in soup(_BOILERPLATE):
        tag.decompose()
    articles = soup("article")
    root = soup.find("main") or (articles[0] if len(articles) == 1 else None)
    if not isinstance(root, Tag):
        root = soup.body or soup
        # In the main part a header holds the title, elsewhere the site's banner.
        for tag in root("header"):
            tag.decompose()
    lines = [re.sub(r" ?\t ?", "\t", line).strip() for line in "".join(_html_text(root)).split("\n")]
    text = "\n".join(line for line in lines if line.strip("# "))
    if not text:
        raise ReadingError("is an HTML page without text")
    return text, _metadata(title, author)


def _decode_html(data: bytes) -> str:
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", data[:2048])
    # Pages that call themselves GB2312 or GBK use characters of GB18030.
    name = declared[1].decode("ascii").lower() if declared else ""
    if name.startswith("gb"):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    return decode(data)


def _html_text(tag: Tag) -> Iterator[str]:
    """Yield the text of an element, block elements on lines of their own, headings marked with ``#`` as in Markdown."""
    for child in tag.children:
        if isinstance(child, Comment):
            continue
        if isinstance(child, NavigableString):
            # A line break within Chinese text is not meant as a space.
            text = re.sub(r"(?<=[^\x00-\u2fff])\s*\n\s*(?=[^\x00-\u2fff])", "", str(child))
            yield re.sub(r"\s+", " ", text)
        elif isinstance(child, Tag):
            if child.name == "br":
                yield "\n"
            elif child.name in ("td", "th"):
                yield from _html_text(child)
                yield "\t"
            elif _BLOCK.fullmatch(child.name):
                yield "\n"
                if re.fullmatch("h[1-6]", child.name):
                    yield "#" * int(child.name[1]) + " "
                    yield re.sub(r"\s+", " ", "".join(_html_text(child))).strip()
                else:
                    yield from _html_text(child)
                yield "\n"
            else:
                yield from _html_text(child)


def _metadata(title: object, author: object) -> Metadata:
    pairs = (("title", title), ("author", author))
    return tuple((key, value.strip()) for key, value in pairs if isinstance(value, str) and value.strip())
