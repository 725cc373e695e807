import csv
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from reviewed import fill_in, read, sheet

from ftzgraph.errors import FtzgraphError
from ftzgraph.review.deciding import COLUMNS, decide, export
from ftzgraph.review.decisions import Decision, FactorClaim, Verdict
from ftzgraph.review.sheet import ReviewError

TEXT = "港口的问题\n由于=1+1土地紧张，企业成本上升。应当盘活闲置厂房。\n"
LAND, COST, REMEDY = "=1+1土地紧张", "企业成本上升", "盘活闲置厂房"
GRAPH = read(TEXT, {LAND: "Cause", COST: "Effect", REMEDY: "Remedy"}, [(LAND, "causes", COST)], name="@port.txt")


def workbook(lang: str) -> Workbook:
    return load_workbook(BytesIO(export(GRAPH, Path("s.xlsx"), lang)))


def test_each_factor_and_each_link_has_a_row_with_its_sentence() -> None:
    rows = sheet(GRAPH, Path("s.csv"))
    assert [(row["kind"], row["type"], row["quote"], row["target"]) for row in rows] == [
        ("factor", "cause", f"'{LAND}", ""),
        ("factor", "effect", COST, ""),
        ("factor", "remedy", REMEDY, ""),
        ("link", "causes", f"'{LAND}", COST),
    ]
    assert rows[0]["sentence"] == "由于=1+1土地紧张，企业成本上升。"
    assert TEXT[int(rows[1]["start"]) : int(rows[1]["end"])] == COST
    assert rows[0]["id"].startswith("id:")


def test_the_workbook_is_in_chinese_or_english_and_offers_what_may_be_chosen() -> None:
    for lang, decision, remedy in (
        ("zh", "接受,拒绝,修改,合并", "对策"),
        ("en", "accept,reject,correct,merge", "remedy"),
    ):
        active = workbook(lang).active
        assert active
        assert [cell.value for cell in active[1]] == [column.name(lang) for column in COLUMNS.values()]
        assert active.freeze_panes == "B2"
        assert active.auto_filter.ref == active.dimensions
        lists = {str(each.sqref): str(each.formula1) for each in active.data_validations.dataValidation}
        assert lists["M2:M5"] == f'"{decision}"'
        assert remedy in lists["N2:N5"]
        assert all(len(each) < 256 for each in lists.values())  # Excel takes no longer list
        assert active["E2"].alignment.wrap_text


def test_the_same_graph_gives_the_same_workbook() -> None:
    assert export(GRAPH, Path("s.xlsx")) == export(GRAPH, Path("s.xlsx"))


def test_text_of_documents_never_becomes_a_formula() -> None:
    active = workbook("en").active
    assert active
    assert (active["E2"].value, active["E2"].data_type) == (LAND, "s")
    assert active["E2"].quotePrefix
    assert active["C2"].quotePrefix
    assert not [cell for row in active.iter_rows() for cell in row if cell.data_type == "f"]
    for row in csv.reader(StringIO(export(GRAPH, Path("s.csv")).decode("utf-8-sig"))):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def filled(tmp_path: Path) -> list[Decision]:
    book = load_workbook(BytesIO(export(GRAPH, Path("s.xlsx"), "zh")))
    active = book.active
    assert active
    active["M2"], active["N2"], active["Q2"] = "修改", "问题", "不是原因"
    active["M4"] = "拒绝"
    active.delete_rows(3)
    book.save(tmp_path / "s.xlsx")
    return decide(GRAPH, tmp_path / "s.xlsx", "王芳", "2026-11-27")


def test_a_workbook_that_was_filled_in_tells_the_decisions(tmp_path: Path) -> None:
    one, two = filled(tmp_path)
    assert (one.verdict, one.place.quote, one.note, one.author, one.date) == (
        Verdict.CORRECTED,
        LAND,
        "不是原因",
        "王芳",
        "2026-11-27",
    )
    assert isinstance(one.instead, FactorClaim)
    assert one.instead.type == "Problem"
    assert (two.verdict, two.place.quote, two.instead) == (Verdict.REJECTED, REMEDY, None)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_tells_the_same_in_any_encoding_and_order(encoding: str, delimiter: str, tmp_path: Path) -> None:
    expected = filled(tmp_path)
    content = export(GRAPH, Path("s.csv"), "zh").decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(content, newline="")))
    rows[0] |= {"决定": "Correct", "改为类型": "problem", "备注": "不是原因"}
    rows[2]["决定"] = " 拒绝 "
    table = StringIO()
    names = [*reversed(list(rows[0])), "mine"]
    writer = csv.DictWriter(table, names, delimiter=delimiter, restval="x")
    writer.writeheader()
    writer.writerows([rows[0], rows[2]])
    (tmp_path / "s.csv").write_bytes(table.getvalue().encode(encoding))
    assert decide(GRAPH, tmp_path / "s.csv", "王芳", "2026-11-27") == expected


