"""The RDF store, and SPARQL exactly within the reader's rights."""
