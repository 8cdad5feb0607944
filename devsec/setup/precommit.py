"""How does devsec stand among the hooks of pre-commit (and of prek, which reads the same files)?"""

from __future__ import annotations

import re
import sys

from devsec import __version__
from devsec.errors import UsageError
from devsec.record import Record
from devsec.setup import yamltext
from devsec.setup.lines import MARK, apart, append, insert, take

FILE = ".pre-commit-config.yaml"
FILES = (FILE, ".pre-commit-config.yml", "prek.toml")  # prek takes all of them; pre-commit the first
HOME = "https://github.com/devsec/devsec"

_LOCAL = (
    ("name", "devsec check"),
    ("entry", "devsec check"),
    ("language", "system"),
    ("types", "[text]"),
    ("require_serial", "true"),
)


class Source(Record):
    """Where pre-commit gets devsec from: a repository with its hooks and a tag of it, or `local`: what is installed."""

    repo: str = HOME
    rev: str = f"v{__version__}"


class _Style(Record):
    """How a list of repositories is laid out: the column of its dashes, what stands after them, how much further in the
    dashes of `hooks` are than its key."""

    column: int
    gap: int
    hooks: int


def there(text: str, file: str) -> bool:
    """Whether a hook of devsec is among them, whoever wrote it."""
    return bool(sources(text, file))


def sources(text: str, file: str) -> list[tuple[str, str]]:
    """Where the hooks of devsec come from: `repo` and `rev` of each repository that has some. UsageError for what is
    broken."""
    if file.endswith(".toml"):
        tables = [repo for repo in _list(_toml(text, file), "repos") if isinstance(repo, dict)]
        return [
            (str(r.get("repo", "")), str(r.get("rev", ""))) for r in tables if any(map(_is_ours, _list(r, "hooks")))
        ]
    scalar, value = yamltext.scalar, yamltext.value
    return [
        (scalar(value(repo, "repo")), scalar(value(repo, "rev")))
        for repo in yamltext.items(value(yamltext.top(text, file), "repos"))
        if any(
            _ours(scalar(value(hook, "id")), scalar(value(hook, "entry")))
            for hook in yamltext.items(value(repo, "hooks"))
        )
    ]


def add(text: str, file: str, source: Source) -> str:
    """The text with the hook of devsec as the last one, laid out as the others are. UsageError, with what to write, where
    that cannot be done."""
    if file.endswith(".toml"):
        new = append(text, _as_toml(source))
        return new if _added(text, new, file) else _refuse(file, _as_toml(source))
    plain = _as_yaml(source, _Style(2, 1, 2))
    table = yamltext.top(text, file)
    found = yamltext.entry(table, "repos")
    if found is None:
        new = append(text, f"repos:{MARK}\n{plain}")
    elif yamltext.in_lines(found[1]):
        new = insert(text, yamltext.after(text, found[1]), _as_yaml(source, _style(found[1])))
    else:
        return _refuse(file, plain)
    return new if yamltext.still_says(text, new) and there(new, file) else _refuse(file, plain)


def taken(text: str) -> str | None:
    """The text without what `add` put there; None when that is not there as it was written. (`rev` may be another one.)"""
    dash, rest = r"(?P<in> *)-(?P<gap> +)", "(?P=in) (?P=gap)"
    hook = rf"\n{rest}hooks:\n(?P=in) (?P=gap)(?P<more> *)-(?P=gap)id: devsec-check"
    local = "".join(rf"\n{rest}(?P=more) (?P=gap){key}: {re.escape(word)}" for key, word in _LOCAL)
    head = rf"{dash}repo: (?:local{MARK}{hook}{local}|\S+{MARK}\n{rest}rev: \S+(?: +#.*?)?{_again(hook)})"
    toml = rf'\[\[repos\]\]{MARK}\nrepo = "[^"]+"(?:\nrev = "[^"]+")?\nhooks = \[\{{.*\}}\]'
    for pattern in (apart(rf"repos:{MARK}\n{head}"), head, apart(toml)):
        without = take(text, pattern)
        if without is not None:
            return without
    return None


def _again(hook: str) -> str:
    # Python gives a group one meaning only: the second alternative counts its indentation by itself.
    return hook.replace("(?P<more> *)", " *")


def _is_ours(hook: object) -> bool:
    return isinstance(hook, dict) and _ours(str(hook.get("id", "")), str(hook.get("entry", "")))


def _ours(id: str, entry: str) -> bool:
    return id.startswith("devsec") or "devsec" in re.split(r"[\s/\\]+", entry)


def _style(repos: object) -> _Style:
    """That of the first repository that has hooks."""
    column = repos.start_mark.column  # type: ignore[attr-defined]
    for repo in yamltext.items(repos):
        hooks = yamltext.entry(repo, "hooks")
        if hooks and yamltext.in_lines(hooks[1]):
            inner = repo.start_mark.column
            return _Style(column, inner - column - 1, hooks[1].start_mark.column - inner)
    return _Style(column, 1, 2)


def _as_yaml(source: Source, style: _Style) -> str:
    dash = "-" + " " * style.gap
    outer, inner = " " * style.column, " " * (style.column + len(dash))
    hook = inner + " " * style.hooks
    local = source.repo == "local"
    lines = [f"{outer}{dash}repo: {source.repo}{MARK}"]
    lines += [] if local else [f"{inner}rev: {source.rev}"]
    lines += [f"{inner}hooks:", f"{hook}{dash}id: devsec-check"]
    lines += [f"{hook}{' ' * len(dash)}{key}: {word}" for key, word in _LOCAL] if local else []
    return "\n".join(lines)


def _as_toml(source: Source) -> str:
    if source.repo != "local":
        return f'[[repos]]{MARK}\nrepo = "{source.repo}"\nrev = "{source.rev}"\nhooks = [{{ id = "devsec-check" }}]'
    words = ['id = "devsec-check"', *(f"{k} = {w if w[0] == '[' or w == 'true' else repr(w)}" for k, w in _LOCAL)]
    more = ", ".join(words).replace("[text]", '["text"]').replace("'", '"')
    return f'[[repos]]{MARK}\nrepo = "local"\nhooks = [{{ {more} }}]'


def _toml(text: str, file: str) -> dict[str, object]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]
    try:
        return dict(tomllib.loads(text.removeprefix("\ufeff")))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{file} is not TOML: {error}", "Mend it first.") from None


def _added(before: str, now: str, file: str) -> bool:
    try:
        old, new = _toml(before, file), _toml(now, file)
    except UsageError:
        return False
    return {**new, "repos": _list(new, "repos")[:-1]} == {**old, "repos": _list(old, "repos")} and there(now, file)


def _list(table: object, key: str) -> list[object]:
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, list) else []


def _refuse(file: str, block: str) -> str:
    raise UsageError(
        f"{file}: its `repos` are laid out in a way that devsec does not add to",
        f"Add this yourself:\n{block.replace(MARK, '')}",
    )
