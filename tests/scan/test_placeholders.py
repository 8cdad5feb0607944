"""Values leave the text of a query and go beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.scan.kit import cured, py

FIND = """
method: [execute, fetch]
imports: db
args:
  query: {at: 0, dynamic: true, regex: "WHERE|VALUES|LIMIT"}
  parameters: {at: 1, missing: true}
"""


def with_style(style: str) -> str:
    return f"{{title: T, safety: hardening, args: {{placeholders: {{query: '{style}'}}}}}}"


def call(query: str) -> str:
    return f"import db\nc.execute({query})\n"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}'" """, '"SELECT a FROM t WHERE n = ?", (n,)', id="quoted"),
        pytest.param("""f"SELECT a FROM t WHERE n = {n}" """, '"SELECT a FROM t WHERE n = ?", (n,)', id="bare"),
        pytest.param(
            """f"SELECT a FROM t WHERE n = '{u.name}' AND k > {k + 1} ORDER BY a" """,
            '"SELECT a FROM t WHERE n = ? AND k > ? ORDER BY a", (u.name, k + 1)',
            id="two",
        ),
        pytest.param(
            """f"SELECT a FROM {t} WHERE n = '{n}'" """, """f"SELECT a FROM {t} WHERE n = ?", (n,)""", id="a table stays"
        ),
        pytest.param(
            """f"SELECT a FROM t WHERE n LIKE '%{n}%'" """,
            '"SELECT a FROM t WHERE n LIKE ?", (f"%{n}%",)',
            id="text beside it",
        ),
        pytest.param(
            """f"INSERT INTO t (a, b) VALUES ('{a}', {b}, 'x', {c})" """,
            """"INSERT INTO t (a, b) VALUES (?, ?, 'x', ?)", (a, b, c)""",
            id="values",
        ),
        pytest.param("""f"SELECT a FROM t WHERE n IN ({a}, {b})" """, '"SELECT a FROM t WHERE n IN (?, ?)", (a, b)', id="in"),
        pytest.param("""f"SELECT a FROM t WHERE d BETWEEN '{a}' AND '{b}'" """, '"SELECT a FROM t WHERE d BETWEEN ? AND ?", (a, b)', id="between"),
        pytest.param("""f"SELECT a FROM t WHERE x = 1 LIMIT {n}" """, '"SELECT a FROM t WHERE x = 1 LIMIT ?", (n,)', id="limit"),
        pytest.param('''f"""SELECT a\nFROM t\nWHERE n = '{n}'\n""" ''', '''"""SELECT a\nFROM t\nWHERE n = ?\n""", (n,)''', id="lines"),
        pytest.param("""rf"SELECT '\\d' FROM t WHERE n = '{n}'" """, """r"SELECT '\\d' FROM t WHERE n = ?", (n,)""", id="raw"),
        pytest.param("""f"SELECT '{{}}' FROM t WHERE n = '{n}'" """, """f"SELECT '{{}}' FROM t WHERE n = ?", (n,)""", id="braces keep the f"),
        pytest.param(
            """"SELECT a FROM t WHERE n = '" + n + "'" """, """"SELECT a FROM t WHERE n = ?", (n,)""", id="added"
        ),
        pytest.param(
            """"SELECT a FROM t WHERE n = '" + n + "' AND k = " + str(k) """,
            """"SELECT a FROM t WHERE n = ? AND k = ?", (n, str(k))""",
            id="added, bare at the end",
        ),
        pytest.param(
            """"SELECT a FROM " + t + " WHERE n = '" + n + "'" """,
            """"SELECT a FROM " + t + " WHERE n = ?", (n,)""",
            id="added, a table stays",
        ),
        pytest.param(
            """"SELECT a FROM t WHERE n LIKE '%" + n + "%'" """,
            '"SELECT a FROM t WHERE n LIKE ?", (f"%{n}%",)',
            id="added, text beside it",
        ),
        pytest.param("""f"SELECT a FROM t " f"WHERE n = '{n}'" """, """"SELECT a FROM t " "WHERE n = ?", (n,)""", id="pieces"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}" f"' AND k = 1" """, """"SELECT a FROM t WHERE n = ? AND k = 1", (n,)""", id="a quote in the next piece"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}" "' AND k = 1" """, None, id="the next piece is of another kind"),
        pytest.param(
            """"SELECT a FROM t WHERE n = '%s' AND k = %d" % (n, k)""",
            '"SELECT a FROM t WHERE n = ? AND k = ?", (n, k)',
            id="percent",
        ),
        pytest.param(
            """"SELECT a FROM t WHERE n LIKE '%%%s%%'" % n""",
            '"SELECT a FROM t WHERE n LIKE ?", (f"%{n}%",)',
            id="percent, doubled",
        ),
        pytest.param(
            """"SELECT a FROM t WHERE n LIKE 'x%%' AND k = %s" % k""",
            """"SELECT a FROM t WHERE n LIKE 'x%' AND k = ?", (k,)""",
            id="percent, single again",
        ),
        pytest.param(
            """"SELECT a FROM t WHERE n = '{}' AND k = {}".format(n, k)""",
            '"SELECT a FROM t WHERE n = ? AND k = ?", (n, k)',
            id="format",
        ),
        pytest.param(
            """"SELECT '{{}}' FROM t WHERE n = '{}'".format(n)""",
            """"SELECT '{}' FROM t WHERE n = ?", (n,)""",
            id="format, braces",
        ),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}'",""", '"SELECT a FROM t WHERE n = ?", (n,),', id="a comma at the end"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}'", timeout=3""", '"SELECT a FROM t WHERE n = ?", (n,), timeout=3', id="a keyword follows"),
        pytest.param(""""SELECT a FROM t WHERE n = '" + a + b + "'" """, '"SELECT a FROM t WHERE n = ?", (f"{a}{b}",)', id="side by side"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{a}-{b}'" """, '"SELECT a FROM t WHERE n = ?", (f"{a}-{b}",)', id="two in one value"),
    ],
)  # fmt: skip
def test_question_marks(query: str, expected: str | None) -> None:
    found = cured(FIND, with_style("?"), call(query))
    if expected is None:
        assert found.text == call(query)
        assert found.refused
    else:
        assert found.text == call(expected) or found.text == call(expected + " ")


