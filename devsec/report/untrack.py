"""What takes a file out of git and leaves it on disk? Commands to copy, from the folder somebody is in."""

from __future__ import annotations

from collections.abc import Callable


def commands(ignore: str, path: str, shown: Callable[[str], str] = str) -> list[str]:
    """`ignore` is the line for .gitignore; `shown` makes of a path the one from here."""
    from shlex import quote  # 2 ms that a commit with nothing to say does not pay

    word = "echo" if "\\" not in ignore else "printf '%s\\n'"
    return [
        f"{word} {quote(ignore)} >> {quote(shown('.gitignore'))}",
        f"git rm --cached -- {quote(shown(path))}",
    ]
