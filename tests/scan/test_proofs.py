"""Does a token prove itself? Made here with the right checksum, then with one letter changed; and with no sense at all."""

from __future__ import annotations

import base64
import binascii
import json
import random
import re
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devsec.catalog import rule
from devsec.scan import keyfiles, proofs
from devsec.scan.marvin import marvin32
from devsec.scan.proofs import PROOFS, Proof

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
DICE = random.Random(20261124)
LATER = 4_000_000_000


def some(alphabet: str, length: int) -> str:
    return "".join(DICE.choice(alphabet) for _ in range(length))


def in_base(number: int, alphabet: str, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    assert number == 0
    return digits


def crc(text: str) -> int:
    return zlib.crc32(text.encode())


def plain64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url64(data: bytes | str) -> str:
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).decode().rstrip("=")


def sas(ends: str) -> str:
    signature = plain64(DICE.randbytes(32)).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return f"sv=2022-11-02&ss=b&srt=co&sp=rl&se={ends}&spr=https&sig={signature}"


def a_jwt(payload: object, header: object = None) -> str:
    parts = (json.dumps(header or {"alg": "HS256", "typ": "JWT"}), json.dumps(payload))
    return ".".join((url64(parts[0]), url64(parts[1]), url64(DICE.randbytes(32))))


def github() -> str:
    body = some(BASE62, 30)
    return "ghp_" + body + in_base(crc(body), BASE62, 6)


def gitlab(version: str = ".01.", prefix: str = "glpat-") -> str:
    payload = url64(DICE.randbytes(16) + b"o:1\nu:4f" + b"\x08")
    head = f"{prefix}{payload}{version}{in_base(len(payload), BASE36, 2)}"
    return head + in_base(crc(head), BASE36, 7)


def atlassian() -> str:
    head = "ATATT3" + "xFfGF0" + some(BASE62 + "-_", 172) + "="
    return head + f"{crc(head):08X}"


def grafana() -> str:
    head = "glsa_" + some(BASE62, 32)
    return head + "_" + crc(head).to_bytes(4, "little").hex()


def azure_64() -> str:
    data = DICE.randbytes(57) + base64.b64decode("+ASt")
    return plain64(data + marvin32(data, int.from_bytes(b"Default0", "big")).to_bytes(4, "little"))


def azure_32() -> str:
    # 33 letters are 24 bytes and 6 bits: the signature straddles five bytes, and the last two bits are 0.
    head = DICE.randbytes(24) + (
        DICE.getrandbits(6) << 26 | int.from_bytes(base64.b64decode("+AEh"), "big") << 2
    ).to_bytes(4, "big")
    return plain64(head + marvin32(head, int.from_bytes(b"Send0000", "big")).to_bytes(4, "little"))


def azure_search() -> str:
    # 42 letters are 31 bytes and 4 bits.
    head = DICE.randbytes(31) + (
        DICE.getrandbits(4) << 28 | int.from_bytes(base64.b64decode("AzSe"), "big") << 4
    ).to_bytes(4, "big")
    return plain64(head + marvin32(head, int.from_bytes(b"Query000", "big")).to_bytes(4, "little"))


def azure_functions() -> str:
    head = DICE.randbytes(33) + base64.b64decode("AzFu")
    check = marvin32(head, int.from_bytes(b"Master00", "big")).to_bytes(4, "little")
    return base64.urlsafe_b64encode(head[:36] + check).decode() if len(head) == 36 else ""


def azure_client_secret() -> str:
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"
    head = some(BASE62, 3) + "8Q~" + some(alphabet, 31)
    number = marvin32(head.encode(), int.from_bytes(b"AadPwd00", "big"))
    digits = ""
    while number:
        number, digit = divmod(number, 66)
        digits = alphabet[digit] + digits
    return head + digits[:3]


def azure_devops() -> str:
    random28 = DICE.randbytes(28)
    check = (zlib.crc32(random28) ^ 0xE0B9692D).to_bytes(4, "big")
    data = random28[:2] + check[:1] + random28[2:6] + check[1:3] + random28[6:19] + check[3:] + random28[19:]
    return base64.b32encode(data).decode().lower().rstrip("=")


