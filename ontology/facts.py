"""The fact table: what is carried over from the ontologies, as a text file that diffs well.

One file, tab-separated, one fact line per concept, unit or term, IRIs as CURIEs:

    voltagraph-facts  FORMAT
    prefix   NAME  NAMESPACE
    source   IRI  VERSION  LICENCE
    concept  IRI  KIND  SOURCES  PARENTS  RESTRICTIONS  REPLACED_BY  LABEL...
    unit     IRI  LABEL  FACTOR  OFFSET  DIMENSION  QUDT  UCUM  EXPRESSION  SYMBOL...
    term     NAME  IRI  COERCION
    disjoint (none)  CLASS...
    domain   IRI  CLASS...
    range    IRI  CLASS...

Lines that start with ``#`` are for people. Several values in one column have a space between them (no IRI has one), the parts of
a restriction ``|``; a label is ``KIND@LANGUAGE=TEXT``. ``!`` after a kind means deprecated, ``*`` that the first label is also the
name of the concept in the term map, so that most terms need no line of their own. A backslash escapes tab, line end and itself.
"""

from __future__ import annotations

import gc
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ontology.concepts import PREFIXES
from ontology.loader import load_ontologies
from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction, SourceOntology, UnitFact
from records.errors import OntologyError
from records.issues import Issue, Severity

FORMAT_VERSION: Final = 2
"""Changes whenever the file format does; a reader refuses any other."""

MAX_FACT_BYTES: Final = 64 * 1024 * 1024
"""A larger file is no fact table."""

MAX_CONTEXT_BYTES: Final = 16 * 1024 * 1024
"""A larger file is no JSON-LD context; the largest real one has 0.6 MB."""

BATTERY_CONTEXT: Final = "https://w3id.org/emmo/domain/battery/context"
"""The unversioned address under which the battery context is published."""

MOST_KEPT: Final = 4
"""Tables of facts that stay in a cache."""

_WRITE_AGAIN: Final = "Write it again with 'voltagraph ontology facts'."
_FETCH_AGAIN: Final = "Fetch the contexts again with 'voltagraph ontology fetch'."
_PEOPLE: Final = "https://orcid.org/"
_EMMO_CONTEXTS: Final = "https://w3id.org/emmo/domain/"
_ATTRIBUTION: Final = """\
# Facts (identifiers, labels, edges, factors; no definitions) taken from the modules under "source" below,
# made by `voltagraph ontology facts`; do not edit by hand. They come from works of:
#   EMMO, the Elementary Multiperspective Material Ontology, by EMMC ASBL and its authors (CC BY 4.0), github.com/emmo-repo/EMMO
#   the EMMO domain ontologies for batteries, electrochemistry, chemical substances and manufacturing,
#   and CHAMEO for characterisation, by their authors (CC BY 4.0), github.com/emmo-repo
#   BattINFO by its authors (Apache-2.0, domain content CC BY 4.0), github.com/BIG-MAP/BattINFO
# CC BY 4.0: https://creativecommons.org/licenses/by/4.0/  Apache-2.0: https://www.apache.org/licenses/LICENSE-2.0
# Changed by us: selected, merged, rearranged as a table; units with factors worked out.
"""
_LABEL_CODES: Final = {LabelKind.PREF: "p", LabelKind.ALT: "a", LabelKind.HIDDEN: "h", LabelKind.RDFS: "l"}
_LABEL_KINDS: Final = {code: kind for kind, code in _LABEL_CODES.items()}
_KIND_CODES: Final = {
    Kind.CLASS: "class",
    Kind.OBJECT_PROPERTY: "object",
    Kind.DATA_PROPERTY: "data",
    Kind.ANNOTATION_PROPERTY: "annotation",
    Kind.PROPERTY: "property",
    Kind.INDIVIDUAL: "individual",
}
_FLAGGED_KINDS: Final = {
    code + deprecated + term: (kind, bool(deprecated), bool(term))
    for kind, code in _KIND_CODES.items()
    for deprecated in ("", "!")
    for term in ("", "*")
}
_ESCAPED: Final = re.compile(r"\\([\\tnr])")
_UNESCAPED: Final = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r"}
_INPUTS: Final = frozenset({".ttl", ".json", ".jsonld", ".py", ".tsv"})
_SPACES: Final = tuple(sorted(PREFIXES.items(), key=lambda item: -len(item[1])))


