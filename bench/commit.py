"""How long does a commit wait for devsec? As ratios to a baseline in the same run.

    python bench/commit.py [--package requests] [--commits 30] [--runs 5]

Builds a repository from successive releases of a package on PyPI (wheels, unpacked as data), a few files a commit. With each
commit staged, times in turn:

- baseline: `python -c "import click"` and `git diff --cached`, what any Python hook built on click pays;
- devsec:   `devsec check`.

Prints the median of the ratios, apart for commits that need LibCST (some statement may hold a finding) and those that do
not. With --bandit each commit also brings a line that blocks it, and is timed against bandit on its Python files.
"""

from __future__ import annotations

import argparse
import itertools
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
import zipfile

WORK = pathlib.Path(__file__).parent / ".work" / "commit"
RELEASES = {
    "requests": ["2.28.0", "2.28.2", "2.29.0", "2.30.0", "2.31.0", "2.32.0", "2.32.3"],
    "flask": ["2.2.0", "2.3.0", "2.3.3", "3.0.0", "3.0.3", "3.1.0"],
    "paramiko": ["2.10.0", "2.12.0", "3.0.0", "3.3.0", "3.4.0", "3.5.0"],
    "django": ["5.1"],
    "celery": ["5.0.0", "5.1.0", "5.2.0", "5.3.0", "5.4.0"],
    "ansible-core": ["2.14.0", "2.15.0", "2.16.0", "2.17.0"],
}
FILES_A_COMMIT = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--package", choices=sorted(RELEASES), default="requests")
    parser.add_argument("--commits", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--bandit", action="store_true", help="commits with a finding, against bandit")
    args = parser.parse_args()
    releases = [unpack(args.package, version) for version in RELEASES[args.package]]
    repo = WORK / f"{args.package}-repo"
    shutil.rmtree(repo, ignore_errors=True)
    repo.mkdir(parents=True)
    # As after an installation: what is imported was compiled.
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") and k != "PYTHONDONTWRITEBYTECODE"}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "DEVSEC_CACHE_DIR": str(WORK / "cache")}
    git = Git(repo, env)
    git("init", "-q")
    git("config", "user.email", "bench@example.org")
    git("config", "user.name", "bench")
    git("config", "gc.auto", "0")
    copy(releases[0], repo, files(releases[0]))
    git("add", "-A")
    git("commit", "-q", "-m", "first release")

    devsec = [str(pathlib.Path(sys.executable).parent / "devsec"), "check"]
    baseline = [[sys.executable, "-c", "import click"], ["git", "diff", "--cached"]]
    wait([devsec], repo, env)  # fills the cache of compiled rules
    time.sleep(2.5)  # rules written in the last two seconds are not trusted to a cache
    wait([devsec], repo, env)
    quiet, busy, found = [], [], 0
    against: list[tuple[float, float]] = []
    for step in commits(releases, args.commits):
        for path, data in step:
            target = repo / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        if args.bandit:
            (repo / "blocked.py").write_text(BLOCKED.format(len(against)))
            git("add", "-A")
            python = [str(path) for path, _ in step if path.suffix == ".py"] + ["blocked.py"]
            both = [(wait([devsec], repo, env), wait([[bandit(), "-q", *python]], repo, env)) for _ in range(args.runs)]
            against.append((statistics.median(o for o, _ in both), statistics.median(t for _, t in both)))
            git("commit", "-q", "-m", "step")
            continue
        git("add", "-A")
        pairs = [(wait(baseline, repo, env), wait([devsec], repo, env)) for _ in range(args.runs)]
        parsed = parses(devsec, repo, env)
        ratio = statistics.median(ours / theirs for theirs, ours in pairs)
        (busy if parsed else quiet).append(
            (ratio, statistics.median(o for _, o in pairs), statistics.median(b for b, _ in pairs))
        )
        found += subprocess.run(devsec, cwd=repo, env=env, capture_output=True, check=False).returncode == 1
        git("commit", "-q", "-m", "step")
    if args.bandit:
        ratios = sorted(ours / theirs for ours, theirs in against)
        ours, theirs = (1000 * statistics.median(column) for column in zip(*against, strict=True))
        print(f"{args.package}: {len(ratios)} commits with a finding, of up to {FILES_A_COMMIT} files and one more")
        print(
            f"  devsec/bandit median {statistics.median(ratios):.2f} (min {ratios[0]:.2f}, max {ratios[-1]:.2f})"
            f"   devsec {ours:.0f} ms   bandit {theirs:.0f} ms"
        )
        return 0
    print(f"{args.package}: {len(quiet) + len(busy)} commits of up to {FILES_A_COMMIT} files, {args.runs} runs each")
    for name, rows in (("LibCST not needed", quiet), ("LibCST needed", busy)):
        if rows:
            ratios = sorted(ratio for ratio, _, _ in rows)
            print(
                f"  {name:20} {len(rows):4} commits   devsec/baseline median {statistics.median(ratios):.2f}"
                f" (min {ratios[0]:.2f}, max {ratios[-1]:.2f})   devsec {1000 * statistics.median(o for _, o, _ in rows):.0f} ms"
                f"   baseline {1000 * statistics.median(b for _, _, b in rows):.0f} ms"
            )
    print(f"  blocked {found} of {len(quiet) + len(busy)}")
    return 0


BLOCKED = """\
import requests


def profile(user):
    return requests.get(f"https://profiles.example/{{user}}/{}", verify=False, timeout=5)
"""


def bandit() -> str:
    """bandit, installed beside in an environment of its own."""
    venv = WORK.parent / "whole" / "bandit"
    if not (venv / "bin" / "bandit").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "pip"), "install", "-q", "bandit"], check=True)
    return str(venv / "bin" / "bandit")


