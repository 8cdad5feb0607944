"""Which silences are there, why, since when, and who answers for them? Comments in files, and entries of the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from devsec.comments import entries_left_over, entry_lines, left_over_in, meant
from devsec.desk import Desk, Request
from devsec.finding import Finding
from devsec.news import Found, judged_of, text_of
from devsec.outcome import Checked, Outcome
from devsec.owners import Owners
from devsec.owners import load as load_owners
from devsec.policy.suppress import ignores
from devsec.reasons import Reason
from devsec.record import Record
from devsec.run import choose, outcome_of
from devsec.sources.source import IGNORE, Passed, Skipped
from devsec.today import today


class Listed(Record):
    """One rule that somebody silenced at a place. `about` is the path an entry of the configuration speaks of, "" for a comment.

    `since` is the day its line was written, "" when that is not known (not committed, a shallow clone). `unused` is None where
    nobody knows: its rule is off, or the file could not be looked at. `nothing` says why it silences nothing, "" when it may.
    """

    path: str
    line: int
    rule: str
    reason: Reason
    about: str = ""
    since: str = ""
    owners: tuple[str, ...] = ()
    expired: bool = False
    soon: bool = False
    unused: bool | None = None
    nothing: str = ""


class List(Record):
    """All of them by place; `skipped` could not be read. `hidden` has, for each path, what no output may show of its text."""

    found: tuple[Listed, ...]
    skipped: tuple[Skipped, ...]
    root: str
    hidden: dict[str, tuple[bytes, tuple[Finding, ...]]]


def silences(request: Request) -> List:
    """Those in the files asked for; in all that git has or would add without any."""
    desk = Desk(request)
    desk.gate  # noqa: B018  # a configuration that makes no sense is said first
    chosen, wanted = choose(desk, request, on_disk=True)
    del chosen
    day, owners = today(), load_owners(desk.root)
    out: list[Listed] = []
    outcomes: list[Outcome] = []
    skipped: list[Skipped] = []
    hidden: dict[str, tuple[bytes, tuple[Finding, ...]]] = {}
    for one, source in wanted.read(wanted.files):
        if isinstance(source, Skipped):
            skipped.append(source)
            outcomes.append(source)
            continue
        if isinstance(source, Passed):
            continue
        entries = [entry for entry in desk.config.ignored if entry.reaches(source.path)]
        if IGNORE not in source.data and not entries:
            outcomes.append(Checked(source.path))
            continue
        looked = outcome_of(desk, one, source)
        found = looked if isinstance(looked, Found) else Found(one, source, (), whole=isinstance(looked, Checked))
        outcomes.append(judged_of(desk, found, {}) if found.whole else Skipped(source.path, "not looked at as a whole"))
        text = text_of(source)
        hidden[source.path] = (text, found.findings)
        out += _of_file(desk, found, text, owners, day)
    out += _of_configuration(desk, request, outcomes, owners, day)
    return List(tuple(sorted(out, key=_place)), tuple(skipped), desk.root, hidden)


def _place(one: Listed) -> tuple[str, int, str]:
    return one.path, one.line, one.rule


def _of_file(desk: Desk, found: Found, text: bytes, owners: Owners, day: str) -> list[Listed]:
    path = found.source.path
    comments = meant(found, text, ignores(path, text))
    if not comments:
        return []
    left = {(it.comment, rule) for it in left_over_in(desk, found, text, comments) for rule in it.rules}
    days = desk.repository.blame(path, [it.line for it in comments]) if desk.repository is not None else {}
    out = []
    for comment in comments:
        for rule in comment.rules or ("",):
            used = any(comment.covers(finding) and finding.rule == rule for finding in found.findings)
            unused = True if (comment, rule) in left else False if used else None
            nothing = f"it {comment.problem}" if comment.problem else _nothing(desk, rule)
            one = _listed(desk, path, comment.line, rule, comment.reason, day)
            out.append(
                one._replace(since=days.get(comment.line, ""), owners=owners.of(path), unused=unused, nothing=nothing)
            )
    return out


def _of_configuration(
    desk: Desk, request: Request, outcomes: Sequence[Outcome], owners: Owners, day: str
) -> list[Listed]:
    config = desk.config
    looked = [outcome.path for outcome in outcomes]
    entries = [it for it in config.ignored if not request.paths or any(it.reaches(path) for path in looked)]
    if not entries:
        return []
    lines = entry_lines(desk)
    left = entries_left_over(desk, outcomes, not request.paths)
    findings = [judged.finding for it in outcomes if isinstance(it, Checked) for judged in it.judged]
    days = desk.repository.blame(config.file, [lines[it.number] for it in entries]) if desk.repository else {}
    out = []
    for entry in entries:
        line = lines[entry.number]
        for rule in entry.rules:
            used = any(entry.covers(finding) and finding.rule == rule for finding in findings)
            one = _listed(desk, config.file, line, rule, entry.reason, day)
            out.append(
                one._replace(
                    about=entry.path,
                    since=days.get(line, ""),
                    owners=owners.of(config.file if entry.is_glob() else entry.path),
                    unused=True if entry.number in left else False if used else None,
                    nothing=_nothing(desk, rule),
                )
            )
    return out


def _listed(desk: Desk, path: str, line: int, rule: str, reason: Reason, day: str) -> Listed:
    good = not reason.problem
    return Listed(path, line, rule, reason, expired=good and reason.expired(day), soon=good and reason.soon(day))


def _nothing(desk: Desk, rule: str) -> str:
    """Why a well-formed silence of a rule does nothing."""
    if rule not in desk.gate.rules():
        return f"there is no rule {rule!r}" if desk.configured else ""
    return "this rule cannot be silenced" if desk.terms(rule).unsilenceable else ""