def write_facts(facts: Facts, path: Path) -> None:
    """Write a fact table: the same bytes for the same facts, replaced in one step.

    Args:
        facts: What to write; its term map comes from `context_terms`.
        path: The file to write.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_facts(Facts((), {}, {}, {"emmo": ("https://w3id.org/emmo#", "")}), Path(folder, "facts.tsv"))
    ...     read_facts(Path(folder, "facts.tsv")).terms
    {'emmo': ('https://w3id.org/emmo#', '')}
    """
    _replace(path, "\n".join(_lines(facts)) + "\n")


def read_facts(path: Path) -> Facts:
    """Read a fact table.

    Raises:
        OntologyError: The file is not there, or is not a fact table of this format; names the line.
    """
    try:
        if path.stat().st_size > MAX_FACT_BYTES:
            raise OntologyError(f"'{path}' is larger than {MAX_FACT_BYTES} bytes.", _WRITE_AGAIN)
        text = path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as exc:
        raise OntologyError(f"The fact table '{path}' cannot be read: {exc}.", _WRITE_AGAIN) from exc
    return _parse(text, str(path))


def packaged_facts() -> Facts:
    """The fact table that comes with the program.

    >>> packaged_facts().terms["schema"]
    ('https://schema.org/', '')
    """
    text = resources.files("ontology").joinpath("facts.tsv").read_bytes().decode()
    return _parse(text, "ontology/facts.tsv")


def cached_facts(directory: Path, cache_dir: Path, *, contexts_dir: Path | None = None) -> tuple[Facts, list[Issue]]:
    """The facts of full ontologies, read once and then kept until a file changes.

    Args:
        directory: Where the ontologies are, as for `load_ontologies`.
        cache_dir: Where to keep the result; made when missing. When it cannot be written, nothing is kept.
        contexts_dir: Where the contexts for the term map are, as for `context_terms`; without it the packaged term map is used.

    Returns:
        As `load_ontologies`, with a term map.

    Raises:
        OntologyError: As `load_ontologies` and `context_terms`.
    """
    cache = cache_dir / f"facts-{_digest(directory, contexts_dir)}.tsv"
    kept = _read_cache(cache)
    if kept is not None:
        return kept
    facts, issues = load_ontologies(directory)
    terms = context_terms(contexts_dir) if contexts_dir is not None else packaged_facts().terms
    facts = replace(facts, terms=terms)
    body = "\n".join([json.dumps([asdict(issue) for issue in issues]), *_lines(facts)]) + "\n"
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        _replace(cache, f"{sha256(body.encode()).hexdigest()}\n{body}")
        _remove_older(cache_dir)
    except OSError as exc:
        message = f"the facts cannot be kept in '{cache_dir}': {exc.strerror or exc}"
        remedy = "make the folder writable, or set another cache folder; until then every start reads the full ontologies"
        issues = [*issues, Issue("cache-unwritable", message, severity=Severity.WARNING, remedy=remedy)]
    return facts, issues


