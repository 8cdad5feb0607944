"""Which values come from the client of a request, and which have been looked at on the way."""

from __future__ import annotations

import pytest

from tests.scan.kit import findings, py

SINK = "{call: sink.go, args: {x: {at: 0, from_request: true}}}"
IMPORTS = """
    import base64, json, logging, os
    import django, flask, quart, starlette.requests, tornado.web
    from aiohttp import web
    from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request
    from flask import request
    from sink import go
    app = FastAPI()
    log = logging.getLogger()
"""


def found(body: str) -> int:
    return len(findings(SINK, py(IMPORTS) + py(body)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("def f(): go(request.args['x'])", id="flask, by key"),
        pytest.param("def f(): go(request.args.get('x', ''))", id="flask, by get"),
        pytest.param("def f(): go(flask.request.form.getlist('x'))", id="flask, through the module"),
        pytest.param("def f(): go(request.get_json()['x'])", id="flask, a key of the body"),
        pytest.param("def f(): go(request.json.get('a').get('b'))", id="flask, deep in the body"),
        pytest.param("async def f(): go((await quart.request.get_json())['x'])", id="quart"),
        pytest.param("def f(request): go(request.GET['x'])", id="django"),
        pytest.param("def f(self, request): go(request.data.get('x'))", id="rest framework"),
        pytest.param("def f(request): go(json.loads(request.body)['x'])", id="django, parsed body"),
        pytest.param("async def f(request: Request): go(request.query_params['x'])", id="starlette"),
        pytest.param("async def f(request: Request): go((await request.json())['x'])", id="starlette, body"),
        pytest.param("async def f(request: web.Request): go(request.query['x'])", id="aiohttp"),
        pytest.param("async def f(request: web.Request): go(await request.text())", id="aiohttp, body"),
        pytest.param(
            "class H(tornado.web.RequestHandler):\n    def get(self): go(self.get_argument('x'))", id="tornado"
        ),
        pytest.param(
            "class H(tornado.web.RequestHandler):\n    def post(self): go(self.request.body)", id="tornado, body"
        ),
        pytest.param("@app.get('/')\ndef f(x: str): go(x)", id="fastapi, declared as text"),
        pytest.param("@app.get('/')\ndef f(x): go(x)", id="fastapi, not declared"),
        pytest.param("@app.post('/')\nasync def f(x: str | None = Form(None)): go(x)", id="fastapi, form"),
        pytest.param("r = APIRouter()\n@r.get('/')\ndef f(x: str = Query('')): go(x)", id="fastapi, router"),
        pytest.param("def f():\n    x = request.args['x']\n    go(x)", id="through a variable"),
        pytest.param("def f():\n    x = request.args.get('x')\n    if not x:\n        return\n    go(x)", id="asked whether there"),
        pytest.param("def f():\n    if x := request.args.get('x'):\n        go(x)", id="assigned where it is asked for"),
        pytest.param("def f():\n    x = request.args.get('x')\n    if x is None:\n        return\n    go(x)", id="asked for None"),
        pytest.param("def f():\n    x = request.args['x']\n    log.info('%s', x)\n    return go(x)", id="logged"),
        pytest.param("def f(): go(request.args.get('x') or '/')", id="or something else"),
        pytest.param("def f(): go('/' if a else request.args['x'])", id="one of two"),
        pytest.param("def f(): go(f'<b>{request.args[\"x\"]}</b>')", id="f-string"),
        pytest.param("def f():\n    x = request.args['x']\n    go('<b>' + x + '</b>')", id="sum"),
        pytest.param("def f(): go('<b>%s</b>' % request.args['x'])", id="percent"),
        pytest.param("def f(): go('<b>{}</b>'.format(request.args['x'].strip()))", id="format, stripped"),
        pytest.param("def f(): go(os.path.join('/srv', request.args['x']))", id="path"),
        pytest.param("def f(): go(base64.b64decode(request.cookies['x']))", id="decoded"),
    ],
)  # fmt: skip
def test_comes_from_the_request(body: str) -> None:
    assert found(body) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("def f(): go(request.method)", id="what the server says"),
        pytest.param("def f(): go(app.args['x'])", id="something else by that name"),
        pytest.param("def f(request): go(request.user)", id="django, the user"),
        pytest.param("def f(q): go(q.GET['x'])", id="django, another parameter"),
        pytest.param("def f(request: Client): go(request.GET['x'])", id="declared as something else"),
        pytest.param("def f(): go(int(request.args['x']))", id="a number"),
        pytest.param("def f(): go(request.args.get('x', type=int))", id="converted by the framework"),
        pytest.param("def f():\n    if (x := request.args['x']) in KNOWN:\n        go(x)", id="compared where it is assigned"),
        pytest.param("def f():\n    x = request.args['x']\n    if not re.match(p, x):\n        return\n    go(x)", id="matched"),
        pytest.param("def f(): go(clean(request.args['x']))", id="through an unknown call"),
        pytest.param("def f():\n    x = request.args['x']\n    if x not in KNOWN:\n        return\n    go(x)", id="compared"),
        pytest.param("def f():\n    x = request.args['x']\n    if x == 'a':\n        go(x)", id="compared with a constant"),
        pytest.param("def f():\n    x = request.args['x']\n    if x[0] == '/':\n        go(x)", id="its beginning compared"),
        pytest.param("def f():\n    x = request.args['x']\n    if x.startswith('/'):\n        go(x)", id="asked by a method"),
        pytest.param("def f():\n    x = request.args['x']\n    if is_safe(x):\n        go(x)", id="asked by a call"),
        pytest.param("def f():\n    x = request.args['x']\n    validate(x)\n    go(x)", id="given to what may refuse it"),
        pytest.param("def f():\n    x = request.args['x']\n    host = parse(x).host\n    if host:\n        go(x)", id="a part looked at"),
        pytest.param("def f():\n    if request.args['x'] in KNOWN:\n        go(request.args['x'])", id="source compared"),
        pytest.param("def f():\n    x = request.args['x']\n    x = KNOWN.get(x)\n    go(x)", id="assigned twice"),
        pytest.param("def f():\n    for x in request.args['x']:\n        go(x)", id="one by one"),
        pytest.param("@app.get('/{x}')\ndef f(x: str): go(x)", id="fastapi, a part of the path"),
        pytest.param("@app.get('/')\ndef f(x: int): go(x)", id="fastapi, a number"),
        pytest.param("@app.get('/')\ndef f(x: Kind): go(x)", id="fastapi, a class of its own"),
        pytest.param("@app.get('/')\ndef f(x: str = Depends(user)): go(x)", id="fastapi, a dependency"),
        pytest.param("@app.get('/')\ndef f(x: str = Query(pattern='^[a-z]+$')): go(x)", id="fastapi, a pattern"),
        pytest.param("def f(x: str): go(x)", id="no path operation"),
        pytest.param("@other.get('/')\ndef f(x: str): go(x)", id="no router"),
        pytest.param("class H(Plain):\n    def get(self): go(self.get_argument('x'))", id="no handler"),
        pytest.param("x = request.args['x']\ndef f(): go(x)", id="of the module"),
    ],
)  # fmt: skip
def test_does_not(body: str) -> None:
    assert found(body) == 0


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ("def f(): go(request.args['x'])", 1),
        ("def f(): go(request.form['x'])", 1),
        ("def f(): go(request.cookies['x'])", 0),
        ("def f(): go(request.headers.get('x'))", 0),
        ("def f(): go(request.get_json()['x'])", 0),
        ("async def f(request: Request): go((await request.form())['x'])", 1),
        ("async def f(request: Request): go((await request.json())['x'])", 0),
    ],
)
def test_what_a_link_can_carry(body: str, number: int) -> None:
    by_link = SINK.replace("true", "link")
    assert len(findings(by_link, py(IMPORTS) + py(body))) == number
