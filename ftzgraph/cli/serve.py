"""``ftzgraph serve``: a graph over HTTP."""

import os
import signal
from typing import Any

import click

from ftzgraph.cli.group import Command
from ftzgraph.cli.options import confidence_option, graph_argument, lang_option
from ftzgraph.cli.output import progress


@click.command(
    cls=Command,
    short_help="Serve explorer, SPARQL and named queries. 启动网页与查询服务。",
    epilog="""ftzgraph serve output/graph.ttl --port 8000
ftzgraph serve reports/ --writable""",
)
@graph_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on. 监听地址。")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port. 端口。")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds that a query may take. 单次查询的时限（秒）。",
)
@lang_option
@confidence_option
@click.option(
    "--writable",
    is_flag=True,
    help="Take updates of a store folder from those who send the token in FTZGRAPH_TOKEN. 凭令牌接受更新（仅限存储文件夹）。",
)
@click.option("--cors", metavar="ORIGIN", help="Let pages of this origin ask, or any with *. 允许跨源访问的来源。")
def serve(
    graph: str,
    host: str,
    port: int,
    timeout: float,
    lang: str,
    min_confidence: float,
    writable: bool,
    cors: str | None,
) -> None:
    """Serve the explorer at /, a SPARQL endpoint at /sparql and the named queries at /queries, until Ctrl-C.

    启动本地服务，按 Ctrl-C 结束：/ 为交互网页，/sparql 为 SPARQL 接口，/queries 为常用查询。
    """
    from ftzgraph.service.server import Service

    token = os.environ.get("FTZGRAPH_TOKEN", "") if writable else ""
    if writable and not token:
        raise click.UsageError("--writable needs a token in the environment variable FTZGRAPH_TOKEN.")
    with progress("Starting" if lang == "en" else "启动服务"):
        options: dict[str, Any] = {"lang": lang, "min_confidence": min_confidence, "time_limit": timeout}
        service = Service(graph, host, port, token=token, cors=cors, **options)
    click.echo(f"{service.url}  ·  {service.url}sparql  ·  Ctrl-C")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        service.run()
    except KeyboardInterrupt:
        click.echo()
    finally:
        service.close()
