"""One rule at a time, from the cache, and without its examples: a commit concerns few rules, and making all costs as much as
reading its files."""

from __future__ import annotations

from collections.abc import Sequence

from devsec.catalog import store
from devsec.catalog.codec import UNSOUND, decode, encode
from devsec.catalog.here import Installed
from devsec.catalog.rule import Catalogue, Road, Rule

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


class Shelf:
    """Rules (without their examples) and roads by name, like a Catalogue. Where the cache is missing or unsound, all of them are read anew."""

    def __init__(self, folders: Sequence[str], signature: str, installed: Sequence[Installed] = ()) -> None:
        self._folders = folders
        self._installed = installed
        self._signature = signature
        self._all: Catalogue | None = None
        self._rules: dict[str, Rule] = {}
        self._roads: dict[str, Road] | None = None
        self._waiting = store.read_parts("brief", signature)

    def rule(self, id: str) -> Rule:
        """Raises KeyError when there is none by that id."""
        if id not in self._rules and self._all is None and self._waiting is not None:
            try:
                self._rules[id] = decode(self._waiting.get("rule " + id), Rule)
            except UNSOUND:
                self._waiting = None
        return self._rules[id] if id in self._rules else self.all().rule(id)

    def road(self, name: str) -> Road | None:
        if self._roads is None and self._all is None and self._waiting is not None:
            try:
                self._roads = {road.name: road for road in (decode(data, Road) for data in self._waiting.get("roads"))}
            except UNSOUND:
                self._waiting = None
        return self._roads.get(name) if self._roads is not None else self.all().road(name)

    def all(self) -> Catalogue:
        """Everything."""
        if self._all is None:
            self._all = load_cached(self._folders, self._signature, self._installed)
        return self._all


def brief(catalogue: Catalogue) -> dict[str, Any]:
    """The parts that are kept of it: each rule without its examples, and the roads."""
    parts = {"rule " + rule.id: encode(rule._replace(examples=())) for rule in catalogue.rules}
    return {**parts, "roads": encode(catalogue.roads)}


def load_cached(folders: Sequence[str], signature: str, installed: Sequence[Installed] = ()) -> Catalogue:
    """All rules and roads of the bundled folder, installed packs and these folders, from the cache when it has those of this signature."""
    cached = store.read("rules", signature)
    if cached is not None:
        try:
            found: Catalogue = decode(cached)
            return found
        except UNSOUND:
            pass  # not what was written: made anew below
    from devsec.catalog.load import load  # YAML and paths; not when the cache has it

    catalogue = load(folders, installed=installed)
    if store.keeps(signature):  # or what takes longest would be made for nothing
        store.write("rules", signature, encode(catalogue))
        store.write_parts("brief", signature, brief(catalogue))
    return catalogue
