"""Is this value a secret, a word, or a stand-in?

Pure functions on text, the same for Python, for configuration files and for what a regex cut out of a line. Nothing here
is a proof: STRONG says that no reader would take the value for anything but a secret once the name says so, WEAK that
only the place can tell (a credential argument, a connection URL), NOT_SECRET that it is something else, and what.
"""

from __future__ import annotations

import itertools
import re
from enum import Enum

from devsec.record import Record
from devsec.scan.lazily import pattern
from devsec.scan.plain import entropy, words
from devsec.scan.published import is_published
from devsec.scan.vocabulary import is_worded, surprise
from devsec.scan.vocabulary import words as common

MAX_LENGTH = 4096  # what is longer is a document; keys in PEM and tokens with a payload have rules of their own


class Grade(Enum):
    """What a value is by itself."""

    STRONG = "strong"  # drawn at random, or a password nobody would call a word
    WEAK = "weak"  # could be a word: only the place can prove it
    NOT_SECRET = "not secret"


class Strength(Record):
    """A grade and, in a few words, why: `a path`, `a placeholder`, `drawn at random`."""

    grade: Grade
    reason: str

    def at_least(self, wanted: str) -> bool:
        """Whether it passes the test `strength: strong` or `strength: weak` (which takes both)."""
        return self.grade is Grade.STRONG or (wanted == "weak" and self.grade is Grade.WEAK)


def judge(value: str, name: str = "") -> Strength:
    """What `value` is. `name` is what it stands under (a variable, a key, an argument), or ""; it says what a bare run of
    hex digits is, and whether the value only says the name again."""
    if not value.strip():
        return _not("empty")
    if len(value) > MAX_LENGTH:
        return _not("a document")
    value = value.strip()
    if is_published(value):
        return _not("a sample that is printed for everybody")
    for ask in (_reference, _carried, _shape, _stand_in):
        answer = ask(value, name)
        if answer is not None:
            return answer
    return _random_or_word(value, name)


def is_strong(value: str) -> bool:
    """Whether `judge` calls it strong whatever it is called. Asked of many values that are not: what carries nothing inside, and does
    not look drawn, needs few of the regexes to say so."""
    value = value.strip()
    beyond = _may_carry(value.lower()) or value.startswith("-----BEGIN ") or _HEX.match(value) or _decoded(value)
    if not beyond and _random_or_word(value, "x").grade is not Grade.STRONG:
        return False
    return judge(value, "x").grade is Grade.STRONG  # of all names the one that says least against it


def _may_carry(lower: str) -> bool:
    """Whether `_carried` could find a password in it."""
    return (
        ("://" in lower and "@" in lower)
        or (
            "=" in lower
            and any(key in lower for key in ("password", "pwd", "accountkey", "sharedaccesskey", "sharedsecret"))
        )
        or lower.startswith(("bearer", "basic", "token", "apikey", "api-key", "digest", "negotiate"))
    )


def _not(reason: str) -> Strength:
    return Strength(Grade.NOT_SECRET, reason)


# --- what points elsewhere

