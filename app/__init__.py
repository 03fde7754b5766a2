"""Settings, bootstrap, command line: picks the adapters; imported by nobody."""
