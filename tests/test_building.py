"""Builds of many documents: what is read again, what is passed over, what the graph holds."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_documents import outputs, shards, text, write

import ftzgraph
from ftzgraph import building
from ftzgraph.building import BuildResult, build
from ftzgraph.corpora.cache import fingerprint
from ftzgraph.errors import OutputError, ReadingError
from ftzgraph.knowledge.validation import validate
from ftzgraph.knowledge.vocabulary import FTZ


def built(sources: object, output: Path | None = None, **settings: object) -> BuildResult:
    return build(sources, output, engine="rules", **settings)  # type: ignore[arg-type]


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder of five documents."""
    return write(tmp_path / "papers", range(5))[0].parent


def names(result: BuildResult) -> list[str]:
    return [document.name for document in result.documents]


def failures(folder: Path) -> list[list[str]]:
    with (folder / building.FAILED).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_graph_of_many_documents_is_that_of_their_maps(papers: Path, tmp_path: Path) -> None:
    result = built(papers, tmp_path / "out")
    maps = [ftzgraph.extract(ftzgraph.read(path), "rules") for path in sorted(papers.iterdir())]
    graph = ftzgraph.to_rdf(maps)
    assert (tmp_path / "out" / "graph.ttl").read_text(encoding="utf-8") == ftzgraph.serialise(graph)
    assert set(result.graph) == set(graph)
    assert sum(result.documents[0].factors.values()) == len(maps[0].factors)
    assert [document.links for document in result.documents] == [len(each.links) for each in maps]
    assert validate(result.graph).conforms


