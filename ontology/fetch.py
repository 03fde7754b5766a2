"""Fetches the full ontologies and contexts from their official, pinned addresses. The only module that reads from the network here.

What is fetched is listed in ``sources.toml``. A file counts only with its pinned SHA-256, wherever it came from.
"""

from __future__ import annotations

import http.client
import json
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Any, Final, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from records.errors import FetchError

TIMEOUT_SECONDS: Final = 30.0
"""How long to wait for an answer, and for each piece of it."""

MAX_SECONDS: Final = 300.0
"""How long one file may take in all."""

MAX_BYTES: Final = 16 * 1024 * 1024
"""No file to fetch is larger than this; each has its own pinned size besides."""

_CHUNK: Final = 256 * 1024
_REPOSITORY: Final = "https://github.com/"
_RAW: Final = "https://raw.githubusercontent.com/"


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file to fetch.

    Args:
        path: Where it belongs below the target folder, e.g. ``ontologies/emmo-1.0.2/emmo.ttl``.
        repository: Address of its repository.
        commit: The commit it is pinned to.
        source_path: Its path in the repository.
        licence: Its licence (SPDX).
        size: Its size in bytes.
        checksum: Its SHA-256 in hex.
    """

    path: str
    repository: str
    commit: str
    source_path: str
    licence: str
    size: int
    checksum: str

    @property
    def address(self) -> str:
        """The official address.

        >>> PinnedFile("a.ttl", "https://github.com/emmo-repo/EMMO", "0c6f547", "emmo.ttl", "CC-BY-4.0", 1, "").address
        'https://raw.githubusercontent.com/emmo-repo/EMMO/0c6f547/emmo.ttl'
        """
        return f"{_RAW}{self.repository.removeprefix(_REPOSITORY)}/{self.commit}/{quote(self.source_path)}"


class FetchedFile(NamedTuple):
    """A file that is in its place now.

    Args:
        path: Its path below the target folder.
        address: Where it comes from: an address, or a file of the mirror.
        fetched: Whether it was fetched by this call; else it was there already.
    """

    path: str
    address: str
    fetched: bool


class Sources(NamedTuple):
    """What ``sources.toml`` says.

    Args:
        files: Every file to fetch, by path in sorted order.
        addresses: Address of a context -> names of the files that stand for it, first the default.
        recommended: Name of a source -> address of a context -> name of the file that this source means by it.
    """

    files: tuple[PinnedFile, ...]
    addresses: Mapping[str, tuple[str, ...]]
    recommended: Mapping[str, Mapping[str, str]]


def fetch_ontologies(
    target: Path,
    *,
    mirror: str | Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    sources: Sources | None = None,
) -> list[FetchedFile]:
    """Bring the full ontologies to ``target/ontologies`` and the contexts to ``target/contexts``.

    A file that is there with its pinned checksum is not fetched again, so an interrupted call goes on where it stopped. New files
    wait in ``target/.fetching`` until all are there; only then are they moved to their places, with a ``catalog.json`` and a
    ``contexts.json`` that tell the origin of each, so that half a set is never used. Other files in the folders stay as they are.

    Args:
        target: The folder; made when missing.
        mirror: A folder, or an ``http(s)`` address, that holds the same files at the same relative paths; the operator vouches for
            it, so plain http is allowed there. The official addresses are not asked then.
        on_progress: Called with the number of files that are there, and of all.
        sources: What to fetch; by default what ``sources.toml`` of the program lists.

    Returns:
        Every file, by path in sorted order.

    Raises:
        FetchError: A file could not be had, or is not the pinned one. It names the file, the address and what to do.
    """
    sources = sources or packaged_sources()
    waiting = target / ".fetching"
    origin = _origin(mirror)
    done = []
    try:
        for number, file in enumerate(sources.files):
            if on_progress is not None:
                on_progress(number, len(sources.files))
            there = any(_is_pinned(folder / file.path, file) for folder in (target, waiting))
            done.append(FetchedFile(file.path, origin.place(file), not there))
            if not there:
                _write(waiting / file.path, _checked(origin.read(file), file, origin.place(file)))
        for file in sources.files:
            if (waiting / file.path).is_file():
                (target / file.path).parent.mkdir(parents=True, exist_ok=True)
                (waiting / file.path).replace(target / file.path)
        _write(target / "ontologies" / "catalog.json", _catalogue(sources))
        _write(target / "contexts" / "contexts.json", _context_index(sources))
        shutil.rmtree(waiting, ignore_errors=True)
    except OSError as exc:
        raise FetchError(
            f"The fetched files cannot be kept in '{target}': {exc.strerror or exc}.",
            "Make room or make the folder writable, then fetch again: what is there is not fetched twice.",
        ) from exc
    if on_progress is not None:
        on_progress(len(sources.files), len(sources.files))
    return done


def packaged_sources() -> Sources:
    """What ``sources.toml`` of the program lists.

    >>> len(packaged_sources().files) > 80
    True
    """
    return read_sources(resources.files("ontology").joinpath("sources.toml").read_text("utf-8"))


def read_sources(text: str) -> Sources:
    """The files that a ``sources.toml`` lists.

    Raises:
        FetchError: It is no such list, or names a place outside of the target folder.
    """
    try:
        listed = tomllib.loads(text)
        files = [*_listed_ontologies(listed), *_listed_contexts(listed)]
        addresses = {address: tuple(names) for address, names in listed.get("addresses", {}).items()}
        recommended = {source: dict(names) for source, names in listed.get("recommended", {}).items()}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as exc:
        raise FetchError(f"The list of sources cannot be read: {exc!r}.", "Install the program again.") from exc
    for file in files:
        outside = ".." in PurePosixPath(file.path).parts
        if outside or not file.repository.startswith(_REPOSITORY) or not 0 < file.size <= MAX_BYTES:
            raise FetchError(f"The list of sources names an impossible file: '{file.path}'.", "Install the program again.")
    return Sources(tuple(sorted(files, key=lambda file: file.path)), addresses, recommended)


def _listed_ontologies(listed: dict[str, Any]) -> Iterator[PinnedFile]:
    for part in listed.get("ontologies", ()):
        for file in part["files"]:
            path = f"ontologies/{part['folder']}/{file['path']}"
            origin = (part["repository"], part["commit"], file["path"], part["licence"])
            yield PinnedFile(path, *origin, int(file["bytes"]), file["sha256"])


def _listed_contexts(listed: dict[str, Any]) -> Iterator[PinnedFile]:
    for file in listed.get("contexts", ()):
        origin = (file["repository"], file["commit"], file["path"], file["licence"])
        yield PinnedFile(f"contexts/{file['name']}", *origin, int(file["bytes"]), file["sha256"])


class _Folder(NamedTuple):
    """A mirror on this machine."""

    root: Path

    def place(self, file: PinnedFile) -> str:
        return str(self.root / file.path)

    def read(self, file: PinnedFile) -> bytes:
        try:
            with (self.root / file.path).open("rb") as opened:
                return opened.read(file.size + 1)
        except OSError as exc:
            message = f"'{file.path}' cannot be read from the mirror '{self.root}': {exc.strerror or exc}."
            raise FetchError(message, "Complete the mirror, or fetch without one.") from exc


class _Web(NamedTuple):
    """The official addresses, or a mirror with an address."""

    opener: OpenerDirector
    mirror: str

    def place(self, file: PinnedFile) -> str:
        return self.mirror + quote(file.path) if self.mirror else file.address

    def read(self, file: PinnedFile) -> bytes:
        address = self.place(file)
        started = monotonic()
        content = bytearray()
        try:
            request = Request(address, headers={"User-Agent": "voltagraph", "Accept-Encoding": "identity"})  # noqa: S310 - see _origin
            with self.opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                while len(content) <= file.size and (piece := answer.read(min(_CHUNK, file.size + 1 - len(content)))):
                    content += piece
                    if monotonic() - started > MAX_SECONDS:
                        raise TimeoutError(f"it took longer than {MAX_SECONDS:.0f} s")
        except (URLError, http.client.HTTPException, OSError) as exc:
            if isinstance(exc, HTTPError):
                exc.close()  # it is also the answer, with an open connection
            reason = getattr(exc, "reason", None) or exc
            raise FetchError(
                f"'{file.path}' could not be fetched from {address}: {reason}.",
                "Fetch again later (what is there is not fetched twice), or name a mirror with --mirror.",
            ) from exc
        return bytes(content)


def _origin(mirror: str | Path | None) -> _Folder | _Web:
    """Where to read from. Only https is spoken, unless the operator names a mirror that has no more than http."""
    if mirror is None:
        return _Web(build_opener(_SameHost()), "")
    address = str(mirror)
    scheme = urlsplit(address).scheme
    if scheme in ("http", "https"):
        return _Web(build_opener(_SameHost()), address.rstrip("/") + "/")
    if "://" in address:
        raise FetchError(
            f"The mirror '{address}' cannot be used: '{scheme}' is not offered.", "Name a folder or an http(s) address."
        )
    if not Path(mirror).is_dir():
        raise FetchError(f"The mirror '{address}' is no folder.", "Name a folder or an http(s) address.")
    return _Folder(Path(mirror))


class _SameHost(HTTPRedirectHandler):
    """Follows a redirect only within the same scheme, host and port."""

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(urljoin(req.full_url, newurl))
        if (old.scheme, old.netloc) != (new.scheme, new.netloc):
            fp.close()
            raise URLError(f"it redirects to another place, {new.scheme}://{new.netloc}, which is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _checked(content: bytes, file: PinnedFile, address: str) -> bytes:
    """The content, when it is the pinned one."""
    if len(content) > file.size:
        problem = f"it is larger than the {file.size} bytes that are pinned"
    elif len(content) < file.size:
        problem = f"only {len(content)} of {file.size} bytes came"
    else:
        actual = sha256(content).hexdigest()
        if actual == file.checksum:
            return content
        problem = f"its SHA-256 is {actual}, not {file.checksum}"
    raise FetchError(
        f"'{file.path}' from {address} is not the pinned file: {problem}.",
        "Fetch again; if it stays so, the address or the mirror serves another version and must not be trusted.",
    )


def _is_pinned(path: Path, file: PinnedFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return sha256(path.read_bytes()).hexdigest() == file.checksum


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            Path(part.name).chmod(0o644)
            Path(part.name).replace(path)
        except BaseException:
            Path(part.name).unlink(missing_ok=True)
            raise


def _catalogue(sources: Sources) -> bytes:
    """``catalog.json``: the origin of every ontology file, as `ontology.ontology_files` reads it."""
    return _json({"files": _origins(sources.files, "ontologies/", "path")})


def _context_index(sources: Sources) -> bytes:
    """``contexts.json``: which file stands for which address."""
    return _json(
        {
            "map": {address: names[0] for address, names in sources.addresses.items()},
            "alternates": {address: list(names) for address, names in sources.addresses.items() if len(names) > 1},
            "recommended_for_source": sources.recommended,
            "files": _origins(sources.files, "contexts/", "file"),
        }
    )


def _origins(files: Sequence[PinnedFile], folder: str, name: str) -> list[dict[str, str | int]]:
    return [
        {
            name: file.path.removeprefix(folder),
            "source_repo": file.repository,
            "source_path": file.source_path,
            "commit": file.commit,
            "licence": file.licence,
            "bytes": file.size,
            "sha256": file.checksum,
        }
        for file in files
        if file.path.startswith(folder)
    ]


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode() + b"\n"
