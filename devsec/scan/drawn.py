"""Was this token drawn at random, or made up by somebody who needed something to show?

Asked of tokens with a prefix and a fixed shape: what they hold besides is random, and a random text has many different
characters, no words about examples and no runs of the alphabet. How unlikely a real token fails is said beside each.
"""

from __future__ import annotations

import re

from devsec.scan.published import is_published

_DISTINCT, _LONG = 8, 24  # of 24 characters drawn from 16 (hex), one in 30,000 has fewer than 8 different ones
_FEW, _SHORT = 5, 16  # of 16 such characters, one in 30,000 has fewer than 5
_RUN = 6  # `abcdef`, `012345`, `zyxwvu`: one in 10^8 for each place of a token of base 62
_SAME = 6  # `xxxxxx`: one in 10^9
# Words of five letters and more: a random token of base 62 holds one with a chance of one in 10^7 for each place.
_WORDS = re.compile(
    r"example|sample|dummy|placeholder|change.?me|replace|insert|redact|remove[dm]|hidden|masked|"
    r"(?:your|my|some|the|this|put|add|enter).{0,3}(?:token|secret|api.?key|key|pass)|"
    r"fake.?(?:token|secret|key)|test.?(?:token|secret|key)|(?:token|secret|key|value).?here|deadbeef|cafebabe|"
    r"badc0ffee|qwerty|asdfgh|lorem|ipsum|foobar|notreal|not.?a.?real|(?-i:xxxx|XXXX)|\*\*\*|\.\.\.",
    re.IGNORECASE,
)
# Small letters and separators alone, `my-token-of-the-runner`: one in 10^7 of 20 characters of base 64.
_SPOKEN = re.compile(r"(?:[a-z]*[_-])+[a-z]*")


def is_drawn(token: str) -> bool:
    """Whether nothing speaks against it."""
    body = token[-max(_SHORT, len(token) * 3 // 4) :]  # a prefix is not drawn
    if len(set(body)) < (_DISTINCT if len(body) >= _LONG else _FEW if len(body) >= _SHORT else 1):
        return False
    if _WORDS.search(token) or _has_run(body) or is_published(token):
        return False
    return not (len(body) >= _SHORT and _SPOKEN.fullmatch(body))


def _has_run(text: str) -> bool:
    """Characters in a row that are the same, or each the next (or the one before) of the alphabet or the digits."""
    longest = {0: 1, 1: 1, -1: 1}
    raw = text.encode("utf-8", "replace")
    codes = raw.lower()
    for at in range(1, len(raw)):
        step = codes[at] - codes[at - 1]
        for wanted in longest:
            longest[wanted] = longest[wanted] + 1 if step == wanted else 1
        if raw[at] != raw[at - 1]:
            longest[0] = (
                1  # `f` and `F` are not the same: keys of New Relic's end in `FFFFNRAL` whatever they begin with
            )
        if longest[0] >= _SAME or longest[1] >= _RUN or longest[-1] >= _RUN:
            return True
    return False
