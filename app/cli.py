"""The `voltagraph` command line. Thin: each command parses, calls one function, prints.

Heavy modules are imported inside the commands, so that `voltagraph --help` answers at once.
"""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from app.bootstrap import Services


class Exit(IntEnum):
    """What the exit code of every command means."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    SETTINGS = 3
    SOURCE = 4
    STORE = 5
    QUERY = 6
    FAILED = 7
    INTERRUPTED = 130


class DataForm(StrEnum):
    """Forms of the data files that `export` writes."""

    PARQUET = "parquet"
    ARROW = "arrow"
    CSV = "csv"
    JSONL = "jsonl"


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


class PatchForm(StrEnum):
    """Forms in which `corrections` prints a patch."""

    PATCH = "patch"
    JSON_PATCH = "json-patch"


class Form(StrEnum):
    """Forms in which `sparql` prints its answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    TURTLE = "turtle"
    N_TRIPLES = "ntriples"


class Visibility(StrEnum):
    """Who may see a query that `query save` keeps."""

    PRIVATE = "private"
    AUDIENCES = "audiences"
    PUBLIC = "public"


app = typer.Typer(
    name="voltagraph",
    help="Semantic search for battery research data, exactly within the reader's rights.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 findings, 2 wrong use, 3 settings, 4 source, 5 store, 6 query, 7 failed, 130 interrupted.",
)
ontology_app = typer.Typer(help="Ontologies: look at them, fetch them, make the fact table.", no_args_is_help=True)
app.add_typer(ontology_app, name="ontology")
graph_app = typer.Typer(help="The graph store: check it, make it anew, back it up, bring it back.", no_args_is_help=True)
app.add_typer(graph_app, name="graph")
token_app = typer.Typer(help="Tokens: who may read what beyond the public records.", no_args_is_help=True)
app.add_typer(token_app, name="token")
query_app = typer.Typer(help="Saved queries: find, show, run, save and delete them.", no_args_is_help=True)
app.add_typer(query_app, name="query")
snapshot_app = typer.Typer(help="Snapshots: freeze what you may read now, and ask it again later.", no_args_is_help=True)
app.add_typer(snapshot_app, name="snapshot")

