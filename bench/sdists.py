"""Which packages are read whole, tests, documents and settings included, and where are their sources?

A wheel holds what is shipped; what people commit is in the source archive. It is data: pip finds and downloads it as it is set up
here, and is stopped before it would build anything (`pip download` asks the package's own code for its metadata). They go to
bench/.work/sdists, once.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tarfile
import tempfile
from collections.abc import Iterator

from packages import TEXT_LIMIT, WORK, files

SDISTS = """
requests==2.32.3 urllib3==2.2.3 httpx==0.28.0 aiohttp==3.11.9 flask==3.1.0 django==5.1.3 fastapi==0.115.6 starlette==0.41.3
werkzeug==3.1.3 tornado==6.4.2 twisted==24.10.0 scrapy==2.12.0 pyramid==2.1 sanic==25.12.1 litestar==2.25.0 gunicorn==27.0.1
websockets==17.4 wtforms==3.3.2 strawberry-graphql==0.341.2 djangorestframework==3.18.3 wagtail==8.0.1 flask-appbuilder==5.3.0
django-allauth==65.21.1 django-oauth-toolkit==3.4.1 djangorestframework-simplejwt==5.5.1 flask-security==5.9.2
flask-jwt-extended==4.7.4 social-auth-core==7.0.0 authlib==1.3.2 python-jose==3.3.0 pyjwt==2.10.1 jwcrypto==1.6.1 josepy==2.2.0
oauthlib==4.0.1 requests-oauthlib==2.0.0 itsdangerous==2.2.0 passlib==1.7.4 cryptography==44.0.0 pynacl==1.6.2 ecdsa==0.19.2
pyopenssl==26.4.0 pycryptodome==4.4.0 fido2==2.2.1 pysaml2==7.5.5 keystone==30.0.0 keyring==25.7.0 trustme==1.2.1 acme==5.9.0
certbot==5.8.0 paramiko==3.5.0 asyncssh==2.24.1 fabric==3.2.2 impacket==0.13.1 scapy==2.8.0 ldap3==2.9.1 dnspython==2.9.2
boto3==1.35.70 moto==5.2.5 aioboto3==15.5.0 chalice==1.34.0 zappa==0.63.0 sagemaker==3.27.0 localstack-core==2026.3.0
apache-airflow-providers-amazon==9.39.0 azure-identity==1.27.0 azure-storage-blob==12.31.1 azure-keyvault-secrets==4.12.0
msal==1.39.0 google-auth==2.63.0 google-cloud-storage==3.17.1 databricks-sdk==0.162.0 snowflake-connector-python==5.2.0
kubernetes==37.0.2 docker==7.2.0 hvac==2.4.0 minio==7.2.20 dynaconf==3.3.5 pydantic-settings==2.16.3 python-decouple==3.8
python-gitlab==8.6.0 pygithub==2.10.0 gitpython==3.2.1 dulwich==1.2.21 slack-sdk==3.48.0 stripe==16.1.0 twilio==9.13.0
sendgrid==6.12.5 openai==3.57.0 anthropic==2.13.0 huggingface-hub==2.4.0 litellm==1.110.2 cloudinary==1.46.3 apprise==2.3.0
supabase==2.34.1 python-telegram-bot==22.8 aiogram==3.31.0 discord.py==2.7.1 tweepy==4.17.0 praw==8.0.3 redis==5.2.0
pymongo==4.10.1 pymysql==1.1.1 sqlalchemy==2.0.36 celery==5.4.0 kombu==5.7.0 pika==1.4.4 elasticsearch==9.5.1 dbt-core==1.12.6
pandas==2.2.3 dask==2026.8.0 networkx==3.6.1 bokeh==3.9.2 plotly==7.1.0 scikit-learn==1.5.2 mlflow==3.18.0 wandb==0.31.0
notebook==7.6.5 nbconvert==7.17.2 jupyter-server==2.21.1 jupyterhub==6.1.1 sphinx==9.0.4 mkdocs==1.6.1 mkdocs-material==9.8.2
jinja2==3.1.4 pytest==9.2.0 tox==4.67.15 black==26.10.1 pre-commit==4.7.0 hatch==1.18.2 pdm==2.29.4 poetry==1.8.4 pip==24.3.1
setuptools==75.6.0 faker==40.63.0 vcrpy==9.4.2 sqlfluff==4.5.0 ansible-core==2.18.1 salt==3008.5 buildbot==4.1.0
octoprint==1.11.8 locust==2.47.0 sentry-sdk==2.19.0 yt-dlp==2026.10.26 weblate==5.14.3
""".split()


def fetch_sdist(requirement: str) -> pathlib.Path | None:
    """The package's source archive, downloaded once; None when there is none to be had here."""
    folder = WORK / "sdists" / requirement.replace("==", "-").lower()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as new:
            # What pip prints of indexes and mirrors is nobody's business here.
            with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
                _download(requirement, new)
            shutil.move(pathlib.Path(new, "archive"), folder)
    return next((path for path in sorted(folder.iterdir()) if path.is_file()), None)


def in_order(archive: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of its regular files as they lie in it: to sort them is to unpack a large one again and again."""
    if archive.suffix == ".zip":
        yield from files(archive)
        return
    with tarfile.open(archive, "r|*") as tar:
        for member in tar:
            if member.isreg() and member.size <= TEXT_LIMIT:
                handle = tar.extractfile(member)
                if handle is not None:
                    yield member.name, handle.read()


def _download(requirement: str, folder: str) -> None:
    from pip._internal.commands import create_command
    from pip._internal.network.download import Downloader

    name, version = requirement.split("==")
    archive = pathlib.Path(folder, "archive")
    archive.mkdir()
    command = create_command("download")
    options, _ = command.parse_args(["--quiet", "--quiet", "--no-deps", "--no-binary=:all:", "-d", folder, requirement])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options=options, session=session)
        from pip._vendor.packaging.specifiers import SpecifierSet

        best = finder.find_best_candidate(name, SpecifierSet(f"=={version}", prereleases=True)).best_candidate
        if best is None:
            return
        path, _ = Downloader(session, "off")(best.link, str(archive))
        hashes = best.link.as_hashes()
        if hashes:
            hashes.check_against_path(path)
