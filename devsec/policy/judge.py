"""What does a finding do to this commit? One verdict, one reason."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from devsec.catalog.terms import Terms
from devsec.config import Config
from devsec.finding import Finding
from devsec.policy.suppress import Ignore, silencer


class Verdict(str, Enum):
    """BLOCK, WARN and NOTE are new findings at that level; the others are not held against anybody today."""

    BLOCK = "block"
    WARN = "warn"
    NOTE = "note"
    KNOWN = "known"
    SUPPRESSED = "suppressed"
    OFF = "off"


class Judged(NamedTuple):
    """A finding and what it does, with the reason in words."""

    finding: Finding
    verdict: Verdict
    because: str


def judge(
    finding: Finding, ignores: Sequence[Ignore], known: str, config: Config, terms: Terms | None = None
) -> Judged:
    """`known` says where the finding was before, "" when it is new. The first of these that holds decides:

    the repository switched the rule off, it was there before, its author silenced it; else its level counts.
    """
    decided = config.level(finding.rule)
    level = finding.level if decided is None else decided
    because = (
        f"the rule's level is {level.value}"
        if decided is None
        else f"{config.file} sets {finding.rule} to {level.value}"
    )
    if level.value == "off":
        return Judged(finding, Verdict.OFF, because)
    if known:
        return Judged(finding, Verdict.KNOWN, known)
    ignore = silencer(finding, ignores)
    if ignore is not None:
        return Judged(finding, Verdict.SUPPRESSED, f"silenced on line {ignore.line}: {ignore.reason}")
    return Judged(finding, Verdict(level.value), because)
