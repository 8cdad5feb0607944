"""What does this YAML say about the terms of a rule? The keys `when`, `final`, `stage` …, which a rule's own file and a
pack.yaml have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from devsec.catalog.scalars import enum, list_or_one, mapping, one_of, text, texts, true
from devsec.catalog.terms import DATA, EXPOSURES, LIFECYCLES, STAGES, Said, Terms, When
from devsec.catalog.yaml_read import Node
from devsec.levels import Level

TERMS_KEYS = ("when", "final", "stage", "warn_from", "block_from", "unsilenceable", "in_tests", "deprecated")
_WHEN_KEYS = ("level", "exposure", "data", "lifecycle", "labels")
RULE_ID = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*/)?[a-z0-9]+(?:-[a-z0-9]+)*")


def terms_from(keys: Mapping[str, Node], level: Level) -> Terms | None:
    """The terms a rule's own file gives; None when it gives none but its level. `keys` are those of the rule. Raises
    RuleError."""
    if not any(key in keys for key in TERMS_KEYS):
        return None
    return refined(Terms(level), keys)


def refined(before: Terms, keys: Mapping[str, Node]) -> Terms:
    """The terms after what these keys (`level` and TERMS_KEYS; others are not looked at) say. Raises RuleError."""
    said = []
    after = before
    if "level" in keys:
        level = enum(keys["level"], Level)
        after = after._replace(level=level)
        said.append(_said(keys["level"], f"level {level.value}"))
    if "when" in keys:
        lines = tuple(_when(item) for item in list_or_one(keys["when"], "when"))
        after = after._replace(when=lines)
        said += [Said("when " + in_words(line), line.file, line.line) for line in lines]
    for key in ("final", "unsilenceable", "in_tests"):
        if key in keys:
            given: Any = {key: true(keys[key])}
            after = after._replace(**given)
            said.append(_said(keys[key], key))
    if "stage" in keys:
        after = after._replace(stage=one_of(keys["stage"], STAGES))
        said.append(_said(keys["stage"], f"stage {after.stage}"))
    for key in ("warn_from", "block_from"):
        if key in keys:
            given = {key: _date(keys[key])}
            after = after._replace(**given)
            said.append(_said(keys[key], f"{key} {getattr(after, key)}"))
    for key in ("block_from", "warn_from"):
        if key in keys and after.warn_from and after.block_from and after.warn_from > after.block_from:
            raise keys[key].wrong(
                f"it would warn from {after.warn_from} on, after it blocks from {after.block_from} on",
                "put warn_from before block_from",
            )
    if "deprecated" in keys:
        after = after._replace(deprecated=_instead(keys["deprecated"]))
        said.append(_said(keys["deprecated"], f"deprecated for {after.deprecated}"))
    return after._replace(said=(*before.said, *said))


def in_words(when: When) -> str:
    """`exposure public, data sensitive: block`."""
    asked = [f"{key} {getattr(when, key)}" for key in ("exposure", "data", "lifecycle") if getattr(when, key)]
    asked += [f"label {label}" for label in when.labels]
    return f"{', '.join(asked)}: {when.level.value}"


def _when(node: Node) -> When:
    keys = mapping(node, _WHEN_KEYS, ("level",), "a line of `when`")
    if len(keys) == 1:
        raise node.wrong("it asks nothing of the context", "one of exposure, data, lifecycle, labels beside the level")
    return When(
        enum(keys["level"], Level),
        one_of(keys["exposure"], EXPOSURES) if "exposure" in keys else "",
        one_of(keys["data"], DATA) if "data" in keys else "",
        one_of(keys["lifecycle"], LIFECYCLES) if "lifecycle" in keys else "",
        texts(keys["labels"]) if "labels" in keys else (),
        node.source,
        node.line,
    )


def _date(node: Node) -> str:
    import datetime  # only for rules that have one

    given = text(node)
    try:
        # `fromisoformat` of newer Pythons takes more than this form, which sorts by its letters.
        sound = len(given) == 10 and datetime.date.fromisoformat(given).isoformat() == given
    except ValueError:
        sound = False
    if not sound:
        raise node.wrong(f"`{given}` is no date", "such as 2027-03-01")
    return given


def _instead(node: Node) -> str:
    given = text(node)
    if not RULE_ID.fullmatch(given):
        raise node.wrong(f"`{given}` is no rule id", "the rule to use instead, such as acme/no-raw-requests")
    return given


def _said(node: Node, what: str) -> Said:
    return Said(what, node.source, node.key[0] or node.line)
