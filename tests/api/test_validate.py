"""Checking a document over HTTP: what comes back, in which form, and what is refused."""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
import structlog
from starlette.testclient import TestClient

from records.errors import NotFoundError
from shapes.finding_pages import PAGES, FindingPages

CONTEXT = "https://w3id.org/emmo/domain/battery/context"
SOUND = {"@context": CONTEXT, "@type": "schema:Person", "schema:name": "Alessandra"}
BROKEN = {**SOUND, "hasProperety": "zircaloy"}
MASS = {"@type": "Mass", "hasNumericalPart": {"@type": "RealData", "hasNumberValue": 1.0}}
WITHOUT_UNIT = {**SOUND, "hasProperty": MASS}
LD = {"Content-Type": "application/ld+json"}


def nodes(number: int) -> bytes:
    """A document of many nodes, each with a finding."""
    node = {"@type": "schema:Person", "schema:name": "Alessandra", "hasProperety": "zircaloy"}
    return text_of({"@context": CONTEXT, "@graph": [{**node, "@id": f"http://example.org/{n}"} for n in range(number)]})


def text_of(document: object) -> bytes:
    return json.dumps(document, indent=1).encode()


def findings(answer: Any, file: int = 0) -> list[str]:
    return [finding["code"] for finding in answer["files"][file]["findings"]]


@pytest.fixture(scope="module")
def make(world: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., TestClient]]:
    """Clients of the application over a home of its own, each with settings of its own."""
    from app.asgi import create_app
    from app.bootstrap import build_services
    from app.settings import Settings

    home = tmp_path_factory.mktemp("validate") / "home"
    shutil.copytree(world.path, home)
    opened: list[Any] = []

    def client(**settings: Any) -> TestClient:
        services = build_services(Settings(home=home, **{"validations_per_minute": 1_000_000, **settings}))
        client = TestClient(create_app(services), raise_server_exceptions=False)
        opened.extend((client, services.checking, services.index, services.ledger))
        return client

    yield client
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def sender(make: Callable[..., TestClient]) -> TestClient:
    return make()


def send(client: TestClient, document: object, **query: Any) -> Any:
    content = document if isinstance(document, bytes) else text_of(document)
    return client.post("/api/validate", params=query, content=content, headers=LD)


# What comes back


def test_a_sound_document_has_no_findings(sender: TestClient) -> None:
    response = send(sender, SOUND)
    assert response.status_code == 200
    assert response.json() == {"files": [{"file": "document.jsonld", "findings": []}], "causes": []}


