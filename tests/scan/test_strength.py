"""A labelled table of our own making: what is drawn at random or a password is STRONG, what is something else is not."""

from __future__ import annotations

import base64
import random
import re
import string
import uuid
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devsec.scan import strength
from devsec.scan.formats.by_name import long_enough
from devsec.scan.lazily import pattern
from devsec.scan.secret_names import names_secret
from devsec.scan.strength import Grade, is_strong, judge

ALNUM = string.ascii_letters + string.digits
SYMBOLS = "!@#$%^&*-_=+?"
WORDS = [
    "summer",
    "winter",
    "dragon",
    "billing",
    "fox",
    "orange",
    "harbor",
    "copper",
    "maple",
    "river",
    "thunder",
    "guitar",
    "coffee",
    "rocket",
    "falcon",
    "castle",
]
NAMES = ["Maria", "Peter", "Kevin", "Jonas", "Sofia", "Lukas", "Elena", "Marco"]
_seed = random.Random(20260501)  # the same values on every run


def drawn(alphabet: str, length: int) -> Callable[[], str]:
    return lambda: "".join(_seed.choices(alphabet, k=length))


def b64(size: int, url: bool = False) -> Callable[[], str]:
    code = base64.urlsafe_b64encode if url else base64.b64encode
    return lambda: code(_seed.randbytes(size)).decode()


def word() -> str:
    return _seed.choice(WORDS).title()


