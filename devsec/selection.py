"""What is to be looked at, and what stood there before?

A choice names files and objects; it holds no text, so that a large commit needs no more memory than its largest file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from devsec.errors import UsageError
from devsec.globs import matches
from devsec.record import Record
from devsec.sources import tree
from devsec.sources.git import Change, Repository
from devsec.sources.source import MAX_BYTES, Large, Passed, Skipped, Source, too_large

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from devsec.sources.objects import Objects

CONFLICT = "It is in conflict: resolve it and stage the result."


class Base(Record):
    """A text that stood there before: where it was and the object that holds it."""

    path: str
    blob: str


class Chosen(Record):
    """One file. `blob` is the object with its text, "" for the file on disk; `gone` when it was deleted.

    `bases` has what each parent of the commit had in its place, nothing for a new file. `ancestor` is what both sides
    of a merge began with.
    """

    path: str
    blob: str = ""
    bases: tuple[Base, ...] = ()
    ancestor: Base | None = None
    conflict: bool = False
    gone: bool = False


class Selection(Record):
    """`wanted` are looked at; `others` changed in the same commit, so that code may have come from them.

    `compared` is False when everything in the files counts, whenever it was written.
    """

    wanted: tuple[Chosen, ...]
    others: tuple[Chosen, ...] = ()
    compared: bool = True


def staged(repository: Repository, exclude: Callable[[], Sequence[str]] = tuple, on_disk: bool = False) -> Selection:
    """What the commit being made changes. `on_disk` takes the text of the work tree instead of the staged one. `exclude` is asked
    while git works, and again."""
    chosen = _with_parents(repository, repository.staged(meanwhile=exclude))
    return _split(chosen, exclude(), on_disk)


def since(repository: Repository, ref: str, exclude: Sequence[str] = ()) -> Selection:
    """What this branch and the work tree changed since they left `ref`."""
    return _split(_changed(repository, repository.merge_bases(ref)), exclude, on_disk=True)


def everything(repository: Repository, exclude: Sequence[str] = ()) -> Selection:
    """All files git has or would add, with no regard to history."""
    return Selection(tuple(Chosen(path) for path in repository.tracked() if _counts(path, exclude)), compared=False)


def among(repository: Repository, paths: Iterable[str], commit: str, exclude: Sequence[str] = ()) -> Selection:
    """The files `paths` (from the root) as they are on disk, compared with `commit`: `HEAD`, or where HEAD left a ref."""
    wanted = sorted({path for path in paths if _counts(path, exclude)})
    commits: Sequence[str] = ("HEAD",) if commit == "HEAD" else repository.merge_bases(commit)
    changes = _with_parents(repository, repository.staged()) if commit == "HEAD" else _changed(repository, commits)
    changed = {chosen.path: chosen for chosen in changes if not chosen.gone}
    same: dict[str, tuple[Base, ...]] = {}
    for one in commits:
        for path, blob in repository.base_blobs(one, [path for path in wanted if path not in changed]).items():
            same[path] = (*same.get(path, ()), Base(path, blob))
    chosen = []
    for path in wanted:
        if path in changed:
            chosen.append(_on_disk(changed[path]))
        else:
            chosen.append(Chosen(path, bases=same.get(path, ())))
    names = set(wanted)
    return Selection(tuple(chosen), tuple(c for c in changes if c.gone or c.path not in names))


def tops(repository: Repository, paths: Sequence[str]) -> list[str]:
    """What somebody called these, as git names them; UsageError for what is outside."""
    found = []
    for path in paths:
        top = repository.relative(path)
        if top is None:
            raise UsageError(f"{path} is outside the repository", "Name files and folders inside it.")
        found.append(top)
    return found


class Version(Record):
    """A text as a commit brought it to a path."""

    path: str
    commit: str


class Past(Record):
    """What commits brought: each object once, with every path it came to, and the first commit that brought it there.

    `unknown` are the commits whose parents a shallow clone does not have.
    """

    commits: int
    wanted: dict[str, tuple[Version, ...]]
    unknown: tuple[str, ...] = ()


def history(repository: Repository, revisions: Sequence[str], tops: Sequence[str], exclude: Sequence[str] = ()) -> Past:
    """What the commits in `revisions` (as `git rev-list` takes them; all of all refs without any) brought below `tops`."""
    commits = repository.commits(revisions)
    wanted: dict[str, dict[str, str]] = {}
    for added in repository.added(commits):
        if not _counts(added.path, exclude):
            continue
        if tops and not any(not top or added.path == top or added.path.startswith(top + "/") for top in tops):
            continue
        wanted.setdefault(added.blob, {}).setdefault(added.path, added.commit)
    shallow = repository.shallow()
    return Past(
        len(commits),
        {blob: tuple(Version(path, commit) for path, commit in where.items()) for blob, where in wanted.items()},
        tuple(commit for commit in commits if commit in shallow),
    )


def texts(
    selected: Iterable[Chosen],
    repository: Repository | Objects | None,
    root: str,
    meanwhile: Callable[[], object] = tuple,
) -> Iterator[tuple[Chosen, Source | Skipped | Passed]]:
    """Each file with its text, or with why there is none. One text in memory at a time; not in the order given. `meanwhile` is
    called while git looks for them."""
    by_blob: dict[str, list[Chosen]] = {}
    for chosen in selected:
        if chosen.conflict:
            yield chosen, Skipped(chosen.path, CONFLICT)
        elif chosen.blob and repository is not None:
            by_blob.setdefault(chosen.blob, []).append(chosen)
        else:
            yield chosen, tree.read(chosen.path, root)
    if repository is not None:
        for blob, data in repository.read_up_to(MAX_BYTES, by_blob, meanwhile):
            for chosen in by_blob[blob]:
                if isinstance(data, Large):
                    yield chosen, too_large(chosen.path, data)
                else:
                    yield chosen, Source(chosen.path, data)


def _counts(path: str, exclude: Sequence[str]) -> bool:
    return not (exclude and matches(path, exclude))


def _split(chosen: Sequence[Chosen], exclude: Sequence[str], on_disk: bool) -> Selection:
    wanted, others = [], []
    for one in chosen:
        if one.gone or not _counts(one.path, exclude):
            others.append(one)
        else:
            wanted.append(_on_disk(one) if on_disk else one)
    return Selection(tuple(wanted), tuple(others))


def _on_disk(chosen: Chosen) -> Chosen:
    return Chosen(chosen.path, "", chosen.bases, chosen.ancestor, chosen.conflict, chosen.gone)


def _from(change: Change) -> Chosen:
    bases = (Base(change.base_path, change.base_blob),) if change.base_blob else ()
    return Chosen(change.path, change.blob, bases, None, change.status == "U", change.status == "D")


def _changed(repository: Repository, commits: Sequence[str]) -> list[Chosen]:
    """What the work tree has other than each of `commits`. What one of them has already is nobody's change: where two
    branches were merged into each other, that is what came from the other one."""
    first, *more = commits
    chosen = [_from(change) for change in repository.changes_from(first)]
    for commit in more:
        there = {change.path: change for change in repository.changes_from(commit)}
        chosen = [
            one._replace(bases=(*one.bases, *_from(there[one.path]).bases)) for one in chosen if one.path in there
        ]
    return chosen


def _with_parents(repository: Repository, changes: Sequence[Change]) -> list[Chosen]:
    """While a merge is committed, what any of its parents had was there before, too."""
    chosen = [_from(change) for change in changes]
    heads = repository.merge_heads()
    if not heads:
        return chosen
    paths = [one.path for one in chosen]
    for head in heads:
        theirs = {change.path: change for change in repository.staged(head)}
        for number, one in enumerate(chosen):
            there = theirs.get(one.path)
            if there is None:  # as that parent has it
                base = Base(one.path, one.blob) if one.blob else None
            else:
                base = Base(there.base_path, there.base_blob) if there.base_blob else None
            if base is not None:
                chosen[number] = Chosen(one.path, one.blob, (*one.bases, base), None, one.conflict, one.gone)
    if len(heads) == 1:
        began = repository.base_blobs(repository.merge_base(heads[0]), paths)
        for number, one in enumerate(chosen):
            if one.path in began:
                ancestor = Base(one.path, began[one.path])
                chosen[number] = Chosen(one.path, one.blob, one.bases, ancestor, one.conflict, one.gone)
    return chosen
