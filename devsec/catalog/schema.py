"""Is this YAML a rule (or a road), and if not, which line is wrong? docs/rule-language.md in code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from devsec.catalog.agreed import TERMS_KEYS, terms_from
from devsec.catalog.rule import (
    FORMATS,
    HOLDS,
    KINDS,
    LITERALS,
    PLACEHOLDERS,
    PROOFS,
    SHAPES,
    STRENGTHS,
    TOKENS,
    Constant,
    Context,
    Cure,
    Example,
    Literal,
    Named,
    Road,
    Rule,
    Shape,
    Surrounding,
    Template,
    Test,
)
from devsec.catalog.scalars import constant as _constant
from devsec.catalog.scalars import enum as _enum
from devsec.catalog.scalars import integer as _integer
from devsec.catalog.scalars import list_of as _list
from devsec.catalog.scalars import list_or_one as _list_or_one
from devsec.catalog.scalars import mapping as _mapping
from devsec.catalog.scalars import number as _number
from devsec.catalog.scalars import one_of as _one_of
from devsec.catalog.scalars import optional as _optional
from devsec.catalog.scalars import table as _table
from devsec.catalog.scalars import text as _text
from devsec.catalog.scalars import texts as _texts
from devsec.catalog.scalars import true as _true
from devsec.catalog.templates import holes_of, is_name, refuse_bad_pattern, refuse_bad_template
from devsec.catalog.yaml_read import Node, read
from devsec.errors import RuleError
from devsec.levels import Confidence, Level, Safety, Severity
from devsec.nearest import did_you_mean

_RULE_KEYS = (
    "id",
    "title",
    "cwe",
    "severity",
    "confidence",
    "level",
    "why",
    "references",
    "find",
    "fix",
    "examples",
    "secret",
    "revoke",
    *TERMS_KEYS,
)
_RULE_REQUIRED = ("id", "title", "cwe", "severity", "confidence", "level", "why", "find", "examples")
_CONTEXT_KEYS = ("inside", "not_inside", "assigned_to", "imports", "paths", "not_assigned_to", "not_imports")
_SHAPE_KEYS: dict[str, tuple[str, ...]] = {
    "call": ("args",),
    "method": ("on", "made_with", "args"),
    "assign": ("on", "made_with", "target", "value"),
    "compare": ("left", "right"),
    "string": (),
    "import": (),
    "decorator": ("args",),
    "pattern": ("where",),
    "text": (),
    "setting": ("value",),
    "file": ("holds", "starts", "regex"),
}
_LITERAL_KEYS = ("regex", "entropy", "length")
_TEXT_KEYS = (*_LITERAL_KEYS, "token", "proof", "near")
_TEST_KEYS = (
    "at", "is", "in", "less_than", "more_than", "missing", "present", "literal", "dynamic", "quoted_by", "from_request", *_LITERAL_KEYS, "strength", "names",
    "refers_to", "kind", "contains", "keys", "call", "method", "on", "args", "not",
)  # fmt: skip
_SURROUNDING_KEYS = ("function", "class", "decorator", "call", "with", "loop", "branch", "scope")
_CURE_KEYS = ("title", "safety", "call", "road", "value", "args", "delete", "take_out", "with", "imports", "note")
_CURE_ARGS = ("drop", "set", "rename", "wrap", "wrap_holes", "placeholders", "split", "reorder")
_EXAMPLE_KEYS = ("bad", "good", "fine", "path", "lines", "hex")
_ROAD_KEYS = ("road", "title", "call", "imports", "package", "docs", "why")
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")


def rule_from(node: Node, by_devsec: bool = False) -> Rule:
    """The rule a file's root holds. Raises RuleError.

    `by_devsec` when the file is one of devsec's own: such a rule may have no `find` and no examples, where devsec itself
    looks for what it says.
    """
    built_in = by_devsec and isinstance(node.value, dict) and "find" not in node.value
    required = [key for key in _RULE_REQUIRED if not built_in or key not in ("find", "examples")]
    keys = _mapping(node, _RULE_KEYS + _CONTEXT_KEYS, required, "a rule")
    id = _text(keys["id"])
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id):
        raise keys["id"].wrong(f"`{id}` is no rule id", "use lower-case words joined by dashes")
    common = _context(keys)
    shapes = tuple(
        _with_context(_shape(item), common, item) for item in ([] if built_in else _list_or_one(keys["find"], "find"))
    )
    cures = tuple(_cure(item, shapes) for item in _list_or_one(keys["fix"], "fix")) if "fix" in keys else ()
    if any(cure.edits for cure in cures) and any(shape.kind == "file" for shape in shapes):
        raise keys["fix"].wrong(
            "a `file` is cured outside of its text", "`safety: advice`; what to do is said by itself"
        )
    examples = tuple(_example(item, cures) for item in ([] if built_in else _list(keys["examples"], "examples")))
    if not built_in:
        _prove_proof(keys["examples"], examples, cures)
    secret = _texts(keys["secret"]) if "secret" in keys else ()
    known = {"match", "value", "left", "right", *(label for shape in shapes for label in _labels(shape))}
    for label in secret:
        if label not in known:
            raise keys["secret"].wrong(f"no part is called `{label}`", did_you_mean(label, known))
    titles = [cure.title for cure in cures]
    if len(set(titles)) < len(titles):
        raise keys["fix"].wrong("two cures have the same title", "say in each title what it does")
    level = _enum(keys["level"], Level)
    return Rule(
        id=id,
        title=_text(keys["title"]),
        cwe=_cwes(keys["cwe"]),
        severity=_enum(keys["severity"], Severity),
        confidence=_enum(keys["confidence"], Confidence),
        level=level,
        why=" ".join(_text(keys["why"]).split()),
        find=shapes,
        cures=cures,
        examples=examples,
        secret=secret,
        references=_texts(keys["references"]) if "references" in keys else (),
        revoke=_optional(keys, "revoke"),
        source=node.source,
        terms=terms_from(keys, level),
        level_line=keys["level"].line,
    )


def roads_from(node: Node) -> tuple[Road, ...]:
    """The road, or the list of roads, a file's root holds. Raises RuleError."""
    return tuple(_road(item) for item in _list_or_one(node, "roads"))


