"""What a query may take, by who asks."""

from __future__ import annotations

from access.identity import ANONYMOUS, Actor
from app.allowances import Allowances
from app.settings import Settings
from graph.queries import Allowance
from records.rights import PUBLIC


def test_everybody_has_little_and_an_account_more() -> None:
    allowances = Allowances({})
    assert allowances.of(ANONYMOUS) == Allowance(20, 500_000_000, 100_000, 50_000_000, 2)
    assert allowances.of(Actor("ada", PUBLIC)) == Allowance(60, 1_000_000_000, 1_000_000, 500_000_000, 4)


def test_an_actor_has_the_most_generous_of_each_bound_of_the_audiences_it_holds() -> None:
    allowances = Allowances({"role:a": {"seconds": 600, "rows": 5}, "bma/role:b": {"seconds": 90, "rows": 7_000_000}})
    both = allowances.of(Actor("ada", PUBLIC | {"local/role:a", "bma/role:b"}))
    assert (both.seconds, both.rows, both.concurrent) == (600, 7_000_000, 4)
    one = allowances.of(Actor("bob", PUBLIC | {"local/role:a", "local/role:b"}))
    assert (one.seconds, one.rows) == (600, 1_000_000)


def test_what_is_chosen_for_everybody_replaces_the_default_also_by_less() -> None:
    allowances = Allowances({"any": {"seconds": 3}, "auth": {"seconds": 2}})
    assert allowances.of(ANONYMOUS).seconds == 3
    assert allowances.of(ANONYMOUS).rows == 100_000
    assert allowances.of(Actor("ada", PUBLIC)).seconds == 3


def test_the_default_takes_little_enough_for_a_machine_of_24_gigabytes() -> None:
    most = Allowances({}).of(Actor("ada", PUBLIC)).memory_bytes
    assert (most + 150_000_000) * Settings.model_fields["query_processes"].default < 16_000_000_000
