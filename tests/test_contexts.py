"""What is a path, and what may nobody say about one?"""

from __future__ import annotations

from typing import Any

import pytest

from devsec.catalog import terms
from devsec.config import load
from devsec.contexts import DATA, EXPOSURES, LIFECYCLES, Context, context_of, parse, values_of
from devsec.errors import ConfigError


def entries(*tables: dict[str, Any]) -> Any:
    return parse(list(tables), "devsec.toml")


def test_rules_and_configuration_speak_the_same_words() -> None:
    assert (terms.EXPOSURES, terms.DATA, terms.LIFECYCLES) == (EXPOSURES, DATA, LIFECYCLES)


def test_later_wins_key_by_key_and_labels_add_up() -> None:
    said = entries(
        {"paths": ["**"], "exposure": "internal", "data": "standard", "labels": ["acme"]},
        {"paths": ["services/**"], "exposure": "public", "because": "the load balancer"},
        {"paths": ["services/checkout/"], "data": "sensitive", "labels": ["pci", "acme"]},
        {"paths": ["tests/", "!services/checkout/tests/load.py"], "lifecycle": "test"},
    )
    assert context_of("setup.py", said) == Context("internal", "standard", "", ("acme",))
    assert context_of("services/shop/a.py", said) == Context("public", "standard", "", ("acme",))
    assert context_of("services/checkout/a.py", said) == Context("public", "sensitive", "", ("acme", "pci"))
    assert context_of("services/checkout/tests/a.py", said).lifecycle == "test"
    assert context_of("services/checkout/tests/load.py", said).lifecycle == ""
    assert [(value.key, value.word, value.entry.number) for value in values_of("services/checkout/a.py", said)] == [
        ("exposure", "public", 1),
        ("data", "sensitive", 2),
        ("labels", "acme", 0),
        ("labels", "pci", 2),
    ]


def test_nothing_is_inferred() -> None:
    said = entries({"paths": ["a/**"], "lifecycle": "test"})
    assert context_of("tests/test_b.py", said) == Context()
    assert context_of("tests/test_b.py", ()) == Context()


def test_a_context_in_words() -> None:
    assert Context("public", "sensitive", "test", ("pci",)).said() == "public, sensitive data, test, pci"
    assert Context().said() == ""


ONE = {"paths": ["a/**"], "exposure": "public"}


@pytest.mark.parametrize(
    ("table", "says", "hints"),
    [
        ({**ONE, "exposur": "public"}, "unknown key 'exposur'", "'exposure'"),
        ({**ONE, "exposure": "publik"}, "exposure = 'publik'", "'public'"),
        ({**ONE, "exposure": ""}, "exposure = ''", "internal, partner, public"),
        ({**ONE, "exposure": ["public"]}, "exposure = ['public']", "internal, partner, public"),
        ({**ONE, "data": 3}, "data = 3", "none, standard, sensitive"),
        ({**ONE, "data": "sensible"}, "data = 'sensible'", "'sensitive'"),
        ({**ONE, "lifecycle": "prod"}, "lifecycle = 'prod'", "'production'"),
        ({**ONE, "labels": "pci"}, "labels must be a list", 'labels = ["…"]'),
        ({**ONE, "labels": ["a b"]}, "'a b' is no label", "one word"),
        ({**ONE, "labels": ["a\x1b[2J"]}, "is no label", "one word"),
        ({**ONE, "because": 1}, "because must be a string", ""),
        ({"paths": ["a"]}, "says nothing about its paths", "exposure"),
        ({"paths": ["a"], "because": "so"}, "says nothing about its paths", "exposure"),
        ({"exposure": "public"}, "has no paths", "paths = ["),
        ({"paths": [], "exposure": "public"}, "paths is empty", '["**"]'),
        ({"paths": "a", "exposure": "public"}, "paths must be a list", ""),
        ({"paths": [""], "exposure": "public"}, "paths must be a list", ""),
        ({"paths": ["/etc/**"], "exposure": "public"}, "'/etc/**' is absolute", "'etc/**' is found at the root alone"),
        ({"paths": ["!/etc"], "exposure": "public"}, "'!/etc' is absolute", "inside it"),
        ({"paths": ["C:/code"], "exposure": "public"}, "'C:/code' is absolute", "inside it"),
        ({"paths": ["a\\b"], "exposure": "public"}, "of another system", "forward slashes"),
        ({"paths": ["~/x"], "exposure": "public"}, "'~/x' is absolute", "inside it"),
        ({"paths": ["../up/**"], "exposure": "public"}, "does not stay inside", "inside it"),
        ({"paths": ["a/../../up"], "exposure": "public"}, "does not stay inside", "inside it"),
        ({"paths": ["./a"], "exposure": "public"}, "names no path", "begin at the root"),
        ({"paths": ["!"], "exposure": "public"}, "names no path", "begin at the root"),
    ],
)
def test_refused(table: dict[str, Any], says: str, hints: str) -> None:
    with pytest.raises(ConfigError) as caught:
        entries(ONE, table)
    assert caught.value.message.startswith("devsec.toml: context 2")
    assert says in caught.value.message
    assert hints in caught.value.hint


@pytest.mark.parametrize("text", ["context = 3", 'context = "a"', "context = [1]", "[context]\npaths = ['a']"])
def test_no_list_of_tables(tmp_path: Any, text: str) -> None:
    (tmp_path / "devsec.toml").write_text(text)
    with pytest.raises(ConfigError, match="context must be a list of tables") as caught:
        load(str(tmp_path))
    assert caught.value.hint == "Write [[context]] above each of them."


def test_in_pyproject(tmp_path: Any) -> None:
    (tmp_path / "pyproject.toml").write_text('[[tool.devsec.context]]\npaths = ["a"]\ndata = "none"\n')
    assert context_of("a/b.py", load(str(tmp_path)).contexts).data == "none"
    (tmp_path / "pyproject.toml").write_text("[tool.devsec]\ncontext = 1\n")
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path))
    assert "[[tool.devsec.context]]" in caught.value.hint