def _road(node: Node) -> Road:
    keys = _mapping(node, _ROAD_KEYS, ("road", "title", "call"), "a road")
    name = _text(keys["road"])
    if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*", name):
        raise keys["road"].wrong(f"`{name}` is no road name", "use lower-case words joined by dots, such as secret.get")
    call = _text(keys["call"])
    refuse_bad_template(call, keys["call"])
    return Road(
        name=name,
        title=_text(keys["title"]),
        call=call,
        imports=_texts(keys["imports"]) if "imports" in keys else (),
        package=_optional(keys, "package"),
        docs=_optional(keys, "docs"),
        why=" ".join(_optional(keys, "why").split()),
        source=node.source,
    )


# --- shapes and tests ----------------------------------------------------------------------------------------------------


def _shape(node: Node) -> Shape:
    all_keys = (
        *SHAPES,
        "on",
        "made_with",
        "args",
        "target",
        "value",
        "left",
        "right",
        "where",
        "holds",
        "starts",
        "regex",
        *_CONTEXT_KEYS,
    )
    keys = _mapping(node, all_keys, (), "a shape")
    kinds = [kind for kind in SHAPES if kind in keys]
    if len(kinds) != 1:
        raise node.wrong(
            f"a shape has exactly one of {', '.join(SHAPES)}" + (f"; here are {' and '.join(kinds)}" if kinds else ""),
            "put several shapes in a list: any of them",
        )
    kind = kinds[0]
    for key in keys:
        if key not in (kind, *_SHAPE_KEYS[kind], *_CONTEXT_KEYS):
            raise keys[key].wrong_key(
                f"`{key}` does not go with `{kind}`",
                f"with `{kind}` go: {', '.join(_SHAPE_KEYS[kind]) or 'nothing else'}",
            )
    head = keys[kind]
    shape = Shape(kind, context=_context(keys))
    if kind in ("string", "text"):
        literal = _literal(_mapping(head, _TEXT_KEYS if kind == "text" else _LITERAL_KEYS, (), f"`{kind}`"))
        if literal is None or (kind == "text" and not literal.regex):
            raise head.wrong(f"`{kind}` needs a regex" + (", an entropy or a length" if kind == "string" else ""))
        if kind == "text" and _matches_nothing(literal.regex):
            raise head.wrong(
                "the regex matches where nothing stands, and so everywhere", "ask for one character at least"
            )
        return shape._replace(literal=literal)
    if kind == "file":
        return _of_a_file(shape, keys)
    if kind == "setting":
        return shape._replace(setting=_named(head), value=_text_tests(keys["value"]) if "value" in keys else ())
    if kind == "pattern":
        source = _text(head)
        refuse_bad_pattern(source, head)
        where = _table(keys["where"], _tests, "where") if "where" in keys else ()
        for hole, _ in where:
            if hole not in holes_of(source):
                raise keys["where"].wrong(f"the pattern has no ${hole}", did_you_mean(hole, holes_of(source)))
        return shape._replace(pattern=source, where=where)
    if kind == "assign":
        names = _targets(head)
    elif kind == "compare":
        names = _texts(head)
        for name in names:
            if name not in _OPERATORS:
                raise head.wrong(f"`{name}` is no comparison", f"one of {' '.join(_OPERATORS)}; quote it")
    elif kind == "method":
        names = tuple(n for text in _texts(head) for n in _braces(text, head))
        for name in names:
            if not name.isidentifier():
                raise head.wrong(f"`{name}` is no method name", "the name alone; what it is a method of goes to `on`")
    else:
        names = _names(head)
    shape = shape._replace(
        names=names,
        on=_names(keys["on"], calls=True) if "on" in keys else (),
        made_with=_table(keys["made_with"], _tests, "made_with") if "made_with" in keys else (),
        args=_table(keys["args"], _tests, "args") if "args" in keys else (),
    )
    shape = shape._replace(
        target=_tests(keys["target"]) if "target" in keys else (),
        value=_tests(keys["value"]) if "value" in keys else (),
        left=_tests(keys["left"]) if "left" in keys else (),
        right=_tests(keys["right"]) if "right" in keys else (),
    )
    if shape.made_with and not shape.on:
        raise keys["made_with"].wrong_key("`made_with` asks about the call that `on` names", "say `on: NAMES` as well")
    if kind == "assign" and "*" in names and not shape.target:
        raise head.wrong("`*` needs a `target`", "say which targets: target: {names: …}")
    return shape


