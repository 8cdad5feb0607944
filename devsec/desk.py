"""What does a run work with? The repository, its configuration, the gate; rules and scanner when a file needs them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from devsec import watch
from devsec.catalog import store
from devsec.catalog.bundled import BY_DEVSEC, bundled
from devsec.catalog.here import counting as installed
from devsec.config import Config
from devsec.config import load as load_config
from devsec.errors import GitError
from devsec.levels import Level
from devsec.outcome import About
from devsec.record import Record
from devsec.scan.gate import Gate, restore_or_none
from devsec.sources.git import Repository
from devsec.sources.source import Skipped, Source

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from devsec.catalog.here import Installed
    from devsec.catalog.law import Law
    from devsec.catalog.rule import Catalogue
    from devsec.catalog.shelf import Shelf
    from devsec.catalog.terms import Terms
    from devsec.clean import Clean
    from devsec.finding import Finding
    from devsec.scan.engine import Scanner
    from devsec.sources.objects import Objects

MOST_OBJECTS = 1_000_000  # that were made since the last collection and are there still: some 100 MB


class Request(Record):
    """What was asked for. `paths` are as the user wrote them; without any, what is staged is meant.

    `compare_with` is a commit: with `paths`, only what is new since then counts ("" for everything in them).
    `lasting_index` is False when what is staged now will not be after this run (`git commit -a`, `git commit PATH`).
    `index_only` means the staged texts whatever `paths` are there; those only narrow the choice. `history` are revisions as
    `git rev-list` takes them ("" for all there are): what their commits brought is looked at. `only_news`: findings that
    were there before need not even be counted.
    """

    start: str = "."
    paths: tuple[str, ...] = ()
    everything: bool = False
    since: str = ""
    compare_with: str = ""
    configured: bool = True
    lasting_index: bool = True
    index_only: bool = False
    history: str | None = None
    only_news: bool = False
    brief: bool = False


class Desk:
    """What a run works with. The gate is there at once; rules and scanner come when a file has candidates."""

    def __init__(self, request: Request) -> None:
        self.repository = _repository(request)
        self.root = self.repository.root if self.repository else os.path.abspath(request.start)
        self.configured = request.configured
        self.only_news = request.only_news
        self.brief = request.brief
        self.clean: Clean | None = None  # while many files are looked at
        self.remembered: Clean | None = None  # afterwards

    @cached_property
    def objects(self) -> Objects | None:
        """Those of the repository, where there is one."""
        from devsec.sources.objects import Objects  # a commit without a file asks for none

        return Objects(self.repository) if self.repository is not None else None

    @cached_property
    def written(self) -> Config:
        """What the repository wants, as it says."""
        return load_config(self.root) if self.configured else Config()

    @cached_property
    def installed(self) -> tuple[Installed, ...]:
        return installed(self.written)

    def excluded(self) -> Sequence[str]:
        """Files that are not looked at, as globs. Asked while git works (it is a process of its own), and so is the signature of the
        rules."""
        with watch.step(watch.RULES):
            self.signature  # noqa: B018  # is kept
            return self.config.exclude

    def open(self) -> None:
        """Gets the gate, while git works."""
        with watch.step(watch.RULES):
            self.gate  # noqa: B018  # is kept

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The repository's own; the bundled rules and those of installed packs come before them."""
        return tuple(os.path.join(self.root, folder) for folder in self.written.rules)

    @cached_property
    def signature(self) -> str:
        packs = self.installed
        return store.signature((bundled(), *(one.folder for one in packs), *self.folders), [one.name for one in packs])

    @property
    def config(self) -> Config:
        """What the repository wants, as far as it counts: what would weaken a final rule does not."""
        return self._counting[0]

    @property
    def remarks(self) -> tuple[About, ...]:
        """What somebody should know about the configuration."""
        return tuple(About(self.written.file, text) for text in self._counting[1])

    @cached_property
    def _counting(self) -> tuple[Config, tuple[str, ...]]:
        written = self.written
        return self.law.over(written) if written.levels or written.apply else (written, ())

    @cached_property
    def law(self) -> Law:
        from devsec.catalog.law import law_of, restored  # only where rules are named, or something was found

        law = restored(store.read("law", self.signature))
        if law is None:
            law = law_of(self.catalogue)
            store.write("law", self.signature, law.dump())
        return law

    @cached_property
    def gate(self) -> Gate:
        gate = restore_or_none(store.read("gate", self.signature))
        if gate is None:
            gate = Gate.build(self.catalogue)
            store.write("gate", self.signature, gate.dump())
        if self.config.levels or self.config.apply or self.config.ignored:
            self.config.check_rules(gate.rules() | BY_DEVSEC)
        return gate

    @cached_property
    def shelf(self) -> Shelf:
        from devsec.catalog.shelf import Shelf  # rules are read only when a file has candidates

        return Shelf(self.folders, self.signature, self.installed)

    @property
    def catalogue(self) -> Catalogue:
        return self.shelf.all()

    @cached_property
    def scanner(self) -> Scanner:
        from devsec.scan.engine import Scanner  # libcst

        return Scanner(self.shelf, self.gate)

    @cached_property
    def off(self) -> frozenset[str]:
        return frozenset(rule for rule, level in self.config.levels if level is Level.OFF)

    def terms(self, rule: str) -> Terms:
        """On which terms the rule by that id holds."""
        from devsec.catalog.terms import terms_of  # only for a finding

        return terms_of(self.shelf.rule(rule))

    @property
    def decides(self) -> str:
        """All but the rules that decides what a finding does here."""
        return repr(self.config)

    def hits(self, source: Source) -> tuple[str, ...]:
        """Rules that could match and count here."""
        with watch.step(watch.RULES):
            gate = self.gate
        with watch.step(watch.GATE):
            found = gate.hits(source.data, source.path)
        if found:
            watch.count(watch.GATE, len(source.data))
        return tuple(rule for rule in found if rule not in self.off) if self.off else found

    def scan(
        self, source: Source, hits: tuple[str, ...], was: Callable[[], Iterable[Source]] = tuple
    ) -> tuple[Finding, ...] | Skipped:
        """As `Scanner.scan`."""
        collect_much()
        return self.scanner.scan(source, hits, was)


def collect_much() -> None:
    """The command line switches collecting off; trees of many files would pile up."""
    if gc.get_count()[0] > MOST_OBJECTS:
        gc.collect()


def _repository(request: Request) -> Repository | None:
    try:
        return Repository.discover(request.start)
    except GitError:
        if request.paths and not request.since and not request.compare_with and request.history is None:
            return None  # files are files, also where git is not
        raise