class Git:
    def __init__(self, repo: pathlib.Path, env: dict[str, str]) -> None:
        self.repo, self.env = repo, env

    def __call__(self, *args: str) -> None:
        subprocess.run(["git", *args], cwd=self.repo, env=self.env, check=True, capture_output=True)


def wait(commands: list[list[str]], repo: pathlib.Path, env: dict[str, str]) -> float:
    start = time.perf_counter()
    for command in commands:
        subprocess.run(command, cwd=repo, env=env, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def parses(devsec: list[str], repo: pathlib.Path, env: dict[str, str]) -> bool:
    """Whether this commit makes devsec load LibCST."""
    command = [sys.executable, "-X", "importtime", "-m", "devsec", *devsec[1:]]
    out = subprocess.run(command, cwd=repo, env=env, capture_output=True, check=False)
    return b"| libcst\n" in out.stderr or b"libcst.metadata\n" in out.stderr


def unpack(package: str, version: str) -> pathlib.Path:
    folder = WORK / f"{package}-{version}"
    if not folder.is_dir():
        download = WORK / "download"
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(download),
             f"{package}=={version}"],
            check=True,
        )  # fmt: skip
        stem = package.replace("-", "_")
        wheel = next(p for p in sorted(download.iterdir()) if p.name.lower().startswith(f"{stem}-{version}-"))
        with zipfile.ZipFile(wheel) as zipped:
            zipped.extractall(folder)
    return folder


def files(release: pathlib.Path) -> list[pathlib.Path]:
    return sorted(p.relative_to(release) for p in release.rglob("*") if p.is_file() and ".dist-info" not in p.parts[-2])


def copy(release: pathlib.Path, repo: pathlib.Path, paths: list[pathlib.Path]) -> None:
    for path in paths:
        target = repo / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((release / path).read_bytes())


def commits(releases: list[pathlib.Path], limit: int):
    """Changes between releases, a few files at a time."""
    made = 0
    for old, new in itertools.pairwise(releases):
        changed = [
            path
            for path in files(new)
            if not (old / path).is_file() or (old / path).read_bytes() != (new / path).read_bytes()
        ]
        for start in range(0, len(changed), FILES_A_COMMIT):
            if made == limit:
                return
            made += 1
            yield [(path, (new / path).read_bytes()) for path in changed[start : start + FILES_A_COMMIT]]


if __name__ == "__main__":
    sys.exit(main())
