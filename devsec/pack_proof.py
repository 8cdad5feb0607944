"""Does a pack hold, and would its users get it? Everything that can be known in its own repository, before a release.

Nothing is built and nothing is run: packaging is judged by what pyproject.toml says.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import devsec
from devsec import brought
from devsec.catalog.here import GROUP, NAME, PACK, Installed
from devsec.errors import DevsecError, UsageError
from devsec.record import Record

HOOKS = ".pre-commit-hooks.yaml"
_PROJECT = "pyproject.toml"


class Wrong(Record):
    """One thing that is wrong: its kind in a word, the file (and line, where there is one), what, and what to do."""

    kind: str
    place: str
    text: str
    hint: str = ""


class Tested(Record):
    """What was looked at: the names of the packs, how many rules and examples; and what is wrong."""

    packs: tuple[str, ...]
    rules: int
    examples: int
    wrong: tuple[Wrong, ...]


def tested(root: Path) -> Tested:
    """Of the repository of a pack (its pyproject.toml names it), or of the folder of one. UsageError when it is neither."""
    if not (root / _PROJECT).is_file() and not (root / PACK).is_file():
        raise UsageError(
            f"{root}: there is no {_PROJECT} and no {PACK}",
            "Name the repository of a pack; `devsec pack init` makes one.",
        )
    wrong: list[Wrong] = []
    packs: list[Installed] = []
    if (root / PACK).is_file():
        packs.append(Installed(_called(root / PACK), str(root), "this folder", str(root / PACK)))
    else:
        project = _toml(root / _PROJECT, wrong)
        if project is not None:
            packs += _of_project(root, project, wrong)
            wrong += _pinned(root, project)
            for one in packs:
                wrong += _shipped(root, Path(one.folder), project)
            wrong += _hooks(root)
    rules = examples = 0
    if packs:
        try:
            rules, examples, failed = _proved(packs)
            wrong += failed
        except DevsecError as error:
            wrong.append(Wrong("broken", "", error.message, error.hint))
    return Tested(tuple(one.name for one in packs), rules, examples, tuple(wrong))


def _called(file: Path) -> str:
    """What a pack.yaml calls its pack; "" when it does not say so in a readable way, which loading it will tell."""
    from devsec.catalog.yaml_read import read

    try:
        node = read(brought.read(str(file)), str(file))
    except (DevsecError, OSError):
        return ""
    name = node.value.get("pack") if isinstance(node.value, dict) else None
    return name.value if name is not None and isinstance(name.value, str) else ""


def _toml(file: Path, wrong: list[Wrong]) -> dict[str, Any] | None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    try:
        return dict(tomllib.loads(brought.read(str(file)).decode("utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        wrong.append(Wrong("project", str(file), f"cannot be read: {error}"))
        return None


def _table(data: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _of_project(root: Path, project: Mapping[str, Any], wrong: list[Wrong]) -> list[Installed]:
    """The packs the project's entry points name, as they would be installed."""
    file = str(root / _PROJECT)
    entries = _table(project, "project", "entry-points", GROUP)
    if not entries:
        wrong.append(
            Wrong(
                "entry point",
                file,
                "no entry point tells devsec of a pack",
                f'[project.entry-points."{GROUP}"], acme = "acme_devsec"',
            )
        )
    found = []
    for name, value in sorted(entries.items()):
        parts = str(value).split(".")
        if not re.fullmatch(NAME, name) or not all(part.isidentifier() for part in parts):
            wrong.append(
                Wrong("entry point", file, f'{name} = "{value}" is not a name and a package', 'acme = "acme_devsec"')
            )
            continue
        folders = [Path(top, *parts) for top in (root, root / "src")]
        folder = next((it for it in folders if (it / PACK).is_file()), None)
        if folder is None:
            wrong.append(
                Wrong("entry point", file, f'{name} = "{value}", and there is no {folders[0] / PACK}', "make it")
            )
            continue
        says = _called(folder / PACK)
        if says and says != name:
            wrong.append(
                Wrong(
                    "entry point",
                    file,
                    f"it is called {name!r} here and {says!r} in {folder / PACK}",
                    "one name in both",
                )
            )
        found.append(Installed(says or name, str(folder), "this project", file))
    return found


def _pinned(root: Path, project: Mapping[str, Any]) -> Iterator[Wrong]:
    file = str(root / _PROJECT)
    given = _table(project, "project").get("dependencies", [])
    from packaging.requirements import InvalidRequirement, Requirement

    asked = None
    for text in given if isinstance(given, list) else []:
        try:
            requirement = Requirement(str(text))
        except InvalidRequirement:
            yield Wrong("project", file, f"{text!r} is no requirement")
            continue
        if re.sub(r"[-_.]+", "-", requirement.name).lower() == "devsec":
            asked = requirement
    wanted = f"devsec=={devsec.__version__}"
    if asked is None:
        yield Wrong(
            "pin", file, "it does not depend on devsec, so its hooks would not find it", f'dependencies = ["{wanted}"]'
        )
    elif not asked.url and [one.operator for one in asked.specifier] not in (["=="], ["==="]):
        yield Wrong("pin", file, f"{asked} is not one version: a new devsec would reach everybody unproved", wanted)
    elif not asked.url and not asked.specifier.contains(devsec.__version__, prereleases=True):
        yield Wrong("pin", file, f"{asked} is what users get, and this is devsec {devsec.__version__}", wanted)


