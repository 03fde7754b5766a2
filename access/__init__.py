"""Who may read what: audiences of records, audiences of actors."""
