#!/bin/sh
# Takes a backup of today, tries it, and deletes those that are old: what the nightly timer runs.
# Usage, in the folder of the code: sh deploy/backup.sh <folder> [days that they are kept]
set -eu
folder=$1
days=${2:-14}
python=${PYTHON:-.venv/bin/python}
file="$folder/flere-haender-$(date +%Y-%m-%d-%H%M%S).backup"

"$python" manage.py backup "$file"
"$python" manage.py restore --trial "$file"
# Only when a new one is there and has been tried.
find "$folder" -maxdepth 1 -name 'flere-haender-*.backup' -mtime "+$days" -delete
