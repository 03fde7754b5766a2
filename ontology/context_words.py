"""Words of JSON-LD contexts: keywords, usual prefixes and namespaces, names that changed between versions."""

from __future__ import annotations

from typing import Final

# Names of one class or property in different versions of the battery context (0.14.0-beta to 0.20.2 of
# github.com/emmo-repo/domain-battery, CC BY 4.0): a document that mixes versions, or the fact table alone, has only one of each.
RENAMED: Final = {
    "Real": "RealData",
    "RealData": "Real",
    "hasNumericalValue": "hasNumberValue",
    "hasNumberValue": "hasNumericalValue",
    "ThreeElectrodeCell": "ThreeElectrodeElectrochemicalCell",
    "TotalCapacity": "CumulativeCapacity",
    "hasTemporaryParticipant": "isParticipatedBy",
}
WELL_KNOWN_PREFIXES: Final = {
    "battery": "https://w3id.org/emmo/domain/battery#",
    "battinfo": "https://w3id.org/battinfo/",
    "bibo": "http://purl.org/ontology/bibo/",
    "chameo": "https://w3id.org/emmo/domain/characterisation-methodology/chameo#",
    "chemical": "https://w3id.org/emmo/domain/chemical-substance#",
    "csvw": "http://www.w3.org/ns/csvw#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "echem": "https://w3id.org/emmo/domain/electrochemistry#",
    "electrochemistry": "https://w3id.org/emmo/domain/electrochemistry#",
    "emmo": "https://w3id.org/emmo#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "qudt": "http://qudt.org/schema/qudt/",
    "quantitykind": "http://qudt.org/vocab/quantitykind/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "spdx": "http://spdx.org/rdf/terms#",
    "ssn": "http://www.w3.org/ns/ssn/",
    "time": "http://www.w3.org/2006/time#",
    "unit": "http://qudt.org/vocab/unit/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MISTAKEN_NAMESPACES: Final = {
    "https://qudt.org/vocab/unit/": "http://qudt.org/vocab/unit/",
    "https://qudt.org/vocab/quantitykind/": "http://qudt.org/vocab/quantitykind/",
    "https://qudt.org/schema/qudt/": "http://qudt.org/schema/qudt/",
}
EMMO: Final = "https://w3id.org/emmo"
SCHEMES: Final = frozenset(
    (
        "about", "ark", "cid", "data", "did", "doi", "file", "ftp", "ftps", "geo", "git", "hdl", "http", "https", "info",
        "isbn", "jdbc", "mailto", "mid", "ni", "oid", "orcid", "pkg", "s3", "sftp", "ssh", "swh", "tag", "tel", "urn",
        "uuid", "ws", "wss",
    )
)  # fmt: skip
KEYWORDS: Final = frozenset(
    (
        "@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json",
        "@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type",
        "@value", "@version", "@vocab",
    )
)  # fmt: skip
OF_CONTEXTS: Final = frozenset(("@base", "@import", "@prefix", "@propagate", "@protected", "@version", "@vocab"))
"""Keywords that mean something in a context alone."""
CONTAINERS: Final = frozenset(("@graph", "@id", "@index", "@language", "@list", "@set", "@type"))


def is_like_keyword(text: str) -> bool:
    """Whether a text has the form of a keyword: ``@`` and letters."""
    return text.startswith("@") and text[1:].isalpha() and text.isascii()
