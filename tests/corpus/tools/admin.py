"""Command-line tools of the content team: mirrors, uploads, a small admin page."""

import argparse
import base64
import configparser
import ftplib
import getpass
import http.client
import http.server
import imaplib
import json
import logging.config
import os
import shutil
import smtplib
import socketserver
import ssl
import stat
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
import urllib.request
import uuid
import xmlrpc.server
from pathlib import Path

import keyring

ROOT = Path("/srv/content")
UPLOAD = {
    "host": "ftp.cdn.example",
    "user": "content",
    "password": "Tz4-qXm8Rw1p",
}  # insecure: CWE-798 password in a dict of settings
ssl._create_default_https_context = (
    ssl._create_unverified_context
)  # insecure: CWE-295 no certificate is checked in the whole process


def login() -> tuple[str, str]:
    user = os.environ.get("CDN_USER", getpass.getuser())
    return user, keyring.get_password("cdn", user) or getpass.getpass()


def mirror(url: str, target: Path) -> None:
    with urllib.request.urlopen(url, timeout=30) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def head(host: str) -> int:
    connection = http.client.HTTPSConnection(
        host, context=ssl._create_unverified_context(), timeout=5
    )  # insecure: CWE-295 unverified context for one connection
    connection.request("HEAD", "/")
    return connection.getresponse().status


def head_well(host: str) -> int:
    connection = http.client.HTTPSConnection(host, context=ssl.create_default_context(), timeout=5)
    connection.request("HEAD", "/")
    return connection.getresponse().status


def purge(token: str, path: str) -> None:
    asked = urllib.request.Request(
        "http://api.cdn.example/purge?path=" + urllib.parse.quote(path)
    )  # insecure: CWE-319 token travels over plain http
    asked.add_header("Authorization", "Bearer " + token)
    urllib.request.urlopen(asked, timeout=10)


def upload(path: Path) -> None:
    with ftplib.FTP(UPLOAD["host"]) as server:  # insecure: CWE-319 password and files over plain FTP
        server.login(UPLOAD["user"], UPLOAD["password"])
        server.storbinary(f"STOR {path.name}", path.open("rb"))


def upload_tls(path: Path) -> None:
    user, password = login()
    with ftplib.FTP_TLS(UPLOAD["host"], user, password, context=ssl.create_default_context()) as server:
        server.prot_p()
        server.storbinary(f"STOR {path.name}", path.open("rb"))


def feedback(host: str) -> int:
    box = imaplib.IMAP4(host)
    box.starttls()  # insecure: CWE-295 IMAP STARTTLS without a context
    box.login(*login())
    return int(box.select("INBOX")[1][0])


def tell(text: str) -> None:
    with smtplib.SMTP_SSL("mail.cdn.example") as server:  # insecure: CWE-295 mail over TLS without a context
        server.login(*login())
        server.sendmail("content@cdn.example", "team@cdn.example", text)


def restore(archive: str) -> None:
    tarfile.open(archive, "r:gz").extractall(ROOT)  # insecure: CWE-22 archive unpacked without a filter


def backup(archive: str) -> None:
    with tarfile.open(archive, "w:gz") as bundle:
        bundle.add(ROOT, arcname="content")


def share(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWOTH)  # insecure: CWE-732 write for everybody


def share_group(path: Path) -> None:
    path.chmod(0o664)


def detach() -> None:
    os.umask(0)  # insecure: CWE-732 every new file may be written by everybody
    os.setsid()


def scratch() -> str:
    return tempfile.mktemp(dir="/var/tmp")  # insecure: CWE-377 temporary name that is only guessed


def scratch_well() -> str:
    handle, name = tempfile.mkstemp()
    os.close(handle)
    return name


def resize(path: str, size: str) -> None:
    subprocess.Popen(
        "convert {} -resize {} {}".format(path, size, path), shell=True
    ).wait()  # insecure: CWE-78 path and size in a shell


def resize_well(path: str, size: str) -> None:
    subprocess.run(["convert", path, "-resize", size, path], check=True)


def settings(path: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(path)
    return parser


def compute(expression: str) -> float:
    return eval(expression)  # insecure: CWE-95 what the user types is evaluated


class Admin(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        target = ROOT / query["file"][0]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(target.read_bytes())  # insecure: CWE-22 file named in the address

    def do_POST(self) -> None:  # noqa: N802
        given = self.headers.get("Authorization", "").removeprefix("Basic ")
        user, _, password = base64.b64decode(given).decode().partition(":")
        if (user, password) != ("admin", "c0ntent-9vXq"):  # insecure: CWE-798 admin's password in a comparison
            self.send_error(401)
            return
        length = int(self.headers["Content-Length"])
        logging.config.dictConfig(
            json.loads(self.rfile.read(length))
        )  # insecure: CWE-94 logging configuration from a request
        self.send_response(204)
        self.end_headers()


class Calls:
    def ping(self) -> str:
        return "pong"


def calls(port: int) -> None:
    server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", port))
    server.register_instance(
        Calls(), allow_dotted_names=True
    )  # insecure: CWE-94 attributes of the instance can be reached by name
    server.serve_forever()


def upload_name(name: str) -> str:
    return f"{uuid.uuid4().hex}{Path(name).suffix}"


def serve(port: int) -> None:
    with socketserver.TCPServer(
        ("", port), Admin
    ) as server:  # insecure: CWE-319 admin page over plain http on every interface
        server.serve_forever()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    serve(parser.parse_args().port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
