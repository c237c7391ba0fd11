"""One module for each command; each reads as a numbered story."""
