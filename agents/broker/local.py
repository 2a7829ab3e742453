"""A local Kafka that can be started, stopped, killed and asked how it is; the tests' broker is the same code."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from time import monotonic, sleep

import msgspec
import psutil

from agents.broker import processes, storage
from agents.broker.config import HOST, Member, Node, as_text
from agents.broker.errors import BrokerError
from agents.broker.jars import VERSION, Report, resolve, silent
from agents.broker.java import find_java
from agents.broker.lock import locked
from agents.broker.running import Running
from agents.broker.wire import ask

PORT = 9092
_START_SECONDS = 90.0  # 3 to 5 s on an idle machine
_STOP_SECONDS = 30.0
_CLOSING_SECONDS = 2.0
_LOG_BYTES = 16 << 20  # a larger log is set aside at the next start
_MEMORY = ("-Xmx768m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError")
_LOGGING = {
    "showDateTime": "true",
    "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "log.org.apache.kafka.common.config.AbstractConfig": "warn",  # hundreds of lines at each start
    "log.kafka.server.KafkaConfig": "warn",
}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How a local broker is. `answers`: it answers metadata requests; `died`: it ended, and nobody had stopped it."""

    running: bool
    answers: bool
    bootstrap: str
    pid: int | None
    version: str
    data: str
    log: str
    died: bool


