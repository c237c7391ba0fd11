"""The keys of the values: which there are, what they take, and what replaced those of other charts."""
