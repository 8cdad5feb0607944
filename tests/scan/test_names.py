"""What a name refers to: each row is a bug some tool has shipped."""

from __future__ import annotations

import pytest

from tests.scan.kit import found, py

GET = "call: requests.get\nargs: {verify: {is: false}}"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import requests\nrequests.get(u, verify=False)", id="plain import"),
        pytest.param("import requests as r\nr.get(u, verify=False)", id="alias"),
        pytest.param("from requests import get\nget(u, verify=False)", id="from import"),
        pytest.param("from requests import get as g\ng(u, verify=False)", id="from import as"),
        pytest.param("def f():\n    import requests\n    requests.get(u, verify=False)", id="function import"),
        pytest.param("def f():\n    from requests import get\n    get(u, verify=False)", id="function from import"),
        pytest.param(
            "try:\n    import requests\nexcept ImportError:\n    requests = None\nrequests.get(u, verify=False)",
            id="conditional import with a None fallback",
        ),
        pytest.param("if x:\n    import requests\nrequests.get(u, verify=False)", id="import under if"),
        pytest.param("import requests\nfetch = requests.get\nfetch(u, verify=False)", id="through an assignment"),
        pytest.param(
            "import requests\nclass A:\n    def f(self): requests.get(u, verify=False)", id="module name in a method"
        ),
        pytest.param(
            "import requests\nclass A:\n    requests = 1\n    def f(self): requests.get(u, verify=False)",
            id="class scope does not shadow in methods",
        ),
        pytest.param("import requests\n[requests.get(u, verify=False) for u in us]", id="in a comprehension"),
        pytest.param(
            "import requests\n[1 for x in requests.get(u, verify=False)]", id="first iterable of a comprehension"
        ),
        pytest.param("import requests\nf = lambda u: requests.get(u, verify=False)", id="in a lambda"),
        pytest.param(
            "import requests\ndef f(requests=requests.get(u, verify=False)): pass", id="default is evaluated outside"
        ),
        pytest.param("import requests\n@requests.get(u, verify=False)\ndef f(requests): pass", id="decorator"),
        pytest.param(
            "requests = None\ndef load():\n    global requests\n    import requests\n"
            "def f(): requests.get(u, verify=False)",
            id="lazy global import",
        ),
        pytest.param("import requests; requests.get(u, verify=False)", id="semicolon"),
        pytest.param("x = 1; import requests\nrequests.get(u, verify=False)", id="import after a semicolon"),
        pytest.param("import requests\nasync def f(): await x(requests.get(u, verify=False))", id="async"),
        pytest.param("import requests\nf'{requests.get(u, verify=False)}'", id="inside an f-string"),
        pytest.param("import requests\nif (r := requests.get(u, verify=False)): pass", id="walrus"),
        pytest.param("import requests\n(requests.get)(u, verify=False)", id="parenthesised callee"),
        pytest.param("import requests\nrequests \\\n  .get(u, verify=False)", id="continued line"),
        pytest.param("import requests\nclass A:\n    x = requests.get(u, verify=False)", id="in a class body"),
    ],
)
def test_refers_to_the_import(source: str) -> None:
    assert len(found(GET, source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("requests.get(u, verify=False)", id="never imported"),
        pytest.param("import requests\ndef f(requests): requests.get(u, verify=False)", id="parameter"),
        pytest.param("import requests\nf = lambda requests: requests.get(u, verify=False)", id="lambda parameter"),
        pytest.param("import requests\nrequests = object()\nrequests.get(u, verify=False)", id="assigned over"),
        pytest.param(
            "import requests\ndef f():\n    requests = make()\n    requests.get(u, verify=False)", id="local variable"
        ),
        pytest.param(
            "import requests\n[requests.get(u, verify=False) for requests in rs]", id="comprehension variable"
        ),
        pytest.param("import requests\nfor requests in rs: requests.get(u, verify=False)", id="loop variable"),
        pytest.param(
            "import requests\ndef f():\n    with x as requests: requests.get(u, verify=False)", id="with target"
        ),
        pytest.param(
            "import requests\ndef f():\n    try: pass\n    except E as requests: requests.get(u, verify=False)",
            id="except target",
        ),
        pytest.param(
            "import requests\ndef f():\n    def requests(): pass\n    requests.get(u, verify=False)", id="local def"
        ),
        pytest.param("import requests\nclass requests: pass\nrequests.get(u, verify=False)", id="class of that name"),
        pytest.param(
            "import requests\nclass A:\n    requests = X()\n    requests.get(u, verify=False)",
            id="class scope, in the class",
        ),
        pytest.param("from . import requests\nrequests.get(u, verify=False)", id="relative import"),
        pytest.param("from .requests import get\nget(u, verify=False)", id="relative from import"),
        pytest.param("import requests\nrequests.get(u).json(verify=False)", id="method of a result"),
        pytest.param("import requests\nrequests.get[0](u, verify=False)", id="subscript in the chain"),
        pytest.param("import requests\nx.requests.get(u, verify=False)", id="attribute of something else"),
        pytest.param("import requests\ngetattr(requests, 'get')(u, verify=False)", id="getattr"),
        pytest.param("import requests.adapters as requests\nrequests.get(u, verify=False)", id="another module"),
        pytest.param(
            "import requests\ndef f():\n    global requests\n    requests = 1\nrequests.get(u, verify=False)",
            id="rebound through global",
        ),
        pytest.param(
            "import requests\ndef f():\n    match x:\n        case requests: requests.get(u, verify=False)",
            id="match capture",
        ),
        pytest.param("import requests\n(requests := x)\nrequests.get(u, verify=False)", id="walrus over it"),
        pytest.param("from requests import *\nget(u, verify=False)", id="star import"),
    ],
)
def test_refers_to_something_else(source: str) -> None:
    assert found(GET, source) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        pytest.param("V = False\nrequests.get(u, verify=V)", 1, id="module constant"),
        pytest.param("V = False\ndef f(): requests.get(u, verify=V)", 1, id="module constant in a function"),
        pytest.param("def f():\n    v = False\n    requests.get(u, verify=v)", 1, id="local constant"),
        pytest.param(
            "class A:\n    v = False\n    def f(self): requests.get(u, verify=self.v)", 1, id="class attribute"
        ),
        pytest.param(
            "class A:\n    def __init__(self): self.v = False\n    def f(self): requests.get(u, verify=self.v)",
            1,
            id="instance attribute",
        ),
        pytest.param("V: bool = False\nrequests.get(u, verify=V)", 1, id="annotated"),
        pytest.param("A = False\nB = A\nrequests.get(u, verify=B)", 1, id="two hops"),
        pytest.param("V = False\nV = True\nrequests.get(u, verify=V)", 0, id="assigned twice"),
        pytest.param("V = False\ndef f(V): requests.get(u, verify=V)", 0, id="shadowed by a parameter"),
        pytest.param("def f(v=False): requests.get(u, verify=v)", 0, id="a default is not a value"),
        pytest.param(
            "class A:\n    v = False\n    def __init__(self, v): self.v = v\n    def f(self): requests.get(u, verify=self.v)",
            0,
            id="attribute assigned elsewhere",
        ),
        pytest.param("V = False\nfor V in x: requests.get(u, verify=V)", 0, id="also a loop variable"),
        pytest.param("V = False\nV |= x\nrequests.get(u, verify=V)", 0, id="augmented"),
        pytest.param("V, W = False, True\nrequests.get(u, verify=V)", 0, id="unpacked"),
        pytest.param("V = V2 = False\nrequests.get(u, verify=V)", 1, id="chained targets"),
        pytest.param("A = B\nB = A\nrequests.get(u, verify=A)", 0, id="a circle ends"),
        pytest.param("requests.get(u, verify=0)", 0, id="0 is not False"),
        pytest.param("requests.get(u, verify='False')", 0, id="text is not False"),
    ],
)
def test_values_through_single_assignments(source: str, count: int) -> None:
    assert len(found(GET, "import requests\n" + source)) == count


