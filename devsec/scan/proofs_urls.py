"""Does what stands in an address, a connection string or a header look like somebody's password?

Addresses with a user and a password in them stand in every manual, and hardly one of those passwords opens anything. So
the whole job is to tell: who is meant, on which machine, and could the password be one? What says of itself that it is a
placeholder, a template, a machine of a manual (RFC 2606, RFC 5737, RFC 3849) or the `postgres:postgres@db` of a container
on this machine is NOT_IT. A word as a password on a real machine is DOUBTFUL, what nobody would make up by hand PROVED.

Nothing here raises, and all of it is linear in the length of what it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from devsec.record import Record
from devsec.scan.proofs import Proof
from devsec.scan.published import is_published

_LONGEST = 4096  # bytes; nobody writes a longer address


def url_credentials(token: bytes) -> Proof:
    """Of `scheme://user:password@host…`."""
    found = _URL.match(_text(token))
    if found is None:
        return Proof.NOT_IT
    user, password, host = (_unquoted(found[name]) for name in ("user", "password", "host"))
    if "sentry" in host and re.fullmatch("[0-9a-f]{32}", user):
        return Proof.DOUBTFUL  # the two-part keys of Sentry before 2018: they can send events, and no more
    return _judged(Login(user, password, host))


def connection_string(token: bytes) -> Proof:
    """Of `Server=…;Uid=…;Pwd=…` (ODBC, ADO.NET), `host=… password=…` (libpq) or `jdbc:…?password=…`."""
    text = _text(token)
    pairs = _pairs(text)
    password = next((pairs[key] for key in _PASSWORD_KEYS if key in pairs), "")
    user = next((pairs[key] for key in _USER_KEYS if key in pairs), "")
    host = next((pairs[key] for key in _HOST_KEYS if key in pairs), "")
    jdbc = re.match(r"jdbc:[\w:+-]+?:(?://|@(?://)?|thin:@(?://)?)?(?P<host>\[[0-9a-fA-F:]+\]|[\w.$%-]+)", text)
    if jdbc is not None and not host:
        host = jdbc["host"]
    host = re.sub(r"(?i)^(?:tcp|np|lpc|admin):", "", host)
    host = re.split(r"[\\,:]", host)[0] if not host.startswith("[") else host
    return _judged(Login(user, password, host)) if password else Proof.NOT_IT


def basic_auth(token: bytes) -> Proof:
    """Of the base64 of `user:password`, as in `Authorization: Basic …`, Docker's config.json and npm's `_auth`."""
    plain = _decoded(token)
    if plain is None or ":" not in plain:
        return Proof.NOT_IT
    return user_password(plain.encode())


def user_password(token: bytes) -> Proof:
    """Of `user:password` for a machine that is not said: `curl -u`."""
    user, colon, password = _text(token).partition(":")
    return _judged(Login(user, password, None)) if colon else Proof.NOT_IT


def password_alone(token: bytes) -> Proof:
    """Of a password that stands by itself where its format says that it is one: .pypirc, .netrc."""
    return _judged(Login("", _text(token), None))


def bearer(token: bytes) -> Proof:
    """Of what follows `Authorization: Bearer`: words and templates are none; a token that devsec knows by its prefix is found
    by the rule about it."""
    text = _text(token)
    if len(text) < 20 or _is_template(text) or _is_placeholder(text) or not _is_strong(text):
        return Proof.NOT_IT
    return Proof.PROVED


def secret_manifest(token: bytes) -> Proof:
    """Of the entries below `data:` or `stringData:` of a Kubernetes Secret: at least one decodes to what is no placeholder.

    What SOPS, sealed-secrets and the like have encrypted is none.
    """
    text = _text(token)
    if "ENC[" in text or "sops:" in text:
        return Proof.NOT_IT
    best = Proof.NOT_IT
    for key, value in _entries(text):
        plain = _decoded(value.encode()) if not text.lstrip().startswith("stringData") else value
        if plain is None or "PRIVATE KEY" in plain or _ABOUT.search(key):
            continue  # a key is found by the rule about keys
        said = _judged(Login("", plain, None))
        best = said if said is Proof.PROVED else best
        if said is Proof.DOUBTFUL and best is Proof.NOT_IT:
            best = said
    return best


def fernet(token: bytes) -> Proof:
    """Of a key of Fernet: 32 bytes in URL-safe base64 (github.com/fernet/spec)."""
    import base64
    import binascii

    try:
        raw = base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        return Proof.NOT_IT
    if len(raw) != 32 or len(token) != 44:
        return Proof.NOT_IT
    # Keys that were made up are text or a few bytes over and over.
    return Proof.PROVED if len(set(raw)) >= 16 and not raw.isascii() else Proof.DOUBTFUL


class Login(Record):
    """Who logs in where. `host` is None where the text does not say it, "" where it says it empty."""

    user: str
    password: str
    host: str | None


# --- the judgement ---------------------------------------------------------------------------------------------------------


def _judged(login: Login) -> Proof:
    user, password, host = login
    if len(password) < _SHORTEST or _is_template(password) or _is_placeholder(password) or is_published(password):
        return Proof.NOT_IT
    where = _REAL if host is None else _machine(host)
    if where == _NOWHERE:
        return Proof.NOT_IT
    strong = _is_strong(password)
    if where == _REAL:
        if strong:
            return Proof.PROVED
        known = _bare(user) in _SOMEBODY or _bare(user) in _bare(password) or host is None or _is_template(user)
        return Proof.NOT_IT if known or len(password) < 6 else Proof.DOUBTFUL
    return Proof.DOUBTFUL if strong and _bare(user) not in _SOMEBODY else Proof.NOT_IT


_SHORTEST = 4

_TEMPLATE = re.compile(
    r"\$\{|\$\(|\{\{|\{\w*\}|<[^>]*>|%\(\w*\)|%[sdr]|^\$\w+|^%\w+%$|\[\w*[a-z]{3}\w*\]|__\w+__|@@|\.\.\.|…|\*\*|#\{|^#\w"
    r"|^\w+\(|^&\w+;|^:\w+$"
)
_MADE_OF_ONE = re.compile(r"^(.)\1*$")


def _is_template(text: str) -> bool:
    """Whether something else is put there before it is used."""
    return _TEMPLATE.search(text) is not None or _MADE_OF_ONE.match(text) is not None


_LEET = str.maketrans("013457@$!", "oleastasi")


def _bare(text: str) -> str:
    """Its letters, read the way people disguise words: `P@ssw0rd-1` is `password`."""
    lower = text.lower().rstrip("0123456789!?.#*_-")
    return re.sub(r"[^a-z]", "", lower.translate(_LEET))


# What somebody writes who has to write something.
_PLACEHOLDERS = frozenset(
    "password passwort passwd passwrd pass pwd pw passphrase secret secrets token key apikey credential credentials creds auth changeme change "
    "changeit replaceme replace fixme todo tbd insert here your yours my some example sample demo dummy fake mock test testing tests foo "
    "bar baz qux foobar blah spam eggs ham egg value string text word none null nil undefined empty redacted removed hidden masked "
    "filtered xxx xxxx xxxxx xxxxxx xxxxxxxx xyz abc abcd abcdef abcdefg qwerty qwertyuiop asdf asdfgh user username login name host "
    "hostname port database dbname letmein hunter sesame opensesame tiger correcthorsebatterystaple welcome hello world "
    "guest anonymous anon public private default unused ignored whatever something anything notasecret nopassword supersecret "
    "topsecret mysecret verysecret swordfish hackme passme sekret sekrit geheim motdepasse contrasena senha parola".split()
)
# Words that go with one of those and do not make it a password.
_FILLERS = (
    "your my the this some a an is here for of and super very strong long real new old db database user root admin app service "
    "test dev local prod default example sample dummy fake mock plain text url encoded encode random value string goes in to please "
    "github gitlab docker postgres mysql redis mongo rabbitmq smtp email mail proxy account personal access api client bot http basic "
    "special char chars with me it not set must be safe only use host name s".split()
)
_PARTS = _PLACEHOLDERS | set(_FILLERS) | {"a", "s"}
_LONGEST_PART = max(map(len, _PARTS))
# Who logs in in manuals.
_SOMEBODY = _PLACEHOLDERS | frozenset(
    "me usr someuser myuser youruser theuser myname yourname johndoe jdoe john jane joe bob alice eve scott sa root admin administrator "
    "postgres mysql me you u usera userb testuser dbuser user username userid uid id myusername yourusername aladdin".split()
)


def _is_placeholder(password: str) -> bool:
    """Whether it says of itself that it is none."""
    bare = _bare(password)
    if not bare:
        return len(set(password)) < 5 or password in "12345678901234567890"
    if bare in _PLACEHOLDERS:
        return True
    if _TELLING.search(bare) is None and len(re.sub("[^a-z]", "", password.lower())) < len(bare):
        return False  # only the disguise made words of it
    return any(word in bare for word in _SURE) and _is_made_of_parts(bare)


def _is_made_of_parts(text: str) -> bool:
    """Whether it is one placeholder or filler after the other. Each place is looked at once: a regex would try all ways."""
    reached = {0}
    for at in range(len(text)):
        if at in reached:
            reached.update(end for end in range(at + 1, at + _LONGEST_PART + 1) if text[at:end] in _PARTS)
    return len(text) in reached


_SURE = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "change",
    "your",
    "example",
    "sample",
    "dummy",
    "fake",
    "test",
    "replace",
    "here",
)
_TELLING = re.compile("pass|pwd|secret|change|your|example|dummy|fake|replace|token")

_NOWHERE, _HERE, _REAL = "nowhere", "here", "real"
_DOCUMENTED = re.compile(
    r"^(?:192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:0?db8:)"
    r"|(?:^|\.)(?:example|invalid|test|localdomain)$|(?:^|\.)example\.[a-z.]+$|example|^(?:\d+\.)?1\.2\.3\.4$|^x+(?:\.|$)|^\.+|placeholder"
)
_THIS_MACHINE = re.compile(
    r"^(?:localhost|127\.[\d.]+|0\.0\.0\.0|::1?|0:0:0:0:0:0:0:1|host\.docker\.internal|docker\.for\.\w+\.\w+|gateway\.docker\.internal)$|\.localhost$"
)
# The names of machines that manuals use.
_MANUAL = frozenset(
    "host hostname server myserver yourserver servername serverhost domain mydomain yourdomain company mycompany yourcompany corp site "
    "mysite website foo bar baz foobar acme contoso fabrikam myhost yourhost somehost someserver proxy myproxy proxyserver dbhost "
    "dbserver sqlserver address ip url mydb yourdb endpoint my your some cluster mycluster myorg yourorg org abc xyz fake".split()
)


def _machine(host: str) -> str:
    """Whether a host is a machine of a manual, this one (or a container beside this one), or a real one."""
    name = host.lower().strip("[]").rstrip(".")
    if _DOCUMENTED.search(name):
        return _NOWHERE
    if not name or _THIS_MACHINE.search(name) or _is_template(name):
        return _HERE
    if ":" in name or re.fullmatch(r"[\d.]+", name):
        return _REAL
    labels = name.split(".")
    if len(labels) == 1:
        return _HERE  # a service of Compose, a pod, an entry of /etc/hosts
    own = labels[-2] if len(labels[-1]) >= 2 else ""
    if (
        own in _MANUAL
        or re.match(r"(?:my|your|some)[-_]?[a-z]*$", own)
        or not re.fullmatch(r"[a-z][a-z0-9-]*", labels[-1])
    ):
        return _HERE
    return _REAL


_RUN = re.compile(r"[A-Za-z]{4,}")
_WORDY = re.compile(r"(?:[A-Z]?[a-z]{2,})+|[A-Z]{4,}")
_VOWELS = frozenset("aeiouyAEIOUY")
_KEYBOARD = re.compile(r"(?i)1q2w3e|1qaz|2wsx|qwer|asdf|zxcv|abc|123|321|098|987|000|111")


def _is_strong(password: str) -> bool:
    """Whether no person would make it up: long enough, with digits between letters, and no words in it."""
    if len(password) < 8 or len(set(password)) < 6:
        return False
    digits = len(re.findall(r"[0-9]+", password))
    letters = sum(map(len, re.findall(r"[A-Za-z]+", password)))
    if not letters or (not digits and not _is_mixed(password)):
        return False
    plain = sum(len(run) for run in _RUN.findall(password) if _is_wordy(run))
    plain += sum(len(run) for run in _KEYBOARD.findall(password))
    return plain * 2 < len(password) or (digits >= 4 and len(password) >= 16)


def _is_mixed(password: str) -> bool:
    """Whether capitals and small letters change often, as they do where they were drawn."""
    changes = len(re.findall(r"[a-z][A-Z]|[A-Z][a-z]", password))
    return len(password) >= 16 and changes * 4 >= len(password) and _WORDY.fullmatch(password) is None


def _is_wordy(run: str) -> bool:
    """Whether a run of letters could be words: written as they are, and with vowels in them."""
    if _WORDY.fullmatch(run) is None:
        return False
    vowels = sum(letter in _VOWELS for letter in run)
    return vowels * 6 >= len(run) and re.search(r"(?i)[bcdfghjklmnpqrstvwxz]{5}", run) is None


# --- reading ---------------------------------------------------------------------------------------------------------------

_URL = re.compile(r"[\w.+-]+://(?P<user>[^:/@\s]*):(?P<password>[^\s/]+)@(?P<host>\[[0-9a-fA-F:.%]+\]|[^\s:/?#@,]*)")
_PASSWORD_KEYS = ("password", "pwd")
_USER_KEYS = ("user", "uid", "user id", "userid", "username")
_HOST_KEYS = ("server", "data source", "datasource", "host", "hostname", "address", "addr", "network address")
_ENTRY = re.compile(r"""^[ \t]+["']?(?P<key>[\w.-]+)["']?:[ \t]+["']?(?P<value>[^\s"'#]+)""", re.MULTILINE)
_ABOUT = re.compile(
    r"(?i)(?:^|[_.-])(?:user(?:name)?|host|port|name|url|email|ca\.crt|crt|cert|namespace|region|bucket|database|db)$"
)


def _text(token: bytes) -> str:
    return token[:_LONGEST].decode("utf-8", "replace")


def _unquoted(text: str) -> str:
    """`%23` as `#`, where that is what it is: in a template `%s` is not."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda found: chr(int(found[1], 16)), text)


def _pairs(text: str) -> dict[str, str]:
    """The `key=value` of a connection string, keys in small letters. Values may be quoted or in braces."""
    pairs: dict[str, str] = {}
    for found in _PAIR.finditer(text):
        value = found["value"].strip()
        if value[:1] in "'\"{" and value[-1:] in "'\"}" and len(value) > 2 and not value.startswith("{{"):
            inner = value[1:-1]
            value = inner if value[0] != "{" or not inner.isidentifier() else value
        pairs.setdefault(" ".join(found["key"].lower().split()), value)
    return pairs


_PAIR = re.compile(
    r"(?P<key>(?i:user id|data source|network address|[a-z_]+))[ \t]*=[ \t]*(?P<value>'[^']*'|\{[^}]*\}|[^;&\s'\"]*)"
)


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for found in _ENTRY.finditer(text):
        yield found["key"], found["value"]


def _decoded(token: bytes) -> str | None:
    """The text that base64 stands for; None when it stands for none."""
    import base64
    import binascii

    try:
        raw = base64.b64decode(token + b"=" * (-len(token) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    text = raw.decode("utf-8", "replace").strip()
    return text if text.isprintable() and "\ufffd" not in text else None
