"""Commands that check and mend JSON-LD files, and say what is checked."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Exit, Home, Json, errors, new_console, print_json, progress, services_of


class Level(StrEnum):
    """Severities at which `validate` fails."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


class FindingForm(StrEnum):
    """Forms in which `validate` tells findings."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    SHACL = "shacl"
    JUNIT = "junit"
    HTML = "html"


class Sureness(StrEnum):
    """How sure a suggestion must be for `fix` to take it."""

    CERTAIN = "certain"
    LIKELY = "likely"


Profile = Annotated[
    list[str] | None,
    typer.Option("--profile", help="Profile to check against (repeatable); unset: those of the settings.", show_default=False),
]


def validate(
    targets: Annotated[
        list[str],
        typer.Argument(help="JSON-LD files, folders, http(s) addresses, or - for standard input.", show_default=False),
    ],
    home: Home = None,
    profile: Profile = None,
    format: Annotated[FindingForm, typer.Option("--format", help="Form of the report.")] = FindingForm.TEXT,  # noqa: A002
    fail_on: Annotated[
        Level, typer.Option("--fail-on", help="Least grave finding that makes the command exit with 1.")
    ] = Level.VIOLATION,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write the report to; unset: standard output.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Check JSON-LD files and say where and how to mend them. Nothing is stored."""
    from app.validation import Form as ReportForm
    from app.validation import validate as find
    from app.validation import write_report
    from records.issues import Severity

    form = ReportForm.JSON if json else ReportForm(format.value)
    with errors(form is ReportForm.JSON):
        services = services_of(home)
        with progress("Checking", "documents") as on_progress:
            report = find(
                services, targets, profiles=tuple(profile or ()), threshold=Severity(fail_on.value), on_progress=on_progress
            )
        write_report(report, form, new_console(), output)
        if report.fails:
            raise typer.Exit(Exit.FINDINGS)


def fix(
    targets: Annotated[list[str], typer.Argument(help="JSON-LD files and folders.", show_default=False)],
    home: Home = None,
    profile: Profile = None,
    apply: Annotated[bool, typer.Option("--apply", help="Write the files.")] = False,
    patch: Annotated[bool, typer.Option("--patch", help="Print the changes alone, for `git apply` or `patch -p1`.")] = False,
    certainty: Annotated[Sureness, typer.Option("--certainty", help="How sure a suggestion must be at least.")] = Sureness.CERTAIN,
    allow_value_changes: Annotated[
        bool, typer.Option("--allow-value-changes", help="Take suggestions that change a value, and not just how it is written.")
    ] = False,
    json: Json = False,
) -> None:
    """Mend JSON-LD files where it is certain what is meant; without --apply only show how."""
    from app.mending import fix_files, print_fixed, summary, write_patch
    from records.issues import Certainty

    if apply and patch:
        raise typer.BadParameter("--apply writes and --patch prints: choose one")
    with errors(json):
        services = services_of(home)
        with progress("Mending", "documents") as on_progress:
            done = list(
                fix_files(
                    services,
                    targets,
                    Certainty(certainty.value),
                    profiles=tuple(profile or ()),
                    change_values=allow_value_changes,
                    apply=apply,
                    on_progress=on_progress,
                )
            )
        if json:
            print_json({"applied": apply, "files": [one.to_json() for one in done]})
        elif patch:
            write_patch(done)
            typer.echo(summary(done, applied=False), err=True)
        else:
            console = new_console()
            print_fixed(done, console, diff=not apply)
            console.print(summary(done, applied=apply), highlight=False, soft_wrap=True)
        if any(one.error for one in done):
            raise typer.Exit(Exit.SOURCE)
        if not apply and not patch and any(one.is_changed for one in done):
            raise typer.Exit(Exit.FINDINGS)


def explain(
    code: Annotated[str, typer.Argument(help="Code of a finding, e.g. missing-unit.", show_default=False)], json: Json = False
) -> None:
    """Say what a kind of finding means and how to mend it."""
    from app.explanation import explained, page_json, print_page

    with errors(json):
        page = explained(code)
        if json:
            print_json(page_json(page))
        else:
            print_page(page, new_console())


def profiles(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Profiles to show with their shapes.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """List the profiles that records are checked against; with names, what each asks and why."""
    from app.profile_list import print_profiles, profiles_json

    with errors(json):
        found = profiles_json(services_of(home), names or ())
        if json:
            print_json(found)
        else:
            print_profiles(found, new_console(), with_shapes=bool(names))
