import hashlib
import os
import sys

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from ftzgraph.errors import ReadingError
from ftzgraph.reading import read, read_text, source_text

TEXT = "通关研究报告\r\n王小明 李 华\r\n一、主要问题\r\n通关时间过长，导致企业成本上升。\r\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_encodings_of_text(tmp_path, encoding):
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    path = tmp_path / "报告.txt"
    path.write_bytes((mark + TEXT).encode(encoding))
    document = read(path)
    assert document.name == "报告.txt"
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert document.source.removeprefix("\ufeff") == TEXT == source_text(path).removeprefix("\ufeff")
    assert document.text == TEXT.replace("\r\n", "\n").strip()
    assert (document.title, document.authors) == ("通关研究报告", ("王小明", "李华"))
    start = document.text.index("企业成本上升")
    assert document.source[slice(*document.source_span(start, start + 6))] == "企业成本上升"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are not bytes")
@pytest.mark.parametrize(
    ("name", "read_as"),
    [("报告.txt".encode(), "报告.txt"), ("报告.txt".encode("gb18030"), "报告.txt"), (b"a\xff.txt", "a\ufffd.txt")],
)
def test_file_names_of_any_bytes(tmp_path, name, read_as):
    path = os.fsencode(tmp_path) + b"/" + name
    with open(path, "w", encoding="utf-8") as file:
        file.write(TEXT)
    assert read(os.fsdecode(path)).name == read_as


def test_offsets_of_utf_8_count_the_byte_order_mark(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(TEXT.encode("utf-8-sig"))
    assert read(path).source == path.read_bytes().decode("utf-8")


def test_traditional_characters_in_big5(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("自由貿易試驗區的建設取得成效，但是制度創新仍然不足，導致企業的成本上升。".encode("big5"))
    assert "導致企業的成本上升" in read(path).text


def test_read_text():
    document = read_text(TEXT)
    assert document.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert read_text(TEXT, "甲", "00").sha256 == "00"
    with pytest.raises(ReadingError, match=r"^甲 holds no sentence$"):
        read_text(" \n— 4 —\n", "甲")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.txt", "— 4 —\n第 3 页\n".encode(), "holds no sentence"),
        ("a.txt", "……\n——\n1234".encode(), "holds no sentence"),
        ("a.bin", bytes(range(256)) * 4, "is a binary file, not text|is not a text file"),
        ("a.txt", b"abc\0def", "is a binary file, not text"),
        ("a.xyz", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe", "is not a text file|is a binary file"),
        ("a.pdf", b"%PDF-1.4 nothing else", "is not a readable PDF"),
        ("a.pdf", b"no PDF", "is not a readable PDF"),
        ("a.docx", b"no DOCX", "is not a readable DOCX"),
        ("a.docx", b"\xd0\xcf\x11\xe0 old", "encrypted, or an old .doc"),
        ("a.html", b"<html><script>x()</script></html>", "is an HTML page without text"),
    ],
)
def test_faults_are_told_in_one_line(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadingError, match=message) as error:
        read(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(ReadingError, match="does not exist"):
        read(tmp_path / "none.txt")
    with pytest.raises(ReadingError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(ReadingError, match="cannot be read"):
        read("a\0b.txt")


# --- PDF ---------------------------------------------------------------------------------------------------------

BODIES = [
    "口岸通关流程复杂，企业等待时间过长，2023年平均用时达到48小时，比周边地区多出近一倍。由于信息系统各自独立，部门之间难以共享数据。"
    * 5,
    "引进人才的政策覆盖面较窄，配套服务不足，因此难以留住人才。" * 4,
    "要加快建设单一窗口，推动数据共享，以提高通关效率。" * 7,
]
PARAGRAPHS = [
    "口岸通关效率研究",
    "一、主要问题",
    BODIES[0],
    "（一）人才引进机制不完善",
    BODIES[1],
    "二、对策建议",
    BODIES[2],
]


def make_pdf(path, **options):
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    style = ParagraphStyle("body", fontName="STSong-Light", fontSize=12, leading=18, wordWrap="CJK", firstLineIndent=24)

    def page(canvas, template):
        canvas.setFont("STSong-Light", 9)
        canvas.drawCentredString(210, 30, f"— {template.page} —")

    template = SimpleDocTemplate(str(path), pagesize=(420, 400), title="通关", author="王小明", **options)
    template.build([Paragraph(text, style) for text in PARAGRAPHS], onFirstPage=page, onLaterPages=page)


def test_pdf(tmp_path):
    path = tmp_path / "a.pdf"
    make_pdf(path)
    document = read(path)
    assert document.text == "\n".join(PARAGRAPHS)
    assert document.source == source_text(path)
    assert dict(document.metadata) == {"title": "通关", "author": "王小明"}
    assert document.authors == ("王小明",)
    assert [document.text[s.title_start : s.title_end] for s in document.structure.sections] == [
        "主要问题",
        "人才引进机制不完善",
        "对策建议",
    ]


def test_pdf_is_known_by_its_content(tmp_path):
    path = tmp_path / "a.txt"
    make_pdf(path)
    assert read(path).text == "\n".join(PARAGRAPHS)


def test_encrypted_pdf(tmp_path):
    path = tmp_path / "a.pdf"
    make_pdf(path, encrypt=StandardEncryption("secret"))
    with pytest.raises(ReadingError, match="encrypted PDF"):
        read(path)


def test_scanned_pdf(tmp_path):
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path))
    canvas.rect(10, 10, 100, 100)
    canvas.save()
    with pytest.raises(ReadingError, match="run OCR"):
        read(path)


# --- DOCX --------------------------------------------------------------------------------------------------------


def test_docx(tmp_path):
    word = docx.Document()
    word.core_properties.title, word.core_properties.author = "属性", "王小明"
    word.add_heading("口岸通关研究", level=0)
    word.add_heading("主要问题", level=1)
    word.add_heading("成本", level=2)
    word.add_paragraph("融资成本高，中小企业负担较重。")
    table = word.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells],
        ["责任单位", "商务局", "通关时间过长。", "要压缩时间。"],
        strict=True,
    ):
        cell.text = text
    word.add_heading("对策", level=1)
    word.add_paragraph("要加快改革。")
    path = tmp_path / "a.docx"
    word.save(path)
    document = read(path)
    text = document.text
    lines = text.split("\n")
    assert lines[:4] == ["口岸通关研究", "主要问题", "成本", "融资成本高，中小企业负担较重。"]
    assert lines[4:] == ["责任单位 商务局", "通关时间过长。", "要压缩时间。", "对策", "要加快改革。"]
    assert document.title == "口岸通关研究"
    assert dict(document.metadata) == {"title": "属性", "author": "王小明"}
    sections = [(s.level, text[s.title_start : s.title_end]) for s in document.structure.sections]
    assert sections == [(1, "主要问题"), (2, "成本"), (1, "对策")]


