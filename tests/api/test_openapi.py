"""How the API describes itself: every route, its limits, and answers that real ones are like."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from starlette.testclient import TestClient

from tests.api.conftest import COMMUNITY, PUBLIC, Build, Client, Home, cell
from tests.api.test_routes import get

GET, POST, REMOVE = ["get"], ["post"], ["delete", "get"]
METHODS = {
    "/api/ask": POST,
    "/api/search": ["get", "post"],
    "/api/suggest": GET,
    "/api/concepts": GET,
    "/api/records/{record}": GET,
    "/api/records/{record}/similar": GET,
    "/api/searches": ["get", "post"],
    "/api/searches/{search}": ["delete", "get", "patch"],
    "/api/searches/{search}/events": GET,
    "/api/searches/{search}/feed": GET,
    "/api/files/{record}": GET,
    "/api/corrections": POST,
    "/api/corrections/{correction}/revoke": POST,
    "/api/corrections/{record}": GET,
    "/api/findings": GET,
    "/api/findings/codes": GET,
    "/api/patches/{record}": GET,
    "/api/fix": POST,
    "/api/validate": POST,
    "/health": GET,
    "/ready": GET,
    "/sparql": ["get", "post"],
    "/.well-known/void": GET,
    "/session": ["delete", "get", "post"],
    "/queries": ["get", "post"],
    "/queries/{name}": REMOVE,
    "/queries/{name}/{version}": REMOVE,
    "/queries/{name}/{version}/run": GET,
    "/snapshots": ["get", "post"],
    "/snapshots/{snapshot}": REMOVE,
    "/snapshots/{snapshot}/records": GET,
    "/datasets": ["get", "post"],
    "/datasets/{dataset}": REMOVE,
    "/datasets/{dataset}/files/{name}": GET,
}


def test_openapi_describes_every_route_and_nothing_else(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    assert described["openapi"].startswith("3.")
    assert {path: sorted(methods) for path, methods in described["paths"].items()} == METHODS
    for path, methods in described["paths"].items():
        assert all(described["summary"] for described in methods.values()), path


def references(value: Any) -> Iterator[str]:
    """All that a description refers to."""
    if isinstance(value, dict):
        yield from (str(inner) for name, inner in value.items() if name == "$ref")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def test_whatever_openapi_refers_to_is_there(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    named = set(references(described))
    assert named
    assert named <= {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}


def test_the_query_that_openapi_shows_can_be_sent(client: TestClient) -> None:
    shown = get(client, "/api/openapi.json")["paths"]["/api/search"]["get"]["responses"]["200"]["content"]["application/json"]
    assert client.post("/api/search", json={"query": shown["example"]["query"]}).status_code == 200


def test_the_limits_that_openapi_names_are_those_that_hold(client: TestClient, world: Any) -> None:
    """The largest allowed value is answered and one more is refused."""
    required = {"/api/suggest": {"prefix": "li"}, "/api/concepts": {"text": "li"}}
    tried = 0
    alice = {"Authorization": f"Bearer {world.tokens['alice']}"}
    snapshot = client.post("/snapshots", json={"visibility": "public"}).json()["id"]
    saved = client.post("/api/searches", json={"title": "Limits", "q": "LFP"}, headers=alice).json()["id"]
    for described, methods in get(client, "/api/openapi.json")["paths"].items():
        path = described.replace("{snapshot}", snapshot).replace("{search}", saved).replace("{record}", "lab/public.jsonld")
        for parameter in methods.get("get", {}).get("parameters", ()):
            schema = parameter["schema"]
            if schema.get("type") != "integer" or "maximum" not in schema:
                continue
            tried += 1
            for name, code in (("maximum", 200), ("minimum", 200)):
                asked = {**required.get(path, {}), parameter["name"]: schema[name]}
                assert client.get(path, params=asked, headers=alice).status_code == code, (path, asked)
                asked[parameter["name"]] += 1 if name == "maximum" else -1
                assert client.get(path, params=asked, headers=alice).status_code == 400, (path, asked)
    assert tried == 13


# Answers that are described, and real ones


def described_answers(described: Any) -> Iterator[tuple[str, str, Any]]:
    """Every answer that is no error: route, media type, and what is said of it."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                for media_type, answer in response.get("content", {}).items():
                    if status.startswith("2"):
                        yield f"{method} {path}", media_type, answer


