"""The workers of a Dask cluster as an executor."""

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ftzgraph.errors import FtzgraphError, ReaderError


@contextmanager
def workers_of(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a cluster.

    Args:
        address: where its scheduler listens, such as ``tcp://10.0.0.5:8786``.

    Yields:
        An executor, and how many tasks the cluster works on at a time.

    Raises:
        FtzgraphError: the extra is not installed.
        ReaderError: there is no scheduler at this address, or it has no workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise FtzgraphError("a cluster needs Dask: pip install 'ftzgraph[cluster]'") from error
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told by what is raised
    try:
        client = Client(address)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ReaderError(f"there is no Dask scheduler at {address}: {error}") from error
    with client:
        threads = sum(client.nthreads().values())  # type: ignore[no-untyped-call]
        if not threads:
            raise ReaderError(f"the Dask cluster at {address} has no workers")
        yield client.get_executor(pure=False), threads  # type: ignore[no-untyped-call]
