"""Real OpenSearch nodes, each a process of its own on free ports, made of the files that Maven brings.

A distribution is a folder of files; here it is laid out from its parts, with the k-NN plugin and without native libraries (so that
the tests can run as any user). A second one beside it has the security plugin too (`tests/servers/opensearch_security.py`). See https://docs.opensearch.org/docs/latest/install-and-configure/.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
CACHE = HERE / "cache"
VERSION = "2.19.1"
SECURED = "secured"
"""Folder of the distribution with the security plugin, within the other."""
START_SECONDS = 120.0
MEMORY = Path("/dev/shm")
"""Here a node makes an index four times as fast as on a disk."""
MEMORY_NEEDED = 1_000_000_000

# Module -> its class, and the beginnings of the names of its files; all other files are the server's own.
MODULES = {
    "transport-netty4": ("org.opensearch.transport.Netty4Plugin", ("transport-netty4", "netty-")),
    "lang-painless": (
        "org.opensearch.painless.PainlessPlugin",
        ("lang-painless", "antlr4-", "asm-", "opensearch-scripting-painless"),
    ),
    "reindex": (
        "org.opensearch.index.reindex.ReindexPlugin",
        ("reindex", "opensearch-rest-client", "opensearch-ssl-config", "http", "commons-codec", "commons-logging"),
    ),
}
DESCRIPTOR = """description={name}
version={version}
opensearch.version={version}
java.version=11
name={name}
classname={plugin}
extended.plugins=
has.native.controller=false
"""
LOGGING = """status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker%m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""


@dataclass(frozen=True, slots=True)
class Security:
    """What makes a cluster speak TLS alone, to those it knows.

    Args:
        settings: Of each node.
        prepare: Writes what they name into the configuration folder of a node.
        context: To check its certificate with.
        authorization: Header of one who may do everything.
    """

    settings: Mapping[str, object]
    prepare: Callable[[Path], None]
    context: ssl.SSLContext
    authorization: str


