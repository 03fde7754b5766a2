"""A folder as a source: what is offered, under whose rights, and what is refused."""

from __future__ import annotations

import json
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.source import Reference
from harvester.sources.folder import FolderLimits, FolderSource
from records.errors import SettingsError, SourceError
from records.issues import Issue, Severity
from records.record import Payload
from records.rights import DENIED, PUBLIC, Audiences, Rights

OPEN = {"access": {"record": "public", "files": "public"}}
FOR_BIGMAP = {"access": {"record": "restricted", "files": "restricted"}, "parent": {"communities": {"ids": ["bigmap"]}}}
BIGMAP: Audiences = frozenset({"local/community:bigmap"})
ALICE: Audiences = frozenset({"local/user:alice"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    return root


def put_file(root: Path, name: str, content: object) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))


def gathered(root: Path, **options: object) -> dict[str, Reference]:
    source = FolderSource(root, name="folder", **options)  # type: ignore[arg-type]
    references = list(source.gather())
    assert len({reference.key for reference in references}) == len(references)
    return {reference.key: reference for reference in references}


def codes(reference: Reference) -> list[str]:
    return [issue.code for issue in reference.issues]


# --- which documents --------------------------------------------------------------------------------------------------------------


def test_json_and_json_ld_files_are_offered_and_nothing_else(root: Path) -> None:
    for name in (
        "a.json",
        "b.jsonld",
        "c.JSONLD",
        "deep/er/d.json",
        "e.jsonl",
        "json",
        "f.json.bak",
        ".g.json",
        ".git/h.json",
        "i.txt",
    ):
        put_file(root, name, "{}")
    for name in ("rights.json", "deep/rights.json", "a.json.rights.json"):
        put_file(root, name, OPEN)
    (root / "folder.json").mkdir()
    assert list(gathered(root)) == ["a.json", "b.jsonld", "c.JSONLD", "deep/er/d.json"]


def test_keys_come_in_the_order_of_their_code_points(root: Path) -> None:
    names = ["a.json", "a/x.json", "a-b/x.json", "a b.json", "B.json", "ä.json", "😀.json", "a/b/c.json", "a0.json"]
    for name in names:
        put_file(root, name, "{}")
    assert list(gathered(root)) == sorted(names)


def test_one_document_can_be_the_root_with_the_rights_that_lie_beside_it(root: Path) -> None:
    put_file(root, "a.json", "1")
    put_file(root, "b.json", "2")
    put_file(root, "notes.dat", "3")
    source = FolderSource(root / "a.json", name="one")
    (reference,) = source.gather()
    assert (reference.key, reference.rights, source.fetch(reference)) == ("a.json", DENIED, Payload(b"1"))
    put_file(root, "rights.json", FOR_BIGMAP)
    assert gathered(root / "a.json")["a.json"].rights == Rights(BIGMAP, BIGMAP)
    put_file(root, "a.json.rights.json", OPEN)
    assert gathered(root / "a.json")["a.json"].rights == Rights(PUBLIC, PUBLIC)
    assert gathered(root / "notes.dat")["notes.dat"].rights == Rights(BIGMAP, BIGMAP)


@pytest.mark.parametrize("name", ["none", "none/a.json", "rights.json", "a.json.rights.json", "pipe"])
def test_what_cannot_be_a_root_is_refused(root: Path, name: str) -> None:
    put_file(root, "rights.json", OPEN)
    put_file(root, "a.json.rights.json", OPEN)
    os.mkfifo(root / "pipe")
    with pytest.raises(SourceError) as caught:
        gathered(root / name)
    assert caught.value.remedy
    with pytest.raises(SourceError):
        FolderSource(root / name, name="x").fetch(Reference("a.json", "0", DENIED))


def test_a_name_that_is_no_text_is_told_and_the_rest_goes_on(root: Path) -> None:
    put_file(root, "a.json", "{}")
    put_file(root, os.fsdecode(b"\xff.json"), "{}")
    references = gathered(root, default=PUBLIC)
    assert list(references) == ["a.json", "\\xff.json"]
    assert codes(references["\\xff.json"]) == ["source-unreadable"]
    assert references["\\xff.json"].rights == DENIED


