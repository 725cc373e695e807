"""Errors a user can cause and mend. Each message is one clear line; the command line prints it and exits with status 1."""


class FtzgraphError(Exception):
    """Base of every error that ftzgraph raises on purpose."""


class ReadingError(FtzgraphError):
    """A source that is missing, empty, binary, of an unknown format or without a sentence."""


class ReaderError(FtzgraphError):
    """An engine that does not exist, is not set up, or could not read a document."""


class GraphError(FtzgraphError):
    """A graph file that cannot be read or does not hold what ftzgraph needs."""


class QueryError(FtzgraphError):
    """A SPARQL query that does not parse or run, or a named query that does not exist."""


class OutputError(FtzgraphError):
    """An output folder or file that cannot be written."""


class GoldError(FtzgraphError):
    """A gold annotation that cannot be read or does not fit its document."""
