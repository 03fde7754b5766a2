"""`voltagraph validate` as its users start it: every form, every kind of place a document comes from."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest

from harvester.address import fetch_document
from records.errors import FetchError
from tests.flow.conftest import Run

MISSPELT = '{\n  "@context": "https://w3id.org/emmo/domain/battery/context",\n  "@type": "PouchCell",\n  "hasProperety": []\n}\n'


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    file = tmp_path / "my cells" / "größe.jsonld"
    file.parent.mkdir()
    file.write_text(MISSPELT)
    return file


def finding(report: Any, code: str = "undefined-term") -> Any:
    return next(one for file in report["files"] for one in file["findings"] if one["code"] == code)


def test_text_shows_the_line_with_a_caret_and_the_change(run: Run, misspelt: Path) -> None:
    told = run("validate", str(misspelt), code=1).stdout
    assert f"{misspelt}:4:3: violation 'hasProperety' is not defined" in told
    assert '   4 |   "hasProperety": []\n     |   ^^^^^^^^^^^^^^\n' in told
    assert "hasProperety -> hasProperty" in told
    assert "/findings/undefined-term" in told
    assert "\x1b" not in told


def test_json_keeps_the_form_that_scripts_rely_on_and_adds_the_causes(run: Run, misspelt: Path) -> None:
    report = json.loads(run("validate", str(misspelt), "--format", "json", code=1).stdout)
    assert set(report) == {"files", "causes"}
    assert [set(file) for file in report["files"]] == [{"file", "findings"}]
    found = finding(report)
    assert (found["line"], found["column"], found["pointer"], found["value"]) == (4, 3, "/hasProperety", "hasProperety")
    assert found["suggestions"][0]["replacement"] == "hasProperty"
    assert "undefined-term:hasProperety" in [cause["key"] for cause in report["causes"]]
    assert json.loads(run("validate", str(misspelt), "--json", code=1).stdout) == report


def test_sarif_names_the_file_as_it_lies_in_the_repository(run: Run, repository: Path, misspelt: Path) -> None:
    inside = "app/samples/materials/silicon-graphite-half-cell.jsonld"
    for named in (inside, str(repository / inside), f"./app/../{inside}"):
        run_of = json.loads(run("validate", named, "--format", "sarif", code=1).stdout)["runs"][0]
        places = [result["locations"][0]["physicalLocation"] for result in run_of["results"]]
        assert {place["artifactLocation"]["uri"] for place in places} == {inside}
    [other] = json.loads(run("validate", str(misspelt), "--format", "sarif", code=1).stdout)["runs"]
    uri = other["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == misspelt.as_uri()
    assert all("localhost" not in rule.get("helpUri", "") for rule in other["tool"]["driver"]["rules"])


def test_sarif_of_a_published_installation_links_the_pages_of_the_findings(run: Run, misspelt: Path) -> None:
    env = {"VOLTAGRAPH_BASE_IRI": "https://data.example.org/records/"}
    sarif = json.loads(run("validate", str(misspelt), "--format", "sarif", code=1, env=env).stdout)
    rules = {rule["id"]: rule for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["undefined-term"]["helpUri"] == "https://data.example.org/findings/undefined-term"


def test_junit_shacl_and_html_are_written_to_a_file(run: Run, misspelt: Path, tmp_path: Path) -> None:
    written = {}
    for form in ("junit", "shacl", "html", "text"):
        file = tmp_path / f"report.{form}"
        done = run("validate", str(misspelt), "--format", form, "--output", str(file), code=1)
        assert done.stdout == ""
        written[form] = file.read_text()
    [case] = ET.fromstring(written["junit"]).iter("testcase")
    assert case.find("failure") is not None
    store = ox.Store()
    store.load(written["shacl"].encode(), ox.RdfFormat.TURTLE)
    conforms = "PREFIX sh: <http://www.w3.org/ns/shacl#> ASK { ?r a sh:ValidationReport ; sh:conforms false ; sh:result ?one }"
    assert bool(store.query(conforms))
    assert written["html"].startswith("<!doctype html>")
    assert "größe.jsonld:4:3" in written["html"]
    assert ":4:3: violation" in written["text"]


def test_an_output_that_cannot_be_written_is_an_error(run: Run, misspelt: Path, tmp_path: Path) -> None:
    done = run("validate", str(misspelt), "--output", str(tmp_path / "no" / "report"), code=3)
    assert "cannot be written" in done.stderr


def test_a_form_or_profile_that_does_not_exist_is_an_error(run: Run, misspelt: Path) -> None:
    assert "sarif" in run("validate", str(misspelt), "--format", "yaml", code=2).stderr
    assert "no-such-profile" in run("validate", str(misspelt), "--profile", "no-such-profile", code=3).stderr


def test_a_document_can_come_from_standard_input(run: Run) -> None:
    report = json.loads(run("validate", "-", "--json", stdin=MISSPELT, code=1).stdout)
    assert [file["file"] for file in report["files"]] == ["stdin"]
    assert finding(report)["line"] == 4
    assert "stdin:1:1: violation the file is empty" in run("validate", "-", stdin="", code=1).stdout


def test_many_files_are_told_by_cause(run: Run, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}.jsonld").write_text(MISSPELT)
    told = run("validate", str(tmp_path), code=1).stdout
    assert "violation the key 'hasProperety' is not defined: 30 places in 30 files; one fix (undefined-term)" in told
    assert told.count("^^^^^^^^^^^^^^") == 1
    assert re.search(r"^30 files, \d+ findings$", told, re.MULTILINE)


def test_a_reader_that_stops_early_is_no_error(
    command: list[str], repository: Path, home: Path, environment: dict[str, str]
) -> None:
    program = " ".join([*command, "--home", str(home), "validate", "app/samples", "--json"])
    done = subprocess.run(
        ["bash", "-c", f"{program} | head -c 20"], cwd=repository, env=environment, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stderr
    assert done.stderr == ""


# Addresses


class Site(BaseHTTPRequestHandler):
    """A server with everything that can go wrong."""

    def do_GET(self) -> None:
        match self.path:
            case "/cell.jsonld?v=1":
                self._send(200, MISSPELT.encode())
            case "/moved":
                self._send(302, b"", Location="/cell.jsonld?v=1")
            case "/loop":
                self._send(302, b"", Location="/loop")
            case "/long":
                self._send(302, b"", Location=f"/long/{'x' * 3}")
            case "/to-file":
                self._send(302, b"", Location="file:///etc/hostname")
            case "/to-ftp":
                self._send(302, b"", Location="ftp://127.0.0.1/x")
            case "/to-secret":
                self._send(302, b"", Location=f"http://user:secret@{self.headers['Host']}/cell.jsonld?v=1")
            case "/large":
                self._send(200, b" " * 3_000_000)
            case "/short":
                self._send(200, b"{}", length=100)
            case "/silent":
                time.sleep(3)
            case "/drip":
                self.send_response(200)
                self.end_headers()
                for _ in range(40):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.1)
            case "/garbage":
                self.wfile.write(b"nonsense\r\n\r\n")
            case _:
                self._send(404, b"{}")

    def _send(self, status: int, content: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(length or len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def handle(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has left
            super().handle()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_document_can_come_from_an_address(run: Run, site: str) -> None:
    for path in ("/cell.jsonld?v=1", "/moved"):
        report = json.loads(run("validate", site + path, "--json", code=1).stdout)
        assert [file["file"] for file in report["files"]] == [site + path]
        assert finding(report)["source"] == site + path
    sarif = json.loads(run("validate", site + "/cell.jsonld?v=1", "--format", "sarif", code=1).stdout)
    place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == site + "/cell.jsonld?v=1"


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://example.org/a.jsonld", "http://", "http://[::1", "http://h:x/"])
def test_what_is_no_http_address_is_refused(run: Run, address: str) -> None:
    done = run("validate", address, code=4)
    assert "no http or https address" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/nothing", "the server says 404"),
        ("/loop", "redirect"),
        ("/long", "the server says 404"),
        ("/to-file", "'file:///etc/hostname' is not allowed"),
        ("/to-ftp", "redirects to ftp://127.0.0.1/x, which is not followed"),
        ("/to-secret", "name or password"),
        ("/large", "more than 1,000,000 bytes"),
        ("/short", "the connection ended after 2 bytes"),
        ("/silent", "in time"),
        ("/drip", "in time: it took longer than 1 s"),
        ("/garbage", "could not be fetched"),
    ],
)
def test_an_address_that_does_not_give_its_document_is_a_clear_error(site: str, path: str, told: str) -> None:
    with pytest.raises(FetchError) as failed:
        fetch_document(site + path, 1_000_000, wait_seconds=0.5, max_seconds=1)
    assert told in str(failed.value)
    assert "secret" not in str(failed.value)
    assert failed.value.remedy


def test_a_password_in_an_address_is_neither_sent_nor_printed(run: Run, site: str) -> None:
    done = run("validate", site.replace("//", "//me:secret@") + "/cell.jsonld?v=1", code=4)
    assert "secret" not in done.stderr + done.stdout


def test_nobody_at_the_address_is_a_clear_error(run: Run) -> None:
    assert "could not be fetched: Connection refused" in run("validate", "http://127.0.0.1:9/a.jsonld", code=4).stderr
