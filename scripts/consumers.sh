#!/usr/bin/env bash
# Opens a published snapshot with the tools its users have: DuckDB, pandas and polars always; the validators of the
# descriptors, R and LibreOffice where they are there. Python packages are installed into an environment of their own.
#
#   scripts/consumers.sh [SNAPSHOT]     SNAPSHOT is out/current unless named
#
# Exit 69 when these tools cannot be had here, so that nothing was opened.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
snapshot=$(cd "${1:-$root/out/current}" && pwd -P)
environment=${GONGKAI_CONSUMERS:-$root/target/consumers}
if ! { [ -x "$environment/bin/python" ] || python3 -m venv "$environment"; } ||
    ! "$environment/bin/pip" install --quiet duckdb pandas pyarrow polars; then
    echo "DuckDB, pandas and polars cannot be installed in $environment: nothing was opened" >&2
    exit 69
fi
cd "$snapshot"
# A snapshot stays as it was published.
export PYTHONDONTWRITEBYTECODE=1
sha256sum --check --quiet SHA256SUMS
echo "sums: all files are as listed"

"$environment/bin/python" - <<'PY'
import duckdb
import load

connection = duckdb.connect()
connection.execute(open("load.sql", encoding="utf-8").read())
views = [name for (name,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
for view in views:
    connection.execute(f"SELECT * FROM {view}").fetchall()
print(f"DuckDB: {len(views)} views answer")

integers = {"Int32", "Int64"}
for name in load.TABLES:
    frame = load.table(name)
    other = load.table(name, engine="polars")
    described = connection.execute(f"DESCRIBE {name}").fetchall()
    assert list(frame.columns) == other.columns == [row[0] for row in described], name
    assert len(frame) == other.height == connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0], name
    for column, kind, *_ in described:
        if kind in ("INTEGER", "BIGINT"):
            assert str(frame[column].dtype) in integers, f"{name}.{column} is {frame[column].dtype} in pandas"
            assert other.schema[column].is_integer(), f"{name}.{column} is {other.schema[column]} in polars"
print(f"pandas, polars: {len(load.TABLES)} tables, integers are integers")

# Sums over rows are the printed totals where every part is known.
wrong = connection.execute("""
    SELECT COUNT(*) FROM totals JOIN reports USING (report_id)
    WHERE outcomes <> outcome_total AND checks_undecided = 0 AND checks_fail = 0""").fetchone()[0]
assert wrong == 0, f"{wrong} reports whose outcomes do not add up to their total"
assert connection.execute("SELECT COUNT(*) - COUNT(DISTINCT (agency_id, year, scope)) FROM panel WHERE agency_id IS NOT NULL").fetchone()[0] == 0
print("views: totals hold, and a body has one row a year")
PY

if "$environment/bin/pip" install --quiet frictionless mlcroissant 2> /dev/null; then
    "$environment/bin/python" - <<'PY'
import json
from frictionless import Package

problems = list(Package.metadata_validate(json.load(open("datapackage.json", encoding="utf-8"))))
assert not problems, problems
package = Package("datapackage.json")
# The Parquet reader of frictionless takes a null for a number that is none, so the CSV files stand for the data.
for resource in package.resources:
    if resource.format == "csv":
        report = resource.validate()
        assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])[:5]
print(f"frictionless: the descriptor and {sum(r.format == 'csv' for r in package.resources)} CSV files are valid")
PY
    for descriptor in croissant.json croissant-live.json; do
        "$environment/bin/mlcroissant" validate --jsonld "$descriptor" > /dev/null 2>&1
        echo "mlcroissant: $descriptor is valid"
    done
else
    echo "frictionless and mlcroissant cannot be installed here: the descriptors were not validated"
fi

if command -v Rscript > /dev/null; then
    Rscript load.R > /dev/null
    echo "R: every table with a CSV file was read"
else
    echo "no R here: load.R was not run"
fi

if command -v soffice > /dev/null && [ -e gongkai.xlsx ]; then
    folder=$(mktemp -d)
    soffice --headless --convert-to csv --outdir "$folder" gongkai.xlsx > /dev/null 2>&1
    [ -s "$folder/gongkai.csv" ] && echo "LibreOffice: gongkai.xlsx opens"
    rm -r "$folder"
else
    echo "no LibreOffice here: gongkai.xlsx was not opened"
fi