def context_terms(contexts_dir: Path) -> dict[str, tuple[str, str]]:
    """One term map out of the contexts of a directory: term -> (IRI, ``@type`` coercion or ``""``), by term in sorted order.

    The current battery context comes first, then its older versions, then the other EMMO domain contexts: what the current one
    defines is never changed, but terms and prefixes that it has lost (``Real``, ``hasNumericalValue``, ``emmo:``) are there. Of all
    other contexts only the prefixes are taken. A prefix is an entry whose IRI ends in ``/`` or ``#``. Contributors whose
    ORCID stands in the contexts by mistake are left out.
    Spec: https://www.w3.org/TR/json-ld11/#context-definitions.

    Args:
        contexts_dir: A folder with ``contexts.json`` (``map`` from address to file, ``alternates``) and the files it names.

    Raises:
        OntologyError: A file is missing or is no context.
    """
    path = contexts_dir / "contexts.json"
    index = _json(path)
    try:
        files = {str(address): str(name) for address, name in index["map"].items()}
        older = [str(name) for name in index.get("alternates", {}).get(BATTERY_CONTEXT, ())]
        others = sorted(str(entry["file"]) for entry in index["files"])
        main = [files[BATTERY_CONTEXT], *older, *(files[address] for address in files if address.startswith(_EMMO_CONTEXTS))]
    except (KeyError, TypeError, AttributeError) as exc:
        raise OntologyError(f"'{path}' is no list of contexts ({type(exc).__name__}: {exc}).", _FETCH_AGAIN) from exc
    terms: dict[str, tuple[str, str]] = {}
    for name in dict.fromkeys(main):
        for term, value in _definitions(contexts_dir / name):
            terms.setdefault(term, value)
    for name in others:
        for term, (iri, coercion) in _definitions(contexts_dir / name):
            if iri.endswith(("/", "#")):
                terms.setdefault(term, (iri, coercion))
    return {term: value for term, value in sorted(terms.items()) if not value[0].startswith(_PEOPLE)}


def _definitions(path: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """The terms that a context file defines, with IRIs in full."""
    document = _json(path)
    context = document.get("@context") if isinstance(document, dict) else None
    defined: dict[str, object] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            defined.update(part)
    for term, value in defined.items():
        iri = value.get("@id") if isinstance(value, dict) else value
        if term.startswith("@") or not isinstance(iri, str) or iri.startswith("@"):
            continue
        prefix, colon, rest = iri.partition(":")
        space = defined.get(prefix)
        if colon and isinstance(space, str) and not rest.startswith("//"):
            iri = space + rest
        if ":" in iri:
            coercion = value.get("@type", "") if isinstance(value, dict) else ""
            yield term, (iri, coercion if isinstance(coercion, str) else "")


def _json(path: Path) -> Any:
    """A JSON file, within limits."""
    try:
        if path.stat().st_size > MAX_CONTEXT_BYTES:
            raise OntologyError(f"'{path}' is larger than {MAX_CONTEXT_BYTES} bytes.", _FETCH_AGAIN)
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as exc:
        raise OntologyError(f"'{path}' cannot be read: {exc}.", _FETCH_AGAIN) from exc


def _lines(facts: Facts) -> Iterator[str]:
    """The lines of the file."""
    yield f"voltagraph-facts\t{FORMAT_VERSION}"
    yield from _ATTRIBUTION.splitlines()
    for name, space in PREFIXES.items():
        yield f"prefix\t{name}\t{space}"
    for source in facts.sources:
        yield _line("source", *source)
    named = set()
    for iri, concept in facts.concepts.items():
        first = concept.labels[0].text if concept.labels else ""
        is_term = facts.terms.get(first) == (iri, _coercion(concept.kind)) and first not in named
        if is_term:
            named.add(first)
        yield _line(
            "concept",
            _compact(iri),
            _KIND_CODES[concept.kind] + "!" * concept.deprecated + "*" * is_term,
            " ".join(str(number) for number in concept.sources),
            " ".join(_compact(parent) for parent in concept.parents),
            " ".join(_written(restriction) for restriction in concept.restrictions),
            _compact(concept.replaced_by),
            *(f"{_LABEL_CODES[label.kind]}@{label.language}={label.text}" for label in concept.labels),
        )
    for iri, unit in facts.units.items():
        yield _line(
            "unit",
            _compact(iri),
            unit.label,
            repr(unit.factor),
            repr(unit.offset),
            " ".join(str(exponent) for exponent in unit.dimension),
            _compact(unit.qudt),
            unit.ucum,
            unit.expression,
            *unit.symbols,
        )
    for term, (iri, coercion) in facts.terms.items():
        if term not in named:
            yield _line("term", term, _compact(iri), coercion)
    for group in facts.disjoint:
        yield _line("disjoint", "", " ".join(_compact(iri) for iri in group))
    for what, classes in (("domain", facts.domains), ("range", facts.ranges)):
        for iri, names in classes.items():
            yield _line(what, _compact(iri), " ".join(_compact(name) for name in names))


def _coercion(kind: Kind) -> str:
    """What a context says of the values of a property of this kind, as a rule."""
    return "@id" if kind is Kind.OBJECT_PROPERTY else ""


def _line(*columns: str) -> str:
    return "\t".join(_escape(column) for column in columns).rstrip("\t")


def _escape(text: str) -> str:
    if "\\" in text or not text.isprintable():
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _UNESCAPED[match[1]], text)


