"""What the calls of OpenAlex cost, a limit on it, and what OpenAlex says is left for the day.

OpenAlex counts in credits, ten thousand of which are one US dollar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

from kg.loaders.openalex.failures import OpenAlexError
from kg.loaders.openalex.query import PRICES

CREDITS_PER_USD = 10_000
#: The headers that say what is left: of the day and paid in advance, with the credits of their unit. Those in dollars
#: are to replace those in credits.
_LEFT = (
    ("X-RateLimit-Remaining-USD", "X-RateLimit-Prepaid-Remaining-USD", CREDITS_PER_USD),
    ("X-RateLimit-Remaining", "X-RateLimit-Onetime-Remaining", 1),
)
_SEARCH = re.compile(r"(?:^|&)search[.=]|\.search(?:\.\w+)?:")


class BudgetReached(OpenAlexError):
    """The next call could cost more than what is left of the limit of this run; ``costs`` has the numbers."""

    def __init__(self, costs: Costs, price: int) -> None:
        self.costs, self.price = costs, price
        super().__init__(f"the next call costs {usd(price)}: {costs.report()}")


class Costs:
    """The ``credits`` that calls have cost, and the ``budget``: the credits that they may cost, None for any number.

    ``left`` are the credits that OpenAlex has left for today, those paid for in advance included; None if it does not
    say. ``budget`` counts from the first call of this object on.
    """

    def __init__(self, budget: int | None = None) -> None:
        self.budget, self.credits = budget, 0
        self.left: int | None = None
        self._prices = dict(PRICES)

    def price(self, kind: str) -> int:
        """Return the credits of a call (``one``, ``list``, ``search``): by the price list, or the last ones if more."""
        return max(PRICES[kind], self._prices[kind])

    def exceeds(self, credits: int) -> bool:
        """Return whether so many credits more are over the budget."""
        return self.budget is not None and self.credits + credits > self.budget

    def check(self, url: str) -> None:
        """Raise BudgetReached if a call of this URL could be over the budget."""
        price = self.price(kind_of(url))
        if self.exceeds(price):
            raise BudgetReached(self, price)

    def charge(self, url: str, headers: Mapping[str, str], *, ok: bool = True) -> bool:
        """Add the cost of a call according to the headers of its answer, ``ok`` or not; return whether they say it."""
        for daily, prepaid, unit in _LEFT:
            left = _credits(headers.get(daily), unit)
            if left is not None:
                self.left = left + (_credits(headers.get(prepaid), unit) or 0)
                break
        cost = _credits(headers.get("X-RateLimit-Credits-Used"))
        if cost is None:
            cost = _credits(headers.get("X-RateLimit-Cost-USD"), CREDITS_PER_USD)
        if cost is not None:
            self.credits += cost
            if ok:
                self._prices[kind_of(url)] = cost
        return cost is not None

    def estimate(self, url: str, found: Any) -> None:
        """Add the cost of a call whose headers do not say it: according to its body, else the price list."""
        meta = found.get("meta") if isinstance(found, dict) else None
        if isinstance(meta, dict):
            cost = _credits(meta.get("cost_usd"), CREDITS_PER_USD)
            self.credits += PRICES[kind_of(url)] if cost is None else cost

    def report(self) -> str:
        """Return what is spent and what is left, in words."""
        of_budget = "" if self.budget is None else f" of the budget of {usd(self.budget)}"
        left = "" if self.left is None else f"; OpenAlex has {usd(self.left)} left for today"
        return f"{usd(self.credits)}{of_budget} is spent{left}"


def usd(credits: int) -> str:
    """Return credits as an amount of money, to the credit: ``0.0495 USD``."""
    return f"{Decimal(credits) / CREDITS_PER_USD:f} USD"


def kind_of(url: str) -> str:
    """Return the kind of call of a URL, a key of ``PRICES``."""
    parts = urlsplit(url)
    if parts.path.strip("/").count("/"):
        return "one"
    return "search" if _SEARCH.search(unquote(parts.query)) else "list"


def _credits(value: object, unit: int = 1) -> int | None:
    """Return a number of a header or a body in credits; None for what is no such number."""
    text = str(value)
    return round(float(text) * unit) if re.fullmatch(r"\d{1,12}(?:\.\d{1,12})?", text, re.ASCII) else None
