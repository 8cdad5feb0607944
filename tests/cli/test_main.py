"""How a command ends when it does not end well."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from devsec import __version__
from devsec.cli import main
from devsec.cli.group import COMMANDS, devsec
from devsec.cli.look import is_plain
from devsec.cli.surroundings import compare_with


@pytest.fixture(autouse=True)
def _no_gc_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setattr("gc.freeze", lambda: None)


def ends(monkeypatch: pytest.MonkeyPatch, error: BaseException, *options: str) -> int:
    def broken(*args: object, **kwargs: object) -> None:
        canary = "canary"  # a local of the frame, as source text would be
        raise error from ValueError(canary)

    monkeypatch.setattr("devsec.run.check", broken)
    with pytest.raises(SystemExit) as end:
        main(["check", *options, "secret-name.py"])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_a_fault_is_3_with_a_report_that_holds_no_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ends(monkeypatch, KeyError("canary in the message")) == 3
    said = capsys.readouterr()
    assert "a fault in devsec itself (KeyError)" in said.err
    assert "Traceback" not in said.err
    (report,) = tmp_path.iterdir()
    assert str(report) in said.err
    text = report.read_text()
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "in broken" in text
    assert __version__ in text
    assert "canary" not in text
    assert "secret-name" not in text


@pytest.mark.parametrize(
    ("error", "options"),
    [(KeyboardInterrupt(), []), (KeyboardInterrupt(), ["--no-config"]), (click.Abort(), ["--no-config"])],
    ids=["without click", "with click", "as click says it"],
)
def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch, error: BaseException, options: list[str]) -> None:
    assert ends(monkeypatch, error, *options) == 130


def test_file_names_need_no_parser_of_options_and_options_do() -> None:
    assert is_plain(["check"])
    assert is_plain(["check", "a.py", "folder/b.py"])
    for other in ([], ["fix"], ["check", "--all"], ["check", "a.py", "-h"], ["check", "--", "a.py"], ["--version"]):
        assert not is_plain(other)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"devsec {__version__}\n"


def test_every_command_is_there_and_has_its_file() -> None:
    context = click.Context(devsec)
    for name in COMMANDS:
        command = devsec.get_command(context, name)
        assert command is not None
        assert command.name == name
    folder = Path(__file__).parents[2] / "devsec/cli"
    assert set(COMMANDS) <= {file.stem for file in folder.glob("*.py")}


@pytest.mark.parametrize(
    ("environ", "commit"),
    [
        ({}, ""),
        ({"PRE_COMMIT": "1"}, "HEAD"),
        ({"PRE_COMMIT": "1", "PRE_COMMIT_FROM_REF": "abc", "PRE_COMMIT_TO_REF": "def"}, "abc"),
        ({"PRE_COMMIT_FROM_REF": "abc"}, ""),
    ],
)
def test_what_the_framework_compares_with(environ: dict[str, str], commit: str) -> None:
    assert compare_with(environ) == commit
