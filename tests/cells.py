"""Notebooks for tests, as Jupyter writes them."""

from __future__ import annotations

import json
from typing import Any

PYTHON = {"kernelspec": {"language": "python", "name": "python3"}, "language_info": {"name": "python"}}


def code(source: Any, *outputs: Any, **metadata: Any) -> dict[str, Any]:
    """A cell. A text is held as Jupyter holds it, a string a line; a tuple of one text as one string."""
    if isinstance(source, str):
        source = source.splitlines(keepends=True)
    elif isinstance(source, tuple):
        (source,) = source
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": list(outputs),
        "source": source,
    }


def notebook(*cells: Any, metadata: dict[str, Any] = PYTHON, indent: int | None = 1, ascii_only: bool = False) -> str:
    """A notebook of these cells; a text is a code cell."""
    made = [cell if isinstance(cell, dict) else code(cell) for cell in cells]
    whole = {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=indent, ensure_ascii=ascii_only) + "\n"


def sources(text: str) -> list[str]:
    """What the cells of a notebook say, as Jupyter would read it."""
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
