"""What others use for the same task, for comparison only; nothing of the service imports this."""
