"""What does the file of a new rule say? The proposal, the two lines as its proof, and what is left to write."""

from __future__ import annotations

import json
from typing import Any

from devsec.record import Record

WRITE = "WRITE"  # stands in a comment wherever a person has to say something
_NEUTRAL = "CWE-710"  # "improper adherence to coding standards": true of every rule, and says nothing


class Page(Record):
    id: str
    what: str
    find: dict[str, Any]
    fix: dict[str, Any]  # {}: advice
    bad: str
    good: str  # what the cure makes of `bad`, or just what is fine
    fine: str
    path: str = ""  # of the examples, where that is not example.py
    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def written(page: Page) -> str:
    """The YAML, with comments."""
    out = [
        "# Begun by `devsec rules new` from a bad line and a good one. It loads and its examples hold; what a program cannot",
        f"# know is marked with {WRITE}. Then: devsec rules test, devsec rules try. docs/rule-language.md is the reference.",
        f"id: {page.id}",
        f"title: {_scalar(page.what)} # {WRITE}: what is wrong, in a line",
        f"cwe: {_NEUTRAL} # {WRITE}: the weakness, from https://cwe.mitre.org; this one says nothing",
        f"severity: medium # {WRITE}: low | medium | high | critical, how bad where it holds",
        f"confidence: medium # {WRITE}: medium | high, how sure it is wherever it is found",
        f"level: warn # {WRITE}: block | warn | note, what it does to a commit",
        "why: >-",
        f"  {WRITE} what happens because of it, in two or three sentences an engineer would nod at. The first one stands alone in",
        "  the terminal.",
    ]
    if page.paths:
        out += [f"paths: {_scalar(list(page.paths))}"]
    out += [f"# {note}" for note in page.notes]
    out += ["find:", *_mapping(page.find, 1)]
    if page.fix:
        out += [
            f"fix: # {WRITE}: `safe` instead of `hardening` only where behaviour stays the same",
            *_mapping(page.fix, 1),
        ]
    else:
        out += [
            f"# {WRITE}: a cure that edits, when there is one that always holds (see Cures), with the `good` it makes.",
            "fix:",
            "  title: Write it as in the example that is fine",
            "  safety: advice",
        ]
    out.append("examples:")
    at = [f"    path: {_scalar(page.path)}"] if page.path else []
    out += ["  - bad: |" + _keep(page.bad), *_block(page.bad), *at]
    if page.fix:
        out += ["    good: |" + _keep(page.good), *_block(page.good)]
    out += [
        f"  # {WRITE}: more of what is fine, in other spellings: the nearest legitimate code.",
        "  - fine: |" + _keep(page.fine),
        *_block(page.fine),
        *at,
    ]
    return "\n".join(out) + "\n"


def _mapping(value: dict[str, Any], depth: int) -> list[str]:
    out = []
    for key, one in value.items():
        head = "  " * depth + _key(key) + ":"
        if isinstance(one, dict) and any(isinstance(each, dict) for each in one.values()):
            out += [head, *_mapping(one, depth + 1)]
        else:
            out.append(f"{head} {_scalar(one)}")
    return out


def _scalar(value: Any) -> str:
    """On one line: plain where nobody could misread it, else as JSON, which is YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_scalar(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_scalar(one) for one in value) + "]"
    if isinstance(value, str) and _is_plain(value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key == "on" or _is_plain(key) else json.dumps(key, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    import re

    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*", text)) and text.lower() not in (
        "true", "false", "null", "yes", "no", "on", "off",
    )  # fmt: skip


def _block(text: str) -> list[str]:
    return ["      " + line if line else "" for line in text.rstrip("\n").split("\n")]


def _keep(text: str) -> str:
    """The sign after `|`: the block says its indentation where its first line begins with blanks, and keeps no newline
    that was not there."""
    return ("2" if text[:1] in (" ", "\t", "\n") else "") + ("" if text.endswith("\n") else "-")
