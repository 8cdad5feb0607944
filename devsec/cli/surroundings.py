"""What does the process around us say? The environment and the terminal, read here and passed on as values."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping


def compare_with(environ: Mapping[str, str]) -> str:
    """The commit that paths are compared with under the pre-commit framework; "" for none.

    pre-commit passes the names of the staged files, or of those between two refs when it runs before a push. Without
    this, each hook run would show everything that was ever in these files.
    """
    if environ.get("PRE_COMMIT") != "1":
        return ""
    return environ.get("PRE_COMMIT_FROM_REF") or "HEAD"


def lasting_index(environ: Mapping[str, str]) -> bool:
    """False in the hook of `git commit -a` or `git commit PATH`: git made an index for it that ends with the hook."""
    return not environ.get("GIT_INDEX_FILE", "").endswith(".lock")


def colour() -> bool:
    """Only for eyes: a terminal that wants it, or somebody who says so (https://no-color.org, https://force-color.org,
    http://bixense.com/clicolors)."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and os.environ.get("CLICOLOR") != "0"


def columns() -> int:
    """How wide the terminal is; 100 when it is none. (shutil would ask the same and load four compressors.)"""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return max(40, int(given))
    try:
        return max(40, os.get_terminal_size(sys.stdout.fileno()).columns or 100)
    except (OSError, ValueError):
        return 100


def from_here(root: str) -> Callable[[str], str]:
    """Writes a path below `root` the way somebody in the current folder would, so that it can be clicked."""
    try:
        here = os.path.realpath(os.getcwd())
    except OSError:
        return str
    top = os.path.realpath(root)
    if here == top:
        return str
    return lambda path: os.path.relpath(os.path.join(top, path), here).replace(os.sep, "/")
