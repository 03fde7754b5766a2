"""Errors in what is said to be what."""

from __future__ import annotations

import json

from benchmarks.mutations.places import Injected, Make, Source, World, injected, is_type, is_unit, pick


def class_as_property(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: token.key == "hasProperty" and token.key_start >= 0)
    return (
        None
        if token is None
        else injected(source, token.key_start, token.key_end, '"RatedCapacity"', "class-as-property", "hasProperty")
    )


def property_as_class(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_type(token) and token.value in world.terms)
    return None if token is None else injected(source, token.start, token.end, '"hasProperty"', "property-as-class")


def deprecated_class(source: Source, world: World) -> Injected | None:
    """A deprecated class of batteries in the place of another class of batteries."""
    token = pick(source, world, lambda token: is_type(token) and token.value in world.terms and token.value.endswith("Battery"))
    if token is None or not world.deprecated_batteries:
        return None
    return injected(source, token.start, token.end, json.dumps(world.random.choice(world.deprecated_batteries)), "deprecated-class")


def deprecated_unit(source: Source, world: World) -> Injected | None:
    """The former IRI of a unit, for which the ontology names the one that replaces it."""
    back = {new: old for old, new in world.deprecated.items() if new}
    token = pick(source, world, lambda token: is_unit(token) and token.value in back)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, json.dumps(back[token.value]), "deprecated-class", token.value)
    )


def empty_type(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_type)
    return None if token is None else injected(source, token.start, token.end, '""', "empty-type")


KINDS: tuple[Make, ...] = (
    class_as_property,
    property_as_class,
    deprecated_class,
    deprecated_unit,
    empty_type,
)
