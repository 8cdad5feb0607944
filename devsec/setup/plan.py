"""What has to be written so that commits and CI go through devsec here, and what so that they do not any more?"""

from __future__ import annotations

import os
from collections.abc import Callable

from devsec import config
from devsec.errors import UsageError
from devsec.record import Record
from devsec.setup import ci, lefthook, native, precommit, settings
from devsec.setup.settings import Wishes
from devsec.setup.steps import Move, Plan, Setting, Step, Write, read
from devsec.setup.ways import (
    LEFTHOOK,
    NATIVE,
    PRE_COMMIT,
    SETTINGS,
    choose,
    hooks,
    inside,
    lefthook_file,
    not_for_all,
    pre_commit_file,
    text_of,
    ways,
)
from devsec.sources.git import Repository

NONE = "none"
_NOT_OURS = "names devsec in a way that init does not write, or that was changed since"


class Wanted(Record):
    """What to set up. `hook` and `ci` are "" for what suits the repository, `none` for nothing; `source` is where pre-commit
    gets devsec from, `install` what pip gets for CI; `wishes` what the configuration is to say."""

    hook: str = ""
    ci: str = ""
    source: precommit.Source = precommit.Source()
    wishes: Wishes = ()
    install: str = "devsec"


def setting_up(repository: Repository, wanted: Wanted) -> Plan:
    """The way there. Nothing is read but the repository, nothing is written. UsageError for what has to be done by hand."""
    parts = (_config(repository, wanted), _hook(repository, wanted), _ci(repository, wanted))
    return Plan(tuple(s for part in parts for s in part.steps), tuple(t for part in parts for t in part.told))


def taking_back(repository: Repository) -> Plan:
    """The way back: what `setting_up` wrote and nobody has changed since; what is left is told."""
    root = repository.root
    steps: list[Step] = []
    told: list[str] = []

    def take(file: str, taken: Callable[[str], str | None], left: Callable[[str], bool], why: str = _NOT_OURS) -> None:
        path = os.path.join(root, file)
        text = read(path) if inside(repository, file) else None
        if text is None:
            return
        without = taken(text)
        if without is not None:
            steps.append(Write(path, text, without or None))
        try:
            is_left = left(text if without is None else without)
        except UsageError as error:
            told.append(f"left: {error.message}")
        else:
            told.extend([f"left: {file} {why}"] if is_left else [])

    for file in precommit.FILES:
        take(file, precommit.taken, lambda text, file=file: precommit.there(text, file))  # type: ignore[misc]
    for file in lefthook.FILES:
        take(file, lefthook.taken, lambda text, file=file: lefthook.there(text, file))  # type: ignore[misc]
    for part in (_take_hook(repository), _take_settings(repository)):
        steps += part.steps
        told += part.told
    for file in ci.files(root):
        take(file, ci.taken_workflow if file == ci.GITHUB else ci.taken, ci.there)
    config = "has a configuration that init did not write, or that was changed since"
    take(settings.OWN, lambda text: settings.taken(text, settings.OWN), bool, config)
    take(settings.SHARED, lambda text: settings.taken(text, settings.SHARED), settings.has_table, config)
    return Plan(tuple(steps), tuple(told))


def _config(repository: Repository, wanted: Wanted) -> Plan:
    root = repository.root
    now = config.load(root)  # one that is broken is said before anything is written
    shared = read(os.path.join(root, settings.SHARED)) if inside(repository, settings.SHARED) else None
    said = settings.add(wanted.wishes, now, shared)
    if said is None:
        return Plan()
    path = os.path.join(root, said[0])
    return Plan((Write(path, read(path), said[1]),))


def _hook(repository: Repository, wanted: Wanted) -> Plan:
    if wanted.hook == NONE:
        return Plan()
    there = ways(repository)
    same = [way for way in there if not wanted.hook or wanted.hook == (NATIVE if way.kind == SETTINGS else way.kind)]
    if same:
        way = same[0]
        again = Plan()
        if way.kind == SETTINGS:
            again = _in_settings(repository)
        elif way.kind == NATIVE and native.is_own(text_of(hooks(repository).file)):
            again = _in_file(repository)
        if again.steps:  # devsec has moved since
            return again
        trouble = (f"{way.problem}. {way.hint}",) if way.problem else ()
        return Plan((), (f"there already: the hook, in {way.file}", *trouble))
    kind = wanted.hook or choose(repository)
    twice = tuple(f"{way.file} runs devsec as well: a commit waits for both" for way in there)
    if kind == NATIVE:
        made = (_in_settings if repository.knows_hooks_in_settings() else _in_file)(repository)
        return Plan(made.steps, (*made.told, *twice))
    root = repository.root
    if kind == PRE_COMMIT:
        file = pre_commit_file(repository) or precommit.FILE
        text = read(os.path.join(root, file))
        new = precommit.add(text or "", file, wanted.source)
    else:
        file = lefthook_file(repository) or lefthook.FILES[0]
        text = read(os.path.join(root, file))
        new = lefthook.add(text or "", file)
    where = hooks(repository)
    tool = "prek" if file == "prek.toml" else kind
    installed = native.framework(text_of(where.file)) in (("lefthook",) if kind == LEFTHOOK else ("pre-commit", "prek"))
    next_step = () if installed else (f"next: {tool} install (each clone needs it once)",)
    return Plan((Write(os.path.join(root, file), text, new),), (*next_step, *twice))


