"""Pairs of a query and a reader, by the thousand: what a store answers is what the truth answers.

A pair is drawn from one seed, so what fails can be asked again.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graph.embedded import EmbeddedGraphStore
from graph.partitions import held_by, readable
from graph.results import ResultFormat, write_answer
from graph.store import Answer, Graph, GraphChange, GraphReader, Solutions
from graph.view_store import ViewStore, ViewTask, build, partitions_at
from records.errors import VoltagraphError
from records.rdf import Triple
from records.rights import Audiences
from tests.noninterference.sparql_choices import Choice, choice_of, chosen, without_choice
from tests.noninterference.sparql_grammar import (
    ONTOLOGY,
    Corpus,
    Question,
    Suite,
    Truth,
    Writer,
    change,
    multiset,
    random_audiences,
    random_changes,
    random_triple,
)

READERS = 5
QUESTIONS = 20
SPOILT = 0.05
SIZED = 0.1
_OPEN = re.compile(r"\b(?:LIMIT|SAMPLE|GROUP_CONCAT|MIN|MAX|SUM|AVG)\b", re.IGNORECASE)
"""A spoilt query with one of these may be a query still, with another choice than `sparql_choices` knows."""


@dataclass
class Tally:
    """What was asked so far.

    Args:
        pairs: Answers that were compared with the truth.
        rows: Rows, statements and answers of yes in them.
        errors: Errors that were compared with those of a store without the forbidden records.
        kinds: How many answers of each kind.
        withheld: Pairs whose reader may not read all of the corpus.
        chosen: Answers that differ from the truth's and are as right, by what SPARQL leaves to the engine.
        differing: What went wrong.
    """

    pairs: int = 0
    rows: int = 0
    errors: int = 0
    withheld: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    chosen: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Take in another one's numbers."""
        self.pairs += other.pairs
        self.rows += other.rows
        self.errors += other.errors
        self.withheld += other.withheld
        self.kinds.update(other.kinds)
        self.chosen.update(other.chosen)
        self.differing += other.differing


def batch_of_pairs(seed: int, suites: list[Suite], views: Path | None = None) -> Tally:
    """One random corpus with random rights, asked by `READERS` readers `QUESTIONS` questions each.

    Args:
        seed: Of all that is random.
        suites: Of the W3C.
        views: With a folder, each reader asks a view of the store, made there.
    """
    chance = random.Random(seed)
    suite = chance.choice(suites) if suites and chance.random() < 0.35 else None
    batches = [suite.changes(chance)] if suite else [random_changes(chance) for _ in range(chance.randrange(1, 5))]
    public = frozenset(random_triple(chance) for _ in range(chance.randrange(4)))
    corpus: Corpus = {}
    path = None if views is None else views / str(seed)
    store = EmbeddedGraphStore(path)
    store.set_public_graph(ONTOLOGY, public)
    for batch in batches:
        store.apply(batch)
        change(corpus, batch)
    if corpus and chance.random() < 0.5:
        rights = {iri: random_audiences(chance) for iri in chance.sample(sorted(corpus), chance.randrange(1, len(corpus) + 1))}
        store.set_rights(rights)
        for iri, audiences in rights.items():
            corpus[iri] = (corpus[iri][0], audiences)
            if not corpus[iri][0] and not audiences:
                corpus.pop(iri)
    if path is not None:
        store.close()
    tally = Tally()
    for _ in range(READERS):
        reader = random_audiences(chance)
        asked = store if path is None else _view(path, reader)
        _Reading(asked, corpus, public, reader, chance, tally, seed).ask(suite)
        if path is not None:
            asked.close()
    return tally


def _view(path: Path, reader: Audiences) -> ViewStore:
    """The view of a store on disk for the kind of this reader, made when it is not there."""
    kind = readable(partitions_at(path), held_by(reader))
    target = path.with_name(f"{path.name}-{hash(kind)}")
    if not target.exists():
        build(ViewTask(path, kind, target))
    return ViewStore(target)


