"""Source: JSON and JSON-LD files of a folder, with rights files beside them.

The rights of a document are those of the nearest rights file: ``NAME.rights.json`` beside the document ``NAME``, else
``rights.json`` in its folder, else the one in the folder above, up to the root. A rights file holds fields of an InvenioRDM record
(``docs/rights.md``). One that cannot be understood closes its documents to everybody.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from access.audiences import LOCAL, is_audience, is_source_name
from access.invenio import Profile, communities_of, rights_of
from access.strict_json import JsonFault, loads
from harvester.source import Reference
from records.errors import SettingsError, SourceError
from records.issues import Issue, Severity
from records.record import Payload
from records.rights import DENIED, NOBODY, Audiences, Rights

_RIGHTS = "rights.json"
_RIGHTS_OF_ONE = ".rights.json"
_DOCUMENTS = (".json", ".jsonld")
_UNREADABLE = "unreadable:"
_TAG = "/"
_MAX_TITLE_LENGTH = 1000
_READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # not blocking: a named pipe would stop the harvest


@dataclass(frozen=True, slots=True)
class FolderLimits:
    """What is read of a folder at most.

    Args:
        document_bytes: Size of one document, in bytes.
        rights_bytes: Size of one rights file, in bytes.
        depth: How many folders deep.
    """

    document_bytes: int = 50_000_000
    rights_bytes: int = 1_000_000
    depth: int = 64


DEFAULT_LIMITS = FolderLimits()


def _now() -> datetime:
    return datetime.now(UTC)


class FolderSource:
    """The ``*.json`` and ``*.jsonld`` files in and below a folder, or one file.

    Left out: hidden files and folders, rights files, special files, linked folders, and links to files that leave the root or would
    give a document other rights than it has where it lies.

    Args:
        root: The folder, or one document.
        name: Name of the source: first part of its record ids.
        audience: Who may read the documents that no rights file speaks of; ``None``: nothing was said.
        default: Who may read them when nothing was said; nobody unless told.
        limits: What is read at most.
        clock: Tells the time, with its zone, at which share links in rights files are judged.

    Raises:
        SettingsError: The name or an audience is impossible.

    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> _ = (root / "cell.jsonld").write_text("{}")
    >>> _ = (root / "rights.json").write_text('{"access": {"record": "public", "files": "public"}}')
    >>> source = FolderSource(root, name="cells")
    >>> [(reference.key, sorted(reference.rights.read_files), source.fetch(reference)) for reference in source.gather()]
    [('cell.jsonld', ['any'], Payload(content=b'{}'))]
    """

    def __init__(
        self,
        root: Path,
        *,
        name: str,
        audience: Audiences | None = None,
        default: Audiences = NOBODY,
        limits: FolderLimits = DEFAULT_LIMITS,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        if not is_source_name(name):
            raise SettingsError(f"{name!r} cannot name a source.", "Use letters, digits, '.', '_' and '-'.")
        fallback = default if audience is None else audience
        for one in fallback:
            if not is_audience(one):
                raise SettingsError(f"{one!r} is not an audience.", "See docs/rights.md for how audiences are written.")
        self._root = root
        self._name = name
        self._fallback = _Ruling(Rights(fallback, fallback))
        self._limits = limits
        self._clock = clock
        self._opened: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """Name of the source: first part of its record ids."""
        return self._name

    def gather(self) -> Iterator[Reference]:
        """Every document offered now, ordered by key (code points).

        A folder or file that cannot be read, or a link that is not followed, is offered too: as a reference that says why in its
        issues, gives rights to nobody, and is fetched as that issue; the key of a folder is its path. So what lay below a folder
        need not be mistaken for removed.

        Raises:
            SourceError: The root is missing or cannot be read.
        """
        self._opened = root, only = self._open_root()
        yield from _Walk(root, self._fallback.tagged(), self._limits, self._clock()).references(only)

    def fetch(self, reference: Reference) -> Payload | Issue:
        """The document's bytes, or why they cannot be had: it is too large, unreadable, or no longer what was gathered."""
        if reference.marker.startswith(_UNREADABLE):
            return reference.issues[0]
        if self._opened is None:
            self._opened = self._open_root()
        root, _ = self._opened
        key = reference.key
        try:
            descriptor = os.open(f"{root}/{key}", _READ_FLAGS)
        except FileNotFoundError:
            return _changed(key, "it was removed")
        except OSError as error:
            return _unreadable(key, str(error.strerror))
        try:
            status = os.fstat(descriptor)
            # The stamp holds the inode, so a link put in the way since then cannot lead elsewhere.
            if _stamp(status) != reference.marker.partition(_TAG)[0]:
                return _changed(key, "it was changed")
            if status.st_size > self._limits.document_bytes:
                return _too_large(key, status.st_size, self._limits.document_bytes)
            content = _read(descriptor, status.st_size)
            if len(content) != status.st_size or _stamp(os.fstat(descriptor)) != _stamp(status):
                return _changed(key, "it was being written")
        except OSError as error:
            return _unreadable(key, str(error.strerror))
        finally:
            os.close(descriptor)
        return Payload(content)

    def _open_root(self) -> tuple[str, str]:
        """The folder to look in, without links, and the one document to look for (``""`` for all)."""
        try:
            root = os.path.realpath(self._root, strict=True)
            mode = os.stat(root).st_mode  # noqa: PTH116 - as in the rest of this module: no Path objects where it must be fast
            if stat.S_ISDIR(mode):
                os.scandir(root).close()
                return root, ""
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise SourceError(f"{self._root} cannot be read: {reason}.", "Check the path and who may read it.") from error
        folder, _, name = root.rpartition("/")
        if not stat.S_ISREG(mode) or _is_rights(name):
            raise SourceError(f"{self._root} is neither a folder nor a document.", "Name a folder, or one .json or .jsonld file.")
        return folder or "/", name


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What one rights file, or its absence, says."""

    rights: Rights
    title: str = ""
    issues: tuple[Issue, ...] = ()
    communities: tuple[str, ...] = ()
    tag: str = ""

    def tagged(self) -> _Ruling:
        """With a short name of what it says, for markers: it changes whenever the outcome does."""
        said = (
            sorted(self.rights.read_metadata),
            sorted(self.rights.read_files),
            self.title,
            [str(issue) for issue in self.issues],
            *self.communities,
        )
        return replace(self, tag=sha256(repr(said).encode()).hexdigest()[:16])


@dataclass(frozen=True, slots=True)
class _Folder:
    """One folder as listed; ``prefix`` is its key, with a slash at the end (``""`` for the root).

    ``misplaced`` leads from a name in lower case (``""``: the folder itself) to the rights file that seems to be meant for it.
    """

    prefix: str
    depth: int
    ruling: _Ruling
    children: list[os.DirEntry[str]]
    rights_of_one: dict[str, os.DirEntry[str]]
    misplaced: dict[str, str]


class _Walk:
    """One walk through a folder, in the order of the keys."""

    def __init__(self, root: str, fallback: _Ruling, limits: FolderLimits, now: datetime) -> None:
        self._root = root
        self._fallback = fallback
        self._limits = limits
        self._now = now
        self._link_folders: dict[str, _Folder] = {}

    def references(self, only: str) -> Iterator[Reference]:
        try:
            top = self._folder(self._root, "", 0, self._fallback, only)
        except OSError as error:
            raise SourceError(f"{self._root} cannot be read: {error.strerror}.", "Check who may read it.") from error
        waiting = [(entry, top) for entry in reversed(top.children)]
        while waiting:
            entry, folder = waiting.pop()
            key = folder.prefix + entry.name
            if not key.isascii() and not _is_text(key):
                yield _offer_issue(_unreadable(os.fsencode(key).decode("utf-8", "backslashreplace"), "its name is not UTF-8"))
                continue
            try:
                if not entry.is_dir(follow_symlinks=False):
                    yield self._document(entry, folder, key)
                elif folder.depth >= self._limits.depth:
                    yield _offer_issue(_too_deep(key, self._limits.depth))
                else:
                    inner = self._folder(entry.path, f"{key}/", folder.depth + 1, self._meant(entry.name, folder) or folder.ruling)
                    waiting += [(child, inner) for child in reversed(inner.children)]
            except OSError as error:
                yield _offer_issue(_unreadable(key, str(error.strerror)))

    def _folder(self, path: str, prefix: str, depth: int, inherited: _Ruling, only: str = "") -> _Folder:
        children: list[os.DirEntry[str]] = []
        rights: list[os.DirEntry[str]] = []
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                lower = name.lower()
                if name == only:
                    children.append(entry)
                elif name.startswith("."):
                    continue
                elif lower == _RIGHTS or lower.endswith(_RIGHTS_OF_ONE):
                    rights.append(entry)
                elif not only and (lower.endswith(_DOCUMENTS) or _is_folder(entry)):
                    children.append(entry)
        children.sort(key=_order)
        ruling, of_one, misplaced = inherited, {}, {}
        if rights:
            names = {child.name for child in children if not child.is_dir(follow_symlinks=False)}
            for entry in rights:
                base = entry.name[: -len(_RIGHTS_OF_ONE)]
                if entry.name == _RIGHTS:
                    ruling = self._ruling(entry.path, prefix + _RIGHTS)
                elif base in names and entry.name.endswith(_RIGHTS_OF_ONE):
                    of_one[base] = entry
                else:
                    misplaced[base.lower()] = entry.name
            if "" in misplaced:
                ruling = _closed(_misplaced(prefix + misplaced[""], "this folder"))
        return _Folder(prefix, depth, ruling, children, of_one, misplaced)

    def _document(self, entry: os.DirEntry[str], folder: _Folder, key: str) -> Reference:
        ruling = self._ruling_of(entry.name, folder)
        if entry.is_symlink():
            status = self._target(entry, ruling, key)
            if isinstance(status, Issue):
                return _offer_issue(status)
        else:
            status = entry.stat(follow_symlinks=False)
        if not stat.S_ISREG(status.st_mode):
            return _offer_issue(_unreadable(key, "it is not a plain file"))
        return Reference(key, f"{_stamp(status)}{_TAG}{ruling.tag}", ruling.rights, ruling.title, ruling.issues, ruling.communities)

    def _ruling_of(self, name: str, folder: _Folder) -> _Ruling:
        """Of a document in this folder."""
        meant = self._meant(name, folder)
        own = folder.rights_of_one.get(name)
        if meant or own is None:
            return meant or folder.ruling
        return self._ruling(own.path, folder.prefix + own.name)

    def _meant(self, name: str, folder: _Folder) -> _Ruling | None:
        """Closes a document or folder that a rights file seems to be meant for, without being where it is looked for."""
        if not folder.misplaced:
            return None
        lower = name.lower()
        meant = folder.misplaced.get(lower) or folder.misplaced.get(lower.rpartition(".")[0] or lower)
        return _closed(_misplaced(folder.prefix + meant, f"'{name}'")) if meant else None

    def _target(self, entry: os.DirEntry[str], ruling: _Ruling, key: str) -> os.stat_result | Issue:
        """Where a link leads, if it may be followed: to a file in the root that may be read by the same audiences there."""
        path = os.path.realpath(entry.path, strict=True)
        if not path.startswith(f"{self._root.rstrip('/')}/"):
            return _link(key, "it leads out of the folder that is harvested")
        status = os.stat(path)  # noqa: PTH116
        if stat.S_ISDIR(status.st_mode):
            return _link(key, "it leads to a folder")
        parts = path[len(self._root.rstrip("/")) + 1 :].split("/")
        folder = self._link_folder("")
        for name in parts[:-1]:
            folder = self._link_folder(f"{folder.prefix}{name}/", self._meant(name, folder) or folder.ruling)
        if self._ruling_of(parts[-1], folder).rights != ruling.rights:
            return _link(key, "others may read what it leads to than may read what lies here")
        return status

    def _link_folder(self, prefix: str, inherited: _Ruling | None = None) -> _Folder:
        known = self._link_folders.get(prefix)
        if known is None:
            known = self._folder(f"{self._root}/{prefix}", prefix, prefix.count("/"), inherited or self._fallback)
            self._link_folders[prefix] = known
        return known

    def _ruling(self, path: str, key: str) -> _Ruling:
        """What the rights file at *path* says."""
        try:
            content = self._rights_file(path)
            record = loads(content)
        except OSError as error:
            return _closed(_bad_rights(key, f"it cannot be read: {error.strerror}"))
        except JsonFault as fault:
            return _closed(_bad_rights(key, str(fault), fault.line, fault.column))
        if not isinstance(record, dict):
            return _closed(_bad_rights(key, "it is not a JSON object"))
        try:
            profile = Profile(record.get("profile", Profile.RDM))
        except ValueError:
            return _closed(_bad_rights(key, "its 'profile' is neither 'rdm' nor 'bma'", pointer="/profile"))
        rights, issues = rights_of(record, source=LOCAL, profile=profile, now=self._now)
        told = tuple(replace(issue, source=key) for issue in issues)
        return _Ruling(rights, _title(record), told, communities_of(record, source=LOCAL)).tagged()

    def _rights_file(self, path: str) -> bytes:
        descriptor = os.open(path, _READ_FLAGS | os.O_NOFOLLOW)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise JsonFault("it is not a plain file")
            if status.st_size > self._limits.rights_bytes:
                raise JsonFault(f"it is larger than {self._limits.rights_bytes} bytes")
            return _read(descriptor, status.st_size)
        finally:
            os.close(descriptor)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Also of a link that leads to a folder; unlike `os.DirEntry.is_dir` it takes a link that leads nowhere for no folder."""
    return os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir(follow_symlinks=False)  # noqa: PTH112


