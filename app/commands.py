"""What the commands do and how their results print; `app.cli` only parses.

Every ``*_json`` function returns what ``--json`` prints, and the text form is made from the same value.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from access.audiences import LOCAL, scope
from access.identity import Actor
from app.embedding import embed_harvested
from records.errors import LimitError, NotFoundError, OntologyError, SettingsError, SourceError
from records.issues import Issue
from records.rights import PUBLIC

if TYPE_CHECKING:
    from rich.console import Console
    from rich.tree import Tree

    from app.bootstrap import Services
    from graph.store import Term
    from harvester.run import Report
    from ontology.lookup import Candidate

Json = dict[str, Any]
OnProgress = Callable[[int, int], None]

EXAMPLES = ("prismatic LFP cell above 100 Ah", "NMC pouch cell", "electrochemical impedance spectroscopy")
"""Questions that `demo` asks and the page offers."""

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Harvested:
    """A harvest with what the command adds to it: was it readable by everyone only because nothing was said?"""

    harvest: Report
    note: str

    def to_json(self) -> Json:
        """What ``harvest --json`` prints; ``issues`` are the findings about refused documents."""
        report = asdict(self.harvest)
        report["issues"] = [issue.to_json() for issue in self.harvest.issues]
        return {**report, "note": self.note}

    def print(self, console: Console) -> None:
        """Print it for people."""
        report = self.harvest
        console.print(f"[bold]{report.source}[/]: {report.documents:,} documents in {report.seconds:.1f} s", end="")
        worked = report.new + report.changed
        console.print(f" ({worked / report.seconds:,.0f} documents/s)" if worked and report.seconds else "")
        console.print(
            f"  {report.loaded:,} loaded, {report.refused:,} refused, {report.quads:,} statements, {report.findings:,} findings"
        )
        console.print(
            f"  {report.new:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged, {report.withdrawn:,} withdrawn"
        )
        for code, number in list(report.finding_counts.items())[:_SHOWN]:
            console.print(f"    {number:7,}  {code}")
        _print_lines(report.issues, console)
        if self.note:
            console.print(self.note, style="yellow", markup=False)


def harvest_folder(
    services: Services, path: Path, *, name: str | None, audience: Sequence[str] | None, on_progress: OnProgress | None
) -> Harvested:
    """Bring a folder (or one file) in.

    Args:
        services: From `app.bootstrap`.
        path: The folder or file.
        name: Name of the source; ``None`` takes the folder's name.
        audience: Who may read documents without a rights file; ``None`` takes the setting.
        on_progress: Told after every batch.

    Raises:
        SourceError: The folder is not there or cannot be read.
    """
    from harvester.run import harvest

    if not path.exists():
        raise SourceError(f"There is no folder or file {path}.", "Name a folder of JSON-LD files, or one file.")
    named = name or re.sub(r"[^A-Za-z0-9._-]+", "-", path.resolve().name).strip("-.") or "folder"
    given = None if not audience else frozenset(scope(one, LOCAL) for one in audience)
    source = services.folder_source(path, named, given)
    outdated = services.is_outdated
    if not services.read_as.is_file():
        _publish_ontologies(services)
    reader = services.reader
    gc.freeze()  # the ontologies stay to the end: no use in looking through them again and again
    report = harvest(source, reader, services.stores, batch=services.settings.batch_documents, on_progress=on_progress)
    services.close_graph()
    open_by_default = given is None and services.default_audience == PUBLIC
    notes = [
        "Documents without a rights file are readable by everyone; say --audience to change that." if open_by_default else "",
        "Ontologies, contexts or shapes have changed since the other records were read: run `voltagraph rebuild`."
        if outdated
        else "",
    ]
    return Harvested(report, " ".join(note for note in notes if note))


def rebuild_all(services: Services, on_progress: OnProgress | None) -> Json:
    """Derive everything anew from the kept payloads; of the documents those that gave no record are ``refused``."""
    from harvester.ledger import State
    from harvester.run import rebuild

    started = time.perf_counter()
    services.graph.clear()
    services.payloads.sync()  # makes the home
    services.read_as.write_text("being rebuilt")  # interrupted here, `doctor` and `harvest` say to run it again
    documents = rebuild(services.reader, services.stores, batch=services.settings.batch_documents, on_progress=on_progress)
    _publish_ontologies(services)
    services.close_graph()
    refused = sum(entry.state is State.REFUSED for entry in services.ledger.all_entries())
    return {"documents": documents, "refused": refused, "seconds": round(time.perf_counter() - started, 3)}


def _publish_ontologies(services: Services) -> None:
    """Put the class hierarchy into the graph store, and note under which ontologies records are read from now on."""
    from harvester.hierarchy import ONTOLOGY_GRAPH, hierarchy

    services.graph.set_public_graph(ONTOLOGY_GRAPH, hierarchy(services.concepts))
    services.make_home()  # with a graph store of its own nothing may be there yet
    services.read_as.write_text(services.fingerprint)


def search_json(services: Services, text: str, actor: Actor, *, limit: int, offset: int) -> Json:
    """The answer to one question."""
    from search.service import search

    _check_length(services, text)
    return search(services.search, text, actor.audiences, limit=limit, offset=offset).to_json()


def _check_length(services: Services, text: str) -> None:
    most = services.settings.max_question_chars
    if len(text) > most:
        raise LimitError(f"The question has {len(text)} characters; at most {most} are read.", "Ask in fewer words.")


def print_search(answer: Mapping[str, Any], console: Console) -> None:
    """Print hits with their reasons."""
    relaxed = set(answer["relaxed"])
    parts = [_part_label(part, number in relaxed) for number, part in enumerate(answer["query"]["parts"])]
    if order := answer["query"]["order"]:
        least, greatest = ("least", "greatest") if order["by"] == "quantity" else ("oldest", "newest")
        parts.append(f"{' or '.join(order['kinds'])}, {greatest if order['descending'] else least} first")
    console.print(f"[dim]Understood as:[/] {_plain(' · '.join(parts)) or 'everything'}", soft_wrap=True)
    if left_out := answer["query"]["left_out"]:
        console.print(
            f"[dim]Not looked for:[/] {_plain(', '.join(left_out))} [dim](in quotation marks it must be there)[/]", soft_wrap=True
        )
    if answer["note"]:
        console.print(f"[yellow]{_plain(answer['note'])}[/]", soft_wrap=True)
    total = answer["total"]
    console.print(f"[bold]{total:,} {'record' if total == 1 else 'records'}[/]")
    for hit in answer["hits"]:
        console.print(f"\n[bold]{_plain(hit['title'])}[/]  [dim]{_plain(hit['source_file'])}[/]", soft_wrap=True)
        for reason in [*([hit["ordered_by"]] if "ordered_by" in hit else []), *hit["reasons"]]:
            console.print(f"  {reason['text']}", markup=False, soft_wrap=True)
    for one in answer["loosened"]:
        nearest = f"; nearest {' and '.join(one['nearest'])}" if one["nearest"] else ""
        console.print(f"  Without “{one['text']}”: {one['count']:,}{nearest}", markup=False, soft_wrap=True)


def concepts_json(services: Services, text: str, *, limit: int) -> list[Json]:
    """Candidates for a text, best first."""
    _check_length(services, text)
    return [_candidate_json(services, candidate) for candidate in services.lookup.find(text, limit=limit)]


def print_concepts(found: Sequence[Mapping[str, Any]], text: str, console: Console) -> None:
    """Print candidates with the path to where they stand."""
    from rich.table import Table

    if not found:
        console.print(f"No concept is called {text!r} or anything near it.", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for title in ("score", "concept", "matched", "stands below", "IRI"):
        table.add_column(title, overflow="fold")
    for row in found:
        matched = f"{row['matched']['label']} ({row['matched']['kind']})"
        table.add_row(
            f"{row['score']:.2f}",
            row["label"] + (" (deprecated)" if row["deprecated"] else ""),
            matched,
            " › ".join(row["path"][1:4]),
            row["curie"],
        )
    console.print(table)


def tree_json(services: Services, text: str, depth: int) -> Json:
    """A concept with its ancestors' chain and what stands below it."""
    iri = _one_concept(services, text)
    concepts = services.concepts

    def below(here: str, left: int, above: tuple[str, ...]) -> Json:
        children = concepts.children(here)
        inner = [below(child, left - 1, (*above, here)) for child in children if child not in above] if left else []
        return {"iri": here, "label": concepts.label(here), "narrower": len(concepts.narrower(here)) - 1, "children": inner}

    return {**below(iri, depth, ()), "path": [concepts.label(one) for one in concepts.path_to_root(iri)]}


