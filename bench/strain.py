"""Rules that nobody wants, over calls that everybody makes.

Real findings are rare, so real cures see few of the ways people write Python. These put a cure on every call of a dozen
common functions: names that must be imported into the right block, imports that go unused, arguments added and dropped,
whole expressions put in place of calls, one inside the other. What comes out is not meant to run; it is meant to compile,
to hold still on a second run, and to leave alone what is beside it.
"""

from __future__ import annotations

from devsec.catalog.rule import Catalogue, Cure, Rule, Shape, Template
from devsec.catalog.rule import Test as Asked
from devsec.levels import Confidence, Level, Safety, Severity

PACKAGES = (
    *("aiohttp", "flask", "django", "celery", "paramiko", "ansible-core", "pymongo", "jinja2", "tornado"),
    *("twisted", "scrapy", "pip", "setuptools", "poetry", "buildbot", "certbot", "mitmproxy", "sentry-sdk"),
    *("indico", "httpie", "glances", "mailman"),
)


def catalogue() -> Catalogue:
    """The rules, each with a cure that `devsec fix` would write."""
    missing = (Asked(missing=True),)
    return Catalogue(
        (
            _rule("other-module", Shape("call", ("os.path.join",)), call=Template("posixpath.join")),
            _rule("third-party", Shape("call", ("re.compile", "re.match")), call=Template("regex.compile")),
            _rule("longer-name", Shape("call", ("time.time",)), call=Template("secrets.SystemRandom().random")),
            _rule("whole-expression", Shape("call", ("os.getenv",)), call=Template("zoneinfo.TZPATH[$key]")),
            _rule("from-package", Shape("call", ("logging.getLogger",)), call=Template("structlog.stdlib.get_logger")),
            _rule(
                "one-more",
                Shape("call", ("json.dumps", "json.dump"), args=(("ensure_ascii", missing),)),
                set=(("ensure_ascii", Template("False")),),
            ),
            _rule("lazy", Shape("call", ("json.loads",)), call=Template("decimal.Decimal")),
            _rule(
                "one-less",
                Shape("call", ("copy.copy", "copy.deepcopy")),
                call=Template("weakref.proxy"),
            ),
            _rule("deprecated", Shape("call", ("warnings.warn",)), call=Template("faulthandler.dump_traceback")),
            _rule("builtin", Shape("call", ("hasattr", "builtins.hasattr")), call=Template("inspect.getattr_static")),
            _rule("system", Shape("call", ("os.environ.get", "os.listdir", "os.makedirs")), call=Template("glob.glob")),
            _rule(
                "dates",
                Shape("call", ("datetime.datetime.now", "datetime.datetime.utcnow")),
                call=Template("calendar.timegm"),
            ),
        ),
        (),
    )


def _rule(name: str, shape: Shape, **cure) -> Rule:
    one = Cure(name, Safety.SAFE, **cure)
    return Rule(name, "T", ("CWE-1",), Severity.LOW, Confidence.HIGH, Level.WARN, "Why.", (shape,), (one,))
