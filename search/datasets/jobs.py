"""Training sets that are built while somebody waits: queued, watched, kept for a while, and given to their owner alone.

Under ``HOME/datasets``:

    ID/dataset.json       who wants what, and how far it is; replaced whole
    ID/lock               held by whoever builds it: a state without its holder was interrupted
    ID/building/          what is being built
    ID/files/             what was built, renamed from ``building`` when it is whole
    ID/contributing.gz    record graphs that may have contributed
"""

from __future__ import annotations

import fcntl
import gzip
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from threading import Event, Lock
from typing import IO, Any, Final

import structlog

from access.identity import Actor
from graph.files import disk_errors, read_whole, write_whole
from records.errors import CancelledError, ForbiddenError, NotFoundError, RateLimitError, StoreError, VoltagraphError
from search.datasets.build import Built, build_dataset
from search.datasets.services import DatasetServices, Watch
from search.datasets.table_files import DataFile
from search.datasets.wishes import DatasetWish, Recipe, check_wish

MAX_AT_ONCE: Final = 3
"""Training sets of one actor that are waited for at once."""
MAX_WAITING: Final = 50
"""Training sets of all actors that are waited for at once."""

_ID: Final = re.compile("[0-9a-f]{32}")
_INTERRUPTED: Final = ("It was interrupted.", "Send it again.")
_UNKNOWN: Final = ("There is no such training set, or it is not yours.", "Check its name, or make one: POST /datasets.")
_log = structlog.get_logger("datasets")


class State(StrEnum):
    """How far a training set is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether something will still become of it."""
        return self in {State.QUEUED, State.RUNNING}


@dataclass(frozen=True, slots=True)
class DatasetPolicy:
    """What is built at once and how long it is kept.

    Args:
        days: Since it was asked for.
        per_actor: So many of one owner; of more, the oldest go.
        builders: How many are built at once.
    """

    days: int = 30
    per_actor: int = 20
    builders: int = 1


@dataclass(frozen=True, slots=True)
class Dataset:
    """A training set and how far it is.

    Args:
        id: Its name.
        owner: Name of the actor who asked for it.
        state: How far it is.
        stage: What is done to it, while it runs.
        rows: Rows of its answer, once they are known.
        title: A name for people.
        snapshot: The snapshot that it is made from; ``""``: not known yet.
        created: When it was asked for.
        finished: When it was done or failed, or ``None``.
        expires: When it goes.
        wish: What was asked for.
        message: Why it failed.
        remedy: How to mend that.
        files: Its files, when it is done.
    """

    id: str
    owner: str
    state: State
    stage: str
    rows: int
    title: str
    snapshot: str
    created: datetime
    finished: datetime | None
    expires: datetime
    wish: Mapping[str, Any]
    message: str = ""
    remedy: str = ""
    files: tuple[DataFile, ...] = ()