# Anywhere in the value: something is put in there later.
_HOLE = pattern(
    r"""\$\{ | \{\{ | \{% | <% | \#\{ | \$\( | %\(\w+\)[sdr] | \{\w*(?:![rsa])?(?::[^{}]*)?\} | \{[A-Za-z_][\w.]*(?:\[\w+\])?\} | <[A-Za-z][\w .:/-]*>
    | \[\[ | \]\] | @@\w+@@ | \b__[A-Za-z]\w*__\b | \$\[""",
    re.VERBOSE,
)
_WHOLE = pattern(
    r"""\$[A-Za-z_]\w*\Z | \$\d\Z | %\w+%\Z | %[sdrv]\Z | @\w+@\Z | @Microsoft\.KeyVault\( | ARM_\w+\Z
    | <.*>\Z | \[.*\]\Z | \{.*\}\Z | \(.*\)\Z
    | ENV\[ | ENV\. | os\.environ | os\.getenv | process\.env | import\.meta | getenv\(
    | !(?:vault|Ref|Sub|GetAtt|ImportValue|secret|env\w*|include|lookup|reference|encrypted)\b""",
    re.VERBOSE | re.DOTALL,
)
_VAULT = pattern(
    r"""(?:hashi|hc)?vault(?:://|[:+#/]) | arn:aws | op:// | sm:// | gcp-?sm:// | gcp-?secret\w*:// | gs:// | s3:// | akv:// | azkv:// | azure-?\w*://
    | aws-?\w*:// | aws-?(?:sm|ssm|secret\w*): | ssm(?:://|[:/]) | secretsmanager | (?:secret|secrets|ref|env|file|keyring|keychain|cmd|exec|pass|lpass|bws?|gopass|sops|berglas|doppler|infisical|chamber|conjur|external|valueFrom|resolve|system|sys|prop)(?:://|[:+]\S)
    | projects/[\w-]+/secrets/ | secretRef | secretKeyRef | (?:var|vars|local|locals|module|data|each|path|terraform|param|params|parameters|secrets|env|inputs|outputs|self|this|config|settings|values|Values|github|steps|needs|matrix|context|ctx|request|session)\.\w+(?:[.\[]|\Z)
    | /?run/secrets/ | passwordstate | thycotic | keepass: | \{\{?resolve:""",
    re.VERBOSE,
)
_ENCRYPTED = pattern(
    r"""ENC\[ | ENC\( | DEC\( | \$ANSIBLE_VAULT | \{cipher\} | \{(?:AES|aes|enc|ENC|DES|encrypted)[\w-]*\} | -----BEGIN\ (?:PGP\ MESSAGE|AGE\ ENCRYPTED|PKCS7|CMS|ENCRYPTED\ MESSAGE)
    | vault:v\d+: | AQICAH | AQECAH | U2FsdGVkX1 | gAAAAA[\w-]{60} | AQAAANCMnd8 | encrypted: | \\?\x00GITCRYPT | v1\.aesgcm | age-encryption\.org | kms: | CiQA[\w+/]{60} | Ag[A-D][\w+/]{300}""",
    re.VERBOSE,
)
_DIGEST = pattern(
    r"""\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2\w*|scrypt|pbkdf2[\w-]*|bcrypt[\w-]*|md5|sha1|P|H|S)\$ | pbkdf2[_:]\w+[$:] | scrypt[:$] | argon2 | bcrypt(?:_sha256)?\$ | (?:un)?salted_\w+\$
    | (?:sha-?(?:1|224|256|384|512)|md5|blake2\w|sha3-\d+|crc32)[-:=$]\S | \{S?(?:SHA|MD5|CRYPT|SSHA)\d*\} | SCRAM-SHA-\d+\$ | md5[0-9a-f]{32}\Z | \*[0-9A-F]{40}\Z | W/["\']""",
    re.VERBOSE | re.IGNORECASE,
)
_PUBLIC = pattern(
    r"""ssh-(?:rsa|dss|ed25519)\ | ecdsa-sha2-\S+\ | sk-(?:ssh|ecdsa)\S*@openssh | -----BEGIN\ (?:RSA\ |EC\ |DSA\ |PGP\ |SSH2\ )?(?:PUBLIC\ KEY|CERTIFICATE|X509|TRUSTED|NEW\ CERTIFICATE|PGP\ SIG)
    | AAAA[BCE][23]N | MII[A-Za-z0-9+/]{2}jANBgkqhkiG9w0BAQEF | MI[GH][fNJ]M?A0GCSqG | MFkwEwYHKoZIzj | MCowBQYD | MHYwEAYHKoZI | age1[02-9ac-hj-np-z]{50} | pk_(?:live|test)_ | pk\.eyJ | phc_ | 6L[a-zA-Z0-9_-]{38}\Z""",
    re.VERBOSE,
)


def _reference(value: str, name: str) -> Strength | None:
    if _ENCRYPTED.match(value):
        return _not("an encrypted value")
    if _DIGEST.match(value):
        return _not("a digest")
    if _PUBLIC.match(value):
        return _not("a public key")
    if _VAULT.match(value):
        return _not("a reference to where the secret is kept")
    if (_WHOLE.match(value) or _HOLE.search(value)) and (_CERTAIN_HOLE.search(value) or not _noisy(value)):
        return _not("a template or a reference")
    return None


_CERTAIN_HOLE = pattern(r"\$\{[^}]*\}|\{\{.*\}\}|%\(\w+\)s|\{%|\{\d?\}")


