"""Real OpenSearch nodes, each a process of its own on free ports, made of the files that Maven brings.

A distribution is a folder of files; here it is laid out from its parts, with the k-NN plugin and without native libraries (so that
the tests can run as any user). See https://docs.opensearch.org/docs/latest/install-and-configure/.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
CACHE = HERE / "cache"
VERSION = "2.19.1"
START_SECONDS = 120.0

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


@dataclass
class Node:
    """A node that runs.

    Args:
        name: Its name in the cluster.
        url: Where it is spoken to.
        process: The process.
        log: What it says.
    """

    name: str
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as a loss of power does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path: str, method: str = "GET") -> Any:
        """The JSON that it answers."""
        request = urllib.request.Request(f"{self.url}{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


@contextmanager
def cluster(folder: Path, nodes: int = 1, *, heap_mb: int = 512) -> Iterator[list[Node]]:
    """A cluster of so many nodes.

    Args:
        folder: Where they keep their data and logs.
        nodes: How many.
        heap_mb: Memory of each.
    """
    home = _home()
    names = [f"node{n}" for n in range(1, nodes + 1)]
    ports = _free_ports(2 * nodes)
    seeds = [f"127.0.0.1:{port}" for port in ports[nodes:]]
    started: list[Node] = []
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
                "path.data": str(folder / name / "data"),
                "path.logs": str(folder / name / "logs"),
            }
            started.append(_started(name, f"http://127.0.0.1:{http}", home, folder / name, settings, heap_mb))
        for node in started:
            _wait_for(node, nodes)
        yield started
    finally:
        for node in started:
            node.kill()


def _started(name: str, url: str, home: Path, folder: Path, settings: dict[str, object], heap_mb: int) -> Node:
    config = folder / "config"
    config.mkdir(parents=True)
    (config / "opensearch.yml").write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items()))
    (config / "log4j2.properties").write_text(LOGGING)
    command = [
        *("java", f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        *("-Djava.security.manager=allow", "-Djna.nosys=true", "-Djna.nounpack=true", f"-Djava.io.tmpdir={folder}"),
        *(f"-Dopensearch.path.home={home}", f"-Dopensearch.path.conf={config}"),
        *("-cp", f"{home / 'lib'}/*", "org.opensearch.bootstrap.OpenSearch"),
    ]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    return Node(name, url, process, log)


def _wait_for(node: Node, nodes: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert node.process.poll() is None, f"the node ended: {node.log.read_text(errors='replace')[-2000:]}"
        try:
            if node.ask("/_cluster/health")["number_of_nodes"] == nodes:
                return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"the node did not start: {node.log.read_text(errors='replace')[-2000:]}")


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
    with zipfile.ZipFile(next(files.glob("opensearch-knn-*.zip"))) as archive:
        archive.extractall(home / "plugins" / "opensearch-knn")
    (home / "config").mkdir()


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