Home = Annotated[
    Path | None, typer.Option("--home", help="Directory where everything is kept (VOLTAGRAPH_HOME).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="VOLTAGRAPH_TOKEN", help="Your token; without one you read public records.", show_default=False),
]
SnapshotOption = Annotated[
    str, typer.Option("--snapshot", help="Name of a snapshot to ask instead of today's records.", show_default=False)
]
Batch = Annotated[bool, typer.Option("--batch", help="One question a line on standard input; one line of JSON out for each.")]

Profile = Annotated[
    list[str] | None,
    typer.Option("--profile", help="Profile to check against (repeatable); unset: those of the settings.", show_default=False),
]

QueryName = Annotated[str, typer.Argument(help="Name of the query; `voltagraph query list` tells them.", show_default=False)]
Version = Annotated[str, typer.Option("--version", help="Number of its version, or latest.")]

_given: dict[str, Path | None] = {"home": None, "config": None}


@app.callback()
def _common(
    home: Home = None,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (VOLTAGRAPH_CONFIG).", show_default=False)] = None,
) -> None:
    _given.update(home=home, config=config)


def _services(home: Path | None, **given: Any) -> Services:
    from app.bootstrap import build_services
    from app.logs import configure_logs
    from app.settings import load_settings

    settings = load_settings(config=_given["config"], home=home or _given["home"], **given)
    configure_logs(settings.log_level, settings.log_format)
    return build_services(settings)


@app.command()
def harvest(
    path: Annotated[Path, typer.Argument(help="A folder of JSON-LD files, or one file.", show_default=False)],
    home: Home = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the source; unset: the folder's name.", show_default=False)
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            "--audience",
            help="Who may read documents without a rights file: any, community:NAME, user:ID, ... (repeatable).",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a document is refused.")] = False,
) -> None:
    """Bring a folder of JSON-LD files in: new, changed and withdrawn ones.

    Interrupted runs go on where they stopped. Unchanged documents are left alone.
    """
    from app.commands import harvest_folder

    with _errors(json):
        services = _services(home)
        with _progress("Harvesting", "documents") as on_progress:
            report = harvest_folder(services, path, name=name, audience=audience, on_progress=on_progress)
        _embed_harvested(services)
        if json:
            _print_json(report.to_json())
        else:
            report.print(_console())
        if strict and report.harvest.refused:
            raise typer.Exit(Exit.FINDINGS)


@app.command()
def search(
    text: Annotated[
        str | None, typer.Argument(help='The question, e.g. "prismatic LFP cell above 100 Ah".', show_default=False)
    ] = None,
    home: Home = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Hits to print.")] = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, max=10_000, help="Hits to leave out first.")] = 0,
    token: Token = None,
    json: Json = False,
    batch: Batch = False,
) -> None:
    """Search records by concept, number and text."""
    from app.commands import print_search, search_json

    with _errors(json or batch):
        services = _services(home)
        actor = services.identity.resolve(token)
        if batch:
            _answer_lines(lambda line: search_json(services, line, actor, limit=limit, offset=offset))
            return
        answer = search_json(services, _one(text), actor, limit=limit, offset=offset)
        if json:
            _print_json(answer)
        else:
            print_search(answer, _console())


@app.command()
def ask(
    text: Annotated[
        str | None,
        typer.Argument(
            help='The question, e.g. "What is the rated capacity of the A123 20AH?"; with --batch a file of questions, or - for '
            "standard input.",
            show_default=False,
        ),
    ] = None,
    home: Home = None,
    token: Token = None,
    json: Json = False,
    batch: Annotated[bool, typer.Option("--batch", help="Answer one question a line; one line of JSON out for each.")] = False,
) -> None:
    """Answer a question with a value, a count, names or yes and no, and say where it stands."""
    from app.asking import answers, ask_json, opened, print_answer

    with _errors(json or batch):
        services = _services(home)
        actor = services.identity.resolve(token)
        if batch:
            with opened(text) as lines:
                for answer in answers(services, lines, actor):
                    _print_json(answer)
                    sys.stdout.flush()
            return
        answer = ask_json(services, _one(text), actor)
        if json:
            _print_json(answer)
        else:
            print_answer(answer, _console())


@app.command()
def concepts(
    text: Annotated[
        str | None, typer.Argument(help='A label, abbreviation, formula, IRI or CURIE, e.g. "lithium iron".', show_default=False)
    ] = None,
    home: Home = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Candidates to print.")] = 10,
    json: Json = False,
    batch: Batch = False,
) -> None:
    """Find concepts of the battery ontologies."""
    from app.commands import concepts_json, print_concepts

    with _errors(json or batch):
        services = _services(home)
        if batch:
            _answer_lines(lambda line: concepts_json(services, line, limit=limit))
            return
        found = concepts_json(services, _one(text), limit=limit)
        if json:
            _print_json(found)
        else:
            print_concepts(found, _one(text), _console())


@app.command()
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
    with _errors(form is ReportForm.JSON):
        services = _services(home)
        with _progress("Checking", "documents") as on_progress:
            report = find(
                services, targets, profiles=tuple(profile or ()), threshold=Severity(fail_on.value), on_progress=on_progress
            )
        write_report(report, form, _console(), output)
        if report.fails:
            raise typer.Exit(Exit.FINDINGS)


@app.command()
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
    with _errors(json):
        services = _services(home)
        with _progress("Mending", "documents") as on_progress:
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
            _print_json({"applied": apply, "files": [one.to_json() for one in done]})
        elif patch:
            write_patch(done)
            typer.echo(summary(done, applied=False), err=True)
        else:
            console = _console()
            print_fixed(done, console, diff=not apply)
            console.print(summary(done, applied=apply), highlight=False, soft_wrap=True)
        if any(one.error for one in done):
            raise typer.Exit(Exit.SOURCE)
        if not apply and not patch and any(one.is_changed for one in done):
            raise typer.Exit(Exit.FINDINGS)


@app.command()
def explain(
    code: Annotated[str, typer.Argument(help="Code of a finding, e.g. missing-unit.", show_default=False)], json: Json = False
) -> None:
    """Say what a kind of finding means and how to mend it."""
    from app.explanation import explained, page_json, print_page

    with _errors(json):
        page = explained(code)
        if json:
            _print_json(page_json(page))
        else:
            print_page(page, _console())


@app.command()
def sparql(
    query: Annotated[str, typer.Argument(help="A SPARQL 1.1 query, or - to read it from standard input.", show_default=False)],
    home: Home = None,
    format: Annotated[Form, typer.Option("--format", help="Form of the answer.")] = Form.TABLE,  # noqa: A002
    snapshot: SnapshotOption = "",
    token: Token = None,
    json: Json = False,
) -> None:
    """Ask the loaded graphs in SPARQL, within your rights."""
    import signal

    from app.commands import write_sparql

    with _errors(json or format is Form.JSON):
        services = _services(home)
        actor = services.identity.resolve(token)
        # A running query does not come back to Python: let Ctrl-C end the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        text = sys.stdin.read() if query == "-" else query
        write_sparql(services, text, actor, (Form.JSON if json else format).name, _console(), snapshot=snapshot)


@app.command()
def serve(
    home: Home = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to serve on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to serve on; 0 takes a free one.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Serve the page and the API until Ctrl-C."""
    from app.asgi import run_server

    with _errors(json):
        run_server(_services(home, host=host, port=port), as_json=json)


@app.command()
def demo(
    home: Home = None,
    samples: Annotated[
        Path | None,
        typer.Option("--samples", help="Folder to harvest instead of the samples that come with the program.", show_default=False),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the page afterwards, until Ctrl-C.")] = True,
    host: Annotated[str | None, typer.Option("--host", help="Address to serve on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to serve on; 0 takes a free one.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Show the whole service on sample records: harvest, three searches, the page."""
    from app.asgi import run_server
    from app.commands import demo_json, print_demo

    with _errors(json):
        services = _services(home, host=host, port=port)
        with _progress("Harvesting", "documents") as on_progress:
            shown = demo_json(services, samples, on_progress=on_progress)
        if json:
            _print_json(shown)
        else:
            print_demo(shown, _console())
        if serve:
            run_server(services, as_json=json)


@app.command()
def embed(home: Home = None, json: Json = False) -> None:
    """Make vectors of what has none yet; a harvest does so by itself. Interrupted, it goes on where it stopped."""
    from app.embedding import embed_all, print_embedded

    with _errors(json):
        services = _services(home)
        with _progress("Embedding", "summaries") as on_progress:
            done = embed_all(services, on_progress)
        if json:
            _print_json(done)
        else:
            print_embedded(done, _console())


@app.command()
def duplicates(home: Home = None, token: Token = None, json: Json = False) -> None:
    """Find records that may describe the same cell, with evidence. Nothing is merged."""
    from app.embedding import duplicates_json, print_duplicates

    with _errors(json):
        services = _services(home)
        found = duplicates_json(services, services.identity.resolve(token))
        if json:
            _print_json(found)
        else:
            print_duplicates(found, _console())


@app.command()
def rebuild(home: Home = None, json: Json = False) -> None:
    """Derive graph, index and findings anew from the kept payloads."""
    from app.commands import rebuild_all

    with _errors(json):
        services = _services(home)
        with _progress("Rebuilding", "documents") as on_progress:
            done = rebuild_all(services, on_progress=on_progress)
        _embed_harvested(services)
        if json:
            _print_json(done)
        else:
            _console().print(f"Rebuilt {done['documents']} documents in {done['seconds']:.1f} s.")


@app.command()
def profiles(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Profiles to show with their shapes.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """List the profiles that records are checked against; with names, what each asks and why."""
    from app.profile_list import print_profiles, profiles_json

    with _errors(json):
        found = profiles_json(_services(home), names or ())
        if json:
            _print_json(found)
        else:
            print_profiles(found, _console(), with_shapes=bool(names))


@app.command()
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

    with _errors(json):
        found = causes_json(_services(home), among(source, community, code), token, limit=limit)
        if json:
            _print_json(found)
        else:
            print_causes(found, _console())


@app.command()
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
    with _errors(json):
        services = _services(home)
        if record is not None and not any(wanted):
            shown = findings_of(services, record)
            if json:
                _print_json({"findings": shown})
            else:
                print_numbered(shown, _console())
            return
        if revoke is not None:
            kept = [revoke_json(services, revoke, reason=str(reason), by=by)]
        else:
            kept = correct_json(services, str(record), asked, reason=str(reason), by=by)
        if json:
            _print_json({"corrections": kept})
        else:
            print_kept(kept, _console())


@app.command()
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
    with _errors(json):
        services = _services(home)
        if export is not None:
            write_patch(services, str(record), export.value)
            return
        shown = list_json(services, record)
        if json:
            _print_json(shown)
        else:
            print_corrections(shown["corrections"], _console())


@app.command()
def revalidate(
    home: Home = None,
    apply: Annotated[bool, typer.Option("--apply", help="Then do it, as `rebuild` does.")] = False,
    json: Json = False,
) -> None:
    """Say which records today's shapes, contexts and ontologies would break or repair. Nothing is written without --apply."""
    from app.commands import rebuild_all
    from app.curating import print_revalidation, revalidate_json

    with _errors(json):
        services = _services(home)
        with _progress("Reading", "documents") as on_progress:
            found = revalidate_json(services, on_progress)
        if not json:
            print_revalidation(found, _console())
        if apply:
            with _progress("Rebuilding", "documents") as on_progress:
                found["rebuilt"] = rebuild_all(services, on_progress=on_progress)
            _embed_harvested(services)
        if json:
            _print_json(found)
        elif apply:
            _console().print(f"Rebuilt {found['rebuilt']['documents']} documents in {found['rebuilt']['seconds']:.1f} s.")


@app.command()
def watch(home: Home = None, json: Json = False) -> None:
    """Look at saved searches once: keep what happened, and send what is due. A server does so by itself."""
    from app.watching import look_at_all, print_looked

    with _errors(json):
        services = _services(home)
        looked = look_at_all(services.watching, services.webhook_post)
        _show(looked.to_json(), json, print_looked)


@app.command()
def doctor(home: Home = None, json: Json = False) -> None:
    """Check the installation, and say what is missing and how to mend it."""
    from app.doctor import examine, print_checks

    with _errors(json):
        checks = examine(_services(home))
        if json:
            _print_json([check.to_json() for check in checks])
        else:
            print_checks(checks, _console())
        if any(not check.ok for check in checks):
            raise typer.Exit(Exit.FAILED)


@ontology_app.command("tree")
def ontology_tree(
    concept: Annotated[str, typer.Argument(help="Label, IRI or CURIE of the concept to start from.", show_default=False)],
    home: Home = None,
    depth: Annotated[int, typer.Option("--depth", min=1, max=30, help="Levels below it.")] = 2,
    json: Json = False,
) -> None:
    """Print a concept with what stands above and below it."""
    from app.commands import print_tree, tree_json

    with _errors(json):
        tree = tree_json(_services(home), concept, depth)
        if json:
            _print_json(tree)
        else:
            print_tree(tree, _console())


@ontology_app.command("show")
def ontology_show(
    concept: Annotated[str, typer.Argument(help="Label, IRI or CURIE of the concept.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Print everything that is known of one concept."""
    from app.commands import concept_json, print_concept

    with _errors(json):
        shown = concept_json(_services(home), concept)
        if json:
            _print_json(shown)
        else:
            print_concept(shown, _console())


@ontology_app.command("fetch")
def ontology_fetch(
    home: Home = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            "--mirror",
            help="Directory or address that holds the same files, instead of the official addresses.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Fetch the full ontologies and contexts from their official, pinned addresses, and check every checksum."""
    from app.commands import fetch_json

    with _errors(json):
        services = _services(home)
        with _progress("Fetching", "files") as on_progress:
            fetched = fetch_json(services, mirror, on_progress=on_progress)
        if json:
            _print_json(fetched)
        else:
            _console().print(
                f"{fetched['fetched']} files fetched, {fetched['present']} were there; they are in {fetched['directory']}."
            )


@ontology_app.command("facts")
def ontology_facts(
    output: Annotated[Path, typer.Argument(help="File to write the fact table to.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Make the fact table from the full ontologies and contexts: identifiers, labels, edges, units; no definitions."""
    from app.commands import facts_json

    with _errors(json):
        written = facts_json(_services(home), output)
        if json:
            _print_json(written)
        else:
            _console().print(
                f"{written['concepts']} concepts, {written['units']} units and {written['terms']} terms"
                f" in {written['bytes']:,} bytes: {output}"
            )


@ontology_app.command("check")
def ontology_check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the ontologies; unset: the one of the settings.", show_default=False)
    ] = None,
    max_seconds: Annotated[float, typer.Option("--max-seconds", min=1, help="How long the reasoner may take.")] = 3600,
    home: Home = None,
    json: Json = False,
) -> None:
    """Find classes that can have no member, with the reasoner HermiT: minutes, before a release (needs Java)."""
    from rich.console import Console

    from app.ontology_check import check_json, print_check

    with _errors(json):
        with Console(stderr=True).status("Reading the ontologies") as status:
            found = check_json(folder or _services(home).ontology_dir, max_seconds, lambda text: status.update(text))
        if json:
            _print_json(found)
        else:
            print_check(found, _console())
        if found["unsatisfiable"]:
            raise typer.Exit(Exit.FINDINGS)


@graph_app.command("check")
def graph_check(
    home: Home = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Compare only rights, and which graphs and versions are there; derive nothing anew.")
    ] = False,
    json: Json = False,
) -> None:
    """Compare the graphs with themselves, and with payloads, corrections and rights. Nothing is written; a harvest may run."""
    from app.graph_commands import check_json, print_check

    with _errors(json):
        services = _services(home)
        with _progress("Checking", "records") as on_progress:
            checked = check_json(services, quick=quick, on_progress=on_progress)
        _tell(checked, json, print_check)


@graph_app.command("rebuild")
def graph_rebuild(home: Home = None, json: Json = False) -> None:
    """Derive all graphs anew beside the live store, then put them in its place. Readers go on; a harvest is kept out."""
    from app.graph_commands import print_rebuild, rebuild_json

    with _errors(json):
        services = _services(home)
        with _progress("Rebuilding", "records") as on_progress:
            rebuilt = rebuild_json(services, on_progress)
        _tell(rebuilt, json, print_rebuild)


@graph_app.command("backup")
def graph_backup(
    directory: Annotated[Path, typer.Argument(help="Folder of the backup; not there yet.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Copy the newest published state of the graphs, with a manifest. Everything may run meanwhile."""
    from app.graph_commands import backup_json

    with _errors(json):
        services = _services(home)
        with _progress("Copying", "files") as on_progress:
            made = backup_json(services, directory, on_progress)
        if json:
            _print_json(made)
        else:
            _console().print(f"Copied {made['files']} files, {made['bytes'] / 1e6:,.1f} MB, to {directory}.", soft_wrap=True)


@graph_app.command("restore")
def graph_restore(
    directory: Annotated[Path, typer.Argument(help="A folder that `voltagraph graph backup` made.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Put a backup of the graphs in the place of the live store, for those who may read them today. Readers go on."""
    from app.graph_commands import print_restore, restore_json

    with _errors(json):
        services = _services(home)
        with _progress("Restoring", "files and records") as on_progress:
            restored = restore_json(services, directory, on_progress)
        _tell(restored, json, print_restore)


@token_app.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="Whose token it is.", show_default=False)],
    audience: Annotated[
        list[str], typer.Option("--audience", help="An audience it holds, e.g. community:bigmap (repeatable).", show_default=False)
    ],
    home: Home = None,
    json: Json = False,
) -> None:
    """Make a token, print it once, and keep only its hash."""
    from app.tokens import add_token

    with _errors(json):
        services = _services(home)
        services.make_home()
        token = add_token(services.tokens_path, name, audience)
        if json:
            _print_json({"name": name, "token": token})
        else:
            _console().print(f"Token of {name}, shown only now:")
            typer.echo(token)


@token_app.command("remove")
def token_remove(
    name: Annotated[str, typer.Argument(help="Whose token ends.", show_default=False)], home: Home = None, json: Json = False
) -> None:
    """End a token at once."""
    from app.tokens import remove_token

    with _errors(json):
        removed = remove_token(_services(home).tokens_path, name)
        if json:
            _print_json({"name": name, "removed": removed})
        else:
            _console().print(f"The token of {name} has ended." if removed else f"There is no token of {name}.")


@query_app.command("list")
def query_list(
    text: Annotated[str, typer.Argument(help="Words that occur in them; none: all.")] = "",
    home: Home = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """List the saved queries that you may see."""
    from app.saving import list_json, print_list

    with _errors(json):
        found = list_json(_services(home), text, token)
        if json:
            _print_json(found)
        else:
            print_list(found, _console())


@query_app.command("show")
def query_show(name: QueryName, home: Home = None, version: Version = "latest", token: Token = None, json: Json = False) -> None:
    """Show a saved query; what `--json` prints can be saved again."""
    from app.saving import print_query, show_json

    with _errors(json):
        found = show_json(_services(home), name, version, token)
        if json:
            _print_json(found)
        else:
            print_query(found, _console())


@query_app.command("run")
def query_run(
    name: QueryName,
    home: Home = None,
    version: Version = "latest",
    value: Annotated[
        list[str] | None,
        typer.Option("--value", help="NAME=VALUE for a parameter of the query (repeatable).", show_default=False),
    ] = None,
    format: Annotated[Form, typer.Option("--format", help="Form of the answer.")] = Form.TABLE,  # noqa: A002
    token: Token = None,
    json: Json = False,
) -> None:
    """Run a saved query over the loaded graphs, within your rights."""
    import signal

    from app.saving import run

    with _errors(json or format is Form.JSON):
        services = _services(home)
        actor = services.identity.resolve(token)
        # A running query does not come back to Python: let Ctrl-C end the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        run(services, name, version, value or (), actor, (Form.JSON if json else format).name, _console())


@query_app.command("save")
def query_save(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and hyphens.", show_default=False)],
    file: Annotated[
        Path, typer.Argument(help="Its text, or its definition as .json; - is standard input.", show_default=False, allow_dash=True)
    ],
    home: Home = None,
    title: Annotated[str, typer.Option("--title", help="A line for lists.", show_default=False)] = "",
    description: Annotated[str, typer.Option("--description", help="What it answers.", show_default=False)] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", help="NAME:TYPE, NAME:TYPE=DEFAULT, or NAME:TYPE! (repeatable).", show_default=False),
    ] = None,
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", help="A word that finds it (repeatable).", show_default=False)
    ] = None,
    visibility: Annotated[
        Visibility | None, typer.Option("--visibility", help="Who may see and run it; unset: you alone.", show_default=False)
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option("--audience", help="An audience of the visibility `audiences` (repeatable).", show_default=False),
    ] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Save a query under your name; what changed becomes its next version."""
    from app.saving import draft_of, save_json
    from graph.parameters import parameter_of
    from graph.saved_queries import Visibility as Visible

    with _errors(json):
        draft = draft_of(
            name,
            file,
            title=title,
            description=description,
            parameters=tuple(map(parameter_of, parameter or ())),
            keywords=tuple(keyword or ()),
            visibility=visibility and Visible(visibility.value),
            audiences=tuple(audience or ()),
        )
        kept = save_json(_services(home), draft, token)
        if json:
            _print_json(kept)
        else:
            said = "Saved" if kept["new"] else "It says the same as before:"
            _console().print(f"{said} {kept['name']} version {kept['version']}.", markup=False)


@query_app.command("delete")
def query_delete(
    name: QueryName,
    home: Home = None,
    version: Annotated[int | None, typer.Option("--version", help="This version alone; unset: all.", show_default=False)] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Delete a saved query of yours; numbers of its versions are never given again."""
    from app.saving import delete_json

    with _errors(json):
        gone = delete_json(_services(home), name, version, token)
        if json:
            _print_json(gone)
        else:
            _console().print(f"Deleted {name}{f' version {version}' if version else ''}.", markup=False)


SnapshotName = Annotated[str, typer.Argument(help="Name of the snapshot.", show_default=False)]


@snapshot_app.command("create")
def snapshot_create(
    home: Home = None,
    public: Annotated[bool, typer.Option("--public", help="The public records alone, for everyone who has the name.")] = False,
    note: Annotated[str, typer.Option("--note", help="A few words for whoever may use it.", show_default=False)] = "",
    token: Token = None,
    json: Json = False,
) -> None:
    """Freeze what you may read now; the same state twice is the same snapshot."""
    from app.freezing import create_json, print_snapshot

    with _errors(json):
        _show(create_json(_services(home), token, "public" if public else "private", note), json, print_snapshot)


@snapshot_app.command("list")
def snapshot_list(home: Home = None, token: Token = None, json: Json = False) -> None:
    """List your snapshots, newest first."""
    from app.freezing import list_json, print_list

    with _errors(json):
        _show(list_json(_services(home), token), json, print_list)


@snapshot_app.command("show")
def snapshot_show(snapshot: SnapshotName, home: Home = None, token: Token = None, json: Json = False) -> None:
    """Show a snapshot with the versions of its records."""
    from app.freezing import print_snapshot, show_json

    with _errors(json):
        _show(show_json(_services(home), snapshot, token), json, print_snapshot)


@snapshot_app.command("delete")
def snapshot_delete(snapshot: SnapshotName, home: Home = None, token: Token = None, json: Json = False) -> None:
    """Remove a snapshot of yours."""
    from app.freezing import delete_json

    with _errors(json):
        removed = delete_json(_services(home), snapshot, token)
        if json:
            _print_json(removed)
        else:
            _console().print(f"The snapshot {snapshot} is removed.", soft_wrap=True)


@app.command()
def export(
    query: Annotated[
        str | None, typer.Argument(help="A SPARQL SELECT query, or - to read it from standard input.", show_default=False)
    ] = None,
    home: Home = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; not there yet.", show_default=False)] = Path(
        "training-set"
    ),
    search: Annotated[
        str | None,
        typer.Option("--search", help="Instead of a query: a search; one row for each record.", show_default=False),
    ] = None,
    saved: Annotated[
        str | None, typer.Option("--saved", help="Instead of a query: the name of a saved one.", show_default=False)
    ] = None,
    version: Annotated[str, typer.Option("--version", help="Version of the saved query.")] = "latest",
    value: Annotated[
        list[str] | None,
        typer.Option("--value", help="NAME=VALUE for a parameter of the saved query (repeatable).", show_default=False),
    ] = None,
    snapshot: SnapshotOption = "",
    format: Annotated[DataForm, typer.Option("--format", help="Form of the data files.")] = DataForm.PARQUET,  # noqa: A002
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", help="VALUE=UNIT: a column of numbers and that of their units (repeatable); unset: found.", show_default=False
        ),
    ] = None,
    split_by: Annotated[
        str | None,
        typer.Option("--split-by", help="Keep rows together by a column, or by cell, batch or laboratory.", show_default=False),
    ] = None,
    fraction: Annotated[
        list[str] | None,
        typer.Option(
            "--fraction", help="PART=FRACTION (repeatable); unset: train 0.8, validation 0.1, test 0.1.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed gives another split.")] = 0,
    title: Annotated[str, typer.Option("--title", help="A name for people.", show_default=False)] = "",
    token: Token = None,
    json: Json = False,
) -> None:
    """Write a training set: data files, manifest, Croissant and RO-Crate. It is complete, or not there."""
    from app.freezing import export_json, fractions_of, pairs_of, print_export
    from search.datasets import DatasetWish, SplitWish, UnitPair
    from search.search_table import SearchWish
    from search.table_files import DataForm as Written

    with _errors(json):
        services = _services(home)
        split = None
        if split_by is not None:
            split = SplitWish(split_by, fractions_of(fraction), seed) if fraction else SplitWish(split_by, seed=seed)
        wish = DatasetWish(
            query=sys.stdin.read() if query == "-" else query or "",
            saved=None if saved is None else (saved, version),
            parameters=pairs_of(value or (), "--value"),
            search=None if search is None else SearchWish(search),
            snapshot=snapshot,
            form=Written(format.value),
            units=None if unit is None else tuple(UnitPair(*pair) for pair in pairs_of(unit, "--unit").items()),
            split=split,
            title=title,
        )
        made = export_json(services, wish, token, output, lambda stage, _rows: typer.echo(f"{stage} …", err=True))
        _show(made, json, print_export)


def main() -> None:
    """Entry point of the `voltagraph` command."""
    app()


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _print_json(value: object) -> None:
    typer.echo(jsonlib.dumps(value, ensure_ascii=False))


def _tell(found: dict[str, Any], as_json: bool, print_: Callable[[dict[str, Any], Console], None]) -> None:
    """Print what was found; its faults end the command with a code of their own."""
    if as_json:
        _print_json(found)
    else:
        print_(found, _console())
    if found["faults"]:
        raise typer.Exit(Exit.FAILED)


def _show(found: dict[str, Any], as_json: bool, print_: Callable[[dict[str, Any], Console], None]) -> None:
    """Print what was found or done."""
    if as_json:
        _print_json(found)
    else:
        print_(found, _console())


def _one(text: str | None) -> str:
    if text is None or not text.strip():
        raise typer.BadParameter("say what to look for, or use --batch", param_hint="TEXT")
    return text


def _answer_lines(answer: Callable[[str], object]) -> None:
    """Answer each line of standard input with one line of JSON; a line that cannot be answered gives ``{"error": ...}``."""
    from records.errors import VoltagraphError

    for line in sys.stdin.buffer:  # only "\\n" ends a line, and bytes that are no UTF-8 end nothing
        question = line.decode("utf-8", errors="replace").strip()
        try:
            _print_json(answer(question))
        except VoltagraphError as error:
            _print_json({"error": {"message": error.message, "remedy": error.remedy}})
        sys.stdout.flush()


@contextmanager
def _progress(verb: str, things: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with rate and remaining time on standard error; nothing when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn(verb),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        MofNCompleteColumn(),
        TextColumn(things),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as progress:
        task = progress.add_task(verb, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _embed_harvested(services: Services) -> None:
    from app.embedding import embed_harvested

    with _progress("Embedding", "summaries") as on_progress:
        embed_harvested(services, on_progress)


@contextmanager
def _errors(as_json: bool) -> Iterator[None]:
    """Every expected fault ends in one clear line (or one JSON object) on standard error and a telling exit code."""
    from records.errors import FetchError, OntologyError, QueryError, SettingsError, SourceError, StoreError, VoltagraphError

    codes: Iterable[tuple[type[VoltagraphError], Exit]] = (
        (SettingsError, Exit.SETTINGS),
        (SourceError, Exit.SOURCE),
        (StoreError, Exit.STORE),
        (QueryError, Exit.QUERY),
        (FetchError, Exit.SOURCE),
        (OntologyError, Exit.SOURCE),
    )
    try:
        yield
    except VoltagraphError as error:
        if as_json:
            typer.echo(jsonlib.dumps({"error": {"message": error.message, "remedy": error.remedy}}, ensure_ascii=False), err=True)
        else:
            typer.secho("Error: ", fg="red", bold=True, err=True, nl=False)
            typer.echo(str(error), err=True)
        raise typer.Exit(next((code for kind, code in codes if isinstance(error, kind)), Exit.FAILED)) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was written stays whole; the same command goes on from there.", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None


if __name__ == "__main__":
    main()
