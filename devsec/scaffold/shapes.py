"""Which shapes tell the bad from the good, best first? From two pieces of Python that differ in one thing.

Nothing is invented: a shape asks about what differs, a cure does what the good one has. Whether a proposal is right is for
its own proof to say; here it is only made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from devsec.record import Record
from devsec.scaffold.names import Names, is_known
from devsec.signature import Callee, lookup

Yaml = dict[str, Any]


class Proposal(Record):
    """`find` and `fix` as a rule has them; without a `fix` the cure is left as advice. `what` says in words what is found,
    `notes` are for its author."""

    find: Yaml
    fix: Yaml
    what: str
    notes: tuple[str, ...] = ()

    @property
    def edits(self) -> bool:
        return bool(self.fix)


class Two(Record):
    """What to tell apart: both resolved, and what names in the bad one refer to."""

    bad: ast.Module
    good: ast.Module
    names: Names
    modules: tuple[str, ...]  # that the bad one imports


def proposals(two: Two) -> Iterator[Proposal]:
    """Best first; the same shape without its cure follows each that has one."""
    for one in _proposals(two):
        yield one
        if one.edits:
            yield one._replace(fix={})


def _proposals(two: Two) -> Iterator[Proposal]:
    pairs = _chain(two.bad, two.good)
    for bad, good in reversed(pairs):
        if isinstance(bad, ast.Call) and isinstance(good, ast.Call):
            yield from _calls(bad, good, two)
        elif isinstance(bad, ast.Compare):
            yield from _compared(bad, good, two)
        elif isinstance(bad, ast.Call):
            yield from _call_alone(bad, two)
        elif isinstance(bad, (ast.Assign, ast.AnnAssign)):
            yield from _assigned(bad, good, two)
        elif isinstance(bad, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _decorated(bad, good, two)
        yield from _gone(bad, good, two)
    there = {ast.dump(node) for node in ast.walk(two.good)}
    for node in ast.walk(two.bad):
        if isinstance(node, ast.Call) and ast.dump(node) not in there:
            yield from _call_alone(node, two)
    for bad, _ in reversed(pairs):
        if isinstance(bad, (ast.expr, ast.Assert, ast.Expr, ast.Assign, ast.Raise, ast.Return)):
            yield from _pattern(bad)


def _chain(bad: ast.AST, good: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """From the whole down to the smallest pair in which all that differs lies."""
    out = [(bad, good)]
    if type(bad) is not type(good):
        return out
    differing: list[tuple[ast.AST, ast.AST]] = []
    for (name, ours), (_, theirs) in zip(ast.iter_fields(bad), ast.iter_fields(good), strict=True):
        if name in ("ctx", "kind", "type_comment"):
            continue
        if isinstance(ours, ast.AST) and isinstance(theirs, ast.AST):
            pairs: list[tuple[object, object]] = [(ours, theirs)]
        elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
            pairs = list(zip(ours, theirs, strict=True))
        elif ours == theirs:
            continue
        else:
            return out
        for one, other in pairs:
            if not isinstance(one, ast.AST) or not isinstance(other, ast.AST):
                if one != other:
                    return out
            elif ast.dump(one) != ast.dump(other):
                differing.append((one, other))
    return out + _chain(*differing[0]) if len(differing) == 1 else out


# --- calls -----------------------------------------------------------------------------------------------------------


class _Arg(Record):
    label: str
    at: int | None
    value: ast.expr


def _calls(bad: ast.Call, good: ast.Call, two: Two) -> Iterator[Proposal]:
    ours = _head(bad, two)
    if ours is None:
        return
    here, there = _args(bad), _args(good)
    if here is None or there is None:
        yield from _call_alone(bad, two)
        return
    same = ast.dump(bad.func) == ast.dump(good.func)
    if not same:  # what stands in the same place is the same argument, whatever the two call it
        there = [
            arg._replace(label=here[n].label) if n < min(len(bad.args), len(good.args)) else arg
            for n, arg in enumerate(there)
        ]
    if same or is_known(good.func):
        made = _changed(here, there)
        if made is not None:
            tests, args, says = made
            fix: Yaml = {} if same else {"title": f"Use {_source(good.func)}", "safety": "hardening"}
            if not same:
                fix["call"] = _source(good.func)
            if args:
                fix = {"title": says, "safety": "hardening", **fix, "args": args}
            if same == bool(args) or not same:
                yield Proposal({**ours, **({"args": tests} if tests else {})}, fix, _what(bad, tests))
    if not same and is_known(bad.func) and is_known(good.func):
        holes = {ast.dump(arg.value): f"${arg.label}" for arg in here}
        source = _source(good, holes)
        if source:
            used = [arg for arg in here if f"${arg.label}" in source]
            tests = {
                arg.label: {**_at(arg), **({"present": True} if arg in used else _test(arg.value))} for arg in here
            }
            fix = {"title": f"Use {_source(good.func)}", "safety": "hardening", "call": source}
            note = "the cure replaces the whole call: arguments that are not in it are lost"
            yield Proposal({**ours, "args": tests} if tests else ours, fix, _what(bad, {}), (note,))
    tests = {}
    for arg in here:
        other = next((one for one in there if one.label == arg.label), None)
        if other is None or ast.dump(other.value) != ast.dump(arg.value):
            tests[arg.label] = {**_at(arg), **_test(arg.value, other.value if other else None)}
    if same and tests:
        yield Proposal({**ours, "args": tests}, {}, _what(bad, tests))
    yield Proposal(ours, {}, _what(bad, {}))


def _call_alone(bad: ast.Call, two: Two) -> Iterator[Proposal]:
    head = _head(bad, two)
    if head is None:
        return
    yield Proposal(head, {}, _what(bad, {}))
    args = _args(bad)
    tests = {arg.label: {**_at(arg), **_test(arg.value)} for arg in args or ()}
    if tests:
        yield Proposal({**head, "args": tests}, {}, _what(bad, tests))


def _head(call: ast.Call, two: Two) -> Yaml | None:
    """What is called; None when nobody could tell from the piece what that is."""
    if isinstance(call.func, ast.Name):
        return {"call": call.func.id} if is_known(call.func) else None
    if not isinstance(call.func, ast.Attribute):
        return None
    on = _made(call.func.value, two)
    if on:
        return {"method": call.func.attr, "on": on}
    if two.modules:
        return {"method": call.func.attr, "imports": list(two.modules)}
    return None


def _made(receiver: ast.expr, two: Two) -> str:
    """As `Names.origin`, in a resolved tree."""
    if isinstance(receiver, ast.Call) and is_known(receiver.func):
        return _source(receiver.func)
    if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        before = _made(receiver.func.value, two)
        return f"{before}().{receiver.func.attr}" if before else ""
    return two.names.origin(receiver)


def _args(call: ast.Call) -> list[_Arg] | None:
    """Its arguments by label; None when some are behind a star."""
    if any(isinstance(arg, ast.Starred) for arg in call.args) or any(kw.arg is None for kw in call.keywords):
        return None
    parameters = _parameters(call.func)
    names = [name for name, positional in parameters if positional]
    out = [_Arg(names[n] if n < len(names) else f"arg{n}", n, value) for n, value in enumerate(call.args)]
    for keyword in call.keywords:
        label = str(keyword.arg)
        out.append(_Arg(label, names.index(label) if label in names else None, keyword.value))
    return out


def _parameters(func: ast.expr) -> list[tuple[str, bool]]:
    """Of a callee that devsec knows: the names, and whether each may stand without its name."""
    if not is_known(func):
        return []
    found = lookup(_source(func))
    if not isinstance(found, Callee) or len(found.signatures) != 1:
        return []
    kinds = ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD")
    return [(one.name, one.kind.name in kinds) for one in found.signatures[0].parameters.values()]


def _changed(here: Sequence[_Arg], there: Sequence[_Arg]) -> tuple[Yaml, Yaml, str] | None:
    """Tests of what differs between the arguments, what a cure does about them, and its title; None when no cure can."""
    tests: Yaml = {}
    drop: list[str] = []
    put: Yaml = {}
    wrap: Yaml = {}
    rename: Yaml = {}
    says: list[str] = []
    new = {arg.label: arg for arg in there}
    old = {arg.label: arg for arg in here}
    for arg in here:
        other = new.get(arg.label)
        if other is not None and ast.dump(other.value) == ast.dump(arg.value):
            continue
        if other is None:
            twin = next((it for it in there if it.label not in old and ast.dump(it.value) == ast.dump(arg.value)), None)
            if twin is not None and arg.at is None and twin.at is None:
                tests[arg.label] = {"present": True}
                rename[arg.label] = twin.label
                says.append(f"Call `{arg.label}` `{twin.label}`")
                continue
            tests[arg.label] = {**_at(arg), **_test(arg.value)}
            drop.append(arg.label)
            says.append(f"Leave `{arg.label}` out")
            continue
        around = _around(arg.value, other.value)
        if around:
            tests[arg.label] = {**_at(arg), "not": {"call": around}}
            wrap[arg.label] = around
            says.append(f"Put {around} around `{arg.label}`")
            continue
        source = _source(other.value, {ast.dump(arg.value): f"${arg.label}"})
        if not source:
            return None
        test = _test(arg.value, other.value)
        if "keys" in test:
            return None  # other entries than these would be lost
        tests[arg.label] = {**_at(arg), **test}
        put[arg.label] = source
        says.append(f"Say `{arg.label}={source}`")
    for arg in there:
        if arg.label in old or arg.label in rename.values():
            continue
        source = _source(arg.value)
        if not source or arg.label.startswith("arg"):
            return None
        tests[arg.label] = {**_at(arg), "missing": True}
        put[arg.label] = source
        says.append(f"Say `{arg.label}={source}`")
    args = {"drop": drop, "set": put, "wrap": wrap, "rename": rename}
    return tests, {key: value for key, value in args.items() if value}, " and ".join(says)


def _around(old: ast.expr, new: ast.expr) -> str:
    """What the new expression puts around the old one."""
    if isinstance(new, ast.Call) and is_known(new.func) and not new.keywords and len(new.args) == 1:
        return _source(new.func) if ast.dump(new.args[0]) == ast.dump(old) else ""
    return ""


def _at(arg: _Arg) -> Yaml:
    return {} if arg.at is None else {"at": arg.at}


# --- other shapes ------------------------------------------------------------------------------------------------------


def _compared(bad: ast.Compare, good: ast.AST, two: Two) -> Iterator[Proposal]:
    if len(bad.ops) != 1:
        return
    left, right = bad.left, bad.comparators[0]
    find: Yaml = {"compare": _OPERATORS[type(bad.ops[0]).__name__]}
    for side, value in (("left", left), ("right", right)):
        test = _named(value)
        if test:
            find[side] = test
    source = _source(good, {ast.dump(left): "$left", ast.dump(right): "$right"}) if isinstance(good, ast.expr) else ""
    fix: Yaml = {}
    if source and "$left" in source and "$right" in source and isinstance(good, ast.Call):
        fix = {"title": f"Use {_source(good.func)}", "safety": "hardening", "call": source}
    yield Proposal(find, fix, f"A comparison with {find['compare']}")


_OPERATORS = {
    "Eq": "==", "NotEq": "!=", "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "In": "in", "NotIn": "not in", "Is": "is",
    "IsNot": "is not",
}  # fmt: skip


def _named(value: ast.expr) -> Yaml:
    """A test of what is written there."""
    if isinstance(value, (ast.Name, ast.Attribute)) and not is_known(value):
        return {"names": words(value.id if isinstance(value, ast.Name) else value.attr)}
    test = _test(value)
    return {} if test == {"present": True} else test


def words(name: str) -> str:
    """A name as the language's word regexes see it: `userPassword` -> `user_password`."""
    import re

    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[-._]+", "_", split).strip("_").lower()