@pytest.mark.parametrize(
    ("style", "query", "expected"),
    [
        pytest.param("%s", """f"SELECT a FROM t WHERE n = '{n}' AND m LIKE 'x%'" """, """"SELECT a FROM t WHERE n = %s AND m LIKE 'x%%'", (n,)""", id="percent is doubled"),
        pytest.param("%s", """"SELECT a FROM t WHERE n = '%s' AND m LIKE 'x%%'" % n""", """"SELECT a FROM t WHERE n = %s AND m LIKE 'x%%'", (n,)""", id="is doubled already"),
        pytest.param("$1", """f"SELECT a FROM t WHERE n = '{n}' AND k = {k}" """, '"SELECT a FROM t WHERE n = $1 AND k = $2", n, k', id="numbered"),
        pytest.param(":name", """f"SELECT a FROM t WHERE n = '{u.name}' AND k = {k} AND j = {other['k']}" """, '"SELECT a FROM t WHERE n = :name AND k = :k AND j = :k_2", {"name": u.name, "k": k, "k_2": other[\'k\']}', id="named"),
        pytest.param(":name", """"SELECT a FROM t WHERE n = '{}'".format(n)""", '"SELECT a FROM t WHERE n = :n", {"n": n}', id="named, format"),
        pytest.param(":name", """text(f"SELECT a FROM t WHERE n = '{f(1)}'")""", '''text("SELECT a FROM t WHERE n = :value"), {"value": f(1)}''', id="named, in a call"),
    ],
)  # fmt: skip
def test_styles(style: str, query: str, expected: str) -> None:
    find = FIND
    if query.startswith("text("):
        find = (
            FIND.replace("{at: 0, dynamic: true, regex: ", "{at: 0, call: builtins.text, args: {q: {at: 0, regex: ")
            .replace('LIMIT"}', 'LIMIT"}}}')
            .replace("builtins.text", "db.text")
        )
        source = "import db\nfrom db import text\nc.execute({})\n"
    else:
        source = "import db\nc.execute({})\n"
    found = cured(find, with_style(style), source.format(query))
    assert found.text.replace(" )", ")") == source.format(expected)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("""f"SELECT a FROM t WHERE n = '{n!r}'" """, id="a format of its own"),
        pytest.param("""f"SELECT a FROM {t} WHERE x = 1" """, id="only a table"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}' AND q = '?'" """, id="a question mark"),
        pytest.param("""f"SELECT a FROM t WHERE {column} = 1" """, id="a column"),
        pytest.param("""f"SELECT a FROM t WHERE n = {column} AND k = '{k}'" """, id="perhaps a column"),
        pytest.param("""f"SELECT a FROM t WHERE n IN ({names})" """, id="perhaps several"),
        pytest.param("""f"SELECT a FROM t WHERE n IN ('{names}')" """, id="perhaps several, joined by quotes"),
        pytest.param(""""INSERT INTO t VALUES (" + row + ")" """, id="perhaps a row"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}" """, id="never closed"),
        pytest.param("""f'SELECT a FROM t WHERE n = \\'{n}\\'' """, id="escaped quotes"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{x}{'y'}\\t'" """, id="escapes beside it"),
        pytest.param(""""SELECT a FROM %s WHERE n = '%s'" % (t, n)""", id="percent, a table"),
        pytest.param(""""SELECT a FROM t WHERE n = '%(n)s'" % {"n": n}""", id="percent, named"),
        pytest.param(""""SELECT a FROM t WHERE n = '{n}'".format(n=n)""", id="format, named"),
        pytest.param("""f"SELECT a FROM t WHERE n = '{n}'", *more""", id="something follows"),
        pytest.param("""query=f"SELECT a FROM t WHERE n = '{n}'" """, id="by keyword"),
        pytest.param(""" "SELECT a FROM t WHERE n = '" + n + f"' AND k = {k}" """, id="pieces of different kinds"),
    ],
)
def test_only_advice(query: str) -> None:
    found = cured(FIND, with_style("?"), call(query))
    assert found.text == call(query)


