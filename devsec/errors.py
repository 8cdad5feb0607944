"""What the person at the keyboard can act on: one exception root, a hint on each.

Anything that is not a DevsecError is a fault in devsec itself and ends with exit code 3.
"""

from __future__ import annotations

MOST_SHOWN = 80  # characters of a value from somebody's file


def quoted(value: object) -> str:
    """How a value from somebody's file stands in a message: as Python writes it, and never a page of it."""
    try:
        shown = str(value) if hasattr(value, "isoformat") else repr(value)
    except (ValueError, RecursionError):  # a number of more digits than Python writes
        shown = "a value too large to show"
    return shown if len(shown) <= MOST_SHOWN else shown[: MOST_SHOWN - 1] + "…"


class DevsecError(Exception):
    """The request, the repository or the configuration is wrong; nothing was lost.

    `message` says what is wrong and where; `hint` says what to do about it. Exit code 2.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(DevsecError):
    """The command was asked for something it cannot mean."""


class ConfigError(DevsecError):
    """devsec.toml or [tool.devsec] does not hold together."""


class RuleError(DevsecError):
    """A rule or road file is wrong. `message` begins with path:line:column."""


class OutputError(DevsecError):
    """What was found could not be written where it should go."""


class GitError(DevsecError):
    """git is missing, this is not a repository, or git refused."""


class FixError(DevsecError):
    """A fix could not be written; the file is as it was."""
