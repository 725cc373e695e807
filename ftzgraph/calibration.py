"""Whether a confidence means what it says: of all that is said with .8, four in five should be right.

Reliability bins and the expected calibration error of Guo et al., *On Calibration of Modern Neural Networks* (ICML 2017).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ftzgraph.errors import OutputError
from ftzgraph.evaluation import Claim
from ftzgraph.files import write_atomically


@dataclass(frozen=True)
class Bin:
    """The claims whose confidence lies above ``low`` and up to ``high``: how many, their mean confidence, the share that is right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(claims: Sequence[Claim], bins: int = 10) -> list[Bin]:
    """Sort claims into bins of equal width by confidence; bins without claims are left out.

    >>> reliability([Claim("factor", 0.9, True), Claim("factor", 0.9, False), Claim("factor", 0.3, False)], bins=2)
    [Bin(low=0.0, high=0.5, count=1, confidence=0.3, accuracy=0.0), Bin(low=0.5, high=1.0, count=2, confidence=0.9, accuracy=0.5)]
    """
    found = []
    for i in range(bins):
        low, high = i / bins, (i + 1) / bins
        inside = [c for c in claims if (low < c.confidence or i == 0) and c.confidence <= high]
        if inside:
            said = sum(c.confidence for c in inside) / len(inside)
            found.append(Bin(low, high, len(inside), said, sum(c.right for c in inside) / len(inside)))
    return found


def expected_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy, weighted by the bins' counts.

    >>> round(expected_error([Bin(0, 0.5, 1, 0.3, 0.0), Bin(0.5, 1, 2, 0.9, 0.5)]), 3)
    0.367
    """
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.confidence - b.accuracy) for b in bins) / total if total else 0.0


def trade(claims: Sequence[Claim], thresholds: Sequence[float]) -> list[tuple[float, int, float, float]]:
    """Return, for each minimum confidence: itself, how many claims it leaves, their precision, and the share of right ones it keeps."""
    rows = []
    for least in thresholds:
        left = [c.right for c in claims if c.confidence >= least]
        right = sum(c.right for c in claims)
        rows.append((least, len(left), sum(left) / max(1, len(left)), sum(left) / max(1, right)))
    return rows


def reliability_plot(claims: Sequence[Claim], path: Path) -> None:
    """Draw accuracy over confidence for factors and links beside the diagonal of perfect calibration, with the bins' counts.

    Raises:
        OutputError: matplotlib is missing, or the file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise OutputError("a plot needs matplotlib: pip install 'ftzgraph[picture]'") from None
    figure = Figure(figsize=(7.2, 3.7), dpi=120, layout="constrained")
    for place, kind in enumerate(("factor", "link"), start=1):
        axes = figure.add_subplot(1, 2, place, aspect="equal")
        bins = reliability([c for c in claims if c.kind == kind])
        axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
        axes.plot([b.confidence for b in bins], [b.accuracy for b in bins], color="#0b6e99", marker="o")
        for b in bins:
            axes.annotate(str(b.count), (b.confidence, b.accuracy), (4, -11), textcoords="offset points", fontsize=7)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence", ylabel="share that is right")
        axes.set_title(f"{kind}s, expected calibration error {expected_error(bins):.3f}", fontsize=9)
    FigureCanvasAgg(figure)
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    write_atomically(path, content.getvalue())