class _Reading:
    """One reader's questions to one store."""

    def __init__(
        self,
        store: GraphReader,
        corpus: Corpus,
        public: frozenset[Triple],
        reader: Audiences,
        chance: random.Random,
        tally: Tally,
        seed: int,
    ) -> None:
        self._store = store
        self._reader = reader
        self._chance = chance
        self._tally = tally
        self._seed = seed
        self._truth = Truth(corpus, public, reader)
        self._without = EmbeddedGraphStore(None)
        self._without.set_public_graph(ONTOLOGY, public)
        self._without.apply(
            [GraphChange(iri, sorted(content, key=repr), corpus[iri][1]) for iri, content in self._truth.readable.items()]
        )

    def ask(self, suite: Suite | None) -> None:
        """Ask `QUESTIONS` questions."""
        writer = Writer(self._chance)
        for _ in range(QUESTIONS):
            asked: Question | str = writer.question()
            if suite and self._chance.random() < 0.7:
                asked = self._chance.choice(suite.all)
            if isinstance(asked, str):
                self._compare_errors(asked)
            elif self._chance.random() < SPOILT:
                self._compare_errors(_spoilt(asked.text(), self._chance))
            else:
                self._compare(asked)

    def _compare(self, question: Question) -> None:
        try:
            right = self._truth.answer(question)
        except SyntaxError:
            self._compare_errors(question.text())
            return
        answer = self._answer(self._store, question)
        self._tally.pairs += 1
        self._tally.withheld += bool(self._truth.forbidden)
        self._tally.kinds[type(answer).__name__] += 1
        found = multiset(answer)
        self._tally.rows += sum(count for row, count in found.items() if row is not False)
        difference = chosen(question, found, right, self._truth.answer)
        if difference is None:
            self._fail("another answer than the truth", question)
        elif difference:
            self._tally.chosen[difference] += 1
        for forbidden in self._truth.forbidden if "VALUES ?g" not in question.body else ():  # which gives back what was sent
            if f"<{forbidden}>" in question.text() or forbidden in (question.default_graphs or ()):
                other = question.instead(forbidden)
                if other.bindings:
                    continue
                if chosen(question, multiset(self._answer(self._store, other)), found, self._truth.answer) is None:
                    self._fail(f"{forbidden} is not as if it did not exist", question)
        if self._chance.random() < SIZED and not self._are_of_one_size(question):
            self._fail("an answer of another size than without the forbidden records", question)

    def _answer(self, store: GraphReader, question: Question) -> Answer:
        datasets = (
            {"default_graphs": question.default_graphs or (), "named_graphs": question.named_graphs or ()}
            if question.by_protocol
            else {}
        )
        return store.query(question.text(), self._reader, bindings=question.bindings, repeatable=True, **datasets)

    def _are_of_one_size(self, question: Question) -> bool:
        """Whether the answer is as long as without the forbidden records, but for values that the engine chose differently."""
        stores = (self._store, self._without)
        if len({self._size(store, question) for store in stores}) == 1:
            return True
        choice = choice_of(question)
        is_chosen = (
            choice is not None and len({frozenset(multiset(self._answer(store, question)).items()) for store in stores}) == 2
        )
        return is_chosen and len({self._size(store, question, choice) for store in stores}) == 1

    def _size(self, store: GraphReader, question: Question, choice: Choice | None = None) -> int:
        """Length of the answer as it is sent, without the values of a choice."""
        answer = self._answer(store, question)
        if choice is not None and isinstance(answer, Solutions):
            answer = without_choice(answer, choice)
        form = ResultFormat.N_TRIPLES if isinstance(answer, Graph) else ResultFormat.JSON
        return sum(map(len, write_answer(answer, form)))

    def _compare_errors(self, text: str) -> None:
        self._tally.errors += 1
        if self._error(self._store, text) != self._error(self._without, text):
            self._fail("another error than without the forbidden records", Question(text, ""))

    def _error(self, store: GraphReader, text: str) -> tuple[object, ...]:
        """Kind, text and place of the error; or the answer, when there is none and nothing of it is open."""
        try:
            answer = store.query(text, self._reader, repeatable=True)
        except VoltagraphError as exc:
            return type(exc).__name__, str(exc), getattr(exc, "line", 0), getattr(exc, "column", 0)
        return type(answer).__name__, None if _OPEN.search(text) else multiset(answer)

    def _fail(self, what: str, question: Question) -> None:
        self._tally.differing.append(f"seed {self._seed}, reader {sorted(self._reader)}: {what}\n{question.text()}\n{question}")


def _spoilt(text: str, chance: random.Random) -> str:
    """The text with a piece taken out or put in: mostly no query any more."""
    place = chance.randrange(len(text) + 1)
    if chance.random() < 0.5:
        return text[:place] + text[place + chance.randrange(1, 6) :]
    return text[:place] + chance.choice(["{", "}", " SERVICE <urn:x> ", "<", '"', " . ", "\\u0041", " FOO(1) ", "?"]) + text[place:]


def tallies(first: int, count: int, suites: list[Suite], views: Path | None = None) -> Iterator[Tally]:
    """The tally of each of so many seeds, from the first on."""
    for seed in range(first, first + count):
        yield batch_of_pairs(seed, suites, views)