def _noisy(value: str) -> bool:
    """Whether nothing in it reads as a word, and it has letters of both cases and digits: brackets in such a text are
    drawn like the rest of it."""
    kinds = any(c.islower() for c in value) and any(c.isupper() for c in value) and any(c.isdigit() for c in value)
    if len(value) >= 40:  # long enough to have no need of capitals
        kinds = any(c.isalpha() for c in value) and any(c.isdigit() for c in value)
    if not kinds or len(value) < 8 or any(c.isspace() for c in value):
        return False
    tokens = re.findall(r"[A-Za-z]{3,}", value)
    worded = sum(
        len(token) for token in tokens if token.lower() in common() or (len(token) > 4 and is_worded(token.lower()))
    )
    return worded <= len(value) * 0.12


# --- what carries a value inside

_URL = pattern(r"[A-Za-z][A-Za-z0-9+.-]*:/?/")
_USER_INFO = pattern(r"[A-Za-z][A-Za-z0-9+.-]*://([^\s:/@?#]*):([^\s@]*)@([^\s/?#]*)")
_PAIRS = pattern(r"(?i)(?:^|;)\s*(?:password|pwd|accountkey|sharedaccesskey|sharedsecret)\s*=\s*([^;]*)")
_DSN = pattern(r"(?i)(?:^|\s)password\s*=\s*('[^']*'|\S+)")
_SCHEME = pattern(r"(?i)(?:bearer|basic|token|apikey|api-key|digest|negotiate)\s+(\S+)\Z")


def _carried(value: str, name: str) -> Strength | None:
    """A URL, a connection string, a header: the password inside is judged, and nothing else of it."""
    if _URL.match(value):
        found = _USER_INFO.match(value)
        if found is None or not found[2]:
            return _not("a URL without a password")
        user, password, host = found.groups()
        if password == user or _SAMPLE_HOST.search(host):
            return _not("a URL of an example")
        return _inside(_percent(password), "a URL with a password")
    found = _PAIRS.search(value) if ";" in value or value.lower().startswith(("password=", "pwd=")) else None
    found = found or (_DSN.search(value) if "=" in value and "password" in value.lower() else None)
    if found is not None:
        return _inside(found[1].strip("'\""), "a connection string with a password")
    if ";" in value and value.count("=") >= 2 and re.match(r"[A-Za-z][\w .]*=[^;]*;", value):
        return _not("a connection string without a password")
    found = _SCHEME.match(value)
    if found is not None:
        decoded = _decoded(found[1])
        if value[:5].lower() == "basic" and decoded is not None and ":" in decoded:
            return _inside(decoded.partition(":")[2], "a header with a password")
        return _inside(found[1], "a header with a token")
    return None


_SAMPLE_HOST = pattern(
    r"(?i)(?:^|[.@])example(?:[.]|:|\Z)|^(?:your|my|some)?[-_]?(?:host|hostname|server)(?:name)?(?::|\Z)|\.(?:test|invalid|example)(?::|\Z)"
)


def _inside(value: str, what: str) -> Strength:
    answer = judge(value, "password")
    return answer if answer.grade is Grade.NOT_SECRET else Strength(answer.grade, what)


def _percent(value: str) -> str:
    if "%" not in value:
        return value
    from urllib.parse import unquote  # few URLs have it

    return unquote(value)


def _decoded(value: str) -> str | None:
    """The printable text that base64 hides, or None. Bytes drawn at random are never all printable."""
    if len(value) < 16 or len(value) % 4 == 1 or not _BASE64.match(value):
        return None
    import base64  # only for what looks like it

    try:
        data = base64.b64decode(
            value.rstrip("=").replace("-", "+").replace("_", "/") + "=" * (-len(value.rstrip("=")) % 4)
        )
        text = data.decode("utf-8")
    except ValueError:
        return None
    return text if len(text) >= 9 and all(c.isprintable() or c in "\r\n\t" for c in text) else None


_BASE64 = pattern(r"(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}\Z")


# --- what has a shape of its own

