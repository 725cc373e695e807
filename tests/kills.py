"""A store that is written to by processes which are killed at random moments."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stored_documents import after

from ftzgraph.store import open_store


class Survived(NamedTuple):
    """What a kill left.

    Attributes:
        changes: how many changes the store holds, of all that were begun.
        halfway: whether a change was being made.
        unreported: whether the last change was made, but the writer was killed before it could say so.
    """

    changes: int
    halfway: bool
    unreported: bool


def killed_writers(folder: Path, kills: int) -> Iterator[Survived]:
    """Let a process write to a store and kill it, again and again; look at the store after each kill.

    Raises:
        AssertionError: a change is lost that was reported as made, or half of one is there.
        StoreError: the store cannot be read.
    """
    chance = random.Random(5)
    script = Path(__file__).with_name("killed_writer.py")
    with subprocess.Popen(
        [sys.executable, script, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdin
        assert writer.stdout
        changes = 0
        for _ in range(kills):
            print(changes, chance.uniform(0.05, 1.0), file=writer.stdin, flush=True)
            reported = changes + int(writer.stdout.readline())
            halfway = len(list(folder.glob("state-*"))) > 1
            with open_store(folder, create=True) as store:
                held = set(store.graph())
            found = [changes for changes in (reported, reported + 1) if held == set(after(changes))]
            assert found, f"the store holds neither {reported} nor {reported + 1} changes"
            (changes,) = found
            yield Survived(changes, halfway, changes > reported)
        writer.stdin.close()