def _of_a_file(shape: Shape, keys: Mapping[str, Node]) -> Shape:
    globs = tuple(glob.lower() for glob in _globs(keys["file"]))
    for glob in globs:
        if not glob.startswith("!") and glob.endswith("/"):
            raise keys["file"].wrong(f"`{glob}` names a folder", "name files, such as id_rsa or *.pem")
    if all(glob.startswith("!") for glob in globs):
        raise keys["file"].wrong("`file` names no file", "globs with `!` take back what others before them name")
    return shape._replace(
        names=globs,
        holds=_one_of(keys["holds"], HOLDS) if "holds" in keys else "",
        starts=tuple(_hex(text, keys["starts"], "??") for text in _texts(keys["starts"])) if "starts" in keys else (),
        literal=Literal(_regex(keys["regex"])) if "regex" in keys else None,
    )


def _hex(text: str, node: Node, any_byte: str = "") -> str:
    """Pairs of hex digits (and, when asked for, signs for any byte), in lower case and without blanks."""
    pairs = "".join(text.split()).lower()
    digits = pairs.replace(any_byte, "00") if any_byte else pairs
    if not re.fullmatch("(?:[0-9a-f]{2})+", digits):
        more = f", {any_byte} for any byte" if any_byte else ""
        raise node.wrong(
            f"`{text.strip()[:40]}` is no bytes", f"two hex digits a byte{more}; quote them: 'FE ED FE ED'"
        )
    return pairs


def _named(node: Node) -> Named:
    keys = _mapping(node, ("names", "formats"), ("names",), "`setting`")
    names = "" if keys["names"].value is True else _regex(keys["names"])
    formats = tuple(_one_of(n, FORMATS) for n in _list_or_one(keys["formats"], "formats")) if "formats" in keys else ()
    return Named(names, formats)


