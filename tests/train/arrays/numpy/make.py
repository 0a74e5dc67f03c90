"""Files of arrays as numpy 2.4 writes them, and some that no reader should take; into the folder given."""

import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np

place = Path(sys.argv[1])
sevenths = np.arange(6.0).reshape(2, 3) / 7
edges = np.array([0x7FF8000000000123, 0xFFF0000000000000, 1, 1 << 63], dtype="u8").view("f8")
arrays = {
    "plain": sevenths,
    "fortran": np.asfortranarray(sevenths),
    "cube": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    "big": sevenths.astype(">f8"),
    "big fortran": np.asfortranarray(sevenths.astype(">f8")),
    "single": sevenths.astype("f4"),
    "big single": sevenths.astype(">f4"),
    "none": np.zeros((0, 3)),
    "scalar": np.array(1 / 3),
    "edges": edges,
}
np.savez(place / "stored.npz", **arrays)
np.savez_compressed(place / "compressed.npz", **arrays)

record = np.zeros(1, dtype=[("x", "f8"), ("y", "f4")])
for name, array in {
    "half": np.zeros(2, "f2"),
    "long": np.zeros(2, np.longdouble),
    "whole": np.zeros(2, "i8"),
    "complex": np.zeros(2, "c16"),
    "truth": np.zeros(2, "?"),
    "text": np.array(["ab", "c"]),
    "record": record,
    "objects": np.array([None, 1]),
}.items():
    np.savez(place / f"dtype_{name}.npz", a=array)


def npy(header, content=b""):
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x02\x00" + len(text).to_bytes(4, "little") + text + content


def archive(name, *entries):
    with zipfile.ZipFile(place / f"{name}.npz", "w", zipfile.ZIP_DEFLATED) as file:
        for entry, content in entries:
            file.writestr(entry, content)


def described(shape):
    return f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"


warnings.simplefilter("ignore")
one = npy(described("(1,)"), bytes(8))
archive("damaged_nested", ("a.npy", npy(described("[" * 8 + "1" + "]" * 8))))
archive("damaged_huge", ("a.npy", npy(described(f"({1 << 40}, 8)"))))
archive("damaged_negative", ("a.npy", npy(described("(-1,)"), bytes(8))))
archive("damaged_short", ("a.npy", npy(described("(2,)"), bytes(8))))
archive("damaged_long", ("a.npy", npy(described("(1,)"), bytes(9))))
archive("damaged_header", ("a.npy", b"\x93NUMPY\x01\x00"))
archive("damaged_pickle", ("a.npy", b"\x80\x04N."))
archive("damaged_twice", ("a.npy", one), ("a.npy", one))
archive("unexpected", ("a.npy", one), ("README", b"text"))
