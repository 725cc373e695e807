"""What each part of the reader is worth, and what more text would bring: the tables of ``docs/extraction.md``.

    python -m training.ablation build/reader.pt

Beside the reader that ``make train`` made, readers are trained in the same way on less text and without the rules' word. All are scored on
the test split at the level of clauses (:func:`training.train.clause_f1`).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ftzgraph.extraction.encoding import RULE_LABELS
from training.examples import Example, prepare_splits
from training.pretrained import cut_tokenizer
from training.tok2vec import train_tok2vec
from training.train import HALF, begin, clause_f1, evaluate, resume, seed, train_reader

SHARES = (0.125, 0.25, 0.5)


def main() -> None:
    """Train the variants, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", type=Path, help="the checkpoint of make train")
    parser.add_argument("--corpus", type=Path, default=Path("data/corpus/passages"))
    parser.add_argument("--epochs", type=int, default=8)
    args = parser.parse_args()
    rows: list[tuple[str, int, dict[str, float]]] = []

    def show(name: str, train: Sequence[Example], figures: dict[str, float]) -> None:
        rows.append((name, sum(len(e.text) for e in train), figures))
        print(f"== {name}: " + " ".join(f"{k} {v:.3f}" for k, v in figures.items()), flush=True)

    parts = prepare_splits(args.corpus)
    test = parts["test"]
    show("rules", [], clause_f1(test, [e.features[:, RULE_LABELS].argmax(1) for e in test]))
    read = train_tok2vec(parts["train"])
    show("tok2vec from nothing", parts["train"], clause_f1(test, [read(e).argmax(1) for e in test]))
    for share in SHARES:
        some = prepare_splits(args.corpus, share=share)
        show(f"encoder + rules, {share:g} of the text", some["train"], _encoder(some, args.epochs))
    blind = prepare_splits(args.corpus, share=SHARES[1], rules=False)
    show(f"encoder alone, {SHARES[1]:g} of the text", blind["train"], _encoder(blind, args.epochs))
    show("encoder + rules, all of it (`make train`)", parts["train"], evaluate(resume(args.reader), test))
    print(
        "| reader | characters to learn from | factor | barrier/strategy | links |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for name, size, figures in rows:
        links = f"{figures['links']:.2f}" if "links" in figures else ""
        print(f"| {name} | {size:,} | {figures['factor']:.2f} | {figures['barrier/strategy']:.2f} | {links} |")


def _encoder(parts: dict[str, list[Example]], epochs: int) -> dict[str, float]:
    """Train as ``make train`` does and score on the test split."""
    _, keep = cut_tokenizer()
    seed(1)
    model = begin(keep)
    model.half = HALF
    train_reader(model, parts, epochs)
    return evaluate(model, parts["test"])


if __name__ == "__main__":
    main()
