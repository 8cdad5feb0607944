"""Do the tests of real packages say the same before and after the fixes?

For each suite: the sdist, a virtual environment with pinned packages (pins/), the tests twice (what differs between the
two is flaky and left out), then `devsec fix` on the package's own code, not on its tests, and the tests again: with the
safe fixes, with `--hardening`, and once with each finding's further cures. This runs code from PyPI, as a test suite
does: where the system lets an ordinary user have a network of his own (unshare), the tests get one with nothing in it.
"""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from packages import WORK
from realfix import KEPT

LIMIT = 240  # seconds for one run of one suite
PINS = pathlib.Path(__file__).with_name("pins")  # PACKAGE.txt: what its environment is made of

_SETTINGS = ("pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


class Suite(NamedTuple):
    """`code` is the package's folder below the sdist's; `needs` is installed beside it; `run` are pytest's arguments."""

    requirement: str
    code: str
    needs: tuple[str, ...] = ()
    run: tuple[str, ...] = ("tests",)
    environment: tuple[tuple[str, str], ...] = ()


SUITES = (
    Suite("requests==2.32.3", "src", ("pytest-httpbin", "pytest-mock", "trustme", "PySocks"),
          ("tests", "-k", "not test_connect_timeout and not test_total_timeout_connect")),
    Suite("httpx==0.28.0", "httpx", ("trio", "anyio", "uvicorn", "trustme", "chardet==5.2.0", "h2", "socksio",
                                     "click==8.1.7", "rich", "pygments", "brotli", "zstandard")),
    Suite("werkzeug==3.1.3", "src", ("ephemeral-port-reserve", "cryptography", "watchdog", "pytest-xprocess"),
          ("tests", "--ignore=tests/test_serving.py")),
    Suite("jinja2==3.1.4", "src", ("trio",)),
    Suite("flask==3.1.0", "src", ("asgiref", "python-dotenv", "click==8.1.7", "werkzeug==3.1.3")),
    Suite("starlette==0.41.3", "starlette", ("httpx==0.27.2", "jinja2", "python-multipart==0.0.12", "itsdangerous", "pyyaml",
                                             "trio==0.27.0", "anyio==4.6.2.post1", "typing_extensions==4.12.2")),
    Suite("paramiko==3.5.0", "paramiko", ("icecream", "pytest-relaxed==2.0.2", "invoke==2.2.0", "lexicon==2.0.1",
                                          "pytest==7.4.4")),
    Suite("tornado==6.4.2", "tornado", (), ("tornado/test", "-o", "python_files=*_test.py"),
          (("TORNADO_EXTENSION", "0"), ("ASYNC_TEST_TIMEOUT", "20"))),
    Suite("fabric==3.2.2", "fabric", ("pytest-relaxed==2.0.2", "icecream", "invoke==2.2.0", "paramiko==3.5.0", "lexicon==2.0.1",
                                      "pytest==7.4.4")),
)  # fmt: skip

# (package, stage) -> why the tests say something else, by somebody who looked.
REMARKS: dict[tuple[str, str], str] = {
    ("requests", "further"): (
        "HTTP digest authentication is defined with MD5 and SHA-1: with another hash the server refuses. "
        "The safe cure is the right one here."
    ),
    ("werkzeug", "further"): (
        "An ETag is a SHA-1 of the content: with SHA-256 it is another one, and the tests compare literally."
    ),
    ("fabric", "hardening"): (
        "Fabric accepts any host's key by default, and two tests say that it does. The cure takes just that away: this is what "
        "--hardening means."
    ),
    ("jinja2", "further"): (
        "The file name of a compiled template is a SHA-1 of its name, and a test compares it literally."
    ),
    ("paramiko", "further"): (
        "A key's fingerprint is an MD5, and SHA-1 is what OpenSSH hashes host names and control paths with: the formats "
        "say so, and a client that hashes otherwise knows no host and no key."
    ),
}

# Package -> what fails before and after alike, by somebody who looked.
FAILING: dict[str, str] = {
    "requests": "the client certificate among its test files ended in March 2026.",
    "tornado": "all in three mixins, which pytest takes for tests and Tornado's own runner does not.",
    "fabric": "one starts another Python on the sources, which the tests' environment does not let it.",
    "starlette": "two ask whether a folder may be read; here they ran as root, who may.",
    "paramiko": "nine load encrypted keys in a format that the cryptography they ran with reads no more.",
    "httpx": (
        "three ask a name server, which a test without a network has none of; two look at the log of another uvicorn, "
        "one at a warning of another trio."
    ),
}


class Ran(NamedTuple):
    """What a run said: test id -> passed, failed, error, skipped."""

    results: dict[str, str]
    seconds: float
    trouble: str = ""


def run(only: list[str]) -> list[str]:
    """Runs each suite and keeps what it says; returns those whose safe fixes changed something."""
    broken = []
    for suite in SUITES:
        if only and suite.requirement.split("==")[0] not in only:
            continue
        row = measured(suite)
        (KEPT / f"suite-{suite.requirement}.json").write_text(json.dumps(row, indent=1))
        print(suite.requirement, {k: v for k, v in row.items() if k != "differences"}, flush=True)
        for stage, changes in row.get("differences", {}).items():
            for change in changes:
                print(f"  {stage}: {change}", flush=True)
        broken += [f"{suite.requirement} safe: {change}" for change in row.get("differences", {}).get("safe", ())]
        if row.get("trouble"):
            broken.append(f"{suite.requirement}: {row['trouble']}")
    return broken


def measured(suite: Suite) -> dict:
    """All runs of one suite as one row."""
    home = WORK / "suites" / suite.requirement
    python = home / "venv" / "bin" / "python"
    top = home / "tree"
    row: dict = {"package": suite.requirement, "differences": {}, "fixes": {}}
    if not (home / "ready").exists():
        trouble = _installed(suite, home)
        if trouble:
            return {**row, "trouble": trouble}
    _fresh(home)
    first = _tests(suite, python, top)
    second = _tests(suite, python, top)
    row["seconds"] = first.seconds
    if first.trouble or second.trouble:
        return {**row, "trouble": first.trouble or second.trouble}
    flaky = {t for t in {*first.results, *second.results} if first.results.get(t) != second.results.get(t)}
    steady = {t: said for t, said in first.results.items() if t not in flaky}
    if "passed" not in steady.values():
        return {**row, "trouble": "no test passes as the package is"}
    row["tests"], row["flaky"] = dict(Counter(steady.values())), sorted(flaky)
    for stage, cure in (("safe", _safe), ("hardening", _hardening), ("further", _further)):
        _fresh(home)
        done = cure(top, suite)
        row["fixes"][stage] = done
        if not done or (stage == "hardening" and done == row["fixes"]["safe"]):
            continue
        after = _tests(suite, python, top)
        if after.trouble:
            row["differences"][stage] = [after.trouble]
            continue
        row["differences"][stage] = [
            f"{test}: {steady.get(test, 'not there')}, now {after.results.get(test, 'not there')}"
            for test in sorted({*steady, *after.results} - flaky)
            if steady.get(test) != after.results.get(test)
        ]
    return row


def _installed(suite: Suite, home: pathlib.Path) -> str:
    """Sdist and environment; why not, when there is trouble."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(home)]
    if subprocess.run([*download, suite.requirement], check=False, capture_output=True).returncode:
        return "the sdist is not to be had here"
    archive = next(path for path in home.iterdir() if path.name.endswith((".tar.gz", ".zip")))
    with tarfile.open(archive) as tar:
        tar.extractall(home / "unpacked", filter="data")
    next((home / "unpacked").iterdir()).rename(home / "pristine")
    shutil.copytree(home / "pristine", home / "tree", symlinks=True)
    subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
    own = any(need.startswith("pytest==") for need in suite.needs)
    pinned = PINS / f"{suite.requirement.split('==')[0]}.txt"
    pins = ["-c", str(pinned)] if pinned.exists() else []
    install = [str(home / "venv/bin/python"), "-m", "pip", "install", "-q", *pins]
    environment = {**_environment(), **dict(suite.environment)}
    for what in (
        [*(["pytest==8.3.4"] * (not own)), "pytest-timeout==2.3.1", "setuptools<81", *suite.needs],
        ["-e", str(home / "tree")],
    ):
        done = subprocess.run([*install, *what], check=False, capture_output=True, text=True, env=environment)
        if done.returncode:
            return f"cannot be installed: {done.stderr[-300:]}"
    (home / "ready").touch()
    return ""


def _fresh(home: pathlib.Path) -> None:
    """The tree as the sdist has it, beside what the installation put there."""
    shutil.copytree(home / "pristine", home / "tree", symlinks=True, dirs_exist_ok=True)


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR", "PIP_INDEX_URL")}
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _tests(suite: Suite, python: pathlib.Path, top: pathlib.Path) -> Ran:
    """One run, bounded in time."""
    report = top.parent / "report.xml"
    report.unlink(missing_ok=True)
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=60", f"--junitxml={report}"]
    if not any(b"pytest" in (top / name).read_bytes() for name in _SETTINGS if (top / name).exists()):
        command += ["-c", os.devnull, f"--rootdir={top}"]  # or pytest would find devsec's own settings further up
    command += suite.run
    alone = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if shutil.which("unshare") and not subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        command = [*alone, *command]
    started = time.monotonic()
    with open(top.parent / "output.txt", "wb") as said:
        process = subprocess.Popen(
            command,
            cwd=top,
            env={**_environment(), **dict(suite.environment)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            return Ran({}, LIMIT, f"the tests took longer than {LIMIT} seconds")
        finally:
            with suppress(ProcessLookupError):  # servers that tests left behind, too
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    seconds = round(time.monotonic() - started, 1)
    if not report.exists():
        return Ran({}, seconds, "pytest made no report: " + (top.parent / "output.txt").read_text()[-300:])
    return Ran(_results(report), seconds)


def _results(report: pathlib.Path) -> dict[str, str]:
    results: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        said = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        while name in results:  # one id twice is two tests
            name += "'"
        results[name] = {"failure": "failed"}.get(said, said)
    return results


# --- the cures -----------------------------------------------------------------------------------------------------------


def _safe(top: pathlib.Path, suite: Suite) -> dict[str, int]:
    return _by_command(top, suite, [])


def _hardening(top: pathlib.Path, suite: Suite) -> dict[str, int]:
    return _by_command(top, suite, ["--hardening"])


def _by_command(top: pathlib.Path, suite: Suite, how: list[str]) -> dict[str, int]:
    """`devsec fix` on the package's code, every rule named so that silent notes are cured too. Rule: title -> how often."""
    from devsec.catalog.load import load

    rules = [part for rule in load().rules for part in ("--only", rule.id)]
    command = [sys.executable, "-m", "devsec", "fix", "--no-config", *how, *rules, "--", *_code(top, suite)]
    done = subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(f"devsec fix: {done.stderr[-500:]}")
    said = Counter(line.split("  ", 2)[2] for line in done.stdout.splitlines() if line.startswith("fixed  "))
    return dict(sorted(said.items()))


def _code(top: pathlib.Path, suite: Suite) -> list[str]:
    """The package's Python files without its tests, relative to the tree."""
    found = (path.relative_to(top) for path in (top / suite.code).rglob("*.py"))
    return sorted(str(path) for path in found if not {"test", "tests"}.intersection(path.parts))


def _further(top: pathlib.Path, suite: Suite) -> dict[str, int]:
    """The second cure of each finding that has two, as `devsec fix -i` would make it."""
    from devsec.catalog.load import load
    from devsec.fix.plan import Patch, cure
    from devsec.fix.write import write
    from devsec.levels import Safety
    from devsec.scan.engine import Scanner
    from devsec.scan.gate import Gate
    from devsec.sources.source import Skipped
    from devsec.sources.tree import walk

    catalogue = load()
    scanner = Scanner(catalogue, Gate.build(catalogue))
    made: Counter[str] = Counter()

    def writable(finding):
        return [fix for fix in finding.fixes if fix.edits and fix.safety is not Safety.ADVICE]

    for source in walk([str(top / path) for path in _code(top, suite)]):
        found = () if isinstance(source, Skipped) else scanner.scan(source)
        some = () if isinstance(found, Skipped) else [f for f in found if len(writable(f)) > 1]
        if some:
            patch = cure(source, some, scanner, lambda _, now: writable(now)[1] if len(writable(now)) > 1 else "gone")
            if isinstance(patch, Patch):
                write(source.path, patch)
                made.update(f"{applied.rule}: {applied.title}" for applied in patch.applied)
    return dict(sorted(made.items()))
