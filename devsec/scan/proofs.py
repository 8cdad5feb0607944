"""Does a token prove itself? Vendors build checksums and readable structure into what they hand out.

A proof is a pure function of the token's bytes, in bounded time; it never raises. PROOFS names them for the rules
(`proof:` beside `text:`). What a vendor has not published is not guessed: such a token has no proof, and its rule says so.
base64, zlib and json are imported inside: the usual commit has no token in it, and does not pay for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum

from devsec.scan.lazily import pattern
from devsec.scan.published import is_published

TYPE_CHECKING = False  # see devsec/record.py
if TYPE_CHECKING:
    from typing import Any


LONGEST = 1 << 16  # bytes: no token is longer, and what is longer is not decoded

_DIGITS = b"0123456789"
_BASE62 = _DIGITS + b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = _DIGITS + b"abcdefghijklmnopqrstuvwxyz"


class Proof(Enum):
    """PROVED: checksum or structure holds. DOUBTFUL: it does not, and the token is told one level lower. NOT_IT: its
    structure rules out that it is such a token at all: no finding."""

    PROVED = "proved"
    DOUBTFUL = "doubtful"
    NOT_IT = "not it"


# ---- checksums


def github_crc(token: bytes) -> Proof:
    """`ghp_` and its kin: the last 6 of the 36 are the CRC-32 of the first 30, in base 62 with 0-9A-Za-z, padded with 0.

    Source: GitHub's blog, 2021-04-05, "Behind GitHub's new authentication token formats".
    """
    body = token.rpartition(b"_")[2]
    if len(body) != 36:
        return Proof.DOUBTFUL
    return _fits(_in_base(_crc32(body[:30]), _BASE62).rjust(6, b"0") == body[30:])


def npm_crc(token: bytes) -> Proof:
    """`npm_`: as GitHub's. Source: the npm changelog of 2021-09, "npm has a new access token format"; tried on the dummy
    token published with it."""
    return github_crc(token)


def gitlab_routable(token: bytes) -> Proof:
    """`glpat-` payload `.01.` length checksum: the last 7 are the CRC-32 of all before them, in base 36, padded with 0; the 2
    before them are the payload's length in base 36. The first of these tokens, of early 2025, lack the `.01`.

    Source: GitLab's handbook, "Cells: Routable Tokens", with the example this was tried on, and GitLab's
    lib/authn/token_field/generator/routable_token.rb.
    """
    head, tail = token[:-7], token[-7:]
    payload = head.partition(b"-")[2].split(b".")[0]
    if payload[:3] in (b"t1_", b"t2_", b"t3_"):  # a runner's token says whose before its payload
        payload = payload[3:]
    return _fits(
        _in_base(_crc32(head), _BASE36).rjust(7, b"0") == tail
        and head[-2:] == _in_base(len(payload), _BASE36).rjust(2, b"0")
    )


def atlassian_crc(token: bytes) -> Proof:
    """`ATATT3…=XXXXXXXX`: 8 upper-case hexadecimal digits of the CRC-32 of all before them, `=` included.

    Source: observed on published tokens of Atlassian's and Bitbucket's; Atlassian does not document it.
    """
    return _fits(b"%08X" % _crc32(token[:-8]) == token[-8:])


def grafana_crc(token: bytes) -> Proof:
    """`glsa_` 32 `_` 8: the CRC-32 of `glsa_` and the 32, low byte first, in hexadecimal.

    Source: github.com/grafana/grafana, pkg/components/satokengen.
    """
    return _fits(_crc32(token[:-9]).to_bytes(4, "little").hex().encode() == token[-8:])


# The seeds that github.com/microsoft/security-utilities publishes (IdentifiableMetadata.cs), each eight letters of ASCII.
# Which kind of key a seed is for does not matter here: that one of them fits says that the key was made, not made up.
_AZURE_SEEDS = (
    b"Default0 System00 Unknown0 Send0000 Manage00 Listen00 AbAcct00 Master00 Functi00 SysAll00 Resour00 MastRO00"
    b" SystRO00 Encryp00 MastRW00 SystRW00 Access00 Query000 PAdmin00 Classic0 ACRDflt0 UsrPwd00 IoTHub00 DpsKey00"
    b" Device00 Tenant00 Gatewy00 GitKey00"
)
_AZURE_SIGNATURES = pattern(
    rb"(?:\+ASb|\+AEh|\+ARm|\+ASt|\+ABa|\+AMC|\+ACR|\+SQL|AIoT|AZEG|AzCa|ACDb|APIM|AzSe|AzFu|-[A-Za-z]{3})$"
)


def azure_signature(token: bytes) -> Proof:
    """A key of Azure's with a signature of four letters before its last six: they are the Marvin32 of what is before them.

    Source: github.com/microsoft/security-utilities, IdentifiableSecrets.cs and IdentifiableMetadata.cs. A Redis key with a
    `P` or an `F` in the place of `+` and `/` no longer has its checksum: the signature is its proof.
    """
    import base64

    from devsec.scan.marvin import marvin32

    bare = token.rstrip(b"=")
    if _AZURE_SIGNATURES.search(bare[:-6]) is None:
        return Proof.NOT_IT
    try:
        data = base64.b64decode(bare.translate(_URL_SAFE) + b"=" * (-len(bare) % 4), validate=True)
    except ValueError:
        return Proof.NOT_IT
    said = int.from_bytes(data[-4:], "little")
    if any(marvin32(data[:-4], int.from_bytes(seed, "big")) == said for seed in _AZURE_SEEDS.split()):
        return Proof.PROVED
    return Proof.PROVED if bare[-10:-6] == b"AzCa" else Proof.DOUBTFUL


def azure_annotated(token: bytes) -> Proof:
    """The newer keys of Azure: `JQQJ9` at 52, `9`, `D` or `H`, then the year from A for 2024 and the month A to L.

    Source: github.com/microsoft/security-utilities, CommonAnnotatedKey.cs. How much of the checksum is kept, and in which
    base, differs between versions there: it is not asked, the signature is the proof.
    """
    return (
        Proof.PROVED if re.fullmatch(rb"[A-Za-z0-9]{52}JQQJ9[9DH][A-Za-z0-9][A-L][^\s]{16,30}", token) else Proof.NOT_IT
    )


_AAD_ALPHABET = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"


def azure_client_secret(token: bytes) -> Proof:
    """A secret of an Entra (Azure AD) application. Those with `8Q~` end in the first 3 letters of a Marvin32 in base 66;
    those with `7Q~` have only the infix.

    Source: github.com/microsoft/security-utilities, IdentifiableMetadata.IsAzureAadClientAppIdentifiableSecret.
    """
    from devsec.scan.marvin import marvin32

    if token[3:6] == b"7Q~":
        return Proof.PROVED
    if token[3:6] != b"8Q~":
        return Proof.DOUBTFUL
    said = marvin32(token[:-3], int.from_bytes(b"AadPwd00", "big"))
    return _fits(_in_base(said, _AAD_ALPHABET)[:3] == token[-3:])


def azure_devops(token: bytes) -> Proof:
    """The older personal access token of Azure DevOps, 52 letters of base 32: bytes 2, 7, 8 and 22 are the CRC-32 of the
    others, xor a number for users' or applications' tokens.

    Source: github.com/microsoft/security-utilities, SEC101/102.
    """
    import base64

    try:
        data = base64.b32decode(token.upper() + b"=" * (-len(token) % 8))
    except ValueError:
        return Proof.NOT_IT
    if len(data) != 32:
        return Proof.NOT_IT
    said = int.from_bytes(bytes((data[22], data[8], data[7], data[2])), "little")
    crc = _crc32(data[:2] + data[3:7] + data[9:22] + data[23:])
    return _fits(crc ^ said in (0xE0B9692D, 0x1019F92E))


def age(token: bytes) -> Proof:
    """An identity of age, X25519 or post-quantum: Bech32. Source: c2sp.org/age; tried on the examples of age-keygen(1)."""
    from devsec.scan.keyfiles import bech32

    return _fits(bech32(token))


def nats(token: bytes) -> Proof:
    """A seed of NATS: CRC-16. Source: github.com/nats-io/nkeys."""
    from devsec.scan.keyfiles import nkey_seed

    return _fits(nkey_seed(token))


# ---- what can be read in a token


def pypi_macaroon(token: bytes) -> Proof:
    """`pypi-`: a macaroon of version 2 whose location is pypi.org or test.pypi.org.

    Sources: PyPI's help, "What are API tokens?"; the macaroon format of libmacaroons, doc/format.txt (2, then field 1, its
    length, the location; then field 2, the identifier).
    """
    data = _base64(token.partition(b"-")[2], url=True)
    if data is None or data[:2] != b"\x02\x01" or len(data) < 60:
        return Proof.DOUBTFUL
    location = data[3 : 3 + data[2]]
    return _fits(location in (b"pypi.org", b"test.pypi.org") and data[3 + data[2] : 4 + data[2]] == b"\x02")


def aws_key_id(token: bytes) -> Proof:
    """An AWS access key id: base 32 whose first six bytes hold the number of the account, 12 decimal digits.

    Source: AWS, "Find the account that owns an access key" (sts get-access-key-info); the place in it, A. Steele and T.
    Be'ery, "AWS access key ID formats". Ids from before 2019 (`AKIAI…`, `AKIAJ…`) hold none: their shape is all there is.
    """
    import base64

    if token[4:5] in (b"I", b"J"):
        return Proof.PROVED
    try:
        data = base64.b32decode(token[4:])
    except ValueError:
        return Proof.NOT_IT
    account = (int.from_bytes(data[:6], "big") & 0x7FFFFFFFFF80) >> 7
    return _fits(0 < account < 10**12)


def aws_bedrock(token: bytes) -> Proof:
    """A key of Bedrock: base 64 of `BedrockAPIKey-…` (after `ABSK`), or of a signed URL of bedrock.amazonaws.com.

    Source: AWS, "Amazon Bedrock API keys", and github.com/aws/aws-bedrock-token-generator-python.
    """
    if token.startswith(b"ABSK"):
        data = _base64(token[4:])
        return _fits(data is not None and data.startswith(b"BedrockAPIKey-") and b":" in data)
    data = _base64(token.rpartition(b"bedrock-api-key-")[2])
    return _fits(data is not None and data.startswith(b"bedrock.amazonaws.com"))


def jwt(token: bytes, now: float | None = None) -> Proof:
    """A JSON web token: a header that is JSON and names an algorithm, and a payload that is JSON.

    The samples of jwt.io and RFC 7519, the keys of Supabase's local stack and the `anon` key of a Supabase project, which is
    public by design, are none, and its `service_role` key has a rule of its own. `alg: none`, a passed `exp` and claims of a single
    word each are doubtful.
    `now` is for tests.

    Source: RFC 7519 and RFC 7515, section 4.1.1; for the keys, Supabase's documentation, "API keys".
    """
    return Proof.NOT_IT if _role(token) == "service_role" else _any_jwt(token, now)


def _role(token: bytes) -> object:
    payload = _json(token.split(b".")[1]) if token.count(b".") == 2 else None
    return payload.get("role") if isinstance(payload, dict) else None


def _any_jwt(token: bytes, now: float | None) -> Proof:
    import time

    parts = token.split(b".")
    header = _json(parts[0])
    if len(parts) not in (3, 5) or not isinstance(header, dict) or not isinstance(header.get("alg"), str):
        return Proof.NOT_IT
    if len(parts) == 5:  # encrypted: RFC 7516; only the header can be read
        return Proof.PROVED if isinstance(header.get("enc"), str) else Proof.NOT_IT
    payload = _json(parts[1])
    if not isinstance(payload, dict) or _published(payload) or payload.get("role") == "anon":
        return Proof.NOT_IT
    expiry = payload.get("exp")
    expired = isinstance(expiry, (int, float)) and expiry < (time.time() if now is None else now)
    return _fits(header["alg"].lower() != "none" and len(parts[2]) >= 20 and not expired and _claims(payload))


def _claims(payload: Mapping[str, object]) -> bool:
    """Whether it says anything of somebody, some time or something: `{"some": "payload"}` of a manual does not."""
    return any(not isinstance(said, str) or not said.isalpha() or len(said) > 12 for said in payload.values())


def github_app_jwt(token: bytes, now: float | None = None) -> Proof:
    """`ghs_`, the number of the app, `_`, a JSON web token. Its contents are GitHub's own affair: what does not decode is
    doubtful, not ruled out.

    Source: GitHub's documentation, "Generating an installation access token for a GitHub App" (ghs_APPID_JWT).
    """
    prefix, _, rest = token[4:].partition(b"_")
    return _fits(prefix.isalnum() and _any_jwt(rest, now) is Proof.PROVED)


def supabase(token: bytes) -> Proof:
    """The older key of a Supabase project: a JSON web token with the role that passes all row security.

    Source: Supabase's documentation, "API keys": `service_role` is secret, `anon` is public; the local stack's are published.
    """
    real = _any_jwt(token, now=0.0) is not Proof.NOT_IT
    return Proof.PROVED if real and _role(token) == "service_role" else Proof.NOT_IT


def gcp_service_account(text: bytes) -> Proof:
    """The key file of a Google service account, or the part of it from `private_key_id` on: its key is one, its id 40 digits.

    Source: Google Cloud, "Create and delete service account keys" (the contents of the file).
    """
    from devsec.scan.keyfiles import Key, pem

    key = pem(text)
    if key is Key.NO:
        return Proof.NOT_IT
    identity = re.search(rb"private_key_id\W{1,20}([0-9A-Za-z]+)", text[:LONGEST])
    hexadecimal = identity is None or re.fullmatch(rb"[0-9a-f]{40}", identity[1]) is not None
    return _fits(key is Key.YES and hexadecimal)


def azure_shared_key(token: bytes) -> Proof:
    """What follows `AccountKey=` or `SharedAccessKey=` in a connection string: base 64 of 64 or 32 bytes.

    Source: Microsoft, "Configure Azure Storage connection strings" (and there the emulator's key, which is none).
    """
    data = _base64(token)
    if data is None or is_published(token.decode("latin-1")):
        return Proof.NOT_IT
    return _fits(len(data) in (32, 64) and len(token) % 4 == 0)


def azure_sas(token: bytes, now: float | None = None) -> Proof:
    """The query of a shared access signature: `sv`, the time `se` when it ends, and `sig`, base 64 of a SHA-256. One that has
    ended opens nothing any more. `now` is for tests.

    Source: Microsoft, "Create a service SAS" (the fields, and the forms of a time).
    """
    import time
    from calendar import timegm
    from urllib.parse import parse_qs

    fields = parse_qs(token[:LONGEST].decode("latin-1").replace("&amp;", "&").lstrip("?&"), max_num_fields=None)
    if "sv" not in fields or "se" not in fields:
        return Proof.NOT_IT
    signature = _base64(fields.get("sig", [""])[0].replace(" ", "+").encode("latin-1", "replace"))
    ends = re.match(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?", fields.get("se", [""])[0])
    if ends is not None:
        year, month, day, hour, minute = (int(part or 0) for part in ends.groups())
        if not 1 <= month <= 12 or year < 1970:
            return Proof.DOUBTFUL
        if timegm((year, month, day, hour, minute, 0)) < (time.time() if now is None else now) - 86_400:
            return Proof.NOT_IT
    return _fits(signature is not None and len(signature) == 32)


def pem(text: bytes) -> Proof:
    """A private key in PEM armour. See keyfiles.pem for what is looked at, and its sources."""
    from devsec.scan.keyfiles import Key
    from devsec.scan.keyfiles import pem as read

    return {Key.YES: Proof.PROVED, Key.CUT: Proof.DOUBTFUL, Key.NO: Proof.NOT_IT}[read(text)]


def base64_of_pem(token: bytes) -> Proof:
    """Base 64 of PEM armour (`LS0tLS1CRUdJTi…`), as in a Kubernetes Secret. Certificates and public keys are not it."""
    # Broken into lines, and indented, as base64(1) and YAML have it.
    data = _base64(re.sub(rb"(?:\\n|[\s\"'\\])+", b"", token[:LONGEST]))
    return Proof.NOT_IT if data is None else pem(data)


def putty(text: bytes) -> Proof:
    """A key file of PuTTY. See keyfiles.putty."""
    from devsec.scan.keyfiles import Key
    from devsec.scan.keyfiles import putty as read

    return {Key.YES: Proof.PROVED, Key.CUT: Proof.DOUBTFUL, Key.NO: Proof.NOT_IT}[read(text)]


def discord(token: bytes) -> Proof:
    """A Discord bot's token: its first part is base 64 of the bot's id, a number of 17 to 20 digits.

    Source: Discord's developer documentation, "Reference: snowflakes", and "OAuth2: bot users".
    """
    data = _base64(token.partition(b".")[0], url=True)
    return Proof.PROVED if data is not None and re.fullmatch(rb"[1-9]\d{16,19}", data) else Proof.NOT_IT


def sentry(token: bytes) -> Proof:
    """`sntrys_` JSON in base 64 `_` 43: the JSON says when the token was made and for which server.

    Source: Sentry's documentation, "Organization tokens", and getsentry/rfcs 0091 (ci-upload-tokens).
    """
    said = _json(token.removeprefix(b"sntrys_").partition(b"_")[0])
    return _fits(isinstance(said, dict) and "iat" in said and "url" in said)


def grafana_cloud(token: bytes) -> Proof:
    """`glc_` and, older, `eyJrIjoi…`: base 64 of JSON with the organisation (`o` or `id`), a name (`n`) and a key (`k`).

    Source: Grafana's pkg/components/apikeygen and the Grafana Cloud documentation, "Access policy tokens".
    """
    said = _json(token.removeprefix(b"glc_"))
    return _fits(isinstance(said, dict) and "k" in said and "n" in said)


def onepassword(token: bytes) -> Proof:
    """`ops_`: base 64 of JSON with the account's address and its keys. Source: 1Password's developer documentation,
    "Service accounts: security"."""
    said = _json(token.removeprefix(b"ops_"))
    return _fits(isinstance(said, dict) and bool({"secretKey", "signInAddress", "muk", "srpX"} & said.keys()))


def openai(token: bytes) -> Proof:
    """`sk-…T3BlbkFJ…`: "OpenAI" in base 64, between two parts of one length.

    Source: observed on published keys; OpenAI does not document it.
    """
    body = re.sub(rb"^sk-(?:proj-|svcacct-|admin-)?", b"", token)
    before, infix, after = body.partition(b"T3BlbkFJ")
    if len(after) == 20:  # the first ones: behind the name of a service account, or none
        before = before.rpartition(b"-")[2]
    return _fits(infix != b"" and len(before) == len(after))


def docker_auth(token: bytes) -> Proof:
    """`auth` in a Docker config.json: base 64 of `user:password`. Source: the docker login reference, "Credentials store"."""
    data = _base64(token)
    user, colon, password = (data or b"").partition(b":")
    if not colon or not user or not password or not data or not all(32 <= byte < 127 for byte in data):
        return Proof.NOT_IT
    words = (b"password", b"pass", b"user:", b"username:", b"changeme", b"example", b"<", b"${", b"{{", b"xxx")
    lower = data.lower()
    made_up = password.lower() in words or password == user or any(word in lower for word in words[6:])
    return Proof.NOT_IT if made_up or lower in (b"username:password", b"user:password", b"user:pass") else Proof.PROVED


def slack(token: bytes) -> Proof:
    """Slack's tokens have numbers, of the workspace and the user, between their dashes: 9 to 14 digits, not made up by hand.

    Source: Slack's documentation, "Token types".
    """
    numbers = [part for part in token.split(b"-") if part.isdigit() and len(part) > 2]
    made_up = (b"123456789", b"987654321", b"000000000", b"111111111")
    if any(len(set(number)) < 3 or any(run in number for run in made_up) for number in numbers):
        return Proof.DOUBTFUL
    return _fits(all(9 <= len(number) <= 14 for number in numbers) or token.startswith((b"xoxe", b"xoxd")))


def jfrog_reference(token: bytes) -> Proof:
    """A reference token of JFrog's: base 64 of `reftkn:01:`, when it ends, and a random rest.

    Source: observed on published tokens; JFrog documents only that they are of 64 characters.
    """
    data = _base64(token)
    return _fits(data is not None and re.match(rb"reftkn:\d\d:\d{10}:[0-9A-Za-z]{10,}$", data) is not None)


def bitbucket_datacenter(token: bytes) -> Proof:
    """An HTTP access token of Bitbucket Data Center: base 64 of a number, a colon and 20 bytes.

    Source: observed on published tokens; Atlassian's documentation only shows one.
    """
    data = _base64(token.removeprefix(b"BBDC-"))
    return _fits(data is not None and re.match(rb"\d{9,14}:[\s\S]{18,22}$", data) is not None)


# ---- what they are made of

_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _fits(holds: bool) -> Proof:
    return Proof.PROVED if holds else Proof.DOUBTFUL


def _crc32(data: bytes) -> int:
    import zlib

    return zlib.crc32(data)


def _in_base(number: int, alphabet: bytes) -> bytes:
    digits = b""
    while number or not digits:
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit : digit + 1] + digits
    return digits


def _base64(text: bytes, url: bool = False) -> bytes | None:
    """Decoded, with or without padding; None when it is no base 64."""
    import base64

    bare = text.rstrip(b"=")
    if not bare or len(bare) > LONGEST or len(bare) % 4 == 1:
        return None
    try:
        return base64.b64decode((bare.translate(_URL_SAFE) if url else bare) + b"=" * (-len(bare) % 4), validate=True)
    except ValueError:
        return None


def _json(text: bytes) -> Any:
    """What base 64 of JSON says; None when it is not that."""
    import json

    data = _base64(text, url=True)
    try:
        return None if data is None else json.loads(data)
    except (ValueError, RecursionError):
        return None


def _published(payload: dict[str, Any]) -> bool:
    """Whether a payload is one of those printed in specifications and on sample pages."""
    return (
        payload.get("sub") == "1234567890"  # jwt.io's, in all its variants
        or payload.get("iss") in ("supabase-demo", "joe")  # Supabase's local stack; RFC 7519, section 3.1
        or payload.get("exp") == 1300819380
    )


def _about_logins(name: str) -> Callable[[bytes], Proof]:
    """A check of proofs_urls.py, which is read when one is asked."""

    def ask(token: bytes) -> Proof:
        from devsec.scan import proofs_urls

        checks: dict[str, Callable[[bytes], Proof]] = vars(proofs_urls)
        return checks[name](token)

    return ask


PROOFS: Mapping[str, Callable[[bytes], Proof]] = {
    "1password-json": onepassword,
    "age-bech32": age,
    "atlassian-crc": atlassian_crc,
    "aws-bedrock": aws_bedrock,
    "aws-key-id": aws_key_id,
    "azure-annotated": azure_annotated,
    "azure-client-secret": azure_client_secret,
    "azure-devops": azure_devops,
    "azure-sas": azure_sas,
    "azure-shared-key": azure_shared_key,
    "azure-signature": azure_signature,
    "base64-of-pem": base64_of_pem,
    "basic-auth": _about_logins("basic_auth"),
    "bearer": _about_logins("bearer"),
    "bitbucket-datacenter": bitbucket_datacenter,
    "connection-string": _about_logins("connection_string"),
    "discord": discord,
    "docker-auth": docker_auth,
    "fernet": _about_logins("fernet"),
    "gcp-service-account": gcp_service_account,
    "github-app-jwt": github_app_jwt,
    "github-crc": github_crc,
    "gitlab-routable": gitlab_routable,
    "grafana-cloud": grafana_cloud,
    "grafana-crc": grafana_crc,
    "jfrog-reference": jfrog_reference,
    "jwt": jwt,
    "nats-crc": nats,
    "npm-crc": npm_crc,
    "openai-infix": openai,
    "password": _about_logins("password_alone"),
    "pem": pem,
    "putty": putty,
    "pypi-macaroon": pypi_macaroon,
    "secret-manifest": _about_logins("secret_manifest"),
    "sentry-json": sentry,
    "slack": slack,
    "supabase": supabase,
    "url-credentials": _about_logins("url_credentials"),
    "user-password": _about_logins("user_password"),
}
