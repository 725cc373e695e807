"""The command line. Each command says what it does in English and Chinese; what it needs is imported when it runs.

A command stands in the module of its name (``merge`` in ``convert``) and is listed here, in the order of use. ``group``
is what commands have in common, ``options`` and ``output`` hold what several of them take and show.
"""

import click

from ftzgraph import __version__
from ftzgraph.cli import (
    analyse,
    build,
    concepts,
    convert,
    diff,
    evaluate,
    ontology,
    query,
    render,
    review,
    serve,
    store,
    text,
    validate,
)
from ftzgraph.cli.group import Commands


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    name="ftzgraph",
    epilog="""ftzgraph build data/ftz-upgrade-strategy.txt -o output/
ftzgraph query output/graph.ttl --name unanswered-barriers""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Turn the argument of Chinese policy documents into a knowledge graph with verbatim evidence.

    将中文政策文本中的问题、原因、后果、对策与目标及其相互联系抽取为知识图谱，每一条都附原文出处。
    """


for command in (
    build.build,
    concepts.concepts,
    review.review,
    query.query,
    analyse.analyse,
    diff.diff,
    render.render,
    validate.validate,
    text.text,
    serve.serve,
    evaluate.evaluate,
    convert.convert,
    convert.merge,
    ontology.ontology,
    store.store,
):
    main.add_command(command)
