"""One document being expanded (JSON-LD 1.1 API, section 5.1), with a finding for everything that is lost or had to be assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ontology.active_context import UNSET, ActiveContext, ContextFault, Term
from ontology.context_fit import ContextFit, Scope
from ontology.context_words import OF_CONTEXTS
from ontology.document_iris import DocumentIris
from ontology.expansion_findings import Findings, short
from ontology.iris import is_absolute, is_language_tag, is_valid_iri
from ontology.mends import Spot
from ontology.readings import Json, Located, Node, Reading, keyed, listed
from ontology.suggester import Suggester
from ontology.terms import HAS_MEASUREMENT_UNIT
from records.issues import Severity

_MAX_CONTEXTS: Final = 64
_MAX_CACHED_TERMS: Final = 500
_LISTING: Final = frozenset(("@value", "@list", "@set"))
_ALONE: Final = frozenset(("@language", "@direction"))
_BESIDE_VALUE: Final = frozenset(("@value", "@type", "@language", "@direction", "@index", "@context"))
_BESIDE_LIST: Final = frozenset(("@index", "@context"))
_UNDER_A_PROPERTY: Final = "put it under a property"


class Walk:
    """One document being expanded."""

    def __init__(self, fit: ContextFit, suggester: Suggester, document: Located, base_iri: str, pins: Mapping[str, str]) -> None:
        self._fit = fit
        self._document = document
        self._pins = pins
        self._base = base_iri
        self._stem = base_iri.partition("#")[0] + "#"
        self._findings = Findings(document, suggester)
        self._iris = DocumentIris(document, base_iri, suggester, self._findings)
        self._contexts: dict[tuple[str, str], None] = {}
        self._context_count = 0
        self._tops: list[dict[str, Json]] = []
        self._nodes: list[Node] = []
        self.context_pointer = ""

    def run(self) -> Reading:
        """Expand the document."""
        value = self._document.value
        terms = ActiveContext({})
        if type(value) is list:
            for index, item in enumerate(value):
                self._top(item, terms, f"/{index}", f"/{index}")
        else:
            if "@context" in value:
                terms = self._enter(value["@context"], terms, value, "")
            self._top(value, terms, "", "", is_entered=True)
        self._findings.tell_assumptions()
        subject = self._tops[0]["@id"] if self._tops else self._base
        pointers: dict[str, str] = {}
        for node in self._nodes:
            pointers.setdefault(node.expanded["@id"], node.pointer)
        return Reading(self._tops, subject, tuple(self._nodes), pointers, self._findings.issues, tuple(self._contexts), terms)

    # Nodes

    def _top(self, value: Json, active: ActiveContext, pointer: str, fragment: str, *, is_entered: bool = False) -> None:
        if type(value) is list:
            for index, item in enumerate(value):
                self._top(item, active, f"{pointer}/{index}", f"{fragment}/{index}")
        elif type(value) is dict:
            if not is_entered and "@context" in value:
                active = self._enter(value["@context"], active, value, pointer)
            if not is_entered:
                active = self._below(value, None, active)
            graph, loose = keyed(value, "@graph", active), keyed(value, "@set", active)
            if loose:
                self._top(value[loose], active, pointer + active.term(loose).step, fragment + active.term(loose).fragment)
            elif graph and not any(key not in ("@context", graph) for key in value):
                step = active.term(graph)
                self._top(value[graph], active, pointer + step.step, fragment + step.fragment)
            elif keyed(value, "@value", active) or keyed(value, "@list", active):
                self._invalid("a value at the top of the document says nothing", _UNDER_A_PROPERTY, pointer)
            else:
                place = len(self._tops)
                node = self._node(value, active, pointer, fragment, is_entered=True)
                if len(node) > 1:
                    self._tops.insert(place, node)
        elif value is not None:
            self._invalid("a bare value at the top of the document says nothing", _UNDER_A_PROPERTY, pointer)

    def _node(
        self, source: dict[str, Json], active: ActiveContext, pointer: str, fragment: str, *, is_entered: bool = False
    ) -> dict[str, Json]:
        if not is_entered and "@context" in source:
            active = self._enter(source["@context"], active, source, pointer)
        active, types = self._type_scoped(source, active)
        node: dict[str, Json] = {"@id": self._stem + fragment if fragment else self._base}
        place = len(self._nodes)
        self._fill(node, source, active, types, pointer, fragment)
        if len(node) > 1 or not keyed(source, "@id", active):
            self._nodes.insert(place, Node(pointer, source, node))
        return node

    def _below(self, value: dict[str, Json], term: Term | None, active: ActiveContext, *, is_mapped: bool = False) -> ActiveContext:
        """The context of an object under a property: without what held for the node above alone, with what the property brings."""
        is_back = active.previous is not None and not is_mapped and not _is_reference(value, active)
        back = active.previous if is_back and active.previous is not None else active
        return back if term is None or term.context is UNSET else self._scoped(back, term)

    def _fill(
        self,
        node: dict[str, Json],
        source: dict[str, Json],
        active: ActiveContext,
        types: ActiveContext,
        pointer: str,
        fragment: str,
    ) -> None:
        terms = active.terms
        has_language = active.language is not None
        for key, value in source.items():
            term = terms.get(key) or active.term(key)
            iri = term.iri
            if term.is_direct and iri is not None:
                kind = type(value)
                if kind is dict:
                    expanded = self._object(value, term, active, pointer + term.step, fragment + term.fragment)
                elif term.is_plain and kind is not list and not has_language:
                    expanded = value
                else:
                    expanded = self._value(value, term, active, pointer + term.step, fragment + term.fragment)
                if expanded is not None:
                    if iri in node:
                        _add(node, iri, expanded)
                    else:
                        node[iri] = expanded
            elif iri is not None and iri[0] == "@":
                if key != "@context":
                    self._keyword(node, iri, term, value, active, types, pointer, fragment)
            else:
                self._unusual(node, term, value, active, pointer + term.step, fragment + term.fragment)

    def _unusual(self, node: dict[str, Json], term: Term, value: Json, active: ActiveContext, pointer: str, fragment: str) -> None:
        """A property that means nothing, is no IRI, had to be repaired, points backwards or has a container."""
        iri = self._iris.in_full(term.iri, active)
        if not iri or iri.startswith("_:"):
            if not term.is_silenced:
                self._findings.undefined_term(term, value, active, pointer)
            return
        if not is_valid_iri(iri):
            remedy = "write the IRI without spaces and other signs that no IRI may have"
            self._findings.tell("invalid-iri", f"the key {short(term.name)!r} is no IRI; it is not read", remedy, pointer, of="key")
            return
        if term.repair is not None:
            self._findings.assume(term.repair, active, Spot(pointer, "key"))
        expanded = self._property(value, term, active, pointer, fragment)
        if term.is_reverse:
            _add(node.setdefault("@reverse", {}), iri, self._turned(expanded, pointer))
        elif expanded is not None:
            _add(node, iri, expanded)

    def _keyword(
        self,
        node: dict[str, Json],
        keyword: str,
        term: Term,
        value: Json,
        active: ActiveContext,
        types: ActiveContext,
        pointer: str,
        fragment: str,
    ) -> None:
        own = self._stem + fragment if fragment else self._base
        pointer, fragment = pointer + term.step, fragment + term.fragment
        if keyword == "@type":
            self._types(node, value, types, pointer)
        elif keyword == "@id":
            if node["@id"] != own:
                self._invalid("the object has two keys that stand for @id; the last is taken", "leave one of them out", pointer)
            node["@id"] = self._iris.identity(value, active, pointer) or own
        elif keyword == "@graph":
            self._tell_graph(pointer)
            self._top(value, active, pointer, fragment)
        elif keyword == "@included":
            self._top(value, active, pointer, fragment)
        elif keyword == "@reverse":
            self._reverse(node, value, active, pointer, fragment)
        elif keyword == "@nest":
            for index, nested in enumerate(listed(value)):
                below = f"/{index}" if type(value) is list else ""
                if type(nested) is dict and not keyed(nested, "@value", active):
                    inner = self._scoped(active, term) if term.context is not UNSET else active
                    self._fill(node, nested, inner, types, pointer + below, fragment + below)
                else:
                    self._invalid(f"{term.name!r} must hold an object with properties", "put properties into it", pointer + below)
        elif keyword == "@index" and type(value) is str:
            pass  # it means nothing in RDF
        else:
            remedy = "put it into @context" if keyword in OF_CONTEXTS else "leave it out, or put it beside @value"
            self._invalid(f"{keyword} says nothing here", remedy, pointer)

    def _tell_graph(self, pointer: str) -> None:
        message, remedy = (
            "the document has a named graph; its statements are read as the document's own",
            "leave out the graph's name and keep its nodes",
        )
        self._findings.tell("named-graph-merged", message, remedy, pointer, of="key", severity=Severity.INFO)

    def _invalid(self, message: str, remedy: str, pointer: str) -> None:
        self._findings.tell("invalid-value", message, remedy, pointer)

    def _turned(self, expanded: Json, pointer: str) -> list[Json]:
        """The nodes among the values of a property that points backwards."""
        values = listed(expanded)
        nodes = [item for item in values if type(item) is dict and "@value" not in item and "@list" not in item]
        if len(nodes) < len(values):
            self._invalid("only nodes may stand under a property that points backwards", "write objects with @id", pointer)
        return nodes

    def _types(self, node: dict[str, Json], value: Json, active: ActiveContext, pointer: str) -> None:
        known = active.types
        found: list[str] = []
        for index, name in enumerate(value if type(value) is list else (value,)):
            iri = known.get(name) if type(name) is str else None
            if iri is None:
                iri = self._type(name, active, f"{pointer}/{index}" if type(value) is list else pointer)
            if iri:
                found.append(iri)
        if found:
            node["@type"] = [*node["@type"], *found] if "@type" in node else found

    def _type(self, name: Json, active: ActiveContext, pointer: str) -> str:
        term = active.term(name) if type(name) is str and name else None
        iri = self._iris.in_full(term.iri, active) if term is not None else ""
        if term is None or not iri:
            self._findings.undefined_type(name, active, pointer)
            return ""
        if iri.startswith("_:"):
            return self._iris.skolem(iri)
        if term.repair is not None:
            self._findings.assume(term.repair, active, Spot(pointer))
        elif term.is_direct:
            if len(active.types) > _MAX_CACHED_TERMS:
                active.types.clear()
            active.types[term.name] = iri
        return self._iris.valid(iri, term.name, pointer)

    def _reverse(self, node: dict[str, Json], value: Json, active: ActiveContext, pointer: str, fragment: str) -> None:
        if type(value) is not dict:
            self._invalid("@reverse must be an object", "put properties into it", pointer)
            return
        turned: dict[str, Json] = {}
        for key, child in value.items():
            term = active.term(key)
            self._unusual(turned, term, child, active, pointer + term.step, fragment + term.fragment)
        for iri, nodes in turned.pop("@reverse", {}).items():  # turned twice
            _add(node, iri, nodes)
        for iri, found in turned.items():
            _add(node.setdefault("@reverse", {}), iri, self._turned(found, pointer))

    def _type_scoped(self, source: dict[str, Json], active: ActiveContext) -> tuple[ActiveContext, ActiveContext]:
        """The context that the node's types bring along, and the one under which the types themselves are read."""
        key = keyed(source, "@type", active) if active.scoping else ""
        names = [item for item in listed(source[key]) if type(item) is str] if key else ()
        if active.scoping.isdisjoint(names):
            return active, active
        types = active
        for name in sorted(names):
            term = types.terms.get(name) or types.term(name)
            if term.context is not UNSET:
                propagates = isinstance(term.context, dict) and term.context.get("@propagate") is True
                back = None if propagates else (types.previous or types)
                active = self._fit.extend(term.context, active, self._scope(term), previous=back)
        return active, types

    def _scoped(self, active: ActiveContext, term: Term) -> ActiveContext:
        known = active.scoped.get(id(term))
        if known is None:
            known = active.scoped[id(term)] = (term, self._fit.extend(term.context, active, self._scope(term)))
        return known[1]

    def _scope(self, term: Term) -> Scope:
        return Scope(term.context_base or self._base, self._pins)

    def _enter(self, local: Json, active: ActiveContext, below: Json, pointer: str) -> ActiveContext:
        self.context_pointer = f"{pointer}/@context"
        self._context_count += 1
        if self._context_count > _MAX_CONTEXTS:
            remedy = "define the terms once, at the top of the document"
            raise ContextFault("too-many-contexts", f"the document has more than {_MAX_CONTEXTS} contexts", remedy)
        is_first = active.parent is None and not active.definitions
        self._findings.enter(self.context_pointer, local)
        found = self._fit.activate(local, None if is_first else active, below, self._base, self._pins)
        self._contexts.update(dict.fromkeys(found.versions))
        for fault in found.faults:
            self._findings.tell(
                "invalid-context",
                fault.message,
                "mend that definition; it is read as far as it says anything",
                self.context_pointer + fault.pointer,
                of="key",
            )
        return found.context

    # Values

    def _property(self, value: Json, term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        containers = term.containers
        if not containers:
            return self._value(value, term, active, pointer, fragment)
        if "@list" in containers:
            return self._list(value, term, active, pointer, fragment)
        if type(value) is dict and containers & {"@language", "@index", "@id", "@type"}:
            if "@language" in containers:
                return self._language_map(value, active, pointer)
            return self._map(value, term, active, pointer, fragment)
        return self._graph(self._value(value, term, active, pointer, fragment), term, pointer)

    def _value(self, value: Json, term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        kind = type(value)
        coercion = term.coercion
        if coercion == "@json":
            return {"@value": value, "@type": "@json"}
        if kind is dict:
            return self._object(value, term, active, pointer, fragment)
        if kind is list:
            items: list[Json] = []
            for index, item in enumerate(value):
                expanded = self._value(item, term, active, f"{pointer}/{index}", f"{fragment}/{index}")
                if type(expanded) is list:
                    items += expanded
                elif expanded is not None:
                    items.append(expanded)
            return items
        if value is None:
            return None
        if term.context is not UNSET:
            active = self._scoped(active, term)
        if kind is str:
            if coercion == "@id" or coercion == "@vocab":
                return self._iris.reference(value, term, active, pointer)
            if not coercion:
                language = active.language if term.language is UNSET else term.language
                return {"@value": value, "@language": language} if type(language) is str and is_language_tag(language) else value
        if not coercion or coercion.startswith("@"):
            return value
        return {"@value": value, "@type": coercion}

    def _object(self, value: dict[str, Json], term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        if active.previous is not None or term.context is not UNSET:
            active = self._below(value, term, active)
        if len(value) == 1 and "@id" in value:
            return self._mere_reference(value["@id"], term, active, f"{pointer}/@id")
        if ("@language" in value or "@direction" in value) and value.keys() <= _ALONE:
            self._invalid("a language or direction without @value says nothing", "put the text under @value", pointer)
            return None
        if "@value" not in value and "@list" not in value and "@set" not in value and not _LISTING & active.keyword_names.keys():
            return self._node(value, active, pointer, fragment)
        if keyed(value, "@value", active):
            return self._value_object(value, active, pointer)
        key = keyed(value, "@list", active) or keyed(value, "@set", active)
        if not key:
            return self._node(value, active, pointer, fragment)
        self._refuse_beside(value, _BESIDE_LIST | {key}, active, pointer)
        step = active.term(key)
        read: Callable[..., Json] = self._list if step.iri == "@list" else self._value
        return read(value[key], term, active, pointer + step.step, fragment + step.fragment)

    def _mere_reference(self, value: Json, term: Term, active: ActiveContext, pointer: str) -> Json:
        """An object that only refers to a node."""
        iri = self._iris.unit(value, term, active, pointer) if term.iri == HAS_MEASUREMENT_UNIT and type(value) is str else ""
        iri = iri or self._iris.identity(value, active, pointer)
        return {"@id": iri} if iri else None

    def _refuse_beside(self, value: dict[str, Json], allowed: frozenset[str], active: ActiveContext, pointer: str) -> None:
        """Tell what may not stand in an object with a value, a list or a set."""
        for key in value:
            if key not in allowed and active.aliases.get(key, key) not in allowed:
                message = f"{key!r} may not stand beside a value, a list or a set; it is not read"
                self._invalid(message, "make an object of its own for it", pointer + active.term(key).step)

    def _value_object(self, value: dict[str, Json], active: ActiveContext, pointer: str) -> Json:
        said = {active.aliases.get(key, key): item for key, item in value.items()}
        content, kind, language = said["@value"], said.get("@type"), said.get("@language")
        if len(value) > 1:
            self._refuse_beside(value, _BESIDE_VALUE, active, pointer)
            if kind is not None and language is not None:
                self._invalid("a value has a type or a language and not both; the type is taken", "leave one of them out", pointer)
            if not isinstance(said.get("@index", ""), str):
                self._invalid("@index must be text", "write it in quotes", pointer)
        if isinstance(kind, str) and active.term(kind).iri == "@json":
            return {"@value": content, "@type": "@json"}
        if content is None:
            return None
        if isinstance(content, dict | list):
            self._invalid("@value must be a text, a number or true or false", "write the value itself", pointer)
            return None
        if kind is not None:
            term = active.term(kind) if isinstance(kind, str) else None
            if term is None or term.iri is None or not is_absolute(term.iri):
                self._findings.undefined_type(kind, active, f"{pointer}/@type")
                return content
            if term.repair is not None:
                self._findings.assume(term.repair, active, Spot(f"{pointer}/@type"))
            return {"@value": content, "@type": self._iris.valid(term.iri, term.name, f"{pointer}/@type")}
        if language is None:
            return content
        if not (isinstance(language, str) and is_language_tag(language) and isinstance(content, str)):
            self._findings.invalid_language(language, pointer)
            return content
        return {"@value": content, "@language": language}

    def _list(self, value: Json, term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        if type(value) is dict:
            key = keyed(value, "@list", active)
            if key:
                step = active.term(key)
                return self._list(value[key], term, active, pointer + step.step, fragment + step.fragment)
        items: list[Json] = []
        for index, item in enumerate(listed(value)):
            below = f"/{index}" if type(value) is list else ""
            read: Callable[..., Json] = self._list if type(item) is list else self._value
            expanded = read(item, term, active, pointer + below, fragment + below)
            if expanded is not None:
                items += expanded if type(expanded) is list else [expanded]
        return {"@list": items}

    def _language_map(self, value: dict[str, Json], active: ActiveContext, pointer: str) -> Json:
        items: list[Json] = []
        for language, texts in value.items():
            for text in listed(texts):
                if type(text) is str:
                    is_tag = is_language_tag(language) and active.term(language).iri != "@none"
                    items.append({"@value": text, "@language": language} if is_tag else text)
                elif text is not None:
                    self._invalid("only texts may stand under a language", "write a text", pointer)
        return items

    def _map(self, value: dict[str, Json], term: Term, active: ActiveContext, pointer: str, fragment: str) -> Json:
        items: list[Json] = []
        is_node_map = not term.containers.isdisjoint(("@id", "@type"))
        for key, child in value.items():
            step = active.term(key)
            inner = (active.previous or active) if is_node_map else active
            if "@type" in term.containers and step.context is not UNSET:
                inner = self._scoped(inner, step)
            for index, item in enumerate(listed(child)):
                below = f"/{index}" if type(child) is list else ""
                place, mark = pointer + step.step + below, fragment + step.fragment + below
                if type(item) is dict and is_node_map:
                    expanded: Json = self._node(item, self._below(item, term, inner, is_mapped=True), place, mark)
                elif type(item) is str and "@type" in term.containers:
                    expanded = self._iris.reference(item, term, inner, place)
                else:
                    expanded = self._value(item, term, inner, place, mark)
                items += [self._marked(found, item, key, term, active, place) for found in listed(expanded)]
        return self._graph(items, term, pointer)

    def _marked(self, found: Json, source: Json, key: str, term: Term, active: ActiveContext, place: str) -> Json:
        """An item of a map, with what its key says of it."""
        if term.index and (type(found) is not dict or "@value" in found) and active.term(key).iri != "@none":
            self._invalid("a value has no properties, so what its key says of it is not read", "make it an object", place)
        if type(found) is not dict or "@value" in found or "@list" in found or active.term(key).iri == "@none":
            return found
        is_bare = len(found) == 1
        if "@id" in term.containers:
            if found["@id"].startswith(f"{self._stem}/"):
                found["@id"] = self._iris.of(key, active, place) or found["@id"]
        elif "@type" in term.containers:
            self._types(found, key, active, place)
        elif term.index:
            index = active.term(term.index)
            if index.iri is not None and is_absolute(index.iri):
                _add(found, index.iri, self._value(key, index, active, place, ""))
        if is_bare and len(found) > 1:  # a mere reference that says something now
            self._nodes.append(Node(place, source if type(source) is dict else {}, found))
        return found

    def _graph(self, expanded: Json, term: Term, pointer: str) -> Json:
        """Under ``@container: @graph`` the values are graphs: their nodes become the document's own."""
        if "@graph" in term.containers:
            self._tell_graph(pointer)
            for item in listed(expanded):
                if type(item) is dict and "@value" not in item:
                    self._tops.append(item)
        return expanded


def _is_reference(source: dict[str, Json], active: ActiveContext) -> bool:
    return (len(source) == 1 and bool(keyed(source, "@id", active))) or bool(keyed(source, "@value", active))


def _add(node: dict[str, Json], iri: str, value: Json) -> None:
    node[iri] = [*listed(node[iri]), *listed(value)] if iri in node else value
