"""How long does a whole repository take, cold and warm, against ruff and bandit on the same files?

    python bench/whole.py [--runs 3] [--bandit]

The files are releases of packages on PyPI (wheels, unpacked as data). In turn, in one run: `devsec check .` with an empty cache
of results and with a filled one, `ruff check --select S` without and with its cache, and with --bandit `bandit -r` (installed
beside, in an environment of its own). Prints medians, ratios, and the most memory a process of devsec's took.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import commit

WORK = pathlib.Path(__file__).parent / ".work" / "whole"
PACKAGES = [
    ("django", "5.1"),
    ("celery", "5.4.0"),
    ("ansible-core", "2.17.0"),
    ("paramiko", "3.5.0"),
    ("requests", "2.32.3"),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--bandit", action="store_true")
    args = parser.parse_args()
    tree = WORK / "tree"
    for package, version in PACKAGES:
        release = commit.unpack(package, version)
        if not (tree / release.name).is_dir():
            shutil.copytree(release, tree / release.name)
    files = list(tree.rglob("*.py"))
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    print(f"{len(files):,} Python files, {lines:,} lines, {os.cpu_count()} cores")

    beside = pathlib.Path(sys.executable).parent
    caches = WORK / "cache"
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"DEVSEC_CACHE_DIR": str(caches)}
    devsec = [str(beside / "devsec"), "check", "--no-config", "."]
    ruff = [str(beside / "ruff"), "check", "--isolated", "--quiet", "--select", "S", "."]
    timed(devsec, tree, env)  # the rules are compiled, as after the first commit
    time.sleep(2.5)
    timed(devsec, tree, env)
    rows: dict[str, list[float]] = {}
    most = 0
    for _ in range(args.runs):
        for old in (*caches.glob("clean-*"), *caches.glob("found-*")):
            old.unlink()
        for name, command in (
            ("devsec, cold", devsec),
            ("devsec, warm", devsec),
            ("ruff S, no cache", [*ruff, "--no-cache"]),
            ("ruff S, cache", [*ruff, "--cache-dir", str(WORK / "ruff")]),
        ):
            seconds, memory = timed(command, tree, env)
            rows.setdefault(name, []).append(seconds)
            most = max(most, memory) if name.startswith("devsec") else most
    if args.bandit:
        rows["bandit"] = [timed([commit.bandit(), "-r", "-q", "."], tree, env)[0]]
    took = {name: statistics.median(times) for name, times in rows.items()}
    for name, seconds in took.items():
        print(f"  {name:18} {seconds:7.2f} s")
    print(f"  cold / ruff        {took['devsec, cold'] / took['ruff S, no cache']:7.1f}")
    print(f"  warm / ruff cached {took['devsec, warm'] / took['ruff S, cache']:7.1f}")
    if args.bandit:
        print(f"  bandit / cold      {took['bandit'] / took['devsec, cold']:7.1f}")
    print(f"  memory of a process, at most {most >> 10} MB")
    return 0


def timed(command: list[str], folder: pathlib.Path, env: dict[str, str]) -> tuple[float, int]:
    """Seconds, and the most memory in KB that it or a child of it took."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - start, usage.ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