def _assigned(bad: ast.Assign | ast.AnnAssign, good: ast.AST, two: Two) -> Iterator[Proposal]:
    target = bad.targets[0] if isinstance(bad, ast.Assign) and len(bad.targets) == 1 else getattr(bad, "target", None)
    if target is None or bad.value is None:
        return
    if isinstance(target, ast.Name) and not target.id.isupper() and not isinstance(bad.value, ast.Constant):
        return  # what a variable happens to be called says nothing
    find = _target(target, two)
    if find is None:
        return
    other: ast.expr | None = None
    if isinstance(good, (ast.Assign, ast.AnnAssign)):
        theirs = good.targets[0] if isinstance(good, ast.Assign) else good.target
        if ast.dump(theirs) == ast.dump(target):
            other = good.value
    find = {**find, "value": _test(bad.value, other)}
    source = _source(other) if other is not None else ""
    fix = {"title": f"Say {source}", "safety": "hardening", "value": source} if source else {}
    yield Proposal(find, fix, f"{find['assign']} is set to {_short(bad.value)}")


def _target(target: ast.expr, two: Two) -> Yaml | None:
    if isinstance(target, ast.Name):
        return {"assign": target.id}
    if isinstance(target, ast.Attribute):
        on = _made(target.value, two)
        return {"assign": f".{target.attr}", **({"on": on} if on else {})}
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        key = target.slice.value
        if isinstance(key, str) and '"' not in key and "\\" not in key:
            on = _made(target.value, two)
            return {"assign": f'["{key}"]', **({"on": on} if on else {})}
    return None