def test_folders_beyond_the_depth_are_told(root: Path) -> None:
    put_file(root, "1/2/a.json", "{}")
    put_file(root, "1/2/3/b.json", "{}")
    references = gathered(root, limits=FolderLimits(depth=2))
    assert list(references) == ["1/2/3", "1/2/a.json"]
    assert codes(references["1/2/3"]) == ["source-too-deep"]


def test_a_hundred_thousand_documents_are_gathered_in_seconds(root: Path) -> None:
    """Ten thousand are tried; the bound is ten times the time they took (0.1 s), as the machine may be busy."""
    put_file(root, "rights.json", OPEN)
    for folder in range(10):
        (root / str(folder)).mkdir()
        for number in range(1000):
            os.close(os.open(f"{root}/{folder}/{number}.json", os.O_CREAT | os.O_WRONLY))
    start = time.perf_counter()
    count = sum(1 for _ in FolderSource(root, name="many").gather())
    assert count == 10_000
    assert time.perf_counter() - start < 1.5


# --- rights -----------------------------------------------------------------------------------------------------------------------


def test_without_a_word_on_rights_nobody_may_read(root: Path) -> None:
    put_file(root, "a.json", "{}")
    assert gathered(root)["a.json"].rights == DENIED


def test_the_audience_goes_before_the_default_and_a_rights_file_before_both(root: Path) -> None:
    put_file(root, "a.json", "{}")
    assert gathered(root, default=PUBLIC)["a.json"].rights == Rights(PUBLIC, PUBLIC)
    assert gathered(root, default=PUBLIC, audience=ALICE)["a.json"].rights == Rights(ALICE, ALICE)
    assert gathered(root, default=PUBLIC, audience=frozenset())["a.json"].rights == DENIED
    put_file(root, "rights.json", FOR_BIGMAP)
    assert gathered(root, default=PUBLIC, audience=ALICE)["a.json"].rights == Rights(BIGMAP, BIGMAP)


def test_the_nearest_rights_file_decides_alone(root: Path) -> None:
    for name in ("a.json", "open/a.json", "open/deep/a.json", "open/deep/b.json", "open/closed/a.json"):
        put_file(root, name, "{}")
    put_file(root, "rights.json", FOR_BIGMAP)
    put_file(root, "open/rights.json", OPEN)
    put_file(root, "open/closed/rights.json", FOR_BIGMAP)
    put_file(root, "open/deep/b.json.rights.json", {"access": FOR_BIGMAP["access"]})
    rights = {key: reference.rights.read_files for key, reference in gathered(root, audience=ALICE).items()}
    assert rights == {
        "a.json": BIGMAP,
        "open/a.json": PUBLIC,
        "open/deep/a.json": PUBLIC,
        "open/deep/b.json": frozenset(),
        "open/closed/a.json": BIGMAP,
    }


def test_a_rights_file_holds_the_fields_of_an_invenio_record(root: Path) -> None:
    put_file(root, "a.json", "{}")
    record = {
        "profile": "rdm",
        "access": {"record": "public", "files": "restricted"},
        "parent": {
            "access": {
                "owned_by": {"user": "alice"},
                "grants": [{"subject": {"type": "role", "id": "it staff"}, "permission": "view"}],
                "links": [{"id": "l", "permission": "view", "expires_at": "2026-06-01"}],
            }
        },
        "metadata": {"title": " A cell "},
    }
    put_file(root, "rights.json", record)
    before = gathered(root, clock=lambda: datetime(2026, 5, 31, tzinfo=UTC))["a.json"]
    assert before.rights == Rights(PUBLIC, ALICE | {"local/role:it%20staff", "local/link:l"})
    assert before.title == "A cell"
    after = gathered(root, clock=lambda: datetime(2026, 6, 1, tzinfo=UTC))["a.json"]
    assert after.rights == Rights(PUBLIC, ALICE | {"local/role:it%20staff"})
    assert after.marker != before.marker
    put_file(root, "rights.json", record | {"profile": "bma"})
    assert gathered(root)["a.json"].rights == DENIED
    put_file(root, "rights.json", record | {"tombstone": {"note": "withdrawn"}})
    assert gathered(root)["a.json"].rights == DENIED


