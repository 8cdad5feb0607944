"""Tokens as vendors make them, and what nearly is one: source hosts, CI, registries and clouds.

Written from what vendors say of their formats and from their sources, not from the rules' regexes: a rule that asks for too much
or too little disagrees with this table. Nothing here was ever given out. `bench/secrets_found.py` measures with it, and
tests/test_secret_formats.py holds every format to it. Formats of other services: bench/tokens_saas.py.
"""

from __future__ import annotations

import base64
import json
import re
import string
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

Make = Callable[[Random], str]

DIGITS = string.digits
HEX = "0123456789abcdef"
BASE36 = DIGITS + string.ascii_lowercase
ALNUM = DIGITS + string.ascii_uppercase + string.ascii_lowercase
WORD = ALNUM + "_-"  # base 64 for URLs
BASE64 = ALNUM + "+/"
BASE32 = string.ascii_uppercase + "234567"


_SPELLED = re.compile(
    r"xxxx|dummy|sample|lorem|ipsum|insert|hidden|masked|redact|remov|change|fake"
    r"|(?:your|my|some|the|this|put|add|enter).{0,3}(?:key|token|secret|pass)"
)


@dataclass(frozen=True)
class Format:
    """`rule` finds what `make` makes, all of it, in any file. `near` are texts in which no rule may find anything, by name.
    `doubtful` makes tokens whose check does not hold: they are found, one level lower. `beside` stands in a line above, for
    what is no token by itself; `key` is what the token is assigned to. The secret is all of what is made, or what follows
    `after` in it. A `block` spans lines, and is carried as a file of its own: at `path`, where it is told in one kind of file
    only. `in_tests` is off where tests and documentation are left alone; `python` is a rule that may tell it in a Python file, in its
    place."""

    rule: str
    name: str
    make: Make
    near: tuple[tuple[str, Make], ...] = ()
    doubtful: Make | None = None
    beside: str = ""
    key: str = "value"
    after: str = ""
    block: bool = False
    path: str = ""
    in_tests: bool = True
    python: str = ""

    def draw(self, random: Random) -> str:
        """One in which no word is spelled by chance: one of some ten thousand tokens holds one, and looks made up."""
        while True:
            made = self.make(random)
            if not _SPELLED.search(made.lower()):
                return made

    def secret(self, made: str) -> str:
        return made.rpartition(self.after)[2] if self.after else made


def some(random: Random, alphabet: str, length: int) -> str:
    """Drawn until it has enough different characters and no run, as nearly every drawn text has."""
    while True:
        text = "".join(random.choice(alphabet) for _ in range(length))
        if length < 16 or _usual(text):
            return text


def _usual(text: str) -> bool:
    codes = [ord(c) for c in text.lower()]
    steps = [b - a for a, b in pairwise(codes)]
    runs = any(len(set(steps[i : i + 4])) == 1 and abs(steps[i]) < 2 for i in range(len(steps) - 3))
    return len(set(text)) >= 8 and not runs and any(c.isdigit() for c in text)


def fixed(
    rule: str,
    name: str,
    prefix: str,
    alphabet: str,
    length: int | tuple[int, int],
    *,
    suffix: str = "",
    beside: str = "",
    key: str = "value",
    long: bool = True,
) -> Format:
    """A prefix and a number (or least and most) of characters; the near misses follow. `long` is off where a longer one is
    another format or one with no upper end."""
    least, most = (length, length) if isinstance(length, int) else length

    def body(random: Random, size: int) -> str:
        while True:
            text = some(random, alphabet, size)
            # A dash at the end is legal, and rare; at the end of a text it is no part of any token.
            if text[-1] not in "-_" and text[0] not in "-_":
                return text

    def make(random: Random) -> str:
        return prefix + body(random, random.randint(least, most)) + suffix

    def other_prefix(random: Random) -> str:
        at = max(i for i, c in enumerate(prefix) if c.isalnum())
        new = random.choice([c for c in "jqwxz" if c.lower() != prefix[at].lower()])
        return prefix[:at] + new + prefix[at + 1 :] + body(random, most) + suffix

    def short(random: Random) -> str:
        return prefix + body(random, least - 1) + suffix

    def longer(random: Random) -> str:
        # A sign of base 64 may also be what comes after a token: only a letter or a digit makes it a longer one.
        return prefix + body(random, most) + random.choice([c for c in alphabet if c.isalnum()]) + suffix

    def alphabet_broken(random: Random) -> str:
        text = body(random, most)
        at = random.randrange(1, min(least, 12))
        wrong = next(c for c in "g!" if c not in alphabet)
        return prefix + text[:at] + wrong + text[at + 1 :] + suffix

    def glued(random: Random) -> str:
        return random.choice(string.ascii_letters + DIGITS) + make(random)

    near: list[tuple[str, Make]] = [("short", short), ("alphabet", alphabet_broken), ("glued", glued)]
    if prefix and not beside:
        near.append(("prefix", other_prefix))
    if long:
        near.append(("long", longer))
    return Format(rule, name, make, tuple(near), None, beside, key)


