"""What would the configuration be if it said what other files of the repository say? As a text; nothing is written here."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from devsec.brought import MOST
from devsec.config import FILES, of_texts, table_of
from devsec.contexts import WORDS, Entry, parse, values_of
from devsec.errors import ConfigError, UsageError
from devsec.fix.manifest.target import ending
from devsec.fix.manifest.tomltext import quoted
from devsec.globs import matches
from devsec.record import Record
from devsec.sources import tree
from devsec.sources.git import Repository
from devsec.sources.source import Source
from devsec.suggest import backstage, by_name, marked
from devsec.suggest.proposal import Proposed

Read = Callable[[str], bytes | None]  # a file from the root; None when it is not there


class Suggested(Record):
    """`before` is None when `file` is not there; `before` and `after` are the same when there is nothing to add."""

    root: str
    file: str
    before: bytes | None
    after: bytes
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...]


def suggest(start: str = ".") -> Suggested:
    """Reads what git has or would add, and nothing else. UsageError outside a repository; ConfigError when the configuration
    cannot be read, or cannot be added to."""
    repository = _repository(start)
    root, files = repository.root, repository.tracked()

    def there(path: str) -> bytes | None:
        # The configuration itself counts where it stands, also before git has it.
        found = tree.read(path, root) if os.path.lexists(os.path.join(root, path)) else None
        return found.data if isinstance(found, Source) else None

    config = of_texts(there, root)
    found = _found(files, there)
    entries, remarks = _new(found.entries, config.contexts, files)
    file = table_of(there)[1] or FILES[0]
    before = there(file)
    if before is None and os.path.lexists(os.path.join(root, file)):
        raise ConfigError(f"{file} cannot be read", "Mend it first.")
    after = (before or b"") + _text(entries, file, before or b"")
    if entries:
        _prove(after, file, there, config.contexts, entries)
    return Suggested(root, file, before, after, entries, (*found.remarks, *remarks))


def _repository(start: str) -> Repository:
    from devsec.errors import GitError

    try:
        return Repository.discover(start)
    except GitError as error:
        raise UsageError("there is no repository here to read", "Run it inside a git work tree.") from error


def _found(files: Sequence[str], read: Read) -> Proposed:
    entries: list[Entry] = []
    remarks: list[str] = []

    def about_less(entry: Entry) -> tuple[int, tuple[str, ...]]:
        return entry.paths[0].count("/"), entry.paths

    def small(path: str) -> bytes:
        data = read(path) or b""
        if len(data) > MOST:
            remarks.append(f"{path} has more than {MOST >> 20} MB, and was not read")
            return b""
        return data

    def add(some: Proposed) -> None:
        entries.extend(some.entries)
        remarks.extend(some.remarks)

    # What is about a folder comes before what is about a part of it.
    catalogs = [file for file in files if file.rpartition("/")[2] in backstage.NAMES]
    for file in sorted(catalogs, key=lambda path: (path.count("/"), path)):
        add(backstage.proposed(file, small(file)))
    entries.sort(key=about_less)
    owners = next((file for file in marked.CODEOWNERS if file in files), "")
    if owners:
        add(marked.owners(owners, small(owners).decode("utf-8-sig", "replace"), files))
    attributes = [file for file in files if file.rpartition("/")[2] == marked.ATTRIBUTES]
    for file in sorted(attributes, key=lambda path: (path.count("/"), path)):
        add(marked.attributes(file, small(file).decode("utf-8-sig", "replace"), files))
    add(by_name.proposed(files))
    return Proposed(tuple(entries), tuple(remarks))


def _new(entries: Sequence[Entry], said: Sequence[Entry], files: Sequence[str]) -> tuple[tuple[Entry, ...], list[str]]:
    """What the configuration does not say yet, and in no case against what it says: it would come later, and win."""
    out: list[Entry] = []
    remarks: list[str] = []
    for entry in entries:
        there = [{(it.key, it.word) for it in values_of(file, said)} for file in files if matches(file, entry.paths)]
        if not there:
            continue
        kept: dict[str, Any] = {}
        for key in WORDS:
            word = getattr(entry, key)
            silent = sum(not any(name == key for name, _ in values) for values in there) if word else 0
            if silent == len(there):
                kept[key] = word
            elif silent:
                remarks.append(f"{', '.join(entry.paths)}: {key} is said already for some of it; not {key} = {word}")
        labels = tuple(it for it in entry.labels if any(("labels", it) not in values for values in there))
        if kept or labels:
            blank = Entry(entry.paths, labels=labels, because=entry.because, number=len(said) + len(out))
            out.append(blank._replace(**kept))
    return tuple(out), remarks


def _text(entries: Sequence[Entry], file: str, before: bytes) -> bytes:
    """The entries as TOML, with the ends of lines the file has."""
    if not entries:
        return b""
    heading = "[[tool.devsec.context]]" if file == "pyproject.toml" else "[[context]]"
    blocks = []
    for entry in entries:
        lines = [heading, f"paths = [{', '.join(map(quoted, entry.paths))}]"]
        lines += [f"{key} = {quoted(getattr(entry, key))}" for key in WORDS if getattr(entry, key)]
        if entry.labels:
            lines.append(f"labels = [{', '.join(map(quoted, entry.labels))}]")
        lines.append(f"because = {quoted(entry.because)}")
        blocks.append("\n".join(lines) + "\n")
    text = before.decode("utf-8", "replace")
    newline = ending(text, 0) if text else "\n"
    first = "" if not text else "\n" if text.endswith(("\n", "\r")) else "\n\n"
    return (first + "\n".join(blocks)).replace("\n", newline).encode()


def _prove(
    after: bytes,
    file: str,
    read: Read,
    said: Sequence[Entry],
    entries: Sequence[Entry],
) -> None:
    """ConfigError unless the new text says what the old one did, and the entries."""

    def texts(path: str) -> bytes | None:
        return after if path == file else read(path)

    hint = f"Make a table of its own of each, with [[context]] above it, in {file}."
    try:
        table, _ = table_of(texts)
        now = parse(table.get("context", []), file)
    except ConfigError:
        raise ConfigError(f"{file}: nothing can be added to `context` as it is written", hint) from None
    if tuple(now) != (*said, *entries):
        raise ConfigError(f"{file}: nothing can be added to `context` as it is written", hint)
