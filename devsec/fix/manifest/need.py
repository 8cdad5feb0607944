"""Which packages do the cures call that their projects do not declare, and what is done about each?

Every package is spoken of once for each project. What is declared already needs no word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devsec.fix.manifest.files import Files
from devsec.fix.manifest.project import Project, project_of
from devsec.fix.manifest.requirement import Declared, Wanted, leaves_room, normalised, parse, wanted
from devsec.fix.manifest.target import NotAdded, add
from devsec.fix.plan import Patch
from devsec.record import Record
from devsec.sources.source import Skipped


class Need(Record):
    """A package that a cure calls and that is not declared as it should be.

    `manifest` is where it belongs, "" when the project has none. `added` when a patch declares it there; `can` when
    one could. Otherwise `reason` is the rest of a sentence that begins with the manifest, and says what to do. `then`
    are commands for afterwards.
    """

    package: str
    manifest: str = ""
    added: bool = False
    can: bool = False
    reason: str = ""
    then: tuple[str, ...] = ()
    loose: bool = False


class Declaring(Record):
    """All needs, in the order of manifests and packages, and the patches of the manifests in which some are added."""

    needs: tuple[Need, ...] = ()
    patches: tuple[Patch, ...] = ()


def declaring(patches: Iterable[Patch], files: Files, write: bool, cured: Iterable[str] = ()) -> Declaring:
    """What the applied cures in `patches` need. With `write`, manifests are changed, but none of those in `cured`,
    which a patch of their own changes already."""
    taken = frozenset(cured)
    projects: dict[str, Project | None] = {}
    by_home: dict[str, tuple[Project | None, dict[str, list[str]]]] = {}
    for path, package in _called(patches):
        folder = path.rpartition("/")[0]
        if folder not in projects:
            projects[folder] = project_of(path, files)
        project = projects[folder]
        read = parse(package)
        key = normalised(read.name) if read is not None else package
        home = by_home.setdefault(project.path if project is not None else "", (project, {}))
        home[1].setdefault(key, []).append(package)
    needs: list[Need] = []
    changed: list[Patch] = []
    for _, (project, packages) in sorted(by_home.items()):
        made = _in_project(project, [packages[key] for key in sorted(packages)], files, write, taken)
        needs += made.needs
        changed += made.patches
    return Declaring(tuple(needs), tuple(changed))


def _called(patches: Iterable[Patch]) -> list[tuple[str, str]]:
    return sorted({(patch.path, it.package) for patch in patches for it in patch.applied if it.package})


def _in_project(
    project: Project | None, packages: Sequence[Sequence[str]], files: Files, write: bool, taken: frozenset[str]
) -> Declaring:
    needs: list[Need] = []
    missing: list[Wanted] = []
    for texts in packages:
        one = wanted(texts)
        if project is None:
            needs.append(Need(one.text if one is not None else " and ".join(texts)))
        elif one is None:
            needs.append(
                Need(" and ".join(texts), project.path, reason="cannot be asked for that: see whether it is there")
            )
        elif one.key not in project.names:
            state = _state(one, project.declared)
            if not state.declared:
                missing.append(one)
            elif state.reason:
                needs.append(Need(one.text, state.where, reason=state.reason))
    if project is None or not missing:
        return Declaring(tuple(needs))
    patch, needed = _missing(project, missing, files, write, taken)
    return Declaring((*needs, *needed), () if patch is None else (patch,))


def _missing(
    project: Project, missing: Sequence[Wanted], files: Files, write: bool, taken: frozenset[str]
) -> tuple[Patch | None, list[Need]]:
    def each(added: bool = False, can: bool = False, reason: str = "") -> list[Need]:
        then = tuple(project.then) if added or reason else ()
        return [Need(one.text, project.path, added, can, reason, then) for one in missing]

    target = project.target
    if target is None:
        return None, each(reason=project.why_not)
    if target.path in taken:
        return None, each(reason="is being cured itself: add it there afterwards")
    if not write:
        return None, each(can=True)
    data = files.read(target.path)
    made = add(target, data, missing) if isinstance(data, bytes) else NotAdded("it went away meanwhile")
    if isinstance(made, NotAdded) or not isinstance(data, bytes):
        why = made.reason if isinstance(made, NotAdded) else ""
        return None, each(reason=f"is not changed ({why}): add it to {target.list or 'the list'} there")
    return Patch(target.path, data, made), each(added=True, can=True)


class _State(Record):
    """Whether a package is declared, and what is wrong with how: in `where`, the `reason` as in Need."""

    declared: bool
    where: str = ""
    reason: str = ""


def _state(one: Wanted, declared: Sequence[Declared]) -> _State:
    same = [it for it in declared if it.key == one.key]
    there = [it for it in same if it.installs]
    if not there:
        return _State(False)
    always = [it for it in there if not it.role]
    for it in (*(always or there), *(it for it in same if not it.installs)):
        if not leaves_room(it.ranges, one.versions):
            return _State(True, it.where, f"declares {it.text}, which leaves no version that will do: change it there")
    if not always:
        return _State(True, there[0].where, f"declares it {there[0].role}: move it if this code runs without that")
    if all(it.marker for it in always):
        return _State(True, always[0].where, f"declares it only where {always[0].marker}: see whether that is enough")
    return _State(True)


def failed(declared: Declaring, trouble: Iterable[Skipped]) -> Declaring:
    """The same, once it is known which manifests could not be written."""
    reasons = {skipped.path: skipped.reason for skipped in trouble}
    needs = tuple(
        need._replace(added=False, can=False, reason=f"could not be changed ({reasons[need.manifest]}): add it there")
        if need.added and need.manifest in reasons
        else need
        for need in declared.needs
    )
    return Declaring(needs, tuple(patch for patch in declared.patches if patch.path not in reasons))
