"""Which rule tells these two texts apart? Proposals are tried one after the other; the first whose proof holds is it."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from devsec.catalog.rule import Catalogue, Rule
from devsec.catalog.schema import resolve_roads, rule_from
from devsec.catalog.yaml_read import read
from devsec.errors import RuleError, UsageError
from devsec.fix.plan import Patch, cure
from devsec.fix.verify import uncompilable
from devsec.prove import Ending, prove
from devsec.record import Record
from devsec.scaffold.names import Names, resolved
from devsec.scaffold.page import Page, written
from devsec.scaffold.shapes import Proposal, Two, proposals, words
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.signature import Callee, lookup
from devsec.sources.source import Skipped, Source

EXAMPLE = "example.py"
_REFERENCE = "Make them differ in one thing, or write the rule by hand: docs/rule-language.md."


class New(Record):
    """The file's text, and what its author should know. `cured` when a cure was found that holds."""

    text: str
    cured: bool
    notes: tuple[str, ...]


def new(id: str, bad: str, good: str, path: str, catalogue: Catalogue) -> New:
    """The rule by that id which finds `bad` and not `good`, texts that would stand at `path` ("": Python when both are).

    Raises UsageError when nothing that a rule can say tells them apart, and for a text with a secret in it: it would be
    written down.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        raise UsageError(
            f"`{id}` is no rule id", "Use lower-case words joined by dashes; a pack's name goes before by itself."
        )
    if any(rule.id == id for rule in catalogue.rules):
        raise UsageError(
            f"there is a rule {id!r} already", f"devsec rules show {id} shows it; rules are told apart by their ids."
        )
    bad, good = (text.replace("‹›", "").replace("\r\n", "\n").strip("\n") + "\n" for text in (bad, good))
    for text, which in ((bad, "bad"), (good, "good")):
        if not text.strip():
            raise UsageError(
                f"the {which} line is empty", "Both are needed: what should not be written, and what to write."
            )
    if bad == good:
        raise UsageError("the bad and the good line are the same", "A rule finds what differs.")
    notes = _known(bad, good, path, catalogue)
    if _is_python(bad, good, path):
        made = _python(id, bad, good, path, catalogue)
    else:
        made = _text(id, bad, good, path, catalogue)
    return made._replace(notes=(*notes, *made.notes))


def _known(bad: str, good: str, path: str, catalogue: Catalogue) -> tuple[str, ...]:
    """What the rules that count say of the two already; refuses secrets."""
    scanner = Scanner(catalogue, Gate.build(catalogue))
    notes = []
    for text, which in ((bad, "bad"), (good, "good")):
        source = Source(path or EXAMPLE, text.encode())
        found = scanner.scan(source)
        if isinstance(found, Skipped):
            found = scanner.all_the_same(source, scanner.gate.hits(source.data, source.path))
        for one in found:
            if one.secrets:
                raise UsageError(
                    f"in the {which} line there is what looks like a secret ({one.rule}, line {one.start.line}): it would be "
                    "written into the rule",
                    "Put a made-up one there.",
                )
        if found:
            names = ", ".join(sorted({one.rule for one in found}))
            notes.append(f"{names} {'finds' if ',' not in names else 'find'} the {which} line already")
    return tuple(notes)


# --- Python ----------------------------------------------------------------------------------------------------------


def _is_python(bad: str, good: str, path: str) -> bool:
    if path:
        return path.endswith((".py", ".pyi", ".pyw"))
    trees = [_parsed(bad), _parsed(good)]
    if isinstance(trees[0], ast.Module) and isinstance(trees[1], ast.Module):
        return any(_says_something(tree) for tree in trees if isinstance(tree, ast.Module))
    for tree, text, which in zip(trees, (bad, good), ("bad", "good"), strict=True):
        if isinstance(tree, str) and isinstance(trees[which == "bad"], ast.Module) and "\n" in text.strip():
            raise UsageError(f"the {which} text is no Python: {tree}", "Mend it, or say with --path what it is.")
    return False


def _parsed(text: str) -> ast.Module | str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return f"line {getattr(error, 'lineno', 1)}: {getattr(error, 'msg', error)}"


def _says_something(tree: ast.Module) -> bool:
    """`verify: false` is Python too, and says nothing."""
    return not all(
        (isinstance(one, ast.AnnAssign) and one.value is None)
        or (isinstance(one, ast.Expr) and isinstance(one.value, (ast.Name, ast.Constant, ast.BinOp, ast.Attribute)))
        for one in tree.body
    )


def _python(id: str, bad: str, good: str, path: str, catalogue: Catalogue) -> New:
    known = _modules(catalogue)
    trees = []
    for text, which in ((bad, "bad"), (good, "good")):
        tree = _parsed(text)
        wrong = tree if isinstance(tree, str) else uncompilable(Source(EXAMPLE, text.encode()))
        if wrong or isinstance(tree, str):
            raise UsageError(
                f"the {which} text is no Python: {wrong}",
                "Write it as it would stand in a file: a function around it, …",
            )
        trees.append(tree)
    names = [Names(tree, known) for tree in trees]
    ours, theirs = (resolved(tree, of) for tree, of in zip(trees, names, strict=True))
    notes = []
    texts = []
    for text, of, which in ((bad, names[0], "bad"), (good, names[1], "good")):
        for module in sorted(of.missing, reverse=True):
            text = f"import {module}\n{text}"
            notes.append(f"`import {module}` was put into the {which} one: without it nobody knows what `{module}` is")
        texts.append(text)
    modules = tuple(sorted({name.partition(".")[0] for name in (*names[0].imported.values(), *names[0].missing)}))
    two = Two(ours, theirs, names[0], modules)
    every = _imports(trees[0], trees[1]) if ast.dump(ours) == ast.dump(theirs) or not ours.body else proposals(two)
    refused = ""
    for proposal in every:
        page = Page(
            id, proposal.what, proposal.find, proposal.fix, texts[0], texts[1], texts[1], path, notes=proposal.notes
        )
        made, reason = _held(page, catalogue)
        if not made:
            refused = refused or (reason if proposal.edits else "")
            continue
        if not proposal.edits and refused:
            notes.append(f"the cure is left as advice: {refused}")
        elif not proposal.edits:
            notes.append("the cure is left as advice: a rule cannot say what makes the bad line the good one")
        return New(made, proposal.edits, tuple(notes))
    raise UsageError(
        "what makes the bad line bad could not be told from the good one", _REFERENCE + _unknown(trees, names)
    )


def _unknown(trees: Sequence[ast.Module], names: Sequence[Names]) -> str:
    """A word about receivers that nobody knows."""
    for tree, of in zip(trees, names, strict=True):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                name = node.func.value.id
                if name not in of.imported and name not in of.missing:
                    return f" What is `{name}`? Write the line that imports or makes it before the others."
    return ""


def _modules(catalogue: Catalogue) -> Callable[[str], bool]:
    """Whether a dotted name that nothing binds is one of a module: of the standard library when that has it, else when a rule
    knows the module."""
    roots = {
        name.partition(".")[0]
        for rule in catalogue.rules
        for shape in rule.find
        for name in (*(shape.names if shape.kind in ("call", "import", "decorator") else ()), *shape.on)
        if "." in name
    }
    roots -= {"builtins", "*"}

    def known(name: str) -> bool:
        root = name.partition(".")[0]
        if root in sys.stdlib_module_names:
            first = ".".join(name.split(".")[:2])
            return isinstance(lookup(name), Callee) or isinstance(lookup(first), Callee)
        return root in roots

    return known


def _imports(bad: ast.Module, good: ast.Module) -> Iterator[Proposal]:
    """What only the bad one imports."""

    def imported(tree: ast.Module) -> list[str]:
        out = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                out += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                out += [f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*"]
        return out

    there = imported(good)
    for name in imported(bad):
        if name not in there:
            yield Proposal({"import": name}, {}, f"{name} is imported")


# --- other text ------------------------------------------------------------------------------------------------------

_PAIR = re.compile(r"""[\s\-]*["']?([A-Za-z][\w.-]*)["']?\s*[:=]\s*["']?([^"'\s][^"']*?)["']?\s*[,;]?""")


def _text(id: str, bad: str, good: str, path: str, catalogue: Catalogue) -> New:
    """By the value under a name, where a parser of the format knows it; else by the words of the line."""
    there = set(good.split("\n"))
    lines = [line for line in bad.split("\n") if line.strip() and line not in there]
    if not lines:
        raise UsageError(
            "every line of the bad text stands in the good one", "A rule finds what is there, not what is missing."
        )
    for page in _texts(id, lines[0], bad, good, path):
        made, _ = _held(page, catalogue)
        if made:
            return New(made, False, ("the cure is left as advice: only Python is changed",))
    raise UsageError("what makes the bad line bad could not be told from the good one", _REFERENCE)


def _texts(id: str, line: str, bad: str, good: str, path: str) -> Iterator[Page]:
    suffix = Path(path).suffix
    globs = (f"*{suffix}",) if suffix and Path(path).stem else (Path(path).name,) if path else ()
    pair = _PAIR.fullmatch(line)
    if pair and path:
        find = {"setting": {"names": re.escape(words(pair[1]))}, "value": {"is": pair[2]}}
        yield Page(id, f"{pair[1]} is {pair[2]}"[:60], find, {}, bad, good, good, path, globs)
    regex = r"\s+".join(_escaped(word) for word in line.split())
    begins, ends = (r"\b" if re.match(r"\w", line.strip()[at]) else "" for at in (0, -1))
    notes = () if path else ("no `paths`: it is looked for in every text file; name them, such as paths: ['*.yaml']",)
    find = {"text": {"regex": begins + regex + ends}}
    yield Page(id, "A line that should not be written", find, {}, bad, good, good, path or "example.txt", globs, notes)


def _escaped(word: str) -> str:
    """As RE2 takes it: letters and digits as they are, a backslash before what means something."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", word)


