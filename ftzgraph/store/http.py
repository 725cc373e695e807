"""Requests to a server that may be busy, slow, locked or not what it seems: retries, time limits, credentials.

Credentials come from the environment or netrc; no message and no log holds them.
"""

import netrc
import os
import re
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

import httpx

from ftzgraph.plain import line
from ftzgraph.store.base import StoreError

USER, PASSWORD, TOKEN = "FTZGRAPH_STORE_USER", "FTZGRAPH_STORE_PASSWORD", "FTZGRAPH_STORE_TOKEN"
"""Environment variables with the credentials of a remote store."""

_TRY_AGAIN: Final = {429, 502, 503, 504}
_FIRST_WAIT: Final = 0.5  # seconds; each further one is twice as long
_LONGEST_WAIT: Final = 60.0  # seconds, whatever Retry-After says
_MOST_SAID: Final = 200  # characters of what a server says about an error
_HINTS: Final = {
    401: f": set {TOKEN}, or {USER} and {PASSWORD}, or use netrc",
    403: f": whoever {TOKEN}, {USER} or netrc names may not do this",
    404: ": is the URL right?",
}

_AUTHORIZATION: Final = re.compile(r"\b(Basic|Bearer|Digest)\s+\S+", re.IGNORECASE)

Auth = httpx.Auth | Callable[[httpx.Request], httpx.Request] | None


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def media_type(self) -> str:
        """The type of the content without its parameters."""
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()

    def __str__(self) -> str:
        """What it says in one line, without credentials, for what is no success."""
        text = self.content[: 10 * _MOST_SAID].decode(errors="replace")
        for secret in filter(None, map(os.environ.get, (TOKEN, PASSWORD))):
            text = text.replace(secret, "…")
        text = _AUTHORIZATION.sub(r"\1 …", text)
        words = "" if text.lstrip().startswith("<") else line(text)[:_MOST_SAID]  # no web pages
        redirect = ": redirects are not followed" if 300 <= self.status < 400 else ""
        return f"HTTP {self.status}{redirect}{_HINTS.get(self.status, '')}{f': {words}' if words else ''}"


class Client:
    """Sends requests that may be repeated, more than once if need be.

    Args:
        timeout: seconds until an answer must be complete.
        tries: how often a request is sent before it fails.
        sleep: waits between tries.

    Raises:
        StoreError: the environment names a proxy or a certificate that cannot be used.
    """

    def __init__(self, timeout: float, tries: int, sleep: Callable[[float], None]) -> None:
        self._timeout = timeout
        self._tries = tries
        self._sleep = sleep
        try:
            # Redirects are not followed: credentials must not travel elsewhere.
            self._client = httpx.Client(timeout=httpx.Timeout(timeout, connect=10.0), follow_redirects=False)
        except (ImportError, OSError, ValueError) as error:
            raise StoreError(f"cannot connect as the environment says: {line(str(error))}") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes = b"") -> Reply:
        """Send a request until it is answered.

        Returns:
            The answer, whatever its status, unless that asks to come again later.

        Raises:
            StoreError: there is no answer, or none but that.
        """
        fault = ""
        for attempt in range(self._tries):
            wait = _FIRST_WAIT * 2**attempt
            # From None: what these say may hold what was sent, so that no traceback shows it either.
            try:
                reply = self._exchange(httpx.Request(method, url, headers=headers, content=content))
                if reply.status not in _TRY_AGAIN:
                    return reply
                fault, wait = str(reply), _retry_after(reply) or wait
            except (httpx.ReadTimeout, httpx.WriteTimeout):
                raise StoreError(f"{shown(url)}: no answer within {self._timeout:g} seconds") from None
            except httpx.TransportError as error:  # refused, reset, cut off
                fault = line(str(error)) or type(error).__name__
            except httpx.DecodingError:
                raise StoreError(f"{shown(url)}: the answer is broken") from None
            if attempt + 1 < self._tries:
                self._sleep(min(wait, _LONGEST_WAIT))
        raise StoreError(f"{shown(url)}: {fault} ({self._tries} tries)")

    def _exchange(self, request: httpx.Request) -> Reply:
        """Send once, and read the answer while there is time."""
        deadline = time.monotonic() + self._timeout
        response = self._client.send(request, auth=_credentials(request.url.host), stream=True)
        try:
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("too slow")
        finally:
            response.close()
        return Reply(response.status_code, response.headers, bytes(content))


class _Password(httpx.Auth):
    """User and password as the server wants them: basic, or digest when it asks for that."""

    def __init__(self, user: str, password: str) -> None:
        self._basic = httpx.BasicAuth(user, password)
        self._digest = httpx.DigestAuth(user, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Yield the requests to send."""
        response = yield next(self._basic.auth_flow(request))
        if response.status_code == 401 and response.headers.get("www-authenticate", "").lower().startswith("digest"):
            del request.headers["authorization"]
            yield from self._digest.auth_flow(request)


def shown(url: httpx.URL) -> str:
    """Return a URL as messages show it: without parameters, which may be secret."""
    return line(str(url.copy_with(query=None, fragment=None)))


def _retry_after(reply: Reply) -> float | None:
    """How long the server wants to be left alone: seconds, or until a date."""
    value = reply.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _credentials(host: str) -> Auth:
    token, user, password = (os.environ.get(name, "") for name in (TOKEN, USER, PASSWORD))
    if token:
        if not (token.isascii() and token.isprintable()):
            raise StoreError(f"{TOKEN} holds characters that cannot be sent: only printable ASCII can")
        return lambda request: _with_token(request, token)
    if user:
        return _Password(user, password)
    try:
        known = netrc.netrc(os.environ.get("NETRC") or Path.home() / ".netrc").authenticators(host)
    except FileNotFoundError:
        return None
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        raise StoreError("the netrc file cannot be read") from None
    return _Password(known[0], known[2] or "") if known else None


def _with_token(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
