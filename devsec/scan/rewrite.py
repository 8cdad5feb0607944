"""How does a cure read at this place? From a match and a rule's cure to text edits, or to advice with the reason.

Nothing here prints trees: what stays keeps its bytes, and only what changes is written anew.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import libcst as cst

from devsec.catalog.rule import Cure, Rules, Template
from devsec.finding import Fix
from devsec.levels import Safety
from devsec.scan import plain, values
from devsec.scan.arguments import Arguments, position
from devsec.scan.argv import argv
from devsec.scan.importing import NewImport, import_edits
from devsec.scan.match import Match, wrappers
from devsec.scan.module import Module
from devsec.scan.names import Names
from devsec.scan.pieces import Unreadable
from devsec.scan.placeholders import take
from devsec.scan.spell import Unspeakable, spell
from devsec.scan.takeout import Stuck, hole
from devsec.text import Edit, Span


class _Demoted(Exception):
    """The cure cannot be written here; the message is the reason the reader sees."""


def fixes(match: Match, names: Names, catalogue: Rules) -> tuple[Fix, ...]:
    """All cures of the match's rule, best first, those that cannot be written here as advice."""
    return tuple(_fix(match, cure, names, catalogue) for cure in match.rule.cures)


def _fix(match: Match, cure: Cure, names: Names, catalogue: Rules) -> Fix:
    road_name = cure.road or next((t.road for t in _templates(cure) if t.road), "")
    road = catalogue.road(road_name) if road_name else None
    package = road.package if road else ""
    advice = Fix(cure.title, Safety.ADVICE, (), (), road_name, package, cure.note)
    if not cure.edits:
        return advice
    try:
        if not match.sure:
            raise _Demoted("the name may refer to something else here")
        writer = _Writer(match, names)
        writer.cure(cure)
        edits = writer.finished()
    except (_Demoted, Unspeakable, Stuck) as reason:
        note = f"not written: {reason}" + (f". {cure.note}" if cure.note else "")
        return Fix(cure.title, Safety.ADVICE, (), (), road_name, package, note)
    if all(new.names for new in writer.imports):
        package = ""  # the file imports what the cure calls: the project has it
    return Fix(cure.title, cure.safety, edits, tuple(writer.names), road_name, package, cure.note, writer.setting)


def _templates(cure: Cure) -> Iterator[Template]:
    if cure.call:
        yield cure.call
    if cure.value:
        yield cure.value
    if cure.take_out:
        yield cure.take_out
    for table in (cure.set, cure.wrap, cure.wrap_holes):
        for _, template in table:
            yield template


