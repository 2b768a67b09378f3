"""What a researcher would write first: reads a folder of reports with pandas and lxml on two processes.

    python benches/peer.py FOLDER OUT

Every number at the end of a line (text) or in a cell of a table (web pages) becomes a row of one long table, written as
Parquet and CSV. Nothing is matched to the form and nothing is checked: a lower bound of the work of such a script.
"""

import re
import sys
from concurrent.futures import ProcessPoolExecutor
from io import StringIO
from pathlib import Path

import pandas

NUMBER = re.compile(r"^-?\d[\d,]*(\.\d+)?$")


def lines(path):
    """The rows of a text report: the words of a line, and the numbers behind them."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        words = re.split(r"[\t|]+|\s{2,}", line.strip())
        yield from values(words)


def tables(path):
    """The rows of a web page: the cells of each row of each table."""
    try:
        frames = pandas.read_html(StringIO(path.read_bytes().decode("utf-8", errors="replace")), flavor="lxml")
    except ValueError:
        return
    for frame in frames:
        for row in frame.astype(str).itertuples(index=False):
            yield from values(row)


def values(words):
    label = " ".join(word for word in words if not NUMBER.match(word))
    numbers = (word for word in words if NUMBER.match(word))
    for at, number in enumerate(numbers):
        yield label, at, float(number.replace(",", ""))


def read(paths):
    rows = []
    for path in paths:
        read_one = tables if path.suffix in (".html", ".htm") else lines
        rows.extend((str(path), *row) for row in read_one(path))
    return pandas.DataFrame(rows, columns=["path", "label", "column", "value"])


def main():
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    parts = [paths[at : at + 200] for at in range(0, len(paths), 200)]
    with ProcessPoolExecutor(2) as pool:
        table = pandas.concat(pool.map(read, parts), ignore_index=True)
    out.mkdir(parents=True, exist_ok=True)
    table.to_parquet(out / "numbers.parquet")
    table.to_csv(out / "numbers.csv", index=False)


if __name__ == "__main__":
    main()
