"""Which words do people use, and which letters follow each other in them?

The words are those of Python's own standard library that stand in several of its modules, and those of the trade that we
added. The numbers are made from the same source: row and column are letters, the digit is how surprising the second is
after the first (-log2 of its share, 9 at most). Both are for telling a word from what was drawn at random, not for spelling.
"""

from __future__ import annotations

from functools import lru_cache

_WORDS = """
able abort about above absolute abspath abstract accept access accessible according account acquire across action
active actual added adding addition additional addr address addresses adds adjust admin adminer administrator
advertising after again against agreement airflow alertmanager algorithm alias aliases alice alive allow almost
alone along alpha already also alter alternate alternative although always amazon amazonaws among amount anchor
android annotations anonymous another ansible anymore anything anyway anywhere apache apikey appear append apple
application applied applies apply approach appropriate april arbitrary archive area argo argparse args argument argv
arising around array artifact ascii assert assertion asset assign associated assume async asynchronous asyncio
atomic attach attempt attr attribute audience audit august auth authentication author auto automatically autumn
available avatar avoid await aware away azure back backend background backslash backup backward badge balance banana
bank banner bare base base64 basename basic basis bear bearer because become been before begin beginning behavior
behaviour being below berlin best beta better between beyond billing binary binascii bind bird bits black blank
block blog blue board body bogus book bool boolean boot bootstrap both bottle bottom bound boundary branch break
broken broker brown browser bucket buffer bufsize bugs build built builtin bundle butter button byte bytearray
bytecode cable cache calculate calendar call callable callback caller camera campaign cancel cancelled cannot
canonical capture card care cart case cast catalog catch category cats caught cause celery cell cert certain
certificate chain change char character charset chat check checkbox child children chmod choice choose chosen chunk
church cipher circle circular city class classes classmethod clean cleanup clear client clone close cloud cluster
code cold collapse collect collection colon color column combine come comma command comment common comp compact
company compare comparison compat compatibility compatible compilation compile compiler complete completion complex
compliant component compose compress compression compute concatenated concrete concurrent condition config
configuration configure confirm conform conn connect connection consider consistent consisting consists constant
construct construction constructor consul consume consumer contact contacts contain container content context
contextlib continuation continue contract contributor control convenience convention conversion convert cookie cool
copied copies copy copyright core coro coroutine correct corresponding corresponds could count counter country
course cover create creation credential credentials crlf cron cross crypto csrf ctype curdir currency current custom
customer customize cycle cygwin daemon dance dark darwin dashboard data database datadog date datetime dead deal
death debug debugging december decide decimal decode decorator decrypt dedent deep deepcopy default define
definition delay delete delitem delta demo depend dependencies dependent deploy deployment deprecated deprecation
depth deque derived describe description descriptor desired desktop dest destination destroy detach detail detect
determine devel device devnull diamond dict dictionaries dictionary differ difference different digest digit direct
directories directory dirname dirs disable discard discord disk dispatch display dist distinguish distribute
distribution distutils divmod django docker docs docstring document documentation does doge doing domain done door
dots dotted double down draft dragon drive driver drop dropbox dumb dummy dump duplicate during dynamic each earlier
early earth easier easily east easy ecdsa ed25519 editor effect efficient eight either elastic elasticsearch elem
element elif ellipsis else email embedded employee empty enable encode encountered encrypt encryption endian ending
endpoint ends endswith engine english enough ensure enter enterprise entire entity entries entry entrypoint enum
enumerate environ environment epoch equal equivalent errno error escape especially espresso etcd eval even event
eventually ever every everything exact example exceeds except exception exclude exclusive exec executable execute
execution exist exit exitcode expand expanduser expect expire expired expiry explicit export expr expression extend
extension external extra extract facebook fact factory fail failure fall fallback false family fancy fast fastapi
faster feature february feed fetch field figure file filebeat filename fileno filesystem fill filter final finalize
finalizer finance find findall fine finish fire firebase firewall first fish fitness five fixed flag flask flat
float flow flower flush fname follow foot football force forest forever forget forgot fork form format formatted
formatting former forward found foundation four frame framework france free friday friend frog from front frontend
frozen frozenset fruit fsencode fspath fstat full fullname fully func function functionality functools funny further
future game garbage garden gateway general generate generator generic german getattr getcwd getframe getitem getline
getopt getpid gets getstate getting getvalue gitea github gitlab give given glob global gmail goes going gold good
google grafana grand grant granted grass great greater green group grpc guaranteed guard guess guest gzip hack
hadoop hand handle handler handy happen happy hard hasattr hash hashable have head header heart heavy held hello
helm help helper here hereby heroku hidden hierarchy high higher hill hint history hmac hold holiday home hook horse
host hostname hotel hotmail hour house however html http https human icon idea ident identical identified identifier
identify identity idle ignore illegal image immediately immutable implement implementation implicit implied implies
import important importlib inbox include incoming incompatible incomplete incorrect incremental indent indentation
independent index indicate indicator indices indirect individual infinite influx influxdb info information ingress
inherit init initial initialization initialize inner input insensitive insert inside inspect inst install
installation instance instantiate instead instruction integer intended interactive interesting interface internal
internet interpreted interpreter interrupt into ints invalid invocation invoice invoke ipv4 ipv6 iron isabs isdigit
isdir isfile isinstance island islink issubclass issue issuer item iter iterable iterate iteration iterator
itertools itself jack java javascript jazz jenkins jira john join json july june jungle just kafka kali keep kept
keyboard keycloak keypair keyring keys keystore keyword kibana kind king klass knight know known kube kubernetes
kwargs kwds label lady lake lambda land lang language laptop large larger last late later latin latter launch lazy
ldap leader leading least leave ledger left legacy legal lemon length less lets letter level librarian libraries
library license life light like limit line lineno link linux lion liquid list listdir listen literal little load
loader local locale localhost localtime location lock logger logging logic logical login logo logout logstash london
long longer longest look lookup loop lord loss lost love lower lowercase lstrip lucky machine machinery macros made
magic mail maildev mailer mailgun main maintain major make makefile manage manager manually many mapped mapping maps
march maria mark marker market mary mask master match matches math matter mattermost maximum maxsize maybe mean
meant mechanism member memcached memo memory memoryview merchant merge message meta metaclass metadata metal method
metric microsoft middle might migrate migration mike milk mime minikube minimal minimum minio minor minus
miscellaneous missing mixed mixin mkpath mobile mode model modification modified modify module monday mongo mongodb
monkey monotonic month moon more morning most mother mount mountain mouse move mtime much multi multiline multipart
multiple music must mutable mutually mysql name namedtuple namespace nargs native nature navbar nbytes necessarily
necessary need negative neither nested netlify network never newer newline newly next nextcloud nginx nice night
nine node none nonlocal normal normalize normcase normpath north notation note notebook nothing notice notification
notify november null number numeric oauth object obsolete obtained occur occurred ocean october odoo office offset
often older omitted once ones only onto open openai openid openssh openssl operating operation operator optimization
optimize option optional opts oracle orange order orders orig origin original other otherwise output outside over
overflow overhead overridden override overwrite owner pack package packer padding page pair paper param parameter
pardir parent paris park parse parser part partial particular partition partner party pass passcode passes
passphrase passwd password password1 patch path pathname pathsep pattern payload payment paypal peace peer pending
percent perform performance perhaps permission persist pertaining peter phone photo pick pickle pieces pilot pink
pipe pizza pkcs place plain plan platform player please plugin plus point pointer poker policies policy poll popen
port portal portion position positional positive posix possibility possible possibly post postgres postgresql
potential power pragma precedence preceding predicate prefer preferred prefix prefixes prepare present preserve
president pretty prev prevent previous price princess print printable prior priority private probably problem
process processes prod produce product production profile prog program project prometheus prompt proper properties
property proto protocol provide provider provision proxy pseudo public publisher puppet purchase pure purple purpose
push python qualname queen query queue quick quit quite quote rabbit rabbitmq race rails rain raise random range
rather reached react read readable reader readline ready real realm realpath reason reasonable rebel receive
receiver recent recognize recommended record recursion recursive recv redis reduce reduction redundant refer
reference refresh regard regardless regex region register registry regular reject related relative release relevant
rely remain remainder remember remote removal remove rename render repeat replace replacement replica reply repo
report repository repr represent representation request require reserved reset resolution resolve resource
respectively response rest restore result resume retrieve retry return returncode reuse reverse revoke rfind right
river road robert rock roger role room root rose round route router routine rpartition rstrip rules running runs
runtime russia safe sales salesforce same sample sand sandbox saturday save says scala scan schedule scheduled
scheduler scheme school scope scrape script search seattle second secret secrets section security seed seek seekable
seem seen select selection selector self semantics send sender sendfile sendgrid sense sent sentinel sentry separate
separator september sequence serve server serverless service session setattr setdefault setitem sets setstate setter
setting setup seven several shadow shall share shark shell shift shop short should show shutdown shutil side sign
signal signature signing silently silver similar simple simplefilter simply since single site size skip skipped
skipping skype slack slash sleep slice slightly slots slow small smaller smart smile smith smtp snake snow snowflake
soccer sock socket soft software solr some someone something sometimes sonar song soon sort soul source south space
spam span spark spawn spec special specialized specific specifically specification specified specifier specifies
specify speed spider split splitext splitlines sport spring sqlite stack stacklevel staging standard staple star
start startswith startup stat state statement static staticmethod status stderr stdin stdlib stdout steel step still
stone stop storage store storm strapi stream street strerror strict string strip stripe stripped strong struct
structure stuff style subclass subclasses subject submodule subnet subprocess subscription subsequent subset
substitute subtype succeed success successful such suffix suffixes sugar suitable suite summary summer sunday
sunshine super superuser supervisor supplied supply support supposed suppress sure swagger sweet switch sydney
symbol symbolic symlink sync syntax sysconfig system table tabs tail tailscale take taken target task team telegram
tell temp tempfile template temporary tenant terminal terminate terminator terms terraform test texas text than that
their them themselves then there therefore these they thing think third this thomas those though thread three
through throw thunder thursday thus tiger time timeout timestamp title tkinter todo together token tokenize tokyo
toml tools topic toplevel total tower town trace traceback track traefik trailing train transfer translate transport
travel treat tree trick tried tries triggered triple true truncate trying tuesday tuple turn turtle twice twilio
twitter type typical ubuntu unable unavailable unchanged unclosed undefined under underlying undocumented unexpected
unfortunately unicode union unique unit unittest universal unix unknown unless unlike unlink unpack unquote
unrecognized unsupported until unused update upload upon upper urllib usable usage used useful user username uses
using usual utf8 util utilities utility uuid valid validate value variable variant various vars vault vendor verbose
vercel verify version very view virtual visible wait waiter wake walk wall wallet want warm warn warranties water
ways weak weakref webhook webhooks website wednesday welcome well were west what whatever whatsapp whatsoever when
whenever where whether which while whisper white whitespace whole whose width wifi wild will wind window wine winter
with within without wolf woman wonder wood word wordpress work worker workflow workspace world worth would wrap
wrapped wrapper wrapping writable write writelines writer written wrong x509 yahoo yaml year yellow yield young your
zabbix zero zone zookeeper zoom
"""

