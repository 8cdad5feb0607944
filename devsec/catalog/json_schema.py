"""What may stand in a rule's file, in words an editor understands? JSON Schema 2020-12, for completion and red underlines.

Made from the tables the loader reads by: a key that it learns and that is not described here fails at once, and a key it does
not know is refused by both. The loader asks more (regexes, names, what goes with what); it has the last word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from devsec.catalog import agreed, pack
from devsec.catalog import schema as tables  # its tables are private to this folder: they are the loader's own
from devsec.catalog.here import NAME
from devsec.catalog.rule import FORMATS, HOLDS, KINDS, LITERALS, PLACEHOLDERS, PROOFS, SHAPES, STRENGTHS, TOKENS
from devsec.catalog.terms import DATA, EXPOSURES, LIFECYCLES, STAGES
from devsec.levels import Confidence, Level, Safety, Severity

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_MAYBE: Schema = {"type": ["string", "null"]}
_TRUE: Schema = {"const": True}
_NUMBER: Schema = {"type": "number"}
_WHOLE: Schema = {"type": "integer", "minimum": 0}
_CONSTANT: Schema = {"type": ["string", "number", "boolean", "null"]}
_DATE: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_RULE_ID: Schema = {"type": "string", "pattern": f"^(?:{agreed.RULE_ID.pattern})$"}


def of_a_rule() -> Schema:
    """A file with `id`."""
    keys = (*tables._RULE_KEYS, *tables._CONTEXT_KEYS)
    return {
        "$schema": DIALECT,
        "title": "A rule of devsec",
        **_object(keys, {**_RULE, **_TERMS, **_CONTEXT}, tables._RULE_REQUIRED),
        "$defs": {
            "shape": _shape(),
            "test": _test(tables._TEST_KEYS),
            "text_test": _test(tables._OF_TEXTS),
            "surrounding": _object(tables._SURROUNDING_KEYS, _SURROUNDING) | {"minProperties": 1},
            "cure": _object(tables._CURE_KEYS, _CURE, ("title", "safety")),
            "expression": {
                "anyOf": [_TEXT, _object(("road", "with"), {"road": _ROAD_NAME, "with": _WITH}, ("road",))],
            },
            "example": _object(tables._EXAMPLE_KEYS, _EXAMPLE)
            | {"oneOf": [{"required": ["bad"]}, {"required": ["fine"]}]},
            "when": _object(agreed._WHEN_KEYS, _WHEN, ("level",)) | {"minProperties": 2},
        },
    }


def of_roads() -> Schema:
    """A file with `road`, or a list of them."""
    return {
        "$schema": DIALECT,
        "title": "Roads of devsec",
        **_some({"$ref": "#/$defs/road"}),
        "$defs": {"road": _road()},
    }


def of_a_pack() -> Schema:
    """pack.yaml."""
    about = _object(pack._RULE_KEYS, {**_TERMS, "level": _RULE["level"]}) | {"minProperties": 1}
    locked = _object(pack._ROAD_KEYS, {"final": _said(_TRUE, "a repository may not replace it")}, pack._ROAD_KEYS)
    described = {
        "pack": _said({"type": "string", "pattern": f"^(?:{NAME})$"}, "its name, before the ids of its rules: acme/…"),
        "title": _said(_TEXT, "what it is, in a line"),
        "docs": _said(_MAYBE, "a page about it"),
        "rules": _said(
            {"type": ["object", "null"], "propertyNames": _RULE_ID, "additionalProperties": about},
            "what it says about rules, its own and others', by their ids",
        ),
        "roads": _said({"type": ["object", "null"], "additionalProperties": locked}, "which roads are locked"),
    }
    return {
        "$schema": DIALECT,
        "title": "A pack of devsec",
        **_object(pack._KEYS, described, ("pack", "title")),
        "$defs": {"when": _object(agreed._WHEN_KEYS, _WHEN, ("level",)) | {"minProperties": 2}},
    }


# --- pieces ----------------------------------------------------------------------------------------------------------


def _object(keys: Sequence[str], described: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    """These keys and no others. KeyError for one that nobody has described."""
    made: Schema = {
        "type": "object",
        "properties": {key: described[key] for key in keys},
        "additionalProperties": False,
    }
    return {**made, "required": list(required)} if required else made


def _said(schema: Schema, words: str) -> Schema:
    return {**schema, "description": words}


def _some(item: Schema) -> Schema:
    """One, or a list of at least one."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _table(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item, "minProperties": 1}


