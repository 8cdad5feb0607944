"""How does devsec stand in CI? docs/ci.md says why its jobs are as they are."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

from devsec.errors import UsageError
from devsec.setup import yamltext
from devsec.setup.lines import MARK, apart, append, take

GITHUB = ".github/workflows/devsec.yml"
GITLAB = ".gitlab-ci.yml"
_WORKFLOWS = ".github/workflows"
# Where other services look, for telling that devsec is there.
_OTHERS = (
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    ".circleci/config.yml",
    ".woodpecker.yml",
    ".drone.yml",
    "Jenkinsfile",
    ".travis.yml",
)

WORKFLOW = """\
name: devsec
on: pull_request
permissions:
  contents: read
jobs:
  devsec:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install devsec
      - run: devsec check --since "origin/${{ github.base_ref }}" --format github
"""
JOB = """\
devsec:
  image: python:3.12
  variables:
    GIT_DEPTH: 0
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  script:
    - pip install devsec
    - git fetch origin "+refs/heads/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME:refs/remotes/origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
    - devsec check --since "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME" --output junit:devsec.xml
  artifacts:
    when: always
    reports:
      junit: devsec.xml
"""
_BY = "# Written by `devsec init`; `devsec uninstall` takes it back.\n"


def files(root: str) -> list[str]:
    """The files that say what CI does here."""
    try:
        names = sorted(os.listdir(os.path.join(root, _WORKFLOWS)))
    except OSError:
        names = []
    workflows = [f"{_WORKFLOWS}/{name}" for name in names if name.endswith((".yml", ".yaml"))]
    return [f for f in (*workflows, GITLAB, *_OTHERS) if os.path.isfile(os.path.join(root, f))]


def there(text: str) -> bool:
    """Whether a job calls devsec. (`pre-commit run` is none: it compares with HEAD, which in CI has it all.)"""
    return any(re.search(r"\bdevsec\b", line) for line in text.splitlines() if not line.lstrip().startswith("#"))


def service(root: str, remotes: Sequence[str]) -> str:
    """Whose CI this repository has, by its files or else by where it comes from; "" for what we cannot tell."""
    if os.path.isfile(os.path.join(root, GITLAB)):
        return "gitlab"
    if os.path.isdir(os.path.join(root, ".github")):
        return "github"
    for address in remotes:
        host = re.sub(r"^[a-z+]+://", "", address).rpartition("@")[2].partition("/")[0].partition(":")[0].lower()
        for name in ("github", "gitlab"):
            if name in host.split("."):
                return name
    return ""


def workflow(install: str = "devsec") -> str:
    """The file for GitHub. `install` is what pip gets: devsec, or a pack that brings it along."""
    return _BY + _with(WORKFLOW, install)


def taken_workflow(text: str) -> str | None:
    """ "" when GitHub's file is as `workflow` wrote it, for whatever pip gets; None when it is not."""
    return "" if re.fullmatch(_any(_BY + WORKFLOW), text) else None


def add(text: str, file: str = GITLAB, install: str = "devsec") -> str:
    """GitLab's file with a job for devsec at its end. UsageError, with what to write, where that cannot be done."""
    table = yamltext.top(text, file)
    stages = [yamltext.scalar(stage) for stage in yamltext.items(yamltext.value(table, "stages"))]
    # A job without one is in `test`; where there is no such stage, the whole pipeline would be refused.
    stage = f"  stage: {stages[0]}\n" if stages and "test" not in stages else ""
    block = _with(JOB, install).rstrip("\n").replace("devsec:\n", f"devsec:{MARK}\n{stage}", 1)
    new = append(text, block)
    taken_name = yamltext.entry(table, "devsec") is not None
    if taken_name or not yamltext.still_says(text, new) or yamltext.entry(yamltext.top(new, file), "devsec") is None:
        why = "has a job by the name of devsec" if taken_name else "is laid out in a way that devsec does not add to"
        raise UsageError(f"{file} {why}", f"Add this yourself:\n{JOB.rstrip()}")
    return new


def taken(text: str) -> str | None:
    """GitLab's file without what `add` put there; None when that is not there as it was written."""
    head, rest = _any(JOB.rstrip("\n")).split(r"\n", 1)
    return take(text, apart(rf"{head}{MARK}\n(?:  stage: .*?\n)?{rest}"))


def _with(job: str, install: str) -> str:
    # What is written stands in YAML and is read by a shell.
    if not re.fullmatch(r"[A-Za-z0-9][\w.+\[\]=<>~!,@:/-]*", install):
        raise UsageError(f"{install!r} cannot be written into a job", "Name a package as pip takes it, without spaces.")
    return job.replace("pip install devsec", f"pip install {shlex.quote(install)}")


def _any(job: str) -> str:
    """The pattern of a job, for whatever pip gets."""
    return re.escape(job).replace("\\\n", r"\n").replace(r"pip\ install\ devsec", r"pip\ install\ .*?")