def test_an_english_sheet_comes_through_a_western_code_page(tmp_path: Path) -> None:
    rows = sheet(GRAPH, tmp_path / "s.csv")
    rows[1] |= {"decision": "reject", "note": "déjà là, é"}
    (decision,) = decide(GRAPH, fill_in(tmp_path / "s.csv", rows, "cp1252"), "René", "2026-11-27")
    assert (decision.place.quote, decision.note) == (COST, "déjà là, é")


@pytest.mark.parametrize(
    ("row", "cells", "fault"),
    [
        (0, {"id": "id:x", "decision": "accept"}, r"row 2, column id \(编号\): the graph has no .* id:x"),
        (0, {"id": "", "decision": "accept"}, r"row 2, column id"),
        (1, {"decision": "maybe"}, r"row 3, column decision \(决定\): 'maybe' is none of accept 接受"),
        (1, {"new type": "problem"}, r"row 3, column decision .*: it is empty, and yet there is a new type"),
        (1, {"decision": "reject", "new type": "problem"}, r"row 3, column new type .*does not go with"),
        (1, {"decision": "correct"}, r"row 3, column new type"),
        (1, {"decision": "correct", "new type": "effect"}, r"row 3, column new type"),
        (1, {"decision": "correct", "new type": "causes"}, r"row 3, column new type .*'causes' is none of"),
        (1, {"decision": "correct", "new quote": "企业成本下降"}, r"row 3, column new quote .*word for word"),
        (1, {"decision": "merge", "merge into": "1"}, r"row 3, column decision .*only the concept"),
        (1, {"decision": "accept", "merge into": "1"}, r"row 3, column merge into .*does not go with"),
        (3, {"decision": "merge"}, r"row 5, column decision"),
        (3, {"decision": "correct"}, r"row 5, column new type .*it is empty"),
        (3, {"decision": "correct", "new type": "导致"}, r"row 5, column new type .*another relation"),
        (3, {"decision": "correct", "new type": "problem"}, r"row 5, column new type"),
        (3, {"decision": "correct", "new type": "causes", "new quote": "x"}, r"row 5, column new quote"),
        (3, {"decision": "correct", "new type": "addresses"}, r"row 5, column decision .*cannot join"),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(row: int, cells: dict[str, str], fault: str, tmp_path: Path) -> None:
    rows = sheet(GRAPH, tmp_path / "s.csv")
    rows[row] |= cells
    with pytest.raises(ReviewError, match=fault) as caught:
        decide(GRAPH, fill_in(tmp_path / "s.csv", rows), "王芳", "2026-11-27")
    assert "\n" not in str(caught.value)


def test_two_rows_cannot_decide_about_one_thing(tmp_path: Path) -> None:
    rows = sheet(GRAPH, tmp_path / "s.csv")
    rows = [rows[0] | {"decision": "accept"}, rows[0] | {"decision": "reject"}]
    with pytest.raises(ReviewError, match=r"row 3, column id .*row 2"):
        decide(GRAPH, fill_in(tmp_path / "s.csv", rows), "王芳", "2026-11-27")


@pytest.mark.parametrize(("order", "row"), [(1, 5), (-1, 2)])
def test_a_link_of_a_rejected_factor_cannot_be_accepted(order: int, row: int, tmp_path: Path) -> None:
    rows = sheet(GRAPH, tmp_path / "s.csv")
    rows[1]["decision"], rows[3]["decision"] = "reject", "accept"
    with pytest.raises(ReviewError, match=f"row {row}, column decision .*no factor any more"):
        decide(GRAPH, fill_in(tmp_path / "s.csv", rows[::order]), "王芳", "2026-11-27")


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("s.xlsx", b"no workbook", "is no workbook"),
        ("s.csv", b"", "no column id"),
        ("s.csv", b"id,kind\r\nx,y\r\n", r"no column decision \(决定\)"),
        ("s.csv", "id,编号,decision\r\n".encode(), "several columns id"),
        ("s.ods", b"", "suffixes"),
    ],
)
def test_a_file_that_is_no_sheet_is_told_in_one_line(name: str, content: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FtzgraphError, match=fault):
        decide(GRAPH, tmp_path / name, "王芳", "2026-11-27")


def test_a_sheet_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReviewError, match="cannot read"):
        decide(GRAPH, tmp_path / "s.xlsx", "王芳", "2026-11-27")


def test_a_row_without_a_decision_decides_nothing(tmp_path: Path) -> None:
    rows = [row | {"note": "想一想"} for row in sheet(GRAPH, tmp_path / "s.csv")]
    assert decide(GRAPH, fill_in(tmp_path / "s.csv", rows), "王芳", "2026-11-27") == []
