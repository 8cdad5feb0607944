"""What does a pyproject.toml say that the project needs, and where does one more go?

PEP 621 for `[project]`, PEP 735 for groups, and what Poetry, PDM, uv, Hatch and setuptools have of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from devsec.fix.manifest import tomltext
from devsec.fix.manifest.requirement import Declared, Wanted, declared, normalised, parse, poetry_ranges
from devsec.fix.manifest.target import Facts, Insertion, Target
from devsec.record import Record

DEVELOPMENT = "for development only"


class Project(Record):
    """`target` is the list of what is always installed, when it stands here. `files` are requirements files that are
    this list; `elsewhere` when it is made by something else. `bare` when there is a project without any list."""

    declared: tuple[Declared, ...] = ()
    names: frozenset[str] = frozenset()
    target: Target | None = None
    files: tuple[str, ...] = ()
    elsewhere: bool = False
    bare: bool = False
    why_not: str = ""


def read(path: str, text: str) -> Project | None:
    """None when it says nothing of a project. `why_not` when it is not TOML."""
    document = tomltext.loads(text)
    if document is None:
        return Project(why_not="is not TOML that can be read")
    project, poetry = tomltext.table(document, "project"), tomltext.table(document, "tool", "poetry")
    groups = tomltext.table(document, "dependency-groups")
    if not (project or poetry or groups):
        return None
    names = frozenset(normalised(str(one["name"])) for one in (project, poetry) if isinstance(one.get("name"), str))
    found = Project((*_listed(document, path), *_poetry(poetry, path)), names)
    dynamic = "dependencies" in _strings(project.get("dynamic"))
    if isinstance(project.get("dependencies"), list):
        return found._replace(target=_array(path, ("project", "dependencies")))
    if tomltext.table(poetry, "dependencies") or (poetry and not project):
        return found._replace(target=_poetry_table(path))
    if dynamic:
        return found._replace(files=_files(document), elsewhere=True)
    if project:
        return found._replace(target=_new_array(path), bare=True)
    if len(groups) == 1:
        return found._replace(target=_array(path, ("dependency-groups", *groups)))
    return found._replace(why_not=f"has {len(groups)} groups of dependencies, and nothing says which is the one")


# --- what is declared ------------------------------------------------------------------------------------------------------


def _listed(document: Mapping[str, Any], path: str) -> Iterator[Declared]:
    project = tomltext.table(document, "project")
    only_groups = not project and not tomltext.table(document, "tool", "poetry")
    yield from _each(project.get("dependencies"), path, "")
    for extra, items in tomltext.table(project, "optional-dependencies").items():
        yield from _each(items, path, f"in its extra {extra} only")
    groups = tomltext.table(document, "dependency-groups")
    for group, items in groups.items():
        # Without a project, groups are all there is; whether one is for development only its owner knows.
        yield from _each(items, path, "" if only_groups else f"{DEVELOPMENT}, in its group {group}")
    for tool in ("pdm", "uv"):
        own = tomltext.table(document, "tool", tool).get("dev-dependencies")
        for items in own.values() if isinstance(own, dict) else [own]:
            yield from _each(items, path, DEVELOPMENT)
    for env in tomltext.table(document, "tool", "hatch", "envs").values():
        if isinstance(env, dict):
            for key in ("dependencies", "extra-dependencies"):
                yield from _each(env.get(key), path, DEVELOPMENT)


def _each(items: object, path: str, role: str) -> Iterator[Declared]:
    for item in _strings(items):
        one = declared(item, path, role)
        if one is not None:
            yield one


def _poetry(poetry: Mapping[str, Any], path: str) -> Iterator[Declared]:
    tables = [(tomltext.table(poetry, "dependencies"), ""), (tomltext.table(poetry, "dev-dependencies"), DEVELOPMENT)]
    for group in tomltext.table(poetry, "group"):
        inner = tomltext.table(poetry, "group", group, "dependencies")
        tables.append((inner, f"{DEVELOPMENT}, in its group {group}"))
    for entries, role in tables:
        for name, value in entries.items():
            if name != "python":
                yield entry(name, value, path, role)


def entry(name: str, value: object, where: str, role: str) -> Declared:
    """What a line of Poetry's or Pipenv's table declares: a version, or a table with one, or several."""
    several = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    one: dict[str, Any] = value if isinstance(value, dict) else {}
    versions = [value] if isinstance(value, str) else [it.get("version", "*") for it in (several or [one])]
    ranges: tuple[str, ...] = ()
    for version in versions:
        more = poetry_ranges(version) if isinstance(version, str) else ()
        if not more:
            ranges = ()
            break
        ranges += more
    if one.get("optional") is True:
        role = role or "as optional"
    marker = one.get("markers", "")
    shown = versions[0] if len(versions) == 1 and isinstance(versions[0], str) else ""
    text = f"{name} {shown}".strip() if shown not in ("", "*") else name
    return Declared(normalised(name), text, where, role, ranges, marker if isinstance(marker, str) else "")


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _files(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Requirements files that are the list, by setuptools' own configuration or by a plugin of Hatch."""
    own = tomltext.table(document, "tool", "setuptools", "dynamic", "dependencies").get("file")
    hook = tomltext.table(document, "tool", "hatch", "metadata", "hooks", "requirements_txt").get("files")
    return tuple([own] if isinstance(own, str) else _strings(own) or _strings(hook))


