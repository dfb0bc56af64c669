"""What it means when OpenAlex does not answer with works: wait and ask again, or an error that says what to do.

The service says four things with status 429: slow down, this account is throttled, the day's budget is spent, this
takes a paid plan. Only the first two pass by waiting.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from kg.errors import KgError, counted
from kg.limits import DEPTH, JSON_SIZE, too_deep

#: The environment variable that holds the key.
KEY = "OPENALEX_API_KEY"
#: Seconds that are waited at most for one answer.
LONGEST_WAIT = 90.0


class OpenAlexError(KgError):
    """OpenAlex did not give what was asked for."""


class BudgetSpent(OpenAlexError):
    """The day's credits are used up; ``until`` is when there are new ones, in UTC."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            f"OpenAlex's budget of today is spent; there is a new one at {until:%Y-%m-%d %H:%M} UTC"
            + ("" if os.environ.get(KEY) else f"; a free key in {KEY} has ten times as much")
        )


class PlanNeeded(OpenAlexError):
    """What was asked for takes a paid plan."""


class KeyRefused(OpenAlexError):
    """The key is not known to OpenAlex."""


class QueryRefused(OpenAlexError):
    """OpenAlex does not understand the query."""


class NotFound(OpenAlexError):
    """There is no such work: it was never there, was deleted, or merged into another."""


class Unavailable(OpenAlexError):
    """OpenAlex does not answer, or not in a way that can be read; what was to be looked up is not checked."""


class Pause(Exception):
    """Ask again in ``seconds``; ``why`` is what OpenAlex answered."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds, self.why = seconds, why
        super().__init__(why)


def body_of(parts: Iterable[bytes]) -> bytes:
    """Return what an answer holds. Raises Unavailable where it is larger, or nested deeper, than an answer can be."""
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > JSON_SIZE.most:
            raise Unavailable(f"OpenAlex's answer is too long; accepted: {JSON_SIZE.accepted}")
    if body.startswith((b"{", b"[")) and too_deep(body):
        raise Unavailable(f"OpenAlex's answer is nested too deep; accepted: {DEPTH.accepted}")
    return bytes(body)


def failure_of(status: int, reason: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Exception:
    """Return what an answer other than 200 means: a Pause, or the OpenAlexError to end with.

    ``headers`` are found in any case of letters; ``now`` is in UTC.
    """
    wait = _seconds(headers.get("Retry-After", ""), now)
    if status == 429:
        return _too_many(wait, headers, body, now)
    if status >= 500 or status in (408, 425):
        return Pause(wait, f"it answers {status} ({reason})")
    if status == 401:
        return KeyRefused(f"OpenAlex does not know the key in {KEY}: correct it, or unset it to go on without one")
    if status == 404:
        return NotFound("OpenAlex has no such work")
    said = _said(body)
    if status in (400, 414):
        return QueryRefused(f"OpenAlex refuses the query: {said}")
    return OpenAlexError(f"OpenAlex answers {status} ({reason}): {said}")


def _too_many(wait: float, headers: Mapping[str, str], body: bytes, now: datetime) -> Exception:
    said, values = _said(body), _values(body)
    if "plan" in said.casefold() and "upgrade" in said.casefold():
        return PlanNeeded(f"OpenAlex wants a paid plan for this: {said}")
    remaining = headers.get("X-RateLimit-Remaining", values.get("creditsRemaining"))
    required = headers.get("X-RateLimit-Credits-Required", values.get("creditsRequired"))
    if wait > LONGEST_WAIT:
        return BudgetSpent(now + timedelta(seconds=wait))
    if _less(remaining, required):
        return BudgetSpent((now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0))
    return Pause(wait, "it asks to slow down")


def _seconds(value: str, now: datetime) -> float:
    """Return what ``Retry-After`` says, a number of seconds or a date; 0 where it says nothing."""
    text = value.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or timezone.utc) - now).total_seconds())


def _less(remaining: object, required: object) -> bool:
    try:
        return float(str(remaining)) < float(str(required))
    except ValueError:
        return False


def _values(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(body: bytes) -> str:
    """Return what an answer says went wrong, on one line, without the key, should it be repeated there."""
    values = _values(body)
    parts = [" ".join(str(values[name]).split()) for name in ("error", "message") if values.get(name)]
    text = ": ".join(part.rstrip(".") for part in parts) or " ".join(body.decode("utf-8", "replace").split())
    if not parts and (not text or "<" in text):
        text = f"{'a page of HTML' if text else 'nothing'}, {counted(len(body), 'byte')}"
    key = os.environ.get(KEY, "").strip()
    text = text.replace(key, "…") if key else text
    return text if len(text) <= 300 else text[:299] + "…"
