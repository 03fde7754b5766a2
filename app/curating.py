"""What the commands of curators do and how their results print: causes, corrections, re-validation; `app.cli` only parses."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from access.audiences import LOCAL, scope
from harvester.corrections import Standing
from harvester.curation import (
    Kept,
    PatchForm,
    Wanted,
    accept,
    accept_certain,
    corrections_json,
    edits_of,
    patch,
    revoke,
    standing_of,
)
from harvester.ledger import Among, Entry
from records.errors import BodyError, NotFoundError
from records.issues import Edit, Operation

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services

Json = dict[str, Any]
OnProgress = Callable[[int, int], None]

_SHOWN = 5
_COLOURS = {"violation": "red", "warning": "yellow", "info": "blue"}


# Causes


def among(source: str | None, community: str | None, kind: str | None) -> Among:
    """Which findings are asked for; a community without a source is one of this installation.

    Raises:
        SettingsError: The community is written as none can be.
    """
    return Among(source or "", scope(community, LOCAL) if community else "", kind or "")


def causes_json(services: Services, among: Among, token: str | None, *, limit: int) -> Json:
    """Causes of findings: over every document, or over those whose files the holder of a token may read."""
    ledger = services.ledger
    if token is None:
        return ledger.all_causes(among, limit=limit, offset=0).to_json()
    return ledger.causes(services.identity.resolve(token).audiences, among, limit=limit, offset=0).to_json()


def print_causes(report: Mapping[str, Any], console: Console) -> None:
    """Print each cause with how far it reaches."""
    for cause in report["causes"]:
        told = [f"{_count(cause['places'], 'place')} in {_count(cause['records'], 'file')}"]
        told += [f"one fix: {cause['fix']}"] if cause["fix"] else []
        told += [f"first seen {cause['first_seen'][:10]}"]
        told += [f"unblocks {_count(cause['unblocks'], 'record')}"] if cause["unblocks"] else []
        console.print(
            f"[{_COLOURS[cause['severity']]}]{cause['severity']}[/] {_plain(cause['title'])}: {_plain('; '.join(told))}"
            f" [dim]({_plain(cause['code'])})[/]",
            soft_wrap=True,
        )
        console.print("    " + ", ".join(cause["examples"][:3]), style="dim", markup=False, soft_wrap=True)
    left = report["total"] - len(report["causes"])
    more = f"; {left:,} more: --limit" if left else ""
    console.print(
        f"{_count(report['total'], 'cause')}: {_count(report['places'], 'place')} in {_count(report['records'], 'file')}{more}"
    )


# Corrections


@dataclass(frozen=True, slots=True)
class Asked:
    """What `correct` is asked to do.

    Args:
        finding: Number of a finding, from 1; 0 when none is named.
        suggestion: Number of its suggestion, from 1.
        all_certain: Whether to take everything that is certain.
        edits: File of edits as JSON; ``-`` is standard input.
    """

    finding: int
    suggestion: int
    all_certain: bool
    edits: Path | None


def entry_of(services: Services, record: str) -> Entry:
    """What is known of a record, whoever may read it: the operator asks.

    Raises:
        NotFoundError: There is none, or nothing of it is kept.
    """
    entry = services.ledger.entry(record)
    if entry is None or not (entry.digest or entry.seen):
        raise NotFoundError(f"There is no record {record!r}.", "`voltagraph findings` and `voltagraph search` name records.")
    return entry


def correct_json(services: Services, record: str, asked: Asked, *, reason: str, by: str | None) -> list[Json]:
    """Keep corrections of a record, and read it with them."""
    entry, name = entry_of(services, record), by or _operator()
    if asked.all_certain:
        return [kept.to_json() for kept in accept_certain(services.curation, entry, by=name, reason=reason)]
    wanted = Wanted(asked.finding, asked.suggestion, _edits_of_file(asked.edits) if asked.edits else ())
    return [accept(services.curation, entry, edits_of(entry, wanted), by=name, reason=reason).to_json()]


def revoke_json(services: Services, correction: str, *, reason: str, by: str | None) -> Json:
    """Take a correction back, and read its record without it."""
    found = services.corrections.get(correction)
    if found is None:
        raise NotFoundError(f"There is no correction {correction!r}.", "`voltagraph corrections` lists them.")
    kept: Kept = revoke(services.curation, found, by=by or _operator(), reason=reason)
    return kept.to_json()


def list_json(services: Services, record: str | None) -> Json:
    """The corrections of one record, or of all."""
    if record is not None:
        return corrections_json(services.curation, entry_of(services, record))
    shown = []
    entries: dict[str, Entry | None] = {}
    for correction in services.corrections.all():
        if correction.record not in entries:
            entries[correction.record] = services.ledger.entry(correction.record)
        shown.append(correction.to_json(standing_of(correction, entries[correction.record])))
    return {"corrections": shown}


def write_patch(services: Services, record: str, form: str) -> None:
    """Write the corrections of a record for the owner of its document on standard output."""
    sys.stdout.buffer.write(patch(services.curation, entry_of(services, record), PatchForm(form)))
    sys.stdout.buffer.flush()


def findings_of(services: Services, record: str) -> list[Json]:
    """The findings of a record as `correct` numbers them."""
    return [issue.to_json() for issue in entry_of(services, record).issues]


def print_numbered(findings: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print findings with their numbers, and below each its suggestions with theirs."""
    for number, finding in enumerate(findings, 1):
        place = f"{finding['source']}:{finding['line']}:{finding['column']}" if finding["line"] else finding["source"]
        severity = f"[{_COLOURS[finding['severity']]}]{finding['severity']}[/]"
        console.print(
            f"{number:3}  {_plain(place)}: {severity} {_plain(finding['message'])} [dim]({finding['code']})[/]", soft_wrap=True
        )
        for choice, suggestion in enumerate(finding["suggestions"], 1):
            exact = f"  {finding['value']} → {suggestion['replacement']}" if suggestion["replacement"] is not None else ""
            how = suggestion["certainty"] if suggestion["edits"] else "in words only"
            console.print(f"     {choice}. {suggestion['text']}{exact} ({how})", style="dim", markup=False, soft_wrap=True)
    console.print(
        "Correct one with --finding N --reason TEXT, or all that is certain with --all-certain." if findings else "No findings."
    )


