"""Errors in names: of keys, classes, prefixes and units."""

from __future__ import annotations

import json

from benchmarks.mutations.places import (
    Injected,
    Make,
    Source,
    World,
    in_context,
    injected,
    is_term_key,
    is_type,
    is_unit,
    local,
    pick,
    typo,
)


def misspelt_key(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_term_key(token, world))
    return (
        None
        if token is None
        else injected(source, token.key_start, token.key_end, json.dumps(typo(token.key, world)), "undefined-term", token.key)
    )


def misspelt_type(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_type(token) and token.value in world.terms and len(token.value) > 4)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, json.dumps(typo(token.value, world)), "undefined-type", token.value)
    )


def misspelt_prefix_of_a_key(source: Source, world: World) -> Injected | None:
    token = pick(
        source,
        world,
        lambda token: token.key.partition(":")[0] in ("schema", "skos", "rdfs") and token.key_start >= 0 and not in_context(token),
    )
    if token is None:
        return None
    prefix, _, name = token.key.partition(":")
    return injected(
        source, token.key_start, token.key_end, json.dumps(f"{typo(prefix, world)}:{name}"), "undefined-prefix", token.key
    )


def misspelt_prefix_of_a_unit(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and token.value.startswith("emmo:"))
    if token is None:
        return None
    wrong = token.value.replace("emmo:", f"{typo('emmo', world)}:")
    return injected(source, token.start, token.end, json.dumps(wrong), "undefined-prefix", token.value)


def prefix_not_defined(source: Source, world: World) -> Injected | None:
    """A well-known prefix that no context of the document defines."""
    token = pick(
        source, world, lambda token: is_type(token) and token.value in ("ConventionalProperty", "MeasuredProperty", "Real")
    )
    known = world.terms.union(*(inner.value for inner in source.tokens if in_context(inner) and isinstance(inner.value, dict)))
    prefixes = [prefix for prefix in ("fabio", "prov", "bibo", "qudt", "chameo", "dcat") if prefix not in known]
    if token is None or not prefixes:
        return None
    prefix = world.random.choice(prefixes)
    return injected(source, token.start, token.end, json.dumps(f"{prefix}:Thing"), "undefined-prefix")


def misspelt_unit(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_unit(token) and len(local(token.value)) > 3)
    if token is None:
        return None
    name = local(token.value)
    wrong = token.value[: -len(name)] + typo(name, world)
    return injected(source, token.start, token.end, json.dumps(wrong), "undefined-value unknown-concept label-as-iri", token.value)


KINDS: tuple[Make, ...] = (
    misspelt_key,
    misspelt_type,
    misspelt_prefix_of_a_key,
    misspelt_prefix_of_a_unit,
    prefix_not_defined,
    misspelt_unit,
)