_OF_TEXTS = (*_LITERAL_KEYS, "strength", "is", "in", "not")


def _text_tests(node: Node) -> tuple[Test, ...]:
    """Tests of a setting's value, which is a text in any format."""
    for item in _list_or_one(node, "a test"):
        for key, asked in _mapping(item, _TEST_KEYS, (), "a test").items():
            if key not in _OF_TEXTS:
                raise asked.wrong_key(f"`{key}` cannot be asked of a setting", f"one of {', '.join(_OF_TEXTS)}")
            if key == "not":
                _text_tests(asked)
    return _tests(node)


def _with_context(shape: Shape, common: Context, node: Node) -> Shape:
    """The contexts of the rule hold for each of its shapes."""
    merged = {}
    for key in _CONTEXT_KEYS:
        ours, theirs = getattr(shape.context, key), getattr(common, key)
        if ours and theirs:
            raise node.wrong(f"`{key}` stands both here and at the top of the rule", "keep one of them")
        merged[key] = ours or theirs
    shape = shape._replace(context=Context(**merged))
    if shape.kind == "method" and not shape.on and not shape.context.imports:
        raise node.wrong(
            "a `method` without `on` matches any receiver", "say `on: NAMES`, or at least `imports: NAMES`"
        )
    return shape


def _context(keys: Mapping[str, Node]) -> Context:
    assigned = keys.get("assigned_to")
    return Context(
        inside=_surroundings(keys["inside"]) if "inside" in keys else (),
        not_inside=_surroundings(keys["not_inside"]) if "not_inside" in keys else (),
        assigned_to=_regex(assigned) if assigned else "",
        imports=_names(keys["imports"]) if "imports" in keys else (),
        paths=_globs(keys["paths"]) if "paths" in keys else (),
        not_assigned_to=_regex(keys["not_assigned_to"]) if "not_assigned_to" in keys else "",
        not_imports=_names(keys["not_imports"]) if "not_imports" in keys else (),
    )


def _surroundings(node: Node) -> tuple[Surrounding, ...]:
    return tuple(_surrounding(item) for item in _list_or_one(node, "a surrounding"))


def _surrounding(node: Node) -> Surrounding:
    keys = _mapping(node, _SURROUNDING_KEYS, (), "a surrounding")
    if not keys:
        raise node.wrong("an empty surrounding", f"one of {', '.join(_SURROUNDING_KEYS)}")
    scope = _one_of(keys["scope"], ("module", "class", "function")) if "scope" in keys else ""
    return Surrounding(
        function=_regex(keys["function"]) if "function" in keys else "",
        cls=_regex(keys["class"]) if "class" in keys else "",
        decorator=_names(keys["decorator"]) if "decorator" in keys else (),
        call=_names(keys["call"]) if "call" in keys else (),
        with_=_names(keys["with"]) if "with" in keys else (),
        loop=_true(keys["loop"]) if "loop" in keys else False,
        branch=_true(keys["branch"]) if "branch" in keys else False,
        scope=scope,
    )


def _tests(node: Node) -> tuple[Test, ...]:
    return tuple(_test(item) for item in _list_or_one(node, "a test"))


