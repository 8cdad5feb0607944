"""What broke in devsec? A file to send: frames and kinds of errors, no values, no source text, no messages."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Sequence
from types import TracebackType

from devsec import __version__


def record(error: BaseException, args: Sequence[str]) -> str:
    """Writes the report and returns its path; "" when nothing can be written anywhere."""
    try:
        handle, path = tempfile.mkstemp(prefix="devsec-fault-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(describe(error, args))
    except OSError:
        return ""
    return path


def describe(error: BaseException, args: Sequence[str]) -> str:
    """Options are kept, other arguments are not: they are somebody's file names. An error's message may quote code."""
    out = [
        f"devsec {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        "arguments: " + " ".join(a.split("=", 1)[0] if a.startswith("-") else "…" for a in args),
    ]
    seen: set[int] = set()
    now: BaseException | None = error
    while now is not None and id(now) not in seen:
        seen.add(id(now))
        out.append(f"{type(now).__module__}.{type(now).__qualname__}")
        out += _frames(now.__traceback__)
        now = now.__cause__ or now.__context__
    return "\n".join(out) + "\n"


def _frames(traceback: TracebackType | None) -> list[str]:
    frames = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(
            f"  {os.path.basename(os.path.dirname(code.co_filename))}/{os.path.basename(code.co_filename)}:{traceback.tb_lineno} in {code.co_name}"
        )
        traceback = traceback.tb_next
    if len(frames) > 60:  # a recursion
        frames = [*frames[:30], f"  … {len(frames) - 60} frames", *frames[-30:]]
    return frames