def _decorated(bad: ast.AST, good: ast.AST, two: Two) -> Iterator[Proposal]:
    there = {ast.dump(one) for one in getattr(good, "decorator_list", ())}
    for one in getattr(bad, "decorator_list", ()):
        if ast.dump(one) in there:
            continue
        func = one.func if isinstance(one, ast.Call) else one
        if is_known(func):
            yield Proposal({"decorator": _source(func)}, {}, f"The decorator {_source(func)}")


def _gone(bad: ast.AST, good: ast.AST, two: Two) -> Iterator[Proposal]:
    """A statement that the good one does without."""
    for field in ("body", "orelse", "finalbody"):
        ours, theirs = getattr(bad, field, None), getattr(good, field, None)
        if not isinstance(ours, list) or not isinstance(theirs, list):
            continue
        there = [ast.dump(one) for one in theirs]
        more = [one for one in ours if ast.dump(one) not in there]
        only_gone = [ast.dump(one) for one in ours if one not in more] == there
        for one in more:
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
                for proposal in _call_alone(one.value, two):
                    fix = {"title": "Take it out", "safety": "hardening", "delete": True} if only_gone else {}
                    yield proposal._replace(fix=fix)
            elif isinstance(one, (ast.Assign, ast.AnnAssign)):
                for proposal in _assigned(one, good, two):
                    fix = {"title": "Take it out", "safety": "hardening", "delete": True} if only_gone else {}
                    yield proposal._replace(fix=fix)


