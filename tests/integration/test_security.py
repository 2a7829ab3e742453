"""A Kafka that lets nobody in without a name: our clients over TLS, mTLS and SASL, with the least rights, telling no secret."""

import asyncio
import os
import re
import shlex
import subprocess
from pathlib import Path

import orjson
import psutil
import pytest

from agents import kafka, rights
from agents.acl import MissingRight
from agents.rights import Role
from agents.settings import Settings
from agents.topics import TopicsError
from pipeline.authors import pseudonym
from tests.fixtures.kafka import Spines
from tests.fixtures.secured import KEY_PASSWORD, Certificates, Secured, vigie
from tests.fixtures.spine import Spine, page
from tests.fixtures.worker import clean_environ

pytestmark = pytest.mark.broker

AUTHOR_KEY = "a-key-for-the-authors-of-comments"
RIGHTS = len(rights.needed(Role.WORKER, Settings()))


# Notes every file that Python code opens to write, and every folder that it makes, in a process and in those that it forks.
WATCH = """
import os, sys
notes = os.open(os.environ["NOTES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def note(event, arguments):
    writes = event == "open" and isinstance(arguments[0], (str, bytes)) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event == "os.mkdir":
        os.write(notes, os.fsencode(arguments[0]) + b"\\n")
sys.addaudithook(note)
"""


@pytest.fixture(scope="module")
async def spine(make_secured_spine: Spines) -> Spine:
    return await make_secured_spine(VIGIE_AUTHOR_KEY=AUTHOR_KEY).create()


@pytest.fixture(scope="module")
async def granted(secured: Secured, spine: Spine) -> None:
    """The rights of everybody; a command that `vigie acls worker` prints of each kind is run as it stands by Kafka's own tool."""
    printed = (await vigie(spine.environ, "acls", "worker", "--principal", "User:worker")).stdout.splitlines()
    assert all(line.startswith(f"kafka-acls.sh --bootstrap-server {secured.broker.bootstrap} --add ") for line in printed)
    by_kind = {("--operation Read" in line, "--resource-pattern-type prefixed" in line): line for line in printed}
    assert len(by_kind) == len(printed) == 4
    tool = [by_kind[True, False], by_kind[False, True]]
    commands = [secured.broker.command("org.apache.kafka.tools.AclCommand", *shlex.split(line)[1:]) for line in tool]
    done = await asyncio.gather(*(asyncio.to_thread(subprocess.run, each, capture_output=True, check=False) for each in commands))
    assert [each.returncode for each in done] == [0, 0], done
    rest = [each for each in rights.needed(Role.WORKER, spine.settings) if (each.operation == "Read") == each.prefixed]
    await secured.grant("worker", rest)
    for role in (Role.CRAWLER, Role.READER, Role.OPERATOR):
        await secured.grant(role, rights.needed(role, spine.settings))