def age(name: str = "AGE-SECRET-KEY-") -> str:
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    number = int.from_bytes(DICE.randbytes(32), "big") << 4
    values = [number >> 5 * place & 31 for place in range(51, -1, -1)]
    lower = name.lower().encode()

    def polymod(symbols: list[int]) -> int:
        state = 1
        for symbol in symbols:
            top, state = state >> 25, (state & 0x1FFFFFF) << 5 ^ symbol
            for bit, tap in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
                state ^= tap * (top >> bit & 1)
        return state

    check = polymod([b >> 5 for b in lower] + [0] + [b & 31 for b in lower] + values + [0] * 6) ^ 1
    values += [check >> 5 * place & 31 for place in range(5, -1, -1)]
    return name + "1" + "".join(letters[value] for value in values).upper()


def nats() -> str:
    data = bytes((0x90 | 160 >> 5, (160 & 31) << 3)) + DICE.randbytes(32)  # S, and U for a user (20 << 3)
    return base64.b32encode(data + binascii.crc_hqx(data, 0).to_bytes(2, "little")).decode().rstrip("=")


CHECKED: dict[str, tuple[str, Callable[[], str]]] = {
    "GitHub": ("github-crc", github),
    "npm": ("npm-crc", lambda: github().replace("ghp_", "npm_")),
    "GitLab, routable": ("gitlab-routable", gitlab),
    "GitLab, routable, the first ones": ("gitlab-routable", lambda: gitlab(".")),
    "GitLab, a routable runner's": ("gitlab-routable", lambda: gitlab(".01.", "glrt-t3_")),
    "Atlassian": ("atlassian-crc", atlassian),
    "Grafana": ("grafana-crc", grafana),
    "Azure, 64 bytes": ("azure-signature", azure_64),
    "Azure, 32 bytes": ("azure-signature", azure_32),
    "Azure, 39 bytes": ("azure-signature", azure_search),
    "Azure, 40 bytes, for URLs": ("azure-signature", lambda: azure_functions()),
    "Azure, client secret": ("azure-client-secret", azure_client_secret),
    "Azure DevOps": ("azure-devops", azure_devops),
    "age": ("age-bech32", age),
    "age, post-quantum": ("age-bech32", lambda: age("AGE-SECRET-KEY-PQ-")),
    "NATS": ("nats-crc", nats),
}


AZURITE = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6" + "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.mark.parametrize(("proof", "made"), CHECKED.values(), ids=CHECKED)
def test_a_right_checksum_proves_and_a_changed_letter_does_not(proof: str, made: Callable[[], str]) -> None:
    for _ in range(20):
        token = made()
        assert PROOFS[proof](token.encode()) is Proof.PROVED, token
        place = DICE.randrange(8, 20) if not token.startswith("AGE") else DICE.randrange(25, 60)
        other = next(c for c in ("a", "b") if c not in (token[place], token[place].lower()))
        other = other.upper() if token[place].isupper() else other
        changed = token[:place] + other + token[place + 1 :]
        assert PROOFS[proof](changed.encode()) is not Proof.PROVED, changed


def test_marvin_agrees_with_the_vectors_of_symcrypt() -> None:
    """Those are of 64 bits, whose halves are folded into 32."""
    for seed, text, wide in (
        (0xD53CD9CECD0893B7, b"abc", 0x22C74339492769BF),
        (0x0DDDDEEEEFFFF000, b"abcdefghijklmnopqrstuvwxyz", 0xA128EB7E7260ACA2),
    ):
        assert marvin32(text, seed) == wide >> 32 ^ wide & 0xFFFFFFFF


def test_published_examples_hold() -> None:
    """Of GitLab's handbook (without a prefix there), of age-keygen(1), and npm's dummy."""
    assert PROOFS["gitlab-routable"](b"EL25d_AKXDUtqLnIQHEpkG86MQM.01.0r" + b"1ajj2i3") is Proof.DOUBTFUL  # no prefix
    assert crc("EL25d_AKXDUtqLnIQHEpkG86MQM.01.0r") == int("1ajj2i3", 36)
    for example in (
        "AGE-SECRET-KEY-" + "1N9JEPW6DWJ0ZQUDX63F5A03GX8QUW7PXDE39N8UYF82VZ9PC8UFS3M7XA9",
        "AGE-SECRET-KEY-PQ-" + "1K30MYPZAHAXHR22YHH27EGDVLU0QNSUH3DSV7J7NR3X6D9LHXNWSDLTV4T",
    ):
        assert PROOFS["age-bech32"](example.encode()) is Proof.PROVED
    assert PROOFS["npm-crc"](b"npm_" + b"qkJaB6MffYVzZXWqmcoF49yrUxP3wf" + b"0LsakP") is Proof.PROVED


