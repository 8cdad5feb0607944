"""Comments that silence nothing any more go, and nothing else does."""

from __future__ import annotations

import cells
import pytest

from devsec.fix.unsilence import without
from devsec.policy.suppress import ignores
from devsec.sources.source import Source

C = "devsec: ignore[a] test why"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param("a.py", "x = 1  # {}\ny = 2\n", "x = 1\ny = 2\n", id="behind code"),
        pytest.param("a.py", "x = 1\t# {}", "x = 1", id="no line end"),
        pytest.param("a.py", "# {}\nx = 1\n", "x = 1\n", id="a line of its own"),
        pytest.param("a.py", "if x:\r\n    # {}\r\n    y = 1\r\n", "if x:\r\n    y = 1\r\n", id="crlf"),
        pytest.param("a.py", "x = 1  # noqa  # {}\n", "x = 1  # noqa\n", id="behind a comment"),
        pytest.param("a.py", "x = 1  # {}  # noqa\n", "x = 1  # noqa\n", id="before a comment"),
        pytest.param("a.py", "# {}\n# more\nx = 1\n", "# more\nx = 1\n", id="more comment stays"),
        pytest.param("a.py", "x = [  # {}\n  1]\n", "x = [\n  1]\n", id="inside a statement"),
        pytest.param("a.py", "é = 'ü'  # {} größer\n", "é = 'ü'\n", id="not ASCII"),
        pytest.param("a.yaml", "k: 1  # {}\n", "k: 1\n", id="yaml"),
        pytest.param("a.toml", "k = 1 # {}\n", "k = 1\n", id="toml"),
        pytest.param("a.js", "a(); /* {} */ b();\n", "a(); b();\n", id="between code"),
        pytest.param("a.js", "a(); // {}\n", "a();\n", id="javascript"),
        pytest.param("a.css", "/* {} */\na {{}}\n", "a {{}}\n", id="css"),
        pytest.param("a.sql", "SELECT 1; -- {}\n", "SELECT 1;\n", id="sql"),
        pytest.param("a.html", "<p>\n<!-- {} -->\n<b>x</b>\n", "<p>\n<b>x</b>\n", id="html"),
        pytest.param("a.sh", "a\n# {}\nb\n", "a\nb\n", id="shell"),
        pytest.param("a.ini", "[s]\n; {}\nk = 1\n", "[s]\nk = 1\n", id="ini"),
    ],
)
def test_it_goes(path: str, text: str, expected: str) -> None:
    data = text.format(C).encode()
    (comment,) = ignores(path, data)
    done = without(Source(path, data), [(comment, ("a",))])
    assert (done.source.data.decode(), done.kept) == (expected.format(), ())


@pytest.mark.parametrize(
    ("ids", "left", "stay"),
    [
        ("a, b", ("a",), "b"),
        ("a, b", ("b",), "a"),
        ("a,b,c", ("b",), "a,c"),
        ("a, b , c", ("a", "c"), "b "),
        (" a, b", ("b",), " a"),
    ],
)
def test_one_rule_of_several_goes(ids: str, left: tuple[str, ...], stay: str) -> None:
    data = f"x = 1  # devsec: ignore[{ids}] test why  # noqa\n".encode()
    (comment,) = ignores("a.py", data)
    done = without(Source("a.py", data), [(comment, left)])
    assert done.source.data.decode() == f"x = 1  # devsec: ignore[{stay}] test why  # noqa\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param("a.yaml", "run: |\n  x  # {}\n", id="in a block of yaml"),
        pytest.param("a.yaml", "k: 'x # {}'\n", id="in a string of yaml"),
        pytest.param("a.yaml", "{{{{ template\n# {}\n", id="what is no yaml"),
        pytest.param("a.js", 'const s = "// {}";\n', id="in a string of javascript"),
        pytest.param("a.js", "const s = `\n// {}\n`;\n", id="in a template of javascript"),
        pytest.param("a.js", "/*\n * {}\n */\na();\n", id="in a longer comment"),
        pytest.param("a.js", "/* {}\n more */\na();\n", id="a longer comment"),
        pytest.param("a.sh", "cat <<E\n# {}\nE\n", id="in a here-document"),
        pytest.param("a.rs", "a(); // {}\n", id="a language that is not read"),
        pytest.param("a.json", '{{"x": "{}"}}\n', id="json"),
    ],
)
def test_where_it_is_not_certain_it_stays(path: str, text: str) -> None:
    data = text.format(C).encode()
    (comment,) = ignores(path, data)
    done = without(Source(path, data), [(comment, ("a",))])
    assert (done.source.data, len(done.kept)) == (data, 1)


def test_several_at_once_and_where_their_lines_were() -> None:
    text = f"# {C}\nx = 1  # {C}\n# {C.replace('[a]', '[b]')}\ny = 2\n# {C}\nz = 3\n"
    left = [(comment, ("a",)) for comment in ignores("a.py", text.encode()) if comment.rules == ("a",)]
    done = without(Source("a.py", text.encode()), left)
    assert done.source.data.decode() == f"x = 1\n# {C.replace('[a]', '[b]')}\ny = 2\nz = 3\n"
    assert [done.was(line) for line in (1, 2, 3, 4)] == [2, 3, 4, 6]


def test_another_encoding_and_a_mark_before_it() -> None:
    for encoding, head in (("latin-1", "# coding: latin-1\n"), ("utf-8-sig", "")):
        data = f"{head}x = 'é'  # {C}\n".encode(encoding)
        comments = ignores("a.py", f"{head}x = 'é'  # {C}\n".encode())
        done = without(Source("a.py", data), [(comments[0], ("a",))])
        assert done.source.data == f"{head}x = 'é'\n".encode(encoding)


def test_in_a_notebook_its_json_stays_what_it_was() -> None:
    for cell in (f"x = 1  # {C}\ny = 2\n", cells.code((f"x = 1  # {C}\ny = 2\n",))):
        data = cells.notebook(cell).encode()
        (comment,) = ignores("a.ipynb", data)
        done = without(Source("a.ipynb", data), [(comment, ("a",))])
        assert done.source.data == data.replace(f"  # {C}".encode(), b"")