def test_a_finding_is_told_as_on_the_command_line(
    sender: TestClient, make: Callable[..., TestClient], environment: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    file = tmp_path / "cell.jsonld"
    file.write_bytes(text_of(BROKEN))
    [told] = send(sender, BROKEN, name="cell.jsonld").json()["files"]
    [finding] = told["findings"]
    assert (finding["code"], finding["line"], finding["pointer"]) == ("undefined-term", 5, "/hasProperety")
    assert finding["source"] == "cell.jsonld"
    command = [sys.executable, "-m", "app.cli", "--home", str(tmp_path / "home"), "validate", str(file), "--format", "json"]
    printed = subprocess.run(command, capture_output=True, env=environment, cwd=repository, timeout=120).stdout
    assert json.loads(printed)["files"][0]["findings"] == told["findings"]


def test_what_is_no_json_is_a_finding_and_no_error(sender: TestClient) -> None:
    response = send(sender, b'{"a": 1,}')
    assert response.status_code == 200
    assert findings(response.json()) == ["not-json"]


def test_an_empty_body_is_an_empty_file(sender: TestClient) -> None:
    assert findings(send(sender, b"").json()) == ["empty-file"]


def test_the_body_may_be_plain_json_or_say_nothing_of_its_kind(sender: TestClient) -> None:
    for headers in ({"Content-Type": "application/json; charset=utf-8"}, {}):
        response = sender.post("/api/validate", content=text_of(BROKEN), headers=headers)
        assert findings(response.json()) == ["undefined-term"]


def test_several_files_of_a_form_are_told_one_by_one(sender: TestClient) -> None:
    files = [("file", ('é "1".jsonld', text_of(BROKEN))), ("file", ("../b.jsonld", text_of(SOUND)))]
    answer = sender.post("/api/validate", files=files).json()
    assert [file["file"] for file in answer["files"]] == ['é "1".jsonld', "b.jsonld"]
    assert [findings(answer, file) for file in (0, 1)] == [["undefined-term"], []]


def test_a_threshold_makes_the_status_one_of_an_error(sender: TestClient) -> None:
    assert send(sender, BROKEN, fail_on="violation").status_code == 422
    assert findings(send(sender, BROKEN, fail_on="violation").json()) == ["undefined-term"]
    assert send(sender, SOUND, fail_on="info").status_code == 200


def test_the_form_of_invenio_names_the_place_in_the_file(sender: TestClient) -> None:
    response = send(sender, {**BROKEN, "hasPropertty": 1}, format="errors", name="cell.jsonld")
    assert response.status_code == 400
    assert response.text.startswith('{"status": 400, "message": "A validation error occurred.", "errors": [{"field": "')
    body = response.json()
    assert list(body) == ["status", "message", "errors"]
    assert [error["field"] for error in body["errors"]] == [
        "files.entries.cell.jsonld:/hasProperety",
        "files.entries.cell.jsonld:/hasPropertty",
    ]
    [message] = body["errors"][0]["messages"]
    assert message.startswith("Line 5: 'hasProperety' is not defined")
    assert message.endswith("[undefined-term]")


def test_the_form_of_invenio_holds_what_reaches_the_threshold_and_nothing_else(sender: TestClient) -> None:
    assert findings(send(sender, WITHOUT_UNIT).json()) == ["missing-unit"]
    lenient, strict = send(sender, WITHOUT_UNIT, format="errors"), send(sender, WITHOUT_UNIT, format="errors", fail_on="warning")
    assert (lenient.status_code, lenient.json()["errors"]) == (200, [])
    assert (strict.status_code, len(strict.json()["errors"])) == (400, 1)


def test_of_a_document_with_very_many_findings_the_gravest_are_told(sender: TestClient) -> None:
    answer = send(sender, {**BROKEN, "hasProperty": [MASS] * 1_050}).json()
    [file] = answer["files"]
    assert len(file["findings"]) == 1_000
    assert answer["left_out"]["document.jsonld"] >= 50
    assert "undefined-term" in {finding["code"] for finding in file["findings"]}
    assert file["findings"] == sorted(file["findings"], key=lambda finding: (finding["line"], finding["column"]))


@pytest.mark.parametrize(
    ("form", "kind", "part"),
    [
        ("sarif", "application/sarif+json", '"version": "2.1.0"'),
        ("shacl", "text/turtle; charset=utf-8", "sh:conforms false"),
        ("junit", "application/xml", "<testsuite"),
        ("html", "text/html; charset=utf-8", "<!doctype html>"),
    ],
)
def test_findings_are_told_in_the_forms_of_other_programs(sender: TestClient, form: str, kind: str, part: str) -> None:
    response = send(sender, BROKEN, format=form, name="cell.jsonld", fail_on="violation")
    assert (response.status_code, response.headers["content-type"]) == (422, kind)
    assert part in response.text
    assert "undefined-term" in response.text
    assert "cell.jsonld" in response.text
    assert send(sender, SOUND, format=form, fail_on="violation").status_code == 200


def test_the_accept_header_chooses_the_form_where_the_query_does_not(sender: TestClient) -> None:
    asked = {**LD, "Accept": "application/sarif+json"}
    assert sender.post("/api/validate", content=b"{}", headers=asked).json()["version"] == "2.1.0"
    assert "files" in sender.post("/api/validate?format=json", content=b"{}", headers=asked).json()
    assert "files" in sender.post("/api/validate", content=b"{}", headers={**LD, "Accept": "*/*"}).json()


ODD = [b'{"\\ud800": 1}', b"\xff", b'{"a": "\x00"}', b"\xef\xbb\xbf{}", b"[" * 1000, b'"<\xe2\x80\xae>"']


@pytest.mark.parametrize("form", ["json", "errors", "sarif", "shacl", "junit", "html"])
@pytest.mark.parametrize("document", ODD, ids=range(len(ODD)))
def test_no_odd_text_breaks_a_form(sender: TestClient, form: str, document: bytes) -> None:
    assert send(sender, document, format=form, name="\u202e<b>.jsonld").status_code in {200, 400}


# Taking suggestions


def fix(client: TestClient, **sent: Any) -> Any:
    return client.post("/api/fix", json=sent)


def test_an_edit_is_made_and_nothing_else_changes(sender: TestClient) -> None:
    document = f'{{ "@context": "{CONTEXT}",\r\n\t"@type":"schema:Person", "schema:nam": "é" }}\r\n'
    edits = [{"operation": "rename", "pointer": "/schema:nam", "content": '"schema:name"'}]
    answer = fix(sender, document=document, edits=edits).json()
    assert answer["document"] == document.replace("schema:nam", "schema:name")
    assert answer["files"] == [{"file": "document.jsonld", "findings": []}]


def test_the_edits_of_a_suggestion_mend_what_it_is_about(sender: TestClient) -> None:
    [finding] = send(sender, BROKEN).json()["files"][0]["findings"]
    best = finding["suggestions"][0]
    assert best["replacement"] == "hasProperty"
    answer = fix(sender, document=text_of(BROKEN).decode(), edits=best["edits"]).json()
    assert '"hasProperty": "zircaloy"' in answer["document"]
    assert "undefined-term" not in findings(answer)


def test_what_is_no_json_is_mended_too_where_it_is_clear(sender: TestClient) -> None:
    document = '{"@context": "%s", "@type": "schema:Person", "schema:name": "A",}'.replace("%s", CONTEXT)
    [finding] = send(sender, document.encode()).json()["files"][0]["findings"]
    assert finding["code"] == "not-json"
    answer = fix(sender, document=document, edits=finding["suggestions"][0]["edits"]).json()
    assert answer["document"] == document.replace(",}", "}")
    assert findings(answer) == []


def test_a_file_with_other_line_ends_is_mended_at_the_same_place_of_the_page(sender: TestClient) -> None:
    """Without scripts the file comes first, and then its text, in which the browser has made the line ends alike."""
    content = b'{"@context": "%s",\r\n "@type": "schema:Person",\r\n "schema:name": "A",\r\n}' % CONTEXT.encode()
    page = sender.post("/validate", files={"file": ("a.jsonld", content)}).text
    [edits] = [html.unescape(found) for found in re.findall(r'name="edits" value="([^"]+)"', page)]
    typed = {"document": content.decode(), "edits": edits}
    page = sender.post("/validate", files={name: (None, text) for name, text in typed.items()}).text
    assert "Nothing to mend" in page
    assert "&#34;A&#34;\n}" in page


def test_edits_that_do_not_fit_are_told(sender: TestClient) -> None:
    response = fix(sender, document="{}", edits=[{"operation": "remove", "pointer": "/a"}])
    assert response.status_code == 409
    assert response.json()["remedy"]


def test_a_document_that_is_no_json_stays_as_it_is(sender: TestClient) -> None:
    answer = fix(sender, document="{", edits=[{"operation": "remove", "pointer": "/a"}]).json()
    assert answer["document"] == "{"
    assert findings(answer) == ["not-json"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{}", ["document"]),
        (b'{"document": "{}", "edits": [{"operation": "cut", "pointer": ""}]}', ["edits.0.operation"]),
        (b'{"document": "{}", "more": 1}', ["more"]),
        (b"[" * 100_000, [""]),
        (b"\xff", [""]),
    ],
)
def test_a_malformed_wish_is_told(sender: TestClient, body: bytes, fields: list[str]) -> None:
    response = sender.post("/api/fix", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == fields


# What is refused


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain;charset=utf-8"])
def test_what_curl_and_simple_scripts_send_is_read_as_a_document(sender: TestClient, kind: str) -> None:
    response = sender.post("/api/validate", content=b'{"a": NaN}', headers={"Content-Type": kind})
    assert response.status_code == 200
    [file] = response.json()["files"]
    assert [finding["code"] for finding in file["findings"]] == ["nan"]


def test_a_change_that_names_no_place_is_refused(sender: TestClient) -> None:
    """Without a pointer, a replacement would take the place of the whole document."""
    wish = {"document": "{}", "edits": [{"operation": "replace", "content": "1"}]}
    response = sender.post("/api/fix", json=wish)
    assert response.status_code == 400
    assert "pointer is missing" in response.text


def test_another_kind_of_body_is_refused_with_a_remedy(sender: TestClient) -> None:
    for path, kind in (
        ("/api/validate", "image/png"),
        ("/api/validate", "text/turtle"),
        ("/api/fix", "a/b"),
    ):
        response = sender.post(path, content=b"a=b", headers={"Content-Type": kind})
        assert (response.status_code, response.json()["status"]) == (415, 415)
        assert response.json()["remedy"]
    packed = sender.post("/api/validate", content=b"x", headers={**LD, "Content-Encoding": "gzip"})
    assert packed.status_code == 415


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b"nothing"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n{}\r\n--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{}\r\n'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n{}\r\n--x--'),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a" * 10_000 + b"\r\n\r\n{}\r\n--x--"),
    ],
)
def test_a_malformed_form_is_told(sender: TestClient, kind: str, body: bytes) -> None:
    response = sender.post("/api/validate", content=body, headers={"Content-Type": kind})
    assert response.status_code == 400
    assert response.json()["remedy"]