def print_tree(tree: Mapping[str, Any], console: Console) -> None:
    """Print it as a tree."""
    from rich.tree import Tree

    def add(place: Tree, node: Mapping[str, Any]) -> None:
        for child in node["children"]:
            hidden = f" [dim]+{child['narrower']} below[/]" if child["narrower"] and not child["children"] else ""
            add(place.add(_plain(child["label"]) + hidden), child)

    console.print(f"[dim]{_plain(' › '.join(reversed(tree['path'])))}[/]", soft_wrap=True)
    top = Tree(f"[bold]{_plain(tree['label'])}[/] [dim]{tree['narrower']} narrower concepts[/]")
    add(top, tree)
    console.print(top)


def concept_json(services: Services, text: str) -> Json:
    """Everything that is known of one concept."""
    iri = _one_concept(services, text)
    concepts = services.concepts
    concept = concepts.get(iri)
    assert concept is not None  # noqa: S101 - it was just looked up
    return {
        "iri": iri,
        "curie": concepts.compact(iri),
        "label": concepts.label(iri),
        "kind": concept.kind.value,
        "labels": [{"text": label.text, "language": label.language, "kind": label.kind.value} for label in concept.labels],
        "path": [concepts.label(one) for one in concepts.path_to_root(iri)],
        "parents": [{"iri": one, "label": concepts.label(one)} for one in concept.parents],
        "children": [{"iri": one, "label": concepts.label(one)} for one in concepts.children(iri)],
        "parts": [
            {
                "property": concepts.label(role.property.removeprefix("^")),
                "quantifier": role.quantifier,
                "part": concepts.label(role.part),
                "said_by": concepts.label(role.whole),
            }
            for role in concepts.parts(iri)
        ],
        "deprecated": concept.deprecated,
        "replaced_by": concepts.replacement(iri) or "",
        "sources": [
            {"iri": source.iri, "version": source.version, "licence": source.licence} for source in concepts.source_of(iri)
        ],
    }