@pytest.mark.parametrize(
    ("proof", "token", "wanted"),
    [
        pytest.param("azure-signature", plain64(DICE.randbytes(64)), Proof.NOT_IT, id="Azure, no signature"),
        pytest.param("azure-client-secret", "abc7Q~" + some(BASE62, 31), Proof.PROVED, id="Azure, before checksums"),
        pytest.param(
            "azure-annotated",
            some(BASE62, 52) + "JQQJ99" + "BCAC" + some(BASE62, 10) + "AAAB" + "ACOG" + "xY3z",
            Proof.PROVED,
            id="Azure, annotated",
        ),
        pytest.param(
            "azure-annotated",
            some(BASE62, 52) + "JQQJ99" + "BZAC" + some(BASE62, 10) + "AAAB" + "ACOG" + "xY3z",
            Proof.NOT_IT,
            id="Azure, annotated with a 26th month",
        ),
        pytest.param(
            "pypi-macaroon",
            "pypi-" + url64(b"\x02\x01\x08pypi.org\x02\x24" + DICE.randbytes(90)),
            Proof.PROVED,
            id="PyPI",
        ),
        pytest.param(
            "pypi-macaroon",
            "pypi-" + url64(b"\x02\x01\x0dtest.pypi.org\x02\x24" + DICE.randbytes(90)),
            Proof.PROVED,
            id="TestPyPI",
        ),
        pytest.param(
            "pypi-macaroon",
            "pypi-" + url64(b"\x02\x01\x08pypi.net\x02\x24" + DICE.randbytes(90)),
            Proof.DOUBTFUL,
            id="a macaroon of somebody else's",
        ),
        pytest.param("aws-key-id", "AKIA" + "QQQQQQQQQQQQQQQQ"[:15] + "A", Proof.PROVED, id="AWS id with an account"),
        pytest.param("aws-key-id", "AKIA" + "7777777777777777", Proof.DOUBTFUL, id="AWS id of account 10^12 and more"),
        pytest.param("aws-key-id", "AKIA" + "1234567890123456", Proof.NOT_IT, id="AWS id outside base 32"),
        pytest.param(
            "aws-bedrock",
            "ABSK" + plain64(b"BedrockAPIKey-7x2k-at-123412341234:" + DICE.randbytes(40)),
            Proof.PROVED,
            id="Bedrock",
        ),
        pytest.param("aws-bedrock", "ABSK" + some(BASE62, 112), Proof.DOUBTFUL, id="Bedrock, nothing to read"),
        pytest.param(
            "aws-bedrock",
            "bedrock-api-key-" + plain64(b"bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz"),
            Proof.PROVED,
            id="Bedrock, short-lived",
        ),
        pytest.param("jwt", a_jwt({"sub": "u-7", "exp": LATER}), Proof.PROVED, id="JWT"),
        pytest.param("jwt", a_jwt({"sub": "u-7", "exp": 1_600_000_000}), Proof.DOUBTFUL, id="JWT, expired"),
        pytest.param("jwt", a_jwt({"some": "payload", "user": "alice"}), Proof.DOUBTFUL, id="JWT that claims nothing"),
        pytest.param("jwt", a_jwt({"some": "payload", "id": 7}), Proof.PROVED, id="JWT that claims a number"),
        pytest.param("jwt", a_jwt({"sub": "u-7"}, {"alg": "none"}), Proof.DOUBTFUL, id="JWT, alg none"),
        pytest.param("jwt", a_jwt({"sub": "1234567890", "name": "John Doe"}), Proof.NOT_IT, id="JWT of jwt.io"),
        pytest.param("jwt", a_jwt({"iss": "joe", "exp": 1300819380}), Proof.NOT_IT, id="JWT of RFC 7519"),
        pytest.param("jwt", a_jwt({"role": "anon", "exp": LATER}), Proof.NOT_IT, id="JWT, public by design"),
        pytest.param("jwt", a_jwt({"a": 1}, {"typ": "JWT"}), Proof.NOT_IT, id="JWT without alg"),
        pytest.param("jwt", "eyJhbGci.eyJzdWIi.c2ln", Proof.NOT_IT, id="JWT, broken JSON"),
        pytest.param(
            "github-app-jwt", "ghs_" + "1234567_" + a_jwt({"iss": "gh", "exp": LATER}), Proof.PROVED, id="GitHub App"
        ),
        pytest.param(
            "github-app-jwt", "ghs_" + "1234567_" + some(BASE62, 400), Proof.DOUBTFUL, id="GitHub App, no JWT in it"
        ),
        pytest.param(
            "supabase", a_jwt({"iss": "supabase", "ref": "a", "role": "service_role"}), Proof.PROVED, id="Supabase"
        ),
        pytest.param("supabase", a_jwt({"iss": "supabase", "role": "anon"}), Proof.NOT_IT, id="Supabase, public"),
        pytest.param(
            "supabase",
            a_jwt({"iss": "supabase-demo", "role": "service_role"}),
            Proof.NOT_IT,
            id="Supabase, local stack",
        ),
        pytest.param("supabase", "no.jwt.here", Proof.NOT_IT, id="Supabase, nothing to read"),
        pytest.param(
            "discord", url64(b"812345678901234567") + ".Gh1x2y." + some(BASE62, 38), Proof.PROVED, id="Discord"
        ),
        pytest.param("discord", url64(b"not-a-number-at-al") + ".Gh1x2y." + some(BASE62, 38), Proof.NOT_IT, id="no id"),
        pytest.param(
            "sentry-json",
            "sntrys_" + url64('{"iat":1700000000.1,"url":"https://sentry.io","org":"a"}') + "_" + some(BASE62, 43),
            Proof.PROVED,
            id="Sentry",
        ),
        pytest.param(
            "sentry-json", "sntrys_" + some(BASE62, 80) + "_" + some(BASE62, 43), Proof.DOUBTFUL, id="no JSON"
        ),
        pytest.param(
            "grafana-cloud", "glc_" + url64('{"o":"1","n":"a","k":"b","m":{"r":"us"}}'), Proof.PROVED, id="glc"
        ),
        pytest.param("grafana-cloud", "glc_" + url64('{"o":"1"}'), Proof.DOUBTFUL, id="glc without a key"),
        pytest.param(
            "1password-json", "ops_" + url64('{"email":"a","muk":{},"secretKey":"A3-"}'), Proof.PROVED, id="ops"
        ),
        pytest.param("1password-json", "ops_" + url64('{"a":1}'), Proof.DOUBTFUL, id="ops, other JSON"),
        pytest.param(
            "openai-infix",
            "sk-proj-" + some(BASE62, 74) + "T3Blbk" + "FJ" + some(BASE62, 74),
            Proof.PROVED,
            id="OpenAI",
        ),
        pytest.param(
            "openai-infix", "sk-" + some(BASE62, 20) + "T3Blbk" + "FJ" + some(BASE62, 20), Proof.PROVED, id="old"
        ),
        pytest.param(
            "openai-infix",
            "sk-shop-worker-" + some(BASE62, 20) + "T3Blbk" + "FJ" + some(BASE62, 20),
            Proof.PROVED,
            id="of a named service account",
        ),
        pytest.param(
            "openai-infix",
            "sk-shop-worker-" + some(BASE62, 19) + "T3Blbk" + "FJ" + some(BASE62, 20),
            Proof.DOUBTFUL,
            id="lame, of a named service account",
        ),
        pytest.param(
            "openai-infix",
            "sk-proj-" + some(BASE62, 74) + "T3Blbk" + "FJ" + some(BASE62, 58),
            Proof.DOUBTFUL,
            id="lame",
        ),
        pytest.param("docker-auth", plain64(b"ci-bot:Zk3-9wQx.7v"), Proof.PROVED, id="Docker"),
        pytest.param("docker-auth", plain64(b"username:password"), Proof.NOT_IT, id="Docker, made up"),
        pytest.param("docker-auth", plain64(b"no colon in here"), Proof.NOT_IT, id="Docker, no password"),
        pytest.param("docker-auth", plain64(b"$oauthtoken:"), Proof.NOT_IT, id="Docker, an empty password"),
        pytest.param("slack", "xoxb-" + "2489317650412-2489317650413-" + some(BASE62, 24), Proof.PROVED, id="Slack"),
        pytest.param(
            "slack", "xoxb-" + "1234567890-1234567890-" + some(BASE62, 24), Proof.DOUBTFUL, id="Slack, made up"
        ),
        pytest.param(
            "jfrog-reference",
            plain64(b"reftkn:01:1700000000:" + b"Zk39wQx7vBn2Lm4TtRs8Yp1Hc"),
            Proof.PROVED,
            id="JFrog",
        ),
        pytest.param("jfrog-reference", "cmVmdGtuO" + some(BASE62, 55), Proof.DOUBTFUL, id="JFrog, nothing to read"),
        pytest.param("azure-shared-key", plain64(DICE.randbytes(64)), Proof.PROVED, id="a storage account"),
        pytest.param("azure-shared-key", plain64(DICE.randbytes(48)), Proof.DOUBTFUL, id="a key of 48 bytes"),
        pytest.param("azure-shared-key", AZURITE, Proof.NOT_IT, id="Azurite's key"),
        pytest.param("azure-sas", sas("2099-01-01T00:00:00Z"), Proof.PROVED, id="a SAS"),
        pytest.param("azure-sas", sas("2099-01-01").replace("&", "&amp;"), Proof.PROVED, id="a SAS in HTML"),
        pytest.param("azure-sas", sas("2019-01-01T00:00:00Z"), Proof.NOT_IT, id="a SAS that has ended"),
        pytest.param("azure-sas", sas("0000-77-99T99:99"), Proof.DOUBTFUL, id="a SAS with no such day"),
        pytest.param("azure-sas", sas("2099-01-01")[:-9], Proof.DOUBTFUL, id="a SAS cut short"),
        pytest.param(
            "bitbucket-datacenter", "BBDC-" + plain64(b"381726354091:" + DICE.randbytes(20)), Proof.PROVED, id="BBDC"
        ),
    ],
)
def test_what_can_be_read_in_a_token(proof: str, token: str, wanted: Proof) -> None:
    assert PROOFS[proof](token.encode()) is wanted


