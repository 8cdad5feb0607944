"""Which comments that silence something are wrong, do nothing, or are left over? And which entries of the configuration?

A comment is left over when its rule ran on the whole file and has no finding where it stands. Where a commit is compared with what
was there before, only what is news is told.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from devsec.desk import Desk
from devsec.finding import Finding
from devsec.levels import Level
from devsec.nearest import did_you_mean
from devsec.outcome import Checked, Outcome, Remark
from devsec.policy.judge import Verdict
from devsec.policy.level import stage_of
from devsec.policy.suppress import Ignore
from devsec.reasons import FIX_LATER
from devsec.record import Record
from devsec.sources.source import IGNORE, Skipped, Source

if TYPE_CHECKING:
    from devsec.news import Found

PROSE = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt")  # where such words are an example more often than not


class LeftOver(Record):
    """A comment, and those of its rules that have nothing to silence there."""

    comment: Ignore
    rules: tuple[str, ...]


def remarks(desk: Desk, one: Found, text: bytes, comments: Sequence[Ignore]) -> tuple[Remark, ...]:
    """What is to be said about the comments of a file, by line."""
    there = meant(one, text, comments)
    wrong = [(comment, says) for comment in there for says in _wrong(desk, comment)]
    if wrong and one.chosen.bases and desk.repository is not None:
        before = Counter(_name(comment) for comment in _comments_before(desk, one))
        wrong = [(comment, says) for comment, says in wrong if not _was_there(before, comment)]
    said = [Remark(comment.line, says) for comment, says in wrong]
    for left in left_over_in(desk, one, text, comments):
        rules = ", ".join(left.rules)
        said.append(
            Remark(
                left.comment.line,
                f"`devsec: ignore[{rules}]` silences nothing here: take it out, or let devsec fix do it",
            )
        )
    return tuple(sorted(said))


def left_over_in(desk: Desk, one: Found, text: bytes, comments: Sequence[Ignore]) -> tuple[LeftOver, ...]:
    """The comments of a file that silence nothing any more; in a commit, those that did before or are new."""
    if not one.whole:
        return ()  # it was not looked at as a whole: nobody knows
    found = _left_over(desk, meant(one, text, comments), one.findings)
    if found and one.chosen.bases and desk.repository is not None:
        before = Counter((_name(left.comment), left.rules) for left in _left_over_before(desk, one, found))
        news = []
        for left in found:
            name = (_name(left.comment), left.rules)
            if before[name] > 0:
                before[name] -= 1
            else:
                news.append(left)
        found = news
    return tuple(found)


def entries_left_over(desk: Desk, outcomes: Sequence[Outcome], everything: bool) -> frozenset[int]:
    """The entries of the configuration (from 0) that silence nothing, as far as all they are about was looked at."""
    config = desk.config
    looked = {outcome.path for outcome in outcomes if isinstance(outcome, Checked)}
    skipped = [outcome.path for outcome in outcomes if isinstance(outcome, Skipped)]
    findings = [
        judged.finding
        for outcome in outcomes
        if isinstance(outcome, Checked)
        for judged in outcome.judged
        if judged.verdict is not Verdict.OFF
    ]
    out = []
    for entry in config.ignored:
        known = everything or (not entry.is_glob() and entry.path in looked)
        if not known or any(entry.reaches(path) for path in skipped) or desk.only_news:
            continue
        if all(_at_work(desk, rule) for rule in entry.rules) and not any(entry.covers(one) for one in findings):
            out.append(entry.number)
    return frozenset(out)


def left_over(desk: Desk, outcomes: Sequence[Outcome], everything: bool) -> list[Outcome]:
    """The configuration with remarks on its entries that silence nothing, where all they are about was looked at."""
    said = sorted(entries_left_over(desk, outcomes, everything))
    if not said:
        return []
    lines = entry_lines(desk)
    told = tuple(
        Remark(lines[number], f"ignore {number + 1} silences nothing any more; take it out") for number in said
    )
    return [Checked(desk.config.file, (), told, aside=True)]


def entry_lines(desk: Desk) -> list[int]:
    """Where each entry of the configuration stands in its file."""
    from devsec import config_lines  # a reader of TOML that keeps places

    try:
        with open(os.path.join(desk.root, desk.config.file), "rb") as file:
            found = config_lines.lines(file.read().decode("utf-8-sig", "replace"))
    except OSError:
        found = {}
    above = (*config_lines.prefix(desk.config.file), "ignore")
    return [found.get((*above, entry.number), 1) for entry in desk.config.ignored]


def _wrong(desk: Desk, comment: Ignore) -> Iterator[str]:
    """What keeps a comment from silencing, or makes it doubtful, in sentences."""
    if comment.problem:
        yield f"this `devsec: ignore` silences nothing: it {comment.problem}"
        return
    for rule in comment.rules:
        if rule in desk.law.instead:
            yield f"the rule {rule} has become {desk.law.instead[rule]}; write that"
        elif rule in desk.gate.rules():
            if desk.terms(rule).unsilenceable:
                yield f"`devsec: ignore[{rule}]` does nothing: this rule cannot be silenced"
        elif desk.configured:
            hint = did_you_mean(rule, desk.gate.rules())
            yield f"this `devsec: ignore` names {rule!r}, and there is no such rule. {hint}".rstrip()
    if comment.reason.until:
        from devsec.today import today

        if comment.reason.distant(today()):
            yield f"{FIX_LATER}({comment.reason.until}) is more than a year off: accepted-risk(TICKET) says what it is"


def _left_over(desk: Desk, comments: Sequence[Ignore], findings: Sequence[Finding]) -> list[LeftOver]:
    out = []
    for comment in comments:
        if comment.problem:
            continue
        used = {finding.rule for finding in findings if comment.covers(finding)}
        used |= {desk.law.instead.get(rule, "") for rule in comment.rules}  # not written there
        rules = tuple(rule for rule in comment.rules if rule not in used and _at_work(desk, rule))
        if rules:
            out.append(LeftOver(comment, rules))
    return out


def _at_work(desk: Desk, rule: str) -> bool:
    """Whether a rule would say something here: one that is unknown, off, in shadow or deprecated says nothing, and that may
    change."""
    if rule not in desk.gate.rules() or rule in desk.off:
        return False
    terms = desk.terms(rule)
    off = terms.level is Level.OFF and not terms.when and desk.config.level(rule) is None
    return not off and not terms.deprecated and stage_of(terms)[0] != "shadow"


def meant(one: Found, text: bytes, comments: Sequence[Ignore]) -> list[Ignore]:
    """Those that are there to silence. In prose such words explain how it is done, unless nobody sees them, or they stand by a
    finding."""
    if not one.source.path.lower().endswith(PROSE):
        return list(comments)
    return [
        comment
        for comment in comments
        if text.startswith(b"<!--", comment.place.start)
        or any(comment.first <= f.end.line and f.start.line <= comment.last for f in one.findings)
    ]


def _name(comment: Ignore) -> tuple[tuple[str, ...], str]:
    return comment.rules, comment.reason.text


def _was_there(before: Counter[tuple[tuple[str, ...], str]], comment: Ignore) -> bool:
    # Not used up: one comment may have several things wrong with it, and a copy of it has the same ones.
    return before[_name(comment)] > 0


def _sources_before(desk: Desk, one: Found) -> Iterator[Source]:
    assert desk.repository is not None
    for base in one.chosen.bases[:1]:
        for _, data in desk.repository.read([base.blob]):
            if IGNORE in data:
                yield Source(base.path, data)


def _comments_before(desk: Desk, one: Found) -> list[Ignore]:
    from devsec.news import comments_in, text_of

    return [it for source in _sources_before(desk, one) for it in comments_in(desk, source.path, text_of(source))]


def _left_over_before(desk: Desk, one: Found, now: Sequence[LeftOver]) -> list[LeftOver]:
    """What was left over there of the rules that are now."""
    from devsec.news import comments_in, text_of

    rules = {rule for left in now for rule in left.rules}
    out: list[LeftOver] = []
    for source in _sources_before(desk, one):
        hits = tuple(rule for rule in desk.hits(source) if rule in rules)
        found = desk.scan(source, hits) if hits else ()
        if isinstance(found, Skipped):
            continue
        for left in _left_over(desk, comments_in(desk, source.path, text_of(source)), found):
            kept = tuple(rule for rule in left.rules if rule in rules)
            if kept:
                out.append(LeftOver(left.comment, kept))
    return out