@dataclass
class Node:
    """A node.

    Args:
        name: Its name in the cluster.
        url: Where it is spoken to.
        command: What starts it.
        folder: Where it keeps its data and its log.
        security: How it is spoken to, where not by everybody.
    """

    name: str
    url: str
    command: Sequence[str]
    folder: Path
    security: Security | None = None
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it, or start it again with what it kept."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        """End it as a loss of power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        """Let it answer nothing until `resume`."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on."""
        self.process.send_signal(signal.SIGCONT)

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """The JSON that it answers."""
        headers, context = {"Content-Type": "application/json"}, None
        if self.security is not None:
            headers["Authorization"], context = self.security.authorization, self.security.context
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", sent, headers, method=method)
        with urllib.request.urlopen(request, timeout=60, context=context) as answer:
            return json.load(answer)

    def wait(self, nodes: int = 1) -> None:
        """Until it answers, in a cluster of so many nodes."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the node ended: {self._log()}"
            try:
                if self.ask("/_cluster/health")["number_of_nodes"] == nodes:
                    return
            except OSError:  # as `urllib.error.URLError` is
                pass
            time.sleep(0.1)
        raise AssertionError(f"the node did not start: {self._log()}")

    def _log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-2000:]


@contextmanager
def cluster(nodes: int = 1, *, heap_mb: int = 512, security: Security | None = None) -> Iterator[list[Node]]:
    """A cluster of so many nodes, whose data is gone with it.

    Args:
        nodes: How many.
        heap_mb: Memory of each.
        security: How they are spoken to; ``None``: by everybody.
    """
    home = _home() if security is None else _home() / SECURED
    names = [f"node{n}" for n in range(1, nodes + 1)]
    ports = _free_ports(2 * nodes)
    seeds = [f"127.0.0.1:{port}" for port in ports[nodes:]]
    started: list[Node] = []
    has_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    with TemporaryDirectory(prefix="opensearch-", dir=MEMORY if has_memory else None, ignore_cleanup_errors=True) as folder:
        try:
            for name, http, transport in zip(names, ports, ports[nodes:], strict=False):
                settings = {
                    "cluster.name": "voltagraph-tests",
                    "node.name": name,
                    "network.host": "127.0.0.1",
                    "http.port": http,
                    "transport.port": transport,
                    "discovery.seed_hosts": seeds,
                    "cluster.initial_cluster_manager_nodes": names,
                    "cluster.routing.allocation.disk.threshold_enabled": False,
                    **({} if security is None else security.settings),
                }
                node = _prepared(name, http, home, Path(folder) / name, settings, heap_mb, security)
                node.start()
                started.append(node)
            for node in started:
                node.wait(nodes)
            yield started
        finally:
            for node in started:
                node.kill()


def _prepared(
    name: str, port: int, home: Path, folder: Path, settings: Mapping[str, object], heap_mb: int, security: Security | None
) -> Node:
    config = folder / "config"
    config.mkdir(parents=True)
    kept = {"path.data": str(folder / "data"), "path.logs": str(folder / "logs")}
    (config / "opensearch.yml").write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in {**settings, **kept}.items()))
    (config / "log4j2.properties").write_text(LOGGING)
    if security is not None:
        security.prepare(config)
    command = [
        *("java", f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *("-Djava.security.manager=allow", "-Djna.nosys=true", "-Djna.nounpack=true", f"-Djava.io.tmpdir={folder}"),
        *(f"-Dopensearch.path.home={home}", f"-Dopensearch.path.conf={config}"),
        *("-cp", f"{home / 'lib'}/*", "org.opensearch.bootstrap.OpenSearch"),
    ]
    return Node(name, f"{'http' if security is None else 'https'}://127.0.0.1:{port}", command, folder, security)


def _home() -> Path:
    """The distribution, laid out once for all processes that test; the digest of each file is checked before."""
    for program, package in (("java", "default-jre-headless"), ("mvn", "maven")):
        if shutil.which(program) is None:
            pytest.skip(f"OpenSearch needs {program}: install the package {package}")
    digests = (HERE / "opensearch.sha256").read_bytes()
    home = CACHE / f"opensearch-{VERSION}-{hashlib.sha256(digests).hexdigest()[:12]}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            files = CACHE / "opensearch-files"
            shutil.rmtree(files, ignore_errors=True)
            command = ["mvn", "-q", "-B", "-f", str(HERE / "opensearch-pom.xml")]
            command += ["dependency:copy-dependencies", f"-DoutputDirectory={files}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=540, check=False, stdin=subprocess.DEVNULL)
            if done.returncode:
                pytest.skip(f"Maven did not bring OpenSearch: {done.stdout[-300:]}")
            _check(files, dict(line.split()[::-1] for line in digests.decode().splitlines()))
            _lay_out(files, CACHE / "opensearch-new")
            (CACHE / "opensearch-new").rename(home)
            shutil.rmtree(files)
    return home


def _check(files: Path, digests: dict[str, str]) -> None:
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files.iterdir()}
    assert found == digests, f"{sorted(set(found.items()) ^ set(digests.items()))} is not the OpenSearch that was tested"


def _lay_out(files: Path, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    for file in sorted(files.glob("*.jar")):
        module = next((name for name, (_, beginnings) in MODULES.items() if file.name.startswith(beginnings)), None)
        folder = home / "lib" if module is None else home / "modules" / module
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder)
    for name, (plugin, _) in MODULES.items():
        module_folder = home / "modules" / name
        (module_folder / "plugin-descriptor.properties").write_text(DESCRIPTOR.format(name=name, version=VERSION, plugin=plugin))
        (module_folder / "plugin-security.policy").write_text("grant { permission java.security.AllPermission; };\n")
    _unpack(files, "opensearch-knn", home / "plugins")
    secured = home / SECURED
    for part in ("lib", "modules", "plugins"):
        shutil.copytree(home / part, secured / part, copy_function=os.link)  # a symbolic link would be outside of what Java allows
    _unpack(files, "opensearch-security", secured / "plugins")


def _unpack(files: Path, plugin: str, plugins: Path) -> None:
    with zipfile.ZipFile(next(files.glob(f"{plugin}-*.zip"))) as archive:
        archive.extractall(plugins / plugin)


def _free_ports(count: int) -> Sequence[int]:
    """Ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