def _test(node: Node) -> Test:
    if not isinstance(node.value, dict):
        raise node.wrong("a test is a mapping", "such as {is: false}")
    keys = _mapping(node, _TEST_KEYS, (), "a test")
    asks = [key for key in keys if key != "at"]
    if not asks:
        raise node.wrong("a test that asks nothing", "{present: true} asks that it is given")
    if "missing" in keys and len(asks) > 1:
        raise node.wrong("what is missing has no value to test", "put the tests in a list: any of them")
    if "is" in keys and "in" in keys:
        raise keys["in"].wrong("`is` and `in` are one test", "put all constants into `in`")
    if "quoted_by" in keys and "dynamic" not in keys:
        raise keys["quoted_by"].wrong("`quoted_by` needs `dynamic: true` beside it")
    equals: tuple[Constant, ...] | None = None
    if "is" in keys:
        equals = (_constant(keys["is"]),)
    elif "in" in keys:
        equals = tuple(_constant(item) for item in _list(keys["in"], "in"))
    literal = ""
    if "literal" in keys:
        literal = "any" if keys["literal"].value is True else _one_of(keys["literal"], LITERALS)
    return Test(
        at=_integer(keys["at"]) if "at" in keys else None,
        equals=equals,
        less_than=_number(keys["less_than"]) if "less_than" in keys else None,
        more_than=_number(keys["more_than"]) if "more_than" in keys else None,
        missing=_true(keys["missing"]) if "missing" in keys else False,
        present=_true(keys["present"]) if "present" in keys else False,
        literal=literal,
        dynamic=_true(keys["dynamic"]) if "dynamic" in keys else False,
        quoted_by=_names(keys["quoted_by"]) if "quoted_by" in keys else (),
        from_request=_from_request(keys["from_request"]) if "from_request" in keys else "",
        names=_regex(keys["names"]) if "names" in keys else "",
        refers_to=_names(keys["refers_to"]) if "refers_to" in keys else (),
        string=_literal(keys),
        kind=tuple(_one_of(item, KINDS) for item in _list_or_one(keys["kind"], "kind")) if "kind" in keys else (),
        contains=_tests(keys["contains"]) if "contains" in keys else (),
        keys=_table(keys["keys"], _tests, "keys") if "keys" in keys else (),
        made_by=_made_by(node, keys),
        none_of=_tests(keys["not"]) if "not" in keys else (),
    )


def _from_request(node: Node) -> str:
    return "any" if node.value is True else _one_of(node, ("link",))


def _made_by(node: Node, keys: Mapping[str, Node]) -> Shape | None:
    if "call" not in keys and "method" not in keys:
        for key in ("on", "args"):
            if key in keys:
                raise keys[key].wrong(f"`{key}` needs a `call` or `method` beside it")
        return None
    inner = {key: keys[key] for key in ("call", "method", "on", "args") if key in keys}
    return _shape(Node(inner, node.source, node.line, node.column))


def _literal(keys: Mapping[str, Node]) -> Literal | None:
    if not any(key in keys for key in (*_LITERAL_KEYS, "strength")):
        return None
    return Literal(
        regex=_regex(keys["regex"]) if "regex" in keys else "",
        entropy=_number(keys["entropy"]) if "entropy" in keys else 0.0,
        length=_integer(keys["length"]) if "length" in keys else 0,
        token=_one_of(keys["token"], TOKENS) if "token" in keys else "",
        proof=_one_of(keys["proof"], PROOFS) if "proof" in keys else "",
        near=_regex(keys["near"]) if "near" in keys else "",
        strength=_one_of(keys["strength"], STRENGTHS) if "strength" in keys else "",
    )


# --- cures ---------------------------------------------------------------------------------------------------------------


def _cure(node: Node, shapes: Sequence[Shape]) -> Cure:
    keys = _mapping(node, _CURE_KEYS, ("title", "safety"), "a cure")
    args = _mapping(keys["args"], _CURE_ARGS, (), "`args` of a cure") if "args" in keys else {}
    safety = _enum(keys["safety"], Safety)
    imports = _texts(keys["imports"]) if "imports" in keys else ()
    filled = _table(keys["with"], _expression, "with") if "with" in keys else ()
    road = _text(keys["road"]) if "road" in keys else ""
    cure = Cure(
        title=_text(keys["title"]),
        safety=safety,
        call=_called(keys["call"], filled, imports) if "call" in keys else None,
        value=_template(keys["value"], imports) if "value" in keys else None,
        drop=_texts(args["drop"]) if "drop" in args else (),
        set=_table(args["set"], lambda n: _template(n, imports), "set") if "set" in args else (),
        rename=_table(args["rename"], _text, "rename") if "rename" in args else (),
        wrap=_table(args["wrap"], lambda n: _template(n, imports), "wrap") if "wrap" in args else (),
        wrap_holes=_table(args["wrap_holes"], lambda n: _template(n, imports), "wrap_holes")
        if "wrap_holes" in args
        else (),
        placeholders=_table(args["placeholders"], _styles, "placeholders") if "placeholders" in args else (),
        split=_texts(args["split"]) if "split" in args else (),
        reorder=_texts(args["reorder"]) if "reorder" in args else (),
        delete=_true(keys["delete"]) if "delete" in keys else False,
        **_taken_out(keys),
        road=road,
        note=" ".join(_optional(keys, "note").split()),
    )
    if cure.take_out and (cure.call or cure.value or cure.delete or args):
        raise keys["take_out"].wrong_key("a secret that is taken out cannot be changed as well")
    if cure.delete and (cure.call or cure.value or args):
        raise keys["delete"].wrong_key("what is deleted cannot be changed as well")
    if cure.call and cure.value:
        raise keys["value"].wrong_key("a cure has `call` or `value`, not both", "two cures in a list: best first")
    if cure.call and not cure.call.road and not is_name(cure.call.source) and args:
        raise keys["args"].wrong_key(
            "`call` puts an expression in place of the whole match", "`args` go with a name; write them into the call"
        )
    if road and not cure.edits and (safety is not Safety.ADVICE or filled):
        cure = cure._replace(call=Template("", road, filled, imports))
    if not cure.edits and safety is not Safety.ADVICE:
        raise node.wrong(
            "a cure that does nothing", f"one of call, road, value, args, delete; or `safety: {Safety.ADVICE.value}`"
        )
    for table, at in ((cure.wrap, "wrap"), (cure.wrap_holes, "wrap_holes")):
        for label, template in table:
            if template.source and not is_name(template.source):
                raise args[at].wrong(f"`{template.source}` is no name", f"what is put around `{label}` is a name")
    _holes_known(node, cure, shapes)
    return cure


