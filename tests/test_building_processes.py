"""Builds by many processes, of which any may be killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_documents import outputs, shards, write

from ftzgraph.building import build
from ftzgraph.corpora.corpus import Reader
from ftzgraph.corpora.items import Item
from ftzgraph.corpora.mapping import MOST_BYTES, map_documents
from ftzgraph.errors import FtzgraphError, ReaderError

DOCUMENTS = 60
KILLS = 8


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("papers"), range(DOCUMENTS))[0].parent


@pytest.fixture(scope="module")
def undisturbed(papers: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The outputs of a build by one process that nothing befell."""
    folder = tmp_path_factory.mktemp("undisturbed")
    build(papers, folder, engine="rules")
    return outputs(folder)


def wait_until(holds: object, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.002)


def started(papers: Path, output: Path, *options: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "ftzgraph", "build", str(papers), "-o", str(output), "--engine", "rules", *options]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_build_that_was_killed_again_and_again_ends_with_the_same_bytes(
    papers: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    chance = random.Random(7)
    kept = 0
    for _ in range(KILLS):
        process = started(papers, tmp_path)
        more = kept + chance.randrange(12)
        wait_until(lambda process=process, more=more: process.poll() is not None or len(shards(tmp_path)) >= more)
        time.sleep(chance.random() * (1.5 if more == kept else 0.02))
        process.kill()
        process.wait()
        assert len(shards(tmp_path)) >= kept  # nothing that was read is lost
        kept = len(shards(tmp_path))
    assert kept
    when = shards(tmp_path)
    build(papers, tmp_path, engine="rules")
    assert outputs(tmp_path) == undisturbed
    assert when.items() <= shards(tmp_path).items()  # nor read again
    assert not list(tmp_path.glob(".ftzgraph/*/.*"))  # what was half written is gone


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for processes in /proc")
def test_processes_end_when_the_one_that_started_them_is_killed(papers: Path, tmp_path: Path) -> None:
    process = started(papers, tmp_path, "--jobs", "2")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    wait_until(lambda: shards(tmp_path) and len(children.read_text().split()) > 2)  # two, and one that tracks resources
    workers = [Path("/proc") / pid for pid in children.read_text().split()]
    process.kill()
    process.wait()
    wait_until(lambda: not any(worker.exists() for worker in workers), 10)


# --- what a killed process costs ---------------------------------------------------------------------------------


def item(number: int, data: bytes = b"x") -> Item:
    return Item(f"{number}.txt", f"{number}.txt", data)


def sizes(items: list[Item]) -> list[bytes | str]:
    """Work that some documents do not let a process survive."""
    if any(each.data == b"fatal" for each in items):
        os.kill(os.getpid(), signal.SIGKILL)
    return [b"%d" % len(each.data) for each in items]


FATAL = "ends the process that reads it; is there enough memory?"


def test_a_document_that_kills_its_process_is_found_and_the_others_are_read() -> None:
    fatal = {5, 6}
    items = [item(i, b"fatal" if i in fatal else b"x" * i) for i in range(14)]
    results = list(map_documents(sizes, items, jobs=2, most=4))
    assert results == [(each, FATAL if i in fatal else b"%d" % i) for i, each in enumerate(items)]


def test_a_process_that_is_killed_once_costs_no_document(
    papers: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    killed = []

    def kill_one(done: int, total: int) -> None:
        if done == 5:
            victim = next(child for child in get_context("spawn").active_children() if child.pid)
            killed.append(victim.pid)
            os.kill(killed[0], signal.SIGKILL)

    assert build(papers, tmp_path, engine="rules", jobs=2, progress=kill_one).failed == ()
    assert killed
    assert outputs(tmp_path) == undisturbed


def test_a_script_without_a_guard_is_told_so(papers: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        f"from ftzgraph.building import build\nbuild({str(papers)!r}, engine='rules', jobs=2)\n", encoding="utf-8"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ftzgraph.errors.ReaderError: no process can be started; does the ")


# --- any executor ------------------------------------------------------------------------------------------------


@given(
    lengths=st.lists(st.sampled_from([0, 1, 9, MOST_BYTES - 1, MOST_BYTES, MOST_BYTES + 1]), max_size=12),
    jobs=st.integers(1, 3),
    most=st.integers(1, 5),
)
def test_every_document_is_worked_on_once_and_in_order(lengths: list[int], jobs: int, most: int) -> None:
    handed: list[list[Item]] = []

    def work(items: list[Item]) -> list[bytes | str]:
        handed.append(items)
        return sizes(items)

    items = [item(i, b"x" * length) for i, length in enumerate(lengths)]
    with ThreadPoolExecutor(jobs) as threads:
        results = list(map_documents(work, items, executor=threads, jobs=jobs, most=most))
    assert results == [(each, b"%d" % length) for each, length in zip(items, lengths, strict=True)]
    assert sorted(each.where for chunk in handed for each in chunk) == sorted(each.where for each in items)
    for chunk in handed:
        assert len(chunk) <= most
        assert len(chunk) == 1 or sum(len(each.data) for each in chunk) <= MOST_BYTES


def test_documents_are_taken_only_as_they_are_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[Item]:
        for i in range(100):
            taken.append(i)
            yield item(i)

    with ThreadPoolExecutor(1) as threads:
        results = map_documents(sizes, items(), executor=threads, jobs=1, most=2)
        next(results)
        assert len(taken) < 20
        results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_gives_the_same_bytes(
    kind: type[Executor], papers: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    options = {"mp_context": get_context("spawn")} if kind is ProcessPoolExecutor else {}
    with kind(2, **options) as executor:  # type: ignore[call-arg]
        build(papers, tmp_path, engine="rules", jobs=2, executor=executor)
    assert outputs(tmp_path) == undisturbed


def test_an_executor_that_is_lost_stops_the_build_and_what_was_read_is_kept(papers: Path, tmp_path: Path) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as executor:

        def kill(done: int, total: int) -> None:
            for child in get_context("spawn").active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

        with pytest.raises(ReaderError, match="the executor cannot go on: BrokenProcessPool"):
            build(papers, tmp_path, engine="rules", executor=executor, progress=kill)
    assert shards(tmp_path)


def test_a_process_with_another_version_is_refused() -> None:
    with pytest.raises(ReaderError, match="same ftzgraph"):
        Reader("rules", None, "another")([item(1, "人才不足。".encode())])


# --- a cluster ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """A scheduler and two worker processes, which it starts anew when they die."""
    distributed = pytest.importorskip("distributed", reason="the cluster comes with the extra 'cluster'")
    import dask

    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with (
        dask.config.set(
            {"distributed.scheduler.allowed-failures": 1}
        ),  # deaths until a task is given up; starts take time
        distributed.LocalCluster(**options, silence_logs=50) as found,
    ):
        yield found


def test_a_cluster_gives_the_same_bytes_also_when_a_worker_is_killed(
    cluster: object, papers: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    process = started(papers, tmp_path, "--cluster", cluster.scheduler_address)  # type: ignore[attr-defined]
    wait_until(lambda: shards(tmp_path))
    os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)  # type: ignore[attr-defined]
    assert process.wait(120) == 0
    assert outputs(tmp_path) == undisturbed


def test_on_a_cluster_too_a_document_that_kills_its_worker_is_found(cluster: object) -> None:
    from ftzgraph.corpora.cluster import workers_of

    items = [item(i, b"fatal" if i == 2 else b"x" * i) for i in range(3)]
    with workers_of(cluster.scheduler_address) as (executor, hands):  # type: ignore[attr-defined]
        assert hands == 2
        results = list(map_documents(sizes, items, executor=executor, jobs=hands, most=1))
    assert results == [(each, FATAL if i == 2 else b"%d" % i) for i, each in enumerate(items)]


def test_a_cluster_that_is_not_there_is_told_in_one_line() -> None:
    pytest.importorskip("distributed", reason="the cluster comes with the extra 'cluster'")
    from ftzgraph.corpora.cluster import workers_of

    with pytest.raises(FtzgraphError, match="no Dask scheduler at nowhere"), workers_of("nowhere"):
        pass
