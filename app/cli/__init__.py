"""The `voltagraph` command line. Thin: each command parses, calls one function, prints.

Heavy modules are imported inside the commands, so that `voltagraph --help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.checking import explain, fix, profiles, validate
from app.cli.curating import correct, corrections, findings
from app.cli.graphs import graph_app
from app.cli.harvesting import embed, harvest, rebuild, revalidate
from app.cli.ontologies import ontology_app
from app.cli.queries import query_app, sparql
from app.cli.searching import ask, concepts, duplicates, search
from app.cli.serving import demo, doctor, serve, watch
from app.cli.shared import Exit, Home, common_options
from app.cli.snapshots import export, snapshot_app
from app.cli.tokens import token_app

__all__ = ["Exit", "app", "main"]

app = typer.Typer(
    name="voltagraph",
    help="Semantic search for battery research data, exactly within the reader's rights.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 findings, 2 wrong use, 3 settings, 4 source, 5 store, 6 query, 7 failed, 130 interrupted.",
)


@app.callback()
def _common(
    home: Home = None,
    config: Annotated[Path | None, typer.Option("--config", help="Settings file (VOLTAGRAPH_CONFIG).", show_default=False)] = None,
) -> None:
    common_options.update(home=home, config=config)


# In the order of `voltagraph --help`, where groups stand last.
for _command in (
    harvest,
    search,
    ask,
    concepts,
    validate,
    fix,
    explain,
    sparql,
    serve,
    demo,
    embed,
    duplicates,
    rebuild,
    profiles,
    findings,
    correct,
    corrections,
    revalidate,
    watch,
    doctor,
    export,
):
    app.command()(_command)
app.add_typer(ontology_app, name="ontology")
app.add_typer(graph_app, name="graph")
app.add_typer(token_app, name="token")
app.add_typer(query_app, name="query")
app.add_typer(snapshot_app, name="snapshot")


def main() -> None:
    """Entry point of the `voltagraph` command."""
    app()