def _taken_out(keys: Mapping[str, Node]) -> dict[str, Any]:
    if "take_out" not in keys:
        return {}
    given = _mapping(keys["take_out"], ("road", "name"), ("road",), "`take_out`")
    name = _optional(given, "name")
    if name and not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise given["name"].wrong(f"`{name}` is no name of an environment variable", "such as GITHUB_TOKEN")
    return {"take_out": Template("", _text(given["road"])), "setting": name}


def _called(node: Node, filled: tuple[tuple[str, str], ...], imports: tuple[str, ...]) -> Template:
    return (
        _template(node, imports) if isinstance(node.value, dict) else Template(_expression(node), "", filled, imports)
    )


def _styles(node: Node) -> tuple[tuple[str, str], ...]:
    """The style of placeholders by the module that is imported; of "" when there is but one."""
    if isinstance(node.value, dict):
        return _table(node, lambda style: _one_of(style, PLACEHOLDERS), "placeholders")
    return (("", _one_of(node, PLACEHOLDERS)),)


def _holes_known(node: Node, cure: Cure, shapes: Sequence[Shape]) -> None:
    """Each hole must be something some shape gives, or be filled by `with`."""
    given = {"match"}
    for shape in shapes:
        given |= _labels(shape) | {"assign": {"target", "value"}, "compare": {"left", "right"}}.get(shape.kind, set())
    for template in (cure.call, cure.value, *(t for table in (cure.set, cure.wrap, cure.wrap_holes) for _, t in table)):
        if template is None:
            continue
        filled = dict(template.holes)
        for source in (template.source, *filled.values()):
            for hole in holes_of(source):
                if hole not in given and hole not in filled:
                    raise node.wrong(f"nothing fills ${hole}", did_you_mean(hole, given | set(filled)))


def _labels(shape: Shape) -> set[str]:
    return {label for label, _ in shape.args} | holes_of(shape.pattern)


def _template(node: Node, imports: tuple[str, ...]) -> Template:
    if isinstance(node.value, dict):
        keys = _mapping(node, ("road", "with"), ("road",), "an expression")
        return Template("", _text(keys["road"]), _table(keys["with"], _expression, "with") if "with" in keys else ())
    return Template(_expression(node), "", (), imports)


def _expression(node: Node) -> str:
    source = _text(node)
    refuse_bad_template(source, node)
    return source


