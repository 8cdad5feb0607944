"""Which addresses, connection strings and headers hold a password, and which only show how one would be written?"""

from __future__ import annotations

import base64

import pytest

from devsec.scan import proofs_urls as urls
from devsec.scan.proofs import Proof

PROVED, DOUBTFUL, NOT_IT = Proof.PROVED, Proof.DOUBTFUL, Proof.NOT_IT

ADDRESSES = [
    (
        "a drawn password on a machine of the company",
        "postgresql://billing:kT7-vmQ2xw@db.nordwind.internal/billing",
        PROVED,
    ),
    ("a hosted cluster", "mongodb+srv://app:Zr5%23qLw9kB@cluster0.k3xyz.mongodb.net/?w=majority", PROVED),
    ("an address by number", "mysql+aiomysql://shop:Vq8mzR41tw@10.0.4.17/shop", PROVED),
    ("an address of version 6", "redis://:Vq8mzR41twLp9@[fd00:12::7]:6379/0", PROVED),
    ("no user", "rediss://:p8Hq2LmX7vRk31Zt@cache.prod.nordwind.io:6380", PROVED),
    ("hex", "amqps://jobs:8f3a1c9e5d7b2046@mq.prod.nordwind.io//", PROVED),
    ("a token to clone with", "https://deploy:qZ7fX2mB9vKd4LwRt6Hs@git.nordwind.io/team/app.git", PROVED),
    ("an at sign in the password", "postgres://app:kT7@vmQ2xw@db.nordwind.io/app", PROVED),
    ("words and a year on a real machine", "postgresql://billing:Summer2024!@db.nordwind.io/billing", DOUBTFUL),
    ("a name and digits on a real machine", "ftp://backup:munich1972@files.nordwind.io/", DOUBTFUL),
    ("a drawn password on this machine", "postgresql://billing:kT7-vmQ2xw@localhost/billing", DOUBTFUL),
    ("a drawn password on a container", "postgresql://billing:kT7-vmQ2xw@db:5432/billing", DOUBTFUL),
    ("a drawn password on a machine that is filled in", "postgresql://billing:kT7-vmQ2xw@$DB_HOST/billing", DOUBTFUL),
    (
        "an old key of Sentry",
        "https://9f8c1d2ea07b4c5d8e6f1a2b3c4d5e6f:0a1b2c3d4e5f60718293a4b5c6d7e8f9@sentry.io/12",
        DOUBTFUL,
    ),
    ("what images come with", "postgresql://postgres:postgres@db:5432/app", NOT_IT),
    ("what images come with, here", "mysql://root:root1234@127.0.0.1/app", NOT_IT),
    ("version 6 of here", "redis://app:munich1972@[::1]:6379", NOT_IT),
    ("guest", "amqp://guest:guest@rabbitmq:5672//", NOT_IT),
    ("the words for it", "postgresql://user:password@db.nordwind.io/app", NOT_IT),
    ("the words for it, disguised", "mssql://sa:P@ssw0rd123@sql.nordwind.io/app", NOT_IT),
    ("what to write", "postgres://app:your-strong-password@db.nordwind.io/app", NOT_IT),
    ("change me", "https://admin:changeme1@grafana.nordwind.io", NOT_IT),
    ("scott", "oracle://scott:tiger@ora.nordwind.io/orcl", NOT_IT),
    ("a machine of the manual", "postgresql://billing:kT7-vmQ2xw@db.example.com/billing", NOT_IT),
    ("a machine that cannot be", "postgresql://billing:kT7-vmQ2xw@db.invalid/billing", NOT_IT),
    ("an address for manuals", "postgresql://billing:kT7-vmQ2xw@192.0.2.7/billing", NOT_IT),
    ("an address for manuals, version 6", "postgresql://billing:kT7-vmQ2xw@[2001:db8::7]/billing", NOT_IT),
    ("a shell variable", "postgresql://billing:$DB_PASSWORD@db.nordwind.io/billing", NOT_IT),
    ("a shell variable in braces", "postgresql://billing:${DB_PASSWORD}@db.nordwind.io/billing", NOT_IT),
    ("a format", "postgresql://{user}:{password}@db.nordwind.io/billing", NOT_IT),
    ("percent", "postgresql://%s:%s@db.nordwind.io/billing", NOT_IT),
    ("percent with names", "postgresql://%(user)s:%(password)s@db.nordwind.io/billing", NOT_IT),
    ("angle brackets", "mongodb+srv://<user>:<password1>@cluster0.k3xyz.mongodb.net", NOT_IT),
    ("jinja", "amqp://app:{{ rabbit_password }}@mq.nordwind.io", NOT_IT),
    ("masked", "redis://:********@cache.nordwind.io:6379", NOT_IT),
    ("masked with letters", "redis://:xxxxxxxx@cache.nordwind.io:6379", NOT_IT),
    ("no password", "https://billing@db.nordwind.internal/billing", NOT_IT),
    ("a port", "https://git.nordwind.io:8443/@scope/package", NOT_IT),
    ("no text", b"\xff\xfe\x00://:\x01@", NOT_IT),
    ("nothing", "", NOT_IT),
]

