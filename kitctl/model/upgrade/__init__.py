"""What `kitctl upgrade-check` compares: versions, floors, packages and names of options. No process, no network."""
