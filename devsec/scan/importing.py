"""Where does a new import go? Where the file keeps its imports, so that isort would leave it there.

After docstring, comments and `__future__`, before whatever needs it; in the section of its kind, in the order the file
has, with the blank lines that belong to it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from devsec.scan.listed import newline_of
from devsec.scan.module import Module
from devsec.scan.order import (
    Entry,
    Section,
    Style,
    is_stdlib,
    kinds_apart,
    member_key,
    one_name_a_statement,
    sections_apart,
    style_of,
)
from devsec.scan.outline import Statement
from devsec.text import Edit, Span


@dataclass(frozen=True)
class NewImport:
    """A statement to be added: `import module [as alias]`, or `from module import names`."""

    module: str
    names: tuple[str, ...] = ()
    alias: str = ""

    @property
    def line(self) -> str:
        if self.names:
            return f"from {self.module} import {', '.join(self.names)}"
        return f"import {self.module}" + (f" as {self.alias}" if self.alias else "")


@dataclass(frozen=True)
class _Hole:
    """A place for import lines: `before` and `after` are the line ends that hold them off from what is around."""

    at: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class _Item:
    """An import statement of the file."""

    statement: Statement
    entry: Entry

    @property
    def start(self) -> int:
        return self.statement.span.start

    @property
    def end(self) -> int:
        return self.statement.span.end


def import_edits(wanted: Sequence[NewImport], site: cst.CSTNode, module: Module) -> tuple[Edit, ...]:
    """The edits that add the statements, before the statement of `site`. Those that land in one place come together."""
    holes: dict[_Hole, list[tuple[object, str]]] = {}
    for new in _together(wanted, module):
        hole, key = _place(new, site, module)
        holes.setdefault(hole, []).append((key, new.line))
    newline = newline_of(module.text)
    edits = []
    for hole, lines in sorted(holes.items(), key=lambda item: item[0].at):
        text = newline.join(line for _, line in sorted(lines))
        edits.append(Edit(Span(hole.at, hole.at), hole.before + text + newline + hole.after))
    return tuple(edits)


def _together(wanted: Sequence[NewImport], module: Module) -> Sequence[NewImport]:
    """Each once; several names of one module in one statement, unless the file writes a statement for each."""
    if one_name_a_statement(module.froms):
        return tuple(dict.fromkeys(wanted))
    names: dict[str, set[str]] = {}
    for new in wanted:
        names.setdefault(new.module, set()).update(new.names)
    return tuple(
        dict.fromkeys(
            replace(new, names=tuple(sorted(names[new.module], key=member_key))) if new.names else new for new in wanted
        )
    )


def _place(new: NewImport, site: cst.CSTNode, module: Module) -> tuple[_Hole, object]:
    statements = module.outline.statements
    head = _head_length(statements)
    limit = statements[module.piece_of(site).index].span.start
    runs = [_described(run, module) for run in _runs(statements[head:], limit, module)]
    section = _section_of(new.module, _own(module))
    entry = Entry(section, not new.names, new.module, new.names[0] if new.names else "", new.alias)
    if not runs:
        return _first_import(module, head), Style().key(entry)
    run = next((run for run in runs if any(item.entry.section is section for item in run)), runs[0])
    entries = [item.entry for item in run]
    style = style_of(entries, ([item.entry for item in other] for other in runs if other is not run))
    hole = _in_run(entry, run, style, module)
    return hole, (style or Style()).key(entry)


# --- what is there -------------------------------------------------------------------------------------------------------


def _head_length(statements: Sequence[Statement]) -> int:
    """How many statements must stay first: the docstring and `from __future__`."""
    count = 0
    for index, statement in enumerate(statements):
        node = statement.nodes[0]
        docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        docstring = docstring and isinstance(node.value.value, str)  # type: ignore[attr-defined]
        if not docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        count += 1
    return count


def _runs(statements: Sequence[Statement], limit: int, module: Module) -> Iterator[list[Statement]]:
    """The runs of import statements that end before `limit`. Between them there may be settings (`sys.path.insert`,
    `__version__`) and conditional imports; with the first function or class the imports are over."""
    run: list[Statement] = []
    for statement in statements:
        if statement.span.end > limit:
            break
        if all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in statement.nodes):
            if run and b"isort:" in module.text[run[-1].span.end : statement.span.start]:
                yield run
                run = []
            run.append(statement)
            continue
        if run:
            yield run
            run = []
        node = statement.nodes[0]
        imports = isinstance(node, (ast.If, ast.Try)) and any(
            isinstance(inner, (ast.Import, ast.ImportFrom)) for inner in ast.walk(node)
        )
        if not imports and not isinstance(node, (ast.Assign, ast.AnnAssign, ast.Expr)):
            return
    if run:
        yield run


def _described(run: Sequence[Statement], module: Module) -> list[_Item]:
    """The statements with their sections.

    Which modules are the project's own only its tree knows. Here its path tells (`acme` in `src/acme/db.py`), or the
    blank lines: where modules that are not in the standard library stand in several groups, the first are those of others.
    """
    entries: list[Entry] = []
    own = _own(module)
    for index, statement in enumerate(run):
        node = statement.nodes[0]
        assert isinstance(node, (ast.Import, ast.ImportFrom))
        plain = isinstance(node, ast.Import)
        name = node.names[0].name if isinstance(node, ast.Import) else "." * node.level + (node.module or "")
        blank = index > 0 and _blank_between(run[index - 1].span.end, statement.span.start, module)
        comment = _above_its_comments(statement.span.start, module) != statement.span.start
        member = "" if plain else node.names[0].name
        alias = node.names[0].asname or ""
        entries.append(Entry(_section_of(name, own), plain, name, member, alias, blank, comment))
    explained = [_is_about(entry, statement, module) for entry, statement in zip(entries, run, strict=True)]
    groups = _grouped(entries, explained)
    others = [group for group in groups if entries[group[0]].section in (Section.THIRD, Section.FIRST)]
    for number, group in enumerate(others):
        ours = {entries[at].module.split(".", 1)[0] for at in group if entries[at].section is Section.FIRST}
        # Among others' modules a module that looks like one's own is sorted as theirs (a namespace that many share).
        # Beside tests stands the code that they test.
        among_others = any(entries[at].section is Section.THIRD for at in group) and not ours <= _TESTS
        section = Section.FIRST if number or (ours and not among_others) else Section.THIRD
        for at in group:
            entries[at] = entries[at]._replace(section=section)
    return [_Item(statement, entry) for statement, entry in zip(run, entries, strict=True)]


_TESTS = frozenset({"test", "tests", "testing"})


def _grouped(entries: Sequence[Entry], explained: Sequence[bool]) -> list[list[int]]:
    """Indexes of neighbours without a blank line or a change of section between them; the two kinds of a section that
    keeps them apart (lines-between-types) are one group, and so is an import with a comment about it (`explained`)."""
    apart = kinds_apart(entries)
    groups: list[list[int]] = []
    for index, entry in enumerate(entries):
        last = entries[index - 1] if index else None
        third = (Section.THIRD, Section.FIRST)
        same = last is not None and (
            last.section is entry.section or (last.section in third and entry.section in third)
        )
        other_kind = apart and last is not None and last.plain and not entry.plain and last.section is entry.section
        if same and (not entry.blank_above or other_kind or explained[index]):
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _section_of(name: str, own: str) -> Section:
    if name.startswith("."):
        return Section.LOCAL
    if is_stdlib(name):
        return Section.STDLIB
    return Section.FIRST if name.split(".", 1)[0] == own else Section.THIRD


def _own(module: Module) -> str:
    """The project's own package: the outermost folder that the file imports from. One further in may have the name of a
    package that it is about (`acme/plugins/redis/cache.py`)."""
    nodes = [node for statement in module.outline.statements for node in statement.nodes]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    roots = {name.split(".", 1)[0] for name in names}
    return next((folder for folder in module.folders if folder in roots), "")


def _blank_between(end: int, start: int, module: Module) -> bool:
    return re.search(rb"(?:\A|\n|\r)[ \t\f]*(?:\r|\n)", module.text[end:start]) is not None


# --- among what is there -------------------------------------------------------------------------------------------------


def _in_run(new: Entry, run: Sequence[_Item], style: Style | None, module: Module) -> _Hole:
    newline = newline_of(module.text)
    entries = [item.entry for item in run]
    whole = style is not None and not style.sections
    same = [item for item in run if whole or item.entry.section is new.section]
    if same:
        previous = _before(new, same, style)
        beside = [item for item in same if item.entry.plain is new.plain]
        blank = newline if not beside and kinds_apart(entries) else ""
        if previous is not None:
            return _below(previous.end, blank, module)
        first = same[0]
        if not first.entry.comment_above or not _is_about(first.entry, first.statement, module):
            return _Hole(first.start, "", blank)  # under the comment that heads the section
        # ruff and isort's profile for black hold a comment off from the import before it.
        close = any(item.entry.comment_above and not item.entry.blank_above for item in run if item is not run[0])
        return _Hole(_above_its_comments(first.start, module), "", blank or ("" if close else newline))
    blank = newline if sections_apart(entries) else ""
    earlier = [item for item in run if item.entry.section < new.section]
    if earlier:
        return _below(earlier[-1].end, blank, module)
    return _Hole(_above_its_comments(run[0].start, module), "", blank)


def _before(new: Entry, same: Sequence[_Item], style: Style | None) -> _Item | None:
    """The statement of the section that the new one follows."""
    if style is not None:
        key = style.key(new)
        smaller = [item for item in same if style.key(item.entry) <= key]
        return smaller[-1] if smaller else None
    # Not sorted: behind the last of its kind that is smaller, so that what is half sorted does not get worse.
    alike = [item for item in same if item.entry.plain is new.plain]
    if not alike:
        return None if new.plain else same[-1]
    later = [item for item in alike if item.entry.module.lower() > new.module.lower()]
    if not later:
        return alike[-1]
    at = same.index(later[0])
    return same[at - 1] if at else None


def _below(at: int, blank: str, module: Module) -> _Hole:
    ends_line = module.text[:at].endswith((b"\n", b"\r"))
    return _Hole(at, ("" if ends_line else newline_of(module.text)) + blank)


def _is_about(entry: Entry, statement: Statement, module: Module) -> bool:
    """Whether the comment above names the module: then it is about that, and heads no section."""
    root = entry.module.strip(".").split(".", 1)[0]
    above = _above_its_comments(statement.span.start, module)
    comment = module.text[above : statement.span.start].decode("utf-8", "replace")
    return re.search(rf"\b{re.escape(root)}\b", comment, re.I) is not None


def _above_its_comments(start: int, module: Module) -> int:
    """Before the comment lines that belong to a statement, unless they begin the file (a licence, a cookie)."""
    line = module.lines.place(start).line
    above = line
    while above > 1 and module.lines.line(above - 1).lstrip().startswith("#"):
        above -= 1
    return start if above == 1 else module.lines.start(above)


# --- in a file without imports -------------------------------------------------------------------------------------------


def _first_import(module: Module, head: int) -> _Hole:
    """Below the docstring and `__future__`, or above the first statement; two blank lines before a function or class, and
    one before anything else."""
    statements = module.outline.statements
    newline = newline_of(module.text)
    if not statements:
        return _Hole(0)
    following = statements[head] if head < len(statements) else None
    if not head:
        assert following is not None
        at = _above_its_comments(following.span.start, module)
        return _Hole(at, "", newline * _blank_lines(at, following, module))
    at = statements[head - 1].span.end
    if not module.text[:at].endswith((b"\n", b"\r")):
        return _Hole(at, newline * 2)
    if not module.text[at:].strip():
        return _Hole(at, newline)
    here = list(_blank_ends(at, module))
    needed = _blank_lines(here[-1] if here else at, following, module)
    if len(here) > needed:
        return _Hole(here[len(here) - needed - 1])
    return _Hole(at, newline, newline * (needed - len(here)))


def _blank_ends(at: int, module: Module) -> Iterator[int]:
    """Where each of the blank lines that follow ends."""
    blank = re.compile(rb"[ \t\f]*(?:\r\n|\n|\r)")
    while match := blank.match(module.text, at):
        at = match.end()
        yield at


def _blank_lines(at: int, following: Statement | None, module: Module) -> int:
    """How many blank lines isort wants between the imports and what begins at `at`: a comment, or `following`."""
    if following is None or not isinstance(following.nodes[0], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return 1
    # A comment with a blank line below it is no part of the function.
    return 1 if _blank_between(at, following.span.start, module) else 2
