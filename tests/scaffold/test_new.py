"""Which shape is read off a bad and a good text? Each is proved by the prover of `devsec rules test` before it is given."""

from __future__ import annotations

import pytest
import yaml

from devsec.catalog.load import load
from devsec.catalog.rule import Catalogue
from devsec.catalog.schema import resolve_roads, rule_from
from devsec.catalog.yaml_read import read
from devsec.prove import Ending, prove
from devsec.scaffold.new import new
from devsec.scan.engine import Scanner
from devsec.scan.gate import Gate


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def begun(catalogue: Catalogue, bad: str, good: str, path: str = "") -> dict[str, object]:
    """The rule that comes of it, proved."""
    text = new("a-new-one", bad, good, path, catalogue).text
    node = read(text.encode(), "a-new-one.yaml")
    rule = resolve_roads(rule_from(node), {road.name: road for road in catalogue.roads}, node)
    alone = Catalogue((rule,), catalogue.roads)
    assert {one.outcome for one in prove(rule, Scanner(alone, Gate.build(alone)))} == {Ending.HOLDS}
    assert text.count("WRITE") >= 7
    return dict(yaml.safe_load(text.replace("\n  on:", '\n  "on":')))


@pytest.mark.parametrize(
    ("bad", "good", "find", "fix"),
    [
        pytest.param(
            "import acme\nacme.send(url, check=False)", "import acme\nacme.send(url)",
            {"call": "acme.send", "args": {"check": {"is": False}}}, {"args": {"drop": ["check"]}}, id="an argument to drop",
        ),
        pytest.param(
            "import acme\nacme.send(url)", "import acme\nacme.send(url, check=True)",
            {"call": "acme.send", "args": {"check": {"missing": True}}}, {"args": {"set": {"check": "True"}}}, id="to add",
        ),
        pytest.param(
            "import acme as a\na.send(url, mode=a.OLD)", "import acme as a\na.send(url, mode=a.NEW)",
            {"call": "acme.send", "args": {"mode": {"refers_to": "acme.OLD"}}}, {"args": {"set": {"mode": "acme.NEW"}}},
            id="to change, by another name of the module",
        ),
        pytest.param(
            "from acme import send\nsend(url)", "from acme import post\npost(url)",
            {"call": "acme.send"}, {"call": "acme.post"}, id="another callee",
        ),
        pytest.param(
            "import acme\nacme.send(url, check=False)", "import better\nbetter.send(url)",
            {"call": "acme.send", "args": {"check": {"is": False}}}, {"call": "better.send", "args": {"drop": ["check"]}},
            id="another callee that takes less",
        ),
        pytest.param(
            "import acme\nacme.send(url, insecure=x)", "import acme\nacme.send(url, plain=x)",
            {"call": "acme.send", "args": {"insecure": {"present": True}}}, {"args": {"rename": {"insecure": "plain"}}}, id="rename",
        ),
        pytest.param(
            "import acme\ns = acme.Session()\ns.get(url, check=False)", "import acme\ns = acme.Session()\ns.get(url)",
            {"method": "get", "on": "acme.Session", "args": {"check": {"is": False}}}, {"args": {"drop": ["check"]}},
            id="a method of what is made here",
        ),
        pytest.param(
            "import acme\ndef f(s):\n    s.get(url, check=False)", "import acme\ndef f(s):\n    s.get(url)",
            {"method": "get", "imports": ["acme"], "args": {"check": {"is": False}}}, {"args": {"drop": ["check"]}},
            id="a method of nobody knows what",
        ),
        pytest.param("STRICT = False", "STRICT = True", {"assign": "STRICT", "value": {"is": False}}, {"value": "True"}, id="assignment"),
        pytest.param(
            "conf['strict'] = False", "conf['strict'] = True",
            {"assign": '["strict"]', "value": {"is": False}}, {"value": "True"}, id="a key",
        ),
        pytest.param(
            "from acme import open_to_all\n@open_to_all\ndef f():\n    pass", "def f():\n    pass",
            {"decorator": "acme.open_to_all"}, {}, id="decorator",
        ),
        pytest.param("import acme_old", "import acme", {"import": "acme_old"}, {}, id="import"),
        pytest.param(
            "if digest == given:\n    pass", "import hmac\nif hmac.compare_digest(digest, given):\n    pass",
            {"compare": "==", "left": {"names": "digest"}, "right": {"names": "given"}},
            {"call": "hmac.compare_digest($left, $right)"}, id="comparison",
        ),
        pytest.param(
            "import acme\nacme.send(a + b, [1])", "import acme\nfor x in y:\n    acme.other(x)",
            {"call": "acme.send"}, {}, id="more than a cure can say",
        ),
        pytest.param("assert user.ok", "if not user.ok:\n    raise ValueError", {"pattern": "assert $user.ok"}, {}, id="pattern"),
        pytest.param(
            "import acme\nacme.send(url, headers={'a': 1, 'b': 2})", "import acme\nacme.send(url, headers={'a': 1, 'b': 3})",
            {"call": "acme.send", "args": {"headers": {"keys": {"b": {"is": 2}}}}}, {}, id="an entry of a dict has no cure",
        ),
    ],
)  # fmt: skip
def test_the_shape_is_proposed_and_holds(
    catalogue: Catalogue, bad: str, good: str, find: dict[str, object], fix: dict[str, object]
) -> None:
    rule = begun(catalogue, bad, good)
    assert rule["find"] == find
    made = dict(rule["fix"])  # type: ignore[call-overload]
    assert made.pop("title")
    assert made.pop("safety") == ("hardening" if fix else "advice")
    assert made == fix


def test_text_that_is_no_python(catalogue: Catalogue) -> None:
    rule = begun(catalogue, "ssl_verify: false", "ssl_verify: true", "deploy.yaml")
    assert rule["find"] == {"text": {"regex": r"\bssl_verify:\s+false\b"}}
    assert rule["paths"] == ["*.yaml"]
    assert dict(rule["fix"])["safety"] == "advice"  # type: ignore[call-overload]
