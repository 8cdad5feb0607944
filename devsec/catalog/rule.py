"""What a rule and a road are, once read. Plain data: no syntax tree, no regex object, nothing that imports libcst.

docs/rule-language.md is the reference for the YAML that becomes these.
"""

from __future__ import annotations

from functools import cached_property

from devsec.catalog.terms import Terms
from devsec.levels import Confidence, Level, Safety, Severity
from devsec.record import Record

TYPE_CHECKING = False  # see devsec/record.py

Constant = str | int | float | bool | None

SHAPES = ("call", "method", "assign", "string", "compare", "import", "decorator", "pattern", "text", "setting", "file")
IN_ANY_FILE = ("text", "setting", "file")  # the others are looked for in Python
LITERALS = ("any", "text", "bytes", "string", "number")
TOKENS = ("word", "dash")  # no letter, digit or underscore beside it; no dash either
# Checks of a token by name: those of scan/proofs.py, which a test compares.
PROOFS = (
    "1password-json", "age-bech32", "atlassian-crc", "aws-bedrock", "aws-key-id", "azure-annotated",
    "azure-client-secret", "azure-devops", "azure-sas", "azure-shared-key", "azure-signature", "base64-of-pem",
    "basic-auth", "bearer", "bitbucket-datacenter", "connection-string", "discord", "docker-auth", "fernet",
    "gcp-service-account", "github-app-jwt", "github-crc", "gitlab-routable", "grafana-cloud", "grafana-crc",
    "jfrog-reference", "jwt", "nats-crc", "npm-crc", "openai-infix", "password", "pem", "putty", "pypi-macaroon",
    "secret-manifest", "sentry-json", "slack", "supabase", "url-credentials", "user-password",
)  # fmt: skip
# How files are read for settings: scan/formats/by_name.py, which a test compares.
FORMATS = (
    "docker",
    "env",
    "hcl",
    "ini",
    "json",
    "netrc",
    "notebook",
    "properties",
    "python",
    "shell",
    "toml",
    "xml",
    "yaml",
)
STRENGTHS = ("strong", "weak")
# What a file may hold: scan/held.py, which a test compares.
HOLDS = ("keystore", "private-key", "secret")
PLACEHOLDERS = ("?", "%s", "$1", ":name")
KINDS = ("string", "bytes", "fstring", "number", "list", "tuple", "set", "dict", "call", "name", "attribute", "lambda")


class Literal(Record):
    """What a string has to be like: searched regex, least Shannon entropy in bits a character, least length.

    Of a `text` also: that it is a token, which stands alone (see TOKENS) and looks drawn at random; the name of a check
    that it must not fail; a regex that must be found within a few lines of it.
    Of a test: how much of a secret it is (see STRENGTHS; scan/strength.py judges).
    """

    regex: str = ""
    entropy: float = 0.0
    length: int = 0
    token: str = ""
    proof: str = ""
    near: str = ""
    strength: str = ""


class Test(Record):
    """A question about one expression. Every part that is given must hold."""

    at: int | None = None
    equals: tuple[Constant, ...] | None = None  # from `is` and `in`
    less_than: float | None = None
    more_than: float | None = None
    missing: bool = False
    present: bool = False
    literal: str = ""  # one of LITERALS
    dynamic: bool = False
    quoted_by: tuple[str, ...] = ()  # with `dynamic`: calls of these make a part harmless
    from_request: str = ""  # any | link
    names: str = ""
    refers_to: tuple[str, ...] = ()
    string: Literal | None = None  # from `regex`, `entropy`, `length`
    kind: tuple[str, ...] = ()
    contains: tuple[Test, ...] = ()
    keys: tuple[tuple[str, tuple[Test, ...]], ...] = ()
    made_by: Shape | None = None  # from `call`, `method` with `on`, and their `args`
    none_of: tuple[Test, ...] = ()  # from `not`


class Named(Record):
    """Which settings: those whose name matches the regex over words ("": those that name a secret), in files read as one
    of `formats` (none: in all)."""

    names: str = ""
    formats: tuple[str, ...] = ()


class Surrounding(Record):
    """One thing that may stand around a match. Every part that is given must hold of the same thing."""

    function: str = ""  # regex over the words of an enclosing function's name
    cls: str = ""  # the same of an enclosing class
    decorator: tuple[str, ...] = ()  # an enclosing function or class has one of these
    call: tuple[str, ...] = ()  # inside the arguments of a call of one of these
    with_: tuple[str, ...] = ()  # inside a `with` over a call of one of these
    loop: bool = False
    branch: bool = False  # what a condition decides about
    scope: str = ""  # module | class | function: the innermost one


class Context(Record):
    """Where a match counts. Empty parts ask nothing."""

    inside: tuple[Surrounding, ...] = ()  # any of
    not_inside: tuple[Surrounding, ...] = ()  # none of
    assigned_to: str = ""
    imports: tuple[str, ...] = ()  # any of
    paths: tuple[str, ...] = ()  # globs, later ones win, `!` excludes
    not_assigned_to: str = ""
    not_imports: tuple[str, ...] = ()  # none of