def base(number: int, alphabet: str, width: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text.rjust(width, alphabet[0])


def crc(text: str) -> int:
    return zlib.crc32(text.encode())


def b64(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def b64url(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).decode().rstrip("=")


def spoiled(make: Make, start: int, stop: int, alphabet: str = ALNUM) -> Make:
    """The same with one character between `start` and `stop` changed."""

    def wrong(random: Random) -> str:
        token = make(random)
        at = random.randrange(start, min(stop, len(token)))
        new = random.choice([c for c in alphabet if c.lower() != token[at].lower()])
        return token[:at] + new + token[at + 1 :]

    return wrong


def cut(make: Make, by: int = 1) -> Make:
    return lambda random: make(random)[:-by]


def stuck(make: Make, beside: str = "x") -> Make:
    """With a letter in front."""
    return lambda random: beside + make(random)


# ---- GitHub, npm: a CRC-32 in base 62 (GitHub's blog, 2021-04-05)


def crc62(prefix: str) -> Make:
    def make(random: Random) -> str:
        while True:
            body = some(random, ALNUM, 30)
            token = body + base(crc(body), ALNUM, 6)
            if _usual(token):
                return prefix + token

    return make


def with_crc62(rule: str, name: str, prefix: str) -> Format:
    plain = fixed(rule, name, prefix, ALNUM, 36, long=prefix != "ghr_")
    return Format(rule, name, crc62(prefix), plain.near, spoiled(crc62(prefix), 6, 30))


def jwt(random: Random, **claims: object) -> str:
    head = json.dumps({"alg": random.choice(["RS256", "HS256", "ES256"]), "typ": "JWT"})
    return f"{b64url(head)}.{b64url(json.dumps(claims))}.{b64url(random.randbytes(random.choice([32, 64, 256])))}"


def github_app(random: Random) -> str:
    claims = {"iss": "github", "installation": random.randrange(10**8), "exp": 4_000_000_000}
    return f"ghs_{random.randrange(10**5, 10**8)}_{jwt(random, **claims)}"


GITHUB = (
    *(with_crc62("github-token", f"{prefix}…", prefix) for prefix in ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    fixed("github-token", "a longer refresh token", "ghr_", ALNUM, 76),
    Format(
        "github-token",
        "an app's, with a JWT",
        github_app,
        (("glued", stuck(github_app)),),
        lambda r: f"ghs_{r.randrange(10**5, 10**8)}_{jwt(r, iss='github', exp=1_600_000_000)}",
    ),
    Format(
        "github-token",
        "fine-grained",
        lambda r: "github_pat_" + some(r, ALNUM, 22) + "_" + some(r, ALNUM, 59),
        (
            ("short", lambda r: "github_pat_" + some(r, ALNUM, 22) + "_" + some(r, ALNUM, 58)),
            ("long", lambda r: "github_pat_" + some(r, ALNUM, 22) + "_" + some(r, ALNUM, 60)),
            ("middle", lambda r: "github_pat_" + some(r, ALNUM, 21) + "_" + some(r, ALNUM, 60)),
            ("glued", lambda r: "my_github_pat_" + some(r, ALNUM, 22) + "_" + some(r, ALNUM, 59)),
        ),
    ),
)


# ---- GitLab (docs.gitlab.com/security/tokens; the handbook's "Routable Tokens")


def routable(prefix: str, version: str = ".01.") -> Make:
    def make(random: Random) -> str:
        routing = "\n".join(
            f"{key}:{base(random.randrange(1, 10**9), BASE36, 1)}" for key in "opu"[: random.randint(1, 3)]
        )
        payload = b64url(random.randbytes(16) + routing.encode() + bytes((len(routing),)))
        head = f"{prefix}{payload}{version}{base(len(payload), BASE36, 2)}"
        return head + base(crc(head), BASE36, 7)

    return make


def a_routable(name: str, prefix: str, version: str = ".01.") -> Format:
    make = routable(prefix, version)
    return Format(
        "gitlab-token", name, make, (("glued", stuck(make)), ("short", lambda r: make(r)[:22])), spoiled(make, 12, 26)
    )


GITLAB = (
    fixed("gitlab-token", "personal", "glpat-", WORD, 20),
    a_routable("personal, routable", "glpat-"),
    a_routable("personal, routable, the first ones", "glpat-", "."),
    fixed("gitlab-token", "deploy", "gldt-", WORD, 20),
    fixed("gitlab-token", "runner", "glrt-", WORD, 20),
    Format("gitlab-token", "runner, with its kind", lambda r: f"glrt-t{r.randint(1, 3)}_" + some(r, WORD[:-2], 20)),
    a_routable("runner, routable", "glrt-t3_"),
    Format("gitlab-token", "job", lambda r: f"glcbt-{r.randrange(256):x}_" + some(r, WORD[:-2], 20)),
    fixed("gitlab-token", "trigger", "glptt-", HEX, 40),
    fixed("gitlab-token", "feed", "glft-", WORD, 20),
    fixed("gitlab-token", "incoming mail", "glimt-", BASE36, 25),
    fixed("gitlab-token", "agent", "glagent-", WORD, 50),
    fixed("gitlab-token", "OAuth application", "gloas-", HEX, 64),
    fixed("gitlab-token", "SCIM", "glsoat-", WORD, 20),
    fixed("gitlab-token", "feature flags client", "glffct-", WORD, 20),
    fixed("gitlab-token", "runner registration", "GR1348941", WORD, 20),
)


# ---- package registries


def pypi(location: str) -> Make:
    """A macaroon, version 2: location, identifier (a UUID in JSON, as PyPI's), caveats, signature."""

    def make(random: Random) -> str:
        identifier = str(uuid.UUID(int=random.getrandbits(128), version=4)).encode()
        caveat = f'[3,"{uuid.UUID(int=random.getrandbits(128), version=4)}"]'.encode()
        data = (
            b"\x02\x01" + bytes((len(location),)) + location.encode() + b"\x02" + bytes((len(identifier),)) + identifier
        )
        data += b"\0\x02" + bytes((len(caveat),)) + caveat + b"\0\0\x06\x20" + random.randbytes(32)
        return "pypi-" + b64url(data)

    return make


def a_pypi(name: str, location: str) -> Format:
    make = pypi(location)
    return Format("pypi-token", name, make, (("short", lambda r: make(r)[:70]), ("glued", stuck(make))))


def jfrog(random: Random) -> str:
    return b64(f"reftkn:01:{random.randrange(1_700_000_000, 1_900_000_000)}:{some(random, ALNUM, 27)}").rstrip("=")


REGISTRIES = (
    with_crc62("npm-token", "npm", "npm_"),
    a_pypi("PyPI", "pypi.org"),
    a_pypi("TestPyPI", "test.pypi.org"),
    fixed("rubygems-token", "RubyGems", "rubygems_", HEX, 48),
    fixed("cargo-token", "crates.io", "cio", ALNUM, 32, beside="cargo login"),
    fixed("nuget-key", "NuGet", "oy2", BASE32.lower(), 43),
    fixed("docker-hub-token", "personal", "dckr_pat_", WORD, 27),
    fixed("docker-hub-token", "organisation", "dckr_oat_", WORD, 32),
    Format(
        "docker-swarm-token",
        "to join",
        lambda r: f"SWMTKN-1-{some(r, BASE36, 50)}-{some(r, BASE36, 25)}",
        (
            ("short", lambda r: f"SWMTKN-1-{some(r, BASE36, 49)}-{some(r, BASE36, 25)}"),
            ("long", lambda r: f"SWMTKN-1-{some(r, BASE36, 50)}-{some(r, BASE36, 26)}"),
        ),
    ),
    fixed("docker-swarm-token", "to unlock", "SWMKEY-1-", BASE64, 43),
    fixed("clojars-token", "Clojars", "CLOJARS_", HEX, 60),
    Format(
        "jfrog-token",
        "reference",
        jfrog,
        (("short", cut(jfrog)), ("glued", stuck(jfrog))),
        lambda r: "cmVmdGtuO" + "a" + some(r, ALNUM, 54),
    ),
    fixed("jfrog-token", "API key", "AKCp", ALNUM, (69, 70)),
)


# ---- source hosts and CI


def atlassian(prefix: str, size: int) -> Make:
    def make(random: Random) -> str:
        head = prefix + some(random, WORD, size) + "="
        return head + f"{crc(head):08X}"

    return make


def an_atlassian(rule: str, name: str, prefix: str, size: int = 172) -> Format:
    make = atlassian(prefix, size)
    return Format(
        rule,
        name,
        make,
        (("no checksum", lambda r: make(r)[:-9]), ("short", cut(make)), ("glued", stuck(make))),
        spoiled(make, 14, 60),
    )


def sentry(random: Random) -> str:
    said = {
        "iat": 1_700_000_000 + random.random(),
        "url": "https://sentry.io",
        "region_url": "https://us.sentry.io",
        "org": "a",
    }
    return "sntrys_" + b64(json.dumps(said)).rstrip("=") + "_" + some(random, BASE64, 43)


def onepassword(random: Random) -> str:
    said = {
        "signInAddress": "my.1password.com",
        "userAuth": {
            "method": "SRPg-4096",
            "alg": "PBES2g-HS256",
            "iterations": 650000,
            "salt": b64url(random.randbytes(16)),
        },
        "email": "a@1passwordserviceaccounts.com",
        "srpX": random.randbytes(32).hex(),
        "muk": {"alg": "A256GCM", "k": b64url(random.randbytes(32)), "kty": "oct", "kid": "mp"},
        "secretKey": "A3-" + some(random, BASE32, 6),
        "deviceUuid": some(random, BASE36, 26),
    }
    return "ops_" + b64url(json.dumps(said))


def a_uuid(random: Random) -> str:
    while True:
        text = str(uuid.UUID(int=random.getrandbits(128), version=4))
        if re.search(r"(.)\1{4}", text) is None:
            return text


UUID = "the number of an order"  # where a UUID is no secret
CI = (
    an_atlassian("atlassian-token", "Atlassian", "ATATT3xFfGF0"),
    an_atlassian("bitbucket-token", "of a repository", "ATCTT3xFfGN0"),
    fixed("bitbucket-token", "app password", "ATBB", ALNUM, 24, suffix="4F6A09BE"),
    Format(
        "bitbucket-token",
        "Data Center",
        lambda r: "BBDC-" + b64(f"{r.randrange(10**11, 10**12)}:".encode() + r.randbytes(20)),
        (("short", lambda r: "BBDC-" + some(r, BASE64, 43)), ("long", lambda r: "BBDC-" + some(r, ALNUM, 45))),
        lambda r: "BBDC-" + some(r, ALNUM, 44),
    ),
    Format("circleci-token", "personal", lambda r: f"CCIPAT_{some(r, ALNUM, 22)}_{some(r, HEX, 40)}",
           (("short", lambda r: f"CCIPAT_{some(r, ALNUM, 22)}_{some(r, HEX, 39)}"), ("long", lambda r: f"CCIPAT_{some(r, ALNUM, 22)}_{some(r, HEX, 41)}"))),
    Format("circleci-token", "project", lambda r: f"CCIPRJ_{some(r, ALNUM, 22)}_{some(r, HEX, 40)}",
           (("alphabet", lambda r: f"CCIPRJ_{some(r, ALNUM, 22)}_g{some(r, HEX, 39)}"),)),
    fixed("buildkite-token", "API", "bkua_", HEX, 40),
    Format("terraform-cloud-token", "Terraform Cloud", lambda r: some(r, ALNUM, 14) + ".atlasv1." + some(r, WORD[:-2], r.randint(60, 70)),
           (("short", lambda r: some(r, ALNUM, 14) + ".atlasv1." + some(r, ALNUM, 50)),
            ("glued", lambda r: some(r, ALNUM, 15) + ".atlasv1." + some(r, ALNUM, 67)))),
    fixed("vault-token", "service", "hvs.", WORD, (90, 120), long=False),
    fixed("vault-token", "batch", "hvb.", WORD, (138, 300), long=False),
    fixed("vault-token", "recovery", "hvr.", WORD, (90, 120), long=False),
    fixed("vault-token-old", "before 1.10", "s.", ALNUM, 24, key="VAULT_TOKEN"),
    fixed("pulumi-token", "Pulumi", "pul-", HEX, 40),
    *(
        fixed("doppler-token", kind, f"dp.{kind}.", ALNUM, (40, 44))
        for kind in ("pt", "ct", "sa", "scim", "audit")
    ),
    fixed("doppler-token", "st", "dp.st.", ALNUM, (40, 44)),
    Format("doppler-token", "st, with its configuration", lambda r: "dp.st.prd_eu." + some(r, ALNUM, r.randint(40, 44))),
    Format("snyk-token", "Snyk", a_uuid, (("glued", stuck(a_uuid)), ("short", cut(a_uuid))), key="SNYK_TOKEN"),
    *(fixed("sonar-token", kind, kind, HEX, 40) for kind in ("sqp_", "sqa_", "squ_")),
    Format("sentry-token", "organisation", sentry, (("short", cut(sentry)), ("glued", stuck(sentry))),
           lambda r: "sntrys_eyJ" + some(r, ALNUM, 90) + "_" + some(r, BASE64, 43)),
    fixed("sentry-token", "user", "sntryu_", HEX, 64),
    Format("postman-key", "Postman", lambda r: f"PMAK-{some(r, HEX, 24)}-{some(r, HEX, 34)}",
           (("short", lambda r: f"PMAK-{some(r, HEX, 24)}-{some(r, HEX, 33)}"), ("long", lambda r: f"PMAK-{some(r, HEX, 24)}-{some(r, HEX, 35)}"),
            ("alphabet", lambda r: f"PMAK-{some(r, HEX, 23)}g-{some(r, HEX, 34)}"))),
    Format("sourcegraph-token", "Sourcegraph", lambda r: f"sgp_{r.choice([some(r, HEX, 16), 'local'])}_{some(r, HEX, 40)}",
           (("short", lambda r: f"sgp_{some(r, HEX, 16)}_{some(r, HEX, 39)}"), ("long", lambda r: f"sgp_local_{some(r, HEX, 41)}"))),
    Format("codecov-token", "Codecov", a_uuid, (("glued", stuck(a_uuid)),), key="CODECOV_TOKEN"),
    Format("ci-token-by-name", "Coveralls", lambda r: some(r, ALNUM, 33), (("short", lambda r: some(r, ALNUM, 30)),), key="COVERALLS_REPO_TOKEN"),
    Format("ci-token-by-name", "Drone", lambda r: some(r, ALNUM, 32), (("short", lambda r: some(r, ALNUM, 30)),), key="DRONE_TOKEN"),
    Format("ci-token-by-name", "Travis", lambda r: some(r, WORD[:-2], 22), (("short", lambda r: some(r, ALNUM, 20)),), key="TRAVIS_TOKEN"),
    Format("onepassword-token", "service account", onepassword, (("glued", stuck(onepassword)), ("short", lambda r: onepassword(r)[:200])),
           lambda r: "ops_eyJ" + some(r, ALNUM, 400)),
    Format("onepassword-token", "secret key", lambda r: "A3-" + "-".join((some(r, BASE32, 6), some(r, BASE32, 6) + some(r, BASE32, 5), *(some(r, BASE32, 5) for _ in range(3)))),
           (("short", lambda r: "A3-" + "-".join((some(r, BASE32, 6), some(r, BASE32, 11), *(some(r, BASE32, 5) for _ in range(2))))),)),
    *(
        Format("harness-token", kind, lambda r, kind=kind: f"{kind}.{some(r, ALNUM, 22)}.{some(r, HEX, 24)}.{some(r, ALNUM, 20)}",  # type: ignore[misc]
               (("short", lambda r, kind=kind: f"{kind}.{some(r, ALNUM, 22)}.{some(r, HEX, 24)}.{some(r, ALNUM, 19)}"),))  # type: ignore[misc]
        for kind in ("pat", "sat")
    ),
    Format("cloudsmith-key", "Cloudsmith", lambda r: "csa_" + some(r, HEX, 30) + some(r, ALNUM, 6),
           (("short", lambda r: "csa_" + some(r, HEX, 30) + some(r, ALNUM, 5)), ("long", lambda r: "csa_" + some(r, HEX, 30) + some(r, ALNUM, 7)))),
)  # fmt: skip


# ---- clouds


def aws_id(random: Random) -> str:
    """An id whose account has 12 digits (the place of it: A. Steele and T. Be'ery)."""
    account = random.randrange(10**11, 10**12)
    first = (account << 7 | 1 << 47 | random.getrandbits(7)).to_bytes(6, "big")
    return "AKIA" + base64.b32encode(first + random.randbytes(4)).decode()


def aws_secret(random: Random) -> str:
    while True:
        text = some(random, BASE64, 40)
        if (
            any(c.islower() for c in text)
            and any(c.isupper() for c in text)
            and text[0] not in "/+"
            and text[-1] not in "/+"
        ):
            return text


def bedrock(random: Random) -> str:
    name = f"BedrockAPIKey-{some(random, BASE36, 4)}-at-{random.randrange(10**11, 10**12)}:"
    return "ABSK" + b64(name.encode() + b64(random.randbytes(random.randint(44, 60))).encode())


def bedrock_short(random: Random) -> str:
    query = f"bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Signature={random.randbytes(32).hex()}&Version=1"
    return "bedrock-api-key-" + b64(query)


def marvin(data: bytes, seed: bytes) -> bytes:
    """Marvin32 as SymCrypt has it."""
    word, number = (1 << 32) - 1, int.from_bytes(seed, "big")
    state = [number & word, number >> 32]

    def turn(value: int, bits: int) -> int:
        return (value << bits & word) | value >> (32 - bits)

    def block(value: int) -> None:
        a, b = (state[0] + value) & word, state[1]
        b ^= a
        a = (turn(a, 20) + b) & word
        b = turn(b, 9) ^ a
        a = (turn(a, 27) + b) & word
        state[:] = [a, turn(b, 19)]

    padded = data + b"\x80" + b"\0" * (3 - len(data) % 4)
    for at in range(0, len(padded), 4):
        block(int.from_bytes(padded[at : at + 4], "little"))
    block(0)
    return (state[0] ^ state[1]).to_bytes(4, "little")


def azure(signature: str, seed: str, size: int, url: bool = False, right: bool = True) -> Make:
    """`size` bytes, of which the last four are the checksum and the three before them, in base 64, the signature."""

    def make(random: Random) -> str:
        letters = (size * 8 + 5) // 6  # without padding
        head = some(random, WORD if url else BASE64, letters - 10) + signature
        whole = head + "AA"
        data = int.from_bytes(
            base64.b64decode((whole + "A" * (-len(whole) % 4)).translate(str.maketrans("-_", "+/"))), "big"
        )
        total = (len(whole) + -len(whole) % 4) * 6
        body = (data >> (total - (size - 4) * 8)).to_bytes(size - 4, "big")
        check = marvin(body, seed.encode()) if right else random.randbytes(4)
        made = base64.b64encode(body + check).decode()
        return made.translate(str.maketrans("+/", "-_")) if url else made

    return make


def an_azure(name: str, signature: str, seed: str, size: int, url: bool = False) -> Format:
    make = azure(signature, seed, size, url)
    doubtful = None if signature == "AzCa" else azure(signature, seed, size, url, right=False)
    other = azure("Qx7" + "z", seed, size, url)
    return Format(
        "azure-key",
        name,
        make,
        (("signature", other), ("glued", stuck(make)), ("short", lambda r: make(r)[1:])),
        doubtful,
    )


def annotated(signature: str) -> Make:
    def make(random: Random) -> str:
        date = random.choice("ABC") + random.choice("ABCDEFGHIJKL")
        tail = some(random, ALNUM, 4)
        return (
            f"{some(random, ALNUM, 52)}JQQJ99{date}AC{some(random, ALNUM, 10)}AAA{random.choice('AB')}{signature}{tail}"
        )

    return make


def an_annotated(name: str, signature: str, rule: str = "azure-key") -> Format:
    make = annotated(signature)
    return Format(
        rule,
        name,
        make,
        (
            ("short", lambda r: make(r)[1:]),
            ("glued", stuck(make)),
            (
                "month",
                lambda r: (
                    some(r, ALNUM, 52) + "JQQJ99BZ" + "AC" + some(r, ALNUM, 10) + "AAAA" + signature + some(r, ALNUM, 4)
                ),
            ),
        ),
    )


AAD = string.ascii_lowercase + string.ascii_uppercase + "1234567890.-_~"


def client_secret(random: Random) -> str:
    while True:
        head = some(random, ALNUM, 3) + "8Q~" + some(random, AAD, 31)
        tail = base(int.from_bytes(marvin(head.encode(), b"AadPwd00"), "little"), AAD, 1)[:3]
        if tail[-1].isalnum():
            return head + tail


def devops(random: Random) -> str:
    plain = random.randbytes(28)
    check = (zlib.crc32(plain) ^ random.choice([0xE0B9692D, 0x1019F92E])).to_bytes(4, "big")
    data = plain[:2] + check[:1] + plain[2:6] + check[1:3] + plain[6:19] + check[3:] + plain[19:]
    return base64.b32encode(data).decode().lower().rstrip("=")


def connection(start: str, size: int) -> Make:
    return lambda random: start + b64(random.randbytes(size))


def sas(random: Random) -> str:
    signature = b64(random.randbytes(32)).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"sv=2022-11-02&ss=b&srt=co&sp=rl&se=2098-0{random.randint(1, 9)}-11T08:00:00Z&st=2024-01-01T00:00:00Z&spr=https&sig={signature}"


def key_of_service_account(random: Random) -> str:
    """PKCS#8 as far as it can be read without a library: 0, an algorithm, and octets."""

    def der(tag: int, content: bytes) -> bytes:
        size = len(content)
        length = bytes((size,)) if size < 128 else bytes((0x82,)) + size.to_bytes(2, "big")
        return bytes((tag,)) + length + content

    inner = der(
        0x30,
        b"\x02\1\0"
        + der(2, b"\0" + random.randbytes(256))
        + b"\x02\3\1\0\1"
        + der(2, b"\0" + random.randbytes(256))
        + der(2, random.randbytes(640)),
    )
    text = b64(der(0x30, b"\x02\1\0" + bytes.fromhex("300d06092a864886f70d0101010500") + der(4, inner)))
    lines = "\\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    return f"-----BEGIN PRIVATE KEY-----\\n{lines}\\n-----END PRIVATE KEY-----\\n"


def service_account(random: Random) -> str:
    return (
        '{\n  "type": "service_account",\n  "project_id": "shop-7",\n  "private_key_id": "'
        + some(random, HEX, 40)
        + '",\n  "private_key": "'
        + key_of_service_account(random)
        + '",\n  "client_email": "a@shop-7.iam.gserviceaccount.com"\n}\n'
    )


CLOUDS = (
    Format("aws-access-key-id", "alone", aws_id, (("short", cut(aws_id)), ("long", lambda r: aws_id(r) + "A"), ("glued", stuck(aws_id, "Q"))), lambda r: "AKIA" + "7" + some(r, BASE32, 15)),
    Format("aws-secret-key", "by its name", aws_secret, (("short", cut(aws_secret)), ("long", lambda r: aws_secret(r) + "a")), key="aws_secret_access_key"),
    Format("aws-secret-key", "beside its id", aws_secret, (("short", cut(aws_secret)),), beside="# id: AKIA" + "VCODYLSA53PQK4ZC", key="secret_key"),
    Format("aws-bedrock-key", "long-term", bedrock, (("short", lambda r: bedrock(r)[:100]), ("glued", stuck(bedrock))), lambda r: "ABSK" + some(r, ALNUM, 112)),
    Format("aws-bedrock-key", "short-term", bedrock_short, (("glued", stuck(bedrock_short)),)),
    Format("aws-service-key", "MWS", lambda r: "amzn.mws." + a_uuid(r), (("short", lambda r: "amzn.mws." + a_uuid(r)[:-1]),)),
    fixed("aws-service-key", "AppSync", "da2-", BASE36, 26),
    fixed("google-api-key", "Google API", "AIza", WORD, 35),
    fixed("google-api-key", "Gemini", "AQ.Ab8RN6", WORD, 44),
    fixed("google-oauth-secret", "client secret", "GOCSPX-", WORD, 28),
    fixed("google-oauth-secret", "access token", "ya29.", WORD, (22, 200), long=False),
    fixed("google-oauth-secret", "refresh token", "1//0", WORD, (40, 110), long=False),
    Format("google-service-account-key", "key file", service_account, block=True),
    Format("azure-client-secret", "with a checksum", client_secret, (("short", cut(client_secret)), ("long", lambda r: client_secret(r) + "a")), spoiled(client_secret, 7, 30)),
    Format("azure-client-secret", "before checksums", lambda r: some(r, ALNUM, 3) + "7Q~" + some(r, ALNUM, 31), (("short", lambda r: some(r, ALNUM, 3) + "7Q~" + some(r, ALNUM, 30)),)),
    an_azure("Service Bus", "+ASb", "Send0000", 32),
    an_azure("Event Hub", "+AEh", "Listen00", 32),
    an_azure("Relay", "+ARm", "Manage00", 32),
    an_azure("IoT", "AIoT", "Device00", 32),
    an_azure("Event Grid", "AZEG", "Default0", 32),
    an_azure("Redis", "AzCa", "Access00", 32),
    an_azure("Storage", "+ASt", "Default0", 64),
    an_azure("Cosmos DB", "ACDb", "MastRW00", 64),
    an_azure("Batch", "+ABa", "AbAcct00", 64),
    an_azure("Machine Learning", "+AMC", "Classic0", 64),
    an_azure("API Management", "APIM", "Tenant00", 64),
    an_azure("Search", "AzSe", "Query000", 39),
    an_azure("Functions", "AzFu", "Functi00", 40, url=True),
    an_azure("Container Registry", "+ACR", "ACRDflt0", 39),
    an_annotated("OpenAI and Cognitive Services", "ACOG"),
    an_annotated("Maps", "AZMP"),
    an_annotated("Communication Services", "AZCS"),
    an_annotated("Event Grid, new", "AZEG"),
    an_annotated("Azure DevOps, new", "AZDO", "azure-devops-token"),
    Format("azure-devops-token", "Azure DevOps", devops, (("short", cut(devops)), ("glued", stuck(devops, "a"))), spoiled(devops, 6, 40, BASE32.lower()), key="AZURE_DEVOPS_EXT_PAT"),
    *(
        Format("azure-connection-string", name, connection(start, size), (("short", cut(connection(start, size), 12)), ("placeholder", lambda r, start=start: start + "<the key>")), after=start[start.rindex(";") + 1:])  # type: ignore[misc]
        for name, start, size in (
            ("account key", "DefaultEndpointsProtocol=https;AccountName=shop7;AccountKey=", 64),
            ("shared access key", "Endpoint=sb://shop7.servicebus.windows.net/;SharedAccessKeyName=send;SharedAccessKey=", 32),
            ("app configuration", "Endpoint=https://shop7.azconfig.io;Id=x1-l0-s0:Qk3;Secret=", 32),
        )
    ),
    Format("azure-sas", "SAS", sas, (("ended", lambda r: sas(r).replace("se=2098", "se=2018")), ("no signature", lambda r: sas(r).split("&sig")[0]))),
    *(fixed("digitalocean-token", kind, kind, HEX, 64) for kind in ("dop_v1_", "doo_v1_", "dor_v1_")),
    *(
        Format("cloudflare-token", kind, lambda r, kind=kind: kind + some(r, ALNUM, 40) + some(r, HEX, 8),  # type: ignore[misc]
               (("short", lambda r, kind=kind: kind + some(r, ALNUM, 39) + some(r, HEX, 8)),  # type: ignore[misc]
                ("long", lambda r, kind=kind: kind + some(r, ALNUM, 41) + some(r, HEX, 8)),  # type: ignore[misc]
                ("glued", lambda r, kind=kind: "x" + kind + some(r, ALNUM, 40) + some(r, HEX, 8))))  # type: ignore[misc]
        for kind in ("cfut_", "cfat_", "cfk_")
    ),
    Format("cloudflare-token", "Origin CA", lambda r: f"v1.0-{some(r, HEX, 24)}-{some(r, HEX, 146)}", (("short", lambda r: f"v1.0-{some(r, HEX, 24)}-{some(r, HEX, 145)}"), ("long", lambda r: f"v1.0-{some(r, HEX, 24)}-{some(r, HEX, 147)}"))),
    fixed("heroku-key", "Heroku", "HRKU-AA", WORD, 58),
    Format("heroku-key", "Heroku, older", lambda r: "HRKU-" + a_uuid(r), (("short", lambda r: "HRKU-" + a_uuid(r)[:-1]),)),
    Format("fly-token", "macaroon", lambda r: "fm2_" + b64(r.randbytes(r.randrange(90, 300, 3))), (("short", lambda r: "fm2_" + b64(r.randbytes(60))), ("glued", lambda r: "x" + "fm2_" + b64(r.randbytes(90))))),
    fixed("fly-token", "older", "fo1_", WORD, 43),
    Format("alibaba-access-key", "secret beside its id", lambda r: some(r, ALNUM, 30), (("short", lambda r: some(r, ALNUM, 29)), ("long", lambda r: some(r, ALNUM, 31))), beside="# id: LTAI" + "5tQk7Zv2Wm9RbXc4Hn1J", key="access_key_secret"),
    fixed("yandex-cloud-key", "API key", "AQVN", WORD, (35, 38)),
    Format("yandex-cloud-key", "IAM token", lambda r: f"t1.{some(r, ALNUM, 60)}.{some(r, ALNUM, 86)}", (("short", lambda r: f"t1.{some(r, ALNUM, 60)}.{some(r, ALNUM, 70)}"),), beside="# yandex cloud"),
    Format("scaleway-key", "secret key", a_uuid, (("short", cut(a_uuid)),), beside="# SCW" + "7QK4ZC53PQVXDYLSA", key="secret_key"),
    fixed("databricks-token", "Databricks", "dapi", HEX, 32),
    Format("databricks-token", "with its number", lambda r: "dapi" + some(r, HEX, 32) + "-2", (("long", lambda r: "dapi" + some(r, HEX, 33) + "-2"),)),
    fixed("confluent-secret", "Confluent", "cflt", BASE64, 60),
    fixed("mongodb-atlas-secret", "service account", "mdb_sa_sk_", WORD, 40),
    *(fixed("planetscale-token", kind, kind, WORD, (32, 64)) for kind in ("pscale_tkn_", "pscale_pw_", "pscale_oauth_")),
    Format("supabase-key", "secret", lambda r: f"sb_secret_{some(r, WORD[:-2], 22)}_{some(r, ALNUM, 8)}", (("public", lambda r: f"sb_publishable_{some(r, ALNUM, 22)}_{some(r, ALNUM, 8)}"), ("short", lambda r: f"sb_secret_{some(r, ALNUM, 21)}_{some(r, ALNUM, 8)}"))),
    fixed("supabase-key", "management", "sbp_", HEX, 40),
    Format("supabase-key", "service role", lambda r: jwt(r, iss="supabase", ref="qz7", role="service_role", iat=1_700_000_000, exp=4_000_000_000), (("anon", lambda r: jwt(r, iss="supabase", ref="qz7", role="anon", exp=4_000_000_000)), ("local", lambda r: jwt(r, iss="supabase-demo", role="service_role", exp=4_000_000_000)))),
    fixed("neon-key", "Neon", "napi_", BASE36, 64),
    Format("cockroachdb-key", "CockroachDB", lambda r: f"CCDB1_{some(r, ALNUM, 22)}_{some(r, ALNUM, 40)}", (("short", lambda r: f"CCDB1_{some(r, ALNUM, 22)}_{some(r, ALNUM, 39)}"), ("long", lambda r: f"CCDB1_{some(r, ALNUM, 22)}_{some(r, ALNUM, 41)}"))),
    Format("datastax-token", "Astra", lambda r: f"AstraCS:{some(r, ALNUM, 24)}:{some(r, HEX, 64)}", (("short", lambda r: f"AstraCS:{some(r, ALNUM, 12)}"),)),
    *(fixed("vercel-token", kind, kind, ALNUM, 56) for kind in ("vcp_", "vci_", "vca_", "vcr_", "vck_")),
    fixed("netlify-token", "Netlify", "nfp_", ALNUM, 36),
    *(
        Format("tailscale-key", kind, lambda r, kind=kind: f"tskey-{kind}-{some(r, ALNUM, 12)}CNTRL-{some(r, ALNUM, 33)}",  # type: ignore[misc]
               (("short", lambda r, kind=kind: f"tskey-{kind}-{some(r, ALNUM, 12)}CNTRL-{some(r, ALNUM, 12)}"),))  # type: ignore[misc]
        for kind in ("auth", "api", "client", "scim", "webhook")
    ),
)  # fmt: skip

FORMATS: tuple[Format, ...] = (*GITHUB, *GITLAB, *REGISTRIES, *CI, *CLOUDS)
