"""Errors in units."""

from __future__ import annotations

import json

from benchmarks.mutations.places import (
    C_LANGUAGE,
    Injected,
    Make,
    Source,
    World,
    injected,
    is_unit,
    local,
    node_start,
    pick,
    types_of,
    without_member,
)


def unit_of_another_dimension(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and any(world.dimension_of(one) for one in types_of(token.parent)))
    if token is None:
        return None
    name = local(token.value)
    dimension = world.dimension_of(name)
    others = [
        one for one in ("Volt", "AmpereHour", "Kilogram", "Metre", "Ohm", "Second", "Watt") if world.dimension_of(one) != dimension
    ]
    if dimension is None or not others:
        return None
    other = token.value[: -len(name)] + world.random.choice(others)
    return injected(source, token.start, token.end, json.dumps(other), "wrong-dimension")


def two_units(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_unit)
    if token is None:
        return None
    name = local(token.value)
    other = token.value[: -len(name)] + ("Volt" if name != "Volt" else "Ampere")
    return injected(source, token.start, token.end, json.dumps([token.value, other]), "several-units")


def unit_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and any(world.dimension_of(one) for one in types_of(token.parent)))
    if token is None or len(token.parent) < 2:
        return None
    place = node_start(source, token)
    return Injected(without_member(source.text, token), source.text.count("\n", 0, place) + 1, frozenset({"missing-unit"}))


def language_as_unit(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and any("emperature" in one for one in types_of(token.parent)))
    if token is None:
        return None
    right = token.value if local(token.value) == "DegreeCelsius" else None
    return injected(source, token.start, token.end, json.dumps(C_LANGUAGE), "language-as-unit", right)


KINDS: tuple[Make, ...] = (
    unit_of_another_dimension,
    two_units,
    unit_left_out,
    language_as_unit,
)
