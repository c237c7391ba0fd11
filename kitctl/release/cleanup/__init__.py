"""What a release leaves behind: data that outlives it, and objects that Helm knows nothing of any more."""
