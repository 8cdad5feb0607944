"""Which packages are real code here, and where are their files?

Wheels are data: nothing of them is run or installed when they are downloaded. They go to bench/.work/packages, once.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator

WORK = pathlib.Path(__file__).parent / ".work"
TEXT_LIMIT = 16 << 20

PACKAGES = [
    "requests==2.32.3",
    "urllib3==2.2.3",
    "httpx==0.28.0",
    "aiohttp==3.11.9",
    "flask==3.1.0",
    "django==5.1.3",
    "fastapi==0.115.6",
    "starlette==0.41.3",
    "sqlalchemy==2.0.36",
    "celery==5.4.0",
    "paramiko==3.5.0",
    "fabric==3.2.2",
    "ansible-core==2.18.1",
    "boto3==1.35.70",
    "botocore==1.35.70",
    "cryptography==44.0.0",
    "pyjwt==2.10.1",
    "python-jose==3.3.0",
    "authlib==1.3.2",
    "redis==5.2.0",
    "pymongo==4.10.1",
    "psycopg==3.2.3",
    "pymysql==1.1.1",
    "pyyaml==6.0.2",
    "ruamel.yaml==0.18.6",
    "jinja2==3.1.4",
    "werkzeug==3.1.3",
    "tornado==6.4.2",
    "twisted==24.10.0",
    "scrapy==2.12.0",
    "pip==24.3.1",
    "setuptools==75.6.0",
    "poetry==1.8.4",
    "virtualenv==20.28.0",
    "buildbot==4.1.0",
    "home-assistant-frontend==20241127.0",
    "youtube-dl==2021.12.17",
    "certbot==3.0.1",
    "mitmproxy==11.0.1",
    "sentry-sdk==2.19.0",
    "apache-airflow==2.10.3",
    "streamlit==1.40.2",
    "gradio-client==1.5.0",
    "transformers==4.46.3",
    "scikit-learn==1.5.2",
    "pandas==2.2.3",
    "matplotlib==3.9.3",
    "octoprint==1.11.8",
    "apache-superset==6.1.0",
    "calibreweb==0.6.27",
    "dash==4.4.1",
    "django-allauth==65.21.1",
    "django-oscar==4.2.1",
    "djangorestframework==3.18.3",
    "docker==7.2.0",
    "elasticsearch==9.5.1",
    "esphome==2026.6.5",
    "flask-appbuilder==5.3.0",
    "glances==4.5.8",
    "gradio==6.31.0",
    "homeassistant==2024.3.3",
    "httpie==3.2.4",
    "indico==3.2.9",
    "jupyterhub==6.1.1",
    "keystone==30.0.0",
    "kubernetes==37.0.2",
    "label-studio==1.23.2",
    "langchain-community==0.4.2",
    "ldap3==2.9.1",
    "litellm==1.109.1",
    "locust==2.47.0",
    "mailman==3.3.10",
    "mlflow==3.18.0",
    "nautobot==3.2.7",
    "nova==34.0.0",
    "open-webui==0.12.4",
    "pgadmin4==9.18",
    "prefect==3.9.1",
    "pulpcore==3.123.1",
    "pysaml2==7.5.5",
    "snowflake-connector-python==5.2.0",
    "wagtail==8.0.1",
    "weblate==5.14.3",
    "yt-dlp==2026.10.26",
]


def fetch(requirement: str) -> pathlib.Path | None:
    """The package's wheel, downloaded once; None when there is none to be had here."""
    name = requirement.replace("==", "-").lower()
    folder = WORK / "packages" / name
    if not folder.is_dir():
        folder.mkdir(parents=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
            "-d",
            str(folder),
        ]
        # A wheel never runs code when it is downloaded; pip would run an sdist's build backend for its metadata.
        subprocess.run([*command, "--only-binary=:all:", requirement], check=False, stderr=subprocess.DEVNULL)
    return next(iter(sorted(folder.iterdir())), None)


def files(archive: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of the regular files in a wheel or sdist, sorted."""
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as zipped:
            for name in sorted(zipped.namelist()):
                if not name.endswith("/") and zipped.getinfo(name).file_size <= TEXT_LIMIT:
                    yield name, zipped.read(name)
        return
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda m: m.name):
            if member.isreg() and member.size <= TEXT_LIMIT:
                handle = tar.extractfile(member)
                if handle is not None:
                    yield member.name, handle.read()