class Datasets:
    """Builds training sets in threads of its own, which mostly wait for the processes that answer queries.

    Args:
        home: Where everything is kept.
        services: What the building uses.
        policy: What is built at once and how long it is kept.
    """

    def __init__(self, home: Path, services: DatasetServices, policy: DatasetPolicy) -> None:
        self._folder = home / "datasets"
        self._services = services
        self._policy = policy
        self._stopping = Event()
        self._sending = Lock()
        self._builders = ThreadPoolExecutor(policy.builders, thread_name_prefix="dataset")

    def send(self, wish: DatasetWish, actor: Actor) -> Dataset:
        """Ask for a training set; it is built as soon as there is room.

        Args:
            wish: What is wanted.
            actor: For whom.

        Raises:
            RateLimitError: Too many are waited for.
            VoltagraphError: It can never be built: see `search.datasets.wishes.check_wish`.
        """
        recipe = check_wish(self._services, wish, actor)
        now = self._now()
        with self._sending, disk_errors(self._folder):
            self.expire(now)
            self._check_room(actor)
            made = Dataset(
                id=token_hex(16),
                owner=actor.name,
                state=State.QUEUED,
                stage="",
                rows=0,
                title=wish.title,
                snapshot=wish.snapshot,
                created=now,
                finished=None,
                expires=now + timedelta(days=self._policy.days),
                wish=asdict(wish),
            )
            folder = self._folder / made.id
            folder.mkdir(parents=True)
            lock = (folder / "lock").open("ab")
            fcntl.flock(lock, fcntl.LOCK_EX)
            _write(folder, made)
            self._builders.submit(self._build, made, recipe, actor, lock)
        return made

    def get(self, dataset: str, actor: Actor) -> Dataset:
        """A training set of this actor.

        Raises:
            NotFoundError: There is none: unknown, somebody else's and expired are the same.
        """
        found = self._read(dataset) if _ID.fullmatch(dataset) else None
        if found is None or found.owner != actor.name or found.expires <= self._now():
            raise NotFoundError(*_UNKNOWN)
        return found

    def own(self, actor: Actor) -> tuple[Dataset, ...]:
        """The actor's training sets, newest first."""
        own = [one for one in self._all() if one.owner == actor.name and one.expires > self._now()]
        return tuple(sorted(own, key=lambda one: (one.created, one.id), reverse=True))

    def withheld(self, dataset: Dataset, actor: Actor) -> int:
        """How many of the records that may have contributed the actor may not read any more."""
        if dataset.state is not State.DONE:
            return 0
        with gzip.open(self._folder / dataset.id / "contributing.gz", "rt", encoding="utf-8") as file:
            return len(self._services.snapshots.rights_now((line.rstrip("\n") for line in file), actor))

    def file(self, dataset: str, name: str, actor: Actor) -> tuple[Path, DataFile]:
        """One file of a training set.

        Raises:
            NotFoundError: There is no such training set of this actor, or no such file of it.
            ForbiddenError: The actor may not read all of its records any more.
        """
        found = self.get(dataset, actor)
        file = next((one for one in found.files if one.name == name), None)
        if file is None:
            raise NotFoundError("The training set has no such file.", "Its status names its files, once it is done.")
        withheld = self.withheld(found, actor)
        if withheld:
            raise ForbiddenError(
                f"You may not read {withheld} of the records of this training set any more.",
                "Make it again: send the same request; the records withheld from you are then left out.",
            )
        return self._folder / found.id / "files" / name, file

    def delete(self, dataset: str, actor: Actor) -> None:
        """Remove a training set; one that is being built ends.

        Raises:
            NotFoundError: As for `get`.
        """
        shutil.rmtree(self._folder / self.get(dataset, actor).id, ignore_errors=True)

    def expire(self, now: datetime) -> tuple[str, ...]:
        """Remove what the policy no longer keeps.

        Returns:
            Names of those that went.
        """
        kept: dict[str, int] = {}
        gone = []
        for one in sorted(self._all(), key=lambda one: (one.created, one.id), reverse=True):
            kept[one.owner] = kept.get(one.owner, 0) + 1
            if one.expires <= now or (kept[one.owner] >= self._policy.per_actor and not one.state.is_open):
                shutil.rmtree(self._folder / one.id, ignore_errors=True)
                gone.append(one.id)
        return tuple(gone)

    def close(self) -> None:
        """End the building; what is not done has failed."""
        self._stopping.set()
        self._builders.shutdown(wait=True)

    # --- within

    def _now(self) -> datetime:
        return self._services.clock().replace(microsecond=0)

    def _check_room(self, actor: Actor) -> None:
        waiting = [one.owner for one in self._all() if one.state.is_open]
        if waiting.count(actor.name) >= MAX_AT_ONCE:
            raise RateLimitError(
                f"{MAX_AT_ONCE} of your training sets are being built, and no more may be at once.",
                "Wait until one of them is done.",
                retry_after=10,
            )
        if len(waiting) >= MAX_WAITING:
            raise RateLimitError("Too many training sets are being built just now.", "Try again in a while.", retry_after=30)

    def _build(self, made: Dataset, recipe: Recipe, actor: Actor, lock: IO[bytes]) -> None:
        """Runs in a thread: whatever happens, the outcome is written down."""
        folder = self._folder / made.id
        building = folder / "building"
        with lock, suppress(FileNotFoundError):  # it was deleted meanwhile
            try:
                built = self._built(made, recipe, actor, building)
                with gzip.open(folder / "contributing.gz", "wt", encoding="utf-8", compresslevel=1) as file:
                    file.writelines(f"{graph}\n" for graph in built.contributing)
                building.rename(folder / "files")
                done = replace(made, state=State.DONE, rows=built.rows, snapshot=built.snapshot, files=built.files)
            except CancelledError:
                done = _failed(made, *_INTERRUPTED)
            except StoreError as error:
                _log.error("a training set failed", dataset=made.id, error=str(error))
                done = _failed(made, "The service could not build it.", "Send it again, or tell its operator.")
            except VoltagraphError as error:
                done = _failed(made, error.message, error.remedy)
            except Exception as error:  # noqa: BLE001 - the last resort: its owner learns that it failed, the log has the place
                _log.error("a training set failed", dataset=made.id, exc_info=error)
                done = _failed(made, "Something went wrong here.", "Tell the operator; the log has the place.")
            shutil.rmtree(building, ignore_errors=True)
            _write(folder, replace(done, finished=self._now()))

    def _built(self, made: Dataset, recipe: Recipe, actor: Actor, building: Path) -> Built:
        folder = self._folder / made.id

        def on_stage(stage: str, rows: int) -> None:
            _write(folder, replace(made, state=State.RUNNING, stage=stage, rows=rows))

        def is_cancelled() -> bool:
            return self._stopping.is_set() or not folder.is_dir()

        if is_cancelled():
            raise CancelledError(*_INTERRUPTED)
        building.mkdir()
        return build_dataset(self._services, recipe, actor, building, name=made.id, watch=Watch(on_stage, is_cancelled))

    def _all(self) -> Iterator[Dataset]:
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            found = self._read(path.name) if _ID.fullmatch(path.name) else None
            if found is not None:
                yield found

    def _read(self, name: str) -> Dataset | None:
        folder = self._folder / name
        found = _kept(folder)
        if found is None or not found.state.is_open or _is_held(folder / "lock"):
            return found
        found = _kept(folder)  # it may have been finished between the two
        if found is None or not found.state.is_open:
            return found
        interrupted = replace(_failed(found, *_INTERRUPTED), finished=self._now())
        with suppress(FileNotFoundError):
            shutil.rmtree(folder / "building", ignore_errors=True)
            _write(folder, interrupted)
        return interrupted