def _order(entry: os.DirEntry[str]) -> str:
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name


def _is_rights(name: str) -> bool:
    return name.lower() == _RIGHTS or name.lower().endswith(_RIGHTS_OF_ONE)


def _is_text(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_size:x}.{status.st_mtime_ns:x}.{status.st_ctime_ns:x}.{status.st_ino:x}"


def _read(descriptor: int, size: int) -> bytes:
    """Up to *size* bytes, and one more if there is more."""
    parts = []
    wanted = size + 1
    while wanted > 0 and (part := os.read(descriptor, wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _title(record: dict[str, object]) -> str:
    metadata = record.get("metadata")
    title = metadata.get("title") if isinstance(metadata, dict) else None
    return title.strip()[:_MAX_TITLE_LENGTH] if isinstance(title, str) and _is_text(title) else ""


def _closed(issue: Issue) -> _Ruling:
    return _Ruling(DENIED, issues=(issue,)).tagged()


def _offer_issue(issue: Issue) -> Reference:
    return Reference(issue.source, f"{_UNREADABLE}{issue.code}:{issue.message}", DENIED, issues=(issue,))


def _bad_rights(key: str, reason: str, line: int = 0, column: int = 0, pointer: str = "") -> Issue:
    return Issue(
        "rights-unreadable",
        f"this rights file cannot be used: {reason}; nobody may read what it speaks of",
        source=key,
        pointer=pointer,
        line=line,
        column=column,
        remedy="correct it; docs/rights.md shows how it looks",
    )


def _misplaced(key: str, of: str) -> Issue:
    return Issue(
        "rights-misplaced",
        f"this seems to hold the rights of {of}, but is not where they are looked for; nobody may read what it is meant for",
        source=key,
        remedy="name it as the document, with '.rights.json' added; for a folder, put 'rights.json' into it",
    )


def _unreadable(key: str, reason: str) -> Issue:
    return Issue("source-unreadable", f"this cannot be read: {reason}", source=key, remedy="check who may read it")


def _changed(key: str, reason: str) -> Issue:
    return Issue(
        "source-changed", f"not as it was found: {reason} during the harvest", Severity.WARNING, source=key, remedy="harvest again"
    )


def _too_large(key: str, size: int, limit: int) -> Issue:
    return Issue("source-too-large", f"{size} bytes; at most {limit} are read", source=key, remedy="split it, or raise the limit")


def _too_deep(key: str, limit: int) -> Issue:
    return Issue("source-too-deep", f"more than {limit} folders deep", source=key, remedy="move it up, or harvest it on its own")


def _link(key: str, reason: str) -> Issue:
    return Issue(
        "source-link", f"this link is not followed: {reason}", Severity.WARNING, source=key, remedy="put a copy in its place"
    )
