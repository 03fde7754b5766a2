"""Fetching: good files, every way in which an address can fail, and going on after an interruption."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

import pytest

from ontology import fetch
from ontology.contexts import Contexts
from ontology.facts import context_terms
from ontology.fetch import FetchedFile, PinnedFile, Sources, fetch_ontologies, packaged_sources, read_sources
from ontology.loader import load_ontologies
from records.errors import FetchError

BATTERY = "https://w3id.org/emmo/domain/battery/context"
CONTENT = {
    "contexts/battery.json": b'{"@context": {"schema": "https://schema.org/"}}',
    "ontologies/a-1.0/deep folder/a.ttl": b"<https://e.org/o#a> a <http://www.w3.org/2002/07/owl#Class> .",
    "ontologies/a-1.0/b.ttl": b"<https://e.org/o#b> a <http://www.w3.org/2002/07/owl#Class> .",
}


def pinned(path: str) -> PinnedFile:
    content = CONTENT[path]
    source_path = path.partition("/")[2].removeprefix("a-1.0/")
    return PinnedFile(path, "https://github.com/x/y", "abc", source_path, "MIT", len(content), sha256(content).hexdigest())


SOURCES = Sources(tuple(pinned(path) for path in sorted(CONTENT)), {BATTERY: ("battery.json",)}, {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A mirror in a folder."""
    for path, content in CONTENT.items():
        (tmp_path / "mirror" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mirror" / path).write_bytes(content)
    return tmp_path / "mirror"


class Site(ThreadingHTTPServer):
    """A mirror with an address; `replies` says what it does instead of the right thing for a path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[str] = []
        self.replies: dict[str, Callable[[Answering], None]] = {}

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what many of these tests are about."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        reply = self.server.replies.get(self.path)
        if reply is not None:
            reply(self)
        else:
            self.answer(200, CONTENT[self.path.lstrip("/").replace("%20", " ")])

    def answer(self, status: int, body: bytes = b"", *, length: int | None = None, location: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        """Nothing on standard error."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("no_proxy", "*")
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield site
        site.shutdown()
        thread.join()


PATHS = sorted("/" + path.replace(" ", "%20") for path in CONTENT)


def test_a_mirror_in_a_folder_gives_every_file_with_its_origin(folder: Path, tmp_path: Path) -> None:
    done = fetch_ontologies(tmp_path / "home", mirror=folder, sources=SOURCES)
    assert done == [FetchedFile(path, str(folder / path), True) for path in sorted(CONTENT)]
    for path, content in CONTENT.items():
        assert (tmp_path / "home" / path).read_bytes() == content
    facts, issues = load_ontologies(tmp_path / "home" / "ontologies")
    assert issues == []
    assert [source.iri for source in facts.sources] == [
        "https://github.com/x/y/blob/abc/b.ttl",
        "https://github.com/x/y/blob/abc/deep folder/a.ttl",
    ]
    assert {source.licence for source in facts.sources} == {"MIT"}
    assert context_terms(tmp_path / "home" / "contexts") == {"schema": ("https://schema.org/", "")}
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["contexts", "ontologies"]


def test_a_mirror_with_an_address_gives_every_file(site: Site, tmp_path: Path) -> None:
    done = fetch_ontologies(tmp_path, mirror=site.address + "/", sources=SOURCES)
    assert [file.address for file in done] == [site.address + path for path in PATHS]
    assert all((tmp_path / path).read_bytes() == content for path, content in CONTENT.items())


def test_progress_counts_the_files(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    fetch_ontologies(tmp_path / "home", mirror=folder, sources=SOURCES, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_what_is_there_is_not_fetched_again_and_other_files_stay(site: Site, tmp_path: Path) -> None:
    fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    (tmp_path / "ontologies" / "mine.ttl").write_text("")
    site.asked.clear()
    again = fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    assert site.asked == []
    assert not any(file.fetched for file in again)
    assert (tmp_path / "ontologies" / "mine.ttl").is_file()


def test_a_file_that_was_changed_is_fetched_again(site: Site, tmp_path: Path) -> None:
    fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    changed = tmp_path / "ontologies/a-1.0/b.ttl"
    changed.write_bytes(b"X" * len(CONTENT["ontologies/a-1.0/b.ttl"]))
    site.asked.clear()
    fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    assert site.asked == ["/ontologies/a-1.0/b.ttl"]
    assert changed.read_bytes() == CONTENT["ontologies/a-1.0/b.ttl"]


BAD = "/ontologies/a-1.0/b.ttl"
RIGHT = CONTENT[BAD[1:]]


def wrong_content(answering: Answering) -> None:
    answering.answer(200, b"X" * len(RIGHT))


def dead_link(answering: Answering) -> None:
    answering.answer(404)


def broken_server(answering: Answering) -> None:
    answering.answer(500)


def truncated_body(answering: Answering) -> None:
    answering.answer(200, RIGHT[:10], length=len(RIGHT))


def short_body(answering: Answering) -> None:
    answering.answer(200, RIGHT[:10])


def too_large(answering: Answering) -> None:
    answering.answer(200, RIGHT + b"X")


def endless(answering: Answering) -> None:
    answering.send_response(200)
    answering.end_headers()
    for _ in range(10_000):
        answering.wfile.write(b"X" * 1_000)


def no_http(answering: Answering) -> None:
    answering.wfile.write(b"who are you\r\n\r\n")


def cut_off(answering: Answering) -> None:
    answering.connection.close()


def to_another_host(answering: Answering) -> None:
    answering.answer(302, location="http://localhost.example/b.ttl")


def to_another_scheme(answering: Answering) -> None:
    answering.answer(302, location="file:///etc/passwd")


def in_a_circle(answering: Answering) -> None:
    answering.answer(302, location=BAD)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (wrong_content, f"its SHA-256 is {sha256(b'X' * len(RIGHT)).hexdigest()}, not {sha256(RIGHT).hexdigest()}"),
        (dead_link, "Not Found"),
        (broken_server, "Internal Server Error"),
        (truncated_body, f"only 10 of {len(RIGHT)} bytes came"),
        (short_body, f"only 10 of {len(RIGHT)} bytes came"),
        (too_large, f"larger than the {len(RIGHT)} bytes"),
        (endless, f"larger than the {len(RIGHT)} bytes"),
        (no_http, "could not be fetched"),
        (cut_off, "could not be fetched"),
        (to_another_host, "redirects to another place, http://localhost.example"),
        (to_another_scheme, "could not be fetched"),
        (in_a_circle, "could not be fetched"),
    ],
)
def test_a_failure_names_file_address_reason_and_remedy_and_the_next_call_goes_on(
    reply: Callable[[Answering], None], reason: str, site: Site, tmp_path: Path
) -> None:
    site.replies[BAD] = reply
    with pytest.raises(FetchError) as caught:
        fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    assert BAD[1:] in caught.value.message
    assert site.address + BAD in caught.value.message
    assert reason in caught.value.message
    assert caught.value.remedy
    # Half a set is never in place, and nothing wrong is kept.
    assert not (tmp_path / "ontologies").exists()
    assert not (tmp_path / "contexts").exists()
    assert not (tmp_path / ".fetching" / BAD[1:]).exists()
    del site.replies[BAD]
    before = set(site.asked) - {BAD}
    site.asked.clear()
    fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    assert not before & set(site.asked)
    assert (tmp_path / BAD[1:]).read_bytes() == RIGHT
    assert not (tmp_path / ".fetching").exists()


def test_a_redirect_within_the_same_host_is_followed(site: Site, tmp_path: Path) -> None:
    site.replies[BAD] = lambda answering: answering.answer(302, location="/elsewhere")
    site.replies["/elsewhere"] = lambda answering: answering.answer(200, RIGHT)
    fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)
    assert (tmp_path / BAD[1:]).read_bytes() == RIGHT


