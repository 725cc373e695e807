import os
import random
import subprocess
import sys
from pathlib import Path

from stored_documents import after, change

from ftzgraph.store import open_store

KILLS = int(os.environ.get("FTZGRAPH_KILLS", "20"))


def test_a_writer_that_is_killed_at_any_moment_leaves_the_old_state_or_the_new(tmp_path: Path):
    chance = random.Random(5)
    script = Path(__file__).with_name("killed_writer.py")
    with subprocess.Popen(
        [sys.executable, script, tmp_path / "store"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin
        assert writer.stdout
        step = 0
        for _ in range(KILLS):
            print(step, chance.uniform(0.05, 1.0), file=writer.stdin, flush=True)
            reported = step + int(writer.stdout.readline())
            with open_store(tmp_path / "store", create=True) as store:
                held = set(store.graph())
            (step,) = (step for step in (reported, reported + 1) if held == set(after(step)))
        writer.stdin.close()
    assert step > KILLS / 4  # there was something to lose
    with open_store(tmp_path / "store") as store:
        change(store, step)
        assert set(store.graph()) == set(after(step + 1))
    assert len(list((tmp_path / "store").glob("state-*"))) == 1
