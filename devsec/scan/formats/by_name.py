"""How is a file read for settings? Its name says so, and its bytes whether that is worth it.

Asked of every staged file: no regex is compiled and nothing is imported here.
"""

from __future__ import annotations

# What copies and templates of a file have at the end of its name.
_COPIES = (
    ".j2",
    ".jinja",
    ".jinja2",
    ".tmpl",
    ".tpl",
    ".template",
    ".dist",
    ".sample",
    ".example",
    ".erb",
    ".in",
    ".bak",
    ".old",
    ".orig",
)

_SUFFIXES = {
    "yaml": "yaml yml sls eyaml",
    "json": "json jsonc json5 tfstate webmanifest",
    "notebook": "ipynb",
    "toml": "toml",
    "env": "env envrc flaskenv",
    "shell": "sh bash zsh ksh service",
    "docker": "dockerfile containerfile",
    "hcl": "tf tfvars hcl nomad tofu",
    "xml": "xml config csproj pubxml plist props targets resx nuspec",
    "properties": "properties",
    "ini": "ini cfg conf cnf inf s3cfg pgpass",
    "python": "py pyi pyw",
}
_NAMES = {
    "yaml": ".yamllint .clang-format .condarc",
    "json": ".babelrc .eslintrc .prettierrc .dockercfg .dockerconfigjson",
    "toml": "pipfile",
    "env": "env",
    "shell": ".bashrc .bash_profile .profile .zshrc .zshenv .bash_aliases procfile",
    "netrc": ".netrc _netrc .authinfo authinfo",
    "ini": ".npmrc .pypirc .yarnrc .s3cfg .boto .my.cnf .pgpass .gitconfig .coveragerc credentials config",
}
# Written by tools or for people: no settings, however they are spelled.
_NEVER = (
    "-lock.json", ".lock.json", "-lock.yaml", ".lock", "npm-shrinkwrap.json", "packages.lock", ".resolved", "lockfile", ".secrets.baseline",
    ".min.json", ".map", ".spdx.json", ".cdx.json", ".sbom.json", ".sarif", ".sarif.json", "bom.json", "bom.xml", "sbom.xml", ".spdx.xml",
    ".svg", ".csv", ".tsv", ".po", ".pot", ".xlf", ".ts", ".js", ".css", ".htpasswd",
)  # fmt: skip
_BY_SUFFIX = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_BY_NAME = {name: kind for kind, names in _NAMES.items() for name in names.split()}
FORMATS = tuple(sorted({*_SUFFIXES, *_NAMES}))


def format_of(path: str) -> str:
    """One of FORMATS; "" when the file holds no settings as far as its name tells."""
    name = path.rpartition("/")[2].lower()
    while name.endswith(_COPIES):
        name = name.rpartition(".")[0]
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith(_NEVER):
        return ""
    if name.startswith((".env", "env.")):
        return "env"
    if name.startswith(("dockerfile", "containerfile")):
        return "docker"
    return _BY_SUFFIX.get(name.rpartition(".")[2], "") if "." in name else ""


# The name of a secret has one of these in it. In Python `pw` may stand before anything.
_PARTS = (
    b"pass",
    b"secret",
    b"token",
    b"key",
    b"pwd",
    b"cred",
    b"auth",
    b"dsn",
    b"conn",
    b"psw",
    b"psk",
    b"bearer",
)
_NEEDLES = (*_PARTS, b"pw=")
NAMES = (*_PARTS, b"pw")


def could_hold(data: bytes) -> bool:
    """Whether any setting in a file of that format can have the name of a secret."""
    lower = data.lower()
    return any(map(lower.__contains__, _NEEDLES))


def could_be_strong(data: bytes) -> bool:
    """Whether a piece of Python has such a name and, not far behind it, a literal that is more than a word: with a digit in
    it, as long as what is drawn from letters alone, or in groups."""
    if len(data) > LARGEST:
        return True
    import re  # the interpreter has it already

    lower = data.lower()
    next_literal = re.compile(LITERAL).search
    literal = -1
    # Names and literals are looked for side by side, each once: a regex of both takes three times as long.
    for end in name_ends(lower):
        if literal < end:
            found = next_literal(lower, end)
            if found is None:
                return False
            literal = found.start()
        if literal - end <= REACH and lower.find(b"\0", end, literal) < 0:
            return True
    return False


def name_ends(lower: bytes) -> list[int]:
    """Where the names of secrets end in a text in small letters, in order. One may be a part of another."""
    ends = []
    for name in NAMES:
        at = lower.find(name)
        while at >= 0:
            at += len(name)
            ends.append(at)
            at = lower.find(name, at)
    ends.sort()
    return ends


def long_enough(value: str) -> bool:
    """Whether strength.py could call a literal with that value strong."""
    if len(value) < 8 or (len(value) < 13 and value.isalpha()):
        return False
    words = value.replace("-", "_").replace(".", "_").split("_")
    if (value.islower() or value.isupper()) and value.isascii() and "".join(words).isalpha():
        return max(map(len, words)) >= 16
    return True


LARGEST = 1 << 20  # bytes; what is larger is read, whatever it holds
REACH = 300  # bytes between the name and its literal
LITERAL = (
    # What strength.py calls strong has eight characters, and: a digit; or sixteen letters on end; or it is an address with
    # a login, a header with a token, a password in groups. Each part can go one way only: none may try all lengths.
    rb"""["'](?=[^"'\n]{8})(?:[^"'\s]{0,80}?[a-z]{16}|[^"'\s0-9]{0,80}[0-9][^"'\n]{0,4100}["']"""
    rb"""|[^"'\s]{0,60}?://[^"'\s@]{1,200}@|(?:bearer|basic|token) [^"'\n]{8}"""
    rb"""|[a-z0-9]{4,8}(?: [a-z0-9]{4,8}){3,4}["'])"""
)
