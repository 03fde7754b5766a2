"""What every source promises; each adapter says only how to make one and how to change what it offers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harvester.source import Source
from harvester.sources.folder import FolderSource
from records.errors import SourceError
from records.issues import Issue
from records.record import Payload

PUBLIC_RIGHTS = '{"access": {"record": "public", "files": "public"}}'


class SourceContract:
    """The behaviours; a subclass fills in the seven methods below."""

    def source(self) -> Source:
        """One over what was put so far; the same each time."""
        raise NotImplementedError

    def put(self, key: str, content: bytes) -> None:
        """Offer a document, or change it."""
        raise NotImplementedError

    def remove(self, key: str) -> None:
        """Offer it no longer."""
        raise NotImplementedError

    def open_up(self, key: str) -> None:
        """Let everybody read this document, and no other."""
        raise NotImplementedError

    def put_into(self, key: str, *communities: str) -> None:
        """Let this document, which everybody may read, be in these communities."""
        raise NotImplementedError

    def break_rights(self, key: str) -> None:
        """Make it impossible to tell who may read this document."""
        raise NotImplementedError

    def lose(self) -> None:
        """Make the source impossible to read at all."""
        raise NotImplementedError

    def test_nothing_offered_is_nothing_gathered(self) -> None:
        assert list(self.source().gather()) == []

    def test_what_is_offered_is_gathered_and_fetched(self) -> None:
        offered = {"b.json": b"{}", "a.jsonld": b"[1]", "sub/c.json": b"", "sub-/d.json": b"\xff"}
        for key, content in offered.items():
            self.put(key, content)
        source = self.source()
        fetched = {reference.key: source.fetch(reference) for reference in source.gather()}
        assert fetched == {key: Payload(content) for key, content in offered.items()}

    def test_the_order_is_stable(self) -> None:
        for key in ("b.json", "a.json", "sub/x.json", "sub.json", "A.json"):
            self.put(key, b"{}")
        first = list(self.source().gather())
        assert list(self.source().gather()) == first
        assert len({reference.key for reference in first}) == len(first) == 5

    def test_the_marker_stays_while_nothing_changes_and_changes_with_the_document(self) -> None:
        self.put("a.json", b"1")
        self.put("b.json", b"1")
        first = {reference.key: reference.marker for reference in self.source().gather()}
        assert {reference.key: reference.marker for reference in self.source().gather()} == first
        self.put("a.json", b"2")
        second = {reference.key: reference.marker for reference in self.source().gather()}
        assert second["a.json"] != first["a.json"]
        assert second["b.json"] == first["b.json"]

    def test_the_marker_changes_with_the_rights(self) -> None:
        self.put("a.json", b"1")
        (before,) = self.source().gather()
        self.open_up("a.json")
        (after,) = self.source().gather()
        assert after.rights.read_files == {"any"}
        assert before.rights != after.rights
        assert before.marker != after.marker

    def test_communities_are_told_as_their_members_are_and_change_the_marker(self) -> None:
        self.put("a.json", b"1")
        self.put_into("a.json")
        (before,) = self.source().gather()
        self.put_into("a.json", "y", "x")
        (after,) = self.source().gather()
        assert before.communities == ()
        assert [community.partition("/")[2] for community in after.communities] == ["community:x", "community:y"]
        assert before.rights.read_files == after.rights.read_files == {"any"}
        assert before.marker != after.marker

    def test_rights_that_cannot_be_told_are_no_rights_and_are_told(self) -> None:
        self.put("a.json", b"1")
        self.open_up("a.json")
        self.break_rights("a.json")
        (reference,) = self.source().gather()
        assert reference.rights.read_metadata == reference.rights.read_files == frozenset()
        assert reference.issues

    def test_what_goes_away_is_an_issue_for_who_fetches_it_and_is_gathered_no_more(self) -> None:
        self.put("a.json", b"1")
        self.put("b.json", b"2")
        source = self.source()
        first, second = source.gather()
        self.remove("a.json")
        issue = source.fetch(first)
        assert isinstance(issue, Issue)
        assert issue.source == "a.json"
        assert source.fetch(second) == Payload(b"2")
        assert [reference.key for reference in source.gather()] == ["b.json"]

    def test_a_source_that_cannot_be_read_says_so_with_a_remedy(self) -> None:
        self.put("a.json", b"1")
        source = self.source()
        self.lose()
        with pytest.raises(SourceError) as caught:
            list(source.gather())
        assert caught.value.remedy


class TestFolderSource(SourceContract):
    @pytest.fixture(autouse=True)
    def _root(self, tmp_path: Path) -> None:
        self.root = tmp_path / "root"
        self.root.mkdir()

    def source(self) -> Source:
        return FolderSource(self.root, name="folder")

    def put(self, key: str, content: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def remove(self, key: str) -> None:
        (self.root / key).unlink()

    def open_up(self, key: str) -> None:
        (self.root / f"{key}.rights.json").write_text(PUBLIC_RIGHTS)

    def put_into(self, key: str, *communities: str) -> None:
        rights = {**json.loads(PUBLIC_RIGHTS), "parent": {"communities": {"ids": communities}}}
        (self.root / f"{key}.rights.json").write_text(json.dumps(rights))

    def break_rights(self, key: str) -> None:
        (self.root / f"{key}.rights.json").write_text(PUBLIC_RIGHTS[:-1])

    def lose(self) -> None:
        self.root.rename(self.root.with_name("elsewhere"))