class Shape(Record):
    """One thing to look for.

    `names`: qualified names (call, import, decorator), method names (method), targets (assign), operators (compare),
    with {a,b} alternatives already spelled out; globs in lower case (file). Of a file `holds` is one of HOLDS, `starts` are
    pairs of hex digits or `??` without blanks, `literal` a regex over its bytes.
    """

    kind: str
    names: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    made_with: tuple[tuple[str, tuple[Test, ...]], ...] = ()  # of the call that made the receiver, where it is seen
    args: tuple[tuple[str, tuple[Test, ...]], ...] = ()
    target: tuple[Test, ...] = ()
    value: tuple[Test, ...] = ()
    left: tuple[Test, ...] = ()
    right: tuple[Test, ...] = ()
    pattern: str = ""
    where: tuple[tuple[str, tuple[Test, ...]], ...] = ()
    literal: Literal | None = None
    setting: Named | None = None
    holds: str = ""
    starts: tuple[str, ...] = ()
    context: Context = Context()


class Template(Record):
    """Python source with $holes to put in. `road` is set when a road provides the source."""

    source: str = ""
    road: str = ""
    holes: tuple[tuple[str, str], ...] = ()  # hole -> template source, from `with`
    imports: tuple[str, ...] = ()


class Cure(Record):
    """One way to put it right, as the rule says it."""

    title: str
    safety: Safety
    call: Template | None = None
    value: Template | None = None
    drop: tuple[str, ...] = ()
    set: tuple[tuple[str, Template], ...] = ()
    rename: tuple[tuple[str, str], ...] = ()
    wrap: tuple[tuple[str, Template], ...] = ()
    wrap_holes: tuple[tuple[str, Template], ...] = ()
    placeholders: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()  # argument -> module ("": any) -> style
    split: tuple[str, ...] = ()
    reorder: tuple[str, ...] = ()
    delete: bool = False
    take_out: Template | None = None  # reads the secret at run time; $name is what it is called there
    setting: str = ""  # with `take_out`: what it is called where its place does not say
    road: str = ""
    note: str = ""

    @property
    def edits(self) -> bool:
        """Whether the cure changes text; otherwise it only advises."""
        return bool(
            self.call
            or self.value
            or self.drop
            or self.set
            or self.rename
            or self.wrap
            or self.wrap_holes
            or self.placeholders
            or self.split
            or self.reorder
            or self.delete
            or self.take_out
        )


class Example(Record):
    """`bad` holds a finding (on `lines`, when given), `fine` holds none. `good` is (title of the cure, text after). `hex`
    when they are bytes as pairs of hex digits."""

    bad: str = ""
    fine: str = ""
    good: tuple[tuple[str, str], ...] = ()
    path: str = "example.py"
    lines: tuple[int, ...] = ()
    hex: bool = False
    line: int = 0  # where the example stands in the rule's file

    @property
    def data(self) -> bytes:
        """The bytes of its `bad` or `fine`."""
        text = self.bad or self.fine
        return bytes.fromhex(text) if self.hex else text.encode()


class Rule(Record):
    """What leaves the road, why it matters, the cure, and the proof."""

    id: str
    title: str
    cwe: tuple[str, ...]
    severity: Severity
    confidence: Confidence
    level: Level
    why: str
    find: tuple[Shape, ...]
    cures: tuple[Cure, ...] = ()
    examples: tuple[Example, ...] = ()
    secret: tuple[str, ...] = ()  # labels of arguments or holes whose literal text no output may show; "match" for all
    references: tuple[str, ...] = ()
    revoke: str = ""  # the page where the owner of a secret makes it worthless
    source: str = ""  # file the rule was read from
    terms: Terms | None = None  # None when there is nothing but the level: ask `terms_of`
    level_line: int = 0  # where the level stands in that file


class Road(Record):
    """A capability and the sanctioned call that provides it."""

    name: str
    title: str
    call: str
    imports: tuple[str, ...] = ()
    package: str = ""
    docs: str = ""
    why: str = ""
    source: str = ""


class _Catalogue(Record):
    rules: tuple[Rule, ...]
    roads: tuple[Road, ...]
    signature: str = ""


class Catalogue(_Catalogue):
    """All rules, sorted by id, and the roads by name. `signature` changes whenever any of them does."""

    def rule(self, id: str) -> Rule:
        """Raises KeyError when there is none by that id."""
        return self._by_id[id]

    def road(self, name: str) -> Road | None:
        return next((road for road in self.roads if road.name == name), None)

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}


if TYPE_CHECKING:
    from typing import Protocol

    class Rules(Protocol):
        """Where rules and roads are to be had by name."""

        def rule(self, id: str) -> Rule: ...

        def road(self, name: str) -> Road | None: ...

else:
    Rules = object  # imported for what it says to a type checker
