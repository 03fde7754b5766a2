"""The client is a wheel of its own: built, unpacked alone, and imported without anything of the service."""

from __future__ import annotations

import re
import subprocess
import sys
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--quiet",
        "-w",
        str(target),
        str(PROJECT),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    [made] = target.glob("*.whl")
    return made


def test_the_wheel_has_the_package_and_its_types_and_no_more(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    assert {"voltagraph_client/__init__.py", "voltagraph_client/py.typed"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"voltagraph_client", "voltagraph_client-0.1.0.dist-info"}


def test_it_needs_little(wheel: Path) -> None:
    [name] = [name for name in ZipFile(wheel).namelist() if name.endswith("METADATA")]
    metadata = Parser().parsestr(ZipFile(wheel).read(name).decode())
    needed = [re.split("[<>]", text)[0] for text in metadata.get_all("Requires-Dist", ()) if "extra" not in text]
    assert sorted(needed) == ["pyarrow", "urllib3"]


def test_it_is_imported_without_the_service(wheel: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path)
    program = (
        "import sys\n"
        f"sys.path[:0] = [{str(tmp_path)!r}]\n"
        "import voltagraph_client as client\n"
        f"assert client.__file__.startswith({str(tmp_path)!r}), client.__file__\n"
        "service = {'graph', 'api', 'app', 'records', 'search', 'harvester'} & set(sys.modules)\n"
        "assert not service, service\n"
        "assert 'pandas' not in sys.modules\n"
        "client.Client('http://127.0.0.1:9').close()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, timeout=60)