_MAGIC = (
    "iVBORw0KGg",
    "/9j/",
    "R0lGOD",
    "JVBERi0",
    "UEsDB",
    "H4sI",
    "PHN2Zy",
    "PD94bW",
    "PCFET0",
    "Qk0",
    "AAABAA",
    "d09G",
    "T1RUTw",
    "SUkqA",
    "UklGR",
    "AAEAAA",
    "data:",
)
_UUID = pattern(r"[{(]?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}[)}]?\Z")
_HEX = pattern(r"(?:0x)?[0-9a-f]+\Z|(?:0x)?[0-9A-F]+\Z")
_KNOWN_EMPTY = (
    "d41d8cd98f00b204",
    "da39a3ee5e6b4b0d",
    "e3b0c44298fc1c14",
    "cf83e1357eefb8bd",
    "5f4dcc3b5aa765d6",
    "21232f297a57a5a7",
)
_DIGEST_NAME = pattern(
    r"(?:^|_)(?:hash|hashed|digest|checksum|sha|sha1|sha256|sha512|md5|commit|rev|revision|etag|integrity|fingerprint|thumbprint|signature|sum|uuid|guid|id|ids)(?:_|$)"
)
_NUMBER = pattern(
    r"[-+]?[\d.,_\s]*\d(?:[eE][-+]?\d+)?\s?(?:[kmgtKMGT]i?[bB]?|ms|s|m|h|d|%|px|em|rem|pt)?\Z|0[xob][\da-fA-F]{1,8}\Z"
)
_DATE = pattern(r"\d{1,4}[-/.:]\d{1,2}[-/.:]\d{1,4}(?:[T ]?[\d:.]*(?:Z|[-+]\d\d:?\d\d)?)?\Z|\d{8}T\d{6}Z?\Z")
_COLOUR = pattern(r"\#[0-9A-Fa-f]{3,8}\Z|(?:rgba?|hsla?)\(")
_VERSION = pattern(r"[v=<>~^!]{0,2}\d+(?:\.[\d*x]+)+(?:[-+.]?[a-z]+[-.\d]*)*(?:\+[\w.]+)?\Z")
_EMAIL = pattern(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+\Z")
_HOST = pattern(
    r"(?:[A-Za-z0-9](?:[\w-]{0,62})\.)+(?:com|org|net|io|dev|local|internal|localdomain|cluster|svc|edu|gov|co|ai|app|cloud|de|uk|fr|eu|info|example|test|invalid)(?::\d+)?(?:/\S*)?\Z|\d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d+)?\Z|localhost(?::\d+)?\Z"
)
_MAC = pattern(r"(?:[0-9A-Fa-f]{2}[:-]){5,31}[0-9A-Fa-f]{2}\Z")
_RESOURCE = pattern(
    r"(?:ami|i|vpc|subnet|sg|eni|vol|snap|rtb|igw|nat|acl|eipalloc|lt|fs|tgw|pl|vpce|sgr|key)-[0-9a-f]{8,17}\Z|sha\d+-\S"
)
_FILE = pattern(
    r"(?i)[\w./\\~@ -]+\.(?:pem|key|crt|cer|csr|p12|pfx|jks|kdb|kdbx|keytab|json|jsonl|ya?ml|toml|ini|cfg|conf|txt|md|rst|env|html?|xml|py|pyc|js|ts|jsx|tsx|css|sh|bash|sql|db|sqlite3?|log|csv|tsv|zip|gz|tar|tgz|whl|png|jpe?g|gif|svg|ico|pdf|java|go|rb|php|tf|tfvars|properties|gpg|asc|pub|lock|so|dll|exe|bin|proto|j2|tmpl|tpl|template|gotmpl|vue|secret|token|pwd|passwd|password|sock|socket|pid)\Z"
)
_ABSOLUTE = pattern(r"(?:[.]{1,2}|~|\$HOME)?/|[A-Za-z]:[\\/]|\\\\")
_REGEX = pattern(r"\\[dwsbDWSBAZ.]|\[\^|\(\?|\[[a-z0-9]-[a-z0-9]|\.\*|\.\+|\{\d+,?\d*\}|\A\^.*\$\Z")
_CERTAIN_REGEX = pattern(r"\]\{\d|a-z|A-Z|0-9")
_CHARACTER_CLASS = pattern(r"\^?\[\S*(?:a-z|A-Z|0-9)\S*\](?:[+*?]|\{[\d,]+\})\$?\Z")
_CODE = pattern(
    r"\blambda\b|[A-Za-z_][A-Za-z_.]*\(.*\)\Z|[A-Za-z_][A-Za-z_.]*\[[^\]]*\]\Z|=>|->|::\w|\(\)|&&|\|\||;\s*$|[A-Za-z_]+=\{"
)
_MARKUP = pattern(r"</?[A-Za-z!]|&[a-z]{2,6};")
_DOTTED = pattern(r"[A-Za-z_]\w*(?:(?:\.|::|:)[A-Za-z_]\w*)+\Z")
_KEYS = pattern(r"(?i)(?:ctrl|cmd|alt|shift|meta|super|option|win|mod)(?:[+-]\S+)+\Z")


def _shape(value: str, name: str) -> Strength | None:
    if value.startswith("-----BEGIN "):
        return (
            Strength(Grade.STRONG, "a private key")
            if "PRIVATE KEY" in value[:60] and len(value) > 150
            else _not("a heading")
        )
    if value.startswith(_MAGIC) and len(value) >= 24:
        return _not("an image or an archive in base64")
    bare = value[2:] if value.startswith("0x") else value
    if _HEX.match(value) and len(bare) >= 16:
        return _hex(bare, name)
    for form, reason in _SHAPES:
        if form.match(value):
            return _not(reason)
    if _ABSOLUTE.match(value) and (_explained(value) or _FILE.match(value) or not _noisy(value)):
        return _not("a path")
    if _FILE.match(value) and ("/" in value or "\\" in value or _explained(value)):
        return _not("a path")
    if "/" in value and not value.endswith("=") and _explained(value):
        return _not("a path")
    if _DOTTED.match(value) and _explained(value):
        return _not("a dotted name")
    for form, reason in _CODED:
        if form.search(value) and (_CERTAIN_REGEX.search(value) or not _noisy(value)):
            return _not(reason)
    decoded = _decoded(value)
    if decoded is not None:
        return _in_base64(decoded, name)
    return None


_SHAPES = (
    (_UUID, "a UUID"),
    (_NUMBER, "a number"),
    (_DATE, "a date"),
    (_COLOUR, "a colour"),
    (_VERSION, "a version"),
    (_EMAIL, "an e-mail address"),
    (_HOST, "a host name"),
    (_MAC, "an address or a fingerprint"),
    (_RESOURCE, "a resource's identifier"),
    (_KEYS, "a key combination"),
    (_CHARACTER_CLASS, "a regular expression"),
)
_CODED = ((_REGEX, "a regular expression"), (_MARKUP, "markup"), (_CODE, "code"))


def _hex(digits: str, name: str) -> Strength:
    if digits.isdigit():
        return _not("a number")
    if digits.lower().startswith(_KNOWN_EMPTY):
        return _not("a well-known digest")
    if _fake_run(digits) or len(set(digits.lower())) < 8:
        return _not("a placeholder")
    if _DIGEST_NAME.search(words(name)):
        return _not("a digest")
    if not name:
        return Strength(Grade.WEAK, "hex digits: a key or a digest")
    return Strength(Grade.STRONG, "drawn at random")


def _in_base64(text: str, name: str) -> Strength:
    stripped = text.strip()
    if stripped.startswith(("{", "[", "<")):
        return (
            Strength(Grade.WEAK, "a document in base64")
            if _SECRET_INSIDE.search(stripped)
            else _not("a document in base64")
        )
    if "-----BEGIN " in stripped:
        return judge(stripped, name)
    inner = stripped.partition(":")[2] or stripped
    answer = judge(inner, name)
    return answer if answer.grade is not Grade.STRONG else Strength(Grade.STRONG, "a secret in base64")


_SECRET_INSIDE = pattern(r'(?i)"[^"]*(?:password|secret|private_key|token|auth)"\s*:\s*"[^"]{8,}"')


# --- what stands in for a secret

# Said anywhere, these make a value nobody's secret; four letters and more, so that chance does not write them.
_FAKE = pattern(
    r"""example|sample|dummy|fake|mock(?!ingbird)|placeholder|change[-_ .]?(?:me|this|it|in|now|before|here|to)|changed?[-_]|replace|insert[-_ ]|insert(?:your|here)|your[-_ .]|your(?:key|token|secret|password|api|app|own|db)|[-_ .](?:goes[-_ .]?)?here\b
    |\byour\b|redacted|removed|hidden|masked|censored|obfuscated|sanitized|scrubbed|anonymi[sz]ed|confidential|deadbeef|cafebabe|feedface|badc0de|0123456789|1234567|abcdef|xxxx|\*\*\*|\.\.\.|…|•
    |letmein|hunter2|s3cr3t|foobar|foo[-_]bar|\bfoo\b|\bbar\b|\bbaz\b|qwert|asdf|zxcv|1q2w3e|trustno1|iloveyou|lorem|ipsum|todo\b|fixme|\btbd\b|not[-_ ]?(?:a|real|set|needed|used|secure|secret|required|provided|configured|applicable|so)(?![a-z])|insecure|unsafe|do[-_ ]not[-_ ]use|unused|\bunset\b|undefined|\bnone\b|\bnull\b|\bnil\b
    |enter[-_ ](?:your|a|the|here)|put[-_ ](?:your|a|the|here)|set[-_ ](?:me|this|your|in|via)|fill[-_ ](?:me|in|this)|fillme|some[-_ ]?(?:secret|password|key|token|value|random|long|strong|string)|random[-_ ](?:string|secret|key|value|password|token)|any[-_ ](?:string|value|thing)|(?:my|the|a|super|top|very|long|strong|secure|shared)[-_ ]?(?:secret|passw|token|api|key)|secret[-_ ]?(?:key|password|token|value|string|pass\b)|generated?[-_ ]|please|default[-_ ]|developmen?t[-_ ]|dev[-_ ](?:secret|key|only|token|password)|local[-_ ](?:secret|key|dev|token|password)|unit[-_ ]?test|test[-_ ]?(?:key|secret|token|pass|api|value|user|client|app)|\btest(?:ing|er|ed)?\b|[-_](?:test|testing)\b|(?:^|[-_])tests?[-_]|for[-_ ]tests?|\bdemo\b|supersecret|topsecret|mysecret|mypass|mytoken|myapi|mykey|verysecret|keyboard[-_ ]?cat|shhh|swordfish|correct[-_ ]?horse""",
    re.VERBOSE | re.IGNORECASE,
)
# As a word of its own these say what kind of thing belongs there, or are what everybody tries first.
_STOCK_WORDS = """
password passwd pwd pass passphrase passcode secret secrets token tokens key keys apikey api auth authorization
authentication credential credentials cred creds login logout username user account access refresh bearer basic
client header headers param field admin administrator root superuser guest default test tests testing tester demo
dev devel develop development local localhost prod production staging postgres postgresql pgsql mysql mariadb redis
mongo mongodb rabbit rabbitmq neo4j elastic elasticsearch minio minioadmin docker vagrant jenkins sonar grafana
keycloak airflow oracle mssql sqlserver sa ubuntu centos raspberry pi ftp hello world welcome temp tmp temporary foo
bar baz qux quux abc abcd xyz xxx xyzzy value string text none null nil true false yes no on off empty blank
required optional unknown unset missing invalid wrong bad good correct incorrect valid expired mismatch new old
current confirm encrypted encryption decrypted encoded hashed hash plain plaintext plain_text raw cleartext clear
name type file path url uri env environment variable config setting settings placeholder private public private_key
signing session cookie csrf oauth oauth2 saml jwt ldap sso bcrypt argon2 scrypt hunter hunter1 hunter2 letmein
master shared anonymous nobody anything whatever ignored unused disabled enabled auto automatic random generated
strong secure insecure fixme todo na sekret sekrit geheim passwort kennwort contrasena motdepasse senha admin1 root1
admin123 pass123 test123 user1 secret1 password1
"""
_STOCK = frozenset(_STOCK_WORDS.split())
_LEET = str.maketrans("4@30!1$57", "aaeoiisst")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgb",
    "1qaz2wsx3edc4rfv",
    "1q2w3e4r5t6y",
    "!@#$%^&*()",
)
_RUNS = frozenset(row[at : at + 5] for base in _ROWS for row in (base, base[::-1]) for at in range(len(base) - 4))