SESSION = "method: get\non: requests.Session\nargs: {verify: {is: false}}"


@pytest.mark.parametrize(
    ("source", "count"),
    [
        pytest.param("requests.Session().get(u, verify=False)", 1, id="made and used"),
        pytest.param("s = requests.Session()\ns.get(u, verify=False)", 1, id="single binding"),
        pytest.param("s = requests.Session()\ndef f(): s.get(u, verify=False)", 1, id="module binding in a function"),
        pytest.param("with requests.Session() as s: s.get(u, verify=False)", 1, id="with"),
        pytest.param(
            "import contextlib\nwith contextlib.closing(requests.Session()) as s: s.get(u, verify=False)",
            1,
            id="closing",
        ),
        pytest.param("def f(s: requests.Session): s.get(u, verify=False)", 1, id="annotated parameter"),
        pytest.param("def f(s: 'requests.Session'): s.get(u, verify=False)", 1, id="quoted annotation"),
        pytest.param("def f(s: requests.Session | None): s.get(u, verify=False)", 1, id="optional annotation"),
        pytest.param(
            "from typing import Optional\ndef f(s: Optional[requests.Session]): s.get(u, verify=False)",
            1,
            id="Optional",
        ),
        pytest.param(
            "class A:\n    def __init__(self): self.s = requests.Session()\n    def f(self): self.s.get(u, verify=False)",
            1,
            id="self.s",
        ),
        pytest.param(
            "class A:\n    s = None\n    def __init__(self): self.s = requests.Session()\n"
            "    def f(self): self.s.get(u, verify=False)",
            1,
            id="None beside it",
        ),
        pytest.param(
            "class A:\n    def __init__(self, s=None): self.s = s or requests.Session()\n"
            "    def f(self): self.s.get(u, verify=False)",
            0,
            id="or something unknown",
        ),
        pytest.param(
            "class A:\n    def __init__(self): self.s = requests.Session()\n"
            "class B:\n    def f(self): self.s.get(u, verify=False)",
            0,
            id="another class's self",
        ),
        pytest.param(
            "class A:\n    def __init__(self): self.s = requests.Session()\n"
            "    @staticmethod\n    def f(self): self.s.get(u, verify=False)",
            0,
            id="staticmethod has no self",
        ),
        pytest.param(
            "if x: s = requests.Session()\nelse: s = requests.Session()\ns.get(u, verify=False)", 1, id="both branches"
        ),
        pytest.param(
            "if x: s = requests.Session()\nelse: s = Other()\ns.get(u, verify=False)", 0, id="one branch differs"
        ),
        pytest.param("def f(s): s.get(u, verify=False)", 0, id="unknown parameter"),
        pytest.param("s = requests.Session\ns.get(u, verify=False)", 0, id="the class, not an instance"),
        pytest.param("requests.Session().get(u).get(k, verify=False)", 0, id="a method's result is something else"),
    ],
)
def test_receivers(source: str, count: int) -> None:
    assert len(found(SESSION, "import requests\n" + source)) == count


def test_a_chain_of_receivers() -> None:
    find = "method: execute\non: sqlite3.connect().cursor\nargs: {sql: {at: 0, dynamic: true}}"
    source = py(
        """
        import sqlite3
        cur = sqlite3.connect(p).cursor()
        cur.execute(f"select {x}")
        sqlite3.connect(p).execute(f"select {x}")
        """
    )
    assert [line for line, _ in found(find, source)] == [3]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("with m.A() as x:\n    x.go()\nwith m.B() as x:\n    x.go()", 1),
        ("with m.A() as x:\n    x = m.B()\n    x.go()", 0),
        ("with m.A() as x:\n    for x in y:\n        x.go()", 0),
        ("x = m.B()\nwith m.A() as x:\n    def f():\n        x.go()", 0),
        ("with m.A() as x:\n    pass\nwith m.B() as x:\n    pass\nx.go()", 0),
    ],
)
def test_inside_a_with_its_own_name_holds(source: str, count: int) -> None:
    assert len(found("{method: go, on: m.A}", "import m\n" + source)) == count
