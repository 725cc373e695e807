"""Where the data that ships with the program lies: the ontology, the shapes, the named queries, the lexicons."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

_PACKAGE = Path(__file__).parent


def resource(name: str) -> Path:
    """Return the path of a shipped file or folder.

    Args:
        name: path below the top level of the project, such as ``"ontology/shapes.ttl"``.

    Returns:
        The path inside the installed wheel or, in a checkout, at the top level.

    Raises:
        FileNotFoundError: nothing of that name ships with the program.
    """
    for root in (_PACKAGE, _PACKAGE.parent):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"ftzgraph ships no {name}")


def templates(package: str, *, escape: bool = True) -> Environment:
    """Return the templates of a package.

    Args:
        package: its full name; the templates lie in its folder ``templates``.
        escape: whether what is filled in is escaped for HTML.
    """
    return Environment(
        loader=PackageLoader(package),
        autoescape=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
