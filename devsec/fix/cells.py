"""Is a notebook the same after a fix, but for the code in its cells? And is that code still Python?"""

from __future__ import annotations

import ast
import json
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from devsec.fix.unused import unused as unused_in_python
from devsec.scan.cells import mapped
from devsec.scan.notebook import Notebook, notebook
from devsec.sources.decode import decode
from devsec.sources.source import Skipped, Source
from devsec.text import Edit, Span


def uncompilable(source: Source) -> str:
    """Why a script of the notebook cannot be compiled; "" when all can. A notebook may await outside functions."""
    text = decode(source)
    book = text.reason if isinstance(text, Skipped) else notebook(text.text)
    if isinstance(book, str):
        return book
    if book.broken:
        return f"cell {book.broken[0].number}: {book.broken[0].reason}"
    for script in book.scripts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(script.text, "<devsec>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except SyntaxError as error:
            return f"{error.msg} (Python {sys.version_info.major}.{sys.version_info.minor})"
        except (ValueError, OverflowError, MemoryError, RecursionError) as error:
            return str(error) or type(error).__name__
    return ""


def differs(old: bytes, new: bytes) -> str:
    """What else than the text of code cells would change; "" when nothing would."""
    before, after = notebook(old), notebook(new)
    if isinstance(before, str) or isinstance(after, str):
        return "the result would be no notebook"
    if _cells(before) != _cells(after):
        return "the cells of the notebook would be others"
    if _without_code(json.loads(old)) != _without_code(json.loads(new)):
        return "more of the notebook than its code would change"
    return ""


def as_scripts(text: bytes, landed: dict[Edit, Span]) -> Iterator[tuple[bytes, dict[Edit, Span]]]:
    """Each script of a notebook, with where in it those edits landed that are its own."""
    book = notebook(text)
    for script in () if isinstance(book, str) else book.scripts:
        there = {edit: inner for edit, span in landed.items() if (inner := script.covered(span)) is not None}
        yield script.text, there


def unused(before: bytes, after: bytes, path: str) -> tuple[Edit, ...]:
    """Edits of `after` that take out the imports which a notebook does not need any more; () when it is not clear how."""
    old, new = notebook(before), notebook(after)
    if isinstance(old, str) or isinstance(new, str) or _cells(old) != _cells(new):
        return ()
    edits: list[Edit] = []
    for was, script in zip(old.scripts, new.scripts, strict=True):
        edits += mapped(unused_in_python(was.text, script.text, path), script, after) or ()
    return tuple(edits)


def _cells(book: Notebook) -> list[list[int]]:
    return [[part.number for part in script.parts] for script in book.scripts]


def _without_code(value: Any) -> Any:
    """The notebook without what its code cells say."""
    if not isinstance(value, dict):
        return value
    sheets = [value, *(sheet for sheet in value.get("worksheets") or () if isinstance(sheet, dict))]
    for sheet in sheets:
        for cell in sheet.get("cells") or ():
            if isinstance(cell, dict) and cell.get("cell_type") == "code":
                code = cell.pop("source", cell.pop("input", None))
                cell["held as"] = type(code).__name__
    return value
