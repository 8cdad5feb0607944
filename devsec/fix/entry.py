"""How does an entry get into the configuration, for a finding in a file that can hold no comment? At the end, as a table of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress

from devsec import config
from devsec.errors import ConfigError, FixError
from devsec.finding import Finding
from devsec.fix.plan import Patch
from devsec.fix.write import write
from devsec.sources.guard import Guard

NEW = "devsec.toml"  # where nothing is configured yet


def entries(findings: Sequence[Finding], reason: str, file: str) -> str:
    """The tables that silence these findings, and them alone."""
    head = "[[tool.devsec.ignore]]" if file == "pyproject.toml" else "[[ignore]]"
    out = []
    for one in findings:
        pairs = (("path", one.path), ("rules", [one.rule]), ("reason", reason), ("fingerprint", one.fingerprint))
        out.append("\n".join([head, *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in pairs)]))
    return "\n\n".join(out) + "\n"


def with_entries(root: str, file: str, findings: Sequence[Finding], reason: str) -> Patch:
    """The configuration with entries for these findings. FixError where that would not say what is meant: then it is to be
    written by hand, and the hint is what."""
    file = file or NEW
    more = entries(findings, reason, file)
    try:
        with open(os.path.join(root, file), "rb") as opened:
            before = opened.read()
    except FileNotFoundError:
        before = b""
    ending = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if not before.strip() else ending if before.endswith(b"\n") else ending * 2
    try:
        after = before + gap + more.encode("utf-8").replace(b"\n", ending)
        made = config.of_texts(lambda name: after if name == file else None, root)
    except (ConfigError, UnicodeEncodeError) as error:
        raise FixError(f"{file} takes no entry at its end: {error}", f"Write it by hand:\n{more}") from error
    if not all(any(entry.covers(one) for entry in made.ignored) for one in findings):
        raise FixError(f"{file}: an entry would not silence it", f"Write it by hand:\n{more}")
    return Patch(file, before, after)


def put(root: str, patch: Patch, guard: Guard) -> None:
    """Writes it; FixError when that cannot be done, and then nothing has changed."""
    path = os.path.join(root, patch.path)
    if patch.before or os.path.lexists(path):
        write(path, patch, guard)
        return
    try:
        with open(path, "xb") as file:
            file.write(patch.after)
    except OSError as error:
        with suppress(OSError):
            if not isinstance(error, FileExistsError):
                os.unlink(path)
        raise FixError(f"{patch.path} could not be written: {error.strerror}") from error
