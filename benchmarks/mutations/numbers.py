"""Errors in numbers."""

from __future__ import annotations

import json

from benchmarks.mutations.places import (
    Injected,
    Make,
    Source,
    World,
    injected,
    is_number,
    node_start,
    pick,
    pick_number,
    types_of,
    without_member,
)

VOLTAGE_LIMITS = ("LowerVoltageLimit", "UpperVoltageLimit")


def empty_number(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return None if token is None else injected(source, token.start, token.end, '""', "missing-value")


def nan_in_quotes(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, world.random.choice(('"NaN"', '"n.a."', '"-"')), "missing-value")
    )


def nan_without_quotes(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return None if token is None else injected(source, token.start, token.end, "NaN", "nan", "null")


def number_as_text(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, f'"{written}"', "number-as-text", written)


def decimal_comma(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: is_number(token) and "." in source.text[token.start : token.end])
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, '"' + written.replace(".", ",") + '"', "decimal-comma", written)


def number_with_words(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, f'"approx. {written}"', "not-a-number", written)


def number_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    if token is None or len(token.parent) < 2:
        return None
    place = node_start(source, token)
    return Injected(without_member(source.text, token), source.text.count("\n", 0, place) + 1, frozenset({"missing-number"}))


def two_numbers(source: Source, world: World) -> Injected | None:
    token = pick(source, world, is_number)
    return (
        None
        if token is None
        else injected(source, token.start, token.end, json.dumps([token.value, token.value * 1.01]), "several-values")
    )


def minus_sign(source: Source, world: World) -> Injected | None:
    wanted = {"RatedCapacity", "NominalCapacity", "Mass", "Height", "Diameter", "Width", "Length", "Thickness"}
    token = pick_number(source, world, wanted)
    if token is None:
        return None
    written = source.text[token.start : token.end]
    return injected(source, token.start, token.end, f"-{written}", "negative-size", written)


def slip_of_a_thousand(source: Source, world: World) -> Injected | None:
    wanted = {"RatedCapacity", "NominalCapacity", "Mass", "Height", "Diameter", "Width", "Thickness", "NominalVoltage"}
    token = pick_number(source, world, wanted)
    if token is None:
        return None
    wrong = token.value * world.random.choice((1000, 0.001))
    return injected(
        source,
        token.start,
        token.end,
        repr(float(f"{wrong:.12g}")),
        "implausible-value size-against-format energy-against-capacity",
    )


def limits_swapped(source: Source, _world: World) -> Injected | None:
    """The voltage limits of one thing change places."""
    nodes = [next((node for node in source.tokens if name in types_of(node.value)), None) for name in VOLTAGE_LIMITS]
    if any(node is None for node in nodes) or len({node.pointer.rpartition("/")[0] for node in nodes if node}) > 1:
        return None
    numbers = [
        token
        for node in nodes
        if node
        for token in source.tokens
        if is_number(token) and token.pointer.startswith(f"{node.pointer}/")
    ]
    if len(numbers) != 2 or numbers[0].value >= numbers[1].value:
        return None
    lower, upper = numbers
    first, second = sorted((lower, upper), key=lambda token: token.start)
    written = source.text[first.start : first.end], source.text[second.start : second.end]
    text = source.text[: first.start] + written[1] + source.text[first.end : second.start] + written[0] + source.text[second.end :]
    lines = {text.count("\n", 0, token.start) + 1 for token in (lower, upper)}
    return Injected(text, -min(lines) * 100_000 - max(lines), frozenset({"limits-reversed"}))


KINDS: tuple[Make, ...] = (
    empty_number,
    nan_in_quotes,
    nan_without_quotes,
    number_as_text,
    decimal_comma,
    number_with_words,
    number_left_out,
    two_numbers,
    minus_sign,
    slip_of_a_thousand,
    limits_swapped,
)
