from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from ftzgraph.analysis.graph import factors, to_networkx
from ftzgraph.cli import main
from ftzgraph.knowledge.serialisation import load
from ftzgraph.knowledge.validation import validate


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def quotes(graph: Path) -> dict[str, str]:
    return {each.quote: each.type for each in factors(to_networkx(load(graph)))}


@pytest.fixture
def reviewed(built: Path, tmp_path: Path) -> tuple[str, Path]:
    """The quote of a factor that was rejected, in a workbook whose other factors are accepted; and the decisions."""
    run("review", "export", built / "graph.ttl", "-o", tmp_path / "review.xlsx")
    book = load_workbook(tmp_path / "review.xlsx")
    active = book.active
    assert active
    rejected = str(active["E2"].value)
    for row in range(2, active.max_row + 1):
        if active.cell(row, 2).value == "要素":
            active.cell(row, 13, "拒绝" if row == 2 else "接受")
    book.save(tmp_path / "review.xlsx")
    options = ("--graph", built / "graph.ttl", "--decisions", tmp_path / "decisions.ttl", "--author", "王芳")
    run("review", "apply", tmp_path / "review.xlsx", *options, "--date", "2026-11-27")
    return rejected, tmp_path / "decisions.ttl"


def test_a_build_follows_the_decisions_and_is_the_same_each_time(
    paper: Path, built: Path, reviewed: tuple[str, Path], tmp_path: Path
) -> None:
    rejected, decisions = reviewed
    for folder in ("one", "two"):
        result = run("build", paper, "-o", tmp_path / folder, "--decisions", decisions, "--lang", "en")
        assert ", 0 stale." in result.stderr
        assert f"factors: {len(quotes(tmp_path / folder / 'graph.ttl'))}, " in result.stdout
    graph = tmp_path / "one" / "graph.ttl"
    assert graph.read_bytes() == (tmp_path / "two" / "graph.ttl").read_bytes()
    assert set(quotes(graph)) == set(quotes(built / "graph.ttl")) - {rejected}
    assert validate(load(graph)).conforms
    assert {each.confidence for each in factors(to_networkx(load(graph)))} == {1}
    assert rejected in (built / "report.md").read_text(encoding="utf-8")
    assert rejected not in (tmp_path / "one" / "report.md").read_text(encoding="utf-8")
    replayed = tmp_path / "replayed.ttl"
    run("review", "replay", built / "graph.ttl", "--decisions", decisions, "-o", replayed)
    assert replayed.read_bytes() == graph.read_bytes()


def test_stale_decisions_are_told_and_stay(paper: Path, reviewed: tuple[str, Path], tmp_path: Path) -> None:
    rejected, decisions = reviewed
    before = decisions.read_bytes()
    text = paper.read_text(encoding="utf-8").replace(rejected, "情况已经变化")
    (tmp_path / "paper.txt").write_text(text, encoding="utf-8")
    result = run("build", tmp_path / "paper.txt", "-o", tmp_path / "out", "--decisions", decisions)
    assert rejected in result.stderr
    stale = tmp_path / "out" / "stale.csv"
    assert str(stale) in result.stderr
    assert rejected in stale.read_text(encoding="utf-8-sig")
    assert decisions.read_bytes() == before
    run("build", paper, "-o", tmp_path / "out", "--decisions", decisions)
    assert not stale.exists()


def test_a_sheet_is_not_overwritten(built: Path, tmp_path: Path) -> None:
    (tmp_path / "review.csv").write_text("filled in")
    result = run("review", "export", built / "graph.ttl", "-o", tmp_path / "review.csv", code=1)
    assert "is there already" in result.stderr
    assert (tmp_path / "review.csv").read_text() == "filled in"


def test_a_sheet_with_a_fault_changes_nothing(built: Path, reviewed: tuple[str, Path], tmp_path: Path) -> None:
    decisions = reviewed[1]
    before = decisions.read_bytes()
    (tmp_path / "bad.csv").write_text("id,decision\nid:x,accept\n")
    options = ("--graph", built / "graph.ttl", "--decisions", decisions, "--author", "x")
    result = run("review", "apply", tmp_path / "bad.csv", *options, code=1)
    assert "bad.csv, row 2, column id" in result.stderr
    assert result.stderr.count("\n") == 1
    assert decisions.read_bytes() == before


@pytest.mark.parametrize(("option", "value"), [("--author", " "), ("--decisions", "d.csv"), ("--date", "yesterday")])
def test_wrong_usage_is_told(option: str, value: str, built: Path) -> None:
    options = {"--graph": built / "graph.ttl", "--decisions": "d.ttl", "--author": "x"} | {option: value}
    words = [word for pair in options.items() for word in pair]
    assert option in run("review", "apply", "s.csv", *words, code=2).stderr


@pytest.mark.parametrize(
    ("turtle", "fault"),
    [
        ("x", "decisions.ttl"),
        ("<urn:x> a ftz:Decision .", "urn:x has 0 values of ftz:verdict"),
        ("<urn:x> a ftz:Decision ; ftz:verdict ftz:Problem .", "urn:x is no decision"),
        ("<urn:x> a ftz:Decision ; ftz:verdict ftz:Corrected .", "urn:x has no ftz:instead"),
    ],
)
def test_a_broken_file_of_decisions_is_told_before_anything_is_read(turtle: str, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "decisions.ttl"
    path.write_text(f"@prefix ftz: <https://w3id.org/ftzgraph#> . {turtle}")
    result = run("build", tmp_path / "none.txt", "-o", tmp_path / "out", "--decisions", path, code=1)
    assert fault in result.stderr
    assert result.stderr.count("\n") == 1