def test_a_token_that_expires_is_doubted_from_then_on() -> None:
    token = a_jwt({"sub": "u-7", "exp": 2_000}).encode()
    assert proofs.jwt(token, now=1_999.0) is Proof.PROVED
    assert proofs.jwt(token, now=2_001.0) is Proof.DOUBTFUL


# ---- keys


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    width = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | width)) + size.to_bytes(width, "big") + content


def rsa() -> bytes:
    number = der(2, b"\x00" + DICE.randbytes(256))
    return der(0x30, der(2, b"\0") + number + der(2, b"\1\0\1") + number)


def armour(label: str, data: bytes, width: int = 64, headers: str = "", tail: str = "") -> str:
    text = plain64(data)
    lines = [text[start : start + width] for start in range(0, len(text), width)]
    return f"-----BEGIN {label}-----\n{headers}" + "\n".join(lines) + f"\n{tail}-----END {label}-----\n"


def openssh() -> str:
    data = b"openssh-key-v1\0" + b"\0\0\0\4none" * 2 + DICE.randbytes(200)
    return armour("OPENSSH PRIVATE " + "KEY", data, 70)


def crc24(data: bytes) -> int:
    state = 0xB704CE
    for bit in "".join(f"{byte:08b}" for byte in data):
        state = (state << 1 ^ int(bit) << 24) & 0x1FFFFFF
        if state >> 24:
            state = (state ^ 0x1864CFB) & 0xFFFFFF
    return state