def test_a_form_with_too_many_files_is_refused(sender: TestClient) -> None:
    files = [("file", ("a.jsonld", b"{}"))] * 101
    assert sender.post("/api/validate", files=files).status_code == 413


def test_bad_parameters_are_named(sender: TestClient) -> None:
    for query, field in (({"format": "pdf"}, "format"), ({"fail_on": "error"}, "fail_on"), ({"profile": "none"}, "profile")):
        response = send(sender, SOUND, **query)
        assert response.status_code == 400
        assert [error["field"] for error in response.json()["errors"]] == [field]


def test_an_unknown_token_is_refused_here_too(sender: TestClient) -> None:
    for path in ("/api/validate", "/api/fix", "/validate"):
        assert sender.post(path, content=b"{}", headers={"Authorization": "Bearer wrong"}).status_code == 401


# Limits


def test_a_larger_body_is_refused_before_it_is_read(make: Callable[..., TestClient]) -> None:
    client = make(max_validation_bytes=1_000)
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 100
            yield b" " * 100

    for path in ("/api/validate", "/api/fix"):
        response = client.post(path, content=b" " * 1_001, headers={"Content-Type": "application/json"})
        assert response.status_code == 413
        assert "1,000" in response.json()["message"]
    assert client.post("/api/validate", content=pieces(), headers=LD).status_code == 413
    assert client.post("/api/validate", content=b" " * 1_000, headers=LD).status_code == 200


