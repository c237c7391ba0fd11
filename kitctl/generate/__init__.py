"""Files generated from the model; `write` makes them, `check` finds drift."""
