"""Is a name bound to what it should be? The last question before a cure is written."""

from __future__ import annotations

import pytest

from devsec.sources.source import Source
from devsec.text import Span
from tests.scan.kit import scanner


@pytest.mark.parametrize(
    ("source", "why"),
    [
        pytest.param("import ssl\nssl.make()", "", id="imported"),
        pytest.param("import ssl as s\ns.make()", "", id="under an alias"),
        pytest.param("from ssl import make as ssl\nssl()", "", id="by name"),
        pytest.param("def f():\n    ssl.make()\nimport ssl", "", id="imported below, used in a function"),
        pytest.param("ssl.make()", "would not refer", id="not imported"),
        pytest.param("ssl.make()\nimport ssl", "before it is imported", id="imported below"),
        pytest.param("import ssl\ndef f(ssl): ssl.make()", "would not refer", id="a parameter"),
        pytest.param("import ssl\nssl = 1\nssl.make()", "would not refer", id="assigned over"),
        pytest.param("from . import ssl\nssl.make()", "would not refer", id="another module"),
        pytest.param(
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ssl\nssl.make()",
            "type checking",
            id="typing only",
        ),
    ],
)
def test_bound(source: str, why: str) -> None:
    spelled = next(name for name in ("ssl.make", "s.make", "ssl") if name + "(" in source)
    start = source.rindex(spelled + "(")
    wanted = [(Span(start, start + len(spelled)), "ssl.make")]
    result = scanner("call: m.f").unbound(Source("a.py", source.encode()), wanted)
    assert (result == ()) if not why else (len(result) == 1 and why in result[0])