@pytest.fixture
def rated(make: Callable[..., TestClient]) -> TestClient:
    """Three documents a minute, and the minute never ends."""
    client = make(validations_per_minute=3)
    client.app.state.validations._rate._now = lambda: 0.0  # type: ignore[attr-defined]
    return client


def test_one_address_may_ask_so_often_a_minute(rated: TestClient) -> None:
    assert [send(rated, SOUND).status_code for _ in range(3)] == [200] * 3
    refused = send(rated, SOUND)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert set(refused.json()) == {"status", "message", "remedy", "errors"}
    assert rated.post("/api/fix", json={}).status_code == 429
    assert "Only 3 documents" in rated.post("/validate", files={"file": ("a.jsonld", b"{}")}).text
    assert rated.get("/api/search").status_code == 200


def test_nobody_gets_round_the_limit_by_naming_another_address(rated: TestClient) -> None:
    headers = [{**LD, "X-Forwarded-For": f"10.0.0.{number}"} for number in range(5)]
    statuses = [rated.post("/api/validate", content=b"{}", headers=one).status_code for one in headers]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_slow_document_is_stopped_and_the_next_one_is_answered(make: Callable[..., TestClient]) -> None:
    client = make(max_validation_seconds=2, max_validation_bytes=50_000_000, max_validation_memory_bytes=10_000_000_000)
    response = send(client, nodes(150_000))
    assert response.status_code == 413
    assert "longer than 2 seconds" in response.json()["message"]
    assert send(client, SOUND).status_code == 200


def test_a_document_that_takes_too_much_memory_is_stopped(make: Callable[..., TestClient]) -> None:
    client = make(max_validation_memory_bytes=50_000_000, max_validation_bytes=50_000_000, max_validation_seconds=60)
    response = send(client, b"[" + b"[]," * 6_000_000 + b"[]]")
    assert response.status_code == 413
    assert "memory" in response.json()["message"]
    assert send(client, SOUND).status_code == 200


# What must not happen


def test_nothing_of_a_document_is_logged_or_kept(make: Callable[..., TestClient], tmp_path: Path) -> None:
    client = make()
    with structlog.testing.capture_logs() as lines:
        send(client, BROKEN, name="zircaloy.jsonld")
        send(client, b"zircaloy")
        fix(client, document="zircaloy", edits=[])
        client.post("/validate", files={"document": ("zircaloy.jsonld", text_of(BROKEN))})
    assert len(lines) == 4
    assert "zircaloy" not in repr(lines)
    assert client.get("/api/search", params={"q": "zircaloy"}).json()["total"] == 0


