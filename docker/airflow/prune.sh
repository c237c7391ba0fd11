#!/bin/sh
# Remove what no running Airflow reads from the virtual environment given as $1. Part of the build stage, so that nothing
# of it reaches a layer. Conservative: only files that are never imported or opened at run time.
set -eu
site="$(echo "$1"/lib/python*/site-packages)"

find "$site" -depth -type d -name __pycache__ -exec rm -rf {} +
# Unit tests that some wheels carry. Folders called "test" are kept: some packages import them (click.testing lives elsewhere).
for package in greenlet msgpack psutil setproctitle sqlalchemy_utils tornado uvloop; do
  rm -rf "${site:?}/$package/test" "${site:?}/$package/tests"
done
# Type stubs, C sources and headers of compiled wheels.
find "$site" -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.cpp' -o -name '*.h' \) -delete