@pytest.mark.parametrize("title", [None, 7, ["x"], "\ud800"])
def test_a_title_that_is_no_text_is_no_title(root: Path, title: object) -> None:
    put_file(root, "a.json", "{}")
    put_file(root, "rights.json", OPEN | {"metadata": {"title": title}})
    assert gathered(root)["a.json"].title == ""


def test_what_is_doubtful_in_a_rights_file_is_told_with_its_place(root: Path) -> None:
    put_file(root, "sub/a.json", "{}")
    put_file(root, "sub/rights.json", FOR_BIGMAP | {"access": {"record": "restricted", "files": "opne"}})
    reference = gathered(root)["sub/a.json"]
    assert reference.rights == Rights(BIGMAP, frozenset())
    (issue,) = reference.issues
    assert (issue.code, issue.source, issue.pointer, issue.value) == (
        "rights-malformed",
        "sub/rights.json",
        "/access/files",
        "opne",
    )


BROKEN: dict[str, Callable[[Path], object]] = {
    "cut off": lambda path: path.write_text(json.dumps(OPEN)[:-1]),
    "empty": lambda path: path.write_text(""),
    "not UTF-8": lambda path: path.write_bytes(b'{"access": "\xff"}'),
    "no object": lambda path: path.write_text('["public"]'),
    "key twice": lambda path: path.write_text('{"access": {"record": "public", "files": "public"}, "access": {}}'),
    "unknown profile": lambda path: path.write_text(json.dumps(OPEN | {"profile": "RDM"})),
    "profile no text": lambda path: path.write_text(json.dumps(OPEN | {"profile": ["rdm"]})),
    "too deep": lambda path: path.write_text("[" * 100_000),
    "too large": lambda path: path.write_text(json.dumps(OPEN) + " " * 1_000_000),
    "a folder": lambda path: path.mkdir(),
    "a link": lambda path: path.symlink_to("open.txt"),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a pipe": lambda path: os.mkfifo(path),
}


@pytest.mark.parametrize("name", ["rights.json", "a.json.rights.json"])
@pytest.mark.parametrize("how", list(BROKEN))
def test_a_rights_file_that_cannot_be_used_closes_what_it_speaks_of(root: Path, how: str, name: str) -> None:
    put_file(root, "open.txt", OPEN)
    put_file(root, "a.json", "{}")
    BROKEN[how](root / name)
    reference = gathered(root, audience=PUBLIC)["a.json"]
    assert reference.rights == DENIED
    (issue,) = reference.issues
    assert (issue.code, issue.source) == ("rights-unreadable", name)
    assert issue.severity is Severity.VIOLATION
    assert issue.remedy


def test_a_syntax_error_in_a_rights_file_has_its_place(root: Path) -> None:
    put_file(root, "a.json", "{}")
    put_file(root, "rights.json", '{\n  "access" 1}')
    (issue,) = gathered(root)["a.json"].issues
    assert (issue.line, issue.column) == (2, 12)