def test_a_context_elsewhere_is_never_fetched(sender: TestClient) -> None:
    """A server waits for anybody who comes, and nobody does."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/context"

        def wait() -> None:
            while not done.is_set():
                try:
                    came.append(server.accept()[0].recv(100))
                except TimeoutError:
                    continue

        done = threading.Event()
        waiting = threading.Thread(target=wait)
        waiting.start()
        for context in (address, [address], {"@import": address}, {"a": {"@id": "http://e.org/a", "@context": address}}):
            response = send(sender, {"@context": context, "@id": address, "@type": "a", "a": {"b": 1}})
            assert response.status_code == 200
            assert findings(response.json())
        done.set()
        waiting.join()
    assert came == []


# Pages and codes


def test_every_kind_of_finding_is_listed_with_its_page(sender: TestClient) -> None:
    listed = sender.get("/api/findings/codes").json()["findings"]
    assert {one["code"] for one in listed} == {path.stem for path in PAGES.glob("*.md")}
    for one in listed:
        assert set(one) == {"code", "severity", "summary", "page"}
        response = sender.get(one["page"])
        assert response.status_code == 200
        assert f"<h1>{one['code']}</h1>" in response.text
        assert "```" not in response.text


def test_the_list_of_findings_leads_to_each(sender: TestClient) -> None:
    page = sender.get("/findings").text
    assert all(f'href="/findings/{code}"' in page for code in FindingPages())


def test_an_unknown_code_is_told_with_those_that_are_written_nearly_so(sender: TestClient) -> None:
    response = sender.get("/findings/undefind-term")
    assert response.status_code == 404
    assert 'href="/findings/undefined-term"' in response.text
    assert sender.get("/findings/<script>alert(1)</script>").status_code == 404
    assert "<script>alert" not in sender.get("/findings/%3Cscript%3Ealert(1)").text
    with pytest.raises(NotFoundError, match="undefined-term"):
        FindingPages().page("undefined_trm")


def test_a_page_that_is_missing_is_told(sender: TestClient) -> None:
    assert sender.get("/validate").status_code == 200
    assert "PrismaticBattery" in sender.get("/validate", params={"example": "undefined-term"}).text
    assert sender.get("/validate", params={"example": "nothing"}).status_code == 200


def test_text_of_a_document_is_never_markup(sender: TestClient) -> None:
    evil = '</textarea></pre><script>alert(1)</script><img src="x">'
    for document in ({**BROKEN, evil: evil}, {**SOUND, "@type": evil}):
        page = sender.post("/validate", files={"document": (f"{evil}.jsonld", text_of(document))}).text
        assert "<script>alert" not in page
        assert "<img" not in page.partition("<main")[2]


# The server as it is started


@pytest.fixture
def server(world: Any, tmp_path: Path, environment: dict[str, str], repository: Path) -> Iterator[tuple[str, Path]]:
    shutil.copytree(world.path, tmp_path / "home")
    command = [sys.executable, "-m", "app.cli", "--home", str(tmp_path / "home"), "serve", "--port", "0", "--json"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=repository) as process,
    ):
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"].rstrip("/"), tmp_path / "log"
        finally:
            process.terminate()
            assert process.wait(timeout=15) == 0


def test_many_at_once_get_what_one_gets_and_searches_are_answered_meanwhile(server: tuple[str, Path]) -> None:
    address, log = server
    heavy = nodes(300)
    alone = httpx.post(f"{address}/api/validate", content=heavy, headers=LD, timeout=60).json()
    with ThreadPoolExecutor(9) as pool:
        checks = [pool.submit(httpx.post, f"{address}/api/validate", content=heavy, headers=LD, timeout=60) for _ in range(8)]
        searches = [httpx.get(f"{address}/api/search?q=LFP").status_code for _ in range(10)]
        assert [check.result().json() for check in checks] == [alone] * 8
    assert searches == [200] * 10
    assert "Traceback" not in log.read_text()


def test_a_forwarded_address_is_not_believed_by_the_server_either(server: tuple[str, Path]) -> None:
    """What is compressed counts, and is refused without work: more of them than a minute allows are soon sent."""
    address, _ = server
    with httpx.Client(timeout=60) as client:
        headers = [{**LD, "Content-Encoding": "gzip", "X-Forwarded-For": f"10.0.0.{number}"} for number in range(100)]
        statuses = [client.post(f"{address}/api/validate", content=b"{", headers=one).status_code for one in headers]
    assert statuses[:60] == [415] * 60
    assert 429 in statuses[60:]
