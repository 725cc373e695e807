"""Arguments and options that several commands have."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

ENGINE = "model"  # ftzgraph.extraction.DEFAULT, without importing spaCy for --help

# Those of ftzgraph.knowledge.serialisation, without importing rdflib for --help.
GRAPH_FORMATS = (
    "turtle", "ntriples", "trig", "nquads", "jsonld", "rdfxml", "csv", "graphml", "gexf", "kumu", "cypher",
)  # fmt: skip

PATH = click.Path(path_type=Path, readable=False)  # what cannot be read is told like any other fault
WHERE = click.Path(path_type=str, readable=False)  # a graph file, a store folder or a URL, which a Path would spoil


def _check_confidence(ctx: click.Context, parameter: click.Parameter, value: float) -> float:
    if not 0 <= value <= 1:  # also catches NaN, which click's own range lets pass
        raise click.BadParameter(f"{value} is not between 0 and 1.")
    return value


graph_argument = click.argument("graph", type=WHERE)
lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    envvar="FTZGRAPH_LANG",
    show_default=True,
    show_envvar=True,
    help="Language of what is written for people. 输出语言。",
)
confidence_option = click.option(
    "--min-confidence",
    type=float,
    default=0.0,
    show_default=True,
    callback=_check_confidence,
    help="Leave out factors and links below this confidence, 0 to 1. 最低置信度。",
)
text_column_option = click.option(
    "--text-column",
    metavar="NAME",
    help="The column of a table that holds the text; by default one named text or 正文. 表格中正文所在的列。",
)


def engine_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add ``--engine`` and what the llm engine needs to know; the command gets them as ``engine`` and ``reader``."""

    @wraps(command)
    def run(
        engine: str, base_url: str, model: str, cache: Path | None, timeout: float, parallel: int, **others: Any
    ) -> None:
        reader: dict[str, str | int | float] = {}
        if engine == "llm":
            if cache is None and (output := others.get("output")):
                cache = output / "llm-cache"
            folder = str(cache.absolute()) if cache else ""
            reader = {"base_url": base_url, "model": model, "cache": folder, "timeout": timeout, "parallel": parallel}
        command(engine=engine, reader=reader, **others)

    options = (
        click.option(
            "--engine",
            default=ENGINE,
            show_default=True,
            metavar="model|rules|llm|NAME",
            help="The reader that finds factors and links: model (trained), rules (instant), llm (asks a language model), "
            "or one that you installed. 抽取引擎：model 训练模型，rules 规则，llm 大语言模型，或自装的引擎。",
        ),
        click.option(
            "--base-url",
            default="",
            envvar="FTZGRAPH_LLM_URL",
            show_envvar=True,
            help="llm: an OpenAI-compatible endpoint, as http://localhost:11434/v1. 接口地址。",
        ),
        click.option(
            "--model",
            default="",
            envvar="FTZGRAPH_LLM_MODEL",
            show_envvar=True,
            help="llm: the model's name there; the key comes from FTZGRAPH_LLM_KEY. 模型名；密钥取自环境变量。",
        ),
        click.option(
            "--cache",
            type=PATH,
            help="llm: folder that keeps the answers; build has OUTPUT/llm-cache. 缓存回答的文件夹。",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            default=120.0,
            show_default=True,
            help="llm: seconds until an answer must be there. 超时秒数。",
        ),
        click.option(
            "--parallel",
            type=click.IntRange(1, 64),
            default=4,
            show_default=True,
            help="llm: questions that each process asks at a time; the result is the same for any number. 每个进程的并行请求数。",
        ),
    )
    for option in reversed(options):
        run = option(run)
    return run


def _check_format(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Settle, before anything is read, in which format a graph is saved."""
    from ftzgraph.knowledge.serialisation import format_of

    output: Path | None = ctx.params.get("output")
    found = value or ("turtle" if output is None else format_of(output))
    if found is None:
        raise click.UsageError(f"{output}: no format has this suffix; choose one with --format.")
    if found == "csv" and output is None:
        raise click.UsageError("tables are two files: name that of the factors, as -o factors.csv.")
    return found


def saving_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add what says where and how to save a graph; the command gets it as ``output`` and ``format_``."""
    output = click.option(
        "-o",
        "--output",
        type=PATH,
        is_eager=True,  # the format depends on it
        help="File to write; standard output without it. 输出文件。",
    )
    form = click.option(
        "--format",
        "format_",
        type=click.Choice(GRAPH_FORMATS),
        callback=_check_format,
        help="The format; by default what the output's suffix says, else turtle. 目标格式。",
    )
    return output(form(command))