def _in_settings(repository: Repository) -> Plan:
    """git's own hook, in its settings: it runs beside all others, wherever git looks for those."""
    path = os.path.join(repository.common_dir(), "devsec", "pre-commit")
    before, after = read(path), native.in_settings(native.program())
    steps: list[Step] = [Write(path, before, after, executable=True)] if before != after else []
    # The command first: an event without one stops every commit.
    for name, value in ((f"{native.NAME}.command", native.IN_SETTINGS), (f"{native.NAME}.event", "pre-commit")):
        if repository.setting(name, local=True) != value:
            steps.append(Setting(name, value))
    return Plan(tuple(steps))


def _in_file(repository: Repository) -> Plan:
    """git's own hook, as the file it runs."""
    where = hooks(repository)
    text = text_of(where.file)
    if native.runs_devsec(text) and not native.is_own(text):
        return Plan()
    not_for_all(where, repository.common_dir())
    if where.owner == "team":
        text = read(where.file) or ""
        new = native.add(text, os.path.relpath(where.file, repository.root))
        return Plan((Write(where.file, text or None, new, executable=True),))
    after = native.own(native.program())
    make = Write(where.file, None, after, executable=True)
    if not os.path.lexists(where.file):
        return Plan((make,))
    if native.is_own(text):
        return Plan((make._replace(before=text),) if text != after else ())
    told = f"the hook that is there runs first, as {native.KEPT} beside it; its exit code counts"
    return Plan((Move(where.file, os.path.join(where.folder, native.KEPT)), make), (told,))


def _take_hook(repository: Repository) -> Plan:
    where = hooks(repository)
    steps: list[Step] = []
    told: list[str] = []
    # Where git looks now, and where it looked if somebody has set core.hooksPath since.
    for folder in dict.fromkeys((where.folder, os.path.join(repository.common_dir(), "hooks"))):
        kept = os.path.join(folder, native.KEPT)
        # pre-commit keeps a hook that it finds as `.legacy`, and runs it.
        first = where.file if folder == where.folder else os.path.join(folder, "pre-commit")
        for path in (first, os.path.join(folder, "pre-commit.legacy")):
            text = text_of(path)
            without = native.taken(text) if native.has_block(text) else None
            if native.is_own(text):
                steps.append(Write(path, text, None))
                if kept and os.path.lexists(kept):
                    steps.append(Move(kept, path))
                    kept = ""
            elif without is not None:
                steps.append(Write(path, text, without or None))
            elif native.runs_devsec(text):
                name = os.path.relpath(path, repository.root).replace(os.sep, "/")
                told.append(f"left: {name} {_NOT_OURS}")
        if kept and os.path.lexists(kept):
            told.append(f"left: {kept}, the hook that was there before; git does not run it under this name")
    return Plan(tuple(steps), tuple(told))


def _take_settings(repository: Repository) -> Plan:
    name = f"{native.NAME}.command"
    command = repository.setting(name, local=True)
    path = os.path.join(repository.common_dir(), "devsec", "pre-commit")
    text = text_of(path)
    if command and command != native.IN_SETTINGS:
        return Plan((), (f"left: {name} of git's settings, which was changed since",))
    # The setting goes first: without the file it runs, every commit would fail.
    steps: list[Step] = [Setting(name, None)] if command else []
    steps += [Write(path, text, None)] if native.is_own(text) else []
    return Plan(tuple(steps))


def _ci(repository: Repository, wanted: Wanted) -> Plan:
    root = repository.root
    if wanted.ci == NONE:
        return Plan()
    for file in ci.files(root):
        if ci.there(text_of(os.path.join(root, file))):
            return Plan((), (f"there already: CI, in {file}",))
    service = wanted.ci or ci.service(root, repository.remotes())
    if not service:
        return Plan((), ("no CI is known here: --ci github or --ci gitlab writes a job",))
    file = ci.GITHUB if service == "github" else ci.GITLAB
    path = os.path.join(root, file)
    text = read(path) if inside(repository, file) else None
    if service == "github":
        return Plan((Write(path, text, ci.workflow(wanted.install)),))
    return Plan((Write(path, text, ci.add(text or "", install=wanted.install)),))
