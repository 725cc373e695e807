"""Asking a language model behind an OpenAI-compatible endpoint: retries, time-outs, cached answers, counted tokens.

What comes back is only ever parsed as JSON; whether it is true is for :mod:`ftzgraph.extraction.llm` to check.
"""

import hashlib
import json
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from ftzgraph.errors import ReaderError
from ftzgraph.files import write_atomically

if TYPE_CHECKING:
    import httpx

KEY = "FTZGRAPH_LLM_KEY"
"""Environment variable that may hold the key."""

_MOST_BYTES = 4_000_000  # of an answer; a section's runs to some ten thousand
_MOST_SAID = 200  # characters of what the endpoint says about an error
_TRY_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT = 60.0  # seconds, whatever Retry-After says
# How to ask for JSON, the strictest first: an endpoint that does not know a form refuses, and the next is tried.
_FORMS = ("json_schema", "json_object", "text")
_REFUSED = {400, 422}


class _TryError(Exception):
    """A try that failed, when the next may not; ``wait`` is how long the endpoint asked to be left alone."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


class _AnswerError(_TryError):
    """The endpoint did its part, but what the model said is no answer."""


@dataclass
class ChatClient:
    """A model behind an endpoint, with a cache of what it has answered.

    Attributes:
        base_url: where ``/chat/completions`` stands, such as ``http://localhost:11434/v1``; may be empty when all is cached.
        model: the model's name there.
        cache: folder of answers, ``None`` for no cache. An answer's name is the hash of everything that was asked.
        timeout: seconds until an answer must be complete.
        tries: how often a question is asked before it fails.
        counts: requests, answers from the cache, prompt and completion tokens.
        sleep: waits between tries.
    """

    base_url: str
    model: str
    cache: Path | None = None
    timeout: float = 120.0
    tries: int = 4
    counts: Counter[str] = field(default_factory=Counter)
    sleep: Callable[[float], None] = time.sleep
    _form: int = 0
    _temperature: bool = True
    _lock: Lock = field(default_factory=Lock)

    def ask(
        self, system: str, user: str, schema: dict[str, Any], accept: Callable[[Any], bool], otherwise: dict[str, Any]
    ) -> Any:
        """Return the model's answer, parsed from JSON.

        Args:
            system: what to do.
            user: what to do it with.
            schema: JSON schema of the answer.
            accept: whether a parsed answer has the shape that was asked for; one that has not is asked for again.
            otherwise: what is taken, and cached, for the answer of a model that keeps refusing, chatting or being cut off;
                ``"fault"`` is added, which says why.

        Raises:
            ReaderError: the endpoint could not be asked. The message never holds the key.
        """
        asked = json.dumps([self.model, system, user, schema], sort_keys=True)
        key = hashlib.sha256(asked.encode()).hexdigest()
        if (known := self._known(key, accept)) is not None:
            self._count(cached=1)
            return known
        fault = _TryError("")
        for attempt in range(self.tries):
            if attempt:
                self.sleep(self._wait(key, attempt, fault))
            try:
                return self._keep(key, _parsed(self._request(system, user, schema), accept), accept)
            except _TryError as error:
                fault = error
        if isinstance(fault, _AnswerError):
            # One section that a model will not read must not cost the others; cached, for a rebuild gives the same bytes.
            return self._keep(key, {**otherwise, "fault": str(fault)}, accept)
        raise self._error(f"{fault} ({self.tries} tries)")

    def _known(self, key: str, accept: Callable[[Any], bool]) -> Any:
        if self.cache is None:
            return None
        try:
            answer = json.loads((self.cache / f"{key}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None  # not there, or damaged: asked again
        return answer if accept(answer) else None

    def _keep(self, key: str, answer: Any, accept: Callable[[Any], bool]) -> Any:
        """Cache an answer and return it, or the one that another process has cached meanwhile: all go on with the first."""
        if self.cache is None:
            return answer
        path = self.cache / f"{key}.json"
        temporary = path.with_name(f"{key}.{secrets.token_hex(4)}")
        try:
            content = json.dumps(answer, indent=1)  # ASCII, for a model may send half a surrogate
        except RecursionError:
            raise _AnswerError("the answer is nested too deeply") from None
        write_atomically(temporary, content)
        try:
            os.link(temporary, path)  # fails where a file is, unlike a renaming
        except OSError:
            if (first := self._known(key, accept)) is not None:
                return first
            write_atomically(path, content)  # what was there is damaged, or the file system has no links
        finally:
            temporary.unlink(missing_ok=True)
        return answer

    def _wait(self, key: str, attempt: int, fault: _TryError) -> float:
        """Seconds: what the endpoint asked for, else twice as long each time; spread by the question, so that parallel ones part."""
        if fault.wait is not None:
            return min(fault.wait, _LONGEST_WAIT)
        return min(2.0**attempt, _LONGEST_WAIT) * (0.75 + int(key[:2], 16) / 512)

    def _request(self, system: str, user: str, schema: dict[str, Any]) -> str:
        """One try: the answer's text. Faults that no further try mends are a :class:`ReaderError`."""
        if not self.base_url:
            raise ReaderError("the llm engine needs --base-url and --model (all that it asks is not in the cache)")
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        }
        formats: dict[str, dict[str, Any]] = {
            "json_schema": {"json_schema": {"name": "argument", "schema": schema, "strict": True}},
            "json_object": {},
        }
        form, temperature = self._form, self._temperature
        while True:
            name = _FORMS[form]
            more = {"response_format": {"type": name, **formats[name]}} if name in formats else {}
            status, headers, content = self._post({**body, **more, **({"temperature": 0} if temperature else {})})
            if status == 200:
                with self._lock:  # what an endpoint does not know it is not asked again
                    self._form = max(self._form, form)
                    self._temperature = self._temperature and temperature
                return self._content(content)
            if status in _REFUSED and temperature and b"temperature" in content.lower():
                temperature = False
            elif status in _REFUSED and form + 1 < len(_FORMS):
                form += 1
            else:
                break
        said = _message(content)
        if status in _TRY_AGAIN:
            after = headers.get("retry-after", "")
            wait = float(after) if after.isdecimal() else None
            raise _TryError(f"HTTP {status}{f': {said}' if said else ''}", wait)
        raise self._error(f"HTTP {status}{_HINTS.get(status, '')}{f': {said}' if said else ''}")

    def _post(self, body: dict[str, Any]) -> "tuple[int, httpx.Headers, bytes]":
        """Send one request; what may go better next time is a :class:`_TryError`."""
        try:
            import httpx
        except ImportError:
            raise ReaderError("the llm engine needs httpx: pip install 'ftzgraph[llm]'") from None
        self._count(requests=1)
        key = _key()
        # From None: what these say may hold the key, so that no traceback shows it either.
        try:
            return self._exchange(body, {"Authorization": f"Bearer {key}"} if key else {})
        except httpx.TimeoutException:
            raise _TryError(f"no answer within {self.timeout:g} seconds") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise self._error(f"{type(error).__name__}: is the base URL right?") from None
        except httpx.LocalProtocolError as error:
            raise _TryError(type(error).__name__) from None
        except httpx.HTTPError as error:
            raise _TryError(f"{type(error).__name__}: {error}") from None
        except (ImportError, ValueError, OverflowError, OSError) as error:  # an odd proxy, time-out or certificate
            raise self._error(f"{type(error).__name__}: {error}") from None

    def _exchange(self, body: dict[str, Any], headers: dict[str, str]) -> "tuple[int, httpx.Headers, bytes]":
        import httpx

        deadline = time.monotonic() + self.timeout
        url = self.base_url.rstrip("/") + "/chat/completions"
        # Redirects are not followed: the key must not travel elsewhere.
        with (
            httpx.Client(timeout=self.timeout, follow_redirects=False) as client,
            client.stream("POST", url, json=body, headers=headers) as response,
        ):
            content = b""
            for part in response.iter_bytes():
                content += part
                if len(content) > _MOST_BYTES:
                    raise httpx.ReadError("the answer is too long")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("too slow")
            return response.status_code, response.headers, content

    def _error(self, said: str) -> ReaderError:
        """An error in one line without key or password."""
        place = re.sub(r"^([a-z]+://)?.*@", r"\1", self.base_url, flags=re.IGNORECASE | re.DOTALL)
        return ReaderError(_one_line(f"{self.model} at {place}: {said}"))

    def _content(self, body: bytes) -> str:
        try:
            answer = json.loads(body)
            choice = answer["choices"][0]
            content = choice["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError):
            raise _TryError("the endpoint's answer is not a chat completion") from None
        usage = answer.get("usage")
        if isinstance(usage, dict):
            spent = {name: usage.get(name) for name in ("prompt_tokens", "completion_tokens")}
            self._count(**{name: n for name, n in spent.items() if isinstance(n, int) and n > 0})
        if choice.get("finish_reason") == "length":
            raise _AnswerError("the answer was cut off")
        if not isinstance(content, str):
            raise _AnswerError("the answer holds no text")
        return content

    def _count(self, **counts: int) -> None:
        with self._lock:
            self.counts.update(counts)


_HINTS = {
    301: " (redirects are not followed)",
    302: " (redirects are not followed)",
    307: " (redirects are not followed)",
    308: " (redirects are not followed)",
    401: f" (set the key in {KEY})",
    403: f" (set the key in {KEY})",
    404: " (is the base URL right, and does the model exist there?)",
}


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ReaderError(f"the key in {KEY} holds characters that cannot be sent: only printable ASCII can")
    return key


def _one_line(said: str) -> str:
    """A text that may come from anywhere, fit to be shown: without key, passwords in URLs, and what no terminal should see."""
    if key := _key():
        said = said.replace(key, "…")
    said = re.sub(r"//[^/\s]*@", "//", said)
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


def _message(body: bytes) -> str:
    """What an endpoint says about an error, the beginning of it in one line."""
    said = body.decode(errors="replace")
    try:
        error = json.loads(body)
        error = error.get("error", error)
        said = str(error.get("message", said) if isinstance(error, dict) else error)
    except (ValueError, AttributeError, RecursionError):
        pass  # another form: shown as it is
    return "" if said.lstrip().startswith("<") else _one_line(said)[:_MOST_SAID]  # no web pages


def _parsed(content: str, accept: Callable[[Any], bool]) -> Any:
    try:
        answer = json.loads(_unfenced(content))
    except (ValueError, RecursionError):
        raise _AnswerError("the answer is not JSON") from None
    if not accept(answer):
        raise _AnswerError("the answer lacks what was asked for")
    return answer


def _unfenced(content: str) -> str:
    """The JSON of an answer, when a model puts a code fence around it, or its thoughts before (the first tag may be missing)."""
    thoughts, tag, rest = content.partition("</think>")
    if tag and not thoughts.lstrip().startswith(("{", "`")):
        content = rest
    start, end = content.find("{"), content.rfind("}")
    return content[start : end + 1] if 0 <= start < end else content
