"""Which rules and roads are there? The bundled ones, those of installed packs, then those of the repository's own folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devsec import brought
from devsec.catalog import store
from devsec.catalog.bundled import bundled
from devsec.catalog.codec import UNSOUND, decode, encode
from devsec.catalog.here import PACK, Installed
from devsec.catalog.rule import Catalogue, Road, Rule
from devsec.catalog.store import DEEPEST
from devsec.errors import ConfigError, RuleError

if TYPE_CHECKING:
    from devsec.catalog.pack import Pack
    from devsec.catalog.settle import Offer
    from devsec.catalog.yaml_read import Node

_MAX_FILES = 5000


def load(
    folders: Sequence[str | Path] = (), *, installed: Sequence[Installed] = (), with_bundled: bool = True
) -> Catalogue:
    """All rules and roads, checked: the bundled ones, those of installed packs, those of a repository's own `folders`. Later
    roads replace earlier ones of the same name; in a folder with a pack.yaml the ids of rules begin with the pack's name.

    Raises RuleError with file, line and column for the first thing that is wrong, ConfigError for a folder that is not
    there.
    """
    from devsec.catalog.pack import pack_in
    from devsec.catalog.schema import resolve_roads, roads_from, rule_from
    from devsec.catalog.settle import Offer, roads_of, settled
    from devsec.catalog.yaml_read import read

    rules: dict[str, tuple[Rule, Node]] = {}
    offers: list[Offer] = []
    packs: dict[str, Pack] = {}
    for number, (folder, by) in enumerate(_folders(folders, installed, with_bundled)):
        ours = number > 0 or not with_bundled
        by_devsec = not ours or os.path.realpath(folder) == os.path.realpath(bundled())
        if not ours and (kept := _kept()) is not None:
            rules, offers = kept
            continue
        files = _files(folder)
        pack = pack_in(folder, by) if ours else None
        if pack is not None:
            if pack.name in packs:
                raise RuleError(
                    f"{pack.file}:1:1: the pack `{pack.name}` is in {packs[pack.name].file} as well",
                    "one name is for one pack: take the folder out of `rules`, or uninstall the other one",
                )
            packs[pack.name] = pack
        seen: dict[str, str] = {}
        for file in files:
            node = read(_bytes(file), str(file))
            if isinstance(node.value, list) or "road" in (node.value if isinstance(node.value, dict) else {}):
                for road, at in zip(
                    roads_from(node), node.value if isinstance(node.value, list) else [node], strict=True
                ):
                    if road.name in seen:
                        raise node.wrong(f"the road `{road.name}` is in {seen[road.name]} as well", "keep one of them")
                    seen[road.name] = road.source
                    offers.append(Offer(road, at, pack, bundled=not ours))
                continue
            rule = rule_from(node, by_devsec=by_devsec)
            if rule.id != file.stem:
                raise node.wrong(f"the rule `{rule.id}` stands in {file.name}", f"call the file {rule.id}.yaml")
            if pack is not None:
                rule = rule._replace(id=f"{pack.name}/{rule.id}")
            if rule.id in rules:
                if os.path.realpath(rules[rule.id][0].source) == os.path.realpath(file):
                    raise ConfigError(
                        f"{file} is in two of the folders of rules",
                        "name in `rules` only the folder that holds the other",
                    )
                raise node.wrong(
                    f"the rule `{rule.id}` is in {rules[rule.id][0].source} as well", "rename one of the two"
                )
            rules[rule.id] = (rule, node)
        if not ours:
            _keep(rules, offers)
    roads = roads_of(offers, packs.values())
    resolved = (resolve_roads(rule, roads, node) for _, (rule, node) in sorted(settled(rules, packs.values()).items()))
    return Catalogue(tuple(resolved), tuple(roads[name] for name in sorted(roads)))


def _kept() -> tuple[dict[str, tuple[Rule, Node]], list[Offer]] | None:
    """The bundled rules and roads as they were read before, before packs and the repository have a say: whoever has rules of their
    own would read the 400 others again each time one changes. None when they are not there, or not sound."""
    from devsec.catalog.settle import Offer
    from devsec.catalog.yaml_read import Node

    data = store.read(_BUNDLED, store.signature((bundled(),)))
    try:
        if data is None:
            return None
        rules = decode(data["rules"], tuple[Rule, ...])
        roads = decode(data["roads"], tuple[tuple[Road, int, int], ...])
    except UNSOUND:
        return None
    return (
        {rule.id: (rule, Node(None, rule.source, 1, 1)) for rule in rules},
        [Offer(road, Node(None, road.source, line, column), None, bundled=True) for road, line, column in roads],
    )


def _keep(rules: Mapping[str, tuple[Rule, Node]], offers: Sequence[Offer]) -> None:
    data = {
        "rules": encode(tuple(rule for rule, _ in rules.values())),
        "roads": encode(tuple((offer.road, offer.node.line, offer.node.column) for offer in offers)),
    }
    store.write(_BUNDLED, store.signature((bundled(),)), data)


_BUNDLED = "bundled"  # its name in the cache


def _folders(
    own: Sequence[str | Path], installed: Sequence[Installed], with_bundled: bool
) -> Iterator[tuple[Path, Installed | None]]:
    """In the order of their words. A pack that is installed from the repository it lies in is there once."""
    if with_bundled:
        yield Path(bundled()), None
    for one in installed:
        yield Path(one.folder), one
    there = {os.path.realpath(one.folder) for one in installed}
    for folder in own:
        if os.path.realpath(folder) not in there:
            yield Path(folder), None


def _files(folder: Path) -> list[Path]:
    """The YAML files below a folder, sorted. Links that lead out of it are refused: a repository must not make devsec
    read elsewhere."""
    if not folder.is_dir():
        raise ConfigError(f"no such folder of rules: {folder}", "mend `rules` in the configuration, or make the folder")
    root = os.path.realpath(folder)
    found: list[Path] = []
    for below, names, files in os.walk(folder, onerror=_refuse):
        names.sort()
        if os.path.relpath(below, folder).count(os.sep) > DEEPEST:
            raise ConfigError(
                f"folders more than {DEEPEST} deep in {folder}", "name the folder that holds the rules, or move them up"
            )
        for name in sorted(files):
            if not name.endswith((".yaml", ".yml")):
                continue
            file = Path(below) / name
            if name == PACK:
                if Path(below) != folder:
                    raise RuleError(f"{file}:1:1: a pack inside of {folder}", "name its own folder in `rules`")
                continue
            # Not Path.resolve: before Python 3.13 a link to itself makes that fail.
            if file.is_symlink() and not Path(os.path.realpath(file)).is_relative_to(root):
                raise RuleError(f"{file}:1:1: a link that leads out of {folder}", "put the file itself there")
            found.append(file)
            if len(found) > _MAX_FILES:
                raise ConfigError(
                    f"more than {_MAX_FILES} rule files in {folder}", "name the folder that holds the rules"
                )
    return found


def _refuse(error: OSError) -> None:
    raise ConfigError(f"the folder of rules {error.filename} cannot be read: {error.strerror}", "mend its permissions")


def _bytes(file: Path) -> bytes:
    try:
        return brought.read(str(file))
    except OSError as error:
        raise RuleError(
            f"{file}:1:1: cannot be read: {error.strerror}", "put a file there that you may read, or take it away"
        ) from None
