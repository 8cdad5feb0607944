"""In which files do people leave a token, and how does it stand there?

The same for the tests, which hold every format to them, and for bench/secrets_found.py, which measures with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokens import Format


def _above(sign: str) -> Callable[[str], str]:
    return lambda beside: f"{sign} {beside.lstrip('# ')}\n" if beside else ""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


# path, and how a text stands in such a file: (what is beside it, the key, the text)
CARRIERS: dict[str, tuple[str, Callable[[str, str, str], str]]] = {
    "Python": ("tests/test_shop.py", lambda b, k, t: f'import os\n\n{_above("#")(b)}{k} = "{t}"\nprint(os.name)\n'),
    "YAML": ("deploy/values.yaml", lambda b, k, t: f"shop:\n{_above('#')(b)}  {k}: {t}\n  size: 3\n"),
    "JSON": ("settings.json", lambda b, k, t: json.dumps({"about": b, k: t, "size": 3}, indent=2)),
    ".env": (".env.production", lambda b, k, t: f"{_above('#')(b)}SIZE=3\n{k}={t}\n"),
    "shell": ("deploy.sh", lambda b, k, t: f"#!/bin/sh\n{_above('#')(b)}export {k}='{t}'\nexec shop\n"),
    "Markdown": ("docs/start.md", lambda b, k, t: f"Start it with `{k}={t}`, then wait.\n\n{b}\n"),
}
BLOCKS: dict[str, tuple[str, Callable[[str], str]]] = {
    "a file": ("key.json", lambda text: text),
    "Python": ("tests/test_keys.py", lambda text: f'KEY = r"""\n{text}"""\n'),
    "YAML": ("deploy/values.yaml", lambda text: "key: |\n" + _indented(text)),
    "escaped": ("all.json", lambda text: json.dumps({"key": text})),
}


def carried(format: Format, made: str) -> list[tuple[str, str]]:
    """(path, text) of the files in which what a format makes is put. A format may name its `path`, and say that tests and
    documents are left alone (`in_tests` off)."""
    if getattr(format, "path", ""):
        return [(format.path, made)]
    if format.block:
        out = [(path, write(made)) for path, write in BLOCKS.values()]
    else:
        out = [(path, write(format.beside, format.key, made)) for path, write in CARRIERS.values()]
    if getattr(format, "in_tests", True):
        return out
    return [(path.replace("tests/test_", "shop/"), text) for path, text in out if not path.startswith("docs/")]


def told_by(format: Format, path: str) -> set[str]:
    """The rules that may tell it there: in Python one may know its place in code (`python`)."""
    return {format.rule, getattr(format, "python", "")} - {""} if path.endswith(".py") else {format.rule}


# A generic secret in such a file is told with the file, which should not be in the repository; a provider's token by itself.
FILE_RULES = frozenset({"env-file", "client-credentials-file", "private-key-file", "terraform-secrets-file"})
