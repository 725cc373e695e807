"""What a source stands for: folders, patterns, archives, tables."""

import csv
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from many_documents import text, write
from rdflib import DCTERMS, XSD, Literal

from ftzgraph.building import BuildResult, build
from ftzgraph.cli import main
from ftzgraph.corpora import sources
from ftzgraph.corpora.items import LARGEST, Failure, Item
from ftzgraph.errors import ReadingError
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ, ID, OA


def found(*given: object, text_column: str | None = None) -> list[Item | Failure]:
    """What sources stand for."""
    paths = sources.find([str(each) for each in given])
    documents = [each for path in paths for each in sources.items(path, text_column)]
    assert len(documents) == sum(sources.count(path, text_column) for path in paths)
    return documents


def texts(documents: list[Item | Failure]) -> dict[str, str]:
    """The text of each document by its name."""
    return {each.name: each.data.decode() for each in documents if isinstance(each, Item)}


def reasons(documents: list[Item | Failure]) -> list[str]:
    return [each.reason for each in documents if isinstance(each, Failure)]


def archive(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def table(path: Path, *rows: tuple[str, ...], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def lines(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records), encoding="utf-8")
    return path


def built(*given: Path, **settings: str) -> BuildResult:
    return build(given, engine="rules", **settings)  # type: ignore[arg-type]


# --- files, folders, patterns ------------------------------------------------------------------------------------


def test_a_pattern_stands_for_the_files_that_match_it_sorted(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b", range(2))
    (tmp_path / "a" / "000.txt").write_text("上层。", encoding="utf-8")
    (tmp_path / "a" / "note.md").write_text("不要。", encoding="utf-8")
    assert [Path(each.where).relative_to(tmp_path) for each in found(tmp_path / "a" / "**" / "*.txt")] == [
        *(Path("a/000.txt"), Path("a/b/000.txt"), Path("a/b/001.txt"))
    ]
    assert [Path(each.where).name for each in found(tmp_path / "a" / "*[!t]")] == ["000.txt", "001.txt", "note.md"]
    assert reasons(found(tmp_path / "*.pdf")) == ["matches no file"]


def test_a_file_is_found_by_its_name_even_if_that_looks_like_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "[草案].txt").write_text("草案。", encoding="utf-8")
    (tmp_path / "草.txt").write_text("别的。", encoding="utf-8")
    assert texts(found(tmp_path / "[草案].txt")) == {"[草案].txt": "草案。"}


def test_each_file_is_taken_once(tmp_path: Path) -> None:
    (path,) = write(tmp_path, range(1))
    assert len(found(path, tmp_path, tmp_path / "*.txt", tmp_path / "x" / ".." / path.name)) == 1


def test_archives_and_tables_in_a_folder_are_not_taken(tmp_path: Path) -> None:
    write(tmp_path, range(1))
    table(tmp_path / "factors.csv", ("text",), ("不读。",))
    archive(tmp_path / "old.zip", {"a.txt": "不读。"})
    assert list(texts(found(tmp_path))) == ["000.txt"]


def test_there_must_be_a_source() -> None:
    with pytest.raises(ReadingError, match="no source"):
        build([])


# --- archives ----------------------------------------------------------------------------------------------------


def test_an_archive_stands_for_its_documents(tmp_path: Path) -> None:
    members = {"b.txt": text(1), "年报/a.md": text(0), "x.png": b"\x89PNG", ".h.txt": "x", "__MACOSX/._b.txt": "x"}
    path = archive(tmp_path / "reports.ZIP", members)
    documents = found(path)
    assert [each.where for each in documents] == [f"{path}#b.txt", f"{path}#年报/a.md"]
    assert texts(documents) == {"b.txt": text(1), "a.md": text(0)}


def test_a_document_is_the_same_in_an_archive_and_in_a_folder(tmp_path: Path) -> None:
    paths = write(tmp_path / "papers", range(3))
    packed = archive(tmp_path / "papers.zip", {path.name: path.read_bytes() for path in paths})
    assert set(built(packed).graph) == set(built(tmp_path / "papers").graph)


def test_names_of_members_are_read_as_chinese_windows_writes_them(tmp_path: Path) -> None:
    # Windows writes GBK, other systems UTF-8, and neither sets the flag that says so.
    path = archive(tmp_path / "a.zip", {"0123456789.txt": "内容一。", "abcdefghi.txt": "内容二。"})
    data = path.read_bytes().replace(b"0123456789", "报告\\一".encode("gb18030") + b"abc")
    path.write_bytes(data.replace(b"abcdefghi", "总报告".encode()))
    assert [each.where for each in found(path)] == [f"{path}#总报告.txt", f"{path}#报告/一abc.txt"]


def test_members_are_never_written_anywhere(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    path = archive(inner / "evil.zip", {"../../evil.txt": text(0), "/etc/evil.txt": text(1)})
    before = sorted(tmp_path.rglob("*"))
    assert len(built(path).documents) == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_names_of_members_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", {"\x1b[2J\u202eexe.txt": "内容。"})
    (document,) = found(path)
    assert document.where == f"{path}#[2Jexe.txt"
    assert texts(found(document.where)) == {"[2Jexe.txt": "内容。"}


def test_a_member_that_is_too_large_is_told_and_not_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path / "bomb.zip", {"a.txt": text(0), "bomb.txt": b"a" * (LARGEST + 1)})
    tracemalloc.start()
    documents = found(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(texts(documents)) == ["a.txt"]
    assert reasons(documents) == ["is larger than 100,000,000 bytes"]
    assert peak < 10_000_000


def test_a_member_that_lies_about_its_size_is_not_unpacked_beyond_it(tmp_path: Path) -> None:
    path = archive(tmp_path / "lie.zip", {"a.txt": b"a" * 20_000_000})
    data = bytearray(path.read_bytes())
    directory = data.rindex(b"PK\x01\x02")
    data[22:26] = data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    path.write_bytes(data)
    tracemalloc.start()
    documents = found(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reasons(documents) == ["is damaged, or packed in a way that is not known"]
    assert peak < 2_000_000


def test_an_archive_that_would_unpack_to_a_multiple_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "many.zip", {f"{i}.txt": b"a" * 60_000_000 for i in range(2)})
    assert reasons(found(path)) == ["would unpack to 120,000,000 bytes, which no archive of documents does"]


def encrypted(path: Path) -> Path:
    """An archive that claims that its member is encrypted."""
    data = bytearray(archive(path, {"a.txt": "内容。"}).read_bytes())
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    return path


def damaged(path: Path) -> Path:
    """An archive with a member of which a byte is wrong."""
    data = bytearray(archive(path, {"a.txt": text(0)}).read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    return path


def test_what_is_wrong_with_an_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.zip").write_bytes(b"PK no archive")
    assert reasons(found(tmp_path / "none.zip"))[0].startswith("is not a readable ZIP archive: ")
    assert reasons(found(archive(tmp_path / "empty.zip", {"a.png": b"x"})))[0].startswith("holds no document")
    assert reasons(found(encrypted(tmp_path / "locked.zip"))) == ["is encrypted; remove its password first"]
    assert reasons(found(damaged(tmp_path / "b.zip"))) == ["is damaged, or packed in a way that is not known"]
    assert reasons(found(tmp_path / "gone.zip")) == ["does not exist"]


# --- tables ------------------------------------------------------------------------------------------------------


def test_a_row_of_a_table_is_a_document_whose_offsets_count_in_its_text(tmp_path: Path) -> None:
    path = table(tmp_path / "notices.csv", ("id", "正文"), ("甲", text(0)), ("", " "), ("乙", text(1)))
    result = built(path)
    assert [document.name for document in result.documents] == ["notices.csv#1", "notices.csv#3"]
    graph = result.graph
    cell = texts(found(path))["notices.csv#3"]
    assert cell == text(1)
    document = graph.value(predicate=FTZ.fileName, object=Literal("notices.csv#3"))
    quotes = [
        (str(quote), int(start), int(end))
        for selector, quote in graph.subject_objects(OA.exact)
        if str(selector).startswith(str(document))
        for start, end in [(graph.value(selector, OA.start), graph.value(selector, OA.end))]
    ]
    assert quotes
    assert all(cell[start:end] == quote for quote, start, end in quotes)


def test_what_a_table_says_of_a_document_is_in_the_graph(tmp_path: Path) -> None:
    head = ("标题", "作者", "发布日期", "发布机构", "来源", "文号", "主题", "地区", "点击量", "正文")
    row = (
        "数据共享通知",
        "李明、王芳",
        "2023年5月6日",
        "省政府",
        "http://x/1",
        "〔2023〕5号",
        "数据",
        "广东",
        "12",
        text(0),
    )
    path = table(tmp_path / "t.csv", head, row, ("无", *[""] * 8, text(1)))
    result = built(path)
    graph, document = result.graph, ID[result.documents[0].sha256[:12]]
    assert {p: o for p, o in graph.predicate_objects(document) if p in DCTERMS} == {
        DCTERMS.title: Literal("数据共享通知", lang="zh"),
        DCTERMS.creator: Literal("李明、王芳"),
        DCTERMS.language: Literal("zh"),
        DCTERMS.date: Literal("2023-05-06", datatype=XSD.date),
        DCTERMS.publisher: Literal("省政府"),
        DCTERMS.source: Literal("http://x/1"),
        DCTERMS.identifier: Literal("〔2023〕5号"),
        DCTERMS.subject: Literal("数据"),
        DCTERMS.spatial: Literal("广东"),
    }
    assert result.documents[1].title == "无"
    assert result.corpus.unused == {str(path): ("点击量",)}
    assert validate(graph).conforms


@pytest.mark.parametrize(
    ("told", "literal"),
    [
        ("2023", Literal("2023", datatype=XSD.gYear)),
        ("2023/5", Literal("2023-05", datatype=XSD.gYearMonth)),
        ("2023.5.6 08:30", Literal("2023-05-06", datatype=XSD.date)),
        ("2023-02-31", Literal("2023-02-31")),
        ("2023年第3期", Literal("2023年第3期")),
        ("去年五月", Literal("去年五月")),
    ],
)
def test_dates_can_be_compared_where_they_are_dates(tmp_path: Path, told: str, literal: Literal) -> None:
    path = lines(tmp_path / "a.jsonl", {"text": text(0), "date": told})
    (date,) = built(path).graph.objects(None, DCTERMS.date)
    assert (date, getattr(date, "datatype", None)) == (literal, literal.datatype)


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ","), ("gb18030", ";"), ("utf-8", "\t")])
def test_tables_of_spreadsheets_are_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = (("Title ", " TEXT"), ('带"引号"，', "第一行\n第二行"), ("", "单行"))
    path = table(tmp_path / "a.csv", *rows, encoding=encoding, delimiter=delimiter)
    documents = found(path)
    assert texts(documents) == {"a.csv#1": "第一行\n第二行", "a.csv#2": "单行"}
    assert [each.metadata for each in documents if isinstance(each, Item)] == [(("title", '带"引号"，'),), ()]


def test_a_row_that_is_cut_short_is_empty_and_a_longer_one_is_read(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ("title", "text"), ("甲",), ("乙", "内容。", "多余"))
    assert texts(found(path)) == {"a.csv#1": "", "a.csv#2": "内容。"}
    assert [str(each) for each in built(path).failed] == [f"{path}#1 is empty"]


def test_the_text_column_can_be_named(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ("text", "要点"), ("摘要。", "要点一。"))
    assert texts(found(path)) == {"a.csv#1": "摘要。"}
    assert texts(found(path, text_column="要点")) == {"a.csv#1": "要点一。"}
    assert reasons(found(path, text_column="没有")) == ["has no column 没有; there are: text, 要点"]


def test_of_json_lists_are_joined_and_what_is_no_text_is_left_out(tmp_path: Path) -> None:
    record = {"content": "内容。", "authors": ["李明", "王芳"], "id": 7, "place": {"x": 1}, "subject": True, "score": 2}
    (document,) = found(lines(tmp_path / "a.jsonl", record))
    assert isinstance(document, Item)
    assert document.metadata == (("author", "李明、王芳"), ("identifier", "7"))
    assert document.unused == ("score",)


def test_what_is_wrong_with_a_row_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        '\ufeff{"text": "好。"}\n\n{broken\n[1]\n{"title": "x"}\n{"text": 5}\n{"text": "\\ud800"}\n'.encode()
        + "{“text”: 1}\n".encode("gb18030")
        + ("[" * 100_000 + "\n").encode()
        + '{"text": "完。"}'.encode()
    )
    documents = found(path)
    assert texts(documents) == {"a.jsonl#1": "好。", "a.jsonl#10": "完。"}
    told = {each.where.rpartition("#")[2]: each.reason for each in documents if isinstance(each, Failure)}
    assert told["3"].startswith("is not JSON: ")
    assert told["4"] == "is not a JSON object"
    assert told["5"] == "has no text column, name it with --text-column; there are: title"
    assert told["6"] == "has something other than text in text"
    assert told["7"] == "holds half a character (a lone surrogate)"
    assert told["8"] == "is not UTF-8"
    assert told["9"].startswith("is not JSON: ")


