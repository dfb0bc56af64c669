"""LaTeX in the fields of BibTeX -> plain text, in time proportional to the length. Pure."""

from __future__ import annotations

import re
import unicodedata

#: The sign of an accent -> its combining character.
_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "b": "\u0331", "d": "\u0323",
    "r": "\u030a",
}  # fmt: skip
#: A command without an argument -> what it stands for.
_SYMBOLS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å",
    "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "i": "ı", "j": "ȷ", "ng": "ŋ", "NG": "Ŋ",
    "textgreater": ">", "textless": "<", "textbar": "|", "textbackslash": "\\", "textbraceleft": "{",
    "textbraceright": "}", "textasciitilde": "~", "textasciicircum": "^", "textunderscore": "_", "textdollar": "$",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’", "textquotedblleft": "“",
    "textquotedblright": "”", "textquotesingle": "'", "textquotedbl": '"', "quotedblbase": "„", "quotesinglbase": "‚",
    "guillemotleft": "«", "guillemotright": "»", "textellipsis": "…", "ldots": "…", "dots": "…", "textbullet": "•",
    "textperiodcentered": "·", "textdegree": "°", "degree": "°", "textregistered": "®", "texttrademark": "™",
    "textcopyright": "©", "copyright": "©", "pounds": "£", "textsterling": "£", "texteuro": "€", "euro": "€",
    "textmu": "µ", "micro": "µ", "textpm": "±", "pm": "±", "texttimes": "×", "times": "×", "cdot": "·", "div": "÷",
    "leq": "≤", "le": "≤", "geq": "≥", "ge": "≥", "neq": "≠", "ne": "≠", "approx": "≈", "sim": "∼", "infty": "∞",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "textonehalf": "½", "textasteriskcentered": "*", "ast": "*",
    "S": "§", "P": "¶", "textordfeminine": "ª", "textordmasculine": "º", "textexclamdown": "¡", "textquestiondown": "¿",
    "textnumero": "№", "prime": "′", "circ": "°", "checkmark": "✓", "textsuperscripttwo": "²", "ell": "ℓ",
    "varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ", "quad": " ", "qquad": " ", "newline": " ",
}  # fmt: skip
for _name in (
    *(
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
    ),
    *("omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
):
    _greek = unicodedata.lookup(f"GREEK SMALL LETTER {_name.replace('lambda', 'lamda').upper()}")
    _SYMBOLS[_name], _SYMBOLS[_name.capitalize()] = _greek, _greek.upper()

#: Commands that only format what follows; those with ``text``, ``math`` and ``operator`` in front as well.
_FORMATS = frozenset(
    """
    emph it bf tt sc sl em rm sf mbox hbox url href uppercase lowercase underline enquote protect relax footnotesize
    small large normalsize textsuperscript textsubscript ensuremath boldsymbol bm left right displaystyle bibinfo
    nobreakdash
    """.split()  # noqa: SIM905
)
_FORMATTING = re.compile(r"(?:text|math|operator)[a-z]{2,6}")
_TOKEN = re.compile(
    r"""
    \\(?P<accent>[`'^~"=.])\s*(?:\{\s*(?P<in>\\?[^\W\d_])\s*\}|(?P<on>\\[ij](?![A-Za-z])|[^\W\d_]))
  | \\(?P<letter>[cvuHkbdr])(?:\s*\{\s*(?P<in2>\\?[^\W\d_])\s*\}|\s+(?P<on2>\\?[^\W\d_]))
  | \\(?P<name>[A-Za-z]+)(?:[ \t]*\{[ \t]*\}|[ \t]+)?
  | \\(?P<escaped>[^A-Za-z\s])
  | \\(?=\s)
  | (?P<brace>[{}])
    """,
    re.VERBOSE,
)
_MATHS = re.compile(r"(?<!\\)\$([^$]{0,2000})(?<!\\)\$")
_SCRIPT = re.compile(r"[_^](?=[{\w+\\-])")
_TYPOGRAPHY = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))


def decode_latex(value: str) -> str:
    r"""Return text with the commands, braces and accents of LaTeX replaced by Unicode.

    Other commands leave their argument.


    >>> decode_latex(r"{\"U}ber CO$_2$ \textgreater{} 5\% \emph{in vivo}")
    'Über CO2 > 5% in vivo'
    """
    if not any(character in value for character in "\\{}$"):
        return value
    if "$" in value:
        value = _MATHS.sub(lambda found: f"{{{_SCRIPT.sub('', found[1])}}}", value)
    return unicodedata.normalize("NFC", _TOKEN.sub(_replaced, value))


def decode_prose(value: str) -> str:
    """Return text as ``decode_latex`` does, with the quotation marks and dashes that LaTeX makes of ASCII."""
    value = decode_latex(_protected(value))
    for ascii_form, character in _TYPOGRAPHY:
        value = value.replace(ascii_form, character)
    return value.replace("\0", "~")


def _protected(value: str) -> str:
    return value.replace("\\textasciitilde{}", "\0").replace("{\\textasciitilde}", "\0")


def _replaced(found: re.Match[str]) -> str:
    if accent := found["accent"] or found["letter"]:
        base = (found["in"] or found["on"] or found["in2"] or found["on2"]).lstrip("\\")
        return base + _ACCENTS[accent]
    if name := found["name"]:
        if name in _SYMBOLS:
            space = " " if found.group().endswith((" ", "\t")) and not _SYMBOLS[name].isalpha() else ""
            return _SYMBOLS[name] + space
        has_argument = found.string.startswith("{", found.end())
        return "" if has_argument or name in _FORMATS or _FORMATTING.fullmatch(name) else found.group()
    return found["escaped"] or ""
