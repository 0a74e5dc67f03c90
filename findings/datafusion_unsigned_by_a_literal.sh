#!/usr/bin/env bash
# DataFusion 54.1.0 and 55.0.0: an unsigned column of 64 bits divided by a literal is no whole number.
#
# Quotients of whole numbers are whole numbers in its SQL: of two BIGINT, of two BIGINT UNSIGNED, and of an INT UNSIGNED by
# a literal. But a BIGINT UNSIGNED by the literal 2, which is a BIGINT, is a Decimal128(24, 4): no type of 64 bits holds
# both. So `GROUP BY row / 1000` of row numbers that count from 0 makes a group of each row, with keys 0.0000, 0.0010, ...;
# with the number cast to BIGINT, it makes one of each thousand.
#
# Seen, by both releases:
#     7::bigint / 2                             Int64               3
#     7::bigint unsigned / 2                    Decimal128(24, 4)   3.5000
#     7::bigint unsigned / 2::bigint unsigned   UInt64              3
#     7::int unsigned / 2                       Int64               3
#     groups of 4000 rows by row / 1000: 4000; with row cast to bigint: 4
#
# Exits with 0 while DataFusion behaves so.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for release in 54.1.0 55.0.0; do
    python3 -m venv "$folder/$release"
    "$folder/$release/bin/pip" install -q "datafusion==$release" "pyarrow==23.0.0"
    "$folder/$release/bin/python" - "$release" <<'PYTHON'
import sys
import datafusion
import pyarrow

assert datafusion.__version__ == sys.argv[1], datafusion.__version__
sql = datafusion.SessionContext()


def only(query):
    return [column[0] for column in sql.sql(query).to_pydict().values()]


expected = {
    "7::bigint / 2": ("Int64", "3"),
    "7::bigint unsigned / 2": ("Decimal128(24, 4)", "3.5000"),
    "7::bigint unsigned / 2::bigint unsigned": ("UInt64", "3"),
    "7::int unsigned / 2": ("Int64", "3"),
}
for quotient, (of_type, value) in expected.items():
    found = only(f"SELECT arrow_typeof({quotient}) a, {quotient} b")
    print(quotient, *found, sep="   ")
    assert (found[0], str(found[1])) == (of_type, value), found

rows = pyarrow.array(range(4000), pyarrow.uint64())
sql.register_record_batches("t", [[pyarrow.record_batch([rows], names=["row"])]])
for key, groups in [("row / 1000", 4000), ("row::bigint / 1000", 4)]:
    [found] = only(f"SELECT count(*) n FROM (SELECT {key} FROM t GROUP BY {key})")
    print("groups by", key, found)
    assert found == groups, found
PYTHON
done