STRINGS = [
    (
        "ODBC",
        "DRIVER={ODBC Driver 18 for SQL Server};SERVER=sql.nordwind.io;UID=shop;PWD=Vq8mzR41tw;DATABASE=shop",
        PROVED,
    ),
    ("ADO.NET", "Server=tcp:shop.database.windows.net,1433;User ID=shop;Password=Vq8m;zR4.1tw;", NOT_IT),
    ("ADO.NET quoted", "Server=tcp:acme-shop.database.windows.net,1433;User ID=shop;Password='Vq8m;zR4.1tw';", PROVED),
    ("Data Source", r"Data Source=10.4.0.9\SQLEXPRESS;User Id=shop;Password=Vq8mzR41tw", PROVED),
    ("libpq", "host=db.nordwind.internal dbname=billing user=billing password=kT7-vmQ2xw", PROVED),
    ("JDBC", "jdbc:postgresql://db.nordwind.io:5432/app?user=app&password=kT7-vmQ2xw", PROVED),
    ("JDBC of SQL Server", "jdbc:sqlserver://sql.nordwind.io:1433;databaseName=a;user=app;password=kT7-vmQ2xw", PROVED),
    ("a word", "Server=sql.nordwind.io;Uid=shop;Pwd=munich1972;", DOUBTFUL),
    ("this machine", "Server=localhost;Uid=shop;Pwd=munich1972;", NOT_IT),
    ("a dot is this machine", "Server=.;User Id=sa;Password=yourStrong(!)Password;", NOT_IT),
    (
        "the manual's machine",
        "Server=myServerAddress;Database=myDataBase;User Id=myUsername;Password=myPassword;",
        NOT_IT,
    ),
    ("a template", "Server=sql.nordwind.io;Uid=shop;Pwd={password};", NOT_IT),
    ("a variable", "Server=sql.nordwind.io;Uid=shop;Pwd=${DB_PASSWORD};", NOT_IT),
    ("no password", "Server=sql.nordwind.io;Trusted_Connection=yes", NOT_IT),
]


@pytest.mark.parametrize(("token", "said"), [row[1:] for row in ADDRESSES], ids=[row[0] for row in ADDRESSES])
def test_addresses(token: str | bytes, said: Proof) -> None:
    assert urls.url_credentials(token.encode() if isinstance(token, str) else token) is said


@pytest.mark.parametrize(("token", "said"), [row[1:] for row in STRINGS], ids=[row[0] for row in STRINGS])
def test_connection_strings(token: str, said: Proof) -> None:
    assert urls.connection_string(token.encode()) is said


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ("deploy:kT7-vmQ2xw", PROVED),
        ("Aladdin:open sesame", NOT_IT),
        ("user:password", NOT_IT),
        ("admin:changeme", NOT_IT),
        ("no colon in it", NOT_IT),
    ],
)
def test_basic_authentication(plain: str, said: Proof) -> None:
    assert urls.basic_auth(base64.b64encode(plain.encode())) is said
    assert urls.user_password(plain.encode()) is said


def test_what_is_no_base64_is_no_basic_authentication() -> None:
    assert urls.basic_auth(b"$CREDENTIALS") is NOT_IT
    assert urls.basic_auth(base64.b64encode(bytes(range(128, 160)) + b":")) is NOT_IT


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (b"qZ7fX2mB9vKd4LwRt6HsJ1nPc8Yg3GuE", PROVED),
        (b"your_access_token_goes_here", NOT_IT),
        (b"AbCdEf123456AbCdEf123456", NOT_IT),
        (b"${ACCESS_TOKEN}_of_the_project", NOT_IT),
        (b"abc123", NOT_IT),
    ],
)
def test_bearers(token: bytes, said: Proof) -> None:
    assert urls.bearer(token) is said


def test_the_entries_of_a_secret_are_decoded() -> None:
    def manifest(**entries: str) -> bytes:
        lines = [f"  {key}: {base64.b64encode(value.encode()).decode()}" for key, value in entries.items()]
        return ("data:\n" + "\n".join(lines) + "\n").encode()

    assert urls.secret_manifest(manifest(username="shop", password="kT7-vmQ2xw")) is PROVED
    assert urls.secret_manifest(manifest(username="shop", password="changeme")) is NOT_IT
    assert urls.secret_manifest(manifest(username="kT7-vmQ2xw")) is NOT_IT
    assert urls.secret_manifest(b"data:\n  password: ENC[AES256_GCM,data:kT7vmQ2xw]\n") is NOT_IT
    assert urls.secret_manifest(b"stringData:\n  password: kT7-vmQ2xw\n") is PROVED
    assert urls.secret_manifest(b"stringData:\n  password: {{ .Values.password }}\n") is NOT_IT


def test_a_fernet_key_is_32_bytes() -> None:
    drawn = bytes((i * 37 + 11) % 256 for i in range(32))
    assert urls.fernet(base64.urlsafe_b64encode(drawn)) is PROVED
    assert urls.fernet(base64.urlsafe_b64encode(b"this is a text of 32 characters.")) is DOUBTFUL
    assert urls.fernet(base64.urlsafe_b64encode(drawn[:30])) is NOT_IT
    assert urls.fernet(b"not base64 at all, and so no key of any kind") is NOT_IT


def test_a_long_one_line_file_takes_no_time() -> None:
    for check in (urls.url_credentials, urls.connection_string, urls.basic_auth, urls.bearer, urls.secret_manifest):
        assert check(b"a://b:" + b"=" * 3_000_000) is not PROVED


def test_the_login_that_rfc_6749_prints_is_nobodys() -> None:
    printed = base64.b64encode(b"s6BhdRkqt3:gX1fB" + b"at3bV")
    assert urls.basic_auth(printed) is NOT_IT
    assert urls.basic_auth(base64.b64encode(b"s6BhdRkqt3:gX2fBat3bW")) is PROVED
