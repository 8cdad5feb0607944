"""On which ways does a commit reach devsec in this repository, and does each of them run?"""

from __future__ import annotations

import os

from devsec.errors import UsageError
from devsec.record import Record
from devsec.setup import lefthook, native, precommit
from devsec.setup.steps import read, stays_inside
from devsec.sources.git import Repository

NATIVE, PRE_COMMIT, LEFTHOOK, SETTINGS = "native", "pre-commit", "lefthook", "git config"


class Hooks(Record):
    """Where git looks for hooks here. `folder` is where it does, `file` the pre-commit hook that somebody would write: for
    husky another one than git runs. `path` is what `core.hooksPath` says, "" when it is not set. `owner`: `machine` when it
    is inside git's folder, `team` when it is in the work tree, `user` when other repositories have the same."""

    folder: str
    file: str
    path: str
    owner: str


class Way(Record):
    """One way. `file` says so, from the root; `problem` is why it does not run, "" when it does; `hint` what to do then. `devsec` is
    the path of devsec that it tries before the PATH, "" for none."""

    kind: str
    file: str
    problem: str = ""
    hint: str = ""
    devsec: str = ""


def hooks(repository: Repository) -> Hooks:
    folder = repository.place("hooks")
    path = repository.setting("core.hooksPath")
    file = os.path.join(folder, "pre-commit")
    real = os.path.realpath(folder)
    if os.path.basename(folder) == "_" and os.path.basename(os.path.dirname(folder)) == ".husky":
        # husky 9 makes all in `_` itself, and runs the file beside it with `sh -e`.
        file = os.path.join(os.path.dirname(folder), "pre-commit")
    if _inside(real, repository.common_dir()):
        return Hooks(folder, file, path, "machine")
    return Hooks(folder, file, path, "team" if _inside(real, repository.root) else "user")


def pre_commit_file(repository: Repository) -> str:
    """The file with the hooks of pre-commit or prek, from the root; "" for none. Where both are there, the one that whoever
    is installed reads."""
    found = [file for file in precommit.FILES if inside(repository, file)]
    if len(found) > 1 and native.framework(text_of(hooks(repository).file)) == "prek":
        return next((file for file in found if file.endswith(".toml")), found[0])
    return found[0] if found else ""


def lefthook_file(repository: Repository) -> str:
    """That of lefthook."""
    return next((file for file in lefthook.FILES if inside(repository, file)), "")


def inside(repository: Repository, file: str) -> bool:
    """Whether there is such a file. OutputError when it is a link out of the repository."""
    path = os.path.join(repository.root, file)
    if not os.path.isfile(path):
        return False
    stays_inside(path, repository)
    return True


def ways(repository: Repository) -> list[Way]:
    """All there are; the first that runs is the one that counts. UsageError for a file that is broken."""
    root = repository.root
    where = hooks(repository)
    text = text_of(where.file)
    # What a hook of ours, or of pre-commit, runs first is run as well.
    chained = [text_of(os.path.join(where.folder, name)) for name in (native.KEPT, "pre-commit.legacy")]
    found: list[Way] = []
    command = repository.setting(f"{native.NAME}.command")
    if command:
        found.append(_in_settings(repository, command))
    for one in (text, *chained):
        if native.runs_devsec(one):
            found.append(_native(where, root)._replace(devsec=_tried(where, one)))
            break
    files = [file for file in precommit.FILES if inside(repository, file)]
    for file in files:
        if precommit.there(read(os.path.join(root, file)) or "", file):
            toml = file.endswith(".toml")
            readers = ("prek",) if toml else ("pre-commit", "prek")[: 1 if "prek.toml" in files else 2]
            runs = any(native.framework(one) in readers for one in (text, *chained))
            found.append(Way(PRE_COMMIT, file) if runs else _not_installed(PRE_COMMIT, file, where, root))
    file = lefthook_file(repository)
    if file and lefthook.there(read(os.path.join(root, file)) or "", file):
        runs = any(native.framework(one) == "lefthook" for one in (text, *chained))
        found.append(Way(LEFTHOOK, file) if runs else _not_installed(LEFTHOOK, file, where, root))
    return sorted(found, key=lambda way: bool(way.problem))


def text_of(path: str) -> str:
    """A hook's text, whatever it is; "" when there is none. (It may be a program.)"""
    try:
        if not os.path.isfile(path):  # reading a pipe would wait for ever
            return ""
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read(1 << 20)
    except OSError:
        return ""


def _in_settings(repository: Repository, command: str) -> Way:
    name = f"{native.NAME}.command"
    text = text_of(os.path.join(repository.common_dir(), "devsec", "pre-commit"))
    way = Way(SETTINGS, name, devsec=native.devsec_in(text))
    if not repository.knows_hooks_in_settings():
        problem = "this git does not run hooks from its settings"
        return way._replace(problem=problem, hint="Run: devsec uninstall, then devsec init")
    if command == native.IN_SETTINGS and not text:
        return way._replace(problem="the file it runs has gone: every commit fails", hint="Run: devsec init")
    if repository.setting(f"{native.NAME}.enabled").lower() in ("false", "no", "off", "0"):
        return way._replace(problem="it is switched off", hint=f"Run: git config --unset {native.NAME}.enabled")
    return way


def _native(where: Hooks, root: str) -> Way:
    file = os.path.relpath(where.file, root).replace(os.sep, "/")
    runs = os.path.join(where.folder, "pre-commit")
    if not os.path.exists(runs):
        return Way(NATIVE, file, f"{runs} is missing", "Install husky's hooks: npx husky")
    if not os.access(runs, os.X_OK):
        return Way(NATIVE, file, "it is not executable, so git passes over it", f"Run: chmod +x {runs}")
    return Way(NATIVE, file)


def _not_installed(kind: str, file: str, where: Hooks, root: str) -> Way:
    if where.path and os.path.exists(os.path.join(root, ".git", "hooks", "pre-commit")):
        problem = f"core.hooksPath is {where.path}: git does not look at .git/hooks"
        return Way(kind, file, problem, f"Run {kind} from there, or: git config --unset core.hooksPath")
    tool = "prek" if file == "prek.toml" else kind
    return Way(kind, file, f"{tool} is not installed as git's hook", f"Run: {tool} install")


def _tried(where: Hooks, text: str) -> str:
    # What a clone brought along names no program that we would start.
    return native.devsec_in(text) if where.owner == "machine" else ""


def _inside(path: str, folder: str) -> bool:
    folder = os.path.realpath(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def choose(repository: Repository) -> str:
    """The way that suits what the repository has."""
    if pre_commit_file(repository):
        return PRE_COMMIT
    return LEFTHOOK if lefthook_file(repository) else NATIVE


def not_for_all(where: Hooks, common: str) -> None:
    """UsageError when a hook would count for other repositories, too."""
    if where.owner == "user":
        raise UsageError(
            f"core.hooksPath is {where.path}: a hook there would count for other repositories, too",
            f"Let {where.file} run `devsec check || exit $?`, or for this repository alone: "
            f"git config --local core.hooksPath '{common}/hooks'",
        )
