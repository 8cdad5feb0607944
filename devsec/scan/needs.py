"""Which words must stand in a file for a rule to match? Derived from the rule, never written by hand.

A need is a list of groups; of each group at least one word must be there. Words are taken only where the matcher could
not do without them: names (resolved inside the file), keywords that cannot be positional, `True`, `False`, `None`.
Constants spelled as strings or numbers are no words: they can be written in many ways.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from typing import Any

from devsec.catalog.rule import Catalogue, Literal, Shape, Test
from devsec.scan.frameworks import FRAMEWORKS
from devsec.scan.gate import ANYWHERE, CALL, IN_TOKEN, RUN, STARTS, TARGET, rarity
from devsec.scan.needles import Needles, needles

Groups = list[list[str]]


def needs(catalogue: Catalogue) -> list[list[Any]]:
    """For each shape of each rule: [rule id, globs, groups], or [rule id, globs, regex, words of which every match holds
    one, where those stand (see gate.py), words that stand near it] for a `text`, or [rule id, globs, None, formats, whether only
    names of secrets count, and only strong values] for a `setting`, or [rule id, globs, {names: globs of the file, starts}] for
    a `file`. Rules that are deprecated need nothing: they are not looked for."""
    out: list[list[Any]] = []
    for rule in catalogue.rules:
        if rule.terms is not None and rule.terms.deprecated:
            continue  # another one is looked for in its place
        for shape in rule.find:
            entry: list[Any] = [rule.id, list(shape.context.paths)]
            if shape.kind == "text":
                entry += _text(shape.literal or Literal())
            elif shape.kind == "setting":
                entry += _setting(shape)
            elif shape.kind == "file":
                entry.append({"names": list(shape.names), "starts": list(shape.starts)})
            else:
                entry.append(_tidy(groups_of(shape)))
            if entry not in out:
                out.append(entry)
    return out


def _text(literal: Literal) -> list[Any]:
    """The rest of an entry: regex, words, where they stand, and words of which one stands near."""
    found = needles(literal.regex)
    where = STARTS if found.starts and literal.token else IN_TOKEN if found.in_token else ANYWHERE
    near = needles(literal.near) if literal.near else Needles()
    return [literal.regex, list(found.words), where, list(near.words if near.in_token else ())]


def _setting(shape: Shape) -> list[Any]:
    """The rest of an entry: formats, whether only the names of secrets count, and only strong values."""
    asked = shape.setting
    return [None, list(asked.formats) if asked else [], asked is not None and not asked.names, gated_by_strength(shape)]


def gated_by_strength(shape: Shape) -> bool:
    """Whether in Python the gate may ask for a literal that looks strong near the name."""
    if shape.setting is None or shape.setting.names or not shape.value:
        return False
    return all(test.string is not None and test.string.strength == "strong" for test in shape.value)


def groups_of(shape: Shape) -> Groups:
    """What `shape` needs, in no particular order; [] when nothing can be said."""
    groups: Groups = []
    if shape.kind in ("call", "decorator", "import"):
        groups += _names(shape.names)
    elif shape.kind == "method":
        groups.append(list(shape.names))
    if shape.kind in ("call", "method"):
        last = [name.rsplit(".", 1)[-1] for name in shape.names]
        groups += [[CALL + word for word in last]] if "*" not in last else []
    if shape.kind == "assign":
        groups += _targets(shape.names)
    elif shape.kind == "string" and shape.literal is not None:
        groups += _literal(shape.literal)
    elif shape.kind == "pattern":
        groups += _pattern(shape.pattern)
    if shape.on:
        groups += _names([name.replace("()", "") for name in shape.on])
    for label, tests in shape.args:
        groups += _argument(label, tests)
    for tests in (shape.target, shape.value, shape.left, shape.right):
        groups += _any_of(tests)
    for _, tests in shape.where:
        groups += _any_of(tests)
    if shape.context.imports:
        groups.append([name.rsplit(".", 1)[-1] for name in shape.context.imports])
        groups.append([name.split(".", 1)[0] for name in shape.context.imports])
    for around in shape.context.inside[:1] if len(shape.context.inside) == 1 else ():
        for names in (around.decorator, around.call, around.with_):
            groups += _names(names)
    return groups


def _tidy(groups: Groups) -> Groups:
    unique = sorted({tuple(sorted(set(group))) for group in groups if group and all(group)})
    return [list(group) for group in unique]


def _names(names: Iterable[str]) -> Groups:
    """The root must be imported by name (builtins need no import) and every segment must be spelled somewhere: the last one,
    and the one that stands in the fewest files, such as `environ` in `os.environ.get`."""
    wanted = list(names)
    if not wanted:
        return []
    groups: Groups = []
    if not any(name.startswith("builtins.") or "." not in name for name in wanted):
        groups.append([name.split(".", 1)[0] for name in wanted])
    last = [name.rsplit(".", 1)[-1] for name in wanted]
    if "*" not in last:
        groups.append(last)
        groups.append([max(_spelled(name), key=lambda segment: rarity([segment])) for name in wanted])
    return groups


def _spelled(name: str) -> list[str]:
    """The segments of a qualified name that a file must spell, whatever it calls the rest."""
    return [segment for segment in name.split(".")[1:] if segment != "*"] or [name]


def _targets(targets: Iterable[str]) -> Groups:
    words = []
    named = True
    for target in targets:
        if target == "*":
            return []
        if target.startswith("["):
            key = target.strip("[]'\"")
            if not key.isidentifier():
                return []
            words.append(key)
            named = False
        else:
            words.append(target.rsplit(".", 1)[-1])
    return [words, [TARGET + word for word in words]] if named else [words]


def _argument(label: str, tests: Sequence[Test]) -> Groups:
    groups = _any_of(tests)
    if label != "*" and tests and not any(test.missing or test.at is not None for test in tests):
        groups.append([label])
    return groups


def _any_of(tests: Sequence[Test]) -> Groups:
    """Any of the tests may hold: their groups can be joined only one by one, so one of each is enough."""
    if not tests:
        return []
    each = [_test(test) for test in tests]
    if len(each) == 1:
        return each[0]
    if not all(each):
        return []
    return [[word for groups in each for word in groups[0]]]


def _test(test: Test) -> Groups:
    groups: Groups = []
    if test.missing:
        return groups
    if test.equals is not None and all(value is None or isinstance(value, bool) for value in test.equals):
        groups.append([repr(value) for value in test.equals])
    if test.refers_to:
        groups += _names(test.refers_to)
    if test.from_request:
        groups.append(list(FRAMEWORKS))
    if test.made_by is not None:
        groups += groups_of(test.made_by)
    for key, tests in test.keys:
        if key.isidentifier() and not any(t.missing for t in tests):
            groups.append([key])
        groups += _any_of(tests)
    groups += _any_of(test.contains)
    return groups


_ESCAPED = re.compile(r"""['"\\]""")  # may stand in the source as an escape


def _literal(literal: Literal) -> Groups:
    """Words of which every text that the regex matches contains one."""
    if not literal.regex:
        return []
    words = needles(literal.regex).words
    return [[RUN + word for word in words]] if words and not any(map(_ESCAPED.search, words)) else []


def _pattern(source: str) -> Groups:
    tree = ast.parse(source.replace("$", "__hole_"))
    words: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.append(node.id)
        elif isinstance(node, ast.Attribute):
            words.append(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            words.append(node.arg)
    return [[word] for word in words if not word.startswith("__hole_")]
