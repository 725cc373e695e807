"""What page and picture say to their readers, in Chinese and English: ``templates/texts.json``."""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = ("zh", "en")


@cache
def texts() -> dict[str, dict[str, str]]:
    """Return every text by key and language."""
    found: dict[str, dict[str, str]] = json.loads(template("texts.json"))
    return found


def say(key: str, lang: str, **values: object) -> str:
    """Return a text with its ``{names}`` filled in.

    Args:
        key: as in ``texts.json``; factor types and relations are keys too.
        lang: ``"zh"`` or ``"en"``.
        values: what to fill in.

    Raises:
        ValueError: there is no such language.
        KeyError: there is no such text.

    >>> say("counts", "en", factors=3, links=2)
    '3 factors · 2 links'
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no such language: {lang} (there are {' and '.join(LANGUAGES)})")
    return texts()[key][lang].format(**values)


def template(name: str) -> str:
    """Return a template file's text."""
    return (files("ftzgraph.rendering") / "templates" / name).read_text(encoding="utf-8")
