"""`devsec context`: what a path is, and what other files of the repository would say of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import Repo

from devsec.config import load
from devsec.contexts import Context, context_of
from tests.devsec_process import devsec

BACKSTAGE = """\
# a service and its API
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  tags: [python, PCI, internet-facing]
  annotations:
    acme.com/data-classification: confidential
spec:
  type: service
  lifecycle: production
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: shop-api}
spec: {lifecycle: experimental}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: services
  annotations:
    backstage.io/source-location: url:https://github.com/acme/mono/tree/main/services/
spec: {type: service, lifecycle: experimental}
"""
OWNERS = """\
* @acme/everybody
/services/ @acme/services @jim  # and Jim
/services/shop/ @acme/shop
/setup.py @acme/build
*.proto @acme/api
"""
ATTRIBUTES = "*.proto linguist-generated=true\nproto/mine.proto -linguist-generated\n* text=auto\n"


@pytest.fixture
def mono(repo: Repo) -> Repo:
    repo.write("devsec.toml", "# ours\n")
    repo.git("rm", "-rq", "rules")
    for path, text in {
        "services/shop/catalog-info.yaml": BACKSTAGE,
        "services/shop/app.py": "a = 1\n",
        "services/shop/tests/test_app.py": "a = 1\n",
        "services/other.py": "a = 1\n",
        ".github/CODEOWNERS": OWNERS,
        ".gitattributes": ATTRIBUTES,
        "proto/a.proto": "x\n",
        "proto/mine.proto": "x\n",
        "setup.py": "x = 1\n",
    }.items():
        repo.stage(path, text)
    repo.stage("devsec.toml", "# ours\n")
    return repo


def contexts(repo: Repo, path: str) -> Context:
    return context_of(path, load(str(repo.root)).contexts)


def test_a_diff_that_git_takes_and_that_writes_nothing(mono: Repo) -> None:
    done = mono.devsec("context", "suggest")
    assert done.returncode == 0
    assert mono.read("devsec.toml") == "# ours\n"
    assert "7 contexts suggested for devsec.toml" in done.stderr
    assert "/setup.py cannot be said" in done.stderr
    subprocess.run(["git", "apply", "-"], cwd=mono.root, input=done.stdout.encode(), check=True)
    by_hand = mono.read("devsec.toml")
    mono.write("devsec.toml", "# ours\n")
    assert mono.devsec("context", "suggest", "--write").stdout == done.stdout
    assert mono.read("devsec.toml") == by_hand


def test_what_they_say(mono: Repo) -> None:
    mono.devsec("context", "suggest", "--write")
    assert contexts(mono, "services/shop/app.py") == Context("public", "sensitive", "production", ("pci", "shop"))
    assert contexts(mono, "services/shop/tests/test_app.py").lifecycle == "test"
    assert contexts(mono, "services/other.py") == Context("", "", "experimental", ("services",))
    assert contexts(mono, "proto/a.proto").labels == ("api", "generated")
    assert contexts(mono, "proto/mine.proto").labels == ("api",)
    assert contexts(mono, "setup.py") == Context()
    again = mono.devsec("context", "suggest", "--write")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing to suggest" in again.stderr


def test_what_the_configuration_says_is_not_contradicted(mono: Repo) -> None:
    said = '[[context]]\npaths = ["services/shop/**"]\nexposure = "internal"\nlabels = ["shop"]\n\n[[context]]\npaths = ["services/other.py"]\nlifecycle = "deprecated"\n'
    mono.write("devsec.toml", said)
    done = mono.devsec("context", "suggest", "--write")
    assert "services/**: lifecycle is said already for some of it" in done.stderr
    assert contexts(mono, "services/shop/app.py") == Context("internal", "sensitive", "production", ("pci", "shop"))
    assert contexts(mono, "services/other.py").lifecycle == "deprecated"
    assert mono.read("devsec.toml").startswith(said)


@pytest.mark.parametrize(
    ("before", "added"),
    [
        (b"# no end", b"\n\n[[context]]\n"),
        (b'exclude = [\r\n  "x",\r\n]\r\n', b"\r\n[[context]]\r\n"),
        (b"\xef\xbb\xbf# mark\n", b"\n[[context]]\n"),
        (b"", b"[[context]]\n"),
    ],
)
def test_every_other_byte_stays(mono: Repo, before: bytes, added: bytes) -> None:
    mono.write("devsec.toml", before)
    assert mono.devsec("context", "suggest", "--write").returncode == 0
    after = (mono.root / "devsec.toml").read_bytes()
    assert after.startswith(before + added)
    assert (b"\r\n" in before) == (b"\r\n" in after)
    assert (b"\n" in after.replace(b"\r\n", b"")) != (b"\r\n" in before)


def test_in_pyproject_when_the_table_is_there(mono: Repo) -> None:
    mono.git("rm", "-qf", "devsec.toml")
    before = '[project]\nname = "x"\n[tool.devsec]\nexclude = ["vendor/"]\n[tool.other]\na = 1\n'
    mono.stage("pyproject.toml", before)
    mono.devsec("context", "suggest", "--write")
    assert mono.read("pyproject.toml").startswith(before + "\n[[tool.devsec.context]]\n")
    assert load(str(mono.root)).exclude == ("vendor/",)
    assert contexts(mono, "services/shop/app.py").data == "sensitive"


def test_a_file_that_is_new(mono: Repo) -> None:
    mono.git("rm", "-qf", "devsec.toml")
    done = mono.devsec("context", "suggest")
    assert done.stdout.startswith("--- /dev/null\n+++ b/devsec.toml\n")
    subprocess.run(["git", "apply", "--check", "-"], cwd=mono.root, input=done.stdout.encode(), check=True)
    mono.devsec("context", "suggest", "--write")
    assert contexts(mono, "services/shop/app.py").exposure == "public"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('context = [{paths = ["a"], data = "none"}]\n', "nothing can be added to `context`"),
        ("exclude = [\n", "is not TOML"),
        ('[[context]]\npaths = ["/etc"]\ndata = "none"\n', "is absolute"),
    ],
)
def test_a_configuration_that_cannot_be_added_to(mono: Repo, text: str, says: str) -> None:
    mono.write("devsec.toml", text)
    done = mono.devsec("context", "suggest", "--write")
    assert (done.returncode, says in done.stderr) == (2, True)
    assert mono.read("devsec.toml") == text


HEAD = "apiVersion: backstage.io/v1alpha1\nkind: Component\n"


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("a: [\n", "not YAML"),
        (HEAD + "metadata: &x {tags: [pci]}\nspec: *x\n", "anchor"),
        ("x: " + "[" * 5000, "not read"),
        ("a: 1\n" * 80000, "larger than"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (HEAD + "metadata: {tags: [internal, external]}\n", "exposure of services/shop/** is internal and public: the first counts"),
    ],
)  # fmt: skip
def test_bad_catalogs_are_told_and_nothing_is_made_of_them(mono: Repo, text: str | bytes, remark: str) -> None:
    mono.stage("services/shop/catalog-info.yaml", text)
    done = mono.devsec("context", "suggest")
    assert done.returncode == 0
    assert remark in done.stderr
    assert "sensitive" not in done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "kind: Component\nmetadata: {tags: [pci]}\n",  # of somebody else
        HEAD + "metadata: 3\nspec: [a]\n",
        HEAD + "metadata: {tags: {a: b}, labels: [x]}\nspec: {lifecycle: [production]}\n",
        HEAD + "metadata: {annotations: {visibility: whoever}}\nspec: {lifecycle: someday, type: library}\n",
        "# nothing\n---\n\n---\n",
    ],
)
def test_what_is_not_known_says_nothing(mono: Repo, text: str) -> None:
    mono.stage("services/shop/catalog-info.yaml", text)
    done = mono.devsec("context", "suggest")
    assert "catalog-info.yaml" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "location",
    [
        "url:https://github.com/acme/mono/tree/main/../../etc",
        "url:https://github.com/acme/mono/tree/main/elsewhere",
        "url:https://github.com/acme/mono/tree/main/",
        "dir:/etc",
        "url:file:///etc",
    ],
)
def test_a_location_does_not_lead_elsewhere(mono: Repo, location: str) -> None:
    text = HEAD + f"metadata: {{annotations: {{backstage.io/source-location: '{location}'}}, tags: [pci]}}\n"
    mono.stage("services/shop/catalog-info.yaml", text)
    assert '+paths = ["services/shop/**"]\n+data = "sensitive"' in mono.devsec("context", "suggest").stdout


def test_a_link_out_of_the_repository_is_not_read(mono: Repo, tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(HEAD + "metadata: {tags: [hipaa]}\n")
    (mono.root / "plain").mkdir()
    (mono.root / "plain/catalog-info.yaml").symlink_to(tmp_path / "catalog-info.yaml")
    assert "hipaa" not in mono.devsec("context", "suggest").stdout


def test_names_that_no_glob_can_say(mono: Repo) -> None:
    mono.stage("a*b/catalog-info.yaml", HEAD + "metadata: {tags: [pci]}\n")
    done = mono.devsec("context", "suggest")
    assert "a*b" not in done.stdout
    assert "no glob says 'a*b'" in done.stderr


def test_outside_of_a_repository(mono: Repo, tmp_path: Path) -> None:
    done = devsec("context", "suggest", cwd=tmp_path)
    assert (done.returncode, "there is no repository here" in done.stderr) == (2, True)


def test_show(mono: Repo) -> None:
    mono.write(
        "devsec.toml",
        '[[context]]\npaths = ["services/**"]\nexposure = "public"\nlabels = [\n  "a",\n  "b",\n]\nbecause = "so"\n',
    )
    done = mono.devsec("context", "show", "services/not-there.py", "setup.py")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert lines == [
        "services/not-there.py",
        "exposure public devsec.toml:3 (so)",
        "label a devsec.toml:4 (so)",
        "label b devsec.toml:4 (so)",
        "",
        "setup.py",
        "no context names it",
    ]
    outside = mono.devsec("context", "show", "../x.py")
    assert (outside.returncode, "outside the repository" in outside.stderr) == (2, True)
    assert mono.devsec("context", "show").returncode == 2