def _stand_in(value: str, name: str) -> Strength | None:
    lower = value.lower()
    if _fake_run(value):
        return _not("a placeholder")
    found = _FAKE.search(value)
    if found is not None:
        return _not("a placeholder")
    if len(value) <= 32 and _FAKE.search(lower.translate(_LEET)) is not None:
        return _not("a placeholder")
    parts = re.findall(r"[a-z]+", words(value))
    leet = re.findall(r"[a-z]+", lower.translate(_LEET)) if len(value) <= 24 else []
    said = "".join(parts)
    if name and said and len(said) >= 3:
        called = words(name).replace("_", "")
        if called in (said, "".join(leet)) or (
            len(said) >= 0.6 * len(re.sub(r"\W", "", value))
            and (said in called or (called in said and len(called) >= 4))
        ):
            return _not("the name again")
    if parts and _explained(value) and any(part in _STOCK for part in parts):
        return _not("a word for what belongs there")
    if leet and len("".join(leet)) >= 0.7 * len(value) and any(_is_stock(part) for part in leet):
        return _not("a word for what belongs there")
    if (
        any(part in ("password", "passwd", "passwort", "passphrase", "secret", "apikey") for part in parts)
        and len(value) <= 24
    ):
        return _not("a word for what belongs there")
    return None


