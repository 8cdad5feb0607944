"""At which level does a finding count at its path, and who said so?

The rule's default (after packs), then the strongest `when` that holds of the path's context, then how far the rule has been
rolled out, then tests, then the repository's own word. Each is a step with the place where it is said, kept for
`devsec explain FILE:LINE`. Levels change; severity never does. The same in a commit, in CI and for all files.
"""

from __future__ import annotations

from devsec.catalog.terms import Terms, When
from devsec.config import Config
from devsec.contexts import Context, context_of
from devsec.finding import Finding
from devsec.levels import Level
from devsec.record import Record

RANKS = {"off": 0, "shadow": 1, "note": 2, "warn": 3, "block": 4}
_WEAKER = {Level.BLOCK: Level.WARN, Level.WARN: Level.NOTE}


class Step(Record):
    """One thing that was taken into account: its `kind` (rule, place, when, stage, test, levels), in words, and the level
    after it ("shadow" too). `file` and `line` are where it is said, as far as that is known without looking for it."""

    kind: str
    says: str
    level: str
    file: str = ""
    line: int = 0


class Decided(Record):
    """`shadow`: it is counted and nothing else. `because` in words; `steps` are how it came to that, in order."""

    level: Level
    shadow: bool
    because: str
    steps: tuple[Step, ...]


def decide(finding: Finding, terms: Terms, config: Config) -> Decided:
    """The level of a finding where it stands. `finding.level` is the rule's default, or one less where its very place is
    doubtful (the check digits of a token do not hold)."""
    doubtful = finding.level is not terms.level
    steps = _default(terms)
    level, because = terms.level.value, f"the rule's level is {terms.level.value}"
    if doubtful:
        level = finding.level.value
        steps.append(Step("place", finding.remark or "what stands there is doubtful", level))
        because = f"the rule's level is {level}"
    context = context_of(finding.path, config.contexts)
    when = strongest(terms, context)
    if when is not None:
        found = _WEAKER.get(when.level, when.level) if doubtful else when.level
        level, because = found.value, f"the rule's level is {found.value} where {in_words(when)}"
        steps.append(Step("when", f"where {in_words(when)}, the rule's level is {when.level.value}", level, *_at(when)))
    stage, why = stage_of(terms)
    if stage and RANKS[level] > RANKS[stage]:
        level, because = stage, f"{because}; {why}"
    if stage and stage != "block":
        steps.append(Step("stage", why, level, *_said(terms, "stage", "warn_from", "block_from")))
    if context.lifecycle == "test":
        level, because = _in_tests(level, because, terms, doubtful, steps)
    own = config.level(finding.rule)
    if own is not None:
        if terms.final:
            steps.append(
                Step("final", "its level is final: a repository cannot lower it", level, *_said(terms, "final"))
            )
        if terms.final and RANKS[own.value] < RANKS[level]:
            says = f"{config.file} sets {finding.rule} to {own.value}, which does not count: its level is final"
            steps.append(Step("levels", says, level, config.file))
        else:
            level, because = own.value, f"{config.file} sets {finding.rule} to {own.value}"
            steps.append(Step("levels", because, level, config.file))
    shadow = level == "shadow"
    return Decided(Level.NOTE if shadow else Level(level), shadow, because, tuple(steps))


def strongest(terms: Terms, context: Context) -> When | None:
    """Of the lines of `when` that hold of a context, the one with the strongest level; the first of those."""
    holding = [when for when in terms.when if holds(when, context)]
    return max(holding, key=lambda when: RANKS[when.level.value], default=None)


def holds(when: When, context: Context) -> bool:
    """All that the line gives must be so."""
    return (
        when.exposure in ("", context.exposure)
        and when.data in ("", context.data)
        and when.lifecycle in ("", context.lifecycle)
        and set(when.labels) <= set(context.labels)
    )


def in_words(when: When) -> str:
    """What a line of `when` asks for."""
    parts = [f"{key} is {getattr(when, key)}" for key in ("exposure", "data", "lifecycle") if getattr(when, key)]
    parts += [f"the label {label} is there" for label in when.labels]
    return " and ".join(parts)


def stage_of(terms: Terms) -> tuple[str, str]:
    """How far the rule has been rolled out today, "" for as far as it goes; and why, in words.

    Stages only rise: a date that has passed is a stage that was reached. A rule with dates and no stage begins in shadow when
    there is a day on which it warns, and with warnings when there is only one on which it blocks.
    """
    if not (terms.stage or terms.warn_from or terms.block_from):
        return "", ""
    if not (terms.warn_from or terms.block_from):
        return stage_on("", terms)
    from devsec.today import today  # a clock only where there is a date

    return stage_on(today(), terms)


def stage_on(day: str, terms: Terms) -> tuple[str, str]:
    """As `stage_of`, on that day."""
    reached = terms.stage or ("shadow" if terms.warn_from else "warn")
    following = ""
    for stage, date in (("warn", terms.warn_from), ("block", terms.block_from)):
        if date and RANKS[reached] < RANKS[stage]:
            if date <= day:
                reached = stage
            else:
                following = following or f", until {date}"
    return reached, f"its stage is {reached}{following}"


def _default(terms: Terms) -> list[Step]:
    """The rule's own file first, then what packs made of it."""
    steps: list[Step] = []
    for said in terms.said:
        word, _, level = said.what.partition(" ")
        if word == "level":
            steps.append(
                Step("rule", f"{'then ' if steps else ''}the rule's level is {level}", level, said.file, said.line)
            )
    return steps or [Step("rule", f"the rule's level is {terms.level.value}", terms.level.value)]


def _in_tests(level: str, because: str, terms: Terms, doubtful: bool, steps: list[Step]) -> tuple[str, str]:
    if terms.in_tests and not doubtful:
        steps.append(Step("test", "its lifecycle is test, where this rule counts as everywhere", level))
        return level, because
    if RANKS[level] > RANKS["note"]:
        level, because = "note", f"{because}; in tests it is a note"
    steps.append(Step("test", "its lifecycle is test, where it is a note at most", level))
    return level, because


def _at(when: When) -> tuple[str, int]:
    return when.file, when.line


def _said(terms: Terms, *words: str) -> tuple[str, int]:
    """Where the last of what was said about one of these stands."""
    for said in reversed(terms.said):
        if said.what.split(" ")[0] in words:
            return said.file, said.line
    return "", 0
