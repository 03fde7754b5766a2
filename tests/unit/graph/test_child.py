"""A child interpreter: what it gets, how it ends, and that it never stays behind."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from importlib import import_module
from pathlib import Path

import pytest

from graph.child import Child

FUNCTIONS = '''
import os, re, signal, sys, time

def echo(pipe):
    while (said := pipe.recv()) != "end":
        pipe.send(said)

def environment(pipe):
    pipe.send(os.environ.get("FOR_THE_CHILD"))

def handles(pipe):
    names = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
    pipe.send([os.readlink(name) for name in names if os.path.islink(name)])

def spin(pipe):
    """In C, with the interpreter's lock held: no Python code of any thread runs."""
    pipe.send(os.getpid())
    re.match(r"(a|aa)+$", "a" * 100 + "b")

def speak(pipe):
    print("to nobody")
    sys.stderr.write("to the log\\n")
    pipe.send("said")

def fail(pipe):
    raise SystemExit(7)
'''

PARENT = """
import signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background ignores it
sys.path[:] = sys.argv[1:]
import child_functions
from graph.child import Child
made = []
thread = threading.Thread(target=lambda: made.append(Child(child_functions.spin)))
thread.start(); thread.join()
print(made[0].pipe.recv(), flush=True)
while True:
    time.sleep(0.1)  # a signal that comes just before a sleep begins is heard at its end
"""


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """A module that child and test can both import."""
    (tmp_path / "child_functions.py").write_text(FUNCTIONS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "child_functions", raising=False)
    return import_module("child_functions")


def child_of(functions: object, name: str, **options: object) -> Child:
    return Child(getattr(functions, name), **options)  # type: ignore[arg-type]


def assert_ends(pid: int) -> None:
    for _ in range(1000):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return  # dead; whoever inherited it has not asked yet
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def test_it_answers_over_its_pipe_and_ends_when_its_function_returns(functions: object) -> None:
    child = child_of(functions, "echo")
    child.pipe.send({"a": 1})
    assert child.pipe.recv() == {"a": 1}
    child.pipe.send("end")
    assert child.wait(60) == 0
    assert not child.is_alive
    child.close()


def test_closing_ends_it_whatever_it_does(functions: object) -> None:
    child = child_of(functions, "spin")
    pid = child.pipe.recv()
    child.close()
    child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_its_exit_code_is_known(functions: object) -> None:
    failed, killed = child_of(functions, "fail"), child_of(functions, "echo")
    assert failed.wait(60) == 7
    killed.kill()
    assert killed.wait(60) == -signal.SIGKILL
    failed.close()
    killed.close()


def test_waiting_has_an_end(functions: object) -> None:
    child = child_of(functions, "echo")
    with pytest.raises(TimeoutError, match=f"process {child.pid} has not ended"):
        child.wait(0.05)
    child.close()


def test_it_gets_variables_of_its_own_and_nothing_that_is_open_here(functions: object, tmp_path: Path) -> None:
    child = child_of(functions, "environment", environment={"FOR_THE_CHILD": "yes"})
    assert child.pipe.recv() == "yes"
    child.close()
    with (tmp_path / "open here").open("w"):
        other = child_of(functions, "echo")
        child = child_of(functions, "handles")
        names = child.pipe.recv()
    assert not [name for name in names if "open here" in name]
    # Its own pipe and lifeline; those of the other child would keep that one alive.
    assert len([name for name in names if name.startswith(("socket:", "pipe:"))]) <= 3
    child.close()
    other.close()


def test_what_it_prints_goes_nowhere_and_its_errors_to_the_log_unless_it_is_quiet(functions: object, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path[:] = sys.argv[1:]; import child_functions; from graph.child import Child\n"
        "for quiet in (False, True):\n"
        "    child = Child(child_functions.speak, quiet=quiet); child.pipe.recv(); child.wait(); child.close()\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, *sys.path], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "to the log\n")


def test_it_outlives_the_thread_that_made_it(functions: object) -> None:
    made: list[Child] = []
    thread = threading.Thread(target=lambda: made.append(child_of(functions, "echo")))
    thread.start()
    thread.join()
    time.sleep(0.2)
    made[0].pipe.send(1)
    assert made[0].pipe.recv() == 1
    made[0].close()


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux to end the child")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_parent_even_within_a_call_that_does_not_return(functions: object, number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, *sys.path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    try:
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.send_signal(number)
        parent.wait(60)
    finally:
        parent.kill()
        parent.stdout.close()
    assert_ends(pid)


def test_ctrl_c_is_left_to_its_parent(functions: object) -> None:
    child = child_of(functions, "echo")
    child.pipe.send(1)
    assert child.pipe.recv() == 1
    os.kill(child.pid, signal.SIGINT)
    child.pipe.send(2)
    assert child.pipe.recv() == 2
    child.close()


def test_nothing_stays_open_here(functions: object) -> None:
    gc.collect()  # what other tests left goes now
    before = set(Path("/proc/self/fd").iterdir())
    for _ in range(5):
        child_of(functions, "echo").close()
    assert set(Path("/proc/self/fd").iterdir()) <= before
