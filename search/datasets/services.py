"""What building a training set uses, and who watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from access.identity import Actor
from graph.guard import QueryLimits
from graph.queries import Allowance, QueryRunner
from graph.saved_queries import QueryCatalogue
from graph.snapshots import Snapshots
from records.errors import CancelledError
from search.datasets.provenance import Describe
from search.service import SearchServices


@dataclass(frozen=True)
class DatasetServices:
    """What building a training set uses; `app.bootstrap` makes it.

    Args:
        snapshots: Freezes and finds what is read.
        queries: Answers queries.
        allowance_of: What one query of an actor may take.
        catalogue: Saved queries.
        search: The search flow's services.
        describe: Title and findings of a record today.
        limits: How long and deep a query may be.
        address: Where the service is: ``https://HOST/``.
        program: Name and version of the program.
        clock: The time, in UTC.
    """

    snapshots: Snapshots
    queries: QueryRunner
    allowance_of: Callable[[Actor], Allowance]
    catalogue: QueryCatalogue
    search: SearchServices
    describe: Describe
    limits: QueryLimits
    address: str
    program: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches the building.

    Args:
        on_stage: Told what is done next, and how many rows there are (0: not known yet).
        is_cancelled: Asked now and then; once it says yes, the building ends.
    """

    on_stage: Callable[[str, int], None] = lambda _stage, _rows: None
    is_cancelled: Callable[[], bool] = lambda: False

    def stage(self, name: str, rows: int = 0) -> None:
        """Begin the next step.

        Raises:
            CancelledError: It is not wanted any more.
        """
        if self.is_cancelled():
            raise CancelledError("The building was interrupted.", "Send it again.")
        self.on_stage(name, rows)
