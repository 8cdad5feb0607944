"""The Python of a notebook: which cells it is, where it stands in the file, and what comes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cells import PYTHON, code, notebook, sources

from devsec.fix.plan import Patch, plan
from devsec.scan.formats.json_words import unescaped
from devsec.scan.magics import Kind, reading, swapped
from devsec.scan.notebook import Notebook
from devsec.scan.notebook import notebook as read
from devsec.sources.source import Skipped, Source
from devsec.text import Span
from tests.scan.kit import found, scanner

FIND = "call: [requests.get, requests.post]\nargs: {verify: {is: false}}"
DROP = "{title: Check again, safety: safe, args: {drop: [verify]}}"
CALL = "{title: Call the new one, safety: safe, call: modern.fetch}"
GET = "requests.get(url, verify=False)"


def book(text: str) -> Notebook:
    made = read(text.encode())
    assert isinstance(made, Notebook), made
    return made


def text_of(text: str) -> list[str]:
    return [script.text.decode() for script in book(text).scripts]


# --- where ----------------------------------------------------------------------------------------------------------------


def spans(text: str, find: str = FIND) -> list[tuple[str, str, int, int]]:
    """(where, what stands there in the file, line, column) of each finding."""
    result = scanner(find).scan(Source("a.ipynb", text.encode()))
    assert isinstance(result, tuple), result
    data = text.encode()
    return [(f.where, data[f.span.start : f.span.end].decode(), f.start.line, f.start.column) for f in result]


def test_a_name_bound_in_one_cell_is_called_in_another() -> None:
    text = notebook("import requests", {"cell_type": "markdown", "metadata": {}, "source": [GET]}, f"x = 1\n{GET}")
    line = text.splitlines().index(f'    "{GET}"') + 1
    # The markdown says the same: the last is the one in the code.
    line = len(text.splitlines()) - text.splitlines()[::-1].index(f'    "{GET}"')
    assert spans(text) == [("cell 3, line 2", GET, line, 5)]


def test_a_name_may_end_where_the_text_of_a_cell_does() -> None:
    text = notebook("import requests\ncall = requests.get", "call(url, verify=False)")
    assert scanner(FIND).scan(Source("a.ipynb", text.encode()))


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("indent", [1, None])
def test_escapes_and_letters_before_the_finding_move_nothing(ascii_only: bool, indent: int | None) -> None:
    text = notebook(
        'import requests\nname = "é\\n\\"𝄞\\t"', ('s = "\\u00e9 ü"\n' + GET,), indent=indent, ascii_only=ascii_only
    )
    ((where, there, line, column),) = spans(text)
    assert (where, there) == ("cell 2, line 2", GET)
    assert text.splitlines()[line - 1][column:].startswith(GET)


def test_a_call_over_several_lines_is_told_as_code_and_not_as_json() -> None:
    text = notebook("import requests\nrequests.get(\n    url,\n    verify=False,\n)\n")
    assert found(FIND, text, path="a.ipynb") == [(10, "requests.get( url, verify=False, )")]
    ((_, there, _, _),) = spans(text)
    assert there == 'requests.get(\\n",\n    "    url,\\n",\n    "    verify=False,\\n",\n    ")'


def test_every_byte_leads_back() -> None:
    text = notebook('a = "é\\t"\n', ("b = '𝄞\"'\nc = 1",), ascii_only=True)
    (script,) = book(text).scripts
    for at in range(len(script.text)):
        raw = text.encode()[script.starts[at] : script.ends[at]].decode()
        assert not raw or script.text[at : at + 1] in json.loads(f'"{raw}"').encode()
    whole = Span(script.text.index(b"b = "), script.text.index(b"c = 1"))
    assert script.inside(script.outside(whole)) == whole


# --- which cells ----------------------------------------------------------------------------------------------------------

MAGICS = [
    pytest.param("%matplotlib inline\nx = 1", "pass\nx = 1", id="a line magic"),
    pytest.param("!pip install x\nx = 1", "pass\nx = 1", id="a command"),
    pytest.param("!!ls\n", "pass\n", id="a command twice marked"),
    pytest.param("?x\nx?\nx.y??\n", "pass\npass\npass\n", id="help"),
    pytest.param("if x:\n    !ls\n", "if x:\n    pass\n", id="indented"),
    pytest.param("!pip install \\\n  x\ny = 1", "pass\ny = 1", id="over two lines"),
    pytest.param("files = !ls\na = %sql select 1\n", "files = None\na = None\n", id="assigned"),
    pytest.param("pip install x\ny = 1", "pass\ny = 1", id="a bare command"),
    pytest.param("x = (7\n%2)\n!ls", "x = (7\n%2)\npass", id="a remainder in brackets is none"),
    pytest.param('s = """\n%x\n!y\n"""\n!ls', 's = """\n%x\n!y\n"""\npass', id="in a text is none"),
    pytest.param('s = "(" # [\n!ls', 's = "(" # [\npass', id="brackets in a text and a comment"),
    pytest.param("%time x = f()\n", "x = f()\n", id="a statement is timed"),
    pytest.param("%timeit -n 10 -r3 f()\n", "f()\n", id="a statement is timed, with options"),
    pytest.param("%time\n", "pass\n", id="nothing is timed"),
    pytest.param("%%time\n\nx = 1", "\n\nx = 1", id="a cell is timed"),
    pytest.param("%%capture out\n!ls\nx = 1", "\npass\nx = 1", id="a magic below the magic of the cell"),
    pytest.param("%%own_magic 3\nx = 1", "\nx = 1", id="somebody's own magic over Python"),
    pytest.param("  x = 1\n  y = 2\n", "x = 1\ny = 2\n", id="indented as a whole"),
    pytest.param(">>> x = (1,\n... 2)\n", "x = (1,\n2)\n", id="pasted with prompts"),
    pytest.param("await f()\nasync with x: pass", "await f()\nasync with x: pass", id="await at the top"),
    pytest.param("x = 1\r\n!ls\r\n", "x = 1\r\npass\r\n", id="CRLF"),
]


@pytest.mark.parametrize(("cell", "meant"), MAGICS)
def test_what_only_ipython_understands_is_replaced(cell: str, meant: str) -> None:
    read = reading(cell)
    assert (read.kind, swapped(cell, list(read.swaps))) == (Kind.MAIN, meant)
    assert text_of(notebook(code([cell]))) == [meant]


@pytest.mark.parametrize(
    "cell", ["%%bash\nx=1", "%%html\n<a>", "%%R\nx <- 1", "%%writefile a.txt\nx = 1", "%%my_sql\nselect 1", "%%sql\nx"]
)
def test_a_cell_in_another_language_is_left_out(cell: str) -> None:
    assert text_of(notebook(cell)) == []
    assert book(notebook(cell)).broken == ()


def test_a_file_written_by_a_cell_is_a_module_of_its_own() -> None:
    assert text_of(notebook("import a", "%%writefile train.py\nimport b", "a.f()")) == ["import a\na.f()", "\nimport b"]
    text = notebook("import requests", f"%%writefile train.py\n{GET}", f"%%script python3\nimport requests\n{GET}")
    assert [where for where, *_ in spans(text)] == ["cell 3, line 3"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "R", "name": "ir"}},
        {"kernelspec": {"name": "ir"}},
        {"language_info": {"name": "julia"}},
        {"kernelspec": {"name": "julia-1.9", "display_name": "Julia"}},
    ],
)
def test_another_kernel_is_no_python(metadata: dict[str, Any]) -> None:
    assert text_of(notebook(GET, metadata=metadata)) == []


@pytest.mark.parametrize(
    "metadata", [{}, PYTHON, {"kernelspec": {"name": "conda-env-x"}}, {"kernelspec": 3}, {"a": []}]
)
def test_any_other_kernel_is(metadata: dict[str, Any]) -> None:
    assert text_of(notebook(GET, metadata=metadata)) == [GET]


def test_one_cell_may_say_that_it_is_another_language() -> None:
    assert text_of(
        notebook(code("x <- 1", vscode={"languageId": "r"}), code("y", vscode={"languageId": "python"}))
    ) == ["y"]


def test_the_third_format_is_read_too() -> None:
    cell = {"cell_type": "code", "language": "python", "input": ["import requests\n", GET], "outputs": []}
    text = json.dumps({"metadata": {}, "nbformat": 3, "worksheets": [{"cells": [cell, {**cell, "language": "r"}]}]})
    assert [where for where, *_ in spans(text)] == ["cell 1, line 2"]


# --- the gate -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        rb'"import requests\nrequests.get(u,\tverify=False)"',
        rb'"import requests\nrequests.get(u, v\u0065rify=False)"',
        rb'["import requests\n", "\u0072equests.get(u, verify=\u0046alse)"]',
    ],
)
def test_the_gate_sees_words_through_escapes(raw: bytes) -> None:
    data = b'{"cells": [{"cell_type": "code", "source": %s}], "metadata": {}}' % raw
    scan = scanner(FIND)
    assert scan.gate.hits(data, "a.ipynb") == ("probe",)
    result = scan.scan(Source("a.ipynb", data))
    assert isinstance(result, tuple)
    assert len(result) == 1


def test_the_gate_lets_a_notebook_go_that_has_not_all_words() -> None:
    assert scanner(FIND).gate.hits(notebook("import requests\nrequests.get(u)").encode(), "a.ipynb") == ()
    assert scanner(FIND).gate.hits(notebook(f"import requests\n{GET}").encode(), "a.json") == ()


def test_escapes_are_taken_for_what_they_mean() -> None:
    assert unescaped(rb"a\nb\\nc\"d\/e\u00e9\tf\\\\") == 'a\nb\\nc"d/eé\tf\\\\'.encode()


# --- what cannot be read --------------------------------------------------------------------------------------------------


def skipped(text: str | bytes) -> str:
    result = scanner(FIND).scan(Source("a.ipynb", text if isinstance(text, bytes) else text.encode()))
    assert isinstance(result, Skipped), result
    return result.reason


def test_a_cell_that_does_not_parse_is_told_and_the_others_are_looked_at() -> None:
    text = notebook("import requests", f"print {GET}", GET)
    assert skipped(text).startswith("cell 2 could not be read: syntax error, line 1")
    scan = scanner(FIND)
    rest = scan.all_the_same(Source("a.ipynb", text.encode()), scan.gate.hits(text.encode(), "a.ipynb"))
    assert [finding.where for finding in rest] == ["cell 3, line 1"]


def test_a_cell_that_does_not_parse_and_could_hold_nothing_stays_quiet() -> None:
    text = notebook("import requests", "print 'done'", GET)
    assert [where for where, *_ in spans(text)] == ["cell 3, line 1"]


def test_what_a_broken_cell_needs_may_be_bound_in_another() -> None:
    find = "method: get\non: requests.Session\nargs: {verify: {is: false}}"
    text = notebook("import requests\ns = requests.Session()", "print s.get(u, verify=False)")
    result = scanner(find).scan(Source("a.ipynb", text.encode()))
    assert isinstance(result, Skipped)
    assert result.reason.startswith("cell 2 could not be read")


WORDS = "requests get verify False"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(f'{{"cells": [ "{WORDS}"', "it is not valid JSON, line 1", id="cut short"),
        pytest.param(f"<<<<<<< HEAD\n{WORDS}", "it is not valid JSON, line 1", id="a conflict"),
        pytest.param(f'{{"cells": []}} "{WORDS}"', "it is not valid JSON, line 1: Extra data", id="more behind it"),
        pytest.param(f'["{WORDS}"]', "no notebook", id="a list"),
        pytest.param(f'{{"a": "{WORDS}"}}', "no notebook", id="no cells"),
        pytest.param(f'{{"cells": {"[" * 200_000}"{WORDS}"', "nested too deeply", id="deep"),
        pytest.param(notebook(f"import requests\nx = '\0'\n{GET}"), "cell 1 could not be read", id="NUL in a cell"),
        pytest.param(notebook(f"import requests\n{GET}{'(' * 5000}"), "cell 1 could not be read", id="deep in a cell"),
    ],
)
def test_a_notebook_that_cannot_be_read_is_said(text: str, reason: str) -> None:
    assert reason in skipped(text)


@pytest.mark.parametrize(
    "cells",
    [[1, None, "x", []], [{}], [{"cell_type": "code"}], [{"cell_type": "code", "source": None}],
     [{"cell_type": "code", "source": [1, None, {}]}], [{"cell_type": "code", "source": []}], {"a": 1}, []],
)  # fmt: skip
def test_cells_of_another_kind_are_no_fault(cells: Any) -> None:
    text = json.dumps({"cells": cells, "x": WORDS}).replace('{"cells": {"a": 1}', '{"worksheets": 3, "cells": []')
    assert spans(text) == []


def test_pictures_raise_no_alarm_and_are_not_too_much() -> None:
    picture = {"data": {"image/png": "iVBORw0KGgo" + "token+password/key=" * 1_000_000}, "output_type": "display_data"}
    text = notebook(code(f"import requests\nrequests.get('{WORDS}')", picture))
    assert spans(text) == []
    setting = scanner("setting: {names: true}\nvalue: {strength: strong}")
    assert setting.gate.hits(text.encode(), "a.ipynb") == ()
    named = text.replace("requests.get(", "f(password=").encode()
    assert setting.gate.hits(named, "a.ipynb") == ("probe",)
    assert setting.scan(Source("a.ipynb", named)) == ()


# --- cures ----------------------------------------------------------------------------------------------------------------


def cured(text: str, fix: str = DROP, find: str = FIND) -> Patch:
    scan = scanner(find, fix)
    source = Source("a.ipynb", text.encode())
    found = scan.scan(source)
    assert isinstance(found, tuple)
    patch = plan(source, found, scan)
    assert isinstance(patch, Patch)
    return patch


def test_a_cure_changes_its_own_bytes_only() -> None:
    text = notebook('import requests\nname = "\\u00e9"', f"%matplotlib inline\n{GET}\nx?", ascii_only=True)
    assert cured(text).after.decode() == text.replace(", verify=False", "")


@pytest.mark.parametrize("indent", [1, 4, None])
@pytest.mark.parametrize("held", [list, str])
def test_an_import_goes_to_the_imports_whatever_holds_them(held: type, indent: int | None) -> None:
    cells = ["import requests\nprint(requests)", f"%%time\n{GET}"]
    text = notebook(*((c if held is list else code((c,))) for c in cells), indent=indent)
    patch = cured(text, CALL)
    assert not patch.refused
    assert sources(patch.after.decode()) == [
        "import modern\nimport requests\nprint(requests)",
        "%%time\nmodern.fetch(url, verify=False)",
    ]
    kinds = {type(cell["source"]) for cell in json.loads(patch.after)["cells"]}
    assert kinds == {held}
    if held is list:
        assert json.loads(patch.after)["cells"][0]["source"][0] == "import modern\n"
        assert len(patch.after.splitlines()) == len(text.splitlines()) + (indent is not None)


def test_an_import_after_the_last_line_of_a_cell_stays_in_that_cell() -> None:
    patch = cured(notebook("import os\nprint(os)\nimport requests", f"%%time\nprint(requests)\n{GET}"), CALL)
    first, second = sources(patch.after.decode())
    assert "import modern" in first
    assert second == "%%time\nprint(requests)\nmodern.fetch(url, verify=False)"


def test_a_statement_that_goes_takes_its_string_along() -> None:
    find = "call: urllib3.disable_warnings"
    fix = "{title: Hear them, safety: safe, delete: true}"
    text = notebook("import urllib3\nurllib3.disable_warnings()\nprint(urllib3)")
    patch = cured(text, fix, find)
    assert json.loads(patch.after)["cells"][0]["source"] == ["import urllib3\n", "print(urllib3)"]
    last = cured(notebook("import urllib3\nprint(urllib3)\nurllib3.disable_warnings()"), fix, find)
    assert json.loads(last.after)["cells"][0]["source"] == ["import urllib3\n", "print(urllib3)\n"]


def test_a_cell_that_cannot_be_compiled_is_not_cured() -> None:
    patch = cured(notebook(f"import requests\n{GET}", "return 1"))
    assert patch.after == patch.before
    assert "does not compile" in patch.refused[0].reason


def test_what_cannot_be_written_for_sure_is_advice() -> None:
    # The margin that IPython takes away would have to be put before the new line, too.
    text = notebook(f"  import requests\n  print(requests)\n  {GET}")
    result = scanner(FIND, CALL).scan(Source("a.ipynb", text.encode()))
    assert isinstance(result, tuple)
    (fix,) = result[0].fixes
    assert (fix.safety.value, fix.edits) == ("advice", ())
    assert "modern.fetch" in fix.note
