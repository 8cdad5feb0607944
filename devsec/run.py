"""`check`, put together from the parts. What is decided here is only who is asked, and in which order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from devsec import selection, watch
from devsec.catalog.bundled import bundled
from devsec.config import Config
from devsec.desk import Desk, Request
from devsec.errors import UsageError
from devsec.globs import matches
from devsec.nearest import did_you_mean
from devsec.outcome import Checked, Outcome, Report
from devsec.record import Record
from devsec.selection import Chosen, Selection
from devsec.sources import tree
from devsec.sources.git import Repository
from devsec.sources.source import IGNORE, Passed, Skipped, Source, no_text

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any

    from devsec.catalog.rule import Catalogue, Rule
    from devsec.news import Found
    from devsec.prove import Proved


def check(request: Request) -> Report:
    """What is there to say about the files asked for?"""
    desk = Desk(request)
    if request.history is not None:
        from devsec.history import history  # not for a commit

        return history(desk, request)
    with watch.step(watch.CHOOSE):
        chosen, wanted = choose(desk, request, on_disk=False)
    outcomes, found = look(desk, wanted)
    with watch.step(watch.JUDGE):
        report = report_of(desk, request, chosen, outcomes, found)
    if chosen.compared and any(_asks(desk, one) for one in (*chosen.wanted, *chosen.others)):
        from devsec.weakening import with_weakenings  # only when what is asked of devsec may have changed

        return with_weakenings(desk, request, chosen, report)
    return report


def _asks(desk: Desk, chosen: Chosen) -> bool:
    """Whether a changed file says what is asked of devsec: a configuration, a pack, or a rule of the repository's own."""
    for path in (chosen.path, *(base.path for base in chosen.bases)):
        if path == "devsec.toml" or path == "pack.yaml" or path.endswith("/pack.yaml"):
            return True
        if path.endswith((".yaml", ".yml")) and any(path.startswith(folder + "/") for folder in desk.written.rules):
            return True
        if path == "pyproject.toml" and desk.written.file != "devsec.toml" and _speaks_of_us(desk, chosen):
            return True
    return False


def _speaks_of_us(desk: Desk, chosen: Chosen) -> bool:
    """Most changes of a pyproject.toml are about something else: one look at both texts tells."""
    assert desk.objects is not None
    blobs = [blob for blob in (chosen.blob, *(base.blob for base in chosen.bases)) if blob]
    if any(b"devsec" in data for _, data in desk.objects.read(blobs)):
        return True
    on_disk = None if chosen.blob or chosen.gone else tree.read(chosen.path, desk.root)
    return isinstance(on_disk, Source) and b"devsec" in on_disk.data


def configuration(start: str, configured: bool) -> Config:
    """What the repository around `start` wants."""
    return Desk(Request(start, paths=(".",), configured=configured)).config


def catalogue(start: str, configured: bool) -> Catalogue:
    """All rules that count around `start`, inside a repository or not."""
    desk = Desk(Request(start, paths=(".",), configured=configured))
    desk.config.check_rules(rule.id for rule in desk.catalogue.rules)
    return desk.catalogue


class Packed(Record):
    """A pack that counts: `by` is the package it came with, or `this repository`. `changes` counts the rules of others it says
    something about."""

    pack: str
    title: str
    by: str
    folder: str
    rules: int
    changes: int


def packs(start: str, configured: bool) -> list[Packed]:
    """The packs that count around `start`, in the order of their words."""
    from pathlib import Path

    from devsec.catalog.pack import pack_in

    desk = Desk(Request(start, paths=(".",), configured=configured))
    ids = [rule.id for rule in catalogue(start, configured).rules]
    rows = []
    there = [(one.folder, one) for one in desk.installed]
    taken = {os.path.realpath(folder) for folder, _ in there}
    for folder, by in (*there, *((folder, None) for folder in desk.folders if os.path.realpath(folder) not in taken)):
        pack = pack_in(Path(folder), by)
        if pack is None:
            continue
        own = f"{pack.name}/"
        rows.append(
            Packed(
                pack.name,
                pack.title,
                by.by if by else "this repository",
                folder,
                sum(id.startswith(own) for id in ids),
                sum(not id.startswith(own) for id in pack.rules),
            )
        )
    return rows