def test_built_in_the_statement_before() -> None:
    source = """
        import db

        def f(n):
            query = f"SELECT a FROM t WHERE n = '{n}'"
            return c.execute(query).fetchall()
    """
    expected = """
        import db

        def f(n):
            query = "SELECT a FROM t WHERE n = ?"
            return c.execute(query, (n,)).fetchall()
    """
    assert cured(FIND, with_style("?"), py(source)).text == py(expected)


def test_built_before_what_runs_next() -> None:
    source = """
        import db

        def f(n):
            query = "SELECT a FROM t WHERE n = '" + n + "'"
            with lock, open(n):
                try:
                    c.execute(query)
                finally:
                    pass
    """
    cure = cured(FIND, with_style("?"), py(source)).text
    assert 'query = "SELECT a FROM t WHERE n = ?"' in cure
    assert "c.execute(query, (n,))" in cure


def test_built_in_a_call_before() -> None:
    find = """
    method: execute
    imports: db
    args:
      query: {at: 0, call: db.text, args: {q: {at: 0, dynamic: true}}}
    """
    source = """
        import db

        def f(n):
            query = db.text(f"SELECT a FROM t WHERE n = '{n}'")
            c.execute(query)
    """
    cure = cured(find, with_style(":name"), py(source)).text
    assert 'query = db.text("SELECT a FROM t WHERE n = :n")' in cure
    assert 'c.execute(query, {"n": n})' in cure


@pytest.mark.parametrize(
    "between",
    [
        pytest.param("n = 3", id="the value changes"),
        pytest.param("print(query)", id="used once more"),
        pytest.param("if n:\n        pass", id="a statement between"),
    ],
)
def test_built_earlier_is_only_advice(between: str) -> None:
    source = f"""import db

def f(n):
    query = f"SELECT a FROM t WHERE n = '{{n}}'"
    {between}
    return c.execute(query)
"""
    assert cured(FIND, with_style("?"), source).text == source


def test_the_cured_query_finds_what_the_first_one_did() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE t (n TEXT, k INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("ann", 1), ("bob", 2), ("O'Neil", 3)])
        source = "import db\nrows = c.execute(f\"SELECT k FROM t WHERE n LIKE '%{n}%' AND k < {k} LIMIT {top}\").fetchall()\n"
        text = cured(FIND, with_style("?"), source).text
        assert text != source
        for name, expected in (("nn", [(1,)]), ("O'N", [(3,)])):
            space = {"c": connection, "n": name, "k": 9, "top": 5}
            exec(text.replace("import db\n", ""), space)
            assert space["rows"] == expected


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        pytest.param("import db, sqlite3", "n = ?", id="one"),
        pytest.param("import db\nfrom psycopg.rows import dict_row", "n = %s", id="something below the other"),
        pytest.param("import db, sqlite3, psycopg", "n = '{n}'", id="both"),
        pytest.param("import db", "n = '{n}'", id="neither"),
    ],
)
def test_the_imports_decide(imports: str, expected: str) -> None:
    fix = "{title: T, safety: hardening, args: {placeholders: {query: {sqlite3: '?', psycopg: '%s'}}}}"
    assert expected in cured(FIND, fix, f"{imports}\nc.execute(f\"SELECT a FROM t WHERE n = '{{n}}'\")\n").text
