#!/bin/sh
# Sees to what the project needs from Debian: root installs it, others are told the command that does.
# Usage: sh debian-packages.sh run|test|office [python]

python=${2:-python3}
missing=

need() { # a package, and a command that succeeds when it is there
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
library() { "$python" -c "import ctypes; ctypes.CDLL('$1')"; }

need python3 command -v "$python"
need python3-venv "$python" -c "import ensurepip, venv"
need libpango-1.0-0 library libpango-1.0.so.0
need libpangoft2-1.0-0 library libpangoft2-1.0.so.0
need libharfbuzz-subset0 library libharfbuzz-subset.so.0
if [ "$1" = office ]; then
    need libreoffice-calc command -v soffice
fi
required=$missing
if [ "$1" = test ]; then
    need chromium command -v chromium
    need poppler-utils command -v pdfinfo
fi

if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q
    # Names without spaces, so they may be split into words.
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing || exit
elif [ -n "$missing" ]; then
    echo "Der mangler noget fra Debian. Det installeres med: sudo apt-get install$missing" >&2
    [ -z "$required" ] && [ "$CI" != true ] || exit 1
    echo "Indtil da springes testene i browseren over." >&2
fi
"$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" || {
    echo "Der skal bruges Python 3.11 eller nyere. Angiv den med: make PYTHON=/sti/til/python3" >&2
    exit 1
}