# --- where one more goes ---------------------------------------------------------------------------------------------------


def _array(path: str, keys: tuple[str, ...]) -> Target:
    def add(text: str, wanted: Wanted) -> Sequence[Insertion] | str:
        place = tomltext.values(text, *keys[:-1]).get(keys[-1])
        items = tomltext.table(tomltext.loads(text) or {}, *keys[:-1]).get(keys[-1])
        if place is None or not isinstance(items, list):
            return "its layout is not one devsec can add to"
        names = [one.name if isinstance(item, str) and (one := parse(item)) else "" for item in items]
        return tomltext.new_item(text, place, names, wanted.name, wanted.text)

    listed = f"[{'.'.join(keys[:-1])}] {keys[-1]}"
    return Target(path, listed, add, tomltext.facts, _as_item(keys))


def _as_item(keys: tuple[str, ...]) -> Any:
    return lambda wanted: Facts([tomltext.fact((*keys, "[]"), wanted.text)])


def _new_array(path: str) -> Target:
    def add(text: str, wanted: Wanted) -> Sequence[Insertion] | str:
        # The second package finds the list that the first one made.
        if isinstance(tomltext.table(tomltext.loads(text) or {}, "project").get("dependencies"), list):
            return there.add(text, wanted)
        line = f"dependencies = [{tomltext.quoted(wanted.text)}]"
        return tomltext.new_line(text, ("project",), line, after="requires-python")

    there = _array(path, ("project", "dependencies"))
    return there._replace(add=add)


def _poetry_table(path: str) -> Target:
    return keyed(path, ("tool", "poetry", "dependencies"), apart=("python",))


def keyed(path: str, keys: tuple[str, ...], apart: Sequence[str] = ()) -> Target:
    """A table whose keys are the names of packages: Poetry's and Pipenv's."""

    def add(text: str, wanted: Wanted) -> Sequence[Insertion] | str:
        name = wanted.name if "." not in wanted.name else f'"{wanted.name}"'
        version = tomltext.quoted(wanted.versions or "*")
        if wanted.extras or wanted.marker:
            parts = [f"version = {version}"]
            if wanted.extras:
                parts.append(f"extras = [{', '.join(map(tomltext.quoted, wanted.extras))}]")
            if wanted.marker:
                parts.append(f"markers = {tomltext.quoted(wanted.marker)}")
            version = "{" + ", ".join(parts) + "}"
        return tomltext.new_line(text, keys, f"{name} = {version}", name=wanted.name, apart=apart)

    def added(wanted: Wanted) -> Facts:
        here = (*keys, wanted.name)
        if not (wanted.extras or wanted.marker):
            return Facts([tomltext.fact(here, wanted.versions or "*")])
        made = [tomltext.fact((*here, "version"), wanted.versions or "*")]
        made += [tomltext.fact((*here, "extras", "[]"), extra) for extra in wanted.extras]
        made += [tomltext.fact((*here, "markers"), wanted.marker)] if wanted.marker else []
        return Facts(made)

    return Target(path, f"[{'.'.join(keys)}]", add, tomltext.facts, added)
