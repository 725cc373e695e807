"""``python -m ftzgraph`` is the command line."""

from ftzgraph.cli import main

main(prog_name="ftzgraph")
