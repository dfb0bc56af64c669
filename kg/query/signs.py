"""The signs in the cells of a map in the terminal, and their legend."""

from __future__ import annotations

from collections.abc import Collection, Mapping

#: Direction -> the sign after the number of studies; before it, a spreadsheet would read the cell as a formula.
DIRECTION_SIGNS = {"facilitator": "+", "barrier": "−", "mixed": "±", "no_effect": "=", "unspecified": "?"}
#: Direction -> its words, where they are other than its name and the review has none of its own.
DIRECTION_WORDS = {"no_effect": "no effect", "unspecified": "direction not stated"}
#: The sign before that of the direction, where the findings are about the absence of the factor.
ABSENCE_SIGN = "∅"
#: The sign after that of the direction, where every study is cited jointly or its tie is inferred.
INDIRECT_SIGN = "~"
#: The brackets around the number of studies that are not known to have examined the pair.
IMPLIED_SIGN = "(n)"
#: Sign -> what the legend says of it, where the map has it.
_MEANINGS = {
    ABSENCE_SIGN: f"{ABSENCE_SIGN} by the absence of the factor",
    INDIRECT_SIGN: f"{INDIRECT_SIGN} every study cited jointly or inferred",
    IMPLIED_SIGN: f"{IMPLIED_SIGN} implied: not known to have examined the pair",
}


def signed(studies: int, implied: int, sign: str) -> str:
    """Return the number of studies with their sign; those that are only implied are in brackets.

    >>> signed(3, 1, "+"), signed(2, 2, "")
    ('2+ (1+)', '(2)')
    """
    parts = [f"{studies - implied}{sign}"] if studies > implied else []
    return " ".join([*parts, *([f"({implied}{sign})"] if implied else [])])


def legend(used: Collection[str], words: Mapping[str, str], *, directed: bool = True) -> str:
    """Return the legend: the signs of all directions, the sign of a gap, and what else the map has.

    A map on which no direction is stated has numbers without signs. ``words`` are those of the review.
    """
    named = [f"n{sign} {words.get(d) or DIRECTION_WORDS.get(d, d)}" for d, sign in DIRECTION_SIGNS.items()]
    text = ", ".join([*named, "in studies"] if directed else ["n studies"])
    return "; ".join([f"{text}; · is a gap", *(says for sign, says in _MEANINGS.items() if sign in used)])