def pgp(right: bool = True) -> str:
    data = b"\x95\x01\xd8" + DICE.randbytes(300)
    check = crc24(data) ^ (0 if right else 1)
    return armour(
        "PGP PRIVATE KEY " + "BLOCK", data, 64, "Version: GnuPG v2\n\n", "=" + plain64(check.to_bytes(3, "big")) + "\n"
    )


RSA = "RSA PRIVATE " + "KEY"
KEYS = {
    "PKCS#8": lambda: armour("PRIVATE " + "KEY", rsa()),
    "PKCS#1": lambda: armour(RSA, rsa()),
    "Ed25519": lambda: armour(
        "PRIVATE " + "KEY", der(0x30, der(2, b"\0") + der(0x30, b"\6\3\x2b\x65\x70") + der(4, DICE.randbytes(34)))
    ),
    "EC": lambda: armour("EC PRIVATE " + "KEY", der(0x30, der(2, b"\1") + der(4, DICE.randbytes(32)))),
    "DSA": lambda: armour("DSA PRIVATE " + "KEY", rsa()),
    "encrypted PKCS#8": lambda: armour("ENCRYPTED PRIVATE " + "KEY", rsa()),
    "encrypted PKCS#1": lambda: armour(
        RSA, DICE.randbytes(640), 64, "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,6A1F3C\n\n"
    ),
    "OpenSSH": openssh,
    "PGP": pgp,
    "lines of 76": lambda: armour(RSA, rsa(), 76),
    "one line": lambda: armour(RSA, rsa(), 10_000),
}
FORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda key: key,
    "CRLF": lambda key: key.replace("\n", "\r\n"),
    "escaped, as in JSON": lambda key: key.replace("\n", "\\n"),
    "escaped twice": lambda key: key.replace("\n", "\\\\n"),
    "indented, as in YAML": lambda key: "".join("      " + line + "\n" for line in key.splitlines()),
    "in a comment": lambda key: "".join("# " + line + "\n" for line in key.splitlines()),
    "Python, line by line": lambda key: "\n".join(f'    b"{line}\\n"' for line in key.splitlines()),
    "JavaScript, line by line": lambda key: " +\n".join(f'    "{line}\\n"' for line in key.splitlines()),
    "Java, the plus first": lambda key: "\n    + ".join(f'"{line}\\n"' for line in key.splitlines()),
    "a list": lambda key: ",\n".join(f'    "{line}"' for line in key.splitlines()),
    "shell, continued": lambda key: key.replace("\n", "\\\n"),
    "triple-quoted": lambda key: f'"""{key}"""',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KEYS)