def _pattern(bad: ast.AST) -> Iterator[Proposal]:
    """The slow shape, for what no other one says: local names stand for anything."""
    tree = bad.value if isinstance(bad, ast.Expr) else bad
    if isinstance(tree, (ast.Name, ast.Constant)):
        return
    source = _unparsed(_Holes({}, every=True).visit(_copy(tree))).replace("builtins.", "")
    yield Proposal({"pattern": source}, {}, f"Code like {_short(tree)}", ("a pattern is the slow shape: see Shapes",))


# --- expressions -------------------------------------------------------------------------------------------------------


def _test(value: ast.expr, other: ast.expr | None = None) -> Yaml:
    """A test that holds for this expression (and not for the other one)."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) and isinstance(value.operand, ast.Constant):
        number = value.operand.value
        return {"is": -number} if isinstance(number, (int, float)) else {"present": True}
    if isinstance(value, ast.Constant):
        constant = value.value
        if isinstance(constant, bytes) and constant.isascii():
            constant = constant.decode()
        sound = constant is None or isinstance(constant, (str, bool, int, float))
        return {"is": constant} if sound else {"present": True}
    if is_known(value):
        return {"refers_to": _source(value, plain=False)}
    if isinstance(value, ast.Call) and is_known(value.func):
        return {"call": _source(value.func, plain=False)}
    if isinstance(value, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "format"
        and isinstance(value.func.value, ast.Constant)
    ):
        return {"dynamic": True}
    if isinstance(value, ast.Dict) and isinstance(other, ast.Dict):
        theirs = {ast.dump(key): ast.dump(val) for key, val in zip(other.keys, other.values, strict=True) if key}
        keys = {
            str(key.value): _test(val)
            for key, val in zip(value.keys, value.values, strict=True)
            if isinstance(key, ast.Constant) and theirs.get(ast.dump(key)) != ast.dump(val)
        }
        if keys:
            return {"keys": keys}
    kinds = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set", ast.Dict: "dict", ast.Lambda: "lambda"}
    kind = kinds.get(type(value))
    if kind and type(other) is not type(value):
        return {"kind": kind}
    if other is not None and isinstance(other, ast.Call) and is_known(other.func):
        return {"not": {"call": _source(other.func, plain=False)}}
    return {"present": True}


class _Holes(ast.NodeTransformer):
    """Puts holes where expressions stand that a match gives; `every`: for all local names."""

    def __init__(self, holes: dict[str, str], every: bool = False) -> None:
        self._holes = holes
        self._every = every
        self.unknown = False

    def visit(self, node: ast.AST) -> Any:
        hole = self._holes.get(ast.dump(node)) if isinstance(node, ast.expr) else None
        if hole and not isinstance(node, ast.Constant):
            return ast.Name("devsec_hole_" + hole.removeprefix("$"), ast.Load())
        if isinstance(node, ast.Name) and not is_known(node):
            if self._every:
                return ast.Name("devsec_hole_" + node.id, node.ctx)
            self.unknown = True
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)):
            self.unknown = self.unknown or not self._every  # they bind names of their own
        return self.generic_visit(node)


def _source(node: ast.AST, holes: dict[str, str] | None = None, plain: bool = True) -> str:
    """An expression as a rule writes it, "" when it names what only this piece of code knows. `plain`: builtins by their
    bare name, as in a cure."""
    put = _Holes(holes or {})
    made = put.visit(_copy(node))
    if put.unknown:
        return ""
    text = _unparsed(made)
    return text.replace("builtins.", "") if plain and not (is_known(node)) else text


def _unparsed(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node)).replace("devsec_hole_", "$")


def _copy(node: ast.AST) -> ast.AST:
    import copy

    return copy.deepcopy(node)


def _what(call: ast.Call, tests: Yaml) -> str:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else _short(call.func)
    said = []
    for label, test in tests.items():
        if "is" in test:
            said.append(f"{label}={test['is']!r}")
        elif "missing" in test:
            said.append(f"no {label}")
        else:
            said.append(label)
    return f"{name} is called" + (f" with {' and '.join(said)}" if said else "")


def _short(node: ast.AST) -> str:
    text = " ".join(_unparsed(_copy(node)).split()).replace("builtins.", "")
    return text if len(text) <= 50 else text[:49] + "…"