def test_every_answer_is_described_with_an_example(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    assert "HTTPValidationError" not in str(described)
    shown: dict[str, bool] = {}
    for route, media_type, answer in described_answers(described):
        assert media_type != "application/json" or "example" not in answer or answer["schema"]["type"] == "object", route
        shown.setdefault(route, "example" in answer)
    operations = {f"{method} {path}": one for path, methods in described["paths"].items() for method, one in methods.items()}
    assert {route for route, one in operations.items() if "204" not in one["responses"]} == set(shown)
    # A file of a training set is a table, of which the usual forms are no text.
    assert {route for route, has_example in shown.items() if not has_example} == {"get /datasets/{dataset}/files/{name}"}
    assert all("default" in one["responses"] for one in operations.values())
    assert all(("304" in one["responses"]) == route.startswith("get /api/") for route, one in operations.items())
    assert all(said["description"] != "Successful Response" for one in operations.values() for said in one["responses"].values())


TYPES: Any = {"string": str, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None)}


def misfits(schema: Any, value: Any, place: str = "") -> Iterator[str]:
    """Where a value is not as a schema says."""
    types = schema.get("type", [])
    allowed = [types] if isinstance(types, str) else types
    is_number_alone = isinstance(value, bool) and "boolean" not in allowed
    if allowed and (is_number_alone or not any(isinstance(value, TYPES[one]) for one in allowed)):
        yield f"{place} is no {types}: {value!r}"
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from misfits(schema.get("properties", {}).get(name, {}), inner, f"{place}/{name}")
    if isinstance(value, list):
        for inner in value:
            yield from misfits(schema.get("items", {}), inner, f"{place}/[]")


QUESTIONS = (
    *("", "LFP", "LFP above 100 Ah", "prismatic LFP cell between 100 and 500 Ah, not pouch", "zirconia", "lightest cell"),
    *(
        "LFP above 5000 Ah",
        "LFP or cells since 2020",
        "capacity in mAh/g at 25 °C",
        "everybody",
        "Cell of everybody",
        "high energy",
    ),
)
ASKED = ("How many LFP cells?", "Is Cell of everybody prismatic?", "What is the mass of X?", "Which cells are above 100 Ah?")
RATED = "https://w3id.org/emmo/domain/electrochemistry#electrochemistry_9b3b4668_0795_4a35_9965_2af383497a26"
QUERY = {
    "name": "names",
    "title": "Names",
    "text": "SELECT ?cell { ?cell <https://schema.org/name> ?name }",
    "parameters": [{"name": "name", "type": "string"}],
}


