"""`devsec rules new` as a process: what it begins holds, what it cannot know it says, and it writes over nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from conftest import Repo

ACME = ("--bad", "import acme\nacme.send(url, check=False)", "--good", "import acme\nacme.send(url)")


def begun(repo: Repo, bad: str, good: str, *more: str) -> dict[str, object]:
    """The rule that comes of it, proved by the real `rules test`."""
    done = repo.devsec("rules", "new", "a-new-one", "--bad", bad, "--good", good, *more)
    assert done.returncode == 0, done.stderr
    proof = repo.devsec("rules", "test", "rules/a-new-one.yaml")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    text = repo.read("rules/a-new-one.yaml")
    assert all(f"{key}:" in text for key in ("title", "why", "cwe"))
    assert text.count("WRITE") >= 7
    return dict(yaml.safe_load(text.replace("\n  on:", '\n  "on":')))


@pytest.mark.parametrize(
    ("bad", "good", "find", "fix"),
    [
        pytest.param(
            "import acme\nacme.send(url, check=False)", "import acme\nacme.send(url)",
            {"call": "acme.send", "args": {"check": {"is": False}}}, {"args": {"drop": ["check"]}}, id="an argument to drop",
        ),
        pytest.param(
            "import acme\nacme.send(url)", "import acme\nacme.send(url, check=True)",
            {"call": "acme.send", "args": {"check": {"missing": True}}}, {"args": {"set": {"check": "True"}}}, id="to add",
        ),
        pytest.param(
            "import acme as a\na.send(url, mode=a.OLD)", "import acme as a\na.send(url, mode=a.NEW)",
            {"call": "acme.send", "args": {"mode": {"refers_to": "acme.OLD"}}}, {"args": {"set": {"mode": "acme.NEW"}}},
            id="to change, by another name of the module",
        ),
        pytest.param(
            "from acme import send\nsend(url)", "from acme import post\npost(url)",
            {"call": "acme.send"}, {"call": "acme.post"}, id="another callee",
        ),
        pytest.param(
            "import acme\nacme.send(url, check=False)", "import better\nbetter.send(url)",
            {"call": "acme.send", "args": {"check": {"is": False}}}, {"call": "better.send", "args": {"drop": ["check"]}},
            id="another callee that takes less",
        ),
        pytest.param(
            "import acme\nacme.send(url, insecure=x)", "import acme\nacme.send(url, plain=x)",
            {"call": "acme.send", "args": {"insecure": {"present": True}}}, {"args": {"rename": {"insecure": "plain"}}}, id="rename",
        ),
        pytest.param(
            "import acme\ns = acme.Session()\ns.get(url, check=False)", "import acme\ns = acme.Session()\ns.get(url)",
            {"method": "get", "on": "acme.Session", "args": {"check": {"is": False}}}, {"args": {"drop": ["check"]}},
            id="a method of what is made here",
        ),
        pytest.param(
            "import acme\ndef f(s):\n    s.get(url, check=False)", "import acme\ndef f(s):\n    s.get(url)",
            {"method": "get", "imports": ["acme"], "args": {"check": {"is": False}}}, {"args": {"drop": ["check"]}},
            id="a method of nobody knows what",
        ),
        pytest.param("STRICT = False", "STRICT = True", {"assign": "STRICT", "value": {"is": False}}, {"value": "True"}, id="assignment"),
        pytest.param(
            "conf['strict'] = False", "conf['strict'] = True",
            {"assign": '["strict"]', "value": {"is": False}}, {"value": "True"}, id="a key",
        ),
        pytest.param(
            "from acme import open_to_all\n@open_to_all\ndef f():\n    pass", "def f():\n    pass",
            {"decorator": "acme.open_to_all"}, {}, id="decorator",
        ),
        pytest.param("import acme_old", "import acme", {"import": "acme_old"}, {}, id="import"),
        pytest.param(
            "if digest == given:\n    pass", "import hmac\nif hmac.compare_digest(digest, given):\n    pass",
            {"compare": "==", "left": {"names": "digest"}, "right": {"names": "given"}},
            {"call": "hmac.compare_digest($left, $right)"}, id="comparison",
        ),
        pytest.param(
            "import acme\nacme.send(a + b, [1])", "import acme\nfor x in y:\n    acme.other(x)",
            {"call": "acme.send"}, {}, id="more than a cure can say",
        ),
        pytest.param("assert user.ok", "if not user.ok:\n    raise ValueError", {"pattern": "assert $user.ok"}, {}, id="pattern"),
        pytest.param(
            "import acme\nacme.send(url, headers={'a': 1, 'b': 2})", "import acme\nacme.send(url, headers={'a': 1, 'b': 3})",
            {"call": "acme.send", "args": {"headers": {"keys": {"b": {"is": 2}}}}}, {}, id="an entry of a dict has no cure",
        ),
    ],
)  # fmt: skip
def test_the_shape_is_proposed_and_holds(
    repo: Repo, bad: str, good: str, find: dict[str, object], fix: dict[str, object]
) -> None:
    rule = begun(repo, bad, good)
    assert rule["find"] == find
    made = dict(rule["fix"])  # type: ignore[call-overload]
    assert made.pop("title")
    assert made.pop("safety") == ("hardening" if fix else "advice")
    assert made == fix


def test_text_that_is_no_python(repo: Repo) -> None:
    rule = begun(repo, "ssl_verify: false", "ssl_verify: true", "--path", "deploy.yaml")
    assert rule["find"] == {"text": {"regex": r"\bssl_verify:\s+false\b"}}
    assert rule["paths"] == ["*.yaml"]
    assert dict(rule["fix"])["safety"] == "advice"  # type: ignore[call-overload]


def test_files_and_standard_input(repo: Repo) -> None:
    repo.write("bad.py", "import acme\n\n\ndef f(url):\n    return acme.send(url, check=False)\n")
    repo.write("good.py", "import acme\n\n\ndef f(url):\n    return acme.send(url)\n")
    rule = begun(repo, "bad.py", "good.py")
    assert rule["find"] == {"call": "acme.send", "args": {"check": {"is": False}}}


def test_a_module_that_is_not_imported_is_said(repo: Repo) -> None:
    done = repo.devsec("rules", "new", "a-new-one", "--bad", "tempfile.mktemp()", "--good", "tempfile.mkstemp()")
    assert done.returncode == 0, done.stderr
    assert "`import tempfile` was put into the bad one" in done.stdout
    assert repo.devsec("rules", "test", "rules/a-new-one.yaml").returncode == 0


def test_what_finds_it_already_is_said(repo: Repo) -> None:
    done = repo.devsec("rules", "new", "a-new-one", "--bad", "import yaml\nyaml.load(x, Loader=yaml.Loader)",
                       "--good", "import yaml\nyaml.safe_load(x)", "--print")  # fmt: skip
    assert done.stdout.startswith("# Begun by")
    assert not Path("rules/a-new-one.yaml").exists()
    done = repo.devsec("rules", "new", "a-new-one", "--bad", "import yaml\nyaml.load(x, Loader=yaml.Loader)",
                       "--good", "import yaml\nyaml.safe_load(x)")  # fmt: skip
    assert "yaml-unsafe-load finds the bad line already" in done.stdout


def test_where_it_goes(repo: Repo) -> None:
    repo.write("devsec.toml", "")
    done = repo.devsec("rules", "new", "a-new-one", *ACME)
    assert done.returncode == 2
    assert "--to FOLDER" in done.stderr
    done = repo.devsec("rules", "new", "a-new-one", *ACME, "--to", "elsewhere/deep")
    assert done.returncode == 0, done.stderr
    assert "is no folder that counts here" in done.stdout
    assert repo.read("elsewhere/deep/a-new-one.yaml").startswith("# Begun by")
    repo.write("acme_devsec/pack.yaml", "pack: acme\ntitle: What Acme wants\n")
    (repo.root / "acme_devsec/rules").mkdir()
    assert repo.devsec("rules", "new", "a-new-one", *ACME).returncode == 0
    assert (repo.root / "acme_devsec/rules/a-new-one.yaml").is_file()


def test_nothing_is_written_over(repo: Repo) -> None:
    repo.write("rules/there.yaml", repo.read("rules/old.yaml").replace("id: old", "id: there"))
    before = repo.read("rules/there.yaml")
    done = repo.devsec("rules", "new", "there", *ACME)
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert repo.read("rules/there.yaml") == before
    done = repo.devsec("rules", "new", "old", *ACME, "--to", "other")
    assert done.returncode == 2
    assert "there is a rule 'old' already" in done.stderr
    assert not (repo.root / "other").exists()


def test_no_secret_is_written_down(repo: Repo) -> None:
    token = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
    done = repo.devsec(
        "rules",
        "new",
        "a-new-one",
        "--bad",
        f'import acme\nacme.send("{token}")',
        "--good",
        "import acme\nacme.send(x)",
    )
    assert done.returncode == 2
    assert "looks like a secret" in done.stderr
    assert token not in done.stdout + done.stderr
    assert not (repo.root / "rules/a-new-one.yaml").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("A_New_One", *ACME), "is no rule id"),
        (("acme/new-one", *ACME), "is no rule id"),
        (("../new", *ACME), "is no rule id"),
        (("a-new-one", "--bad", "f(x)"), "--good is missing"),
        (("a-new-one",), "--bad is missing"),
        (("a-new-one", "--bad", "-", "--good", "-"), "cannot both"),
        (("a-new-one", "--bad", "nowhere.py", "--good", "f()"), "no such file"),
        (("a-new-one", "--bad", "binary.bin", "--good", "f()"), "not UTF-8"),
        (("a-new-one", "--bad", "f(x)", "--good", "f(x)"), "are the same"),
        (("a-new-one", "--bad", " ", "--good", "f(x)"), "the bad line is empty"),
        (("a-new-one", "--bad", "f(", "--good", "f()", "--path", "a.py"), "the bad text is no Python: line 1"),
        (("a-new-one", "--bad", "return f(x)", "--good", "return g(x)"), "outside function"),
        (("a-new-one", "--bad", "a: 1\n", "--good", "a: 1\nb: 2\n", "--path", "a.yaml"), "not what is missing"),
        (("a-new-one", "--bad", "@app.get\ndef f(): pass", "--good", "@app.get\n@login\ndef f(): pass"), "could not be told"),
        (("a-new-one", *ACME, "--to", "devsec.toml"), "is no folder"),
    ],
)  # fmt: skip
def test_bad_input(repo: Repo, words: tuple[str, ...], says: str) -> None:
    repo.write("binary.bin", b"\xff\xfe\x00")
    before = sorted(repo.root.rglob("*.yaml"))
    done = repo.devsec("rules", "new", *words)
    assert done.returncode == 2, done.stdout
    assert says in done.stderr, done.stderr
    assert "hint:" in done.stderr
    assert sorted(repo.root.rglob("*.yaml")) == before
