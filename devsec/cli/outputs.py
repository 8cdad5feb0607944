"""Which reports go to which files? `[FORMAT:]FILE`, as `--output` takes it, and how one gets onto the disk.

Whole or not at all: a CI that reads half a report would believe it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress

from devsec.errors import OutputError, UsageError
from devsec.nearest import did_you_mean
from devsec.record import Record
from devsec.report.forms import FORMS

# What others expect in a file by that name: text in it would be a surprise that comes late.
_TELLING = {".sarif": "sarif", ".json": "json", ".xml": "junit"}


class Output(Record):
    """A report in a file; `instead` of the one that would be printed, or beside it."""

    form: str
    path: str
    instead: bool


def read(outputs: Sequence[str], form: str) -> tuple[Output, ...]:
    """What was asked for; UsageError for what cannot be meant or written. `form` is that of `--format`, "" without."""
    found = tuple(_one(output, form) for output in outputs)
    seen: set[str] = set()
    for one in found:
        where = os.path.realpath(one.path)
        if where in seen and not _is_special(one.path):
            raise UsageError(f"{one.path}: two reports in one file", "Name a file for each.")
        seen.add(where)
        _may_be_written(one.path)
    return found


def write(output: Output, text: str) -> None:
    """Puts the text where it belongs. OutputError when it cannot be; then what was there still is."""
    try:
        data = text.encode("utf-8", "backslashreplace")
        if _is_special(output.path):  # a pipe, /dev/stdout: nothing that could be replaced
            with open(output.path, "wb") as file:
                file.write(data)
        else:
            _replace(os.path.realpath(output.path), data)
    except OSError as error:
        raise OutputError(f"{output.path} could not be written: {error.strerror}", "Nothing was changed.") from error


def _one(output: str, form: str) -> Output:
    before, colon, after = output.partition(":")
    if colon and before in FORMS:
        path, chosen, instead = after, before, False
    elif colon and re.fullmatch(r"[A-Za-z]{2,}", before):  # one letter is a drive
        hint = f"{did_you_mean(before, FORMS)} A file of that name is ./{output}".lstrip()
        raise UsageError(f"--output {output}: there is no format {before!r}", hint)
    else:
        path, chosen, instead = output, form or "text", True
        telling = _TELLING.get(os.path.splitext(path)[1].lower())
        if telling and not form:
            raise UsageError(
                f"--output {output}: in which format?",
                f"Say --output {telling}:{output}, or the format with --format.",
            )
    if not path:
        raise UsageError(f"--output {output}: no file is named", "As in --output sarif:devsec.sarif .")
    if path == "-":
        raise UsageError(f"--output {output}: what is printed is chosen with --format", "As in --format sarif .")
    return Output(chosen, path, instead)


def _may_be_written(path: str) -> None:
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", "Name a file in it.")
    if not os.path.isdir(folder):
        there = os.path.dirname(path)
        raise UsageError(f"{path}: there is no folder {there}", f"Make it first: mkdir -p {there}")
    if not _is_special(path) and not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{path}: nothing may be written in its folder", "Name another, or ask for the permission.")


def _is_special(path: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _replace(target: str, data: bytes) -> None:
    """Beside the target, and then in its place in one step."""
    temporary = os.path.join(os.path.dirname(target), f".devsec-{os.urandom(8).hex()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            with suppress(OSError):
                os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))  # as the report it takes the place of
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