def test_a_key_is_one_however_it_is_written(kind: str, form: str) -> None:
    for _ in range(5):  # bodies that begin a line with + or / or b are among them
        text = FORMS[form](KEYS[kind]())
        assert PROOFS["pem"](text.encode()) is Proof.PROVED, text


def test_a_key_with_blanks_for_line_breaks_is_one() -> None:
    assert PROOFS["pem"](armour(RSA, rsa()).replace("\n", " ").encode()) is Proof.PROVED


def test_base64_of_a_key_is_one() -> None:
    inner = plain64(openssh().encode())
    folded = "\n    ".join(inner[start : start + 76] for start in range(0, len(inner), 76))
    assert PROOFS["base64-of-pem"](inner.encode()) is Proof.PROVED
    assert PROOFS["base64-of-pem"](folded.encode()) is Proof.PROVED
    certificate = plain64(armour("CERTIFICATE", rsa()).encode())
    assert PROOFS["base64-of-pem"](certificate.encode()) is Proof.NOT_IT


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(armour(RSA, rsa()[:-40]), Proof.DOUBTFUL, id="its end is missing"),
        pytest.param(armour(RSA, rsa()[:200]), Proof.NOT_IT, id="shortened to show how a key looks"),
        pytest.param(armour(RSA, rsa()).split("-----END")[0], Proof.DOUBTFUL, id="no END line"),
        pytest.param(pgp(right=False), Proof.DOUBTFUL, id="PGP with a wrong checksum"),
        pytest.param(armour(RSA, b"this is no key, it is a sentence of some length"), Proof.NOT_IT, id="a sentence"),
        pytest.param(f"-----BEGIN {RSA}-----\n...\n-----END {RSA}-----", Proof.NOT_IT, id="dots"),
        pytest.param(
            f"-----BEGIN {RSA}-----\nMIIEpAIBAAKCAQEA...\n-----END {RSA}-----", Proof.NOT_IT, id="a beginning"
        ),
        pytest.param(f"-----BEGIN {RSA}-----\n<your key here>\n-----END {RSA}-----", Proof.NOT_IT, id="a placeholder"),
        pytest.param(f"-----BEGIN {RSA}-----\n" + "x" * 64 + f"\n-----END {RSA}-----", Proof.NOT_IT, id="xxx"),
        pytest.param(f"-----BEGIN {RSA}-----\n" + "A" * 64 + f"\n-----END {RSA}-----", Proof.NOT_IT, id="AAA"),
        pytest.param(armour("OPENSSH PRIVATE " + "KEY", rsa()), Proof.NOT_IT, id="DER under OpenSSH's name"),
        pytest.param(armour("PUBLIC KEY", rsa()), Proof.NOT_IT, id="a public key"),
        pytest.param(armour("PGP PUBLIC KEY BLOCK", b"\x99\x01\x0d" + b"k" * 99), Proof.NOT_IT, id="a public PGP key"),
        pytest.param('if line.startswith("-----BEGIN ' + RSA + '-----"):', Proof.NOT_IT, id="code that looks for keys"),
    ],
)
def test_what_only_looks_like_a_key(text: str, wanted: Proof) -> None:
    assert PROOFS["pem"](text.encode()) is wanted


