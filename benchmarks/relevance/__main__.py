"""How well real questions over real documents are answered: prints Markdown tables for RESULTS.md.

    python -m benchmarks.relevance ../shared/data [--half tune|held|all] [--show failures|held-failures|truth] [--home DIR]

All documents are harvested into a temporary home (or into ``--home``: what is there already is not read again). Every question for
the search is asked through `search.service.search`, every one for ``ask`` through ``voltagraph ask --batch``. Peers are told the
number of right answers and give that many. ``--show failures`` lists what was missed and what was wrong, of the half *tune* alone;
``--show held-failures`` does so for the other, which is then spent (README.md).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.bootstrap import Services
from app.commands import harvest_folder
from app.embedding import embed_harvested
from app.settings import Settings
from benchmarks.relevance.asked import Asked, expected, read_asked, verdict
from benchmarks.relevance.documents import read_folder
from benchmarks.relevance.measures import Score, mean, score
from benchmarks.relevance.truth import Question, Row, matching, read_questions
from records.rights import PUBLIC
from search.service import MAX_LIMIT, search

HERE = Path(__file__).resolve().parent
HALVES = {"tune": ("questions.toml", "asked.toml"), "held": ("held_questions.toml", "held_asked.toml")}
"""Files of the questions for the search and for ``ask``."""
SHOWN = 6
"""Documents listed of what was missed or wrong, for each question."""
VERDICTS = ("right", "abstained rightly", "abstained wrongly", "wrong")
OURS = "Voltagraph"
Results = dict[str, dict[str, Score]]
"""Scores by method and id of the question."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the data pack")
    parser.add_argument("--half", choices=(*HALVES, "all"), default="tune")
    parser.add_argument("--show", choices=("failures", "held-failures", "truth"))
    parser.add_argument("--home", type=Path, help="harvest into this directory and keep it")
    options = parser.parse_args()
    if options.show == "failures" and options.half != "tune":
        parser.error(
            "--show failures is for the half tune; --show held-failures shows the others and spends the held half (README.md)"
        )
    failures = options.show in ("failures", "held-failures")
    rows = [Row(document) for document in read_folder(options.data / "jsonld")]
    files = [HALVES[half] for half in HALVES if options.half in ("all", half)]
    questions = [question for name, _ in files for question in read_questions(HERE / name)]
    asked = [one for _, name in files for one in read_asked(HERE / name)]
    if options.show == "truth":
        show_truth(questions, asked, rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        services = harvested(home, options.data)
        found = {question.id: ask_all(services, question.text) for question in questions}
        grades = {question.id: question.grades(rows) for question in questions}
        results: Results = {OURS: {name: score(found[name], grades[name]) for name in found}}
        results |= peers(services, questions, grades, found)
        print_tables(results, questions)
        if failures:
            show_failures(questions, found, grades, rows)
        print_asked(asked, replies(home, options.data, asked), rows, failures=failures)


def harvested(home: Path, data: Path) -> Services:
    """Everything in a home, each folder a source of its name, with vectors as a harvest on the command line makes them."""
    services = Services(Settings(home=home, ontology_dir=data / "ontologies", contexts_dir=data / "contexts"))
    for folder in sorted((data / "jsonld").iterdir()):
        if folder.is_dir():
            harvest_folder(services, folder, name=folder.name, audience=None, on_progress=None)
    embed_harvested(services)
    return services


def ask_all(services: Services, text: str) -> list[str]:
    """Ids of all that the search finds, in its order."""
    ids: list[str] = []
    total = 1
    while len(ids) < total:
        answer = search(services.search, text, PUBLIC, offset=len(ids), limit=MAX_LIMIT)
        total = answer.total
        ids += [hit.record for hit in answer.hits]
    return ids


def peers(
    services: Services,
    questions: Sequence[Question],
    grades: Mapping[str, Mapping[str, int]],
    found: Mapping[str, Sequence[str]],
) -> Results:
    """What BM25, vectors and hybrids of them make of the same questions."""
    from benchmarks.relevance.peers import Bm25, Vectors, fused, reordered  # needs requirements/bench.txt; who only reads does not

    records = [record for name in sorted(services.index.ids()) if (record := services.index.get(name, PUBLIC)) is not None]
    rankings: dict[str, dict[str, list[str]]] = {"BM25": _ranked(Bm25(records).rank, questions)}
    if services.embedder is None:
        print("No embedding model is installed: vectors and hybrids are left out.", file=sys.stderr)
    else:
        vectors = Vectors(records, services.embedder, services.summaries)
        rankings[f"vectors ({services.embedder.name})"] = near = _ranked(vectors.rank, questions)
        rankings["hybrid (RRF)"] = {name: fused(rankings["BM25"][name], near[name]) for name in near}
    results: Results = {}
    for method, ranking in rankings.items():
        results[method] = {name: _cut(ranking[name], grades[name]) for name in ranking}
    order = rankings.get("hybrid (RRF)", rankings["BM25"])
    mixed = f"{OURS}, hits in the order of {'the hybrid' if 'hybrid (RRF)' in rankings else 'BM25'}"
    results[mixed] = {name: score(reordered(found[name], order[name]), grades[name]) for name in found}
    return results


def _ranked(rank: Callable[[str], list[str]], questions: Sequence[Question]) -> dict[str, list[str]]:
    return {question.id: rank(question.text) for question in questions}


def _cut(ranking: Sequence[str], grades: Mapping[str, int]) -> Score:
    """As a set, the first ones: as many as there are right answers; for a question without any, whatever it gives."""
    right = sum(grade == 2 for grade in grades.values())
    return score(ranking[: right or 10], grades, ranking)


def print_tables(results: Results, questions: Sequence[Question]) -> None:
    """Methods over all questions, then ours by class, then nDCG of all methods by class."""
    groups = list(dict.fromkeys(question.group for question in questions))
    columns = "nDCG@10 | precision | recall | F1 | exact sets |"
    print(f"\n{len(questions)} questions\n\n| method | {columns}\n|---|{'---:|' * 5}")
    for method, scores in results.items():
        print(f"| {method} | {_cells(mean(scores.values()))} |")
    print(f"\n| {OURS} | questions | {columns}\n|---|{'---:|' * 6}")
    for group in groups:
        names = [question.id for question in questions if question.group == group]
        print(f"| {group} | {len(names)} | {_cells(mean(results[OURS][name] for name in names))} |")
    print(f"\n| nDCG@10 | {' | '.join(results)} |\n|---|{'---:|' * len(results)}")
    for group in groups:
        names = [question.id for question in questions if question.group == group]
        print(f"| {group} | {' | '.join(f'{mean(scores[name] for name in names).ndcg:.3f}' for scores in results.values())} |")


def _cells(scores: Score) -> str:
    return f"{scores.ndcg:.3f} | {scores.precision:.3f} | {scores.recall:.3f} | {scores.f1:.3f} | {scores.exact:.1%}"


def show_failures(
    questions: Sequence[Question],
    found: Mapping[str, Sequence[str]],
    grades: Mapping[str, Mapping[str, int]],
    rows: Sequence[Row],
) -> None:
    """For each question that is not answered exactly: what was missed, and what was wrong."""
    titles = {row.document.id: row.document.title for row in rows}
    for question in questions:
        graded, hits = grades[question.id], found[question.id]
        missed = [name for name, grade in graded.items() if grade == 2 and name not in set(hits)]
        wrong = [name for name in hits if name not in graded]
        ndcg = score(hits, graded).ndcg
        if missed or wrong or ndcg < 1:
            right = sum(grade == 2 for grade in graded.values())
            print(f"\n[{question.group}] {question.id}: {question.text}\n    {right} right, {len(hits)} found, nDCG {ndcg:.2f}")
            for word, names in (("missed", missed), ("wrong", wrong)):
                listed = "; ".join(f"{name} ({titles.get(name, '')})" for name in names[:SHOWN])
                print(f"    {word} {len(names)}: {listed}" if names else f"    {word} none")


def replies(home: Path, data: Path, asked: Sequence[Asked]) -> list[dict[str, object]]:
    """What ``voltagraph ask`` says to each; nothing when there is no such command."""
    variables = {"HOME": home, "ONTOLOGY_DIR": data / "ontologies", "CONTEXTS_DIR": data / "contexts"}
    environment = {**os.environ, **{f"VOLTAGRAPH_{name}": str(path.resolve()) for name, path in variables.items()}}
    command = [sys.executable, "-m", "app.cli", "ask", "--batch", "-"]
    lines = "".join(f"{one.text}\n" for one in asked)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        print(f"`voltagraph ask --batch` ended with {done.returncode}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return []
    return [json.loads(line) for line in done.stdout.splitlines()]


def print_asked(asked: Sequence[Asked], given: Sequence[dict[str, object]], rows: Sequence[Row], *, failures: bool) -> None:
    """Verdicts by kind of answer."""
    if not given:
        return
    verdicts = {one.id: verdict(one, reply, rows) for one, reply in zip(asked, given, strict=True)}
    print(f"\n| `ask` | questions | {' | '.join(VERDICTS)} |\n|---|---:|{'---:|' * len(VERDICTS)}")
    for group in [*dict.fromkeys(one.group for one in asked), "all"]:
        counted = Counter(verdicts[one.id] for one in asked if group in (one.group, "all"))
        print(f"| {group} | {counted.total()} | {' | '.join(str(counted[name]) for name in VERDICTS)} |")
    for one, reply in zip(asked, given, strict=True):
        if failures and verdicts[one.id] in ("wrong", "abstained wrongly"):
            answer = reply["answer"]
            said = answer["text"] if isinstance(answer, dict) else f"(abstained) {reply['understood']}"
            print(f"\n[{one.group}] {one.id}: {one.text}\n    right: {expected(one, rows)}\n    said: {said}")


def show_truth(questions: Sequence[Question], asked: Sequence[Asked], rows: Sequence[Row]) -> None:
    """How many documents answer each question, and how many are near."""
    for question in questions:
        exact = len(matching(question.answers, rows))
        print(f"{question.group:14} {question.id:24} {exact:4} {len(question.grades(rows)) - exact:4}  {question.text}")
    for one in asked:
        print(f"{one.group:14} {one.id:24} {expected(one, rows)[:40]:40}  {one.text}")


if __name__ == "__main__":
    main()
