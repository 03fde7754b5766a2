"""What a query may take, by who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from access.audiences import LOCAL, scope
from access.identity import ANONYMOUS, Actor
from app.settings import QueryBounds
from graph.queries import Allowance
from records.rights import ANY

ACCOUNTS = "auth"
"""In the setting: everybody who has an account, of whatever source."""

DEFAULTS: Mapping[str, QueryBounds] = {
    ANY: {"seconds": 20, "memory_bytes": 500_000_000, "rows": 100_000, "bytes": 50_000_000, "concurrent": 2},
    ACCOUNTS: {"seconds": 60, "memory_bytes": 1_000_000_000, "rows": 1_000_000, "bytes": 500_000_000, "concurrent": 4},
}
"""With 12 processes: at most 12 GB of memory, if every one of them is an account's."""


class Allowances:
    """Finds what a query of an actor may take: of each bound the most generous among the audiences that the actor holds.

    Args:
        chosen: From the settings, by audience: ``any``, ``auth`` (every account), or any other; what is left out stays as it is.

    Raises:
        SettingsError: That is no audience.

    >>> from records.rights import PUBLIC
    >>> allowances = Allowances({"role:trainer": {"seconds": 600}})
    >>> allowances.of(ANONYMOUS).seconds, allowances.of(Actor("ada", PUBLIC)).seconds
    (20, 60)
    >>> trainer = allowances.of(Actor("lin", PUBLIC | {"local/role:trainer"}))
    >>> trainer.seconds, trainer.rows
    (600, 1000000)
    """

    def __init__(self, chosen: Mapping[str, QueryBounds]) -> None:
        self._bounds: dict[str, dict[str, Any]] = {audience: dict(bounds) for audience, bounds in DEFAULTS.items()}
        for audience, bounds in chosen.items():
            self._bounds.setdefault(audience if audience == ACCOUNTS else scope(audience, LOCAL), {}).update(bounds)

    def of(self, actor: Actor) -> Allowance:
        """What one query of this actor may take."""
        held = {*actor.audiences, ANY, *([] if actor == ANONYMOUS else [ACCOUNTS])}
        mine = [bounds for audience, bounds in self._bounds.items() if audience in held]
        return Allowance(**{bound.name: max(one[bound.name] for one in mine if bound.name in one) for bound in fields(Allowance)})
