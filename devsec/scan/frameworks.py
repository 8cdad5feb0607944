"""What do the web frameworks call what a client sends? By their documentation; asked by the gate, the sketch and the matcher."""

from __future__ import annotations

# A file that imports none of them has no request.
FRAMEWORKS = ("flask", "quart", "django", "rest_framework", "fastapi", "starlette", "aiohttp", "tornado")

# What a request holds of the client, by where it comes from.
HELD = {
    "flask": frozenset(
        ["args", "form", "values", "cookies", "headers", "json", "data", "files", "stream", "query_string"]
    ),
    "django": frozenset(["GET", "POST", "COOKIES", "FILES", "body", "headers", "data", "query_params"]),
    "starlette": frozenset(["query_params", "cookies", "headers"]),
    "aiohttp": frozenset(["query", "cookies", "headers", "content"]),
    "tornado": frozenset(["body"]),
}
# Methods that give the body.
READ = {
    "flask": frozenset(["get_json", "get_data"]),
    "starlette": frozenset(["json", "body", "form"]),
    "aiohttp": frozenset(["json", "read", "text", "post"]),
}
# What somebody else cannot make a browser send by a link or a form.
NO_LINK = frozenset(["cookies", "COOKIES", "headers", "json", "data", "body", "content", "files", "FILES", "stream"])
REQUESTS = {
    "starlette": frozenset(["fastapi.Request", "starlette.requests.Request", "fastapi.requests.Request"]),
    "aiohttp": frozenset(["aiohttp.web.Request", "aiohttp.web_request.Request"]),
}
# FastAPI's path operations.
ROUTERS = frozenset(
    ["fastapi.FastAPI", "fastapi.APIRouter", "fastapi.routing.APIRouter", "fastapi.applications.FastAPI"]
)
VERBS = frozenset(["get", "post", "put", "patch", "delete", "api_route", "head", "options"])
# Methods of Tornado's handlers.
TORNADO = frozenset(["get_argument", "get_query_argument", "get_body_argument", "get_arguments", "get_cookie"])

ATTRIBUTES = frozenset().union(*HELD.values(), *READ.values(), TORNADO)
