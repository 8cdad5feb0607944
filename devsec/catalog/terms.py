"""On which terms does a rule hold: at which level, where, from when, and may a repository weaken it?

Said by the rule's own file and by packs about rules of others (docs/rule-language.md, docs/packs.md). Plain data: what it
means for a finding is decided in policy/.
"""

from __future__ import annotations

from devsec.levels import Level
from devsec.record import Record

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from devsec.catalog.rule import Rule

EXPOSURES = ("internal", "partner", "public")
DATA = ("none", "standard", "sensitive")
LIFECYCLES = ("test", "experimental", "production", "deprecated")
STAGES = ("shadow", "warn", "block")


class When(Record):
    """One line of `when`. All that are given must hold of the path's context; empty parts ask nothing."""

    level: Level
    exposure: str = ""  # one of EXPOSURES
    data: str = ""  # one of DATA
    lifecycle: str = ""  # one of LIFECYCLES
    labels: tuple[str, ...] = ()  # all of them
    file: str = ""  # where it is said
    line: int = 0


class Said(Record):
    """One thing somebody said about a rule."""

    what: str  # "level block", "final", "stage warn", "block_from 2027-03-01", …
    file: str
    line: int


class Terms(Record):
    """What counts in the end, and who said what on the way: the rule's own file first."""

    level: Level  # the rule's default, after what packs said
    when: tuple[When, ...] = ()
    final: bool = False
    stage: str = ""  # "" or one of STAGES
    warn_from: str = ""  # ISO dates; "" none
    block_from: str = ""
    unsilenceable: bool = False
    in_tests: bool = False
    deprecated: str = ""  # id of the rule to use instead
    said: tuple[Said, ...] = ()


def terms_of(rule: Rule) -> Terms:
    """The terms of a rule, also of the many that say a level and nothing else."""
    if rule.terms is not None:
        return rule.terms
    return Terms(rule.level, said=(Said(f"level {rule.level.value}", rule.source, rule.level_line),))
