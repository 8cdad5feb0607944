"""Which settings of a file does a rule ask about, and does its test hold for their values?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from devsec.catalog.rule import Literal, Rule, Shape, Test
from devsec.scan import plain
from devsec.scan.digests import holds_digests, is_digest
from devsec.scan.formats.by_name import REACH, could_be_strong, could_hold, long_enough
from devsec.scan.near_name import could_hold_secret
from devsec.scan.needs import gated_by_strength
from devsec.scan.settings import Setting, Unreadable, settings
from devsec.scan.spot import Place, Spot
from devsec.sources.source import Skipped, is_python


def spots(path: str, text: bytes, pairs: Sequence[tuple[Rule, Shape]]) -> list[Spot] | Skipped:
    """The settings that pass, for each rule; Skipped when the file should have been read and was not."""
    if is_python(path, text) and all(gated_by_strength(shape) for _, shape in pairs) and not could_hold_secret(text):
        return []
    found = settings(path, text)
    if isinstance(found, Unreadable):
        return Skipped(path, found.reason)
    out = []
    for setting in found:
        kind = setting.format.removeprefix("lines of ").partition(" ")[0]
        kind = "yaml" if kind == "kubernetes" else kind
        for rule, shape in pairs:
            asked = shape.setting
            if asked is None or not setting.value or (asked.formats and kind not in asked.formats):
                continue
            strong = kind == "python" and gated_by_strength(shape)
            if strong and not long_enough(setting.value):
                continue
            named = plain.words_match(asked.names, setting.name) if asked.names else _names_secret(setting.name)
            if not named or not (not shape.value or any(holds(test, setting) for test in shape.value)):
                continue
            # Too far from its name, where the gate asks for both: what is found does not hang on what else is there.
            if not strong or _is_near(_around(text, setting)):
                out.append(Spot(rule, shape, Place(setting.span, setting.span), setting.name))
    return out


@lru_cache(maxsize=4096)  # files share most of their names
def _names_secret(name: str) -> bool:
    if not could_hold(name.encode("utf-8", "replace") + b"="):
        return False
    from devsec.scan.secret_names import names_secret  # regexes that take 10 ms to get ready

    return names_secret(name)


def _is_near(text: bytes) -> bool:
    return could_be_strong(text) and could_hold_secret(text)


def _around(text: bytes, setting: Setting) -> bytes:
    return text[max(0, setting.span.start - REACH - 100) : setting.span.end + 3]


def holds(test: Test, setting: Setting) -> bool:
    """Whether a test that can be asked of a text holds for the value of a setting."""
    literal = test.string
    if not plain.holds(test, setting.value):
        return False
    if literal is not None:
        if literal.strength:
            from devsec.scan.strength import judge  # regexes that take 15 ms to get ready

            if _is_listed_digest(setting) or not judge(setting.value, setting.name).at_least(literal.strength):
                return False
        if not plain.is_like(_without_strength(literal), setting.value):
            return False
    return not any(holds(no, setting) for no in test.none_of)


def _is_listed_digest(setting: Setting) -> bool:
    """`HASHES = {"auth-token": "9f2c…"}`: in a list of digests the name is that of what was digested."""
    return any(holds_digests(key) for key in setting.keys[:-1]) and is_digest(setting.value)


def _without_strength(literal: Literal) -> Literal:
    return literal._replace(strength="")
