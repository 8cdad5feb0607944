"""Which findings are new, and what is decided about each? Asked only when there is a finding."""

from __future__ import annotations

from collections.abc import Sequence

from devsec import selection, watch
from devsec.desk import Desk
from devsec.finding import Finding
from devsec.outcome import Checked
from devsec.policy.judge import Judged, Verdict, judge
from devsec.policy.known import Counts, changed_lines, counts, lost, subtract, together
from devsec.policy.suppress import REFUSED, Ignore, ignores, silence
from devsec.record import Record
from devsec.selection import Base, Chosen, Selection
from devsec.sources.source import Passed, Skipped, Source


class Found(Record):
    """A file with findings, before they are judged; or one without, in which comments silence something. `name` is what its text is
    called among those that are remembered; `whole` when all of it was looked at."""

    chosen: Chosen
    source: Source
    findings: tuple[Finding, ...]
    name: bytes = b""
    whole: bool = True


def judged_of(desk: Desk, one: Found, known: dict[Finding, str]) -> Checked:
    """The file with a verdict on each finding; `known` says where one was before."""
    text = text_of(one.source)
    comments = comments_in(desk, one.source.path, text)
    judged = tuple(
        judge(finding, comments, known.get(finding, ""), desk.config, desk.terms(finding.rule))
        for finding in sorted(one.findings, key=lambda f: (f.span, f.rule))
    )
    judged = told_once(judged)
    watch.count(watch.JUDGE, number=len(judged))
    if not comments:
        return Checked(one.source.path, judged, (), text)
    from devsec.comments import remarks  # what is wrong with them, or over

    return Checked(one.source.path, judged, remarks(desk, one, text, comments), text)


def only_notes(checked: Checked) -> bool:
    """Whether nothing of a file is shown, today and tomorrow: a comment may expire."""
    return all(one.verdict is Verdict.NOTE for one in checked.judged) and b"devsec: ignore" not in checked.text


def told_once(judged: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Of the findings about a file as a whole one is told: a new one, when there is one. The others stay without being counted:
    what is shown of the text hides their secrets, too."""
    about = [one for one in judged if one.finding.whole]
    if len(about) < 2:
        return judged
    speaks = next((one for one in about if one.verdict in _NEW), about[0])
    return tuple(
        one if one is speaks or not one.finding.whole else Judged(one.finding, Verdict.OFF, "the file is told once")
        for one in judged
    )


_NEW = (Verdict.BLOCK, Verdict.WARN, Verdict.NOTE)


def known_among(desk: Desk, chosen: Selection, found: Sequence[Found]) -> dict[Finding, str]:
    """Which findings were there before, and where: in the file's own past first, then in what other files lost."""
    if not chosen.compared or not found or desk.objects is None:
        return {}
    found = [one for one in found if one.findings]
    known: dict[Finding, str] = {}
    bases = [base for one in found for base in (*one.chosen.bases, one.chosen.ancestor) if base is not None]
    texts = dict(desk.objects.read(base.blob for base in bases))
    left: list[Finding] = []
    for one in found:
        for finding in _in_own_past(desk, one, texts):
            known[finding] = "it was there before"
        left += [finding for finding in one.findings if finding not in known]
    if left:
        known.update(_moved(desk, chosen, left))
    return known


def _in_own_past(desk: Desk, one: Found, texts: dict[str, bytes]) -> frozenset[Finding]:
    if not one.chosen.bases:
        return frozenset()
    rules = frozenset(finding.rule for finding in one.findings)

    def had(base: Base) -> Counts:
        return _before(desk, Source(base.path, texts[base.blob]), rules)

    ancestor = one.chosen.ancestor
    sides = [had(base) for base in one.chosen.bases]
    allowed = together(sides, had(ancestor) if ancestor and len(sides) > 1 else None)
    changed: frozenset[int] = frozenset()
    if any(number > allowed[name] > 0 for name, number in counts(one.findings).items()):
        changed = changed_lines(
            text_of(Source(one.chosen.bases[0].path, texts[one.chosen.bases[0].blob])), text_of(one.source)
        )
    return subtract(one.findings, allowed, changed)


def _moved(desk: Desk, chosen: Selection, left: Sequence[Finding]) -> dict[Finding, str]:
    """Code that was moved from one file of a commit to another is not new. Asked only when something is left over."""
    assert desk.objects is not None
    rules = frozenset(finding.rule for finding in left)
    changed: dict[str, list[Chosen]] = {}
    for one in (*chosen.wanted, *chosen.others):
        for base in one.bases[:1]:
            changed.setdefault(base.blob, []).append(one)
    gone: list[tuple[str, Counts]] = []
    for blob, data in desk.objects.read(changed):
        for one in changed[blob]:
            had = _before(desk, Source(one.bases[0].path, data), rules)
            has = _has(desk, one, rules) if had else None
            if has is not None:
                gone.append((one.bases[0].path, lost(had, has)))
    moved: dict[Finding, str] = {}
    for path, pool in sorted(gone, key=lambda entry: entry[0]):
        still = [finding for finding in left if finding not in moved]
        for finding in subtract(still, pool):
            moved[finding] = f"it was moved here from {path}"
    return moved


def _has(desk: Desk, one: Chosen, rules: frozenset[str]) -> Counts | None:
    """What a changed file has of `rules` now; a deleted one has nothing; None when nobody can tell."""
    if one.gone:
        return counts(())
    _, source = next(selection.texts([one], desk.objects, desk.root))
    if isinstance(source, (Skipped, Passed)):
        return None
    hits = tuple(rule for rule in desk.hits(source) if rule in rules)
    result = desk.scan(source, hits) if hits else ()
    return None if isinstance(result, Skipped) else counts(result)


def _before(desk: Desk, source: Source, rules: frozenset[str]) -> Counts:
    """What a base version has of `rules`. What was silenced there comes back when the comment goes, or when its day is over."""
    hits = tuple(rule for rule in desk.hits(source) if rule in rules)
    found = desk.scan(source, hits) if hits else ()
    if isinstance(found, Skipped):
        # Nobody knows what it had: then all of it is new, but for what can be found in it all the same.
        found = desk.scanner.all_the_same(source, hits)
    silent = comments_in(desk, source.path, text_of(source))
    if not silent and not desk.config.ignored:
        return counts(found)
    said = [(one, silence(one, silent, desk.config, desk.terms(one.rule).unsilenceable)) for one in found]
    return counts(one for one, by in said if by is None or by.state == REFUSED)


def comments_in(desk: Desk, path: str, text: bytes) -> tuple[Ignore, ...]:
    """The comments that silence. What was silenced under the name a rule had once stays silent."""
    comments = ignores(path, text)
    if comments and desk.law.instead:
        comments = tuple(comment._replace(rules=desk.law.renamed(comment.rules)) for comment in comments)
    return comments


def text_of(source: Source) -> bytes:
    """What places in findings count in. A file that has findings could be decoded."""
    from devsec.sources.decode import decode

    decoded = decode(source)
    return b"" if isinstance(decoded, Skipped) else decoded.text