def resolve_roads(rule: Rule, roads: Mapping[str, Road], node: Node | None = None) -> Rule:
    """The rule with the source of each road its cures lead to put in. Raises RuleError naming the nearest road when
    there is none of that name, and the hole when nothing fills one of a road's."""

    def wrong(road: str, message: str, hint: str) -> Exception:
        here = node or Node(None, rule.source, 1, 1)
        if here.value is None:  # it came from the cache, without its places
            with suppress(OSError, RuleError):
                here = read(Path(rule.source).read_bytes(), rule.source)
        return (_road_named(here, road) or here).wrong(message, hint)

    def filled(template: Template | None, *more: str) -> Template | None:
        if template is None or not template.road:
            return template
        road = roads.get(template.road)
        if road is None:
            raise wrong(template.road, f"there is no road `{template.road}`", did_you_mean(template.road, roads))
        given = {"match", "target", "value", "left", "right", *dict(template.holes), *more}
        given |= {label for shape in rule.find for label in _labels(shape)}
        for hole in sorted(holes_of(road.call)):
            if hole not in given:
                raise wrong(road.name, f"nothing fills ${hole} of the road `{road.name}`", f"say with: {{{hole}: …}}")
        return template._replace(source=road.call, imports=template.imports or road.imports)

    def table(pairs: tuple[tuple[str, Template], ...]) -> tuple[tuple[str, Template], ...]:
        return tuple((label, filled(template) or template) for label, template in pairs)

    cures = []
    for cure in rule.cures:
        if cure.road and cure.road not in roads:
            raise wrong(cure.road, f"there is no road `{cure.road}`", did_you_mean(cure.road, roads))
        cures.append(
            cure._replace(
                call=filled(cure.call),
                value=filled(cure.value),
                take_out=filled(cure.take_out, "name"),
                set=table(cure.set),
                wrap=table(cure.wrap),
                wrap_holes=table(cure.wrap_holes),
            )
        )
    return rule._replace(cures=tuple(cures))


def _road_named(node: Node, road: str) -> Node | None:
    """Where below a node that road is named."""
    if isinstance(node.value, dict):
        named = node.value.get("road")
        if named is not None and named.value == road:
            return named
        return next(filter(None, (_road_named(one, road) for one in node.value.values())), None)
    return (
        next(filter(None, (_road_named(one, road) for one in node.value)), None)
        if isinstance(node.value, list)
        else None
    )


# --- examples ------------------------------------------------------------------------------------------------------------


def _example(node: Node, cures: Sequence[Cure]) -> Example:
    keys = _mapping(node, _EXAMPLE_KEYS, (), "an example")
    if ("bad" in keys) == ("fine" in keys):
        raise node.wrong("an example is `bad` or `fine`", "one of them, with its source")
    if "good" in keys and "fine" in keys:
        raise keys["good"].wrong("what is fine needs no cure", "`good` goes with `bad`")
    good: tuple[tuple[str, str], ...] = ()
    editing = [cure for cure in cures if cure.edits]
    if "good" in keys:
        if not editing:
            raise keys["good"].wrong("no cure of this rule edits", "leave `good` out, or write a `fix`")
        if isinstance(keys["good"].value, dict):
            good = _table(keys["good"], _text, "good")
            for title, _ in good:
                if title not in {cure.title for cure in editing}:
                    raise keys["good"].wrong(
                        f"no cure is titled `{title}`", did_you_mean(title, [c.title for c in editing])
                    )
        else:
            good = ((editing[0].title, _text(keys["good"])),)
    if "hex" in keys and _true(keys["hex"]):
        if "good" in keys:
            raise keys["good"].wrong_key("bytes have no cure that edits", "leave `good` out")
        return Example(
            bad=_hex(_text(keys["bad"]), keys["bad"]) if "bad" in keys else "",
            fine=_hex(_text(keys["fine"]), keys["fine"]) if "fine" in keys else "",
            path=_optional(keys, "path") or "example.py",
            lines=tuple(_integer(item) for item in _list(keys["lines"], "lines")) if "lines" in keys else (),
            hex=True,
            line=node.line,
        )
    return Example(
        bad=_unsplit(_text(keys["bad"])) if "bad" in keys else "",
        fine=_unsplit(_text(keys["fine"])) if "fine" in keys else "",
        good=tuple((title, _unsplit(text)) for title, text in good),
        path=_optional(keys, "path") or "example.py",
        lines=tuple(_integer(item) for item in _list(keys["lines"], "lines")) if "lines" in keys else (),
        line=node.line,
    )


