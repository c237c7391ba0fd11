"""The only code that starts processes or opens sockets."""
