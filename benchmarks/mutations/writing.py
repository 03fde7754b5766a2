"""Errors in how a document is written: addresses, contexts, and JSON itself."""

from __future__ import annotations

import json

from benchmarks.mutations.places import Injected, Make, Source, World, in_context, injected, pick, typo


def space_in_an_iri(source: Source, world: World) -> Injected | None:
    token = pick(
        source,
        world,
        lambda token: (
            token.key == "@id" and str(token.value).startswith("http") and token.value.count("/") > 3 and not in_context(token)
        ),
    )
    if token is None:
        return None
    place = token.value.rindex("/") + 1
    wrong = token.value[:place] + "a b" + token.value[place:]
    return injected(source, token.start, token.end, json.dumps(wrong), "invalid-iri", wrong.replace(" ", "%20"))


def misspelt_context(source: Source, world: World) -> Injected | None:
    token = pick(
        source,
        world,
        lambda token: (
            in_context(token) and isinstance(token.value, str) and token.value.startswith("http") and token.key == "@context"
        ),
    )
    if token is None:
        return None
    head, _, tail = token.value.rpartition("/")
    return injected(
        source, token.start, token.end, json.dumps(f"{head}/{typo(tail, world)}"), "context-not-configured", token.value
    )


def key_twice(source: Source, world: World) -> Injected | None:
    token = pick(
        source, world, lambda token: token.key_start >= 0 and not isinstance(token.value, dict | list) and not in_context(token)
    )
    if token is None:
        return None
    member = source.text[token.key_start : token.end]
    return injected(source, token.end, token.end, f", {member}", "duplicate-key", "")


def comma_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: bool(token.pointer) and source.text[token.end : token.end + 1] == ",")
    if token is None:
        return None
    return injected(source, token.end, token.end + 1, "", "not-json", ",", at=token.end)


def comma_too_many(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: bool(token.pointer) and source.text[token.end :].lstrip()[:1] in ("}", "]"))
    return None if token is None else injected(source, token.end, token.end, ",", "not-json", "", at=token.end)


def quote_left_out(source: Source, world: World) -> Injected | None:
    token = pick(source, world, lambda token: token.key_start >= 0)
    if token is None:
        return None
    right = source.text[token.key_start : token.key_end]
    return injected(source, token.key_end - 1, token.key_end, "", "not-json", right, at=token.key_start)


KINDS: tuple[Make, ...] = (
    space_in_an_iri,
    misspelt_context,
    key_twice,
    comma_left_out,
    comma_too_many,
    quote_left_out,
)
