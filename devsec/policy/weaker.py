"""What does one configuration, or what is said about a rule, ask less of than another? In words, each thing once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from devsec.catalog.terms import Terms, When
from devsec.config import Config
from devsec.contexts import WORDS, Context, Entry, Value, values_of
from devsec.globs import matches
from devsec.levels import Level
from devsec.policy.level import RANKS, in_words, stage_on, strongest
from devsec.record import Record

Keys = tuple[str | int, ...]

# How much is at stake; what nobody said stands where a rule's level is its own.
_STAKES = {
    "exposure": ("internal", "", "partner", "public"),
    "data": ("none", "", "standard", "sensitive"),
    "lifecycle": ("test", "experimental", "", "deprecated", "production"),
}
NAMED = 2  # paths


class Weaker(Record):
    """One thing that is asked for no more: in words, and under which keys of the later configuration it stands."""

    says: str
    keys: Keys = ()


def of_configs(
    before: Config, after: Config, terms: Callable[[str], Terms | None], paths: Callable[[], Iterable[str]]
) -> list[Weaker]:
    """What `after` asks less of. `terms` are those of a rule, None when there is none by that id; `paths` are asked for only
    when contexts have changed: all there are."""
    return [
        *_levels(before, after, terms),
        *_excluded(before.exclude, after.exclude),
        *(
            Weaker(f"the folder of rules {one} does not count any more", ("rules",))
            for one in before.rules
            if one not in after.rules
        ),
        *_contexts(before.contexts, after.contexts, paths),
    ]


def of_terms(rule: str, before: Terms, after: Terms) -> list[str]:
    """What a rule's terms ask less of, in words."""
    says: list[str] = []
    whens = (*before.when, *after.when)
    asked = [(Context(), "")] + [(_context(when), in_words(when)) for when in whens]
    for context, where in dict(asked).items():
        was, now = _level(before, context), _level(after, context)
        if RANKS[now.value] < RANKS[was.value]:
            says.append(f"{rule} goes from {was.value} to {now.value}" + (f" where {where}" if where else ""))
    for key in ("final", "unsilenceable", "in_tests"):
        if getattr(before, key) and not getattr(after, key):
            says.append(f"{rule} is {_LOST[key]} any more")
    days = {day for one in (before, after) for day in (one.warn_from, one.block_from) if day}
    for day in sorted(days | {"0000-00-00", "9999-99-99"}):
        was_stage, now_stage = _stage(day, before), _stage(day, after)
        if RANKS[now_stage] < RANKS[was_stage]:
            on = f" on {day}" if day in days else " for good" if day[0] == "9" else ""
            says.append(f"the stage of {rule} goes from {was_stage} to {now_stage}{on}")
            break
    if after.deprecated and not before.deprecated:
        says.append(f"{rule} is deprecated for {after.deprecated}")
    return says


_LOST = {"final": "not final", "unsilenceable": "not unsilenceable", "in_tests": "not counted in tests"}


def _stage(day: str, terms: Terms) -> str:
    return stage_on(day, terms)[0] if terms.stage or terms.warn_from or terms.block_from else "block"


def _level(terms: Terms, context: Context) -> Level:
    when = strongest(terms, context)
    return terms.level if when is None else when.level


def _context(when: When) -> Context:
    return Context(when.exposure, when.data, when.lifecycle, when.labels)


def _levels(before: Config, after: Config, terms: Callable[[str], Terms | None]) -> Iterable[Weaker]:
    for rule in sorted({name for name, _ in (*before.levels, *after.levels)}):
        was, now = before.level(rule), after.level(rule)
        if was is now:
            continue
        own = terms(rule)
        if own is None:
            continue
        # The rule's own word is as strong as in the context where it is strongest.
        most = max((own.level, *(when.level for when in own.when)), key=lambda level: RANKS[level.value])
        if RANKS[(now or own.level).value] < RANKS[(was or most).value]:
            one = f"{was.value}" if was else f"its own level ({most.value})"
            other = f"{now.value}" if now else f"its own level ({own.level.value})"
            yield Weaker(f"{rule} goes from {one} to {other}", ("levels", rule))


def _excluded(before: Sequence[str], after: Sequence[str]) -> Iterable[Weaker]:
    for number, glob in enumerate(after):
        if glob not in before and not glob.startswith("!"):
            yield Weaker(f"{glob} is not looked at any more", ("exclude", number))
    for glob in before:
        if glob.startswith("!") and glob not in after and any(not one.startswith("!") for one in after):
            yield Weaker(f"{glob.removeprefix('!')} is not taken out of `exclude` any more", ("exclude",))
    # The same globs in another order may leave out more; which paths those are is not worth asking all of them.
    kept = [glob for glob in after if glob in before]
    if set(before) == set(after) and list(before) != kept and any(glob.startswith("!") for glob in before):
        yield Weaker("`exclude` has another order, in which later globs win", ("exclude",))


def _contexts(before: Sequence[Entry], after: Sequence[Entry], paths: Callable[[], Iterable[str]]) -> Iterable[Weaker]:
    """What the paths there are have lost, path by path, told together where one entry says so."""
    if _bare(before) == _bare(after):
        return
    concerned = _changed(before, after)
    lost: dict[tuple[str, str, str, Keys], list[str]] = {}
    for path in paths():
        if not any(matches(path, globs) for globs in concerned):
            continue
        was, now = _by_key(values_of(path, before)), _by_key(values_of(path, after))
        for key in WORDS:
            one, other = was.get((key, "")), now.get((key, ""))
            old, new = one.word if one else "", other.word if other else ""
            if _STAKES[key].index(new) < _STAKES[key].index(old):
                at: Keys = ("context", other.entry.number, key) if other else ("context",)
                lost.setdefault((key, old, new, at), []).append(path)
        for (key, label), _ in was.items():
            if key == "labels" and (key, label) not in now:
                lost.setdefault(("label", label, "", ("context",)), []).append(path)
    for (key, old, new, at), some in lost.items():
        if key == "label":
            yield Weaker(f"the label {old} is taken from {_few(some)}", at)
        else:
            yield Weaker(f"{key} goes from {old or 'unsaid'} to {new or 'unsaid'} for {_few(some)}", at)


def _by_key(values: Iterable[Value]) -> dict[tuple[str, str], Value]:
    return {(value.key, value.word if value.key == "labels" else ""): value for value in values}


def _bare(entries: Sequence[Entry]) -> list[Entry]:
    return [entry._replace(number=0, because="") for entry in entries]


def _changed(before: Sequence[Entry], after: Sequence[Entry]) -> list[tuple[str, ...]]:
    """The globs of what is not the same in both. Where only the order is another, those of all."""
    one, other = _bare(before), _bare(after)
    same = [entry for entry in one if entry in other]
    if same != [entry for entry in other if entry in one]:
        return [entry.paths for entry in (*one, *other)]
    return [entry.paths for entry in one if entry not in other] + [entry.paths for entry in other if entry not in one]


def _few(paths: Sequence[str]) -> str:
    """`a.py, b.py and 10 more files`."""
    named = ", ".join(paths[:NAMED])
    more = len(paths) - NAMED
    return named + (f" and {more} more file{'s' * (more != 1)}" if more > 0 else "")