_SHORT = """
abc abs act add aes all and any api app are arg ask aug aws bad bar big bin bit bob bot box bsd buf bug but can car
cat cgi chr cmd cmp cms col com cow cpp cpu css csv ctx cur cut cxx day dec def del der dev did dir dll doc dog don
dos dot dry dsa dst due dup enc end env eof err etc exc exe exp ext far fds fee few fit fix fmt foo for fox ftp fut
gcp gen get gmt gnu got had has hex hit hot how hub ice idx iff imp inc inf int isn iso its jan jks job jwt key len
let lib log low lru mac man map max may md5 men min mix mod mon mro msg neg net new non nor not now nsq num obj oct
off old one ops opt ord org osx our out own pad pem per pid pkg pop pos pre psf put pwd pyc raw red ref res ret rfc
row rsa run say sec see sep seq set sha sig six sky sql src ssh ssl std str sub sum sun sys tab tag tcl tcp ten the
tls tmp tom too top try two txt udp uid uri url use usr utc utf val var via vpc war was way web who why win won wss
www xff xml yes yet you zip
"""

_SURPRISE = """
95449859596344959343667769
36563888359267459446398958
39673883594467279463579979
47652679289576479546589879
47436569798453757334866579
49764389299477369455498969
48672854499564579446478998
29862899397666399564599969
55455559999452459543959695
39572799495799269657299969
47652659399485667736695979
38752799398387369855579949
25862899397658339856599979
48433538496676479843669989
66448669696442549344465799
38763786497388349354598959
77767897789695799559098999
38552769396656369544678959
58472774396577549742487969
38562794399667469345587958
54564669599342649343999999
28691799399967579678998999
28653684299584478346886899
56463576399558639652778658
66564677499543529633865867
49871699399777469776899979
"""


