"""Which rules and roads are there? The bundled ones, then those of the repository's own folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from devsec.catalog.bundled import bundled
from devsec.catalog.rule import Catalogue, Road, Rule
from devsec.errors import ConfigError, RuleError

_MAX_FILES = 5000


def load(folders: Sequence[str | Path] = (), *, with_bundled: bool = True) -> Catalogue:
    """All rules and roads, checked. Later roads replace earlier ones of the same name.

    Raises RuleError with file, line and column for the first thing that is wrong, ConfigError for a folder that is not
    there.
    """
    from devsec.catalog.schema import resolve_roads, roads_from, rule_from
    from devsec.catalog.yaml_read import Node, read

    rules: dict[str, tuple[Rule, Node]] = {}
    roads: dict[str, Road] = {}
    own_roads: dict[tuple[int, str], Road] = {}
    for number, folder in enumerate([*([Path(bundled())] if with_bundled else []), *map(Path, folders)]):
        for file in _files(folder):
            node = read(_bytes(file), str(file))
            if isinstance(node.value, list) or "road" in (node.value if isinstance(node.value, dict) else {}):
                for road in roads_from(node):
                    if (number, road.name) in own_roads:
                        other = own_roads[number, road.name].source
                        raise node.wrong(f"the road `{road.name}` is in {other} as well", "keep one of them")
                    own_roads[number, road.name] = roads[road.name] = road
                continue
            rule = rule_from(node)
            if rule.id != file.stem:
                raise node.wrong(f"the rule `{rule.id}` stands in {file.name}", f"call the file {rule.id}.yaml")
            if rule.id in rules:
                raise node.wrong(
                    f"the rule `{rule.id}` is in {rules[rule.id][0].source} as well", "rename one of the two"
                )
            rules[rule.id] = (rule, node)
    resolved = tuple(resolve_roads(rule, roads, node) for _, (rule, node) in sorted(rules.items()))
    return Catalogue(resolved, tuple(roads[name] for name in sorted(roads)))


def _files(folder: Path) -> list[Path]:
    """The YAML files below a folder, sorted. Links that lead out of it are refused: a repository must not make devsec
    read elsewhere."""
    if not folder.is_dir():
        raise ConfigError(f"no such folder of rules: {folder}", "mend `rules` in the configuration, or make the folder")
    root = os.path.realpath(folder)
    found: list[Path] = []
    for below, names, files in os.walk(folder, onerror=_refuse):
        names.sort()
        for name in sorted(files):
            if not name.endswith((".yaml", ".yml")):
                continue
            file = Path(below) / name
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
        return file.read_bytes()
    except OSError as error:
        raise RuleError(f"{file}:1:1: cannot be read: {error.strerror}", "mend its permissions") from None