def _shipped(root: Path, folder: Path, project: Mapping[str, Any]) -> Iterator[Wrong]:
    """Whether the wheel would hold the YAML, as far as the backend is known."""
    file = str(root / _PROJECT)
    backend = str(_table(project, "build-system").get("build-backend", "setuptools.build_meta"))
    below = folder.relative_to(root).as_posix()
    if backend.startswith("hatchling"):
        build = _table(project, "tool", "hatch", "build")
        wheel = _table(build, "targets", "wheel")
        named = [str(one).strip("/") for key in ("packages", "only-include", "include") for one in wheel.get(key, [])]
        own = re.sub(r"[-_.]+", "_", str(_table(project, "project").get("name", ""))).lower()
        if not any(_holds(one, below) for one in named or [own, f"src/{own}"]):
            yield Wrong(
                "wheel",
                file,
                f"the wheel does not hold {below}",
                f'[tool.hatch.build.targets.wheel], packages = ["{below}"]',
            )
        for glob in (*build.get("exclude", []), *wheel.get("exclude", [])):
            if re.search(r"\.ya?ml$|\*$|^\*", str(glob)):
                yield Wrong("wheel", file, f"exclude = {glob!r} may leave the YAML out of the wheel", "leave it out")
        for line in _lines(root / ".gitignore"):
            if re.search(r"\.ya?ml$", line) and not line.startswith(("#", "!", ".")):
                yield Wrong("wheel", str(root / ".gitignore"), f"hatchling leaves out what git ignores, such as {line}")
    elif backend.startswith("setuptools"):
        data = _table(project, "tool", "setuptools", "package-data")
        globs = [str(glob) for some in data.values() if isinstance(some, list) for glob in some]
        depth = max(len(one.relative_to(folder).parts) for one in folder.rglob("*.y*ml"))
        fits = any(glob.endswith((".yaml", "/*", ".y*ml")) or glob in ("*", "**") for glob in globs)
        if not fits or (depth > 1 and not any("/" in glob for glob in globs)):
            package = below.removeprefix("src/").split("/")[0]
            yield Wrong(
                "wheel", file, f"setuptools leaves the YAML below {below} out of the wheel",
                f'[tool.setuptools.package-data], {package} = ["**/*.yaml"]',
            )  # fmt: skip


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in brought.read(str(file)).decode("utf-8", "replace").splitlines()]
    except OSError:
        return []


def _holds(named: str, below: str) -> bool:
    named = re.sub(r"/?\*\*?(?:/\*)?$", "", named) or "."
    return named == "." or below == named or below.startswith(named + "/")


def _hooks(root: Path) -> Iterator[Wrong]:
    """Whether pre-commit could use this repository, and all would use it alike."""
    from devsec.catalog.yaml_read import read

    file = root / HOOKS
    if not file.is_file():
        yield Wrong(
            "hooks",
            str(file),
            "it is not there, so pre-commit cannot take this repository for hooks",
            "devsec pack init shows one",
        )
        return
    try:
        node = read(brought.read(str(file)), str(file))
    except DevsecError as error:
        yield Wrong("hooks", "", error.message, error.hint)
        return
    hooks = node.plain()
    if not isinstance(hooks, list) or not all(isinstance(hook, dict) for hook in hooks) or not hooks:
        yield Wrong("hooks", str(file), "it is no list of hooks", "devsec pack init shows one")
        return
    ours = [hook for hook in hooks if re.match(r"devsec(?: |$)", str(hook.get("entry", "")))]
    if not ours:
        yield Wrong("hooks", str(file), "no hook runs devsec", "entry: devsec check")
    for hook in ours:
        where = f"{file}: {hook.get('id')}"
        if hook.get("language") != "python":
            yield Wrong(
                "hooks",
                where,
                "only `language: python` installs this repository, and with it the pack",
                "language: python",
            )
        if hook.get("require_serial") is not True:
            yield Wrong("hooks", where, "several processes would each see a part of the commit", "require_serial: true")
        if hook.get("additional_dependencies"):
            yield Wrong(
                "hooks", where, "autoupdate never raises additional_dependencies", "put them into pyproject.toml"
            )


def _proved(packs: Sequence[Installed]) -> tuple[int, int, list[Wrong]]:
    """How many rules and examples the packs have, and those that do not hold, with the roads as the packs make them."""
    from devsec.catalog.load import load
    from devsec.catalog.rule import Catalogue
    from devsec.prove import Ending, prove
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate

    loaded = load(installed=sorted(packs))
    # What an example shows holds on any terms.
    catalogue = Catalogue(tuple(rule._replace(terms=None) for rule in loaded.rules), loaded.roads)
    scanner = Scanner(catalogue, Gate.build(catalogue))
    prefixes = tuple(f"{one.name}/" for one in packs)
    rules = examples = 0
    wrong = []
    for rule in catalogue.rules:
        if not rule.id.startswith(prefixes):
            continue
        rules += 1
        for ending in prove(rule, scanner):
            examples += 1
            if ending.outcome is not Ending.HOLDS:
                wrong.append(Wrong(ending.outcome.value, f"{rule.source}:{ending.line}", f"{rule.id}: {ending.told}"))
    return rules, examples, wrong
