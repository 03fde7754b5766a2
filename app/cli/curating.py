"""Commands that list findings over all records, and correct records beside their documents."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Home, Json, errors, new_console, print_json, services_of


class PatchForm(StrEnum):
    """Forms in which `corrections` prints a patch."""

    PATCH = "patch"
    JSON_PATCH = "json-patch"


def findings(
    home: Home = None,
    source: Annotated[str | None, typer.Option("--source", help="Only of this source.", show_default=False)] = None,
    community: Annotated[
        str | None, typer.Option("--community", help="Only of this community, e.g. community:bigmap.", show_default=False)
    ] = None,
    code: Annotated[str | None, typer.Option("--code", help="Only of this kind, e.g. missing-unit.", show_default=False)] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="Causes to print.")] = 20,
    token: Annotated[
        str | None, typer.Option("--token", help="Count what its holder may read; unset: everything.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """List the causes of findings over all records, those in most places first."""
    from app.curating import among, causes_json, print_causes

    with errors(json):
        found = causes_json(services_of(home), among(source, community, code), token, limit=limit)
        if json:
            print_json(found)
        else:
            print_causes(found, new_console())


def correct(
    record: Annotated[str | None, typer.Argument(help="Id of the record, e.g. cells/a.jsonld.", show_default=False)] = None,
    home: Home = None,
    finding: Annotated[
        int | None, typer.Option("--finding", min=1, help="Number of the finding to mend.", show_default=False)
    ] = None,
    suggestion: Annotated[int, typer.Option("--suggestion", min=1, help="Number of its suggestion to take.")] = 1,
    all_certain: Annotated[bool, typer.Option("--all-certain", help="Take every suggestion that is certain.")] = False,
    edits: Annotated[
        Path | None, typer.Option("--edits", help="File of edits as JSON, or - for standard input.", show_default=False)
    ] = None,
    revoke: Annotated[str | None, typer.Option("--revoke", help="Id of a correction to take back.", show_default=False)] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for readers and the owner.", show_default=False)] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who; unset: your user name.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Mend a record beside its document, or take that back. With a record alone: its findings and suggestions, numbered."""
    from app.curating import Asked, correct_json, findings_of, print_kept, print_numbered, revoke_json

    asked = Asked(finding or 0, suggestion, all_certain, edits)
    wanted = [finding is not None, all_certain, edits is not None, revoke is not None]
    if sum(wanted) > 1 or (record is None) == (revoke is None):
        raise typer.BadParameter("a record with --finding, --all-certain or --edits; or --revoke alone", param_hint="RECORD")
    if any(wanted) and not reason:
        raise typer.BadParameter("say why, for those who read the record and for its owner", param_hint="--reason")
    with errors(json):
        services = services_of(home)
        if record is not None and not any(wanted):
            shown = findings_of(services, record)
            if json:
                print_json({"findings": shown})
            else:
                print_numbered(shown, new_console())
            return
        if revoke is not None:
            kept = [revoke_json(services, revoke, reason=str(reason), by=by)]
        else:
            kept = correct_json(services, str(record), asked, reason=str(reason), by=by)
        if json:
            print_json({"corrections": kept})
        else:
            print_kept(kept, new_console())


def corrections(
    record: Annotated[str | None, typer.Argument(help="Id of a record; unset: all.", show_default=False)] = None,
    home: Home = None,
    export: Annotated[
        PatchForm | None, typer.Option("--export", help="Print them as a patch for the owner of the document.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """List corrections: who, when, why, what; or print those of a record as a patch."""
    from app.curating import list_json, print_corrections, write_patch

    if export is not None and record is None:
        raise typer.BadParameter("a patch is of one record", param_hint="RECORD")
    with errors(json):
        services = services_of(home)
        if export is not None:
            write_patch(services, str(record), export.value)
            return
        shown = list_json(services, record)
        if json:
            print_json(shown)
        else:
            print_corrections(shown["corrections"], new_console())
