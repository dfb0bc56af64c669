"""The values that columns accept, each with other spellings of it, and what they mean."""

from __future__ import annotations

from typing import Final

#: The directions of a finding, with other spellings. A facilitator moves the outcome towards its favourable end.
DIRECTIONS: Final = {
    "facilitator": ("facilitates", "facilitating", "helps", "positive", "enabler", "+"),
    "barrier": ("hinders", "hindering", "negative", "inhibitor", "obstacle", "-", "−"),
    "mixed": ("both", "+/-", "±"),
    "no_effect": ("no effect", "none", "null", "not significant", "ns", "0"),
    "unspecified": ("reported", "unclear", "not stated"),
}
DIRECTION_MEANINGS: Final = {
    "facilitator": "moves the outcome towards its favourable end",
    "barrier": "moves the outcome away from its favourable end",
    "mixed": "one study reports both for this pair",
    "no_effect": "the study looked for an effect and found none",
    "unspecified": "factor and outcome are reported together, but no direction is stated",
}
#: The poles of a factor that a finding may speak of.
POLES: Final = {
    "presence": ("present", "the factor", "more"),
    "absence": ("absent", "lack", "lack of it", "less"),
}
POLE_MEANINGS: Final = {
    "presence": "the finding is about the factor being there",
    "absence": "the finding is about its lack",
}
APPROACHES: Final = {
    "quantitative": ("quant", "statistical"),
    "qualitative": ("qual",),
    "mixed methods": ("mixed", "mixed-methods", "mixed method"),
}
#: How the tie between a finding and its outcomes was coded; blank means that the study states it explicitly.
CERTAINTIES: Final[dict[str, tuple[str, ...]]] = {"joint": (), "inferred": ()}
CERTAINTY_MEANINGS: Final = {
    "joint": "one sentence ties several studies to several outcomes",
    "inferred": "the sentence with the tie cites no study; the studies are those that its section cites",
}
#: The classes of evidence of a study. One without a class counts as empirical.
EVIDENCE: Final = {
    "empirical": ("primary", "primary study", "primary research", "original research"),
    "review": ("secondary", "systematic review", "scoping review", "literature review", "meta-analysis"),
    "grey": ("gray", "grey literature", "gray literature"),
    "opinion": ("commentary", "editorial", "expert opinion", "perspective"),
}
EVIDENCE_MEANINGS: Final = {
    "empirical": "reports data of its own, in a journal or another reviewed place",
    "review": "sums up other studies, which may be included by themselves",
    "grey": "reports data outside journals, such as a report of an agency",
    "opinion": "argues without data of its own",
}
YES_NO: Final = {"yes": ("y", "true", "1", "x"), "no": ("n", "false", "0")}
#: The end of an outcome's scale that is favourable.
ENDS: Final = {"higher": ("more", "up", "high"), "lower": ("less", "down", "low")}
