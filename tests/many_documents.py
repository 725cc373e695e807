"""Small documents that differ, for builds of many."""

from pathlib import Path

TOPICS = ("口岸", "物流", "金融", "数据", "人才", "用地", "审批", "税收", "标准", "通关")


def text(number: int) -> str:
    """A document of a few sentences, with a cause, a problem and a remedy."""
    topic = f"{TOPICS[number % len(TOPICS)]}第{number}片区"
    return (
        f"{topic}的现状与出路\n\n一、存在的主要问题\n\n由于{topic}缺乏统一的数据标准，各部门之间难以共享信息。\n\n"
        f"二、对策建议\n\n应加快建立{topic}统一的数据平台，实现信息共享。\n"
    )


def write(folder: Path, numbers: range) -> list[Path]:
    """Write documents and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:03}.txt" for number in numbers]
    for number, path in zip(numbers, paths, strict=True):
        path.write_text(text(number), encoding="utf-8")
    return paths


def outputs(folder: Path) -> dict[str, bytes]:
    """The outputs of a build, by their names."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def shards(folder: Path) -> dict[str, int]:
    """When each document was read that is kept beside these outputs, by the name of what is kept."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob(".ftzgraph/*/*.gz")}
