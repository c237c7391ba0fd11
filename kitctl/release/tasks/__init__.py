"""Tasks of a release: their pods, their logs, and why a task has no log."""
