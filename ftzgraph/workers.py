"""Worker processes leave Ctrl-C to the process that started them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Hold back SIGINT within the block; processes that are started in it never see one.

    Ctrl-C reaches every process of a terminal, and a worker would answer it with a traceback. The signal mask is
    inherited, so that workers are safe from their first moment on; here a held back signal arrives after the block.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