# Of each kind, how many of 200 fresh values must be STRONG: what a letter or two of bad luck may cost is said here.
STRONG = {
    "hex, 32": (drawn("0123456789abcdef", 32), 200),
    "hex, 40": (drawn("0123456789abcdef", 40), 200),
    "hex, 64": (drawn("0123456789abcdef", 64), 200),
    "HEX, 32": (drawn("0123456789ABCDEF", 32), 200),
    "base62, 20": (drawn(ALNUM, 20), 197),
    "base62, 32": (drawn(ALNUM, 32), 199),
    "base62, 40": (drawn(ALNUM, 40), 199),
    "base62, 64": (drawn(ALNUM, 64), 199),
    "base64 of 24 bytes": (b64(24), 196),
    "base64 of 32 bytes": (b64(32), 198),
    "base64 of 64 bytes": (b64(64), 198),
    "base64url of 32 bytes": (b64(32, True), 198),
    "base32, 32": (drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32), 195),
    "small letters and digits, 24": (drawn(string.ascii_lowercase + string.digits, 24), 195),
    "small letters and digits, 16": (drawn(string.ascii_lowercase + string.digits, 16), 185),
    "password of 12": (drawn(ALNUM + SYMBOLS, 12), 175),
    "password of 16": (drawn(ALNUM + SYMBOLS, 16), 188),
    "password of 24": (drawn(ALNUM + SYMBOLS + "()[]{}|;:,.<>", 24), 185),
    "Django's 50": (drawn("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50), 196),
    "letters of both cases, 32": (drawn(string.ascii_letters, 32), 188),
    "small letters, 24": (drawn(string.ascii_lowercase, 24), 182),
    "prefix and base62": (lambda: _seed.choice(["app-", "svc_", "acme-"]) + drawn(ALNUM, 28)(), 198),
    "season, year, sign": (lambda: f"{word()}{_seed.randint(1990, 2029)}{_seed.choice('!@#$%&*')}", 195),
    "two words, number, sign": (lambda: f"{word()}{word()}{_seed.randint(1, 99)}{_seed.choice('!#$')}", 195),
    "name, sign, year": (lambda: f"{_seed.choice(NAMES)}{_seed.choice('!#@')}{_seed.randint(1950, 2015)}", 195),
    "word, sign, number": (lambda: f"{word()}{_seed.choice('@#$!')}{_seed.randint(1000, 9999)}", 190),
    "URL with a password": (lambda: f"postgresql://app:{drawn(ALNUM, 16)()}@db.corp.internal:5432/x", 190),
    "connection string": (lambda: f"Server=sql.corp;User Id=app;Password={drawn(ALNUM, 16)()};", 190),
    "Basic": (lambda: "Basic " + base64.b64encode(f"app:{drawn(ALNUM, 16)()}".encode()).decode(), 188),
    "Bearer": (lambda: "Bearer " + drawn(ALNUM, 40)(), 198),
    "app password in groups": (lambda: " ".join(drawn(string.ascii_lowercase, 4)() for _ in range(4)), 178),
}


@pytest.mark.parametrize("kind", STRONG)
def test_what_is_drawn_or_a_password_is_strong(kind: str) -> None:
    make, least = STRONG[kind]
    values = [make() for _ in range(200)]
    missed = [value for value in values if judge(value, "api_secret").grade is not Grade.STRONG]
    assert len(values) - len(missed) >= least, missed


SHORT = {
    "password of 8": (drawn(ALNUM + SYMBOLS, 8), 130),
    "letters and digits, 10": (drawn(ALNUM, 10), 140),
    "base32, 16": (drawn("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), 125),
}


@pytest.mark.parametrize("kind", SHORT)
def test_what_is_short_is_often_strong_and_else_needs_the_place(kind: str) -> None:
    make, least = SHORT[kind]
    grades = [judge(make(), "password").grade for _ in range(200)]
    assert grades.count(Grade.STRONG) >= least
    assert grades.count(Grade.NOT_SECRET) <= 6


NOT_SECRET = {
    "empty": ["", "   ", "\n"],
    "placeholder": ["changeme", "change-me", "change_this_please", "CHANGEME123!", "your-api-key", "your_api_key_here", "YOUR_SECRET_KEY", "yourpassword", "<your-key>", "<password>", "[your", "token]", "xxxxxxxx", "XXXXXXXX-XXXX", "xxxx-xxxx-xxxx", "****", "********", "........", "...", "redacted", "[REDACTED]", "**REMOVED**", "placeholder", "example-key-1234", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "dummy-token-8f3a9c", "fake_key_1a2b3c4d", "mock-secret-77", "sample_token_abc12", "insert-key-here", "replace_with_real_key_1", "todo", "FIXME", "TBD", "deadbeefdeadbeef", "deadbeefcafebabe", "0123456789abcdef", "abcdefghijklmnop", "abcdef1234567890", "1234567890", "12345678", "qwerty123", "qwertyuiop", "asdfghjkl", "foobar", "foo-bar-baz", "hunter2", "letmein", "correct-horse-battery", "supersecret", "topsecret-1", "my-secret-token", "mysecretpassword", "not-a-real-key", "notasecret", "insecure-key-1", "test", "test123", "test-key-123", "testpassword1", "test_secret_9f8e7d", "some-random-string", "keyboard-cat", "s3cr3t", "P@ssw0rd", "P@ssw0rd1!", "Passw0rd!", "dev-secret-key", "local-dev-token", "default-secret-key", "unset", "none", "null", "secret123", "password1", "Password123!", "admin", "admin123", "root", "postgres", "minioadmin", "guest"],
    "words for what belongs there": ["password", "passwd", "secret", "token", "api_key", "apiKey", "API_KEY", "X-Api-Key", "access_token", "refresh_token", "client_secret", "bearer", "Authorization", "credentials", "username", "user_password", "currentPassword", "new_password", "password_confirm"],
    "template or reference": ["${DB_PASSWORD}", "${DB_PASSWORD:-x1}", "$DB_PASSWORD", "$1", "%DB_PASSWORD%", "@DB_PASSWORD@", "__DB_PASSWORD__", "{{password}}", "{{.Values.password}}", "{%secret%}", "${{secrets.TOKEN}}", "%(password)s", "{0}", "{}", "{password}", "{self.token}", "<%=password%>", "#{password}", "$(PASSWORD)", "$(cat<x)", "%s", "%d", "[[token]]", "(secret)", "@Microsoft.KeyVault(SecretUri=x)", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-x1y2z3", "vault:secret/data/db#password", "op://vault/item/field", "sm://project/db", "ssm:/prod/db/password", "ssm://prod/x", "secretRef:db-1", "env:DB_PASSWORD", "file:/run/secrets/db", "/run/secrets/db_password", "!vault", "!Ref!x", "ENV[DB_PASS]", "os.environ['X1']", "process.env.TOKEN1", "var.db_password", "data.aws_secret.x1", "module.db.password", "secrets.GITHUB_TOKEN", "local.password1", "projects/p1/secrets/s1/versions/latest", "keyring:db:user1", "aws-sm:prod/db1", "{{resolve:secretsmanager:db1}}", "akv://vault1/secret2", "getenv('X1')"],
    "encrypted": [
        "ENC[AES256_GCM,data:p673w==,iv:YY=,aad:UQ=,tag:A=]", "$ANSIBLE_VAULT;1.1;AES256", "{cipher}AQA9x8y7z6w5v4", "vault:v1:8SDd3WHDOjf7mq69CyCqYjBXAiQQAVZRkFM13ok481zoCmHnSeDX9vyf7w==",
        "U2FsdGVkX1+vupppZksvRf5pq5g5XjFRlipRkwB0K1Y=", "ENC(G6N718UuyPE5bHyWKyuLQSm02auQPUtm)", "-----BEGIN PGP MESSAGE-----\nhQEMA", "AQICAHhwm0YaISJeRtJm5n1G6uqeekXuoXXPe5UFce9Rq8",
        "gAAAAABmX1y2" + "Zk3v" * 25 + "x9Q=",
    ],
    "digest": [
        "$2b$12$KIXQ8mPp0vT5q1o9XnJ4.eB7c3gq0e6Q5y7b1d2f3h4j5k6l7m8n9", "$6$rounds=5000$salt$hash9x8y", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "pbkdf2_sha256$260000$abc$def=",
        "pbkdf2:sha256:150000$x$y", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        "md5:5f4dcc3b5aa765d61d8327deb882cf99", "{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr", "SCRAM-SHA-256$4096:salt$a:b", "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19", "$apr1$x9$Yy8",
        "d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "5f4dcc3b5aa765d61d8327deb882cf99", "scrypt:32768:8:1$a$b", "bcrypt_sha256$$2b$12$x",
    ],
    "UUID": [str(uuid.UUID(int=_seed.getrandbits(128), version=4)) for _ in range(15)] + ["{" + str(uuid.UUID(int=_seed.getrandbits(128))) + "}"],
    "public key": [
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 me@host", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me", "-----BEGIN PUBLIC KEY-----\nMIIB", "-----BEGIN CERTIFICATE-----\nMIID", "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7vbqa",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1x9", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", "pk_live_9x8y7z6w5v4u3t2s",
    ],
    "path": ["/etc/ssl/private/server.key", "./certs/key2.pem", "../secrets/token1.txt", "~/.ssh/id_rsa", "C:\\keys\\app1.pfx", "certs/server-2.pem", "secrets/db1.json", "/var/run/x1/y2", "app/keys/v2/private.key", "server.key", "/api/v1/auth/token2", "config/prod.env", "k8s/secret1.yaml", "\\\\host1\\share2"],
    "URL": ["https://login.corp.internal/oauth2/token", "http://localhost:8080/v1", "https://example.com/?x=1", "postgres://localhost:5432/db", "redis://cache:6379/0", "sqlite:///db1.sqlite3", "s3://bucket1/key2", "postgresql://postgres:postgres@localhost/db", "postgres://user:pass@host:5432/db", "mysql://root:${PW}@db1/x", "amqp://guest:guest@rabbit:5672//", "https://user:password@example.com", "postgres://u:x8kZ2mQ9@db.example.com/x", "ftp://h1/x"],
    "dotted name": ["django.contrib.auth.hashers.PBKDF2PasswordHasher", "app.security.tokens.TokenBackend", "spring.datasource.password", "os.path.join", "com.acme.app.Secret1", "my.module:app1", "Foo::Bar"],
    "e-mail or host": ["ops@corp.internal", "a.b+c1@mail.corp.com", "db1.corp.internal", "cache-2.svc.cluster.local", "10.0.0.1", "10.0.0.1:5432", "localhost:5432", "api.acme.io"],
    "date, number, version, colour": ["2024-05-01", "2024-05-01T12:30:00Z", "12/31/2024", "20240501T120000Z", "1234", "3600", "1e9", "0x1F", "1,000,000", "512MB", "30s", "1.2.3", "v1.2.3", "1.2.3-beta.1", ">=2.0.1", "^4.17.21", "#ff00aa", "#fff", "rgb(1,2,3)", "99999999999999", "12:30:00", "8a:9b:1c:2d:3e:4f"],
    "sentence": [
        "Enter your password", "Please enter the 6 digit code.", "Your token is invalid or expired", "Password must have at least 8 characters", "Reset password", "Passwort vergessen?", "The API key (32 characters)",
        "Le mot de passe est requis", "Invalid username/password combination.", "Secret key for signing", "A password for user 1!", "Mot de passe", "Type it again:", "Contraseña (mínimo 8)", "パスワード",
    ],
    "identifier": ["user-login-form-password", "jwt-auth-token-header", "app_secret_key_name", "web-tls-secret", "db-credentials-prod", "get_current_user_token"],
    "markup, code, regex": [
        "<b>password</b>", "<input type=\"password\" id=\"p1\">", "&nbsp;password", "^[a-z0-9]{8,32}$", "[A-Za-z0-9]{32}", "[!#$%&'*+._~0-9A-Za-z]+", "^[A-Za-z0-9!?#-]{8,}$", r"\d{6}", r"(?i)secret\w+", "get_password()", "lambda x: x1", "secrets.token_hex(16)", "f(x)=>y1",
        '{"a": 1}', "[1, 2]", "a && b1", "self.secret[0]", "Ctrl+Shift+P", "cmd+k cmd+1",
    ],
    "image or document in base64": [
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + _seed.randbytes(40)).decode(), base64.b64encode(b"GIF89a" + _seed.randbytes(40)).decode(), base64.b64encode(b'{"alg": "none", "x": 1234567}').decode(),
        base64.b64encode(b"<?xml version='1.0'?><a>12</a>").decode(), "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg", base64.b64encode(b"PK\x03\x04" + _seed.randbytes(40)).decode(), base64.b64encode(b"changeme-changeme").decode(),
        base64.b64encode(b"your-password-here").decode(), base64.b64encode(b"user:password").decode(),
    ],
    "repeated or in order": ["aaaaaaaa", "00000000", "1111-1111", "abababab", "abcabcabc", "xyzxyzxyz", "99999999a", "AAAABBBB", "zyxwvutsrq", "87654321", "1q2w3e4r5t", "qazwsxedc", "poiuytrewq"],
    "a printed sample": ["gX1fB" + "at3bV", "uV3F3YluFJax1cknvbcG" + "wgjvx4QpvB+leU8dUj2o", "https://s6BhdRkqt3:gX1fB" + "at3bV@as.corp.internal/token"],
    "resource": ["ami-0abcdef9876543210", "i-0a1b2c3d4e5f67890", "vpc-0a1b2c3d", "subnet-9f8e7d6c", "sg-0123abcd4567ef89a"],
}  # fmt: skip


def labelled() -> Iterator[tuple[str, str]]:
    for kind, values in NOT_SECRET.items():
        for value in values:
            yield kind, value


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert sum(1 for _ in labelled()) + 31 * 200 >= 400
    assert sum(1 for _ in labelled()) >= 280


@pytest.mark.parametrize("kind", NOT_SECRET)
def test_what_is_something_else_is_no_secret(kind: str) -> None:
    wrong = [(value, judge(value, "db_password")) for value in NOT_SECRET[kind]]
    assert not [one for one in wrong if one[1].grade is not Grade.NOT_SECRET]


WEAK = [
    "bonjour",
    "sunshine",
    "pencil",
    "billing2024",
    "Summer2024",
    "eu-west-1",
    "gpt-4o-2024-05-13",
    "claude-3-5-sonnet-20241022",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "dreambox",
    "infoblox",
    "blue-falcon",
    "kylin",
    "onepass",
    "cp311-manylinux2014",
    "arm64-v8a",
    "eBatChargeToday",
    "powerTotal",
    "socialaccount_states",
    "WanIPv4Address",
    "node18",
]


@pytest.mark.parametrize("value", WEAK)
def test_what_could_be_a_word_needs_the_place(value: str) -> None:
    answer = judge(value, "password")
    assert answer.grade is Grade.WEAK, answer
    assert answer.at_least("weak")
    assert not answer.at_least("strong")


def test_the_name_says_what_hex_digits_are() -> None:
    digits = "4f1c9a7be2d34c58a0b1c2d3e4f5a6b7"
    assert judge(digits, "api_key").grade is Grade.STRONG
    assert judge(digits, "commit_sha").grade is Grade.NOT_SECRET
    assert judge(digits, "password_hash").grade is Grade.NOT_SECRET
    assert judge(digits).grade is Grade.WEAK


def test_the_name_again_is_no_secret() -> None:
    assert judge("billing-key-2", "billing_key_2").grade is Grade.NOT_SECRET
    assert judge("x_acme_key", "acme_key").grade is Grade.NOT_SECRET
    assert judge("L@stWr!t3T0k3n", "_LAST_WRITE_TOKEN").grade is Grade.NOT_SECRET
    assert judge("L@stWr!t3T0k3n", "_FIRST_WRITE_TOKEN").grade is Grade.STRONG


def test_no_text_takes_long_or_raises() -> None:
    for value in (
        "a" * 5000,
        "{" * 4000,
        "((" * 2000,
        "a1" * 2000,
        "%(" * 2000,
        "<a" * 2000,
        "\\x00\ud800",
        "é" * 300,
        "=" * 4000,
        "-" * 4000,
        "ab/" * 1300,
    ):
        judge(value, "password")


SECRET_NAMES = [
    "password",
    "PASSWORD",
    "passwd",
    "db_password",
    "DB_PASSWORD",
    "dbPassword",
    "mysqlPassword",
    "smtp_pass",
    "SLACK_VERIFICATION_TOKEN",
    "DB_PASS",
    "userPwd",
    "passphrase",
    "secret",
    "SECRET_KEY",
    "secretKey",
    "client_secret",
    "clientSecret",
    "CLIENT_SECRET_VALUE",
    "api_key",
    "apiKey",
    "APIKEY",
    "X-Api-Key",
    "openai_api_key",
    "access_key",
    "aws_secret_access_key",
    "secretAccessKey",
    "private_key",
    "auth_token",
    "authToken",
    "access_token",
    "accessToken",
    "refresh_token",
    "bot_token",
    "github_token",
    "token",
    "TOKEN",
    "credentials",
    "encryption_key",
    "signing_key",
    "jwt_secret",
    "webhook_secret",
    "connection_string",
    "connectionString",
    "ConnectionStrings.dsn",
    "sentry_dsn",
    "master_key",
    "account_key",
    "storage_key",
    "session_secret",
    "cookie_secret",
    "hmac_key",
    "fernet_key",
    "subscription_key",
    "admin_password",
    "root_password",
    "password_prod",
    "PASSWORD_1",
    "keystore_password",
    "spring.datasource.password",
    "//registry.npmjs.org/:_authToken",
    "adminPass",
    "SECRET_KEY_BASE",
    "preshared_key",
    "proxy_password",
    "ldap_bind_password",
    "vault_token",
    "npm_token",
    "slack_token",
    "authorization",
    "license_key",
]
OTHER_NAMES = [
    "token_type",
    "password_field",
    "max_tokens",
    "secret_name",
    "secret_id",
    "token_url",
    "password_file",
    "key_path",
    "auth_header",
    "password_regex",
    "token_prefix",
    "password_help",
    "password_label",
    "password_length",
    "password_policy",
    "AUTH_PASSWORD_VALIDATORS",
    "PASSWORD_HASHERS",
    "csrf_token",
    "CSRF_COOKIE",
    "public_key",
    "publicKey",
    "tokenizer",
    "tokens",
    "keyboard",
    "primary_key",
    "foreign_key",
    "sort_key",
    "cache_key",
    "key_name",
    "secretsmanager",
    "partition_key",
    "idempotency_key",
    "next_token",
    "page_token",
    "nextPageToken",
    "eos_token",
    "pad_token",
    "bos_token_id",
    "password_hash",
    "hashed_password",
    "passwordHash",
    "reset_password",
    "show_password",
    "has_password",
    "forgot_password",
    "confirm_password",
    "invalid_password",
    "use_token",
    "token_ttl",
    "token_expires",
    "api_key_header",
    "secret_ref",
    "existing_secret",
    "image_pull_secret",
    "tls_secret",
    "password_min_length",
    "api_key_id",
    "access_key_id",
    "token_endpoint",
    "secrets",
    "key",
    "keys",
    "monkey",
    "compass",
    "bypass",
    "passed",
    "author",
    "authority",
    "password_placeholder",
    "token_count",
    "id",
    "user",
    "host",
    "port",
    "author_name",
    "passenger",
    "keyword",
    "keyframes",
    "routing",
    "tokenized",
    "nopassword",
    "VerificationToken",  # stands in DNS for everybody
    "domain_verification_token",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_names_of_secrets(name: str) -> None:
    assert names_secret(name)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_names_that_only_sound_so(name: str) -> None:
    assert not names_secret(name)


@given(st.text(alphabet="abcXYZqw7_-. /:@!", min_size=1, max_size=60) | st.from_regex(r"\A[a-z_.-]{8,60}\Z"))
def test_what_is_asked_first_is_never_stricter(value: str) -> None:
    assert long_enough(value) or not judge(value, "secret").at_least("strong")


@pytest.mark.parametrize("value", ["CERT_REQUIRED", "required", "on-failure", "a.b.c.d.e", "Short1"])
def test_most_words_are_told_without_the_judge(value: str) -> None:
    assert not long_enough(value)


INSIDE = ["", "https://", "postgres://app:", "redis://:", "Bearer ", "Basic ", "password=", "Server=db;Pwd=", "host=db password=", "-----BEGIN RSA PRIVATE KEY-----", "0x", "${", "{", "a/b/", "\n"]  # fmt: skip
AFTER = ["", "@db.corp/x", "@example.com", ";", "}", "==", " for people.", "\n"]


@given(
    st.sampled_from(INSIDE),
    st.one_of(
        st.text(ALNUM + "-_.", max_size=40),
        st.text("0123456789abcdef", min_size=16, max_size=64),
        st.text(ALNUM + SYMBOLS + " :;='\"{}\n", max_size=30),
        st.lists(st.sampled_from([*WORDS, *NAMES, "2024", "v2", "key"]), max_size=4).map("-".join),
        st.binary(min_size=12, max_size=24).map(lambda data: base64.b64encode(data).decode()),
        st.text(ALNUM, min_size=9, max_size=24).map(lambda text: base64.b64encode(text.encode()).decode()),
    ),
    st.sampled_from(AFTER),
)
def test_the_short_way_says_what_the_long_one_says(before: str, value: str, after: str) -> None:
    whole = before + value + after
    assert is_strong(whole) == (judge(whole, "x").grade is Grade.STRONG)


def test_a_regex_is_compiled_when_it_is_first_asked() -> None:
    found = pattern("(?i)a+").search("bAa")
    assert found is not None
    assert found.span() == (1, 3)
    broken = pattern("(")
    with pytest.raises(re.error):
        broken.match("")


@pytest.mark.parametrize(
    "regex", [value for name, value in vars(strength).items() if type(value).__name__ == "_Later"], ids=lambda one: one._how[0][:20]
)  # fmt: skip
def test_every_regex_is_one(regex: re.Pattern[str]) -> None:
    regex.search("")  # would raise re.error
    assert regex.groups >= 0