def _is_stock(part: str) -> bool:
    return len(part) >= 4 and (
        part in _STOCK
        or any(part.startswith(w) or part.endswith(w) for w in ("password", "passwd", "secret", "admin", "welcome"))
    )


def _fake_run(value: str) -> bool:
    """One character over and over, a piece over and over, or a run of the alphabet or the keyboard."""
    lower = value.lower()
    size = len(lower)
    if len(set(lower)) < (4 if size < 12 else 6):
        return size >= 3
    if (lower + lower).find(lower, 1) < size:
        return True
    longest = run = 1
    for before, after in itertools.pairwise(lower):
        run = run + 1 if before == after else 1
        longest = max(longest, run)
    if longest >= (4 if size <= 24 else 6 if size <= 200 else 10):
        return True
    covered = sum(lower[at : at + 5] in _RUNS for at in range(size - 4))
    return covered >= 1 if size <= 24 else covered >= 3


# --- random, or a word

_TOKEN = pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_SEPARATORS = pattern(r"[-_./:,+@ \\=|~]+")
# Terms of the trade with a digit in the middle.
_TERMS = pattern(
    r"(?:IPv[46]|WGS84)|(?<![A-Za-z0-9])(?:ipv[46]|x86|x64|amd64|arm64|armv\d|i[36]86|utf\d+|sha\d{1,3}|md5|oauth2?|s3|ec2|k8s|k3s|i18n|l10n|a11y"
    r"|h26[45]|mp[34]|base\d\d|v\d+[a-z]?|py\d+|cp\d+|[rhep]s(?:256|384|512)|aes\d+|x509|w3c|u2f|2fa|b2b|b2c|p2p|o365|m365|[a-z]?\d+[kmb])(?![A-Za-z0-9])"
)
_SYMBOLS = frozenset("!@#$%^&*?()[]{}<>;'\"`|~")


