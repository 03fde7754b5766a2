"""What every payload store promises; each adapter says only how to make one."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.file_payloads import FilePayloads
from harvester.memory_payloads import MemoryPayloads
from harvester.payloads import Payloads
from records.errors import StoreDamagedError, StoreError, StoreFullError
from records.record import Payload

EMPTY_DIGEST = Payload(b"").digest


class PayloadsContract:
    """The behaviours; a subclass gives ``payloads``."""

    @pytest.fixture
    def payloads(self) -> Payloads:
        raise NotImplementedError

    @settings(
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors], max_examples=50, deadline=None
    )
    @given(content=st.binary(max_size=200))
    def test_what_is_kept_is_read_back(self, payloads: Payloads, content: bytes) -> None:
        digest = payloads.keep(Payload(content))
        assert digest == Payload(content).digest
        assert payloads.read(digest) == Payload(content)

    def test_a_large_payload_is_read_back(self, payloads: Payloads) -> None:
        payload = Payload(os.urandom(5_000_000))
        assert payloads.read(payloads.keep(payload)) == payload

    def test_keeping_again_changes_nothing(self, payloads: Payloads) -> None:
        first = payloads.keep(Payload(b"x"))
        assert payloads.keep(Payload(b"x")) == first
        assert payloads.read(first) == Payload(b"x")

    @pytest.mark.parametrize("digest", ["0" * 64, EMPTY_DIGEST[:-1], EMPTY_DIGEST.upper(), "", "../../etc/passwd", "a\x00b"])
    def test_what_was_not_kept_is_missing(self, payloads: Payloads, digest: str) -> None:
        payloads.keep(Payload(b""))
        with pytest.raises(StoreDamagedError) as caught:
            payloads.read(digest)
        assert caught.value.remedy

    def test_sync_may_be_asked_at_any_time(self, payloads: Payloads) -> None:
        payloads.sync()
        digest = payloads.keep(Payload(b"x"))
        payloads.sync()
        payloads.sync()
        assert payloads.read(digest) == Payload(b"x")

    def test_threads_may_keep_the_same_and_different_payloads(self, payloads: Payloads) -> None:
        kept = [Payload(b"%d" % (number % 50)) for number in range(400)]
        with ThreadPoolExecutor(8) as pool:
            digests = list(pool.map(payloads.keep, kept))
        assert [payloads.read(digest) for digest in digests] == kept


class TestMemoryPayloads(PayloadsContract):
    @pytest.fixture
    def payloads(self) -> Payloads:
        return MemoryPayloads()


class TestFilePayloads(PayloadsContract):
    @pytest.fixture
    def directory(self, tmp_path: Path) -> Path:
        return tmp_path / "new" / "payloads"

    @pytest.fixture
    def payloads(self, directory: Path) -> Payloads:
        return FilePayloads(directory)

    def test_a_payload_lies_under_its_digest(self, payloads: Payloads, directory: Path) -> None:
        digest = payloads.keep(Payload(b"x"))
        assert (directory / digest[:2] / digest[2:]).read_bytes() == b"x"
        assert files_in(directory) == [f"{digest[:2]}/{digest[2:]}"]

    def test_another_process_reads_what_this_one_kept(self, payloads: Payloads, directory: Path) -> None:
        digest = payloads.keep(Payload(b"x"))
        assert FilePayloads(directory).read(digest) == Payload(b"x")

    def test_a_payload_that_is_there_is_not_written_again(self, payloads: Payloads, directory: Path) -> None:
        digest = payloads.keep(Payload(b"x"))
        before = (directory / digest[:2] / digest[2:]).stat()
        payloads.keep(Payload(b"x"))
        after = (directory / digest[:2] / digest[2:]).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_only_the_owner_may_use_the_files(self, payloads: Payloads, directory: Path) -> None:
        digest = payloads.keep(Payload(b"x"))
        path = directory / digest[:2] / digest[2:]
        assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent, directory)] == [0o600, 0o700, 0o700]

    @pytest.mark.parametrize("damage", [b"", b"y", b"xy"])
    def test_damaged_bytes_are_never_given_out_and_are_mended_by_keeping_again(
        self, payloads: Payloads, directory: Path, damage: bytes
    ) -> None:
        digest = payloads.keep(Payload(b"x"))
        (directory / digest[:2] / digest[2:]).write_bytes(damage)
        with pytest.raises(StoreDamagedError, match=r"other bytes than were kept"):
            payloads.read(digest)
        payloads.keep(Payload(b"x"))
        assert payloads.read(digest) == Payload(b"x")

    def test_what_a_killed_process_left_is_removed_and_what_others_write_now_is_not(self, directory: Path) -> None:
        FilePayloads(directory)
        for name, age in (("old", 7200.0), ("new", 0.0)):
            (directory / "incoming" / name).write_bytes(b"half")
            os.utime(directory / "incoming" / name, (time.time() - age, time.time() - age))
        FilePayloads(directory)
        assert files_in(directory) == ["incoming/new"]

    def test_a_process_killed_at_any_moment_leaves_whole_payloads_alone(self, directory: Path) -> None:
        """It keeps on writing until it is killed; every file under a digest has that digest."""
        program = (
            "import sys, os; from pathlib import Path\n"
            "from harvester.file_payloads import FilePayloads; from records.record import Payload\n"
            "payloads = FilePayloads(Path(sys.argv[1]))\n"
            "print('ready', flush=True)\n"
            "while True: payloads.keep(Payload(os.urandom(300_000)))\n"
        )
        for _ in range(3):
            with subprocess.Popen(
                [sys.executable, "-c", program, str(directory)], stdout=subprocess.PIPE, cwd=repository()
            ) as process:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
                time.sleep(0.1)
                process.kill()
        payloads = FilePayloads(directory)
        kept = [name.replace("/", "") for name in files_in(directory) if not name.startswith("incoming/")]
        assert kept
        for digest in kept:
            assert payloads.read(digest).digest == digest

    def test_a_directory_that_is_gone_or_a_file_is_told(self, payloads: Payloads, directory: Path) -> None:
        shutil.rmtree(directory)
        with pytest.raises(StoreError, match=r"cannot be used: No such file"):
            payloads.keep(Payload(b"x"))
        directory.write_bytes(b"")
        with pytest.raises(StoreError, match=r"cannot be used"):
            FilePayloads(directory)

    def test_a_sync_that_failed_is_tried_again(self, payloads: Payloads, directory: Path) -> None:
        payloads.keep(Payload(b"x"))
        moved = directory.rename(directory.with_name("elsewhere"))
        for _ in range(2):
            with pytest.raises(StoreError, match=r"cannot be used: No such file"):
                payloads.sync()
        moved.rename(directory)
        payloads.sync()

    def test_a_file_size_limit_leaves_nothing_half_written(self, payloads: Payloads, directory: Path) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
        try:
            with pytest.raises(StoreFullError) as caught:
                payloads.keep(Payload(b"x" * 20_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert isinstance(caught.value.__cause__, OSError)
        assert caught.value.__cause__.errno == errno.EFBIG
        assert files_in(directory) == []
        digest = payloads.keep(Payload(b"x" * 20_000))
        assert payloads.read(digest).digest == digest

    def test_a_full_disk_leaves_nothing_half_written_and_is_overcome_by_making_room(self, small_disk: Path) -> None:
        payloads = FilePayloads(small_disk / "payloads")
        filler = small_disk / "filler"
        filler.write_bytes(b"x" * 300_000)
        kept = payloads.keep(Payload(b"small"))
        with pytest.raises(StoreFullError, match=r"No space left on device") as caught:
            payloads.keep(Payload(os.urandom(800_000)))
        assert caught.value.remedy
        assert files_in(small_disk / "payloads") == [f"{kept[:2]}/{kept[2:]}"]
        assert payloads.read(kept) == Payload(b"small")
        filler.unlink()
        payload = Payload(os.urandom(800_000))
        assert payloads.read(payloads.keep(payload)) == payload
        payloads.sync()

    @pytest.fixture
    def small_disk(self, tmp_path: Path) -> Iterator[Path]:
        """A file system of 1 MB of its own."""
        disk = tmp_path / "disk"
        disk.mkdir()
        mount, umount = shutil.which("mount"), shutil.which("umount")
        if os.geteuid() != 0 or mount is None or umount is None:
            pytest.skip("only root may mount a small file system")
        mounted = subprocess.run([mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False, capture_output=True)
        if mounted.returncode:
            pytest.skip("this machine lets no small file system be mounted")
        yield disk
        subprocess.run([umount, str(disk)], check=True)

    def test_keeping_a_small_payload_takes_a_fraction_of_a_millisecond(self, payloads: Payloads) -> None:
        """The budget is 0.1 ms; the bound is wide, as the machine may be busy."""
        kept = [Payload(os.urandom(4500)) for _ in range(300)]
        durations = []
        for payload in kept:
            start = time.perf_counter()
            payloads.keep(payload)
            durations.append(time.perf_counter() - start)
        assert sorted(durations)[len(durations) // 2] < 0.001


def files_in(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def repository() -> Path:
    return Path(__file__).resolve().parents[2]
