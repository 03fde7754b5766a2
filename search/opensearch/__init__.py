"""The search index on an OpenSearch cluster: the same answers as the embedded one, for installations that have such a cluster."""