def test_a_silent_server_is_given_up(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.1)
    site.replies[BAD] = lambda answering: sleep(0.5)
    with pytest.raises(FetchError, match="timed out"):
        fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)


def test_a_server_that_only_drips_is_given_up(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MAX_SECONDS", 0.05)
    monkeypatch.setattr(fetch, "_CHUNK", 1)

    def drip(answering: Answering) -> None:
        answering.answer(200, length=len(RIGHT))
        for byte in RIGHT:
            answering.wfile.write(bytes([byte]))
            sleep(0.02)

    site.replies[BAD] = drip
    with pytest.raises(FetchError, match="took longer than"):
        fetch_ontologies(tmp_path, mirror=site.address, sources=SOURCES)


def test_nobody_at_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with Site() as gone:
        address = gone.address
    with pytest.raises(FetchError, match="refused"):
        fetch_ontologies(tmp_path, mirror=address, sources=SOURCES)


@pytest.mark.parametrize("mirror", ["ftp://e.org/", "file:///tmp", "data://x", "no-such-folder"])
def test_a_mirror_must_be_a_folder_or_an_http_address(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="mirror"):
        fetch_ontologies(tmp_path, mirror=mirror, sources=SOURCES)


def test_an_incomplete_folder_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / BAD[1:]).unlink()
    with pytest.raises(FetchError, match=BAD[1:]):
        fetch_ontologies(tmp_path / "home", mirror=folder, sources=SOURCES)