def test_putty() -> None:
    body = [plain64(DICE.randbytes(48)) for _ in range(4)]
    head = ["PuTTY-User-Key-File-3: ssh-ed25519", "Encryption: none", "Comment: me", "Public-Lines: 1", body[0]]
    whole = "\n".join([*head, "Private-Lines: 3", *body[1:], "Private-MAC: " + "0f" * 32])
    assert PROOFS["putty"](whole.encode()) is Proof.PROVED
    assert PROOFS["putty"](whole.replace("\n", "\\n").encode()) is Proof.PROVED
    assert PROOFS["putty"](whole.replace("Lines: 3", "Lines: 9").encode()) is not Proof.PROVED
    assert PROOFS["putty"]("\n".join(head).encode()) is Proof.NOT_IT


def test_google_key_files() -> None:
    key = armour("PRIVATE " + "KEY", rsa())
    whole = {"type": "service_account", "project_id": "a", "private_key_id": "0a1f" * 10, "private_key": key}
    assert PROOFS["gcp-service-account"](json.dumps(whole, indent=2).encode()) is Proof.PROVED
    whole["private_key_id"] = "abc"
    assert PROOFS["gcp-service-account"](json.dumps(whole).encode()) is Proof.DOUBTFUL
    whole["private_key"] = "-----BEGIN PRIVATE " + "KEY-----\n...\n-----END PRIVATE KEY-----\n"
    assert PROOFS["gcp-service-account"](json.dumps(whole).encode()) is Proof.NOT_IT


# ---- anything at all

_TOKENS = [made().encode() for _, made in CHECKED.values()] + [
    a_jwt({"sub": "u"}).encode(),
    openssh().encode(),
    pgp().encode(),
    armour(RSA, rsa()).encode(),
]


@pytest.mark.parametrize("name", PROOFS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_proof_never_raises(name: str, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from([b"", *_TOKENS]))
    cut = data.draw(st.integers(0, len(start)))
    anything = start[:cut] + data.draw(st.binary(max_size=80)) + start[cut:]
    assert isinstance(PROOFS[name](anything), Proof)
    assert isinstance(PROOFS[name](anything[:cut]), Proof)


@pytest.mark.parametrize("name", PROOFS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"-----BEGIN PRIVATE KEY-----\n" + b'"' + b" " * 300_000, id="blanks"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----\n" + b'" ' * 30_000, id="quotes"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----\n" + b"#>*|" * 16_000, id="comment signs"),
        pytest.param(b"-----BEGIN " + b"A " * 32_000, id="a long label"),
        pytest.param(
            base64.b64encode(b"[" * 45_000) + b"." + base64.b64encode(b"[" * 45_000) + b".x", id="nested JSON"
        ),
        pytest.param(b"1" * 200_000, id="digits"),
        pytest.param(b"9" * 60_000 + b".9.9", id="digits and dots"),
    ],
)
def test_a_proof_ends_soon(name: str, text: bytes) -> None:
    """No clock: what is quadratic here takes minutes."""
    assert isinstance(PROOFS[name](text), Proof)


def test_names_are_spoken_and_sorted() -> None:
    assert list(PROOFS) == sorted(PROOFS) == list(rule.PROOFS)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in PROOFS)
    assert keyfiles.LONGEST == proofs.LONGEST