def print_concept(shown: Mapping[str, Any], console: Console) -> None:
    """Print it for people."""
    console.print(f"[bold]{_plain(shown['label'])}[/]  {shown['kind']}  [dim]{shown['iri']}[/]", soft_wrap=True)
    if shown["deprecated"]:
        console.print(
            "deprecated" + (f"; use {shown['replaced_by']}" if shown["replaced_by"] else ""), style="yellow", markup=False
        )
    console.print(
        "labels:  "
        + ", ".join(f"{label['text']}{'@' + label['language'] if label['language'] else ''}" for label in shown["labels"]),
        markup=False,
    )
    console.print("above:   " + " › ".join(shown["path"][1:]), markup=False, soft_wrap=True)
    if shown["children"]:
        console.print("below:   " + ", ".join(child["label"] for child in shown["children"]), markup=False)
    for part in shown["parts"]:
        console.print(f"part:    {part['property']} {part['quantifier']} {part['part']}  (said by {part['said_by']})", markup=False)
    for source in shown["sources"]:
        console.print(f"source:  {source['iri']} {source['version']}", markup=False, soft_wrap=True)


def write_sparql(
    services: Services,
    text: str,
    actor: Actor,
    form: str,
    console: Console,
    *,
    bindings: Mapping[str, Term] | None = None,
    snapshot: str = "",
) -> None:
    """Answer a query on standard output.

    Args:
        services: From `app.bootstrap`.
        text: The query.
        actor: Who asks.
        form: ``TABLE``, or the name of a `graph.results.ResultFormat`.
        console: Where a table goes.
        bindings: Values of variables of the query.
        snapshot: Name of a snapshot to ask; ``""``: the records as they are now.
    """
    from graph.results import ResultFormat, write_answer
    from graph.store import Boolean, Graph, Solutions
    from records.rdf import Literal

    if snapshot:
        view = services.snapshots.place(snapshot, actor)
        store = services.graph_at(view.place)
        answer = store.query(text, view.audiences, bindings=bindings, repeatable=True)
        if view.withheld:
            sys.stderr.write(f"{view.withheld} records of the snapshot are withheld: you may not read them now.\n")
    else:
        answer = services.graph_reader.query(text, actor.audiences, bindings=bindings)
    if form != "TABLE":
        _write_bytes(write_answer(answer, ResultFormat[form]))
    elif isinstance(answer, Boolean):
        console.print("yes" if answer.value else "no")
    elif isinstance(answer, Graph):
        _write_bytes(write_answer(answer, ResultFormat.N_TRIPLES))
    elif isinstance(answer, Solutions):
        from rich.table import Table

        table = Table(box=None, pad_edge=False)
        for variable in answer.variables:
            table.add_column(variable, overflow="fold")
        rows = 0
        for row in answer.rows:
            rows += 1
            table.add_row(
                *(
                    ""
                    if term is None
                    else _plain(term.value if isinstance(term, Literal) else services.concepts.compact(str(term)))
                    for term in row
                )
            )
        console.print(table)
        console.print(f"[dim]{rows:,} {'row' if rows == 1 else 'rows'}[/]")


