"""Options of the command line as data, and the values that they become."""
