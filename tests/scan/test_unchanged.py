"""Is a file taken for unchanged only where nothing that a finding hangs on has changed?"""

from __future__ import annotations

from random import Random

import pytest

from devsec.catalog.load import load
from devsec.policy.known import counts
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate
from devsec.sources.source import Skipped, Source
from tests.scan.kit import py
from tests.scan.kit import scanner as one_rule

FIND = "call: requests.get\nargs: {verify: {is: false}}"
OLD = """
    import requests
    SAFE = True

    def fetch(u):
        return requests.get(u, verify=False)

    def other():
        return 1
    """

NEWS = [
    pytest.param(OLD.replace("return 1", "return 2"), False, id="another function"),
    pytest.param(OLD + "\n    def third(): pass\n", False, id="one function more"),
    pytest.param(OLD.replace("SAFE = True", "SAFE = False"), False, id="a name that is not mentioned"),
    pytest.param(OLD.replace("import requests", "import requests, os"), True, id="the import"),
    pytest.param(OLD.replace("    SAFE", "    import os\n    SAFE"), False, id="another import"),
    pytest.param(OLD.replace("get(u", "get(u + '/'"), True, id="the statement"),
    pytest.param(OLD + "\n    def u(): pass\n", True, id="a definition of a name in it"),
    pytest.param(OLD + "\n    from legacy import *\n", True, id="what may bind any name"),
    pytest.param(OLD.replace("SAFE = True", "u = requests"), True, id="a name in it that is bound now"),
    pytest.param(OLD + OLD.split("SAFE = True")[1], True, id="the same once more"),
]


@pytest.mark.parametrize(("new", "looked_at"), NEWS)
def test_whether_it_is_looked_at(new: str, looked_at: bool) -> None:
    scanner = one_rule(FIND)
    found = scanner.scan(Source("a.py", py(new).encode()), None, lambda: (Source("a.py", py(OLD).encode()),))
    assert bool(found) is looked_at


def test_at_another_path_other_rules_count() -> None:
    scanner = one_rule(FIND + "\npaths: ['!tests']")
    was = Source("tests/a.py", py(OLD).encode())
    assert scanner.scan(Source("a.py", was.data), None, lambda: (was,))
    assert scanner.scan(Source("b.py", was.data), None, lambda: (Source("a.py", was.data),)) == ()


def test_what_does_not_parse_is_said_all_the_same() -> None:
    broken = py(OLD).encode() + b"\ndef (:\n"
    assert isinstance(one_rule(FIND).scan(Source("a.py", broken), None, lambda: (Source("a.py", broken),)), Skipped)


def test_nothing_new_is_passed_over() -> None:
    """Each rule's examples with a line less: what the short way leaves out, the long way knows from before."""
    rules = load()
    scanner = Scanner(rules, Gate.build(rules))
    random = Random(7)
    shorter = 0
    examples = [(e.path, e.bad) for rule in rules.rules for e in rule.examples if e.bad and e.path.endswith(".py")]
    for path, text in random.sample(examples, 150):
        lines = text.splitlines(keepends=True)
        at = random.randrange(len(lines))
        now = "".join(lines) + "\n\ndef unrelated():\n    return 1\n"
        was = Source(path, "".join(lines[:at] + lines[at + 1 :]).encode())
        short = scanner.scan(Source(path, now.encode()), None, lambda was=was: (was,))
        whole, before = scanner.scan(Source(path, now.encode())), scanner.scan(was)
        if isinstance(short, Skipped) or isinstance(whole, Skipped) or isinstance(before, Skipped):
            continue
        left_out = counts(whole) - counts(short)
        shorter += bool(left_out)
        assert not left_out - counts(before), (path, now, at)
    assert shorter >= 3  # or it says nothing