@given(order=st.permutations(range(4)))
def test_the_graph_does_not_depend_on_the_order_of_the_sources(
    order: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    paths = write(tmp_path_factory.mktemp("papers"), range(4))
    result = built([paths[i] for i in order])
    assert names(result) == [paths[i].name for i in order]
    assert b"".join(result.corpus.turtle()) == b"".join(built(paths).corpus.turtle())


def test_only_what_is_new_or_changed_is_read_again(papers: Path, tmp_path: Path) -> None:
    built(papers, tmp_path / "out")
    before = shards(tmp_path / "out")
    assert len(before) == 5
    (papers / "000.txt").write_text(text(77), encoding="utf-8")
    write(papers, range(5, 6))
    built(papers, tmp_path / "out")
    after = shards(tmp_path / "out")
    assert before.items() < after.items()
    assert len(after) == 5 + 2
    built(papers, tmp_path / "anew")
    assert outputs(tmp_path / "out") == outputs(tmp_path / "anew")


def test_a_build_of_what_is_unchanged_reads_nothing_and_gives_the_same_bytes(papers: Path, tmp_path: Path) -> None:
    built(papers, tmp_path)
    first, read = outputs(tmp_path), shards(tmp_path)
    built(papers, tmp_path)
    assert (outputs(tmp_path), shards(tmp_path)) == (first, read)


def test_a_document_that_is_gone_is_no_longer_in_the_graph(papers: Path, tmp_path: Path) -> None:
    built(papers, tmp_path / "out")
    (papers / "002.txt").unlink()
    assert "002.txt" not in names(built(papers, tmp_path / "out"))
    built(papers, tmp_path / "anew")
    assert outputs(tmp_path / "out") == outputs(tmp_path / "anew")


def test_a_document_that_was_renamed_has_its_new_name(papers: Path, tmp_path: Path) -> None:
    built(papers, tmp_path)
    (papers / "002.txt").rename(papers / "new.txt")
    built(papers, tmp_path)
    found = set(ftzgraph.load(tmp_path / "graph.ttl").objects(None, FTZ.fileName))
    assert {str(name) for name in found} == {"000.txt", "001.txt", "003.txt", "004.txt", "new.txt"}


def test_fresh_reads_everything_anew(papers: Path, tmp_path: Path) -> None:
    built(papers, tmp_path)
    read = shards(tmp_path)
    built(papers, tmp_path, fresh=True)
    assert shards(tmp_path).keys() == read.keys()
    assert all(when > read[name] for name, when in shards(tmp_path).items())


@pytest.mark.parametrize("damage", [b"", b"\x1f\x8b", b"no shard at all", None])
def test_what_is_damaged_is_read_again(papers: Path, tmp_path: Path, damage: bytes | None) -> None:
    built(papers, tmp_path)
    whole = outputs(tmp_path)
    kept = next(tmp_path.glob(".ftzgraph/*/*.gz"))
    kept.write_bytes(kept.read_bytes()[:-9] if damage is None else damage)
    built(papers, tmp_path)
    assert outputs(tmp_path) == whole


def test_what_another_version_of_the_engine_read_is_thrown_away(papers: Path, tmp_path: Path) -> None:
    left = [tmp_path / ".ftzgraph" / name for name in ("rules-0123456789abcdef", "mine-0123456789abcdef")]
    for folder in left:
        folder.mkdir(parents=True)
    built(papers, tmp_path)
    assert [folder.exists() for folder in left] == [False, True]


def test_what_an_engine_finds_depends_on_which_it_is_not_on_how_it_is_asked() -> None:
    asked = {"model": "a", "base_url": "http://localhost:1/v1", "timeout": 1, "parallel": 4, "cache": "x"}
    assert fingerprint("rules", None) == fingerprint("rules", {}) != fingerprint("model", None)
    assert fingerprint("llm", asked) == fingerprint("llm", {"model": "a"}) != fingerprint("llm", {"model": "b"})


def test_one_document_is_not_kept(papers: Path, tmp_path: Path) -> None:
    result = built(papers / "000.txt", tmp_path / "out")
    assert not (tmp_path / "out" / ".ftzgraph").exists()
    assert [len(each.factors) for each in result.maps] == [sum(result.documents[0].factors.values())]


def test_what_cannot_be_read_is_told_and_the_rest_is_built(papers: Path, tmp_path: Path) -> None:
    (papers / "=1+1.txt").write_bytes(b"")
    (papers / "binary.txt").write_bytes(bytes(range(256)))
    result = built([papers, "none.txt"], tmp_path / "out")
    assert len(result.documents) == 5
    assert failures(tmp_path / "out") == [
        ["source", "reason"],
        [str(papers / "=1+1.txt"), "is empty"],
        [str(papers / "binary.txt"), "is not a text file (or in an encoding that is not known)"],
        ["none.txt", "does not exist"],
    ]
    assert [f"{each}" for each in result.failed][2] == "none.txt does not exist"
    (papers / "=1+1.txt").unlink()
    (papers / "binary.txt").unlink()
    assert built(papers, tmp_path / "out").failed == ()
    assert not (tmp_path / "out" / building.FAILED).exists()


def test_no_spreadsheet_takes_the_name_of_a_source_for_a_formula(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    built([papers, "=1+1.txt", "＋1.txt"], tmp_path / "out")
    assert [row[0] for row in failures(tmp_path / "out")[1:]] == ["'=1+1.txt", "'＋1.txt"]


def test_when_nothing_can_be_read_the_outputs_stay(papers: Path, tmp_path: Path) -> None:
    built(papers, tmp_path)
    before = outputs(tmp_path)
    bad = [tmp_path / f"none{i}.txt" for i in range(5)]
    with pytest.raises(
        ReadingError, match=r"^5 of 5 sources cannot be read: \S*none0.txt does not exist; .*; and 2 more$"
    ):
        built(bad, tmp_path)
    with pytest.raises(ReadingError):
        built(bad, tmp_path / "new")
    assert outputs(tmp_path / "new").keys() == {building.FAILED}
    assert [row[0] for row in failures(tmp_path)[1:]] == [str(path) for path in bad]
    assert {name: data for name, data in outputs(tmp_path).items() if name != building.FAILED} == before


def test_documents_of_the_same_bytes_are_one_and_counted(papers: Path, tmp_path: Path) -> None:
    for name in ("again.txt", "again.md"):
        (papers / name).write_bytes((papers / "000.txt").read_bytes())
    result = built(papers, tmp_path)
    assert names(result) == ["000.txt", "001.txt", "002.txt", "003.txt", "004.txt"]
    assert result.corpus.repeats == 2


def test_bytes_that_cannot_be_read_are_told_wherever_they_stand(papers: Path) -> None:
    for name in ("a.pdf", "b.pdf", "c.txt"):
        (papers / name).write_bytes("没有这样的 PDF。".encode())
    result = built(papers)
    assert [Path(each.where).name for each in result.failed] == ["a.pdf", "b.pdf"]
    assert "c.txt" in names(result)


def test_of_a_large_graph_no_page_is_made_unasked_and_none_is_left(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = built(papers, tmp_path)
    assert whole.left_out == ()
    monkeypatch.setattr(building, "MOST_FACTORS", sum(sum(each.factors.values()) for each in whole.documents) - 1)
    result = built(papers, tmp_path)
    assert result.written == (tmp_path / "graph.ttl",)
    assert result.left_out == building.OUTPUTS[1:]
    assert outputs(tmp_path).keys() == {"graph.ttl"}


def test_what_somebody_removes_while_it_is_needed_is_told(papers: Path, tmp_path: Path) -> None:
    result = built(papers, tmp_path)
    for kept in tmp_path.glob(".ftzgraph/*/*.gz"):
        kept.unlink()
    with pytest.raises(OutputError, match="build again"):
        b"".join(result.corpus.turtle())


CRASHING = """
from spacy.language import Language

@Language.component("crashing")
def crashing(doc):
    if "第3片区" in doc.text:
        raise KeyError("x")
    return doc

COMPONENTS = ("ftz_words", "ftz_structure", "ftz_clauses", "ftz_factors", "crashing", "ftz_links", "ftz_mentions")
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_document_on_which_an_engine_fails_is_passed_over(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    (tmp_path / "crashing_reader.py").write_text(CRASHING, encoding="utf-8")
    package = tmp_path / "crashing_reader-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: crashing-reader\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[ftzgraph.readers]\ncrashing = crashing_reader:COMPONENTS\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    result = build(papers, engine="crashing", jobs=jobs)
    assert names(result) == ["000.txt", "001.txt", "002.txt", "004.txt"]
    assert [each.reason for each in result.failed] == ["cannot be read: the engine 'crashing' failed: KeyError: 'x'"]


def test_progress_tells_of_every_document_once(papers: Path, tmp_path: Path) -> None:
    (papers / "empty.txt").touch()
    (papers / "same.txt").write_bytes((papers / "000.txt").read_bytes())
    for _ in range(2):
        told: list[tuple[int, int]] = []
        built(papers, tmp_path, progress=lambda done, total, told=told: told.append((done, total)))
        assert told == [(done, 7) for done in range(1, 8)]