def test_a_place_that_cannot_be_written_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, no folder")
    with pytest.raises(FetchError, match="cannot be kept"):
        fetch_ontologies(tmp_path / "home", mirror=folder, sources=SOURCES)


def test_every_official_address_is_https_at_one_host_and_pinned_to_a_commit() -> None:
    for file in packaged_sources().files:
        assert file.address.startswith("https://raw.githubusercontent.com/")
        assert len(file.commit) == 40
        assert len(file.checksum) == 64
        assert file.commit in file.address


@pytest.mark.parametrize(
    "change",
    [
        {"folder": "../outside"},
        {"repository": "https://elsewhere.org/x/y"},
        {"repository": "http://github.com/x/y"},
        {"files": [{"path": "a.ttl", "bytes": 10**9, "sha256": "0"}]},
        {"files": [{"path": "a.ttl", "bytes": 0, "sha256": "0"}]},
        {"files": [{"path": "a.ttl"}]},
        {"files": 1},
    ],
)
def test_a_list_with_an_impossible_file_is_refused(change: dict[str, object]) -> None:
    good: dict[str, object] = {
        "folder": "a",
        "repository": "https://github.com/x/y",
        "commit": "abc",
        "licence": "MIT",
        "files": [{"path": "a.ttl", "bytes": 10, "sha256": "0"}],
    }

    def toml(entry: dict[str, object]) -> str:
        files = entry.pop("files")
        listed = files
        if isinstance(files, list):
            listed = (
                "[" + ", ".join("{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in file.items()) + "}" for file in files) + "]"
            )
        return "\n".join(["[[ontologies]]", *(f"{k} = {json.dumps(v)}" for k, v in entry.items()), f"files = {listed}"])

    assert len(read_sources(toml(dict(good))).files) == 1
    with pytest.raises(FetchError):
        read_sources(toml(good | change))


def test_a_list_that_is_no_toml_is_refused() -> None:
    with pytest.raises(FetchError, match="cannot be read"):
        read_sources("[[")


# The real files.


def test_the_pinned_files_are_those_of_the_data_pack(shared_data: Path) -> None:
    catalogue = json.loads((shared_data / "ontologies" / "catalog.json").read_text())["files"]
    contexts = json.loads((shared_data / "contexts" / "contexts.json").read_text())["files"]
    expected = {
        PinnedFile(
            path, entry["source_repo"], entry["commit"], entry["source_path"], entry["licence"], entry["bytes"], entry["sha256"]
        )
        for path, entry in [
            *((f"ontologies/{entry['path']}", entry) for entry in catalogue),
            *((f"contexts/{entry['file']}", entry) for entry in contexts),
        ]
        # Other versions, one file that is no Turtle upstream, and a context taken out of an npm package.
        if "/alternates/" not in path and not entry.get("parse_error") and entry["commit"]
    }
    assert set(packaged_sources().files) == expected


def test_what_is_fetched_from_the_data_pack_gives_the_same_facts_and_contexts(shared_data: Path, tmp_path: Path) -> None:
    done = fetch_ontologies(tmp_path, mirror=shared_data)
    assert len(done) == 89
    facts, issues = load_ontologies(tmp_path / "ontologies")
    assert issues == []
    assert facts == load_ontologies(shared_data / "ontologies")[0]
    assert context_terms(tmp_path / "contexts").items() <= context_terms(shared_data / "contexts").items()
    contexts = Contexts.from_directory(tmp_path / "contexts")
    assert contexts.versions(BATTERY)[0].name == "domain-battery-0.20.2.json"


def test_a_fetched_file_that_is_not_the_pinned_one_is_refused_from_a_folder_too(shared_data: Path, tmp_path: Path) -> None:
    file = packaged_sources().files[0]
    wrong = replace(file, checksum="0" * 64)
    with pytest.raises(FetchError, match="not " + "0" * 64):
        fetch_ontologies(tmp_path, mirror=shared_data, sources=Sources((wrong,), {}, {}))
