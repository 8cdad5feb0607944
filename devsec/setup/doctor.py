"""What is set up here, what is not, and how long does a commit wait? Each answer says what to do where something is to mend."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Iterator

import devsec
from devsec.catalog import store
from devsec.desk import Desk, Request
from devsec.errors import DevsecError, GitError
from devsec.record import Record
from devsec.setup import ci, clock, native, precommit
from devsec.setup.steps import read
from devsec.setup.ways import NATIVE, PRE_COMMIT, Way, hooks, text_of, ways
from devsec.sources import git
from devsec.sources.git import Repository

OK, NOTE, MEND = "ok", "note", "mend"


class Said(Record):
    """One thing looked at. `state`: ok; note: nobody has to do anything; mend, and `hint` says what to do."""

    what: str
    state: str
    text: str
    hint: str = ""


def examine(start: str = ".") -> Iterator[Said]:
    """All there is to say, in the order things depend on each other."""
    yield Said("devsec", OK, f"{devsec.__version__}, from {os.path.dirname(os.path.abspath(devsec.__file__))}")
    yield Said("python", OK, f"{platform.python_version()}, {sys.executable}")
    yield _bytecode()
    yield from _cache()
    try:
        yield Said("git", OK, git.version())
    except GitError as error:
        yield Said("git", MEND, error.message, error.hint)
        return
    try:
        repository = Repository.discover(start)
    except GitError as error:
        yield Said("repository", MEND, error.message, error.hint)
        return
    shared = repository.common_dir()
    linked = "" if os.path.realpath(repository.git_dir) == os.path.realpath(shared) else f", what is shared in {shared}"
    yield Said("repository", OK, repository.root + linked)
    yield from _rules(repository)
    try:
        there = ways(repository)
    except DevsecError as error:
        yield Said("hook", MEND, error.message, error.hint)
        there = []
    else:
        yield from _hook(repository, there)
    yield from _which(repository, there)
    yield from _waits(repository, there)
    yield _ci(repository.root)


def _bytecode() -> Said:
    """Without it, each commit compiles devsec again: half a second."""
    module = os.path.join(os.path.dirname(os.path.abspath(devsec.__file__)), "cli", "__init__.py")
    compiled = importlib.util.cache_from_source(module)
    if os.path.exists(compiled):
        return Said("bytecode", OK, f"compiled, in {os.path.dirname(compiled)}")
    folder = os.path.dirname(os.path.dirname(os.path.dirname(compiled)))
    if sys.dont_write_bytecode:
        return Said("bytecode", MEND, "each run compiles devsec again", "Unset PYTHONDONTWRITEBYTECODE.")
    hint = f"Run as somebody who may write there: {sys.executable} -m compileall -q {folder}"
    return Said("bytecode", MEND, "each run compiles devsec again", hint)


def _cache() -> Iterator[Said]:
    folder = store.folder()
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        trial = os.path.join(folder, f"trial-{os.getpid()}")
        with open(trial, "wb") as file:
            file.write(b"x")
        os.unlink(trial)
        sizes = [entry.stat().st_size for entry in os.scandir(folder) if entry.is_file()]
    except OSError as error:
        hint = "Each run reads all rules again: give it a folder with DEVSEC_CACHE_DIR."
        yield Said("cache", MEND, f"{folder} cannot be written: {error.strerror}", hint)
        return
    yield Said("cache", OK, f"{folder}, {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")


def _rules(repository: Repository) -> Iterator[Said]:
    """The configuration, and what counts by it."""
    try:
        desk = Desk(Request(repository.root, paths=(".",)))
        where = desk.config.file or "none, and none is needed"
        desk.gate  # noqa: B018  # whether it names rules that are there
        found = desk.catalogue
    except DevsecError as error:
        yield Said("configuration", MEND, error.message, error.hint)
        return
    yield Said("configuration", OK, where)
    own = f", {', '.join(desk.config.rules)} among them" if desk.config.rules else ""
    yield Said("rules", OK, f"{len(found.rules)} rules, {len(found.roads)} roads{own}")


def _hook(repository: Repository, there: list[Way]) -> Iterator[Said]:
    where = hooks(repository)
    hidden = os.path.join(repository.common_dir(), "hooks", "pre-commit")
    runs = [way for way in there if not way.problem]
    if where.path and os.path.realpath(hidden) != os.path.realpath(where.file) and native.runs_devsec(text_of(hidden)):
        state = NOTE if runs else MEND
        yield Said("hook", state, f"core.hooksPath is {where.path}: git does not run {hidden}", "Run: devsec init")
        if not there:
            return
    if not there:
        said = "commits do not go through devsec here"
        yield Said("hook", MEND, said, "Run: devsec init")
    for way in there:
        if not way.problem:
            path = f", core.hooksPath is {where.path}" if where.path and way.kind == NATIVE else ""
            yield Said("hook", OK, f"{way.kind}, {way.file}{path}")
        else:
            # Another way that runs makes up for it.
            yield Said("hook", NOTE if runs else MEND, f"{way.kind}, {way.file}: {way.problem}", way.hint)
    if len(runs) > 1:
        names = " and ".join(f"{way.kind} ({way.file})" for way in runs)
        yield Said("hook", MEND, f"a commit goes through devsec more than once: {names}", "Keep one of them.")


def _which(repository: Repository, there: list[Way]) -> Iterator[Said]:
    """Whether the hook runs the devsec that is asked here."""
    for way in there:
        if way.kind == PRE_COMMIT:
            yield from _pinned(repository.root, way.file)
            continue
        yield from _started(clock.first(way.devsec), way.kind, repository.root)


def _started(words: tuple[str, ...], kind: str, root: str) -> Iterator[Said]:
    if not words:
        hint = "Install it where commits are made, or run from where it is: devsec init"
        yield Said("version", MEND, f"{kind} finds no devsec", hint)
        return
    version = clock.version(words, root)
    if version == devsec.__version__:
        yield Said("version", OK, f"{kind} runs {words[0]}, {version}")
    else:
        said = f"{kind} runs {words[0]}, which " + (f"is {version}" if version else "does not start")
        yield Said("version", MEND, f"{said}; this is {devsec.__version__}", "Update one of them.")


def _pinned(root: str, file: str) -> Iterator[Said]:
    """Which devsec pre-commit takes: the one of a tag, or what is installed."""
    for repo, rev in precommit.sources(read(os.path.join(root, file)) or "", file):
        if repo == "local":
            yield from _started(clock.first(""), PRE_COMMIT, root)
        elif repo != precommit.HOME:
            yield Said("version", OK, f"pre-commit takes {rev} of {repo}")  # a mirror or a pack has tags of its own
        elif rev.removeprefix("v") == devsec.__version__:
            yield Said("version", OK, f"pre-commit takes {rev}")
        else:
            said = f"pre-commit takes {rev}; this is {devsec.__version__}"
            yield Said("version", NOTE, said, f"To move on: pre-commit autoupdate --repo {repo}")


def _waits(repository: Repository, there: list[Way]) -> Iterator[Said]:
    words = next(
        (words for way in there if way.kind != PRE_COMMIT and (words := clock.first(way.devsec))), clock.this()
    )
    run = clock.check(words, repository.root)
    more = ", without pre-commit's own time" if any(way.kind == PRE_COMMIT for way in there) else ""
    if run.code in (0, 1):
        yield Said("check", OK, f"what is staged now takes {run.milliseconds:.0f} ms (the median of three{more})")
        return
    last = next((line for line in run.said.splitlines() if line.strip()), "nothing was said")
    yield Said("check", MEND, f"devsec check ends with {run.code}: {last}", "Run: devsec check")


def _ci(root: str) -> Said:
    every = ci.files(root)
    found = [file for file in every if ci.there(text_of(os.path.join(root, file)))]
    if found:
        return Said("ci", OK, ", ".join(found))
    if every:
        return Said(
            "ci", MEND, "no job looks again at what a hook was left out of", "Run: devsec init, or see docs/ci.md"
        )
    return Said("ci", NOTE, "no CI is known here")