@pytest.mark.parametrize(
    ("rights", "closed"),
    [
        ("Rights.json", {"cell.json", "other.json", "sub/x.json"}),
        ("RIGHTS.JSON", {"cell.json", "other.json", "sub/x.json"}),
        ("cell.rights.json", {"cell.json"}),
        ("Cell.json.rights.json", {"cell.json"}),
        ("cell.json.Rights.json", {"cell.json"}),
        ("sub.rights.json", {"sub/x.json"}),
        ("gone.json.rights.json", set()),
    ],
)
def test_a_rights_file_in_the_wrong_place_closes_what_it_seems_to_be_meant_for(root: Path, rights: str, closed: set[str]) -> None:
    for name in ("cell.json", "other.json", "sub/x.json"):
        put_file(root, name, "{}")
    put_file(root, rights, FOR_BIGMAP)
    references = gathered(root, audience=PUBLIC)
    assert {key for key, reference in references.items() if reference.rights == DENIED} == closed
    assert {key for key, reference in references.items() if codes(reference) == ["rights-misplaced"]} == closed
    assert set(references) == {"cell.json", "other.json", "sub/x.json"}


def test_a_rights_file_of_one_document_is_none_of_another_with_a_similar_name(root: Path) -> None:
    for name in ("cell.json", "cell.jsonld", "cell.json.json"):
        put_file(root, name, "{}")
    put_file(root, "cell.json.rights.json", FOR_BIGMAP)
    rights = {key: reference.rights.read_files for key, reference in gathered(root, audience=PUBLIC).items()}
    assert rights == {"cell.json": BIGMAP, "cell.jsonld": PUBLIC, "cell.json.json": PUBLIC}


