"""What a person sees of every command: help, progress, reports."""
