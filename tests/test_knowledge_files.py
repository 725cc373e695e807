from pathlib import Path

import pytest

from ftzgraph.errors import OutputError
from ftzgraph.files import write_atomically, write_together


def test_writes_text_as_utf_8_with_its_newlines_and_makes_folders(tmp_path: Path):
    path = tmp_path / "a" / "b" / "graph.ttl"
    write_atomically(path, "问题\n对策\r\n")
    assert path.read_bytes() == "问题\n对策\r\n".encode()
    write_atomically(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert [p.name for p in path.parent.iterdir()] == ["graph.ttl"]


def test_file_in_place_of_a_folder(tmp_path: Path):
    (tmp_path / "out").write_text("keep", encoding="utf-8")
    with pytest.raises(OutputError, match=r"cannot write .*graph\.ttl: .*out is not a folder"):
        write_atomically(tmp_path / "out" / "graph.ttl", "x")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "keep"


def test_folder_in_place_of_a_file_leaves_nothing_behind(tmp_path: Path):
    (tmp_path / "graph.ttl").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*graph\.ttl"):
        write_atomically(tmp_path / "graph.ttl", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["graph.ttl"]


def test_files_that_belong_together_are_all_replaced_or_none(tmp_path: Path):
    first, second = tmp_path / "graph.ttl", tmp_path / "no" / "report.md"
    first.write_text("old", encoding="utf-8")
    second.parent.write_text("a file where a folder is wanted", encoding="utf-8")
    with pytest.raises(OutputError, match=r"cannot write .*report\.md"):
        write_together({first: "new", second: "new"})
    assert first.read_text(encoding="utf-8") == "old"
    second.parent.unlink()
    write_together({first: "new", second: "new"})
    assert [path.read_text(encoding="utf-8") for path in (first, second)] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["graph.ttl", "no", "report.md"]