def _explained(value: str) -> bool:
    """Whether every part of it reads as a word, an abbreviation or a short number: `eu-west-1`, `JSONWebToken2`."""
    parts = [part for part in _SEPARATORS.split(_TERMS.sub("-", value)) if part]
    odd = [_odd_tokens(part) for part in parts]
    return None not in odd and sum(n or 0 for n in odd) <= max(2, len(parts) // 3)


def _odd_tokens(part: str) -> int | None:
    """How many of its tokens are no words; None when it is more than a name has."""
    tokens = _TOKEN.findall(part)
    if sum(map(len, tokens)) != len(part):  # a symbol that no separator is
        return None
    odd = numbers = 0
    for token in tokens:
        if token.isdigit():
            numbers += 1
            odd += len(token) > 8
        elif len(token) <= 3:
            odd += 0 if token.lower() in common() or len(tokens) == 1 else 1
        elif not is_worded(token.lower()) and not (token.isupper() and len(token) <= 5):
            odd += 1 if len(token) <= 8 else 2
    fits = odd <= (1 if len(part) < 12 else 2 if len(tokens) < 6 else 1) and numbers <= 2 and len(tokens) <= 8
    return odd if fits else None


def _random_or_word(value: str, name: str) -> Strength:
    if any(c.isspace() for c in value):
        return _phrase(value)
    if not any(c.isascii() and c.isalnum() for c in value):
        return _not("text")
    size = len(value)
    if size < 6:
        return _not("too short") if size < 4 else Strength(Grade.WEAK, "short")
    letters = re.sub(r"[^A-Za-z]", "", value)
    odd = _unexplained(value)
    kinds = sum((any(c.islower() for c in value), any(c.isupper() for c in value), any(c.isdigit() for c in value)))
    symbols = sum(c in _SYMBOLS for c in value)
    if len(letters) == size or (len(letters) + len(_SEPARATORS.findall(value)) >= size and kinds <= 2):
        # letters only: nothing but how unlike a word they are can tell
        longest = max(re.findall(r"[A-Za-z]+", value), key=len, default="")
        mixed = _switches(value)
        if (
            len(longest) >= 16
            and (surprise(longest.lower()) >= 5.4 or mixed >= len(longest) * 0.3)
            and odd >= 0.6 * size
        ):
            return Strength(Grade.STRONG, "drawn at random")
        if _explained(value) and len(re.findall(r"[A-Za-z]+", words(value))) >= 4:
            return _not("an identifier")
        return Strength(Grade.WEAK, "could be a word")
    if (
        (
            size >= 8
            and odd >= max(6, 0.5 * size)
            and _switches(value) >= (2 if size >= 16 and symbols == 0 and odd >= 0.7 * size else 3)
            and entropy(value) >= 2.5
            and len(set(value)) >= 6
        )
        and kinds + bool(symbols) >= 2
        and not _explained(value)
    ):
        return Strength(Grade.STRONG, "drawn at random")
    if size >= 8 and _like_a_password(value, letters, kinds, symbols):
        return Strength(Grade.STRONG, "a password")
    return Strength(Grade.WEAK, "could be a word")


def _like_a_password(value: str, letters: str, kinds: int, symbols: int) -> bool:
    """Letters, digits and a symbol that no name or path has: `Winter2024!`."""
    if not (letters and any(c.isdigit() for c in value) and 1 <= symbols <= len(value) / 2 and len(value) <= 64):
        return False
    if kinds < 3 and len(value) < 10:
        return False
    return len(letters) >= 3 and not value.startswith(("#", "&", "?", "@", "*", "<", "(", "[", "--"))


def _unexplained(value: str) -> int:
    """How many characters belong to no word, no separator and no short number at an end."""
    odd = 0
    for part in _SEPARATORS.split(_TERMS.sub("-", value)):
        for token in _TOKEN.findall(part):
            lower = token.lower()
            worded = len(token) >= 4 and token.isascii() and is_worded(lower)
            odd += 0 if worded or (token == part and token.isdigit() and len(token) <= 8) else len(token)
        odd += sum(c in _SYMBOLS for c in part)
    return odd


def _switches(value: str) -> int:
    """How often a character is of another kind than the one before it (a hump, `aB` before small letters, is none)."""
    value = _TERMS.sub("-", value)
    kinds = ["a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else "-" for c in value]
    return sum(
        a != b and not (a == "A" and b == "a") and not (b == "-" or a == "-") for a, b in itertools.pairwise(kinds)
    ) + sum(c in _SYMBOLS for c in value)


_PROSE = pattern(
    r"(?i)\b(?:the|your|a|an|is|are|for|to|of|in|on|and|or|not|with|this|that|please|must|can|be|it|you|no|if|by|from|as|at|will|should|has|have|was|invalid|enter|der|die|das|und|le|la|les|des|de|un|une|el|los|du|ein|eine|per|il)\b"
)


def _phrase(value: str) -> Strength:
    """What has blanks is text for people, unless its pieces are drawn at random (an app password in groups of four)."""
    parts = value.split()
    if "\n" in value:
        return _not("text")
    if (
        len(parts) in (4, 5)
        and all(len(part) == len(parts[0]) and part.isalnum() for part in parts)
        and len(parts[0]) >= 4
    ):
        joined = "".join(parts)
        if surprise(joined.lower()) >= 5.4 and not all(is_worded(part.lower()) for part in parts):
            return Strength(Grade.STRONG, "an app password")
    if len(parts) > 6 or _PROSE.search(value) or value.endswith((".", ":", "?", "…", "*")) or value[:1].isupper():
        return _not("a sentence")
    return Strength(Grade.WEAK, "a phrase")
