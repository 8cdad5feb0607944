"""What is to be changed, one thing after the other, and how is it shown and done?

A step is shown before it is done, and knows what stood there when it was planned: what somebody changed in between is left.
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Sequence
from contextlib import suppress

from devsec.errors import OutputError
from devsec.record import Record
from devsec.sources.git import Repository


class Write(Record):
    """A file gets another text: None when it is not there, or goes. `path` is in full."""

    path: str
    before: str | None
    after: str | None
    executable: bool = False


class Move(Record):
    """A file gets another name beside it, and stays as it is."""

    path: str
    target: str


class Setting(Record):
    """git's own configuration of the repository says something else; None: nothing any more, nor the rest of its section."""

    name: str
    value: str | None


Step = Write | Move | Setting


class Plan(Record):
    """`steps` in their order; `told` is what there is to know beside them: what is there already, what is left, what
    comes next."""

    steps: tuple[Step, ...] = ()
    told: tuple[str, ...] = ()


def read(path: str) -> str | None:
    """A file's text, line ends as they are; None when there is none. OutputError for what is no text."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # reading a pipe would wait for ever
            raise OutputError(f"{path} is not a regular file", "devsec does not change it: use another way, or none.")
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        raise OutputError(f"{path} is not UTF-8 text", "devsec does not change it: use another way, or none.") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be read: {error.strerror}", "Mend its permissions.") from None


def shown(steps: Sequence[Step], root: str) -> str:
    """The steps as a patch for reading, paths as seen from the root."""
    out: list[str] = []
    for step in steps:
        if isinstance(step, Setting):
            out.append(f"git config --local {step.name} {step.value!r}" if step.value is not None else "")
            out[-1] = out[-1] or f"git config --local --remove-section {step.name.rpartition('.')[0]}"
            continue
        name = _short(step.path, root)
        if isinstance(step, Move):
            out.append(f"move {name} to {_short(step.target, root)}")
            continue
        before, after = (text.splitlines() if text is not None else [] for text in (step.before, step.after))
        old, new = (name if text is not None else "/dev/null" for text in (step.before, step.after))
        out += difflib.unified_diff(before, after, old, new, lineterm="")
    return "".join(f"{line}\n" for line in out)


def carry_out(steps: Sequence[Step], repository: Repository) -> None:
    """Does them. OutputError for the first that cannot be done; those before it are done and stay, and running the command
    again goes on from there."""
    for step in steps:
        if isinstance(step, Setting):
            if step.value is None:
                repository.drop_settings(step.name.rpartition(".")[0])
            else:
                repository.set_setting(step.name, step.value)
            continue
        try:
            if isinstance(step, Move):
                _move(step)
            else:
                _write(step, repository)
        except OSError as error:
            reason = error.strerror or str(error)
            raise OutputError(f"{step.path} could not be changed: {reason}", "It is as it was.") from error


def _move(step: Move) -> None:
    if os.path.lexists(step.target):
        raise OutputError(f"{step.target} is there already", "Move it out of the way, then run the command again.")
    os.rename(step.path, step.target)


def stays_inside(path: str, repository: Repository) -> None:
    """OutputError for a file that is a link to somewhere else: that is not the repository's to read or to write."""
    inside = [os.path.realpath(folder) for folder in (repository.root, repository.common_dir())]
    target = os.path.realpath(path)
    if not any(target.startswith(folder + os.sep) for folder in inside):
        raise OutputError(f"{path} is a link out of the repository", "Set up what it points to by hand.")


def _write(step: Write, repository: Repository) -> None:
    stays_inside(step.path, repository)
    target = os.path.realpath(step.path)
    if read(target) != step.before:
        raise OutputError(f"{step.path} has changed since it was read", "Run the command again.")
    if step.after is None:
        os.unlink(step.path)
        folder = os.path.dirname(step.path)
        if os.path.basename(folder) != "hooks":  # git's own
            with suppress(OSError):  # those that hold nothing else
                os.removedirs(folder)
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    temporary = os.path.join(os.path.dirname(target), f".devsec-{os.urandom(8).hex()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(handle, "wb") as file:
            file.write(step.after.encode("utf-8", "surrogateescape"))
            file.flush()
            os.fsync(file.fileno())
        mode = os.stat(target if step.before is not None else temporary).st_mode & 0o7777
        # Executable for those who may read it, as git does.
        os.chmod(temporary, mode | (mode & 0o444) >> 2 if step.executable else mode)
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _short(path: str, root: str) -> str:
    below = os.path.relpath(path, root)
    return (path if below.startswith("..") else below).replace(os.sep, "/")
