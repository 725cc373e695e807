"""Asking a language model behind an OpenAI-compatible endpoint: retries, time-outs, cached answers, counted tokens.

What comes back is only ever parsed as JSON; whether it is true is for :mod:`ftzgraph.extraction.llm` to check.
"""

import hashlib
import json
import os
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

KEYS = ("FTZGRAPH_LLM_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the key, in the order of asking."""

_MOST_BYTES = 4_000_000  # of an answer; a section's runs to some ten thousand
_TRY_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504}
_LONGEST_WAIT = 60.0  # seconds, whatever Retry-After says
# How to ask for JSON, the strictest first: an endpoint that does not know a form answers 400, and the next is tried.
_FORMS = ("json_schema", "json_object", "text")


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
    _lock: Lock = field(default_factory=Lock)

    def ask(self, system: str, user: str, schema: dict[str, Any], accept: Callable[[Any], bool]) -> Any:
        """Return the model's answer, parsed from JSON.

        Args:
            system: what to do.
            user: what to do it with.
            schema: JSON schema of the answer.
            accept: whether a parsed answer has the shape that was asked for; one that has not is asked for again.

        Raises:
            ReaderError: no acceptable answer could be had. The message never holds the key.
        """
        asked = json.dumps([self.model, system, user, schema], ensure_ascii=False, sort_keys=True)
        key = hashlib.sha256(asked.encode()).hexdigest()
        if (known := self._known(key, accept)) is not None:
            self._count(cached=1)
            return known
        fault = ""
        for attempt in range(self.tries):
            if attempt:
                self.sleep(self._wait(key, attempt, fault))
            content, fault = self._request(system, user, schema)
            if content is None:
                continue
            try:
                answer = json.loads(_unfenced(content))
            except (ValueError, RecursionError):
                fault = "the answer is not JSON"
                continue
            if accept(answer):
                if self.cache:
                    self.cache.mkdir(parents=True, exist_ok=True)
                    write_atomically(self.cache / f"{key}.json", json.dumps(answer, ensure_ascii=False, indent=1))
                return answer
            fault = "the answer lacks what was asked for"
        raise ReaderError(f"{self.model} at {self.base_url}: {fault} ({self.tries} tries)")

    def _known(self, key: str, accept: Callable[[Any], bool]) -> Any:
        if self.cache is None:
            return None
        try:
            answer = json.loads((self.cache / f"{key}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None  # not there, or damaged: asked again
        return answer if accept(answer) else None

    def _wait(self, key: str, attempt: int, fault: str) -> float:
        """Seconds: what the endpoint asked for, else twice as long each time; spread by the question, so that parallel ones part."""
        _, _, asked = fault.partition("retry after ")
        if asked.isdecimal():
            return min(float(asked), _LONGEST_WAIT)
        return min(2.0**attempt, _LONGEST_WAIT) * (0.75 + int(key[:2], 16) / 512)

    def _request(self, system: str, user: str, schema: dict[str, Any]) -> tuple[str | None, str]:
        """One try: the answer's text, or ``None`` and what went wrong. Faults that no further try mends are raised."""
        import httpx

        if not self.base_url:
            raise ReaderError("the llm engine needs --base-url and --model (all that it asks is not in the cache)")
        body: dict[str, Any] = {
            "model": self.model,
            "temperature": 0,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
        }
        at = self._form
        form = _FORMS[at]
        if form == "json_schema":
            body["response_format"] = {
                "type": form,
                "json_schema": {"name": "argument", "schema": schema, "strict": True},
            }
        elif form == "json_object":
            body["response_format"] = {"type": form}
        self._count(requests=1)
        try:
            status, headers, content = self._post(body)
        except httpx.TimeoutException:
            return None, f"no answer within {self.timeout:g} seconds"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return None, f"{type(error).__name__}: {error}"
        if status == 400 and at + 1 < len(_FORMS):
            self._form = max(self._form, at + 1)  # another thread may have learnt it already
            return self._request(system, user, schema)
        if status in _TRY_AGAIN:
            after = headers.get("retry-after", "")
            return None, f"HTTP {status}" + (f", retry after {after}" if after.isdecimal() else "")
        if status != 200:
            raise ReaderError(f"{self.model} at {self.base_url}: HTTP {status}{_HINTS.get(status, '')}")
        return self._content(content)

    def _post(self, body: dict[str, Any]) -> "tuple[int, httpx.Headers, bytes]":
        import httpx

        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
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

    def _content(self, body: bytes) -> tuple[str | None, str]:
        try:
            answer = json.loads(body)
            choice = answer["choices"][0]
            content = choice["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError):
            return None, "the endpoint's answer is not a chat completion"
        usage = answer.get("usage")
        if isinstance(usage, dict):
            spent = {name: usage.get(name) for name in ("prompt_tokens", "completion_tokens")}
            self._count(**{name: n for name, n in spent.items() if isinstance(n, int) and n > 0})
        if choice.get("finish_reason") == "length":
            return None, "the answer was cut off"
        return (content, "") if isinstance(content, str) else (None, "the answer holds no text")

    def _count(self, **counts: int) -> None:
        with self._lock:
            self.counts.update(counts)


_HINTS = {
    301: " (redirects are not followed)",
    302: " (redirects are not followed)",
    307: " (redirects are not followed)",
    308: " (redirects are not followed)",
    401: f": set the key in {' or '.join(KEYS)}",
    403: f": set the key in {' or '.join(KEYS)}",
    404: ": is the base URL right, and does the model exist there?",
}


def _unfenced(content: str) -> str:
    """The JSON within a code fence, when a model puts one around it."""
    start, end = content.find("{"), content.rfind("}")
    return content[start : end + 1] if 0 <= start < end else content