def _one_of(known: Iterable[str]) -> Schema:
    return {"enum": list(known)}


_TEXTS = _some(_TEXT)
_NAMES = _TEXTS
_TESTS = _some({"$ref": "#/$defs/test"})
_ARGS = _table(_TESTS)
_EXPRESSION: Schema = {"$ref": "#/$defs/expression"}
_ROAD_NAME = _said(_TEXT, "the name of a road: devsec's own, or one of yours")
_WITH = _said(_table(_TEXT), "what fills the holes of the road")

_RULE: dict[str, Schema] = {
    "id": _said(
        {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}, "the file's name without .yaml; stable for ever"
    ),
    "title": _said(_TEXT, "what is wrong, in a line"),
    "cwe": _said(
        _some({"type": "string", "pattern": "^CWE-[1-9][0-9]{0,4}$"}), "the weakness, such as CWE-295, or a list"
    ),
    "severity": _said(_one_of(one.value for one in Severity), "how bad it is where it holds"),
    "confidence": _said(_one_of(one.value for one in Confidence), "how sure it is wherever it is found"),
    "level": _said(_one_of(one.value for one in Level), "what it does to a commit"),
    "why": _said(_TEXT, "two or three sentences; the first stands alone in the terminal"),
    "references": _said(_TEXTS, "pages that say more"),
    "find": _said(_some({"$ref": "#/$defs/shape"}), "what to look for: a shape, or a list (any of them)"),
    "fix": _said(_some({"$ref": "#/$defs/cure"}), "what to do instead: a cure, or a list, best first"),
    "examples": _said(
        {"type": "array", "items": {"$ref": "#/$defs/example"}, "minItems": 1}, "its proof: at least one bad, one fine"
    ),
    "secret": _said(_TEXTS, "labels of arguments (or value, match, a hole) whose text no output may show"),
    "revoke": _said(_MAYBE, "the page where the owner of the secret makes it worthless"),
}
_TERMS: dict[str, Schema] = {
    "when": _said(_some({"$ref": "#/$defs/when"}), "levels by context; the strongest that holds counts"),
    "final": _said(_TRUE, "a repository cannot weaken it"),
    "stage": _said(_one_of(STAGES), "shadow: counted, not shown; warn: warns at most; block: as the level says"),
    "warn_from": _said(_DATE, "the day from which the stage is warn"),
    "block_from": _said(_DATE, "the day from which the stage is block"),
    "unsilenceable": _said(_TRUE, "no comment silences it"),
    "in_tests": _said(_TRUE, "holds in full where the context is lifecycle: test"),
    "deprecated": _said(_RULE_ID, "the rule to use instead"),
}
_WHEN: dict[str, Schema] = {
    "level": _RULE["level"],
    "exposure": _said(_one_of(EXPOSURES), "who can reach it"),
    "data": _said(_one_of(DATA), "which data it handles"),
    "lifecycle": _said(_one_of(LIFECYCLES), "where it is in its life"),
    "labels": _said(_TEXTS, "all of them"),
}
_CONTEXT: dict[str, Schema] = {
    "inside": _said(_some({"$ref": "#/$defs/surrounding"}), "it stands inside any of these"),
    "not_inside": _said(_some({"$ref": "#/$defs/surrounding"}), "inside none of these"),
    "assigned_to": _said(_TEXT, "RE2 over the words of the name that what it makes goes to"),
    "imports": _said(_NAMES, "the file imports one of these"),
    "paths": _said(_TEXTS, "globs; later ones win, `!` takes back"),
    "not_assigned_to": _said(_TEXT, "RE2 over the words of the name that it must not go to"),
    "not_imports": _said(_NAMES, "the file imports none of these"),
}
_LITERAL: dict[str, Schema] = {
    "regex": _said(_TEXT, "RE2 that is found in it"),
    "entropy": _said(_NUMBER, "at least so many bits a character"),
    "length": _said(_WHOLE, "at least so long"),
    "token": _said(_one_of(TOKENS), "it stands alone and looks drawn at random"),
    "proof": _said(_one_of(PROOFS), "a check of devsec that it must not fail"),
    "near": _said(_TEXT, "RE2 that is found within five lines"),
}
_SHAPE: dict[str, Schema] = {
    "call": _said(_NAMES, "a call of what has that qualified name"),
    "method": _said(_NAMES, "a call of a method by that name"),
    "assign": _said(_TEXTS, 'an assignment: NAME, a.b.c, .attr, \'["key"]\' or "*"'),
    "compare": _said(_some(_one_of(tables._OPERATORS)), "a comparison; quote the operator"),
    "string": _said(_object(tables._LITERAL_KEYS, _LITERAL) | {"minProperties": 1}, "a string literal"),
    "import": _said(_NAMES, "an import of that module or name"),
    "decorator": _said(_NAMES, "a decorator, called or not"),
    "pattern": _said(_TEXT, "Python with $X and ...; the slow shape"),
    "text": _said(_object(tables._TEXT_KEYS, _LITERAL, ("regex",)), "a place in any text file"),
    "setting": _said(
        _object(
            ("names", "formats"),
            {
                "names": _said({"anyOf": [_TRUE, _TEXT]}, "true: the name of a secret; or RE2 over its words"),
                "formats": _said(_some(_one_of(FORMATS)), "read as one of these"),
            },
            ("names",),
        ),
        "a value under a name, in a configuration file or in Python",
    ),
    "file": _said(_TEXTS, "a file by its name: globs"),
    "on": _said(_NAMES, "what made the receiver: requests.Session, sqlite3.connect().cursor"),
    "made_with": _said(_ARGS, "tests of the arguments of the call that made the receiver"),
    "args": _said(_ARGS, "tests by argument: the keyword's name, with `at` where it may be positional"),
    "target": _said(_TESTS, "a test of what is assigned to"),
    "value": _said(_TESTS, "a test of the value"),
    "left": _said(_TESTS, "a test of the left side"),
    "right": _said(_TESTS, "a test of the right side"),
    "where": _said(_ARGS, "tests of what the pattern's $X matched"),
    "holds": _said(_one_of(HOLDS), "what its bytes hold"),
    "starts": _said(_TEXTS, "how its bytes begin: pairs of hex digits, ?? for any"),
    "regex": _said(_TEXT, "RE2 that is found in its bytes"),
}