def _failed(dataset: Dataset, message: str, remedy: str) -> Dataset:
    return replace(dataset, state=State.FAILED, stage="", message=message, remedy=remedy)


def dataset_json(dataset: Dataset, withheld: int | None = None) -> dict[str, Any]:
    """A training set as the interfaces print it.

    Args:
        dataset: The training set.
        withheld: How many of its records its owner may not read any more; ``None`` leaves it out.
    """
    error = {"message": dataset.message, "remedy": dataset.remedy} if dataset.state is State.FAILED else None
    return {
        "id": dataset.id,
        "state": dataset.state.value,
        "progress": {"stage": dataset.stage, "rows": dataset.rows},
        "title": dataset.title,
        "snapshot": dataset.snapshot or None,
        "created": _text(dataset.created),
        "finished": _text(dataset.finished) if dataset.finished else None,
        "expires": _text(dataset.expires),
        "request": dict(dataset.wish),
        "error": error,
        **({} if withheld is None else {"withheld": withheld}),
        "files": [
            {
                "name": file.name,
                "rows": file.rows or None,
                "bytes": file.size,
                "sha256": file.sha256,
                "href": f"/datasets/{dataset.id}/files/{file.name}",
            }
            for file in dataset.files
        ],
    }


def _dataset(value: dict[str, Any]) -> Dataset:
    given = {
        "state": State(value["state"]),
        "created": datetime.fromisoformat(value["created"]),
        "finished": datetime.fromisoformat(value["finished"]) if value["finished"] else None,
        "expires": datetime.fromisoformat(value["expires"]),
        "files": tuple(DataFile(**file) for file in value["files"]),
    }
    return Dataset(**{**value, **given})


def _kept(folder: Path) -> Dataset | None:
    return read_whole(folder / "dataset.json", "The training set", _dataset)


def _write(folder: Path, dataset: Dataset) -> None:
    times = {
        "created": _text(dataset.created),
        "finished": _text(dataset.finished) if dataset.finished else None,
        "expires": _text(dataset.expires),
    }
    write_whole(folder / "dataset.json", json.dumps({**asdict(dataset), **times}, ensure_ascii=False))


def _is_held(lock: Path) -> bool:
    try:
        with lock.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def _text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
