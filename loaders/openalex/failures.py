"""Failures of OpenAlex: which responses are worth a retry, and the errors for the others.

Status 429 has four meanings: too many calls, the account is throttled, the budget of the day is spent, or the request
needs a paid plan. Only the first two pass by waiting.
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
#: The longest wait before a retry, in seconds.
LONGEST_WAIT = 90.0


#: What remains of the budget and what a call would cost, as header and in the body: in dollars, and in credits, which
#: the dollars are to replace.
_REMAINING = (
    ("X-RateLimit-Remaining-USD", "dailyRemainingUsd", "X-RateLimit-Cost-Required-USD", "costUsd"),
    ("X-RateLimit-Remaining", "creditsRemaining", "X-RateLimit-Credits-Required", "creditsRequired"),
)


class OpenAlexError(KgError):
    """OpenAlex did not return the requested data."""


class BudgetSpent(OpenAlexError):
    """The credits of the day are used up; there are new ones at ``until``, in UTC."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(
            f"OpenAlex's budget of today is spent; there is a new one at {until:%Y-%m-%d %H:%M} UTC"
            + ("" if os.environ.get(KEY) else f"; a free key in {KEY} has ten times as much")
        )


class PlanNeeded(OpenAlexError):
    """The request needs a paid plan."""


class KeyRefused(OpenAlexError):
    """OpenAlex does not know the key, or the key is malformed."""


class QueryRefused(OpenAlexError):
    """OpenAlex does not understand the query."""


class NotFound(OpenAlexError):
    """The work does not exist: it never did, or was deleted or merged into another."""


class Unavailable(OpenAlexError):
    """OpenAlex does not respond, or the response cannot be read. The works that were looked up may still exist."""


class RetryLater(Exception):
    """The call may succeed after ``seconds``; ``why`` is the failure."""

    def __init__(self, seconds: float, why: str) -> None:
        self.seconds, self.why = seconds, why
        super().__init__(why)


def read_body(parts: Iterable[bytes]) -> bytes:
    """Return the body of a response. Raises Unavailable where it is larger or nested more deeply than the limits."""
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > JSON_SIZE.most:
            raise Unavailable(f"OpenAlex's answer is too long; accepted: {JSON_SIZE.accepted}")
    if body.startswith((b"{", b"[")) and too_deep(body):
        raise Unavailable(f"OpenAlex's answer is nested too deep; accepted: {DEPTH.accepted}")
    return bytes(body)


def error_of_response(status: int, reason: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Exception:
    """Return the exception for a response with a status other than 200: RetryLater or an OpenAlexError.

    ``headers`` is case-insensitive; ``now`` is in UTC.
    """
    wait = _seconds(headers.get("Retry-After", ""), now)
    if status == 429:
        return _error_of_429(wait, headers, body, now)
    if status >= 500 or status in (408, 425):
        return RetryLater(wait, f"it answers {status} ({reason})")
    if status == 401:
        return KeyRefused(f"OpenAlex does not know the key in {KEY}: correct it, or unset it to go on without one")
    if status == 404:
        return NotFound("OpenAlex has no such work")
    message = _message(body)
    if status in (400, 414):
        return QueryRefused(f"OpenAlex refuses the query: {message}")
    return OpenAlexError(f"OpenAlex answers {status} ({reason}): {message}")


def _error_of_429(wait: float, headers: Mapping[str, str], body: bytes, now: datetime) -> Exception:
    message, values = _message(body), _json_object(body)
    if "plan" in message.casefold() and "upgrade" in message.casefold():
        return PlanNeeded(f"OpenAlex wants a paid plan for this: {message}")
    if "per second" in message.casefold():  # such an answer says that nothing remains, whatever does
        return RetryLater(wait, "it asks to slow down")
    if wait > LONGEST_WAIT:
        return BudgetSpent(now + timedelta(seconds=wait))
    for left, left_in_body, price, price_in_body in _REMAINING:
        if _is_less(headers.get(left, values.get(left_in_body)), headers.get(price, values.get(price_in_body))):
            return BudgetSpent((now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0))
    return RetryLater(wait, "it asks to slow down")


def _seconds(value: str, now: datetime) -> float:
    """Return the seconds of a ``Retry-After`` header, which holds a number or a date; 0 where it cannot be read."""
    text = value.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or timezone.utc) - now).total_seconds())


def _is_less(remaining: object, required: object) -> bool:
    try:
        return float(str(remaining)) < float(str(required))
    except ValueError:
        return False


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _message(body: bytes) -> str:
    """Return the error message of a response on one line; the key is removed from it."""
    values = _json_object(body)
    parts = [" ".join(str(values[name]).split()) for name in ("error", "message") if values.get(name)]
    text = ": ".join(part.rstrip(".") for part in parts) or " ".join(body.decode("utf-8", "replace").split())
    if not parts and (not text or "<" in text):
        text = f"{'a page of HTML' if text else 'nothing'}, {counted(len(body), 'byte')}"
    key = os.environ.get(KEY, "").strip()
    text = text.replace(key, "…") if key else text
    return text if len(text) <= 300 else text[:299] + "…"
