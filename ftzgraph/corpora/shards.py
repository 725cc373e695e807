"""The graph of one document in bytes, which many processes can make and one can put together.

A shard is Turtle behind a comment that sums it up: first what is the document's own, in the order of every graph file,
then, a triple a line, what documents share. A graph file goes document by document in the order of their hashes, and
tells at its end what they share; so the shards of many documents make the file of all without being parsed, one in
memory at a time.
"""

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Final

import pyoxigraph as ox

from ftzgraph.causalmap import CausalMap
from ftzgraph.knowledge.documents import Triple
from ftzgraph.knowledge.oxigraph import from_oxigraph
from ftzgraph.knowledge.rdf import to_triples
from ftzgraph.knowledge.serialisation import serialise
from ftzgraph.knowledge.vocabulary import ID

_PREFIXES: Final = re.compile(rb"(?:@prefix .*\n)*")


@dataclass(frozen=True)
class BuiltDocument:
    """What there is to know of a document without its graph.

    Attributes:
        name: what the graph calls it.
        title: its title.
        sha256: hex digest of its bytes.
        factors: how many factors of each type it has.
        links: how many links.
        notes: what the reader counted on its way, such as quotes it refused; nothing when it had been read before.
    """

    name: str
    title: str
    sha256: str
    factors: dict[str, int]
    links: int
    notes: dict[str, int]


@dataclass(frozen=True)
class Shard:
    """The graph of a document.

    Attributes:
        about: what it holds.
        own: Turtle of what is the document's own.
        shared: N-Triples of what other documents may tell as well, a line each.
    """

    about: BuiltDocument
    own: bytes
    shared: tuple[bytes, ...]

    def triples(self) -> Iterator[ox.Triple]:
        """Yield the triples."""
        for quad in ox.parse(self.own + b"".join(self.shared), format=ox.RdfFormat.TURTLE):
            yield quad.triple


def pack(causal_map: CausalMap) -> bytes:
    """Write the shard of a document, compressed."""
    document = causal_map.document
    own: list[Triple] = []
    shared: list[Triple] = []
    for triple in to_triples(causal_map):
        (own if triple[0].startswith(ID[document.sha256[:12]]) else shared).append(triple)
    turtle = serialise(own).encode()
    types = Counter(factor.type.value for factor in causal_map.factors)
    about = BuiltDocument(
        document.name, document.title, document.sha256, dict(types), len(causal_map.links), dict(causal_map.notes)
    )
    head = json.dumps({"own": len(turtle), **asdict(about)})
    return gzip.compress(b"# %b\n%b%b" % (head.encode(), turtle, serialise(shared, "ntriples").encode()), 3, mtime=0)


def unpack(data: bytes) -> Shard:
    """Read a shard.

    Raises:
        ValueError: it is damaged.
    """
    try:
        head, _, turtle = gzip.decompress(data).partition(b"\n")
        about = json.loads(head.removeprefix(b"# "))
        size = about.pop("own")
        return Shard(BuiltDocument(**about), turtle[:size], tuple(turtle[size:].splitlines(keepends=True)))
    except (OSError, EOFError, zlib.error, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no shard: {error}") from error


def merge(shards: Iterable[Shard]) -> Iterator[bytes]:
    """Yield the Turtle of all shards in pieces; the same as that of their graph.

    Args:
        shards: of documents that differ, sorted by their hashes.
    """
    shared: set[bytes] = set()
    head = b""
    for shard in shards:
        yield shard.own.removeprefix(head)
        head = head or _prefixes(shard.own)
        shared.update(shard.shared)
    quads = ox.parse(b"".join(sorted(shared)), format=ox.RdfFormat.N_TRIPLES)
    told: list[Triple] = [
        (from_oxigraph(q.subject), from_oxigraph(q.predicate), from_oxigraph(q.object)) for q in quads
    ]
    yield serialise(told).encode().removeprefix(head)


def _prefixes(turtle: bytes) -> bytes:
    found = _PREFIXES.match(turtle)
    return found[0] if found else b""
