"""Whether a store folder bears ``kill -9``: a process that writes to it is killed at random moments, again and again.

python benchmarks/durability.py [--kills N]

After each kill the whole store is read and compared with what the changes that were made must have left: documents added,
replaced and removed, one or twenty-one in a step. It ends at once if one of them is lost, half a change is there, or the
store cannot be read.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from kills import killed_writers


def main() -> None:
    """Kill, look, and print what there was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    args = parser.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        survived = list(killed_writers(Path(folder) / "store", args.kills))
    print(
        f"{len(survived)} kills in {time.perf_counter() - start:.0f} s, {sum(kill.halfway for kill in survived)} in the middle of a "
        f"change, {sum(kill.unreported for kill in survived)} between a change and its report; of {survived[-1].changes} changes "
        "that were made none is lost, and the store could be read after every kill"
    )


if __name__ == "__main__":
    main()