def test_what_is_wrong_with_a_table_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "binary.csv").write_bytes(b"text\n\xff\xff\xff")
    (tmp_path / "open.csv").write_text('text\n一。\n"二。\n三。\n', encoding="utf-8")
    (tmp_path / "blank.jsonl").write_text("\n\n", encoding="utf-8")
    head_only = table(tmp_path / "head.csv", ("text",))
    no_text = table(tmp_path / "none.csv", ("a", "b"), ("1", "2"), ("3", "4"))
    assert reasons(found(no_text)) == ["has no text column, name it with --text-column; there are: a, b"]
    assert reasons(found(tmp_path / "empty.csv"))[0].startswith("has no text column")
    assert reasons(found(tmp_path / "binary.csv")) == ["is neither UTF-8 nor GB 18030"]
    assert reasons(found(head_only, tmp_path / "blank.jsonl")) == ["holds no document"] * 2
    documents = found(tmp_path / "open.csv")
    assert texts(documents) == {"open.csv#1": "一。"}
    assert reasons(documents) == ["is not CSV below row 1: unexpected end of data"]


@given(rows=st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=6))
def test_every_row_of_a_table_is_a_document_a_failure_or_blank(
    rows: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    whole = [(a.encode(errors="ignore").decode(), b.encode(errors="ignore").decode()) for a, b in rows]
    documents = found(table(path, ("title", "text"), *whole))
    expected = {f"a.csv#{n}": cell for n, (name, cell) in enumerate(whole, 1) if name.strip() or cell.strip()}
    assert texts(documents) == expected
    assert reasons(documents) == ([] if expected else ["holds no document"])


def test_of_columns_that_mean_the_same_the_first_name_is_taken(tmp_path: Path) -> None:
    (document,) = found(table(tmp_path / "a.csv", ("url", "来源", "正文"), ("http://x/", "新华社", "内容。")))
    assert isinstance(document, Item)
    assert document.metadata == (("source", "新华社"),)
    assert document.unused == ("url",)


# --- single documents of them ------------------------------------------------------------------------------------


@pytest.fixture
def holders(tmp_path: Path) -> tuple[Path, Path]:
    return (
        archive(tmp_path / "a.zip", {"x/一.txt": "内容一。", "x/二.txt": "内容二。"}),
        table(tmp_path / "a.csv", ("要点",), ("要点一。",), ("要点二。",)),
    )


def shown(*arguments: object) -> str:
    result = CliRunner().invoke(main, ["text", *map(str, arguments)])
    return result.stdout if result.exit_code == 0 else result.stderr


def test_text_prints_a_document_of_an_archive_or_table(holders: tuple[Path, Path]) -> None:
    packed, rows = holders
    assert shown(f"{packed}#x/二.txt") == "内容二。"
    assert shown(f"{rows}#2", "--text-column", "要点") == "要点二。"
    assert "holds many documents; name one, such as " in shown(packed)
    assert f"{packed}#三.txt does not exist" in shown(f"{packed}#三.txt")
    assert "#3 does not exist" in shown(f"{rows}#3", "--text-column", "要点")
    assert "has no text column" in shown(f"{rows}#1")


def test_one_document_of_an_archive_or_table_can_be_built(holders: tuple[Path, Path]) -> None:
    packed, rows = holders
    result = built(Path(f"{packed}#x/一.txt"), Path(f"{rows}#2"), text_column="要点")
    assert [document.name for document in result.documents] == ["一.txt", "a.csv#2"]
