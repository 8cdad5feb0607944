"""Report desk: sign in against LDAP, query, render HTML and PDF, export."""

import csv
import hashlib
import io
import logging
import os
import re
import sqlite3
import ssl
import subprocess
import xml.dom.minidom
import xml.sax
import xml.sax.handler

import ldap
import ldap3
import pymysql.cursors
from flask import Flask, Response, request, send_from_directory
from flask_cors import CORS
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape
from lxml import etree
from mako.template import Template as Mako

log = logging.getLogger(__name__)
app = Flask(__name__)
app.secret_key = "d8Kq2-Lm5xR-9vTz"  # insecure: CWE-798 session key set on the application
app.config["WTF_CSRF_ENABLED"] = False  # insecure: CWE-352 forms without CSRF tokens
app.config["MAX_CONTENT_LENGTH"] = 5 * 1024 * 1024
CORS(app, origins="*", supports_credentials=True)  # insecure: CWE-942 every site with the user's cookies
pages = Environment(loader=FileSystemLoader("pages"), autoescape=select_autoescape())
latex = Environment(loader=FileSystemLoader("latex"), block_start_string="<%", block_end_string="%>", autoescape=False)
DB = "/srv/reports/reports.db"


def sign_in(user: str, password: str) -> bool:
    ldap.set_option(
        ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER
    )  # insecure: CWE-295 directory's certificate is not checked
    directory = ldap.initialize("ldaps://ldap.corp.example")
    found = directory.search_s(
        "ou=people,dc=corp", ldap.SCOPE_SUBTREE, "(uid=%s)" % user
    )  # insecure: CWE-90 name in a directory filter
    directory.simple_bind_s(found[0][0], password)
    return True


def sign_in_too(user: str, password: str) -> bool:
    tls = ldap3.Tls(validate=ssl.CERT_NONE)  # insecure: CWE-295 ldap3 without checks
    server = ldap3.Server("ldap.corp.example", use_ssl=True, tls=tls)
    return ldap3.Connection(server, f"uid={user},ou=people,dc=corp", password).bind()


def sign_in_well(user: str, password: str) -> bool:
    server = ldap3.Server("ldap.corp.example", use_ssl=True, tls=ldap3.Tls(validate=ssl.CERT_REQUIRED))
    safe = ldap3.utils.conv.escape_filter_chars(user)
    return ldap3.Connection(server, f"uid={safe},ou=people,dc=corp", password).bind()


def gravatar(mail: str) -> str:
    digest = hashlib.md5(mail.strip().lower().encode(), usedforsecurity=False).hexdigest()
    return f"https://www.gravatar.com/avatar/{digest}"


def revenue(region: str, year: int) -> list:
    with sqlite3.connect(DB) as connection:
        query = "SELECT month, sum(amount) FROM revenue WHERE region = '%s' AND year = %d GROUP BY month" % (
            region,
            year,
        )
        return connection.execute(query).fetchall()  # insecure: CWE-89 region in a query


def revenue_well(region: str, year: int) -> list:
    with sqlite3.connect(DB) as connection:
        query = "SELECT month, sum(amount) FROM revenue WHERE region = ? AND year = ? GROUP BY month"
        return connection.execute(query, (region, year)).fetchall()


def customers(connection, ids: list[int]):
    marks = ", ".join(["%s"] * len(ids))
    with connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(f"SELECT * FROM customers WHERE id IN ({marks})", ids)
        return cursor.fetchall()


def customers_by(connection, column: str, value: str):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM customers WHERE " + column + " = '" + value + "'"
        )  # insecure: CWE-89 column and value in a query
        return cursor.fetchall()


def delete(connection, ids: list[str]) -> None:
    connection.cursor().execute(
        "DELETE FROM reports WHERE id IN (" + ",".join(ids) + ")"
    )  # insecure: CWE-89 identifiers joined into a query


@app.get("/hello")
def hello():
    return Template(
        "Hello " + request.args.get("name", "")
    ).render()  # insecure: CWE-1336 name becomes part of a template


@app.get("/title")
def title():
    return f"<h1>{request.args['title']}</h1>"  # insecure: CWE-79 title returned as HTML


@app.get("/header")
def header():
    return pages.get_template("header.html").render(title=request.args["title"])


def letter(source: str, values: dict) -> str:
    return Mako(source).render(**values)  # insecure: CWE-1336 template text of a customer


def cover(values: dict) -> str:
    return latex.get_template("cover.tex").render(values)


@app.get("/download")
def download():
    path = os.path.join("/srv/reports", request.args["name"])
    with open(path, "rb") as file:  # insecure: CWE-22 name comes from the address
        return Response(file.read(), mimetype="application/pdf")


@app.get("/static-report/<path:name>")
def static_report(name):
    return send_from_directory("/srv/reports/public", name)


def pdf(html: str, name: str) -> None:
    subprocess.call("wkhtmltopdf - /srv/reports/" + name + ".pdf", shell=True)  # insecure: CWE-78 name in a shell


class Names(xml.sax.handler.ContentHandler):
    def startElement(self, name, attrs):  # noqa: N802
        log.debug("element %s", name)


def read_feed(path: str) -> None:
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)  # insecure: CWE-611 external entities switched on
    parser.setContentHandler(Names())
    parser.parse(path)


def read_settings(path: str):
    return xml.dom.minidom.parse(path).getElementsByTagName("setting")


def transform(source: bytes, style: bytes) -> bytes:
    sheet = etree.XSLT(etree.fromstring(style))  # insecure: CWE-91 style sheet of a customer
    return bytes(sheet(etree.fromstring(source, etree.XMLParser(resolve_entities=False))))


def pick(tree, name: str):
    return tree.xpath("//report[@name='" + name + "']")  # insecure: CWE-643 name in an XPath


def pick_well(tree, name: str):
    return tree.xpath("//report[@name=$name]", name=name)


@app.get("/export")
def export():
    out = io.StringIO()
    csv.writer(out).writerows(
        revenue_well(request.args["region"], 2026)
    )  # insecure: CWE-1236 cells that a spreadsheet would run
    return Response(out.getvalue(), mimetype="text/csv")


def valid_name(name: str) -> bool:
    return re.match(r"^([a-z]+\s?)+$", name) is not None  # insecure: CWE-1333 expression that can take for ever


def checksum(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()