async def test_every_client_comes_in_by_every_way_and_tells_no_secret(
    secured: Secured, spine: Spine, granted: None, tmp_path: Path
):
    ways = {
        "mtls": secured.environ("mtls", "worker-mtls"),
        "sasl": secured.environ("sasl", "worker"),
    }
    password = tmp_path / "password"
    password.write_text(ways["sasl"].pop("VIGIE_SASL_PASSWORD") + "\n")
    ways["sasl"]["VIGIE_SASL_PASSWORD_FILE"] = str(password)
    watched = watched_environ(tmp_path)
    groups = {way: environ if way == "sasl" else environ | {"VIGIE_GROUP": f"by-{way}"} for way, environ in ways.items()}
    mtls = Settings.from_env(spine.environ | groups["mtls"])
    await secured.grant("worker-mtls", rights.needed(Role.WORKER, mtls))
    workers = [spine.worker(**environ, **watched) for environ in groups.values()]
    crawler = spine.environ | secured.environ("sasl", "crawler", VIGIE_SASL_MECHANISM="SCRAM-SHA-256")
    reader, operator = (
        spine.environ | secured.environ("sasl", user, VIGIE_SASL_MECHANISM="PLAIN") for user in ("reader", "operator")
    )
    (tmp_path / "rules.toml").write_text('[[rules]]\nid = "mali"\nname = "Mali"\nquery = "Bamako"\n')
    assert (await vigie(operator, "rules", "put", str(tmp_path / "rules.toml"))).exit_code == 0
    published = await vigie(crawler, "publish", "-", lines=b"\n".join([page("https://a.example/1"), *refused()]))
    assert published.exit_code == 0, published.stderr
    for worker in workers:
        await worker.ready()
    tailed = await vigie(reader, "tail", "comments.enriched", "--from", "earliest", "--max", str(2 * len(ways)), "--json")
    comments = [orjson.loads(line)["value"] for line in tailed.stdout_bytes.splitlines()]
    bad = await vigie(
        operator, "tail", "articles.dead-letter", "--from", "earliest", "--max", str(len(refused()) * len(ways)), "--json"
    )
    letters = [orjson.loads(line)["headers"] for line in bad.stdout_bytes.splitlines()]
    assert len({each["vigie.reason"] for each in letters}) == len(refused())
    names = {pseudonym(f"Lecteur {number}", AUTHOR_KEY) for number in range(2)}
    assert {each["author"]["name"] for each in comments} == names
    assert {each["text"] for each in comments} == {f"Commentaire numéro {number} sur la page." for number in range(2)}
    told = [tailed.stdout]
    for worker, environ in zip(workers, groups.values(), strict=True):
        told += [*everything_said(worker), *await shown(spine.environ | environ)]
    assert_no_secret(told, [*secured.passwords.values(), KEY_PASSWORD, AUTHOR_KEY])
    assert [worker.get("/health/live")[0] for worker in workers] == [200] * len(workers)
    for seen in [*(worker.said for worker in workers), orjson.dumps(letters).decode()]:
        for content in ("Lecteur", "Lavrov", "Commentaire", "mot-de-page"):
            assert content not in seen, "no page content in logs above debug, nor in what is told of a dead letter"
    assert await asyncio.gather(*(worker.stop() for worker in workers)) == [0] * len(workers)
    written = set((tmp_path / "notes").read_text().splitlines())
    assert written
    assert not [path for path in written if not path.startswith((str(tmp_path / "tmp"), "/dev/"))], "the root may be read-only"


def refused() -> list[bytes]:
    """Events that are refused, each for a reason of its own; what they hold stands in for the content of pages."""
    word = "mot-de-page"
    wrong = [
        {"url": "https://a.example/", "content": 7, "headline": word},
        {"url": "https://a.example/", word: word},
        {"url": f"ftp://{word}.example/", "content": word},
        {"url": "https://a.example/", "content": word, "fetched_at": word},
        {"url": "https://a.example/", "content": word, "content_type": f"image/{word}"},
        {"specversion": word, "data": {"content": word}},
    ]
    broken = [f"no page, {word}".encode(), f'"{word}"'.encode(), f'{{"content": "{word}\xff'.encode("latin-1")]
    return [*map(orjson.dumps, wrong), *broken, f'{{"url": "https://a.example/", "content": "{word} \\ud800"}}'.encode()]


def watched_environ(folder: Path) -> dict[str, str]:
    """Variables under which a process notes what it writes; its temporary files go to a folder of its own."""
    (folder / "sitecustomize.py").write_text(WATCH)
    (folder / "tmp").mkdir()
    more = {"NOTES": str(folder / "notes"), "TMPDIR": str(folder / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}  # as in the image
    return more | {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))}


def everything_said(worker) -> list[str]:
    """What a worker tells whoever looks: its log, its web pages, the command lines of its processes."""
    lines = [" ".join(each.cmdline()) for each in [psutil.Process(worker.process.pid), *worker.descendants()]]
    return [worker.said, *(worker.get(path)[1].decode() for path in ("/metrics", "/health/ready", "/health/live")), *lines]


async def shown(environ: dict[str, str]) -> list[str]:
    """What the commands tell under these settings."""
    results = [await vigie(environ, *command) for command in (["settings"], ["settings", "--json"], ["acls", "worker"])]
    assert [each.exit_code for each in results] == [0, 0, 0]
    assert "(set)" in results[0].stdout
    return [each.output for each in results]