def _written(restriction: Restriction) -> str:
    inverse = "^" if restriction.property.startswith("^") else ""
    quantifier = restriction.quantifier.replace(" ", "_")
    return f"{inverse}{_compact(restriction.property[len(inverse) :])}|{quantifier}|{_compact(restriction.filler)}"


def _compact(iri: str) -> str:
    """The CURIE of an IRI by the prefixes of the file, else the IRI itself."""
    for name, space in _SPACES:
        if iri.startswith(space):
            return f"{name}:{iri[len(space) :]}"
    return iri


class _Iris(dict[str, str]):
    """CURIE -> IRI; every IRI is one string object, however often it is named."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        super().__init__({"": ""})
        self.prefixes = prefixes

    def __missing__(self, curie: str) -> str:
        prefix, colon, rest = curie.partition(":")
        space = self.prefixes.get(prefix)
        if not colon:
            raise ValueError(f"'{curie}' is no IRI")
        iri = self[curie] = space + rest if space is not None else curie
        return iri


class _Labels(dict[str, tuple[str, LabelKind]]):
    """``KIND@LANGUAGE`` -> language and kind."""

    def __missing__(self, head: str) -> tuple[str, LabelKind]:
        code, _, language = head.partition("@")
        value = self[head] = (language, _LABEL_KINDS[code])
        return value


class _Restrictions(dict[str, Restriction]):
    """``PROPERTY|QUANTIFIER|FILLER`` -> the restriction."""

    def __init__(self, iris: _Iris) -> None:
        super().__init__()
        self.iris = iris

    def __missing__(self, text: str) -> Restriction:
        name, quantifier, filler = text.split("|")
        inverse = "^" if name.startswith("^") else ""
        value = Restriction(inverse + self.iris[name[len(inverse) :]], quantifier.replace("_", " "), self.iris[filler])
        self[text] = value
        return value


def _parse(text: str, name: str) -> Facts:
    """Read the text of a fact table, without the garbage collector, which would go over the growing table again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(text, name)
    finally:
        if collecting:
            gc.enable()


