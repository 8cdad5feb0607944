"""A command line becomes a list where the shell does nothing but take it apart."""

from __future__ import annotations

import subprocess

import pytest

from tests.scan.kit import cured

FIND = """
call: subprocess.check_output
args:
  args: {at: 0, dynamic: true}
  shell: {is: true}
"""
FIX = "{title: T, safety: hardening, args: {split: [args], drop: [shell]}}"


def call(command: str, shell: str = ", shell=True") -> str:
    return f"import shlex\nimport subprocess\nsubprocess.check_output({command}{shell})\n"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        pytest.param('f"du -sh {path}"', '["du", "-sh", str(path)]', id="f-string"),
        pytest.param("f\"du -sh '{path}'\"", '["du", "-sh", str(path)]', id="quotes around a part"),
        pytest.param("f'du -sh \"{path}\"'", '["du", "-sh", str(path)]', id="double quotes around a part"),
        pytest.param('f"du -sh {str(path)}"', '["du", "-sh", str(path)]', id="text already"),
        pytest.param('"du -sh " + path', '["du", "-sh", path]', id="added"),
        pytest.param("\"du -sh '\" + path + \"'\"", '["du", "-sh", path]', id="added, quoted"),
        pytest.param('"du -sh %s" % path', '["du", "-sh", str(path)]', id="percent"),
        pytest.param('"date +%%F %s" % zone', '["date", "+%F", str(zone)]', id="percent, doubled"),
        pytest.param('"du {} {}".format(a, b)', '["du", str(a), str(b)]', id="format"),
        pytest.param('f"tar -C {root}/data -cf {name}.tar ."', '["tar", "-C", f"{root}/data", "-cf", f"{name}.tar", "."]', id="parts of words"),
        pytest.param('f"grep -e \'two words\' {path}"', '["grep", "-e", "two words", str(path)]', id="a quoted word"),
        pytest.param('f"grep -e \'\' {path}"', '["grep", "-e", "", str(path)]', id="an empty word"),
        pytest.param("f\"echo '\\\"' {x}\"", None, id="an escape in the source"),
        pytest.param('f"du -sh {shlex.quote(path)} {x}"', '["du", "-sh", path, str(x)]', id="quoted before"),
        pytest.param('f"cat {path} | wc -l"', None, id="a pipe"),
        pytest.param('f"rm {path}/*.log"', None, id="a wildcard"),
        pytest.param('f"echo $HOME {path}"', None, id="a variable"),
        pytest.param("f'echo \"$HOME {path}\"'", None, id="a variable in double quotes"),
        pytest.param('f"cd {path}"', None, id="the shell's own"),
        pytest.param('f"LANG=C sort {path}"', None, id="a setting before the program"),
        pytest.param('f"{tool} --help {x}"', None, id="the program is a variable"),
        pytest.param('f"run{x} --help"', None, id="part of the program is a variable"),
        pytest.param('f"ls {args}"', None, id="named like several words"),
        pytest.param("f\"ls {' '.join(names)}\"", None, id="joined"),
        pytest.param('f"ls {shlex.join(names)} {x}"', None, id="joined and quoted"),
        pytest.param('f"head -n {n:d} x"', None, id="a format of its own"),
        pytest.param("f\"ls '{x}\"", None, id="a quote that is never closed"),
        pytest.param('f"ls {x}\\n"', None, id="a line break"),
        pytest.param('f"awk {{x}} {path}"', None, id="braces"),
    ],
)  # fmt: skip
def test_words(command: str, words: str | None) -> None:
    text = cured(FIND, FIX, call(command)).text
    assert text == (call(words, "") if words else call(command))


def test_the_list_gives_what_the_shell_gave() -> None:
    source = call("f\"printf '%s-%s.' {a} 'x y' {b}\"").replace(
        "subprocess.check_output(", "out = subprocess.check_output("
    )
    text = cured(FIND, FIX, source).text
    assert "[" in text
    for code in (source, text):
        space = {"a": "one", "b": 2}
        exec(code, space)
        assert space["out"] == b"one-x y.2-."  # type: ignore[comparison-overlap]


def test_what_the_shell_would_run_is_an_argument() -> None:
    text = cured(
        FIND, FIX, call('f"printf %s {a}"').replace("subprocess.check_output(", "out = subprocess.check_output(")
    ).text
    space: dict[str, object] = {"a": "x; echo harm", "subprocess": subprocess}
    exec(text, space)
    assert space["out"] == b"x; echo harm"
