"""What a rule looks for, in words. Long regexes stay in the rule: a page that repeats them says less, not more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from marks import Item, code, listed

from devsec.catalog.rule import Constant, Context, Literal, Rule, Shape, Surrounding, Test

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_LONG = 90  # characters of a regex: beyond this nobody reads it in a sentence
_UNLESS = "unless it"
_MANY = 10  # names in a row
_LITERALS = {
    "any": "is a constant",
    "text": "is constant text",
    "bytes": "is constant bytes",
    "string": "is constant text or bytes",
    "number": "is a constant number",
}
_KINDS = {"string": "text", "bytes": "bytes", "fstring": "an f-string", "attribute": "an attribute"}
_SYMMETRIC = ("==", "!=", "is", "is not")
_FROM_REQUEST = {
    "any": "comes from the request that is being answered",
    "link": "comes from the address or the form of the request that is being answered",
}
_CONTEXTS = ("inside", "not_inside", "assigned_to", "not_assigned_to", "imports", "not_imports", "paths")


def shapes(rule: Rule) -> tuple[Item, ...]:
    """What is looked for: one line for each shape, with what holds for that shape alone."""
    shared = _shared(rule)
    # Shapes that differ only in a regex too long to be shown read the same: once is enough.
    return tuple(dict.fromkeys(_shape_item(shape, shared) for shape in rule.find))


def conditions(rule: Rule) -> tuple[Item, ...]:
    """Where it counts: what holds for all shapes of the rule."""
    return _context_items(rule.find[0].context, _shared(rule))


def _shared(rule: Rule) -> frozenset[str]:
    """The context keys that say the same for each shape."""
    first = rule.find[0].context
    return frozenset(
        key for key in _CONTEXTS if all(getattr(shape.context, key) == getattr(first, key) for shape in rule.find)
    )


# --- shapes --------------------------------------------------------------------------------------------------------------


def _shape_item(shape: Shape, shared: frozenset[str]) -> Item:
    own = _context_items(shape.context, frozenset(_CONTEXTS) - shared)
    items = (*_parts(shape), *own)
    if "\n" in shape.pattern:
        return Item("code of this form:", items, shape.pattern)
    return Item(_head(shape) + (":" if items else ""), items)


def _head(shape: Shape) -> str:
    names = _names(shape.names)
    of = f" of what {_names(shape.on)} makes" if shape.on else ""
    if shape.kind == "call":
        return f"a call of {names}"
    if shape.kind == "method":
        return f"a call of the method {names}{of}"
    if shape.kind == "assign":
        return f"an assignment to {'anything' if '*' in shape.names else names}{of}"
    if shape.kind == "compare":
        return f"a comparison with {names}"
    if shape.kind == "import":
        return f"an import of {names}"
    if shape.kind == "decorator":
        return f"the decorator {names}"
    if shape.kind == "pattern":
        return f"code of the form {code(shape.pattern.strip())}"
    if shape.kind == "file":
        return _file(shape)
    text = listed(_literal(shape.literal or Literal()), "and")
    return f"text in {'any file' if shape.kind == 'text' else 'the code'} that {text}"


_HELD = {
    "keystore": "holds a key, and not only certificates",
    "private-key": "holds a private key, in PEM, DER, OpenPGP or PuTTY's format",
    "secret": "holds a secret beyond doubt under a name that says so, a login in an address, or a private key",
}


def _file(shape: Shape) -> str:
    said = [_HELD[shape.holds]] if shape.holds else []
    if shape.starts:
        said.append(
            "begins with the bytes " + listed([code(" ".join(re.findall("..", text))) for text in shape.starts])
        )
    said += _literal(shape.literal) if shape.literal else []
    names = listed([code(glob) for glob in shape.names if not glob.startswith("!")])
    but = [code(glob[1:]) for glob in shape.names if glob.startswith("!")]
    return (
        f"a file named {names}"
        + (f", save {listed(but)}," if but else "")
        + f" that {listed(said, 'and') or 'is not empty'}"
    )


def _parts(shape: Shape) -> tuple[Item, ...]:
    """What must hold of the arguments, sides and holes of a shape."""
    symmetric = set(shape.names) <= set(_SYMMETRIC)
    left, right = ("one side", "the other side") if symmetric else ("the left side", "the right side")
    tested = [(left, shape.left), (right, shape.right), ("the target", shape.target), ("the value", shape.value)]
    tested += [(code(f"${name}"), tests) for name, tests in shape.where]
    said = [_item(_argument(label, tests), tests, "is given") for label, tests in shape.args if not _always(tests)]
    made = [
        _item(_argument(label, tests) + " of the call that made it", tests, "is given")
        for label, tests in shape.made_with
        if not _always(tests)
    ]
    return (*made, *said, *(_item(subject, tests) for subject, tests in tested if tests))


def _always(tests: Sequence[Test]) -> bool:
    """Given or missing: only named so that a cure can refer to it, or to say where it stands."""
    return {(test.missing, test.present) for test in tests} == {(True, False), (False, True)} and not any(
        _said(test, False) or _inner(test) or test.made_by or test.none_of for test in tests if not test.missing
    )


def _argument(label: str, tests: Sequence[Test]) -> str:
    if label == "*":
        return "any argument"
    at = next((test.at for test in tests if test.at is not None), None)
    return code(label) + ("" if at is None else f" (or the {_ordinal(at)} argument)")


def _ordinal(number: int) -> str:
    return _ORDINALS[number] if number < len(_ORDINALS) else f"{number + 1}th"


# --- tests ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Phrase:
    """`is given`, with what has to be said below it. `text` may be empty, then `items` say it all."""

    text: str
    items: tuple[Item, ...] = ()


def _item(subject: str, tests: Sequence[Test], given: str = "is anything") -> Item:
    """`subject` does what any of the tests says."""
    octal = bool(re.search(r"\bmode\b", subject))  # of a file: nobody knows 511 for 0o777
    phrases = list(dict.fromkeys(_phrase(test, given, octal) for test in tests))
    if len(phrases) == 1:
        return _under(subject, phrases[0])
    short = sum(len(phrase.text) for phrase in phrases) < 2 * _LONG
    if short and not any(phrase.items for phrase in phrases) and not any(test.none_of for test in tests):
        return Item(f"{subject} {', or '.join(phrase.text for phrase in phrases)}")
    return Item(f"{subject} (any of these):", tuple(_under("", phrase) for phrase in phrases))


def _under(subject: str, phrase: _Phrase) -> Item:
    if not phrase.text:
        lead = "unless " if subject == _UNLESS else f"{subject}: " if subject else ""
        if len(phrase.items) == 1:
            return replace(phrase.items[0], text=lead + phrase.items[0].text)
        return Item(f"{lead}all of this:", phrase.items)
    return Item(f"{subject} {phrase.text}".strip() + (":" if phrase.items else ""), phrase.items)


def _phrase(test: Test, given: str, octal: bool) -> _Phrase:
    said = _said(test, octal)
    items = list(_inner(test))
    if test.made_by is not None:
        said.append(f"is {_head(test.made_by)}")
        items += _parts(test.made_by)
    if test.none_of:
        unless = _item(_UNLESS, test.none_of, "is given")
        if not items and not unless.items:
            return _Phrase(f"{listed(said, 'and') or given}, {unless.text}")
        said += [] if said or items else [given]
        items.append(unless)
    return _Phrase(listed(said, "and") or ("" if items else given), tuple(items))


def _said(test: Test, octal: bool) -> list[str]:
    """What fits into a sentence."""
    said = ["is not given"] if test.missing else []
    if test.equals is not None:
        said.append(f"is {_some([_constant(value, octal) for value in test.equals])}")
    if test.less_than is not None:
        said.append(f"is a number below {test.less_than}")
    if test.more_than is not None:
        said.append(f"is a number above {test.more_than}")
    if test.literal:
        said.append(_LITERALS[test.literal])
    if test.dynamic:
        said.append("is text put together from parts of which at least one is not constant")
    if test.from_request:
        said.append(_FROM_REQUEST[test.from_request])
    if test.string is not None:
        said += _literal(test.string)
    if test.names:
        said.append(f"has {_words(test.names)} in its name")
    if test.refers_to:
        said.append(f"refers to {_names(test.refers_to)}")
    if test.kind:
        said.append(f"is written as {listed([_KINDS.get(kind, f'a {kind}') for kind in test.kind])}")
    return said


def _inner(test: Test) -> tuple[Item, ...]:
    """What needs a line of its own."""
    quoted = [Item(f"parts made by {_names(test.quoted_by)} do not count")] if test.quoted_by else []
    elements = [_item("one of its elements", test.contains)] if test.contains else []
    return (*quoted, *elements, *(_item(f"its key {code(key)}", tests, "is given") for key, tests in test.keys))


def _literal(literal: Literal) -> list[str]:
    said = []
    if literal.regex:
        said.append(f"matches {_regex(literal.regex)}")
    if literal.length:
        said.append(f"has at least {literal.length} characters" if literal.length > 1 else "is not empty")
    if literal.entropy:
        said.append(f"has at least {literal.entropy:g} bits of entropy a character")
    return said


def _constant(value: Constant, octal: bool) -> str:
    return f"0o{value:o}" if octal and type(value) is int and value > 7 else repr(value)


# --- contexts ------------------------------------------------------------------------------------------------------------


def _context_items(context: Context, keys: frozenset[str]) -> tuple[Item, ...]:
    said = []
    if "inside" in keys and context.inside:
        said.append(f"only inside {listed([_surrounding(one) for one in context.inside])}")
    if "not_inside" in keys and context.not_inside:
        said.append(f"not inside {listed([_surrounding(one) for one in context.not_inside])}")
    if "assigned_to" in keys and context.assigned_to:
        said.append(f"only where it goes to something with {_words(context.assigned_to)} in its name")
    if "not_assigned_to" in keys and context.not_assigned_to:
        said.append(f"not where it goes to something with {_words(context.not_assigned_to)} in its name")
    if "imports" in keys and context.imports:
        said.append(f"only in files that import {_names(context.imports)}")
    if "not_imports" in keys and context.not_imports:
        said.append(f"not in files that import {_names(context.not_imports)}")
    if "paths" in keys and context.paths:
        said.append(_paths(context.paths))
    return tuple(Item(text) for text in said)


def _surrounding(one: Surrounding) -> str:
    said = []
    if one.function:
        said.append(f"a function with {_words(one.function)} in its name")
    if one.cls:
        said.append(f"a class with {_words(one.cls)} in its name")
    if one.decorator:
        said.append(f"something decorated with {_names(one.decorator)}")
    if one.call:
        said.append(f"a call of {_names(one.call)}")
    if one.with_:
        said.append(f"a `with` over {_names(one.with_)}")
    if one.loop:
        said.append("a loop")
    if one.branch:
        said.append("what a condition decides about")
    if one.scope:
        said.append("code of the module itself" if one.scope == "module" else f"the body of a {one.scope}")
    return listed(said, "and")


def _paths(globs: Sequence[str]) -> str:
    """Globs count in their order; said apart only where the order makes no difference."""
    wanted = [glob for glob in globs if not glob.startswith("!")]
    unwanted = [glob.removeprefix("!") for glob in globs if glob.startswith("!")]
    if [*wanted, *("!" + glob for glob in unwanted)] != list(globs):
        return f"in files that match {', '.join(map(code, globs))} (later ones win, `!` excludes)"
    only = "" if wanted in ([], ["**"]) else f"only in files that match {listed([code(glob) for glob in wanted])}"
    without = f"not in {listed([code(glob.removeprefix('**/').removesuffix('/**')) for glob in unwanted])}"
    return " and ".join(part for part in (only, without if unwanted else "") if part) or "in all files"


# --- names ---------------------------------------------------------------------------------------------------------------


def _names(names: Sequence[str]) -> str:
    """`a.b` or `c.{d,e}`: what has most of its name in common stands together when there is much of it."""
    return _some(list(names) if len(names) <= 3 else _factored(names))


def _some(spelled: Sequence[str]) -> str:
    if len(spelled) > _MANY:
        return f"{', '.join(map(code, spelled[:_MANY]))} and others given in the rule"
    return listed([code(name) for name in spelled])


def _factored(names: Sequence[str]) -> list[str]:
    """`a.b` and `a.c` become `a.{b,c}`: two names that differ in one segment only, until no two are left that do."""
    products = [[[segment] for segment in name.split(".")] for name in names if "[" not in name]
    number = 0
    while number < len(products):
        one = products[number]
        for other in products[number + 1 :]:
            apart = [at for at, (ours, theirs) in enumerate(zip(one, other, strict=False)) if ours != theirs]
            if len(one) == len(other) > 1 and len(apart) == 1 and one[0] != [""]:
                one[apart[0]] += [segment for segment in other[apart[0]] if segment not in one[apart[0]]]
                products.remove(other)
                number = -1  # what stands before may now fit
                break
        number += 1
    return [".".join(map(_braced, product)) for product in products] + [name for name in names if "[" in name]


def _braced(segments: Sequence[str]) -> str:
    if len(segments) == 1:
        return segments[0]
    return "{" + ",".join(segments[:_MANY]) + ",…" * (len(segments) > _MANY) + "}"


def _words(regex: str) -> str:
    """A regex over the words of an identifier; most are a plain list of them."""
    if re.fullmatch(r"[a-z0-9_]+(\|[a-z0-9_]+)*", regex):
        found = regex.split("|")
        if len(found) > _MANY:
            return f"words such as {', '.join(map(code, found[:_MANY]))} (all are in the rule)"
        return listed([code(word) for word in found])
    return f"words that match {code(regex)}" if len(regex) <= _LONG else "words given in the rule"


def _regex(regex: str) -> str:
    return code(regex) if len(regex) <= _LONG else "a pattern given in the rule"