def assert_no_secret(told: list[str], secrets: list[str]) -> None:
    assert told
    for secret in secrets:
        assert not [text for text in told if secret in text]


@pytest.mark.parametrize("number", range(RIGHTS))
async def test_one_right_less_is_named(secured: Secured, spine: Spine, number: int):
    settings = Settings.from_env(spine.environ | secured.environ("sasl", f"less{number}"))
    needed = rights.needed(Role.WORKER, settings)
    lacking = needed.pop(number)
    await secured.grant(f"less{number}", needed)
    async with kafka.admin(settings) as admin:
        with pytest.raises(
            (TopicsError, MissingRight), match=re.escape(f"the right {lacking} is missing; grant it: kafka-acls.sh")
        ):
            await rights.require(admin, settings)


async def test_a_worker_with_one_right_less_ends_with_that_line(secured: Secured, spine: Spine):
    """After the test above, which has granted the others."""
    workers = [spine.worker(**secured.environ("sasl", f"less{number}")) for number in (0, RIGHTS - 1)]
    assert await asyncio.gather(*(each.ended() for each in workers)) == [1, 1], [each.said for each in workers]
    for worker in workers:
        assert worker.said.startswith("vigie: ")
        assert "is missing; grant it: kafka-acls.sh" in worker.said
        assert "Traceback" not in worker.said


async def test_neither_crawler_nor_reader_may_do_more(secured: Secured, spine: Spine, granted: None):
    crawler, reader = (spine.environ | secured.environ("sasl", user) for user in ("crawler", "reader"))
    tailed = await vigie(crawler, "tail", "comments.enriched", "--from", "earliest", "--max", "1")
    published = await vigie(reader, "publish", "-", lines=b"{}")
    assert (tailed.exit_code, published.exit_code) == (1, 1)
    assert f"the right Read on the topic {spine.topic('comments.enriched')} is missing" in tailed.stderr
    assert f"the right Write on the topic {spine.topic('articles.raw')} is missing" in published.stderr


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority that nobody trusts."""
    return Certificates(tmp_path_factory.mktemp("stranger"))


async def test_whoever_is_not_let_in_is_told_why(secured: Secured, spine: Spine, stranger: Certificates):
    tls, sasl = secured.environ("tls"), secured.environ("sasl", "worker")
    localhost = tls["VIGIE_BROKER"].replace("127.0.0.1", "localhost")
    cases = {
        "a certificate that is not trusted": tls | {"VIGIE_TLS_CA": str(stranger.authority)},
        "refuses the credentials of user worker": sasl | {"VIGIE_SASL_PASSWORD": "wrong-password-91"},
        "it may want TLS": {"VIGIE_BROKER": tls["VIGIE_BROKER"]},
        "VIGIE_SECURITY_PROTOCOL": tls | {"VIGIE_BROKER": secured.broker.bootstrap},
        "ends the connection under VIGIE_SECURITY_PROTOCOL=SSL": tls | {"VIGIE_BROKER": sasl["VIGIE_BROKER"]},
        "is not valid for 'localhost'); write the servers": tls | {"VIGIE_BROKER": localhost},
        "VIGIE_TLS_CERTIFICATE": tls | {"VIGIE_BROKER": secured.environ("mtls", "worker")["VIGIE_BROKER"]},
        "VIGIE_TLS_CA: /nowhere holds no certificates": tls | {"VIGIE_TLS_CA": "/nowhere"},
        "VIGIE_TLS_KEY_PASSWORD does not open it": secured.environ("mtls", "worker") | {"VIGIE_TLS_KEY_PASSWORD": "wrong-91"},
    }
    for said, environ in cases.items():
        result = await vigie(clean_environ(**environ), "publish", "-", lines=b"{}")
        assert result.exit_code in (1, 2), said
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert "-91" not in result.stderr


async def test_rights_are_not_asked_for_where_they_are_given(secured: Secured, spine: Spine, granted: None):
    settings = Settings.from_env(spine.environ | secured.environ("sasl", "worker"))
    async with kafka.admin(settings) as admin:
        await rights.require(admin, settings)