def proofs(start: str, paths: Sequence[str], configured: bool) -> Iterator[tuple[Rule, tuple[Proved, ...]]]:
    """Each rule in `paths` (files and folders; all rules that count here without any) with what its examples say."""
    from devsec.catalog.load import load
    from devsec.catalog.rule import Catalogue
    from devsec.prove import prove
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate

    desk = Desk(Request(start, paths=(".",), configured=configured))
    tops = [os.path.realpath(path) for path in paths]
    for path, top in zip(paths, tops, strict=True):
        if not os.path.exists(top):
            raise UsageError(f"{path}: no such file or folder", "Check the spelling, and the folder you are in.")
    # A folder that counts here anyway is not loaded twice: its rules would all be there under the same id.
    counted = [
        os.path.realpath(folder) for folder in (bundled(), *(one.folder for one in desk.installed), *desk.folders)
    ]
    more = {top if os.path.isdir(top) else os.path.dirname(top) for top in tops}
    more = {top for top in more if not any(_inside(top, folder) for folder in counted)}
    more = {top for top in more if not any(_inside(top, other) for other in more - {top})}
    rules = load([*desk.folders, *sorted(more)], installed=desk.installed)
    # What an example shows holds on any terms, of a deprecated rule as well.
    rules = Catalogue(tuple(rule._replace(terms=None) for rule in rules.rules), rules.roads)
    scanner = Scanner(rules, Gate.build(rules))
    # The rules devsec ships show the roads devsec ships, whatever they lead to here.
    shipped = load()
    on_shipped_roads = Scanner(shipped, Gate.build(shipped))
    for rule in rules.rules:
        source = os.path.realpath(rule.source)
        if not tops or any(_inside(source, top) for top in tops):
            own = not _inside(source, os.path.realpath(bundled()))
            yield rule, prove(rule, scanner) if own else prove(shipped.rule(rule.id), on_shipped_roads)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def one_rule(among: Catalogue, rule_id: str) -> Rule:
    """The rule by that id; UsageError with the nearest one when there is none."""
    for rule in among.rules:
        if rule.id == rule_id:
            return rule
    raise UsageError(f"there is no rule {rule_id!r}", did_you_mean(rule_id, [rule.id for rule in among.rules]))


class Wanted(Record):
    """Files, and how some of them are read: a crew shares them out by name. `name` tells the path from the root of one that lies on
    disk and whose past does not matter, "" of any other."""

    files: Sequence[Any]
    read: Callable[[Sequence[Any]], Iterator[tuple[Chosen, Source | Skipped | Passed]]]
    name: Callable[[Any], str]


def choose(desk: Desk, request: Request, on_disk: bool) -> tuple[Selection, Wanted]:
    """What is wanted, and the texts to go with it."""
    repository = desk.repository
    if request.index_only and repository is None:
        raise UsageError("there is no index outside a git repository", "Name the files, without --staged.")
    if request.everything and request.since:
        raise UsageError("--all and --since contradict each other", "Use one of them.")
    if repository is None or (
        request.paths and not request.index_only and not request.since and not request.compare_with
    ):
        return Selection((), compared=False), Wanted(
            tree.names(request.paths), lambda some: _named(desk, some), lambda file: _counted(desk, file)
        )
    if request.index_only:
        chosen = selection.staged(repository, desk.excluded)
        chosen = below(desk, chosen, request.paths) if request.paths else chosen
    elif request.since:
        chosen = selection.since(repository, request.since, desk.excluded())
        if request.paths:
            chosen = below(desk, chosen, request.paths)
    elif request.paths:
        names = [_name(repository, file.path) for file in tree.names(request.paths)]
        chosen = selection.among(repository, names, request.compare_with, desk.excluded())
    elif request.everything:
        chosen = selection.everything(repository, desk.excluded())
    else:
        chosen = selection.staged(repository, desk.excluded, on_disk)
    return chosen, Wanted(
        chosen.wanted, lambda some: selection.texts(some, desk.objects, desk.root, desk.open), _on_disk
    )


