"""Content negotiation: which of the forms that we can write a client likes best (RFC 9110, section 12.5.1)."""

from collections.abc import Iterable
from http import HTTPStatus

from ftzgraph.service.answers import Refusal


def choose(accept: str, offers: Iterable[str]) -> str:
    """Return the media type to answer with.

    Args:
        accept: the request's ``Accept`` header, ``""`` when it has none. What is malformed in it counts for nothing.
        offers: media types, the one that we like best first.

    Raises:
        Refusal: 406, the client takes none of them.

    >>> choose("text/csv;q=0.5, application/*", ["text/csv", "application/json"])
    'application/json'
    >>> choose("", ["text/turtle", "text/html"])
    'text/turtle'
    """
    offered = list(offers)
    ranges = dict(filter(None, map(_range, accept.split(",")))) if accept.strip() else {"*/*": 1.0}
    best = max(offered, key=lambda offer: _quality(offer, ranges))
    if not _quality(best, ranges):
        raise Refusal(HTTPStatus.NOT_ACCEPTABLE, f"this can be had as {', '.join(offered)}")
    return best


def _quality(offer: str, ranges: dict[str, float]) -> float:
    """How much a media type is liked: what its most exact range says."""
    exact = (offer, f"{offer.partition('/')[0]}/*", "*/*")
    return next((ranges[name] for name in exact if name in ranges), 0.0)


def _range(written: str) -> tuple[str, float] | None:
    media_type, *parameters = (part.strip().lower() for part in written.split(";"))
    weight = next((value for name, _, value in (p.partition("=") for p in parameters) if name.strip() == "q"), "1")
    try:
        quality = float(weight)
    except ValueError:
        return None
    return (media_type, quality) if 0 <= quality <= 1 else None
