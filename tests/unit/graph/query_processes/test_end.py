"""Closing, or a kill, ends everything and leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from graph.queries import Allowance, StorePlace
from graph.query_processes import SPOOLED_BYTES, QueryProcesses
from records.errors import BusyError
from tests.unit.graph.query_processes.asking import ALL, CROSS, POINT, ask, assert_point, at_work, children, fill, processes, until


class TestEnd:
    def test_closing_ends_everything_at_once_and_tells_those_who_wait(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool, processes=2, wait_seconds=300)
        kept = ask(queries, ALL, Allowance())
        endless = Allowance(seconds=3000, concurrent=10)
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(ask, queries, CROSS, endless) for _ in range(4)]
            until(lambda: len(at_work(queries)) == 2 and queries._pool._waiting, "they are not at work")
            queries.close()
            assert {type(one.exception()) for one in asked} == {BusyError}
        assert not children()
        assert kept.file is not None
        assert not kept.file.exists()
        kept.close()
        with pytest.raises(BusyError, match="stopping"):
            ask(queries, POINT)
        queries.close()

    def test_what_was_never_asked_starts_and_leaves_nothing(self, place: StorePlace, spool: Path) -> None:
        queries = processes(place, spool)
        assert not children()
        assert not spool.exists()
        queries.close()

    def test_answers_that_a_killed_server_left_are_removed_and_those_of_a_living_one_stay(
        self, queries: QueryProcesses, place: StorePlace, spool: Path
    ) -> None:
        living = ask(queries, ALL, Allowance())
        dead = spool / "of-a-killed-one"
        dead.mkdir()
        (dead / "lock").touch()
        (dead / "1.answer").write_bytes(b"left")
        other = processes(place, spool)
        ask(other, POINT)
        assert not dead.exists()
        assert living.file is not None
        assert living.file.is_file()
        other.close()
        living.close()

    def test_new_queries_are_refused_while_too_much_waits_to_be_fetched(self, queries: QueryProcesses, spool: Path) -> None:
        answer = ask(queries, ALL, Allowance())
        assert answer.file is not None
        os.truncate(answer.file, SPOOLED_BYTES + 1)  # a hole takes no space
        with pytest.raises(BusyError, match="wait to be fetched"):
            ask(queries, POINT)
        answer.close()
        assert_point(queries)

    @pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux to end the child")
    def test_a_killed_server_takes_its_queries_with_it(self, place: StorePlace, spool: Path) -> None:
        program = (
            "import sys; sys.path[:] = sys.argv[3:]\n"
            "import threading, time\nfrom pathlib import Path\n"
            "from graph.embedded import EmbeddedGraphStore\nfrom graph.queries import *\nfrom graph.query_processes import *\n"
            "from graph.results import ResultFormat\nfrom records.rights import PUBLIC\n"
            "place = OnePlace(StorePlace(Path(sys.argv[1]), 'g'))\n"
            "queries = QueryProcesses(Folders(EmbeddedGraphStore), place, Path(sys.argv[2]))\n"
            f"request = QueryRequest({CROSS!r}, PUBLIC, ResultFormat.JSON)\n"
            "threading.Thread(target=lambda: queries.run(request, Allowance(seconds=600), actor='a'), daemon=True).start()\n"
            "while not any(process.is_long for process in queries._pool._at_work): time.sleep(0.01)\n"
            "print(*[process._child.pid for process in [*queries._pool._at_work, *queries._pool._idle]], flush=True)\n"
            "time.sleep(600)\n"
        )
        server = subprocess.Popen(
            [sys.executable, "-c", program, str(place.path), str(spool), *sys.path], stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None
        pids = [int(pid) for pid in server.stdout.readline().split()]
        server.kill()
        server.wait(60)
        server.stdout.close()
        assert pids
        until(lambda: not any(_is_there(pid) for pid in pids), "processes stay behind")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
    def test_a_server_that_ends_leaves_no_process(self, number: signal.Signals, tmp_path: Path) -> None:
        """The real command, with a query at work."""
        fill(tmp_path / "graph", 100)
        server = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "--home", str(tmp_path), "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        asked = threading.Thread(target=_swallow, args=(f"{url}sparql?{urlencode({'query': CROSS})}",))
        asked.start()
        until(lambda: any(_niceness(pid) == 19 for pid in children(server.pid)), "the query is not at work")
        pids = set(children(server.pid))
        # Ctrl-C reaches the whole group.
        os.killpg(server.pid, number) if number is signal.SIGINT else server.send_signal(number)
        server.wait(60)
        server.stdout.close()
        asked.join()
        until(lambda: not any(_is_there(pid) for pid in pids), "processes stay behind")


def _swallow(url: str) -> None:
    with suppress(OSError, HTTPException), urlopen(url, timeout=120) as answer:
        answer.read()


def _niceness(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 0


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