@lru_cache(maxsize=1)
def words() -> frozenset[str]:
    """Common words of four letters and more, and the three-letter ones of the trade, in lower case."""
    return frozenset(_WORDS.split()) | frozenset(_SHORT.split())


@lru_cache(maxsize=1)
def _surprise() -> dict[str, int]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows = zip(letters, _SURPRISE.split(), strict=False)
    return {a + b: int(n) for a, row in rows for b, n in zip(letters, row, strict=False)}


def surprise(letters: str) -> float:
    """How surprising letter follows letter, on average: words are near 4, letters drawn at random near 6.

    `letters` are lower-case a to z; 0.0 for less than two of them.
    """
    table = _surprise()
    pairs = [table.get(letters[at : at + 2], 5) for at in range(len(letters) - 1)]
    return sum(pairs) / len(pairs) if pairs else 0.0


@lru_cache(maxsize=2048)
def is_worded(letters: str) -> bool:
    """Whether a run of letters (lower case) is a word, two or three words written together, or could be read as one."""
    known = words()
    if letters in known:
        return True
    for ending in ("s", "es", "ed", "d", "ing", "er", "ly"):
        if letters.endswith(ending) and letters[: -len(ending)] in known:
            return True
    if len(letters) < 4:
        return False
    for cut in range(3, len(letters) - 2):
        if letters[:cut] in known and (letters[cut:] in known or (len(letters) < 30 and is_worded(letters[cut:]))):
            return True
    return len(letters) >= 5 and surprise(letters) < (4.35 if len(letters) < 8 else 4.6)