def _on_disk(one: Chosen) -> str:
    return "" if one.blob or one.bases or one.conflict or one.gone else one.path


def _counted(desk: Desk, file: tree.Name) -> str:
    if file.trouble is not None:
        return ""
    name = file.path if desk.repository is None else _name(desk.repository, file.path)
    return "" if desk.config.exclude and matches(name, desk.config.exclude) else name


def _named(desk: Desk, files: Sequence[tree.Name]) -> Iterator[tuple[Chosen, Source | Skipped | Passed]]:
    """Files by name, whatever git thinks of them."""
    exclude = desk.config.exclude
    for source in tree.read_all(files):
        name = source.path if desk.repository is None else _name(desk.repository, source.path)
        if exclude and matches(name, exclude):
            continue
        yield Chosen(name), source if source.path == name else source._replace(path=name)


def _name(repository: Repository, path: str) -> str:
    return repository.relative(path) or os.path.abspath(path).replace(os.sep, "/")


def below(desk: Desk, chosen: Selection, paths: Sequence[str]) -> Selection:
    assert desk.repository is not None
    tops = selection.tops(desk.repository, paths)
    wanted = [
        one
        for one in chosen.wanted
        if any(not top or one.path == top or one.path.startswith(top + "/") for top in tops)
    ]
    left = set(chosen.wanted) - set(wanted)
    return Selection(tuple(wanted), (*chosen.others, *(one for one in chosen.wanted if one in left)))


def look(desk: Desk, wanted: Wanted) -> tuple[list[Outcome], list[Found]]:
    """What is found in the files. Many are shared out over the cores, and those that held nothing before are known."""
    if len(wanted.files) < MANY:
        return _look(desk, wanted.read(wanted.files))
    from devsec.many import look_at_many  # not for a commit

    return look_at_many(desk, wanted.files, lambda some: _look(desk, wanted.read(some)), wanted.name)


MANY = 150  # files; fewer are looked at before others could help


def _look(desk: Desk, pairs: Iterable[tuple[Chosen, Source | Skipped | Passed]]) -> tuple[list[Outcome], list[Found]]:
    outcomes: list[Outcome] = []
    found: list[Found] = []
    for chosen, source in watch.each(watch.READ, pairs):
        if isinstance(source, (Skipped, Passed)):
            outcomes.append(source)
            continue
        watch.count(watch.READ, len(source.data))
        outcome = outcome_of(desk, chosen, source)
        if isinstance(outcome, Skipped):
            found += _all_the_same(desk, chosen, source)
        if isinstance(outcome, (Checked, Skipped, Passed)):
            outcomes.append(outcome)
        else:
            found.append(outcome)
    return outcomes, found


def _all_the_same(desk: Desk, chosen: Chosen, source: Source) -> Iterator[Found]:
    """What is found in a file that was not checked, by rules that need its text alone: a token is named also where the
    file does not parse."""
    findings = desk.scanner.all_the_same(source, desk.hits(source))
    if findings:
        from devsec.news import Found

        yield Found(chosen, source, findings, whole=False)


def outcome_of(desk: Desk, chosen: Chosen, source: Source) -> Outcome | Found:
    """Gate, then scan. A file without findings is done, and its text forgotten."""
    if desk.only_news and not _is_silenced(desk, source) and _is_only_renamed(desk, chosen):
        return Checked(source.path)
    name = desk.clean.name(source.path, source.data) if desk.clean is not None else b""
    notes = desk.clean.notes(name) if desk.clean is not None else None
    if notes is not None and (not notes or (desk.brief and not chosen.bases)):
        return Checked(source.path, silent=notes)
    if desk.clean is not None and not chosen.bases and (shown := desk.clean.shown(name)) is not None:
        from devsec.news import Found, text_of
        from devsec.woven import unwoven

        known = unwoven(shown, source.path, text_of(source))
        if known:
            return Found(chosen, source, known, name)
    hits = desk.hits(source)
    if not hits:
        return _nothing(desk, chosen, source, name)
    findings = desk.scan(source, hits, lambda: _as_it_was(desk, chosen, source))
    if isinstance(findings, Skipped):
        return findings
    if not findings:
        # What is not news may all the same be something.
        return _nothing(desk, chosen, source, b"" if desk.only_news and chosen.bases else name)
    from devsec.news import Found  # judging and comparing: not for a commit with nothing to say

    return Found(chosen, source, findings, name)


