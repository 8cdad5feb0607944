"""What does this repository want of devsec? `devsec.toml`, or `[tool.devsec]` in pyproject.toml, at its root.

When both are there, devsec.toml is the one that counts.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping

from devsec import brought
from devsec.errors import ConfigError, quoted
from devsec.globs import LONGEST
from devsec.levels import Level
from devsec.nearest import did_you_mean
from devsec.record import Record

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any

    from devsec.contexts import Entry
    from devsec.ignored import Entry as Ignored

KEYS = ("context", "exclude", "fix", "ignore", "levels", "packs", "rules")
FIX_KEYS = ("apply",)
ROAD = "road:"  # before the name of a road in `apply`


class Config(Record):
    """`rules` are folders inside the repository; `exclude` are globs; `levels` is sorted by rule id; `apply` names the
    rules, and as `road:NAME` the roads, whose hardening cures are made without being asked for; `contexts` say what paths
    are, later ones win; `ignored` are findings silenced here, for files that hold no comment.

    `file` is where it was said, "" when nothing was.
    """

    rules: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    levels: tuple[tuple[str, Level], ...] = ()
    file: str = ""
    apply: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()  # installed ones that have to be there
    contexts: tuple[Entry, ...] = ()
    ignored: tuple[Ignored, ...] = ()

    def level(self, rule: str) -> Level | None:
        """What the repository decided for a rule; None when it left that to the rule."""
        return next((level for name, level in self.levels if name == rule), None)

    def check_rules(self, known: Iterable[str]) -> None:
        """ConfigError when a level is given for a rule that does not exist: it would be obeyed by nobody."""
        ids = set(known)
        for rule, _ in self.levels:
            if rule not in ids:
                raise ConfigError(f"{self.file}: levels: there is no rule {rule!r}", did_you_mean(rule, ids))
        for rule in self.apply:
            if rule not in ids and not rule.startswith(ROAD):
                raise ConfigError(f"{self.file}: fix.apply: there is no rule {rule!r}", did_you_mean(rule, ids))
        for entry in self.ignored:
            for rule in entry.rules:
                if rule not in ids:
                    where = f"{self.file}: ignore {entry.number + 1}: rules"
                    raise ConfigError(f"{where}: there is no rule {rule!r}", did_you_mean(rule, ids))

    def check_roads(self, known: Iterable[str]) -> None:
        """ConfigError when `apply` names a road that does not exist."""
        names = {ROAD + name for name in known}
        for road in self.apply:
            if road.startswith(ROAD) and road not in names:
                raise ConfigError(f"{self.file}: fix.apply: there is no {road!r}", did_you_mean(road, names))


def load(root: str) -> Config:
    """Reads the configuration of the repository at `root`. ConfigError names the file, the key and what was meant."""
    return of_texts(lambda name: _read(root, name), root)


FILES = ("devsec.toml", "pyproject.toml")  # the first that is there and says something counts


def of_texts(read: Callable[[str], bytes | None], root: str = "") -> Config:
    """As `load`, from what `read` gives for each of FILES: also of a commit that is not checked out, where no `root` is,
    and no folder is looked for."""
    table, file = table_of(read)
    return parse(table, file, root) if file else Config()


def table_of(read: Callable[[str], bytes | None]) -> tuple[Mapping[str, Any], str]:
    """The table that counts as TOML gives it, and its file; "" when there is none."""
    own = read("devsec.toml")
    if own is not None:
        return _toml(own, "devsec.toml"), "devsec.toml"
    shared = read("pyproject.toml")
    # A TOML parser costs milliseconds on every commit; a file without the word has no such table, however it is spelt.
    if shared is None or b"devsec" not in shared:
        return {}, ""
    tool = _toml(shared, "pyproject.toml").get("tool", {})
    if not isinstance(tool, dict):
        raise ConfigError("pyproject.toml: tool must be a table", "Write [tool.devsec], with single brackets.")
    table = tool.get("devsec")
    if table is None:
        return {}, ""
    if not isinstance(table, dict):
        raise ConfigError("pyproject.toml: tool.devsec must be a table", "Write [tool.devsec] on a line of its own.")
    return table, "pyproject.toml"


def parse(table: Mapping[str, Any], file: str, root: str) -> Config:
    """A Config from a table as TOML gives it."""
    for key in table:
        if key not in KEYS:
            raise ConfigError(f"{file}: unknown key {key!r}", did_you_mean(key, KEYS))
    return Config(
        # A folder that is named twice is one.
        rules=tuple(dict.fromkeys(_folder(name, file, root) for name in _strings(table, "rules", file))),
        exclude=_globs(table, "exclude", file),
        levels=_levels(table.get("levels", {}), file),
        file=file,
        apply=_apply(table.get("fix", {}), file),
        packs=_strings(table, "packs", file),
        contexts=_contexts(table["context"], file) if "context" in table else (),
        ignored=_ignored(table["ignore"], file) if "ignore" in table else (),
    )


def _read(root: str, name: str) -> bytes | None:
    try:
        # Not pathlib: it costs 5 ms on every commit.
        return brought.read(os.path.join(root, name), root)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(os.path.join(root, name)):  # somebody's wish would be obeyed by nobody
            raise ConfigError(f"{name} is a link to what is not there", "Mend it, or use --no-config.") from None
        return None
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror}", "Mend it, or use --no-config.") from error


def toml_of(text: str) -> dict[str, Any]:
    """What TOML says. ValueError when it is none, RecursionError when it is too deep."""
    if sys.version_info >= (3, 11):
        import tomllib  # only when there is a configuration to read
    else:
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    return dict(tomllib.loads(text))


def _toml(data: bytes, file: str) -> dict[str, Any]:
    if len(data) > brought.MOST:
        raise ConfigError(f"{file} has more than {brought.MOST >> 20} MB", "Mend it, or use --no-config.")
    try:
        # A BOM is an editor's, not the author's.
        return toml_of(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file} is not TOML: {error}", "Mend it, or use --no-config.") from error


def _strings(table: Mapping[str, Any], key: str, file: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ConfigError(f"{file}: {key} must be a list of strings", f'Write {key} = ["…"].')
    return tuple(value)


def _globs(table: Mapping[str, Any], key: str, file: str) -> tuple[str, ...]:
    """Globs that can match something inside the repository: others would be obeyed by nobody."""
    globs = _strings(table, key, file)
    for glob in globs:
        path = glob.removeprefix("!")
        pieces = path.split("/")
        if "\\" in path or "\0" in path or path[:1] == "~" or path[1:2] == ":":
            raise ConfigError(f"{file}: {key}: {quoted(glob)} is no path inside the repository", _GLOB_HINT)
        if ".." in pieces or "." in pieces or not path.strip("/ "):
            raise ConfigError(f"{file}: {key}: {quoted(glob)} names nothing inside the repository", _GLOB_HINT)
        if len(glob) > LONGEST:
            raise ConfigError(f"{file}: {key}: {quoted(glob)} is longer than any path", "Write several shorter ones.")
    return globs


_GLOB_HINT = "Paths begin at the root of the repository, with forward slashes: vendor/** ."


def _folder(name: str, file: str, root: str) -> str:
    """Rules come from inside the repository, so that a clone brings them along and nothing else is ever read."""
    shown = quoted(name)
    hint = "Name a folder inside the repository, relative to its root, with forward slashes."
    if os.path.isabs(name) or ".." in name.split("/") or "\\" in name or "\0" in name:
        raise ConfigError(f"{file}: rules: {shown} does not stay inside the repository", hint)
    if ".git" in name.lower().split("/"):  # a clone does not bring it along
        raise ConfigError(f"{file}: rules: {shown} is git's own", hint)
    if not root:
        return os.path.normpath(name).replace(os.sep, "/")
    top, folder = os.path.realpath(root), os.path.realpath(os.path.join(root, name))
    if folder != top and not folder.startswith(top.rstrip(os.sep) + os.sep):
        raise ConfigError(f"{file}: rules: {shown} is a link out of the repository", hint)
    if not os.path.isdir(folder):
        raise ConfigError(f"{file}: rules: there is no folder {shown}", hint)
    return os.path.normpath(name).replace(os.sep, "/")


def _contexts(tables: Any, file: str) -> tuple[Entry, ...]:
    from devsec.contexts import parse as entries  # only for who has some

    return entries(tables, file)


def _ignored(tables: Any, file: str) -> tuple[Ignored, ...]:
    from devsec.ignored import parse as entries  # only for who has some

    return entries(tables, file)


def _apply(table: Any, file: str) -> tuple[str, ...]:
    if not isinstance(table, dict):
        raise ConfigError(
            f"{file}: fix must be a table", 'Write apply = ["rule-id", "road:NAME"] under [tool.devsec.fix].'
        )
    for key in table:
        if key not in FIX_KEYS:
            raise ConfigError(f"{file}: fix: unknown key {key!r}", did_you_mean(key, FIX_KEYS))
    return _strings(table, "apply", file)


def _levels(table: Any, file: str) -> tuple[tuple[str, Level], ...]:
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: levels must be a table", 'Write rule-id = "warn" under [tool.devsec.levels].')
    names = [level.value for level in Level]
    levels = []
    for rule, value in sorted(table.items()):
        if value not in names:
            raise ConfigError(
                f"{file}: levels: {rule} = {quoted(value)}: not a level", "Use one of " + ", ".join(names) + "."
            )
        levels.append((rule, Level(value)))
    return tuple(levels)