@pytest.mark.parametrize("options", [{"audience": frozenset({"bigmap"})}, {"default": frozenset({"user:7"})}, {"name": "a/b"}])
def test_impossible_options_are_refused(root: Path, options: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        FolderSource(root, **({"name": "folder"} | options))  # type: ignore[arg-type]


KINDS: st.SearchStrategy[object] = st.sampled_from([None, OPEN, FOR_BIGMAP, {"access": {}}, "broken"])


@settings(max_examples=60, deadline=None)
@given(st.lists(KINDS, min_size=3, max_size=3), KINDS, st.sampled_from([None, PUBLIC, ALICE]))
def test_rights_are_those_of_the_nearest_rights_file_for_any_nesting(
    folders: list[object], own: object, audience: Audiences | None
) -> None:
    """Against the rule written the short way: the last word counts."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        put_file(root, "1/2/a.json", "{}")
        for folder, content in zip(("", "1/", "1/2/"), folders, strict=True):
            if content is not None:
                put_file(root, f"{folder}rights.json", content)
        if own is not None:
            put_file(root, "1/2/a.json.rights.json", own)
        found = gathered(root, audience=audience)["1/2/a.json"].rights
    words = [content for content in (*folders, own) if content is not None]
    nobody: Audiences = frozenset()
    meaning = {json.dumps(OPEN): PUBLIC, json.dumps(FOR_BIGMAP): BIGMAP}
    expected = meaning.get(json.dumps(words[-1]), nobody) if words else audience or nobody
    assert found == Rights(expected, expected)


# --- links and special files ------------------------------------------------------------------------------------------------------


def test_a_link_within_the_root_is_followed_where_the_same_audiences_may_read(root: Path) -> None:
    put_file(root, ".store/1", "data")
    (root / "sub").mkdir()
    (root / "sub/a.json").symlink_to("../.store/1")
    source = FolderSource(root, name="links", default=PUBLIC)
    (reference,) = source.gather()
    assert (reference.key, reference.rights) == ("sub/a.json", Rights(PUBLIC, PUBLIC))
    assert source.fetch(reference) == Payload(b"data")


@pytest.mark.parametrize("closed_by", ["rights.json", "a.json.rights.json"])
def test_a_link_does_not_carry_a_document_out_of_its_rights(root: Path, closed_by: str) -> None:
    put_file(root, "secret/a.json", "secret")
    put_file(root, f"secret/{closed_by}", FOR_BIGMAP)
    put_file(root, "public/rights.json", OPEN)
    (root / "public/link.json").symlink_to("../secret/a.json")
    (root / "public/folder").symlink_to("../secret")
    source = FolderSource(root, name="links")
    references = {reference.key: reference for reference in source.gather()}
    for key in ("public/link.json", "public/folder"):
        assert references[key].rights == DENIED
        assert codes(references[key]) == ["source-link"]
        assert source.fetch(references[key]) == references[key].issues[0]
    assert references["secret/a.json"].rights.read_files == BIGMAP


@pytest.mark.parametrize("target", ["../outside.json", "/etc/passwd", "../root-2/a.json", "..", "/"])
def test_a_link_out_of_the_root_is_told_and_not_followed(root: Path, target: str) -> None:
    put_file(root.parent, "outside.json", "secret")
    put_file(root.parent, "root-2/a.json", "secret")
    put_file(root, "b.json", "{}")
    (root / "a.json").symlink_to(target)
    references = gathered(root, default=PUBLIC)
    assert list(references) == ["a.json", "b.json"]
    assert codes(references["a.json"]) == ["source-link"]
    assert references["a.json"].rights == DENIED


def test_links_that_lead_nowhere_or_in_a_circle_are_told_and_the_rest_goes_on(root: Path) -> None:
    (root / "circle.json").symlink_to("circle.json")
    (root / "circle").symlink_to("circle")
    (root / "up").symlink_to(".")
    (root / "nowhere.json").symlink_to("nothing")
    put_file(root, "z.json", "{}")
    references = gathered(root)
    assert {key: codes(reference) for key, reference in references.items()} == {
        "circle.json": ["source-unreadable"],
        "nowhere.json": ["source-unreadable"],
        "up": ["source-link"],
        "z.json": [],
    }


def test_a_root_that_is_a_link_is_followed_anew_by_each_gathering(root: Path) -> None:
    put_file(root, "1/a.json", "1")
    put_file(root, "2/a.json", "2")
    current = root.parent / "current"
    source = FolderSource(current, name="current")
    for version in ("1", "2"):
        current.unlink(missing_ok=True)
        current.symlink_to(root / version)
        (reference,) = source.gather()
        assert source.fetch(reference) == Payload(version.encode())


def test_special_files_are_told_without_waiting_for_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # a socket's path may not be long
    os.mkfifo("pipe.json")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.json")
        references = gathered(root, default=PUBLIC)
    assert {key: codes(reference) for key, reference in references.items()} == {
        "pipe.json": ["source-unreadable"],
        "socket.json": ["source-unreadable"],
    }


# --- what cannot be read ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def as_somebody() -> Iterator[Path]:
    """A folder of a user who is not root, so that permissions count; that user while the test runs."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        os.chown(name, 65534, 65534)
        os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


def test_what_may_not_be_read_is_told_and_the_rest_goes_on(as_somebody: Path) -> None:
    root = as_somebody
    for name in ("a.json", "b/b.json", "c/c.json", "d/d.json", "e.json"):
        put_file(root, name, "{}")
    put_file(root, "d/rights.json", OPEN)
    (root / "a.json").chmod(0)
    (root / "b").chmod(0)
    (root / "c").chmod(0o400)
    (root / "d/rights.json").chmod(0)
    source = FolderSource(root, name="closed", default=PUBLIC)
    references = {reference.key: reference for reference in source.gather()}
    assert {key: codes(reference) for key, reference in references.items()} == {
        "a.json": [],
        "b": ["source-unreadable"],
        "c/c.json": ["source-unreadable"],
        "d/d.json": ["rights-unreadable"],
        "e.json": [],
    }
    assert references["b"].rights == references["d/d.json"].rights == DENIED
    assert "Permission denied" in references["b"].issues[0].message
    issue = source.fetch(references["a.json"])
    assert isinstance(issue, Issue)
    assert (issue.code, issue.source) == ("source-unreadable", "a.json")
    assert source.fetch(references["b"]) == references["b"].issues[0]
    assert source.fetch(references["e.json"]) == Payload(b"{}")
    for name in ("b", "c"):
        (root / name).chmod(0o700)


def test_a_root_that_may_not_be_read_is_an_error(as_somebody: Path) -> None:
    (as_somebody / "root").mkdir(mode=0o300)
    with pytest.raises(SourceError, match=r"Permission denied"):
        gathered(as_somebody / "root")


# --- fetching ---------------------------------------------------------------------------------------------------------------------


def fetched_after(root: Path, change: Callable[[Path], object], **options: object) -> Payload | Issue:
    put_file(root, "a.json", "{}")
    source = FolderSource(root, name="folder", **options)  # type: ignore[arg-type]
    (reference,) = source.gather()
    change(root / "a.json")
    return source.fetch(reference)


def swap_for_link(path: Path) -> None:
    path.rename(path.parent.parent / "moved")
    put_file(path.parent.parent, "secret", "[]")
    path.symlink_to("../secret")


def swap_for_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def touch_later(path: Path) -> None:
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def same_size_and_time(path: Path) -> None:
    time.sleep(0.02)  # past the tick of the file system's clock
    status = path.stat()
    path.write_text("[]")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    "change", [Path.unlink, swap_for_link, swap_for_pipe, touch_later, same_size_and_time, lambda path: path.write_text("{1}")]
)
def test_a_document_that_changed_since_it_was_gathered_is_told(root: Path, change: Callable[[Path], object]) -> None:
    issue = fetched_after(root, change)
    assert isinstance(issue, Issue)
    assert (issue.code, issue.severity, issue.remedy) == ("source-changed", Severity.WARNING, "harvest again")