def _is_silenced(desk: Desk, source: Source) -> bool:
    """Whether something in a file may be silenced, by a comment or by the configuration: a silence ends, and then what stood there
    before is news."""
    return IGNORE in source.data or any(entry.reaches(source.path) for entry in desk.config.ignored)


def _is_only_renamed(desk: Desk, chosen: Chosen) -> bool:
    """Whether the same text stood somewhere where the same rules count: then nothing in it is news."""
    return bool(chosen.blob) and any(
        base.blob == chosen.blob and desk.gate.alike(base.path, chosen.path) for base in chosen.bases
    )


def _nothing(desk: Desk, chosen: Chosen, source: Source, name: bytes) -> Checked | Passed | Found:
    """Of a file in which no rule holds; it is remembered by `name`. Comments that silence something may be left over."""
    what = no_text(source.data)
    if what:
        _remember(desk, chosen, b"", 0, what)
        return Passed(source.path, what)
    if IGNORE in source.data:
        from devsec.news import Found

        return Found(chosen, source, ())
    if name:
        _remember(desk, chosen, name, 0)
    return Checked(source.path)


def _remember(desk: Desk, chosen: Chosen, name: bytes, notes: int, what: str = "") -> None:
    """That a text holds so many notes and nothing else, or that a file holds none since it is `what`: by the text's name, and by the
    file as it lies on disk."""
    if desk.remembered is None:
        return
    from devsec.clean import PASSED  # where many files are looked at it is there already

    number = next(code for code, kind in PASSED.items() if kind == what) if what else notes
    stamp = desk.remembered.stamp(chosen.path, os.path.join(desk.root, chosen.path)) if _on_disk(chosen) else b""
    desk.remembered.new.update((one, number) for one in (name, stamp) if one)


def _as_it_was(desk: Desk, chosen: Chosen, source: Source) -> Iterator[Source]:
    """What stood there before, where that may decide: a comment that silenced something may have gone."""
    if not desk.only_news or not chosen.bases or desk.objects is None or _is_silenced(desk, source):
        return
    paths = {base.blob: base.path for base in chosen.bases}
    for blob, data in desk.objects.read(paths):
        if IGNORE not in data:
            yield Source(paths[blob], data)


def report_of(
    desk: Desk, request: Request, chosen: Selection, outcomes: Sequence[Outcome], found: Sequence[Found]
) -> Report:
    desk.gate  # noqa: B018  # without a file to look at, a configuration that makes no sense is still said
    every = list(outcomes)
    if found:
        from devsec.news import judged_of, known_among, only_notes

        known = known_among(desk, chosen, found)
        judged = [judged_of(desk, one, known) for one in found]
        every += judged
        if desk.remembered is not None and not chosen.compared:
            for one, checked in zip(found, judged, strict=True):
                if one.name and only_notes(checked):  # without a name it was not checked as a whole
                    _remember(desk, one.chosen, one.name, len(checked.judged))
            from devsec.woven import weave

            desk.remembered.found |= {
                one.name: weave(one.findings, checked.text)
                for one, checked in zip(found, judged, strict=True)
                if one.name and not only_notes(checked) and desk.remembered.shown(one.name) is None
            }
    if desk.remembered is not None:
        desk.remembered.save()
    if desk.config.ignored and not chosen.compared:
        from devsec.comments import left_over

        every += left_over(desk, every, request.everything and not request.paths)
    by_path = sorted(every, key=lambda outcome: outcome.path)
    staged = not (request.everything or request.since) and (not request.paths or request.compare_with == "HEAD")
    return Report(
        tuple(by_path),
        desk.root,
        staged and request.lasting_index,
        desk.config.apply,
        compared=chosen.compared,
        remarks=desk.remarks,
    )