def _unsplit(text: str) -> str:
    """Tokens in examples are written with `‹›` in them, so that no other scanner takes them for real ones."""
    return text.replace("‹›", "")


def _prove_proof(node: Node, examples: Sequence[Example], cures: Sequence[Cure]) -> None:
    if not any(example.bad for example in examples):
        raise node.wrong("no `bad` example", "show what the rule finds")
    if not any(example.fine for example in examples):
        raise node.wrong("no `fine` example", "show the nearest code that is all right")
    for cure in cures:
        if cure.edits and not any(title == cure.title for example in examples for title, _ in example.good):
            raise node.wrong(
                f"no `good` shows what “{cure.title}” makes of a `bad`", "a fix without a proof is a promise"
            )


# --- scalars -------------------------------------------------------------------------------------------------------------


def _cwes(node: Node) -> tuple[str, ...]:
    found = _texts(node)
    for cwe in found:
        if not re.fullmatch(r"CWE-[1-9][0-9]{0,4}", cwe):
            raise node.wrong(f"`{cwe}` is no CWE", "such as CWE-295")
    return found


def _globs(node: Node) -> tuple[str, ...]:
    globs = _texts(node)
    for glob in globs:
        parts = glob.removeprefix("!").strip("/").split("/")
        if {"", ".", ".."} & set(parts) or re.search(r"[\\{}]", glob):
            raise node.wrong(
                f"`{glob}` matches no path", "globs know *, ** and ?, and forward slashes; several go into a list"
            )
    return globs


def _names(node: Node, calls: bool = False) -> tuple[str, ...]:
    """Qualified names, alternatives spelled out. `calls` admits `()` after a segment."""
    names = tuple(name for text in _texts(node) for name in _braces(text, node))
    for name in names:
        for segment in name.split("."):
            part = segment.removesuffix("()") if calls else segment
            if part != "*" and not part.isidentifier():
                raise node.wrong(f"`{name}` is no qualified name", "such as requests.get, requests.{get,post} or m.*.f")
    return names


def _targets(node: Node) -> tuple[str, ...]:
    targets = []
    for text in _texts(node):
        for target in _braces(text, node) if not text.startswith("[") else [text]:
            plain = re.fullmatch(r"\*|\.?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", target)
            if not plain and not re.fullmatch(r"""\[("[^"\\]*"|'[^'\\]*')\]""", target):
                raise node.wrong(f"`{target}` is no target", """NAME, a.b.c, .attribute, '["key"]' or "*" """.strip())
            targets.append(target)
    return tuple(targets)


def _braces(text: str, node: Node) -> list[str]:
    """`a.{b,c}` -> `a.b`, `a.c`."""
    if text.count("{") > 20:
        raise node.wrong(f"`{text[:40]}…` has more than 20 braces")
    found = re.search(r"\{([^{}]*)\}", text)
    if found is None:
        if "{" in text or "}" in text:
            raise node.wrong(f"`{text}` has a brace without its other half")
        return [text]
    out: list[str] = []
    for choice in found.group(1).split(","):
        out += _braces(text[: found.start()] + choice.strip() + text[found.end() :], node)
    if len(out) > 500:
        raise node.wrong(f"`{text}` stands for more than 500 names")
    return out


_MOST_GROUPS = 100  # RE2 takes its time for each, at every match


def _matches_nothing(regex: str) -> bool:
    """Whether it matches where nothing stands, and so at every place of every file."""
    import re2

    return bool(regex) and re2.compile(regex).search("") is not None


def _regex(node: Node) -> str:
    """A regex RE2 accepts; compiled once here so that a bad one has a line number."""
    import re2  # rules come from the cache on the usual commit

    source = _text(node)
    options = re2.Options()
    options.log_errors = False
    try:
        if re2.compile(source, options).groups > _MOST_GROUPS:
            raise node.wrong(f"more than {_MOST_GROUPS} groups", "write (?:…) where nothing is taken out")
    except re2.error as error:
        why = error.args[0] if error.args else ""
        why = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        raise node.wrong(
            f"RE2 does not take this regex: {why}", "RE2 has no look-around and no back-references"
        ) from None
    return source