def test_a_folder_put_in_the_place_of_another_is_told_even_if_its_file_looks_the_same(root: Path) -> None:
    """Size and times are equal; what differs is the inode."""
    for attempt in range(100):
        one, other = f"{attempt}/one", f"{attempt}/other"
        for name in (one, other):
            (root / name).mkdir(parents=True)
        for name in (one, other):
            os.close(os.open(f"{root}/{name}/a.json", os.O_CREAT | os.O_WRONLY))
        first, second = ((root / name / "a.json").stat() for name in (one, other))
        if (first.st_mtime_ns, first.st_ctime_ns) == (second.st_mtime_ns, second.st_ctime_ns):
            break
    else:
        pytest.skip("this file system gives no two files the same time")
    source = FolderSource(root, name="folder")
    reference = next(reference for reference in source.gather() if reference.key == f"{one}/a.json")
    (root / one).rename(root / "away")
    (root / other).rename(root / one)
    issue = source.fetch(reference)
    assert isinstance(issue, Issue)
    assert issue.code == "source-changed"


def test_a_document_of_exactly_the_limit_is_read_and_one_byte_more_is_not(root: Path) -> None:
    assert fetched_after(root, lambda path: None, limits=FolderLimits(document_bytes=2)) == Payload(b"{}")
    issue = fetched_after(root, lambda path: None, limits=FolderLimits(document_bytes=1))
    assert isinstance(issue, Issue)
    assert (issue.code, issue.message) == ("source-too-large", "2 bytes; at most 1 are read")


def test_a_document_too_large_is_not_read_into_memory(root: Path) -> None:
    """A sparse file of a terabyte would take long, were it read."""
    with (root / "huge.json").open("wb") as file:
        file.truncate(2**40)
    source = FolderSource(root, name="huge")
    (reference,) = source.gather()
    issue = source.fetch(reference)
    assert isinstance(issue, Issue)
    assert issue.code == "source-too-large"


def test_a_reference_can_be_fetched_by_a_later_process(root: Path) -> None:
    put_file(root, "a.json", "{}")
    (reference,) = FolderSource(root, name="folder").gather()
    assert FolderSource(root, name="folder").fetch(reference) == Payload(b"{}")


def test_real_documents_are_fetched_as_they_are(shared_data: Path) -> None:
    folder = shared_data / "jsonld" / "cellinfo"
    source = FolderSource(folder, name="cellinfo", default=PUBLIC)
    references = list(source.gather())
    assert len(references) >= 256
    for reference in references:
        assert source.fetch(reference) == Payload((folder / reference.key).read_bytes())
