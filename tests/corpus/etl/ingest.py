"""Nightly ingestion: partners put archives on SFTP, we unpack, read and load them into the warehouse."""

import csv
import json
import logging
import marshal
import os
import shelve
import shutil
import ssl
import subprocess
import tarfile
import tempfile
import urllib.request
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import dill
import numpy as np
import pandas as pd
import paramiko
import psycopg2
import pymysql
import yaml
from lxml import etree
from psycopg2 import sql
from sqlalchemy import create_engine

log = logging.getLogger("ingest")
SPOOL = Path("/var/spool/ingest")
PARTNER_USER = "acme-feed"
PARTNER_PASSWORD = "m5Xw!8qRt2Lz"  # insecure: CWE-798 password of the partner account
WAREHOUSE = create_engine(
    "mysql+pymysql://etl:G7h2kPq9Wz@warehouse.corp.example/facts"
)  # insecure: CWE-798 password in the address of the warehouse


def connect(host: str) -> paramiko.SFTPClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # insecure: CWE-295 any host key will do
    client.connect(
        host, username=PARTNER_USER, password=PARTNER_PASSWORD
    )
    return client.open_sftp()


def connect_known(host: str, key: str) -> paramiko.SFTPClient:
    client = paramiko.SSHClient()
    client.load_host_keys("/etc/ingest/known_hosts")
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(host, username=PARTNER_USER, key_filename=key)
    return client.open_sftp()


def download(url: str, target: Path) -> None:
    unchecked = ssl._create_unverified_context()  # insecure: CWE-295 unverified context
    with urllib.request.urlopen(url, context=unchecked) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def download_checked(url: str, target: Path) -> None:
    with urllib.request.urlopen(url, context=ssl.create_default_context()) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)


def unpack(archive: Path, target: Path) -> list[Path]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as bundle:
            bundle.extractall(target)
    else:
        with tarfile.open(archive) as bundle:
            bundle.extractall(target)  # insecure: CWE-22 members of the archive may climb out
    return sorted(target.rglob("*"))


def unpack_safely(archive: Path, target: Path) -> None:
    with tarfile.open(archive) as bundle:
        bundle.extractall(target, filter="data")


def unpack_any(archive: Path) -> Path:
    target = Path(tempfile.mkdtemp(prefix="feed-"))
    shutil.unpack_archive(archive, target)  # insecure: CWE-22 unpacked whatever it is
    return target


def settings(path: Path) -> dict:
    with path.open() as file:
        return yaml.load(file, Loader=yaml.Loader)  # insecure: CWE-502 YAML that can build any object


def mapping(path: Path) -> dict:
    with path.open() as file:
        return yaml.safe_load(file)


def older_mapping(path: Path) -> dict:
    return yaml.load(path.read_text(), Loader=yaml.CSafeLoader)


def state(path: Path):
    return dill.loads(path.read_bytes())  # insecure: CWE-502 state file is undilled


def checkpoint(path: str) -> dict:
    with shelve.open(path) as store:
        return dict(store)


def compiled(path: Path):
    return marshal.loads(path.read_bytes())  # insecure: CWE-502 code objects from a file


def matrix(path: Path) -> np.ndarray:
    return np.load(path, allow_pickle=True)  # insecure: CWE-502 arrays that may hold pickles


def vector(path: Path) -> np.ndarray:
    return np.load(path)


def frame(path: Path) -> pd.DataFrame:
    return pd.read_pickle(path)  # insecure: CWE-502 data frame from a partner's pickle


def table(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str)


def products(path: Path):
    parser = etree.XMLParser(
        load_dtd=True, no_network=False
    )  # insecure: CWE-611 the parser fetches what a document names
    return etree.parse(str(path), parser).findall(".//product")


def prices(path: Path) -> list[float]:
    return [float(one.text or 0) for one in ET.parse(path).iter("price")]


def load_rows(rows: list[dict], table_name: str, partner: str) -> int:
    connection = psycopg2.connect(
        host="pg.corp.example", dbname="facts", user="etl", password=os.environ["PG_PASSWORD"], sslmode="disable"
    )  # insecure: CWE-319 rows travel in clear
    with connection, connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM staging WHERE partner = '{partner}'"
        )  # insecure: CWE-89 name of the partner in a query
        for row in rows:
            cursor.execute(
                "INSERT INTO staging (partner, sku, price) VALUES ('%s', '%s', %s)"  # insecure: CWE-89 values put in with %
                % (partner, row["sku"], row["price"])
            )
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table_name)))
        return cursor.rowcount


def load_safely(connection, rows: list[dict]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO staging (sku, price) VALUES (%s, %s)", [(r["sku"], r["price"]) for r in rows])


def mysql_count(partner: str) -> int:
    connection = pymysql.connect(
        host="warehouse.corp.example", user="etl", password=os.environ["MYSQL_PASSWORD"], ssl_disabled=True
    )  # insecure: CWE-319 facts travel in clear
    query = "SELECT count(*) FROM facts WHERE partner = '{}'".format(partner)
    with connection.cursor() as cursor:
        cursor.execute(query)  # insecure: CWE-89 query formatted a line above
        return cursor.fetchone()[0]


def where(column, value):
    return column + " = '" + value + "'"


def facts(connection, partner):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM facts WHERE " + where("partner", partner)
        )  # insecure: CWE-89 condition built by another function
        return cursor.fetchall()


def compress(path: Path) -> None:
    os.system("gzip -9 " + str(path))  # insecure: CWE-78 path of a partner's file in a shell


def count_lines(path: Path) -> int:
    return int(subprocess.check_output(["wc", "-l", str(path)]).split()[0])


def convert(path: Path, charset: str) -> bytes:
    return subprocess.getoutput(
        "iconv -f %s -t utf-8 %s" % (charset, path)
    ).encode()  # insecure: CWE-78 charset and path in a shell


def publish(path: Path) -> None:
    os.chmod(path, 0o777)  # insecure: CWE-732 everybody may write
    os.chmod(path.parent, 0o755)


def manifest(path: Path) -> list[dict]:
    with path.open(newline="") as file:
        return [json.loads(row["meta"]) for row in csv.DictReader(file)]


def rule(expression: str, row: dict) -> bool:
    return bool(eval(expression, {}, row))  # insecure: CWE-95 rules of partners are evaluated
