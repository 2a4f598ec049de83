"""Small files for the demo data, written byte by byte: nothing binary lies in the repository."""

import struct
import zlib
from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile

# A sheet of A4 in points, and where its text begins.
_WIDTH, _HEIGHT, _MARGIN, _SIZE = 595, 842, 72, 12


def file(name: str, text: str) -> SimpleUploadedFile:
    """`text` as a PDF, or for a name that ends in .png a picture whose bars stand for it."""
    made = png([len(line) for line in text.splitlines()]) if name.endswith(".png") else pdf(text)
    return SimpleUploadedFile(name, made)


def pdf(text: str) -> bytes:
    """One page with the lines of `text`, in a Chinese font that every reader of PDF brings along (STSong-Light)."""
    shown = [f"<{line.encode('utf-16-be').hex()}> Tj T*" for line in text.splitlines()]
    lines = [f"BT /F1 {_SIZE} Tf {_SIZE * 1.6:g} TL {_MARGIN} {_HEIGHT - _MARGIN} Td", *shown, "ET"]
    page = "\n".join(lines).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % (_WIDTH, _HEIGHT),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 7 0 R"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0"
        b" /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return (
        written
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(written))
    )


def png(bars: Sequence[int], *, width: int = 240, height: int = 120) -> bytes:
    """Grey bars of the given lengths, one below the other, on white."""
    most, thick = max(bars), height // len(bars)
    lines = b""
    for y in range(height):
        dark = width * bars[min(y // thick, len(bars) - 1)] // most if y % thick > thick // 4 else 0
        lines += b"\x00" + b"\x60" * dark + b"\xff" * (width - dark)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