# --- does it hold? ---------------------------------------------------------------------------------------------------


def _held(page: Page, catalogue: Catalogue) -> tuple[str, str]:
    """The text of the rule when its proof holds; else "" and why it does not."""
    text = written(page)
    try:
        rule = _loaded(text, page.id, catalogue)
    except RuleError as error:
        return "", error.message.partition(": ")[2]
    alone = Catalogue((rule,), catalogue.roads)
    scanner = Scanner(alone, Gate.build(alone))
    wrong = next((one for one in prove(rule, scanner) if one.outcome is not Ending.HOLDS), None)
    if wrong is None:
        return text, ""
    if wrong.outcome is Ending.WRONG_FIX:
        # It may only be spelled otherwise: then the example says what the cure writes.
        made = _cured(page, scanner)
        if made and made != page.good and _same(made, page.good):
            return _held(page._replace(good=made), catalogue)
    return "", f"{wrong.outcome.value}: {wrong.told}"


def _loaded(text: str, id: str, catalogue: Catalogue) -> Rule:
    node = read(text.encode(), f"{id}.yaml")
    return resolve_roads(rule_from(node), {road.name: road for road in catalogue.roads}, node)


def _cured(page: Page, scanner: Scanner) -> str:
    source = Source(page.path or EXAMPLE, page.bad.encode())
    found = scanner.scan(source)
    if isinstance(found, Skipped):
        return ""
    patch = cure(source, found, scanner, lambda _, now: next((fix for fix in now.fixes if fix.edits), "no cure"))
    return patch.after.decode() if isinstance(patch, Patch) and not patch.refused else ""


def _same(one: str, other: str) -> bool:
    """Whether they differ in nothing but blanks, quotes and how their names are imported."""
    dumps = []
    for text in (one, other):
        tree = _parsed(text)
        if isinstance(tree, str):
            return False
        dumps.append(ast.dump(resolved(tree, Names(tree, lambda _: False))))
    return dumps[0] == dumps[1]
