"""The only code that starts processes or opens sockets."""

import sys

# httpx imports its own command line, and with it click and rich, wherever those are installed: two thirds of the half
# second that it takes. With None here Python reports that one module as absent, and httpx goes on without it.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
