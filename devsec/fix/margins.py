"""How is a comment written in a file that is not Python, and where may it be put or taken away?

Only where it is certain: by reading the file again (YAML, TOML), or where a reader of strings and comments comes out even. Where a
language has more kinds of strings than are read here, there is no form, and the configuration silences instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from devsec.record import Record


class Form(Record):
    """What a comment begins and ends with; `same` tells whether two texts say the same; without one, `free` whether a place (in
    characters) is outside of all strings and comments. `behind`: it may stand behind something on its line."""

    begin: str
    end: str = ""
    behind: bool = False
    same: Callable[[str, str], bool] | None = None
    free: Callable[[str, int], bool] | None = None

    def written(self, words: str) -> str:
        return f"{self.begin} {words}{' ' + self.end if self.end else ''}"

    def may(self, old: str, new: str, at: int) -> bool:
        """Whether a comment that stands on its line may be put into `old` at a place, or taken out there, and `new` is the result."""
        if self.same is not None:
            return self.same(old, new)
        return self.free is not None and self.free(old, at)


def form_of(path: str) -> Form | None:
    """How a file of this name says something to its readers alone; None when it cannot, or when it is not known."""
    name = path.rpartition("/")[2].lower().lstrip(".")
    first, dot, _ = name.partition(".")
    suffix = name.rpartition(".")[2] if dot else ""
    by_suffix = (form for _, suffixes, form in _FORMS if suffix in suffixes)
    return next(by_suffix, None) or next((form for names, _, form in _FORMS if first in names), None)


def _yaml_same(old: str, new: str) -> bool:
    import yaml  # rules come from a cache; whoever silences something waits for this

    def events(text: str) -> list[tuple[Any, ...]]:
        return [
            (
                type(event).__name__,
                *(getattr(event, key, None) for key in ("value", "anchor", "tag", "style", "implicit")),
            )
            for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        ]

    try:
        return events(old) == events(new)
    except (yaml.YAMLError, RecursionError):
        return False


def _toml_same(old: str, new: str) -> bool:
    from devsec.config import toml_of

    try:
        return toml_of(old) == toml_of(new)
    except (ValueError, RecursionError):
        return False


def _c_like(text: str, at: int) -> bool:
    """JavaScript without JSX, Java, Go, C and their kin: `//`, `/* */`, quotes that end with the line, templates in backquotes."""
    if re.search(r"</|\bR\"|@\"|'''|\$/", text):  # elements in code; strings that are not read here
        return False
    open_: list[str] = []  # "`" in a template, "{" in the code of a template
    here, i, end = False, 0, len(text)
    while i < end:
        here = here or (i == at and not open_)
        c = text[i]
        if open_ and open_[-1] == "`":
            if c == "`":
                open_.pop()
            elif text.startswith("${", i):
                open_.append("{")
                i += 1
            i += 2 if c == "\\" else 1
            continue
        stop = _skipped(text, i, ("//",), (("/*", "*/"), ('"""', '"""')))
        if stop < 0 and c in "\"'":
            stop = _quoted(text, i, over_lines=False)
        if stop >= 0:
            i = stop
            continue
        if c == "`":
            open_.append("`")
        elif open_ and c in "{}":
            open_.append(c) if c == "{" else open_.pop()
        i += 1
    return (here or at == end) and i == end and not open_


def _c_blocks(text: str, at: int) -> bool:
    """CSS."""
    return _even(text, at, (), (("/*", "*/"),), over_lines=False)


def _sql(text: str, at: int) -> bool:
    return not re.search(r"\$\w*\$", text) and _even(text, at, ("--",), (("/*", "*/"),), over_lines=True, escapes=False)


def _hcl(text: str, at: int) -> bool:
    bare = _without_heredocs(text, at)
    return bare is not None and _even(bare, at, ("#", "//"), (("/*", "*/"),), over_lines=False)


def _shell(text: str, at: int) -> bool:
    """A comment begins behind white space, and never behind a line that goes on."""
    bare = _without_heredocs(text, at)
    if bare is None or text[:at].endswith(("\\\n", "\\\r\n")) or (at == 0 and text.startswith("#!")):
        return False
    return _even(bare, at, ("#",), (), over_lines=True, spaced=True)


def _lines(text: str, at: int) -> bool:
    """Settings, one a line: what is indented, or stands behind a line that goes on, belongs to the one before."""
    before, line = text[:at], text[at:].partition("\n")[0]
    if before.endswith(("\\\n", "\\\r\n")) or line[:1] in (" ", "\t"):
        return False
    # In .env, a value in quotes may have several lines.
    return all(len(re.findall(rf"(?m)^[^#\n]*=\s*{quote}[^{quote}\n]*$", before)) == 0 for quote in "\"'`")


def _markup(text: str, at: int) -> bool:
    """Between two elements: outside of tags, comments and text, and of elements that hold no elements."""
    before, after = text[:at], text[at:].lstrip()
    if (
        not before.rstrip().endswith(">")
        or not after.startswith("<")
        or "{{" in text
        or "{%" in text
        or "<?php" in text
    ):
        return False
    if before.rfind("<!--") > before.rfind("-->") or before.rfind("<![CDATA[") > before.rfind("]]>"):
        return False
    lower = before.lower()
    return all(
        len(re.findall(rf"<{name}\b", lower)) == lower.count(f"</{name}")
        for name in ("script", "style", "pre", "textarea", "title", "xmp", "iframe", "noscript", "template")
    )


def _even(
    text: str,
    at: int,
    lines: tuple[str, ...],
    blocks: tuple[tuple[str, str], ...],
    *,
    over_lines: bool,
    escapes: bool = True,
    spaced: bool = False,
) -> bool:
    """Whether a reader of quotes and comments is in neither at the place, and in neither at the end."""
    here, i, end = at == len(text), 0, len(text)
    while i < end:
        here = here or i == at
        begins = not spaced or i == 0 or text[i - 1].isspace()
        stop = _skipped(text, i, lines if begins else (), blocks)
        if stop < 0 and text[i] in "\"'":
            stop = _quoted(text, i, over_lines, escapes and not (spaced and text[i] == "'"))
        if stop < 0 and escapes and text[i] == "\\":
            stop = i + 2
        i = stop if stop >= 0 else i + 1
    return here and i == end


def _skipped(text: str, i: int, lines: tuple[str, ...], blocks: tuple[tuple[str, str], ...]) -> int:
    """Where a comment (or another stretch with two ends) that begins at `i` is over; -1 when none does."""
    for begin in lines:
        if text.startswith(begin, i):
            stop = text.find("\n", i)
            return stop if stop >= 0 else len(text)
    for begin, finish in blocks:
        if text.startswith(begin, i):
            stop = text.find(finish, i + len(begin))
            return stop + len(finish) if stop >= 0 else len(text) + 1
    return -1


def _quoted(text: str, i: int, over_lines: bool, escapes: bool = True) -> int:
    """Where the string that begins at `i` is over; beyond the end of the text when it never is."""
    quote, j = text[i], i + 1
    while j < len(text):
        if escapes and text[j] == "\\":
            j += 2
        elif text[j] == quote:
            return j + 1
        elif text[j] == "\n" and not over_lines:
            return j
        else:
            j += 1
    return len(text) + (1 if over_lines else 0)


def _without_heredocs(text: str, at: int) -> str | None:
    """The text with blanks where here-documents stand; None when the place is in one, or one has no end."""
    out, i = [], 0
    for found in re.finditer(r"<<[-~]?[ \t]*(['\"\\]?)([A-Za-z_]\w*)\1?", text):
        if found.start() < i:
            continue
        first = text.find("\n", found.end()) + 1
        over = re.compile(rf"^[ \t]*{found[2]}[ \t]*\r?$", re.MULTILINE).search(text, first) if first else None
        if over is None or first <= at <= over.end():
            return None
        out += [text[i : found.start()], " " * (found.end() - found.start()), text[found.end() : first]]
        out.append(" " * (over.end() - first))
        i = over.end()
    return "".join(out) + text[i:]


_FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...], Form], ...] = (
    ((), ("yaml", "yml"), Form("#", behind=True, same=_yaml_same)),
    (("pipfile",), ("toml",), Form("#", behind=True, same=_toml_same)),
    ((), ("ini",), Form(";", free=_lines)),
    (("env", "npmrc", "pypirc", "editorconfig"), ("cfg", "conf", "properties", "env"), Form("#", free=_lines)),
    (("dockerfile", "containerfile"), ("sh", "bash", "zsh", "ksh", "dockerfile"), Form("#", free=_shell)),
    ((), ("tf", "tfvars", "hcl"), Form("#", free=_hcl)),
    (
        ("jenkinsfile",),
        (
            *(
                "js",
                "mjs",
                "cjs",
                "ts",
                "mts",
                "cts",
                "java",
                "go",
                "c",
                "h",
                "cc",
                "cpp",
                "hpp",
                "cs",
                "kt",
                "kts",
                "swift",
            ),
            *("scala", "groovy", "gradle", "proto", "scss", "less"),
        ),
        Form("//", free=_c_like),
    ),
    ((), ("css",), Form("/*", "*/", free=_c_blocks)),
    ((), ("sql",), Form("--", free=_sql)),
    ((), ("html", "htm", "xml", "svg", "xhtml"), Form("<!--", "-->", free=_markup)),
)