def _write_bytes(pieces: Iterable[bytes]) -> None:
    """Write to standard output; whoever reads it may stop early (``| head``)."""
    try:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python would try to flush once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fetch_json(services: Services, mirror: str | None, *, on_progress: OnProgress | None) -> Json:
    """Fetch the full ontologies and contexts into the home directory."""
    from ontology.fetch import fetch_ontologies

    there = mirror if mirror is None or "://" in mirror else Path(mirror)
    files = fetch_ontologies(services.home, mirror=there, on_progress=on_progress)
    fetched = sum(file.fetched for file in files)
    return {"directory": str(services.home), "files": len(files), "fetched": fetched, "present": len(files) - fetched}


def facts_json(services: Services, output: Path) -> Json:
    """Write the fact table from the full ontologies.

    Raises:
        OntologyError: Only the fact table itself is at hand.
    """
    from ontology.facts import context_terms, write_facts
    from ontology.loader import load_ontologies

    if services.ontology_dir is None or services.contexts_dir is None:
        raise OntologyError(
            "The full ontologies and contexts are not here.",
            "Run `voltagraph ontology fetch`, or set ontology_dir and contexts_dir.",
        )
    loaded, issues = load_ontologies(services.ontology_dir)
    facts = replace(loaded, terms=context_terms(services.contexts_dir))
    try:
        write_facts(facts, output)
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}.", "Name another file.") from error
    return {
        "file": str(output),
        "concepts": len(facts.concepts),
        "units": len(facts.units),
        "terms": len(facts.terms),
        "bytes": output.stat().st_size,
        "issues": [issue.to_json() for issue in issues],
    }


def demo_json(services: Services, samples: Path | None, *, on_progress: OnProgress | None) -> Json:
    """Harvest the samples and ask the example questions."""
    path = samples or Path(__file__).parent / "samples"
    harvested = harvest_folder(services, path, name=None, audience=["any"], on_progress=on_progress)
    embed_harvested(services)
    actor = services.identity.resolve(None)
    searches = []
    for text in EXAMPLES:
        started = time.perf_counter()
        answer = search_json(services, text, actor, limit=3, offset=0)
        searches.append({**answer, "seconds": round(time.perf_counter() - started, 4)})
    return {"home": str(services.home), "harvest": harvested.to_json(), "searches": searches}