def _shape() -> Schema:
    also = [key for keys in tables._SHAPE_KEYS.values() for key in keys]
    keys = tuple(dict.fromkeys((*SHAPES, *also, *tables._CONTEXT_KEYS)))
    return {
        **_object(keys, {**_SHAPE, **_CONTEXT}),
        "oneOf": [{"required": [kind]} for kind in SHAPES],
        "allOf": [
            {
                "if": {"required": [kind]},
                "then": {
                    "propertyNames": {"enum": [kind, *tables._SHAPE_KEYS[kind], *tables._CONTEXT_KEYS]},
                    **({"properties": {"value": _some({"$ref": "#/$defs/text_test"})}} if kind == "setting" else {}),
                },
            }
            for kind in SHAPES
        ],
    }


def _test(keys: Sequence[str]) -> Schema:
    same = "test" if len(keys) == len(tables._TEST_KEYS) else "text_test"
    return _object(
        keys, {**_TEST, "not": _said(_some({"$ref": f"#/$defs/{same}"}), "is given, and this does not hold")}
    ) | {"minProperties": 1}


_TEST: dict[str, Schema] = {
    "at": _said(_WHOLE, "its place when positional, from 0"),
    "is": _said(_CONSTANT, "is this constant"),
    "in": _said({"type": "array", "items": _CONSTANT, "minItems": 1}, "is one of these constants"),
    "less_than": _said(_NUMBER, "is a constant below it"),
    "more_than": _said(_NUMBER, "is a constant above it"),
    "missing": _said(_TRUE, "is not given at all"),
    "present": _said(_TRUE, "is given"),
    "literal": _said({"anyOf": [_TRUE, _one_of(LITERALS)]}, "is built from literals only"),
    "dynamic": _said(_TRUE, "is a string built with a part that is not constant"),
    "quoted_by": _said(_NAMES, "beside dynamic: calls that make a part harmless"),
    "from_request": _said({"anyOf": [_TRUE, {"const": "link"}]}, "comes from the client of the request"),
    "regex": _LITERAL["regex"],
    "entropy": _LITERAL["entropy"],
    "length": _LITERAL["length"],
    "strength": _said(_one_of(STRENGTHS), "looks like a secret once its place says so"),
    "names": _said(_TEXT, "RE2 over the words of the identifier"),
    "refers_to": _said(_NAMES, "refers to one of these"),
    "kind": _said(_some(_one_of(KINDS)), "is written as"),
    "contains": _said(_TESTS, "is a list, tuple or set with such an element"),
    "keys": _said(_ARGS, "is a dict in which each of these has such a value"),
    "call": _said(_NAMES, "is such a call"),
    "method": _said(_NAMES, "is such a method call"),
    "on": _SHAPE["on"],
    "args": _SHAPE["args"],
}
_SURROUNDING: dict[str, Schema] = {
    "function": _said(_TEXT, "RE2 over the words of the function's name"),
    "class": _said(_TEXT, "RE2 over the words of the class's name"),
    "decorator": _said(_NAMES, "something that has this decorator"),
    "call": _said(_NAMES, "the arguments of a call of it"),
    "with": _said(_NAMES, "a `with` over a call of it"),
    "loop": _said(_TRUE, "a loop"),
    "branch": _said(_TRUE, "what a condition decides about"),
    "scope": _said(_one_of(("module", "class", "function")), "the innermost scope"),
}
_CURE_ARGS: dict[str, Schema] = {
    "drop": _said(_TEXTS, "leaves these arguments out"),
    "set": _said(_table(_EXPRESSION), "gives an argument this value, or adds it"),
    "rename": _said(_table(_TEXT), "calls a keyword otherwise"),
    "wrap": _said(_table(_EXPRESSION), "puts a call of this name around it"),
    "wrap_holes": _said(_table(_EXPRESSION), "puts it around each part of a built string that is not constant"),
    "placeholders": _said(
        _table({"anyOf": [_one_of(PLACEHOLDERS), _table(_one_of(PLACEHOLDERS))]}),
        "takes the values out of a query's text",
    ),
    "split": _said(_TEXTS, "writes a command line as a list"),
    "reorder": _said(_TEXTS, "puts positional arguments in this order"),
}
_CURE: dict[str, Schema] = {
    "title": _said(_TEXT, "what it does, in a line"),
    "safety": _said(
        _one_of(one.value for one in Safety),
        "safe: behaviour kept; hardening: stricter on purpose; advice: never written",
    ),
    "call": _said(_EXPRESSION, "a new callee, or an expression in place of the match"),
    "road": _ROAD_NAME,
    "value": _said(_EXPRESSION, "in place of the assigned value"),
    "args": _said(_object(tables._CURE_ARGS, _CURE_ARGS), "what happens to the arguments"),
    "delete": _said(_TRUE, "removes the statement"),
    "take_out": _said(
        _object(
            ("road", "name"),
            {"road": _ROAD_NAME, "name": {"type": ["string", "null"], "pattern": "^([A-Z][A-Z0-9_]*)?$"}},
            ("road",),
        ),
        "reads each secret by that road where its literal stands",
    ),
    "with": _WITH,
    "imports": _said(_TEXTS, "the modules the expression's names come from"),
    "note": _said(_MAYBE, "shown beside the cure"),
}
_EXAMPLE: dict[str, Schema] = {
    "bad": _said(_TEXT, "has at least one finding of this rule"),
    "good": _said(
        {"anyOf": [_TEXT, _table(_TEXT)]}, "the bad one after the first cure that edits, or by the cures' titles"
    ),
    "fine": _said(_TEXT, "has none: the nearest legitimate code"),
    "path": _said(_MAYBE, "where it stands; example.py without"),
    "lines": _said({"type": "array", "items": _WHOLE, "minItems": 1}, "the lines of the findings, exactly"),
    "hex": _said(_TRUE, "it is bytes, as pairs of hex digits"),
}


def _road() -> Schema:
    described = {
        "road": _said(
            {"type": "string", "pattern": r"^[a-z0-9_]+(\.[a-z0-9_]+)*$"}, "its name: lower-case words and dots"
        ),
        "title": _said(_TEXT, "what it is for"),
        "call": _said(_TEXT, "the sanctioned call: Python with $holes"),
        "imports": _said(_TEXTS, "the modules its names come from"),
        "package": _said(_MAYBE, 'the requirement it needs: "acme-vault>=3"'),
        "docs": _said(_MAYBE, "a page about it"),
        "why": _said(_MAYBE, "a sentence or two"),
    }
    return _object(tables._ROAD_KEYS, described, ("road", "title", "call"))
