"""CPython's own tree of a Python text, made once however many ask for it. Nobody may change it."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache


@lru_cache(maxsize=1)
def tree(text: bytes) -> ast.Module:
    """Of a text in UTF-8. Raises what `ast.parse` does: SyntaxError, ValueError, RecursionError, MemoryError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the scanned file's invalid escapes are not our user's news
        return ast.parse(text.decode("utf-8"))