def test_docx_numbers_that_word_generates(tmp_path):
    word = docx.Document()
    numbering = word.part.numbering_part.element
    levels = [("chineseCountingThousand", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3.")]
    numbering.insert(
        0,
        parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="99">'
            + "".join(
                f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
                for i, (form, text) in enumerate(levels)
            )
            + "</w:abstractNum>"
        ),
    )
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="99"><w:abstractNumId w:val="99"/></w:num>'))
    for level, text in [
        (0, "问题"),
        (1, "成本"),
        (2, "融资"),
        (1, "时间"),
        (0, "对策"),
        (1, "改革"),
        (None, "要改革。"),
    ]:
        paragraph = word.add_paragraph(text)
        if level is not None:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_numId().val = 99
            properties.get_or_add_ilvl().val = level
    path = tmp_path / "a.docx"
    word.save(path)
    assert source_text(path).split("\n") == [
        "一、问题",
        "（一）成本",
        "1.融资",
        "（二）时间",
        "二、对策",
        "（一）改革",
        "要改革。",
    ]


# --- HTML --------------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>通关研究 - 某网</title><meta name="Author" content="王小明">
<style>p {{color: red}}</style></head><body><header>某某网站</header><nav>首页</nav>
<main><header><h1>通关研究</h1></header><h2>一、问题</h2><p>通关时间过长，<b>成本</b>高，
  负担重。</p><!-- 注 --><p>原因：<br>系统独立。</p><ul><li>收费多。</li><li>Costs   are
high.</li></ul>
<table><tr><td>单位</td><td>商务局</td></tr></table><script>alert(1)</script></main><footer>版权</footer></body></html>"""


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("GBK", "gbk")])
def test_html(tmp_path, charset, encoding):
    path = tmp_path / "a.html"
    path.write_bytes(PAGE.format(charset=charset).encode(encoding))
    document = read(path)
    assert document.source == source_text(path)
    lines = document.text.split("\n")
    assert lines[:4] == ["通关研究", "一、问题", "通关时间过长，成本高，负担重。", "原因："]
    assert lines[4:] == ["系统独立。", "收费多。", "Costs are high.", "单位 商务局"]
    assert document.title == "通关研究"
    assert dict(document.metadata) == {"title": "通关研究 - 某网", "author": "王小明"}


def test_markdown(tmp_path):
    path = tmp_path / "a.md"
    path.write_text(
        "# 通关研究\n\n## 问题\n\n- 时间**过长**。\n- 成本高。\n\n## 对策\n\n> 要改革。\n", encoding="utf-8"
    )
    document = read(path)
    assert document.text == "通关研究\n问题\n时间过长。\n成本高。\n对策\n要改革。"
    assert [(s.level, document.text[s.start : s.end]) for s in document.structure.sections] == [
        (1, "问题\n时间过长。\n成本高。"),
        (1, "对策\n要改革。"),
    ]
