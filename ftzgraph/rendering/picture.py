"""Pictures of a graph in a file, for a README, a slide or a paper: PNG or SVG."""

from pathlib import Path
from typing import Literal

from rdflib import Graph

from ftzgraph.analysis.graph import to_networkx
from ftzgraph.files import write_atomically
from ftzgraph.rendering.core import draw_core
from ftzgraph.rendering.matrix import draw_matrix
from ftzgraph.rendering.png import png
from ftzgraph.rendering.svg import svg


def picture(
    graph: Graph,
    path: Path,
    lang: str = "zh",
    kind: Literal["core", "matrix"] = "core",
    min_confidence: float = 0.0,
) -> None:
    """Draw a graph's causal core, or the matrix of its barriers and the strategies that address them.

    Args:
        graph: RDF in the shape of the ontology.
        path: file to write: SVG when it ends in ``.svg``, else PNG; the same bytes for the same graph, a PNG also
            depends on the fonts and the version of matplotlib.
        lang: ``"zh"`` or ``"en"``, the language of legend and captions.
        kind: what to draw.
        min_confidence: 0 to 1; factors and links below it are left out.

    Raises:
        GraphError: the graph holds no document or factor, or lacks something essential.
        OutputError: the file cannot be written, or is a PNG and matplotlib or a Chinese font is missing.
        ValueError: the language is neither ``"zh"`` nor ``"en"``.
    """
    draw = {"core": draw_core, "matrix": draw_matrix}[kind]
    drawing = draw(to_networkx(graph, min_confidence), lang)
    write_atomically(path, svg(drawing) if path.suffix.lower() == ".svg" else png(drawing))