@dataclass
class _Writer:
    """Collects the edits of one cure at one match."""

    match: Match
    naming: Names
    edits: list[Edit] = field(default_factory=list)
    names: list[tuple[str, str]] = field(default_factory=list)
    imports: list[NewImport] = field(default_factory=list)
    extended: set[Edit] = field(default_factory=set)  # edits of `from` imports that are there
    setting: str = ""  # the name under which a secret is read

    @property
    def module(self) -> Module:
        return self.naming.module

    def cure(self, cure: Cure) -> None:
        if cure.take_out is not None:
            self._take_out(cure.take_out, cure.setting)
            return
        for label in self.match.rule.secret:
            secret = self.match.parts.get(label)
            if secret is not None and self.naming.value(secret) is not secret:
                raise _Demoted("the secret stands in another line, and would stay there")
        if cure.delete:
            self._delete()
            return
        call = self.match.node.decorator if isinstance(self.match.node, cst.Decorator) else self.match.node
        if cure.call is not None:
            if _is_name(cure.call.source) and isinstance(call, cst.Call):
                self._replace(call.func, self._expression(cure.call), cure.call.source)
            else:
                self._replace(_expression_of(self.match), self._expression(cure.call), cure.call.source)
                return  # a road that is more than a name says itself which arguments it takes
        if cure.value is not None:
            if "value" not in self.match.parts or not isinstance(self.match.node, (cst.Assign, cst.AnnAssign)):
                raise _Demoted("there is no assigned value")
            self._replace(self.match.parts["value"], self._expression(cure.value), cure.value.source)
        if (
            cure.drop
            or cure.set
            or cure.rename
            or cure.wrap
            or cure.wrap_holes
            or cure.placeholders
            or cure.split
            or cure.reorder
        ):
            if not isinstance(call, cst.Call) or self.match.arguments is None:
                raise _Demoted("it is not a call")
            self._arguments(cure, call, self.match.arguments)

    def _take_out(self, template: Template, fallback: str) -> None:
        """Reads each secret of the match at run time, where its literal stands."""
        found = [(self.match.secret_in, self.match.secret)] if self.match.secret_in is not None else []
        for label in self.match.rule.secret if not found else ():
            part = self._part(label)
            if isinstance(part, cst.BaseExpression):
                found.append((self.naming.value(part), None))
        for node, secret in found:
            if secret is None and values.constant(node, self.naming) is None:
                raise _Demoted("the secret is put together elsewhere")
            place = hole(node, secret, fallback, self.naming)
            road = template._replace(holes=(*template.holes, ("name", json.dumps(place.name))))
            text = self._expression(road)
            if place.node is None:
                if place.quote in ("'", '"') and place.quote in text:
                    text = text.replace('"', "'") if place.quote == '"' and "'" not in text else text
                    if place.quote in text:
                        raise _Demoted("the quotes of the f-string are in the way")
            else:
                if place.encode:
                    text = f"{text if _is_atomic(text) else f'({text})'}.encode()"
                if (place.before or place.after) and not _is_atomic(text):
                    text = f"({text})"
            text = place.before + text + place.after
            if place.node is None:
                self.edits.append(Edit(place.span, text))
            else:
                self._replace(place.node, text, template.source)
            self.setting = place.name

    def finished(self) -> tuple[Edit, ...]:
        """The edits in order, imports included, once it is sure that no comment is lost."""
        for edit in self.edits:
            self._keep_comments(edit)
            self._keep_fstring(edit)
        self.edits += import_edits(self.imports, self.match.node, self.module)
        for span in {edit.span for edit in self.extended}:
            # Two names that go to one place in a list go there together.
            self.edits.append(Edit(span, "".join(edit.text for edit in sorted(self.extended) if edit.span == span)))
        return tuple(sorted(set(self.edits)))

    # --- expressions -------------------------------------------------------------------------------------------------

    def _expression(self, template: Template) -> str:
        """The template in this file's spelling, its holes filled."""
        return self._fill(template.source, dict(template.holes), template.imports, 0)

    def _fill(self, source: str, given: Mapping[str, str], modules: Sequence[str], depth: int) -> str:
        if depth > 4:
            raise _Demoted("its holes go round in circles")
        text = re.sub(r"\$([A-Za-z_]\w*)", lambda m: _HOLE + m.group(1), source)
        tree = ast.parse(text, mode="eval")
        raw = text.encode()
        changes: list[tuple[int, int, str]] = []
        for node, delimited in _chains(tree.body, True):
            start, end = node.col_offset, node.end_col_offset or 0
            chain = raw[start:end].decode()
            if chain.startswith(_HOLE):
                hole = chain[len(_HOLE) :].split(".", 1)[0]
                end = start + len(_HOLE) + len(hole)
                changes.append((start, end, self._hole(hole, given, modules, depth, delimited and "." not in chain)))
            else:
                spelling = spell(chain, modules, self.match.node, self.naming)
                if spelling.needs is not None:
                    self.imports.append(spelling.needs)
                if spelling.extends is not None:
                    self.extended.add(spelling.extends)
                self.names.append((spelling.text, chain if "." in chain else f"builtins.{chain}"))
                changes.append((start, end, spelling.text))
        for start, end, new in sorted(changes, reverse=True):
            raw = raw[:start] + new.encode() + raw[end:]
        return raw.decode()

    def _hole(self, hole: str, given: Mapping[str, str], modules: Sequence[str], depth: int, delimited: bool) -> str:
        if hole in given:
            inner = given[hole]
            text = self._fill(inner, {k: v for k, v in given.items() if k != hole}, modules, depth + 1)
            return text if delimited or _is_atomic(text) else f"({text})"
        if hole == "target":
            return json.dumps(self._target_name())
        node = self._part(hole)
        text = self.module.source(node)
        if delimited or _is_atomic(text):
            return text
        return f"({text})"

    def _part(self, hole: str) -> cst.CSTNode:
        if hole == "match":
            return _expression_of(self.match)
        if hole in self.match.parts:
            return self.match.parts[hole]
        if self.match.arguments is not None:
            arg = self.match.arguments.get(hole, dict(self.match.shape.args).get(hole, ()))
            if arg is not None:
                return arg.value
        raise _Demoted(f"there is no `{hole}` here")

    def _target_name(self) -> str:
        target = self.match.target
        if isinstance(target, cst.BaseExpression):
            for name in values.identifiers(target):
                return plain.words(name).upper()
        raise _Demoted("what is assigned has no name")

    # --- edits -------------------------------------------------------------------------------------------------------

    def _replace(self, node: cst.CSTNode, text: str, source: str) -> None:
        span = self.module.span(node)
        if not getattr(node, "lpar", ()) and not _is_atomic(text) and self._binds_tighter(node):
            text = f"({text})"
        if self.module.text[span.start : span.end].decode("utf-8") != text:
            self.edits.append(Edit(span, text))

    def _binds_tighter(self, node: cst.CSTNode) -> bool:
        """Whether what stands around the node could take it apart."""
        parent = self.module.parent.get(node)
        return not isinstance(
            parent,
            (
                cst.Arg,
                cst.Assign,
                cst.AnnAssign,
                cst.Return,
                cst.Expr,
                cst.Element,
                cst.DictElement,
                cst.Index,
                cst.If,
                cst.While,
            ),
        )

    def _arguments(self, cure: Cure, call: cst.Call, arguments: Arguments) -> None:
        tests = dict(self.match.shape.args)
        find: Callable[[str], cst.Arg | None] = lambda label: arguments.get(label, tests.get(label, ()))  # noqa: E731
        dropped = [arg for label in cure.drop if (arg := find(label)) is not None]
        self._drop(dropped, call, arguments)
        added: list[str] = []
        for label, template in cure.set:
            arg = find(label)
            text = self._expression(template)
            if arg is not None:
                self._replace(arg.value, text, template.source)
            elif arguments.starred:
                raise _Demoted("`*args` or `**kwargs` may hold it already")
            else:
                added.append(f"{label}={text}")
        if added:
            self._add(added, dropped, call)
        for old, new in cure.rename:
            if old in arguments.keywords:
                keyword = arguments.keywords[old].keyword
                assert keyword is not None
                self.edits.append(Edit(self.module.span(keyword), new))
        for label, template in cure.wrap:
            arg = find(label)
            if arg is not None:
                self._wrap(arg.value, self._expression(template))
        for label, template in cure.wrap_holes:
            arg = find(label)
            if arg is not None:
                self._wrap_holes(arg.value, self._expression(template))
        for label in cure.split:
            arg = find(label)
            if arg is None:
                raise _Demoted("this call takes no list of arguments")
            self._split(arg)
        for label, styles in cure.placeholders:
            arg = find(label)
            if arg is not None:
                self._placeholders(arg, self._style(styles), call)
        if cure.reorder:
            self._reorder(cure.reorder, arguments, tests)

    def _drop(self, dropped: Sequence[cst.Arg], call: cst.Call, arguments: Arguments) -> None:
        """Removes arguments with their commas."""
        if not dropped:
            return
        args = list(call.args)
        gone = {i for i, arg in enumerate(args) if any(arg is other for other in dropped)}
        for i in gone:
            if args[i].keyword is None and any(
                j > i and j not in gone and (args[j].keyword is None) and args[j].star != "**" for j in range(len(args))
            ):
                raise _Demoted("it is positional, and what follows would move")
        if len(gone) == len(args):
            start, end = self._brackets(call)
            self.edits.append(Edit(Span(start, end), ""))
            return
        tail = len(args)
        while tail - 1 in gone:
            tail -= 1
        if tail < len(args):
            cut = Span(self.module.span(args[tail - 1]).end, self.module.span(args[-1]).end)
            lines = self._whole_lines(Span(self.module.span(args[tail]).start, cut.end))
            # A comment behind the argument before is about that one: then the lines go, and its comma stays.
            with_comment = b"#" in self.module.text[cut.start : cut.end]
            self.edits.append(Edit(lines if with_comment and lines is not None else cut, ""))
        for i in sorted(gone):
            if i < tail:
                self.edits.append(Edit(Span(self.module.span(args[i]).start, self.module.span(args[i + 1]).start), ""))

    def _whole_lines(self, span: Span) -> Span | None:
        """The lines of `span`, when but a comma and a comment stand on them beside it."""
        text = self.module.text
        start = max(text.rfind(b"\n", 0, span.start), text.rfind(b"\r", 0, span.start)) + 1
        rest = _REST_OF_LINE.match(text, span.end)
        return Span(start, rest.end()) if rest and not text[start : span.start].strip() else None

    def _add(self, added: Sequence[str], dropped: Sequence[cst.Arg], call: cst.Call) -> None:
        """Adds keyword arguments after the last one, in the layout the call has."""
        kept = [arg for arg in call.args if not any(arg is other for other in dropped)]
        if not kept:
            start, end = self._brackets(call)
            self.edits = [e for e in self.edits if e.span != Span(start, end)]
            self.edits.append(Edit(Span(start, end), ", ".join(added)))
            return
        last = kept[-1]
        if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
            raise _Demoted("a bare generator must stay the only argument")
        span = self.module.span(last)
        lead = self._own_line_lead(span.start)
        between = ", " if lead is None else "," + lead
        self.edits.append(Edit(Span(span.end, span.end), "".join(between + text for text in added)))

    def _own_line_lead(self, start: int) -> str | None:
        """The line break and indentation before an argument that begins its line, else None."""
        text = self.module.text
        at = start
        while at > 0 and text[at - 1 : at] in (b" ", b"\t"):
            at -= 1
        if at == 0 or text[at - 1 : at] not in (b"\n", b"\r"):
            return None
        begin = at - 2 if text[at - 2 : at] == b"\r\n" else at - 1
        return text[begin:start].decode()

    def _brackets(self, call: cst.Call) -> tuple[int, int]:
        """Where the text between the call's brackets starts and ends."""
        end = self.module.span(call).end - 1
        after = self.module.outer_span(call.func).end
        opening = _TO_BRACKET.match(self.module.text, after)
        assert opening is not None
        return opening.end(), end

    def _wrap(self, node: cst.BaseExpression, callee: str) -> None:
        span = self.module.outer_span(node)
        self.edits.append(Edit(Span(span.start, span.start), f"{callee}("))
        self.edits.append(Edit(Span(span.end, span.end), ")"))

    def _wrap_holes(self, node: cst.BaseExpression, callee: str) -> None:
        if self.naming.value(node) is not node:
            raise _Demoted("the string is built elsewhere")
        parts = values.string_parts(node, self.naming)
        if parts is None:
            raise _Demoted("the string cannot be taken apart")
        before = ""
        for part in parts:
            if isinstance(part, str):
                before += part
                continue
            if values.is_quoted(part, wrappers(self.match.rule), self.naming):
                before += "{}"
                continue
            self._check_hole(part, before, node)
            span = self.module.outer_span(part)
            inner = self.module.source(part)
            parent = self.module.parent.get(part)
            already_text = isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, cst.Add)
            text = inner if already_text or _is_text_call(part) else f"str({inner})"
            self.edits.append(Edit(span, f"{callee}({text})"))
            before += "{}"

    def _split(self, arg: cst.Arg) -> None:
        """Writes a command line as a list of arguments."""
        if self.naming.value(arg.value) is not arg.value:
            raise _Demoted("the command is built elsewhere")
        try:
            words = argv(arg.value, self.naming)
        except Unreadable as reason:
            raise _Demoted(str(reason)) from None
        self.edits.append(Edit(self.module.outer_span(arg.value), words))

    def _style(self, styles: Sequence[tuple[str, str]]) -> str:
        """The one for the module this file imports."""
        found = {style for module, style in styles if not module or self.module.does_import(module)}
        if len(found) != 1:
            raise _Demoted("the style of placeholders cannot be told from the imports")
        return found.pop()

    def _placeholders(self, arg: cst.Arg, style: str, call: cst.Call) -> None:
        """Takes the values out of a query's text and gives them to the call."""
        number = next(i for i, other in enumerate(call.args) if other is arg)
        if arg.keyword is not None:
            raise _Demoted("the query is given by keyword")
        if number + 1 < len(call.args) and call.args[number + 1].keyword is None:
            raise _Demoted("something follows the query")
        written = _in_call(arg.value) if style == ":name" else arg.value
        query = self.naming.value(written)
        if query is not written:
            self._follows_at_once(written, query)
            query = _in_call(query) if style == ":name" else query
        try:
            taken = take(query, style, self.module)
        except Unreadable as reason:
            raise _Demoted(str(reason)) from None
        self.edits += taken.edits
        end = self.module.outer_span(arg.value).end
        self.edits.append(Edit(Span(end, end), ", " + taken.argument(style)))

    def _follows_at_once(self, use: cst.BaseExpression, query: cst.BaseExpression) -> None:
        """Raises unless the query is built in the statement before, for this use alone: else a value might be another one
        by now, or the query be used once more without its values."""
        parents = self.module.parent
        statement = parents.get(parents.get(query, query))
        if not isinstance(use, cst.Name) or not isinstance(statement, cst.SimpleStatementLine):
            raise _Demoted("the query is built elsewhere")
        block = parents[statement]
        body = list(block.body) if isinstance(block, (cst.IndentedBlock, cst.Module)) else []
        index = next((i for i, other in enumerate(body) if other is statement), len(body))
        following: cst.CSTNode | None = body[index + 1] if index + 1 < len(body) else None
        while isinstance(following, (cst.With, cst.Try)):  # what stands first in these runs next
            following = next(iter(following.body.body), None)
        if not isinstance(following, cst.SimpleStatementLine) or following not in self.module.ancestors(use):
            raise _Demoted("the query is built elsewhere")
        nodes = self.module.piece_of(use).nodes
        uses = [node for node in nodes if isinstance(node, cst.Name) and node.value == use.value]
        if len([node for node in uses if self.naming.scope(node) is self.naming.scope(use)]) != 2:
            raise _Demoted("the query is used more than once")

    def _check_hole(self, part: cst.BaseExpression, before: str, whole: cst.BaseExpression) -> None:
        span, around = self.module.span(part), self.module.span(whole)
        if not around.contains(span):
            raise _Demoted("a part of the string is built elsewhere")
        if before.count("'") % 2 or before.count('"') % 2:
            raise _Demoted("a part stands inside quotes; the quotes must go first")
        if not before.strip():
            raise _Demoted("the command itself is a variable")
        if any(values.MANY_WORDS.search(plain.words(name)) for name in values.identifiers(part)):
            raise _Demoted("a part looks like several words on purpose")
        parent = self.module.parent.get(part)
        if isinstance(parent, cst.FormattedStringExpression) and (
            parent.conversion or parent.format_spec or parent.equal is not None
        ):
            raise _Demoted("a part has a format of its own")

    def _reorder(self, order: Sequence[str], arguments: Arguments, tests: Mapping[str, Sequence[object]]) -> None:
        wanted = []
        for label in order:
            at = position(tests.get(label, ()))  # type: ignore[arg-type]
            if at is None or at >= len(arguments.positional):
                raise _Demoted(f"`{label}` is not positional here")
            wanted.append(arguments.positional[at])
        for slot, arg in zip(arguments.positional, wanted, strict=False):
            if slot is not arg:
                self.edits.append(Edit(self.module.span(slot), self.module.source(arg.value)))

    def _delete(self) -> None:
        """Removes the statement; what would leave a block empty becomes `pass`."""
        node = self.match.node
        small = self.module.parent[node] if isinstance(self.module.parent.get(node), cst.Expr) else node
        if isinstance(small, cst.Assign) and len(small.targets) > 1:
            raise _Demoted("more than one name is assigned")
        line = self.module.parent.get(small)
        if not isinstance(line, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            raise _Demoted("it is not a statement of its own")
        span = self.module.span(small)
        body = list(line.body)
        index = next(i for i, other in enumerate(body) if other is small)
        if len(body) > 1:
            if index + 1 < len(body):
                self.edits.append(Edit(Span(span.start, self.module.span(body[index + 1]).start), ""))
            else:
                self.edits.append(Edit(Span(self.module.span(body[index - 1]).end, span.end), ""))
            return
        block = self.module.parent.get(line)
        alone = isinstance(line, cst.SimpleStatementSuite) or (
            isinstance(block, cst.IndentedBlock) and len(block.body) == 1
        )
        if alone:
            self.edits.append(Edit(span, "pass"))
            return
        lines = self.module.lines
        first, last = lines.place(span.start).line, lines.place(span.end).line
        whole = Span(lines.start(first), lines.start(last + 1))
        self.edits.append(Edit(whole, ""))

    # --- what must not be lost ---------------------------------------------------------------------------------------

    def _keep_comments(self, edit: Edit) -> None:
        removed = self.module.text[edit.span.start : edit.span.end]
        if b"#" not in removed:
            return
        for span in self._comments():
            if edit.span.contains(span):
                comment = self.module.text[span.start : span.end].decode("utf-8")
                if comment not in edit.text and not _PRAGMA.match(comment):
                    raise _Demoted("a comment would be lost")

    def _comments(self) -> list[Span]:
        top = self.match.node
        for top in self.module.ancestors(self.match.node):
            if isinstance(top, cst.BaseStatement):
                break
        found = []
        stack: list[cst.CSTNode] = [top]
        while stack:
            node = stack.pop()
            if isinstance(node, cst.Comment):
                found.append(self.module.span(node, self.match.node))
            for name in type(node).__dataclass_fields__:
                value = getattr(node, name)
                for item in value if isinstance(value, (list, tuple)) else (value,):
                    if isinstance(item, cst.CSTNode):
                        stack.append(item)
        return found

    def _keep_fstring(self, edit: Edit) -> None:
        """Before Python 3.12 an f-string's own quote and a backslash cannot stand in its expressions."""
        for parent in self.module.ancestors(self.match.node):
            if isinstance(parent, cst.FormattedString):
                inside = self.module.span(parent).contains(edit.span)
                quote = parent.quote
                new = edit.text
                old = self.module.text[edit.span.start : edit.span.end].decode("utf-8")
                if inside and ((quote[0] in new and quote[0] not in old) or "\\" in new or "\n" in new):
                    raise _Demoted("it stands in an f-string that the new text would end")


_HOLE = "__devsec_hole_"
# From a callee to the bracket of its call: a comment between them may hold brackets of its own.
_REST_OF_LINE = re.compile(rb"[ \t]*,?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)")
_TO_BRACKET = re.compile(rb"(?:[\s\\]|#[^\r\n]*)*\(")
# Pragmas speak about the statement they stand on: they go with it.
_PRAGMA = re.compile(
    r"#\s*(?:noqa|nosec|nosemgrep|type:|pylint:|pragma:|devsec:|pyright:|ruff:|lgtm|noinspection)", re.I
)


def _expression_of(match: Match) -> cst.BaseExpression:
    node = match.node
    if isinstance(node, cst.Decorator):
        return node.decorator
    if isinstance(node, (cst.Assign, cst.AnnAssign)) and node.value is not None:
        return node.value
    if isinstance(node, cst.Expr):
        return node.value
    if isinstance(node, cst.BaseExpression):
        return node
    raise _Demoted("it is not an expression")


def _in_call(node: cst.BaseExpression) -> cst.BaseExpression:
    """The query in `text(query)`."""
    if not isinstance(node, cst.Call) or len(node.args) != 1:
        return node
    method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    return node if method == "format" else node.args[0].value


def _is_name(source: str) -> bool:
    return all(part.isidentifier() for part in source.split("."))


def _chains(node: ast.AST, delimited: bool) -> Iterator[tuple[ast.Name | ast.Attribute, bool]]:
    """The outermost chains of names in a template, and whether brackets or commas hold each together."""
    if isinstance(node, ast.Name):
        yield node, delimited
        return
    if isinstance(node, ast.Attribute):
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if isinstance(root, ast.Name):
            yield node, delimited
            return
    for name, value in ast.iter_fields(node):
        held = isinstance(node, (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.keyword))
        held = (
            held
            or (isinstance(node, ast.Call) and name == "args")
            or (isinstance(node, ast.Subscript) and name == "slice")
        )
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield from _chains(item, held)


def _is_atomic(text: str) -> bool:
    """Whether an expression holds together whatever stands beside it."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return False
    if "\n" in text and not text.startswith(("(", "[", "{", '"""', "'''")):
        # a call over several lines holds its own brackets
        return isinstance(node, (ast.Call, ast.Subscript))
    if text.startswith("(") and isinstance(node, ast.Tuple):
        return True
    return isinstance(
        node,
        (
            ast.Name,
            ast.Attribute,
            ast.Call,
            ast.Subscript,
            ast.Constant,
            ast.List,
            ast.Dict,
            ast.Set,
            ast.ListComp,
            ast.DictComp,
            ast.SetComp,
            ast.JoinedStr,
        ),
    ) or (text.startswith("(") and isinstance(node, ast.GeneratorExp))


def _is_text_call(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "str"
