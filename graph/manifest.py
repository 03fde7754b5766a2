"""Whether the engine's list of its own files is whole: of one that is cut off it makes an earlier state and says nothing.

The list, ``MANIFEST-...``, is only ever appended to, and the engine begins a new one whenever it opens a store for writing. Beside
it stands how long it was when it was last noted, and the digest of so much of it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from graph.files import write_whole
from graph.system_graph import REBUILD
from records.errors import StoreDamagedError

_NOTE: Final = "MANIFEST.sum"


def note_manifest(folder: Path) -> None:
    """Note how the list of a store is now.

    Raises:
        OSError: The note cannot be written.
    """
    name = _name(folder)
    content = (folder / name).read_bytes()
    write_whole(folder / _NOTE, f"{name} {len(content)} {hashlib.sha256(content).hexdigest()}")


def check_manifest(folder: Path) -> None:
    """Compare the list with its note; without a note, or with a list that is newer than it, there is nothing to compare.

    Raises:
        StoreDamagedError: It is shorter than it was, or other bytes are in it.
        OSError: It is there and cannot be read.
    """
    try:
        name, size, sha256 = (folder / _NOTE).read_text(encoding="utf-8").split()
        if name != _name(folder):
            return
        with (folder / name).open("rb") as file:
            begun = file.read(int(size))
    except (FileNotFoundError, ValueError):
        return  # a list that is missing the engine notices itself
    if len(begun) != int(size) or hashlib.sha256(begun).hexdigest() != sha256:
        raise StoreDamagedError(f"The graph store {folder} is damaged: {name} is not as it was written.", REBUILD)


def _name(folder: Path) -> str:
    return (folder / "CURRENT").read_text(encoding="utf-8", errors="replace").strip()
