"""A process whose children write to a store until they are killed.

python killed_writer.py FOLDER: for each line "STEP SECONDS" on standard input, a child makes one change after the other
from that step on, and is killed after so many seconds; answers how many changes it reported as made. The children are
forked before anything of Oxigraph has run, so that they start at once and no thread is lost.
"""

import os
import signal
import sys
import time

from stored_documents import change

from ftzgraph.store import open_store


def write(folder: str, step: int, report: int) -> None:
    with open_store(folder, create=True) as store:
        while True:
            change(store, step)
            os.write(report, b".")
            step += 1


def main() -> None:
    for line in sys.stdin:
        step, seconds = line.split()
        mine, theirs = os.pipe()
        child = os.fork()
        if not child:
            write(sys.argv[1], int(step), theirs)
        os.close(theirs)
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        made = b""
        while more := os.read(mine, 1000):
            made += more
        os.close(mine)
        print(len(made), flush=True)


if __name__ == "__main__":
    main()
