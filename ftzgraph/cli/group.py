"""What all commands have in common: their order, their help, how they end when something is wrong."""

import errno
import sys
from io import TextIOWrapper
from typing import Any

import click

from ftzgraph.errors import FtzgraphError


class _Failure(click.ClickException):
    """An error of ftzgraph: one line, exit status 1."""

    def show(self, file: Any = None) -> None:
        click.echo(f"ftzgraph: {' '.join(self.message.split())}", err=True)


class Command(click.Command):
    """A command whose epilog is examples, shown line by line."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples 示例"):
            for line in (self.epilog or "").splitlines():
                formatter.write(f"  {line}\n")


class Commands(Command, click.Group):
    """A group that lists its commands in the order of use and reports every :class:`FtzgraphError` in one line."""

    command_class = Command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, with streams that can take Chinese."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                # What goes to a file or a pipe is UTF-8 in every locale; a terminal gets what it can show.
                stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order in which they were added."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command.

        Raises:
            click.ClickException: what was wrong, in one line.
        """
        try:
            return super().invoke(ctx)
        except FtzgraphError as error:
            raise _Failure(str(error)) from error
        except OSError as error:  # what no part foresaw, such as a full disk behind standard output
            if error.errno == errno.EPIPE:
                raise
            place = f"{error.filename}: " if error.filename else ""
            raise _Failure(f"{place}{error.strerror or error}") from error