class Asking:
    """Asks every route, and keeps what it answered.

    Args:
        client: Asks as alice, who corrects.
        home: Where she is known.
        command: Runs a command over it.
    """

    def __init__(self, client: TestClient, home: Home, command: Callable[..., Any]) -> None:
        self._client = client
        self._home = home
        self._command = command
        self.answers: list[tuple[str, Any]] = []

    def ask(self, method: str, route: str, path: str = "", **sent: Any) -> Any:
        """What is answered, as JSON."""
        answer = self._client.request(
            method, path or route, headers={"Authorization": f"Bearer {self._home.tokens['alice']}"}, **sent
        )
        assert answer.status_code in {200, 201, 202}, answer.text
        self.answers.append((f"{method.lower()} {route}", answer.json()))
        return answer.json()

    def everything(self) -> None:
        self.search()
        self.records()
        self.saved()
        self.frozen()
        self.rest()

    def search(self) -> None:
        for text in QUESTIONS:
            found = self.ask("GET", "/api/search", params={"q": text, "explain": True, "expansions": True, "sort": f"-{RATED}"})
            self.ask("POST", "/api/search", json={"query": found["query"], "expanded": True})
        for text in ASKED:
            self.ask("POST", "/api/ask", json={"question": text})
        for text in ("lith", "cell", "zz"):
            self.ask("GET", "/api/suggest", params={"prefix": text})
            self.ask("GET", "/api/concepts", params={"text": text})

    def records(self) -> None:
        for name in ("public", "community", "second"):
            record = f"lab/{name}.jsonld"
            self.ask("GET", "/api/records/{record}", f"/api/records/{record}")
            self.ask("GET", "/api/records/{record}/similar", f"/api/records/{record}/similar")
        record = "lab/public.jsonld"
        self.ask("GET", "/api/findings")
        self.ask("GET", "/api/findings/codes")
        found = self.ask("GET", "/api/records/{record}", f"/api/records/{record}")["findings"]
        [number] = [number for number, one in enumerate(found, start=1) if one["code"] == "undefined-term"]
        kept = self.ask("POST", "/api/corrections", json={"record": record, "finding": number, "reason": "misspelt"})
        self.ask("GET", "/api/corrections/{record}", f"/api/corrections/{record}")
        revoked = f"/api/corrections/{kept['id']}/revoke"
        self.ask("POST", "/api/corrections/{correction}/revoke", revoked, json={"reason": "no"})
        document = '{"@context": "https://w3id.org/emmo/domain/battery/context", "@type": "BatteryCell", "hasProperety": 3}'
        self.ask("POST", "/api/validate", content=document)
        self.ask("POST", "/api/fix", json={"document": document, "certain": True})

    def saved(self) -> None:
        self.ask("POST", "/queries", json=QUERY)
        for path in ("", "/{name}", "/{name}/{version}"):
            self.ask("GET", f"/queries{path}", f"/queries{path}".format(name="alice:names", version="latest"))
        for wish in ({"q": "LFP above 100 Ah", "webhook": "https://lab.example/hook"}, {"records": ["lab/public.jsonld"]}):
            kept = self.ask("POST", "/api/searches", json={"title": "Mine", **wish})
            self.ask("PATCH", "/api/searches/{search}", f"/api/searches/{kept['id']}", json={"new_feed_key": True})
        folder = self._home.path.parent / "lab"
        (folder / "third.jsonld").write_text((folder / "public.jsonld").read_text().replace("120.0", "130.0"))
        self._command(self._home.path, "harvest", str(folder))
        self._command(self._home.path, "watch")
        for search in self.ask("GET", "/api/searches")["searches"]:
            self.ask("GET", "/api/searches/{search}", f"/api/searches/{search['id']}")
            self.ask("GET", "/api/searches/{search}/events", f"/api/searches/{search['id']}/events")

    def frozen(self) -> None:
        for visibility in ("public", "private"):
            made = self.ask("POST", "/snapshots", json={"visibility": visibility})
            self.ask("GET", "/snapshots/{snapshot}", f"/snapshots/{made['id']}")
            self.ask("GET", "/snapshots/{snapshot}/records", f"/snapshots/{made['id']}/records")
        self.ask("GET", "/snapshots")
        self.ask("POST", "/datasets", json={"search": {"text": "LFP"}, "split": {"by": "cell"}})
        while any(one["state"] in {"queued", "running"} for one in self.ask("GET", "/datasets")["datasets"]):
            time.sleep(0.1)
        for one in self.ask("GET", "/datasets")["datasets"]:
            self.ask("GET", "/datasets/{dataset}", f"/datasets/{one['id']}")

    def rest(self) -> None:
        self.ask("GET", "/health")
        self.ask("GET", "/ready")
        self.ask("GET", "/session")
        self.ask("POST", "/session", json={"token": self._home.tokens["alice"]})


def test_real_answers_are_as_described(build: Build, client_of: Client, command: Callable[..., Any]) -> None:
    misspelt = cell("Cell of everybody", 120.0, hasActiveMateral="misspelt")
    home = build(
        {
            "public.jsonld": (misspelt, PUBLIC),
            "second.jsonld": (cell("Cell of everybody", 120.0), PUBLIC),
            "community.jsonld": (cell("Cell of the zirconia community", 150.0), COMMUNITY),
        }
    )
    client = client_of(home, curators=("community:bigmap",), webhook_origins=("https://lab.example",))
    asking = Asking(client, home, command)
    asking.everything()
    described = get(client, "/api/openapi.json")
    answers = described_answers(described)
    json_answers = {route: answer for route, form, answer in answers if form == "application/json" and "example" in answer}
    assert set(json_answers) == {route for route, _ in asking.answers}
    shown = [(route, answer["example"]) for route, answer in json_answers.items()]
    wrong = {f"{route}{one}" for route, given in (*shown, *asking.answers) for one in misfits(json_answers[route]["schema"], given)}
    assert wrong == set()
    for route, given in asking.answers:
        assert set(given) <= set(json_answers[route]["schema"]["properties"]), route


def test_the_error_that_openapi_shows_is_the_one_that_is_sent(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    problem = described["components"]["schemas"]["Problem"]
    error = client.get("/api/search", params={"limit": 0}).json()
    assert set(error) == set(problem["required"]) == set(problem["properties"]) == set(problem["example"])
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
