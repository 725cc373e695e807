"""What commands show and write: progress, tables, JSON, files."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ftzgraph.files import Content
    from ftzgraph.knowledge.documents import Triples


@contextmanager
def progress(task: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal that something is going on; yields a function that takes how many of how many are done."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.completed:.0f}/{task.total:.0f}, {task.speed or 0:.1f}/s" if task.total else "")

    text, bar, _, remaining = Progress.get_default_columns()
    with Progress(text, bar, Rate(), remaining, console=Console(stderr=True), transient=True) as bars:
        shown = bars.add_task(task, total=None)
        yield lambda done, total: bars.update(shown, completed=done, total=total)


def show_table(rows: list[list[str]]) -> None:
    """Print columns, the first aligned left, the others right; a Chinese character is two columns wide."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        first = row[0] + " " * (widths[0] - cell_len(row[0]))
        rest = [" " * (w - cell_len(x)) + x for x, w in zip(row[1:], widths[1:], strict=True)]
        click.echo("  " + "  ".join([first, *rest]).rstrip())


def as_json(value: Any) -> str:
    """Write a value as JSON that people can read."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def save(graph: "Triples", output: Path | None, format_: str) -> None:
    """Save a graph and print the names of its files, or print the graph itself where there is no output.

    Raises:
        OutputError: a file cannot be written.
    """
    from ftzgraph.files import write_together
    from ftzgraph.knowledge.serialisation import outputs, serialise

    if output is None:
        click.echo(serialise(graph, format_), nl=False)
        return
    contents = outputs(graph, output, format_)
    write_together(contents)
    for path in contents:
        click.echo(path)


def write(content: "Content", output: Path | None) -> None:
    """Write a file and print its name, or print the content itself where there is no output.

    Raises:
        OutputError: the file cannot be written.
    """
    if output is None:
        for piece in (content,) if isinstance(content, str | bytes) else content:
            click.echo(piece, nl=False)
        return
    from ftzgraph.files import write_atomically

    write_atomically(output, content)
    click.echo(output)
