"""Crops images to the first screen of a dashboard."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

BYTES_PER_PIXEL = {0: 1, 2: 3, 4: 2, 6: 4}  # by color type, 8 bits per channel


def crop_top(source: Path, target: Path, height: int) -> None:
    """Writes the first `height` rows of a PNG. Rows depend only on those above, so pixels need not be decoded."""
    data = source.read_bytes()
    at, header, pixels = 8, b"", b""
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            header = body
        elif kind == b"IDAT":
            pixels += body
        at += 12 + size
    width, rows, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if depth != 8 or color not in BYTES_PER_PIXEL or interlaced or rows < height:
        raise RuntimeError(f"{source}: cannot take {height} rows of it")
    kept = zlib.decompress(pixels)[: (1 + width * BYTES_PER_PIXEL[color]) * height]
    chunks = [
        (b"IHDR", struct.pack(">II", width, height) + header[8:]),
        (b"IDAT", zlib.compress(kept, 9)),
        (b"IEND", b""),
    ]
    target.write_bytes(data[:8] + b"".join(_chunk(kind, body) for kind, body in chunks))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
