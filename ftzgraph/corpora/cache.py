"""What was read before need not be read again: the shards of a corpus, on disk beside its outputs.

A shard is kept under all that it depends on: its folder is named by the engine and by every file that has a say in what
the engine finds, its file by the document's bytes, its name, and what a table says of it. Each is written in one step,
so that a build that was killed goes on where it stood.
"""

import hashlib
import json
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

import ftzgraph
from ftzgraph.corpora.items import Item
from ftzgraph.corpora.shards import Shard, unpack
from ftzgraph.extraction import Settings, engines
from ftzgraph.files import write_atomically
from ftzgraph.resources import resource

FOLDER: Final = ".ftzgraph"
"""Where the shards lie in the folder of the outputs."""

# What a shard depends on: our modules, shipped data, and the libraries that read documents and write graphs.
_CODE: Final = ("causalmap.py", "document.py", "reading", "extraction", "knowledge", "corpora/shards.py")
_DATA: Final = ("data/lexicon", "ontology/ftzgraph.ttl")
_DATA_OF: Final = {"model": ("data/model",), "llm": ("data/prompts",)}
_LIBRARIES: Final = (
    *("beautifulsoup4", "charset-normalizer", "lxml", "onnxruntime", "pyoxigraph", "pypdfium2", "python-docx"),
    *("rdflib", "rjieba", "spacy", "tokenizers"),
)
_OF_THE_RUN: Final = ("base_url", "cache", "parallel", "timeout")  # settings that say how a model is asked, not which


@cache
def _digest(engine: str) -> str:
    package = Path(ftzgraph.__file__).parent
    hashed = hashlib.sha256()
    for root in (*(package / name for name in _CODE), *map(resource, (*_DATA, *_DATA_OF.get(engine, ())))):
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and path.suffix != ".pyc":
                hashed.update(f"{path.name}\n".encode())
                hashed.update(path.read_bytes())
    versions = {name: version(name) for name in _LIBRARIES}
    package_of_engine = getattr(engines().get(engine), "dist", None)  # of a third party's
    if package_of_engine is not None:
        versions[package_of_engine.name] = package_of_engine.version
    hashed.update(json.dumps([ftzgraph.__version__, versions]).encode())
    return hashed.hexdigest()


def fingerprint(engine: str, settings: Settings | None) -> str:
    """Return a hash of all but the document that decides what an engine finds."""
    told = {name: value for name, value in (settings or {}).items() if name not in _OF_THE_RUN}
    return hashlib.sha256(json.dumps([engine, _digest(engine), told], sort_keys=True).encode()).hexdigest()


def key(item: Item) -> str:
    """Return the name of a document's shard."""
    about = json.dumps([hashlib.sha256(item.data).hexdigest(), item.name, item.metadata])
    return hashlib.sha256(about.encode()).hexdigest()


class Cache:
    """Packed shards by their keys.

    Args:
        folder: where they lie; they are held in memory without one.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, bytes] = {}

    @classmethod
    def beside(cls, output: Path, engine: str, version: str, *, fresh: bool = False) -> "Cache":
        """Open the cache of an output folder.

        Args:
            output: the folder.
            engine: the engine.
            version: its :func:`fingerprint`.
            fresh: forget what was read before.
        """
        folder = output / FOLDER / f"{engine}-{version[:16]}"
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        return cls(folder)

    def get(self, name: str) -> Shard | None:
        """Return the shard of this key, ``None`` when there is none or it is damaged."""
        try:
            return unpack(self._path(name).read_bytes() if self._folder else self._held[name])
        except (OSError, KeyError, ValueError):
            return None

    def put(self, name: str, packed: bytes) -> None:
        """Keep a shard.

        Raises:
            OutputError: it cannot be written.
        """
        if self._folder:
            write_atomically(self._path(name), packed)
        else:
            self._held[name] = packed

    def tidy(self) -> None:
        """Throw away what no build will ask for: the shards of earlier versions of the engine, and what killed builds left.

        Shards of documents that are no longer there are kept, for they may come back.
        """
        if self._folder is None or not self._folder.is_dir():
            return
        engine = self._folder.name.rpartition("-")[0]
        for folder in self._folder.parent.iterdir():
            if folder != self._folder and folder.name.rpartition("-")[0] == engine:
                shutil.rmtree(folder, ignore_errors=True)
        for left in self._folder.glob(".*.tmp"):
            left.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        assert self._folder
        return self._folder / f"{name}.ttl.gz"
