"""The tables of this dataset as data frames with the right types.

    import load
    load.table("applications")                   # pandas, whole numbers stay whole
    load.table("applications", engine="polars")
    load.labels("applications.column")           # code -> (Chinese, English)

Run as a program it prints every table with its rows. Before counting, read CODEBOOK.md: blank is not zero, and a report with
scope jurisdiction or system contains its agencies.
"""

import csv
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
TABLES = {
{{tables}}}


def table(name, engine="pandas", folder=FOLDER):
    """The table of this name; engine is pandas or polars."""
    path = Path(folder) / TABLES[name]
    if engine == "pandas":
        import pandas

        return pandas.read_parquet(path, dtype_backend="numpy_nullable")
    if engine == "polars":
        import polars

        return polars.read_parquet(path)
    raise ValueError(f"engine {engine!r}: pandas or polars")


def labels(codes, folder=FOLDER):
    """The labels of a list of codes: code -> (Chinese, English). CODEBOOK.md names the list of each column."""
    with open(Path(folder) / "codes.csv", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["list"] == codes]
    if not rows:
        raise KeyError(codes)
    return {row["code"]: (row["label_zh"], row["label_en"]) for row in rows}


if __name__ == "__main__":
    for name in TABLES:
        frame = table(name)
        print(f"{name}: {len(frame)} rows")
        for column, dtype in frame.dtypes.items():
            print(f"    {column}: {dtype}")