def print_demo(shown: Mapping[str, Any], console: Console) -> None:
    """Print what the demo did."""
    harvest = shown["harvest"]
    console.rule("[bold]Harvest[/]", align="left")
    rate = (
        f" ({harvest['documents'] / harvest['seconds']:,.0f} documents/s)"
        if harvest["new"] + harvest["changed"]
        else " (nothing had changed)"
    )
    console.print(
        f"{harvest['documents']:,} documents → {harvest['loaded']:,} records, {harvest['quads']:,} statements, "
        f"{harvest['findings']:,} findings in {harvest['seconds']:.2f} s{rate}"
    )
    for code, number in list(harvest["finding_counts"].items())[:_SHOWN]:
        console.print(f"  {number:6,}  {code}")
    for answer in shown["searches"]:
        console.print()
        console.rule(f"[bold]{_plain(answer['query']['text'])}[/]  [dim]{answer['seconds'] * 1000:.0f} ms[/]", align="left")
        print_search(answer, console)
    console.print()
    console.print(f"Everything is kept in {shown['home']}. Try:", markup=False, soft_wrap=True)
    for command in ('search "cylindrical cell below 50 g"', 'concepts "lithium iron"', "ontology tree Battery --depth 2"):
        console.print(f"  .venv/bin/voltagraph --home {shown['home']} {command}", markup=False, soft_wrap=True)


def _part_label(part: Mapping[str, Any], is_relaxed: bool) -> str:
    match part["type"]:
        case "concept":
            label = " or ".join(dict.fromkeys(concept["label"] for concept in part["concepts"]))
            label += f" as {part['role']['label']}" if part["role"] else ""
        case "quantity":
            label = f"{' or '.join(part['kinds'])} {part['condition']}".strip() or part["text"]
            label += f" of {part['role']['label']}" if part["role"] else ""
            label += "".join(f", at {' '.join([*one['kinds'][:1], one['condition']])}" for one in part["conditions"])
        case "entity":
            label = f"{part['kind'] or 'name'} {part['label']}"
        case "either":
            ways = [[_part_label(one, is_relaxed=False) for one in way] for way in part["ways"]]
            told = [" and ".join(f"({one})" if " or " in one else one for one in way) for way in ways]
            in_words = any(one["type"] == "text" for way in part["ways"] for one in way)
            own = len(part["text"].split()) < 3 or any(
                part["text"].lower().startswith(one["text"].lower()) for way in part["ways"] for one in way
            )
            if len(told) == 1:
                label = told[0]
            else:  # words of the question stand there by their stems, which nobody reads
                label = f"“{part['text']}” or other words for it" if in_words and own else f"either {', or '.join(told)}"
        case _:
            label = f"“{part['text']}”" + (" (optional)" if is_relaxed else "")
    return f"not {label}" if part["negated"] else label


def _one_concept(services: Services, text: str) -> str:
    found = services.lookup.find(text, limit=1)
    if not found:
        raise NotFoundError(f"No concept is called {text!r}.", "`voltagraph concepts TEXT` finds similar ones.")
    return found[0].iri


def _candidate_json(services: Services, candidate: Candidate) -> Json:
    concepts = services.concepts
    return {
        "iri": candidate.iri,
        "label": candidate.label,
        "score": round(candidate.score, 4),
        "matched": {"label": candidate.matched.text, "kind": candidate.matched.kind.value, "language": candidate.matched.language},
        "curie": concepts.compact(candidate.iri),
        "deprecated": candidate.deprecated,
        "path": [concepts.label(one) for one in concepts.path_to_root(candidate.iri)],
    }


def _print_lines(issues: Sequence[Issue], console: Console) -> None:
    for issue in issues[:_SHOWN]:
        console.print(f"  {issue}", markup=False, soft_wrap=True)
    if len(issues) > _SHOWN:
        console.print(f"  ... and {len(issues) - _SHOWN} more; `voltagraph validate` lists them all.", markup=False)


def _plain(text: str) -> str:
    """Text that Rich shows as it is."""
    from rich.markup import escape

    return escape(text)
