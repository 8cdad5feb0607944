"""What a repository may say, and what it may not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Repo

from devsec.config import Config, load
from devsec.errors import ConfigError
from devsec.levels import Level
from tests.devsec_process import devsec

GOOD = """
rules = ["security/rules"]
exclude = ["vendor/", "*_pb2.py"]
[levels]
some-rule = "warn"
other-rule = "off"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "security/rules").mkdir(parents=True)
    return tmp_path


def in_pyproject(text: str) -> str:
    return "[tool.devsec]\n" + text.replace("[levels]", "[tool.devsec.levels]")


def test_nothing_said(root: Path) -> None:
    assert load(str(root)) == Config()


@pytest.mark.parametrize(("file", "text"), [("devsec.toml", GOOD), ("pyproject.toml", in_pyproject(GOOD))])
def test_both_files_say_the_same(root: Path, file: str, text: str) -> None:
    (root / file).write_text(text)
    config = load(str(root))
    assert config.rules == ("security/rules",)
    assert config.exclude == ("vendor/", "*_pb2.py")
    assert (config.level("some-rule"), config.level("other-rule"), config.level("third")) == (
        Level.WARN,
        Level.OFF,
        None,
    )
    assert config.file == file


def test_devsec_toml_wins(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.devsec]\nexclude = ["a"]\n')
    (root / "devsec.toml").write_text('exclude = ["b"]\n')
    assert load(str(root)).exclude == ("b",)


@pytest.mark.parametrize("spelling", ['[tool."devsec"]\n', "[ tool . devsec ]\n", "tool.devsec.", "[tool]\ndevsec."])
def test_every_spelling_of_the_table(root: Path, spelling: str) -> None:
    (root / "pyproject.toml").write_text(spelling + 'exclude = ["b"]\n')
    assert load(str(root)).exclude == ("b",)


def test_a_project_that_says_nothing_pays_no_parser(root: Path) -> None:
    (root / "pyproject.toml").write_text('[project]\nname = "x"\n')
    code = "import sys; from devsec.config import load;load(sys.argv[1]); sys.exit('tomllib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code, str(root)], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "says", "hints"),
    [
        pytest.param('exclud = ["a"]', "'exclud'", "'exclude'", id="unknown key, nearest named"),
        pytest.param(
            "zzz = 1", "'zzz'", "context, exclude, fix, ignore, levels, packs, rules", id="unknown key, nothing near"
        ),
        pytest.param('exclude = "a"', "exclude must be a list", "", id="not a list"),
        pytest.param("exclude = [1]", "exclude must be a list", "", id="not strings"),
        pytest.param('levels = "off"', "levels must be a table", "", id="levels no table"),
        pytest.param('[levels]\nx = "blok"', "x = 'blok'", "block", id="no such level"),
        pytest.param("[levels]\nx = 1", "x = 1", "block", id="level no string"),
        pytest.param("exclude = [", "not TOML", "--no-config", id="not TOML"),
        pytest.param('rules = ["../up"]', "'../up'", "inside", id="out by dots"),
        pytest.param('rules = ["security/../../up"]', "does not stay", "inside", id="out by dots in the middle"),
        pytest.param('rules = ["/etc"]', "'/etc'", "inside", id="absolute"),
        pytest.param('rules = ["nowhere"]', "no folder 'nowhere'", "inside", id="missing folder"),
        pytest.param('rules = ["link"]', "link out of the repository", "inside", id="link out"),
        pytest.param('rules = ["circle"]', "'circle'", "inside", id="link in circles"),
    ],
)
def test_refused(root: Path, tmp_path_factory: pytest.TempPathFactory, text: str, says: str, hints: str) -> None:
    (root / "link").symlink_to(tmp_path_factory.mktemp("elsewhere"))
    (root / "circle").symlink_to("circle")
    (root / "devsec.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(str(root))
    assert says in caught.value.message
    assert caught.value.message.startswith("devsec.toml")
    assert hints in caught.value.hint


def test_unreadable_is_refused_not_ignored(root: Path) -> None:
    (root / "devsec.toml").mkdir()
    with pytest.raises(ConfigError, match=r"devsec\.toml cannot be read"):
        load(str(root))


def test_a_level_for_a_rule_that_does_not_exist(root: Path) -> None:
    config = Config(levels=(("yaml-laod", Level.OFF),), file="devsec.toml")
    with pytest.raises(ConfigError, match="no rule 'yaml-laod'") as caught:
        config.check_rules(["yaml-load", "other"])
    assert "'yaml-load'" in caught.value.hint
    config.check_rules(["yaml-laod"])


def test_what_fix_may_apply(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.devsec.fix]\napply = ["some-rule", "road:yaml.load"]\n')
    config = load(str(root))
    assert config.apply == ("some-rule", "road:yaml.load")
    config.check_rules(["some-rule"])
    config.check_roads(["yaml.load"])
    with pytest.raises(ConfigError, match=r"fix\.apply: there is no rule 'some-rule'"):
        config.check_rules(["some-rules"])
    with pytest.raises(ConfigError, match=r"there is no .road:yaml\.load.") as error:
        config.check_roads(["yaml.loads"])
    assert "road:yaml.loads" in error.value.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fix = 3", "fix must be a table"),
        ('[fix]\naply = ["a"]', "fix: unknown key 'aply'"),
        ('[fix]\napply = "a"', "apply must be a list of strings"),
    ],
)
def test_what_fix_cannot_mean(root: Path, text: str, says: str) -> None:
    (root / "devsec.toml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        load(str(root))


def test_a_configuration_above_the_repository_is_somebody_elses(repo: Repo, tmp_path: Path) -> None:
    """A home folder or a shared build machine must not decide what is checked here: neither does the folder one is in."""
    (repo.root.parent / "devsec.toml").write_text('exclude = ["**"]\n[levels]\nno-such-rule = "off"\n')
    (repo.root.parent / "pyproject.toml").write_text("[tool.devsec]\nrulse = 1\n")
    (repo.root / "devsec.toml").unlink()
    repo.write("pyproject.toml", "[tool.devsec]\nrules = ['rules']\n")
    repo.stage("below/app.py", "import legacy\nlegacy.old(password=secret)\n")
    repo.write("below/devsec.toml", 'exclude = ["**"]\n')
    for words, folder in (((), "."), ((), "below"), (("app.py",), "below"), (("--all",), "below")):
        done = devsec("check", *words, cwd=repo.root / folder)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "blocks  old" in done.stdout
    # Nor for files where no repository is: then the folder one is in says it.
    outside = tmp_path / "outside" / "deep"
    outside.mkdir(parents=True)
    (outside.parent / "devsec.toml").write_text("rulse = 1\n")
    (outside / "app.py").write_text("x = 1\n")
    done = devsec("check", "app.py", cwd=outside)
    assert done.returncode == 0, done.stderr
