"""Which documents say the same because one copied the other, so that a copy does not count as a second voice.

A document is a copy when most of its sentences of some length stand, letter by letter, in another one. A passage is copied when the
very sentence that states something stands in both.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import networkx as nx

LEAST: Final = 12
"""Letters that a sentence must have to tell a copy; shorter ones (三、对策建议) recur by chance."""

SHARE: Final = 0.5
"""The share of its sentences that a copied document has in common with another."""


def letters(text: str) -> str:
    """Return the letters and digits of a text, in one width, so that a reprint with other punctuation is the same.

    >>> letters("加快 推进“放管服”改革。") == letters("加快推进放管服改革")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text))


def copied(sentences: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Tell of which document each one is a copy.

    Args:
        sentences: the texts of the sentences of each document.

    Returns:
        For each document the first, in the order of ``sentences``, of those that are copies of each other; most often itself.
        A sentence is held to come from the first document that has it.
    """
    first: dict[str, str] = {}
    copies: list[tuple[str, str]] = []
    sizes: dict[str, int] = {}
    for document, texts in sentences.items():
        own = {solid for text in texts if len(solid := letters(text)) >= LEAST}
        sizes[document] = len(own)
        earlier = Counter(first.setdefault(text, document) for text in own)
        copies += [
            (other, document)
            for other, shared in earlier.items()
            if other != document and shared >= SHARE * min(sizes[other], sizes[document])
        ]
    return first_of(list(sentences), copies)


def first_of(nodes: list[str], pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each node the first, in the order of the nodes, that pairs join it to, however indirectly."""
    joined: nx.Graph[str] = nx.Graph()
    joined.add_nodes_from(nodes)
    joined.add_edges_from(pairs)
    place = {node: index for index, node in enumerate(nodes)}
    return {
        node: min(together, key=place.__getitem__) for together in nx.connected_components(joined) for node in together
    }


def is_telling(text: str) -> bool:
    """Whether a text is long enough to tell a copy."""
    return len(letters(text)) >= LEAST
