"""Values files of other charts, carried over to this one: pure code, which reads text and returns text and a report."""