def _read(text: str, name: str) -> Facts:
    """The loop is plain, because every command line call waits for it."""
    sources: list[SourceOntology] = []
    concepts: dict[str, Concept] = {}
    units: dict[str, UnitFact] = {}
    terms: dict[str, tuple[str, str]] = {}
    related: dict[str, list[tuple[str, tuple[str, ...]]]] = {"disjoint": [], "domain": [], "range": []}
    prefixes: dict[str, str] = {}
    iris = _Iris(prefixes)
    labels = _Labels()
    restrictions = _Restrictions(iris)
    lines = text.split("\n")
    if lines[0] != f"voltagraph-facts\t{FORMAT_VERSION}":
        raise OntologyError(
            f"'{name}' is no fact table of format {FORMAT_VERSION} (its first line is '{lines[0][:60]}').",
            _WRITE_AGAIN,
        )
    number = 0
    try:
        for number, line in enumerate(lines):
            columns = line.split("\t")
            if "\\" in line:
                columns = [_unescape(column) for column in columns]
            what = columns[0]
            if what == "concept":
                columns += [""] * (7 - len(columns))
                iri = iris[columns[1]]
                kind, deprecated, is_term = _FLAGGED_KINDS[columns[2]]
                named = []
                for column in columns[7:]:
                    head, _, label = column.partition("=")
                    named.append(Label(label, *labels[head]))
                concepts[iri] = Concept(
                    iri,
                    kind,
                    tuple(named),
                    tuple([iris[curie] for curie in columns[4].split()]),
                    tuple([restrictions[part] for part in columns[5].split()]),
                    deprecated,
                    iris[columns[6]],
                    tuple([int(place) for place in columns[3].split()]),
                )
                if is_term:
                    terms[named[0].text] = (iri, _coercion(kind))
            elif what == "unit":
                columns += [""] * (9 - len(columns))
                units[iris[columns[1]]] = _unit(columns, iris)
            elif what == "term":
                columns += [""] * (4 - len(columns))
                terms[columns[1]] = (iris[columns[2]], columns[3])
            elif what == "source":
                columns += [""] * (4 - len(columns))
                sources.append(SourceOntology(*columns[1:4]))
            elif what == "prefix":
                prefixes[columns[1]] = columns[2]
            elif number and what and not what.startswith("#"):
                related[what].append((iris[columns[1]], tuple([iris[curie] for curie in columns[2].split()])))
    except (ValueError, KeyError, IndexError) as exc:
        raise OntologyError(
            f"Line {number + 1} of the fact table '{name}' cannot be read: {exc!r}.",
            _WRITE_AGAIN,
        ) from exc
    return Facts(
        tuple(sources),
        concepts,
        units,
        dict(sorted(terms.items())),
        tuple([classes for _, classes in related["disjoint"]]),
        dict(related["domain"]),
        dict(related["range"]),
    )


def _unit(columns: list[str], iris: _Iris) -> UnitFact:
    length, mass, time, current, temperature, amount, luminosity = (int(exponent) for exponent in columns[5].split())
    return UnitFact(
        iri=iris[columns[1]],
        label=columns[2],
        symbols=tuple(columns[9:]),
        qudt=iris[columns[6]],
        ucum=columns[7],
        expression=columns[8],
        factor=float(columns[3]),
        offset=float(columns[4]),
        dimension=(length, mass, time, current, temperature, amount, luminosity),
    )


def _remove_older(cache_dir: Path) -> None:
    """Leave those that were made last: homes with other ontologies may share the directory."""
    made = {file: file.stat().st_mtime_ns for file in cache_dir.glob("facts-*.tsv") if file.exists()}
    for stale in sorted(made, key=made.__getitem__)[:-MOST_KEPT]:
        stale.unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _digest(directory: Path, contexts_dir: Path | None) -> str:
    """Changes whenever a file that the facts come from does: its name, size or time, or the rules that make facts of it."""
    seen = sha256(f"{FORMAT_VERSION}\n".encode())
    here = Path(__file__).parent
    for folder, pattern in ((directory, "**/*"), (contexts_dir, "*"), (here, "*")):
        for path in sorted(folder.glob(pattern)) if folder is not None else ():
            if path.suffix in _INPUTS and path.is_file():
                stat = path.stat()
                seen.update(f"{path}\t{stat.st_size}\t{stat.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:32]


def _read_cache(path: Path) -> tuple[Facts, list[Issue]] | None:
    """What was kept; ``None`` when nothing was, or it is damaged."""
    try:
        checksum, _, body = path.read_bytes().partition(b"\n")
        if sha256(body).hexdigest().encode() != checksum:
            return None
        noted, _, text = body.decode().partition("\n")
        issues = [Issue(**(values | {"severity": Severity(values["severity"]), "suggestions": ()})) for values in json.loads(noted)]
        return _parse(text, str(path)), issues
    except (OSError, ValueError, TypeError, OntologyError):
        return None