def print_corrections(corrections: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print corrections: who, when, why, and what they change."""
    for correction in corrections:
        mended = f" · mended {', '.join(correction['codes'])}" if correction["codes"] else ""
        console.print(
            f"[bold]{correction['id']}[/] {_plain(correction['record'])}  [bold]{correction['standing']}[/]{_plain(mended)}",
            soft_wrap=True,
        )
        console.print(
            f"  {correction['by']}, {correction['at'][:10]}: {correction['reason']}", markup=False, soft_wrap=True, style="dim"
        )
        for change in correction["changes"][:_SHOWN]:
            console.print(
                f"  {change['operation']} {change['pointer']}: {_flat(change['before'])} → {_flat(change['after'])}",
                markup=False,
                soft_wrap=True,
            )
        if len(correction["changes"]) > _SHOWN:
            console.print(f"  … and {len(correction['changes']) - _SHOWN:,} more changes")
        if revoked := correction["revoked"]:
            console.print(
                f"  revoked by {revoked['by']}, {revoked['at'][:10]}: {revoked['reason']}",
                markup=False,
                soft_wrap=True,
                style="dim",
            )
    if not corrections:
        console.print("No corrections.")


def print_kept(kept: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print what was kept, and what came of it."""
    if not kept:
        console.print("Nothing is certain: take a suggestion with --finding N, or give --edits FILE.")
        return
    print_corrections(kept, console)
    for word, counts in (("Mended", "mended"), ("New findings", "new_findings")):
        told = {code: sum(one[counts].get(code, 0) for one in kept) for one in kept for code in one[counts]}
        if told:
            console.print(f"{word}: " + ", ".join(f"{number:,} × {code}" for code, number in sorted(told.items())))
    if any(one["pending"] for one in kept):
        console.print(
            "Kept, and pending: another process is writing the stores; it, or the next harvest, reads the record with it.",
            style="yellow",
        )
    for one in kept:
        if one["standing"] == Standing.OUTDATED.value and not one["pending"]:
            console.print(f"The record is read without {one['id']}: its findings say why.", style="yellow")


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def _edits_of_file(path: Path) -> tuple[Edit, ...]:
    """Edits from a JSON array of objects, as suggestions print them.

    Raises:
        BodyError: It is none.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
        given = json.loads(text)
        return tuple(
            Edit(
                Operation(one["operation"]),
                "" if one["operation"] == Operation.SPLICE else str(one["pointer"]),
                str(one.get("content", "")),
            )
            for one in given
        )
    except OSError as error:
        raise BodyError(f"{path} cannot be read: {error.strerror}.", "Name a file of edits.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BodyError(
            f"{path} holds no edits: {error}.", 'Write [{"operation": "replace", "pointer": "/mass", "content": "45"}].'
        ) from error


# Re-validation


def revalidate_json(services: Services, on_progress: OnProgress | None) -> Json:
    """What reading everything under today's settings would change; nothing is written."""
    from harvester.revalidation import revalidate

    found = revalidate(services.reader, services.ledger, services.payloads, services.corrections, on_progress=on_progress)
    return {"outdated": services.is_outdated, **found.to_json()}


def print_revalidation(found: Mapping[str, Any], console: Console) -> None:
    """Print what would break and what would be repaired, by cause."""
    breaks, repairs = found["breaks"], found["repairs"]
    console.print(
        f"Read anew today, {_count(breaks['records'], 'record')} would break and {repairs['records']:,} would be repaired, "
        f"of {_count(found['documents'], 'document')}; {found['differ']:,} would change otherwise. "
        f"Nothing was written ({found['seconds']:.1f} s).",
        soft_wrap=True,
    )
    for title, side, colour in (("Breaks", breaks, "red"), ("Repairs", repairs, "green")):
        for cause in side["causes"]:
            more = ", …" if cause["records"] > len(cause["first"]) else ""
            console.print(
                f"[{colour}]{title}[/] {_count(cause['records'], 'record')}: {_plain(cause['title'])} [dim]({cause['code']})[/]",
                soft_wrap=True,
            )
            console.print(f"    {', '.join(cause['first'])}{more}", style="dim", markup=False, soft_wrap=True)
    if not found["outdated"]:
        console.print("The records were read under today's settings.", style="dim")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _flat(text: str) -> str:
    flat = " ".join(text.split())
    return "nothing" if not flat else flat if len(flat) <= 80 else f"{flat[:79]}…"


def _plain(text: str) -> str:
    """Text that Rich shows as it is."""
    from rich.markup import escape

    return escape(text)