class LocalBroker(Running):
    """One Kafka node on 127.0.0.1:`port`, its jars under `home`, its data in `data` (default: a folder of the port under `home`).

    `extra` are server properties that replace ours; `listeners` and their security protocols are added to the plain one instead.
    `users` (name to password) get SCRAM credentials, fit for tests, when the storage is formatted, that is at the first start.
    `member` makes it one of several nodes (cluster.py). Every method raises BrokerError, with a message ready for the screen.
    """

    def __init__(
        self,
        home: Path,
        port: int = PORT,
        data: Path | None = None,
        extra: Mapping[str, str] | None = None,
        *,
        users: Mapping[str, str] | None = None,
        member: Member | None = None,
        report: Report = silent,
    ) -> None:
        self.home = home.absolute()
        self.port = port
        self.data = (data or self.home / "broker" / str(port)).absolute()
        self.log = self.data / "broker.log"
        self._extra = dict(extra or {})
        self._users = dict(users or {})
        self._member = member
        self._id = member.id if member else 1
        self._report = report
        self._properties = self.data / "server.properties"
        self._pid_file = self.data / "broker.pid"

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return f"{HOST}:{self.port}"

    def start(self) -> bool:
        """Start the broker and return once it answers; False when it was running already."""
        try:
            return self._start()
        except OSError as error:
            raise BrokerError(
                f"{error}.\nvigie keeps the broker under {self.home}; set VIGIE_HOME to a folder it can write."
            ) from error

    def stop(self) -> bool:
        """End the broker in good order, or by force after 30 s; False when it was not running."""
        if not self.data.is_dir():
            return False
        with locked(self.data / "lock", 2 * _START_SECONDS):
            process = self._process()
            if process is not None:
                processes.end(process, _STOP_SECONDS)
            self._pid_file.unlink(missing_ok=True)
        return process is not None

    def kill(self) -> bool:
        """End the broker with kill -9, as a crash would; its data stays as it is. False when it was not running."""
        process = self._process()
        if process is not None:
            processes.kill(process)
        return process is not None

    def status(self) -> Status:
        """How the broker is now."""
        process = self._process()
        return Status(
            running=process is not None,
            answers=process is not None and self._answers(),
            bootstrap=f"{HOST}:{(processes.port(process) if process else None) or self.port}",
            pid=process.pid if process else None,
            version=VERSION,
            data=str(self.data),
            log=str(self.log),
            died=process is None and self._pid_file.exists(),
        )

    def last_words(self) -> str:
        """The end of the broker's log, for the screen."""
        return processes.last_words(self.log)

    def command(self, main: str, *arguments: str) -> list[str]:
        """Command that runs a class of Kafka, such as `org.apache.kafka.tools.consumer.ConsoleConsumer`."""
        return [*self._java(), main, *arguments]

    def _java(self) -> list[str]:
        """Java with the class path: the jars are fetched where missing, and checked."""
        java = find_java()
        return [java, "-cp", os.pathsep.join(map(str, resolve(self.home, self._report)))]

    def _process(self) -> psutil.Process | None:
        return processes.find(self._pid_file, self._properties)

    def _answers(self) -> bool:
        cluster = ask(self.port, 5.0)
        return cluster is not None and self._id in cluster.nodes

    def _start(self) -> bool:
        if "," in str(self.data):
            raise BrokerError(f"Kafka takes no folder with a comma in its name ({self.data}).\nSet VIGIE_HOME to one without.")
        self.data.mkdir(parents=True, exist_ok=True)
        java = None
        if self._process() is None:
            self._need_port()  # before minutes are spent on fetching; again below, under the lock
            java = self._java()
        with locked(self.data / "lock", 2 * _START_SECONDS):
            running = self._process()
            if running is None:
                self._launch(java or self._java())
                return True
            self._pid_file.write_text(f"{running.pid}\n")  # it may have been lost
        self._join(running)
        return False

    def _launch(self, java: list[str]) -> None:
        """Format where needed, start the process, wait until it answers; nothing is left running when that fails."""
        self._need_port()
        controller = self._member.controller_port if self._member else processes.free_port()
        node = Node(port=self.port, controller_port=controller, storage=self.data / "kafka", member=self._member, extra=self._extra)
        if not storage.is_formatted(self.data):
            storage.prepare(java, node, self.data, self._users)
        cluster = storage.cluster_id(self.data)
        self._properties.write_text(as_text(node.properties()), "latin-1")
        scratch = self._fresh_scratch()
        logging = [f"-Dorg.slf4j.simpleLogger.{name}={value}" for name, value in _LOGGING.items()]
        options = [
            processes.port_option(self.port),
            *_MEMORY,
            f"-Djava.io.tmpdir={scratch}",
            f"-XX:ErrorFile={self.data}/java_error_%p.log",
            *logging,
        ]
        since = self.log.stat().st_size if self.log.exists() else 0
        command = [java[0], *options, *java[1:], processes.MAIN, str(self._properties)]
        process = processes.spawn(command, self.log)
        try:
            self._pid_file.write_text(f"{process.pid}\n")
            self._await_answer(process, cluster, since)
        except BaseException:  # Ctrl-C included: half a broker would hold the port
            processes.kill(process)
            self._pid_file.unlink(missing_ok=True)
            raise

    def _fresh_scratch(self) -> Path:
        """An empty folder for what Java unpacks (a killed broker leaves its codecs there); a log grown large is set aside."""
        scratch = self.data / "tmp"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        return scratch

    def _need_port(self) -> None:
        """BrokerError when the port is taken, with who has it and what to do."""
        deadline = monotonic() + _CLOSING_SECONDS
        while (error := processes.bind_error(self.port)) is not None and monotonic() < deadline:
            if isinstance(error, PermissionError) or ask(self.port, 0.5) is not None:
                break
            sleep(0.1)  # a broker that was just killed may hold it for a moment yet
        if error is None:
            return
        other = f"vigie broker start --port {self.port + 1 if self.port < 65535 else 9092}"
        if isinstance(error, PermissionError):
            raise BrokerError(f"Port {self.port} may not be used by this user.\nChoose one above 1023: {other}")
        who = processes.owner(self.port)
        if ask(self.port, 5.0) is not None:
            raise BrokerError(
                f"Another Kafka listens on {self.bootstrap} already: {who}, not started from {self.data}.\n"
                f"Use that one as it is, or stop it, or start ours beside it: {other}"
            )
        raise BrokerError(f"Port {self.port} is taken by {who}.\nStop that program, or choose another port: {other}")

    def _await_answer(self, process: psutil.Process, cluster: str, since: int) -> None:
        """Return when this process answers for its own cluster; BrokerError when it dies or takes too long."""
        deadline = monotonic() + _START_SECONDS
        while monotonic() < deadline:
            if not processes.alive(process):
                raise BrokerError(
                    f"Kafka ended while starting. The last lines of its log:\n{processes.last_words(self.log, since)}\n"
                    f"Mend what they name, then run the command again. The whole log: {self.log}"
                )
            found = ask(self.port, 5.0)
            if found is not None and found.id == cluster and self._id in found.nodes:
                return
            sleep(0.1)
        raise BrokerError(
            f"Kafka did not answer within {_START_SECONDS:.0f} s and was ended. The last lines of its log:\n"
            f"{processes.last_words(self.log, since)}\nIs the machine overloaded? The whole log: {self.log}"
        )

    def _join(self, process: psutil.Process) -> None:
        """A broker that was running already: make sure that it is on our port and answers."""
        port = processes.port(process)
        if port not in {None, self.port}:
            raise BrokerError(
                f"{self.data} is in use by the broker on port {port} (pid {process.pid}).\n"
                f"Stop that one first: vigie broker stop --port {port}"
            )
        if not self._answers():
            raise BrokerError(
                f"The broker runs (pid {process.pid}) but does not answer on {self.bootstrap}. The last lines of its log:\n"
                f"{self.last_words()}\nStart it anew: vigie broker stop --port {self.port}; vigie broker start --port {self.port}"
            )
