"""How much of a file is read, so that none of them can take the machine."""

from __future__ import annotations

TABLE_BYTES = 2**30
"""Of CSV and JSONL, which are read row by row and where a million articles are in order."""
FILE_BYTES = 100 * 2**20
"""Of any other file, an archive itself included."""

PAGE_BYTES = 20 * 2**20
"""Of an HTML page: its tree takes a hundred times as much."""
SMALL_BYTES = 2**15
"""Up to here Markdown and plain text, whatever they hold, are parsed within a second or so."""

ARCHIVE_FILES = 10_000
UNPACKED_BYTES = 512 * 2**20
"""All files of an archive together."""
RATIO = 200
"""Times that a packed file may grow. Deflate reaches 1,032; text seldom passes 20."""
RATIO_FROM_BYTES = 2**20
"""Below this size a file may be all blanks."""

OFFICE_BYTES = 256 * 2**20
"""Everything inside one DOCX or XLSX, pictures too."""
OFFICE_FILES = 5_000
XML_BYTES = 64 * 2**20
"""One part of a DOCX or XLSX, or a sitemap."""
ELEMENTS = 1_000_000
"""In one XML part or HTML page; a DOCX tree takes some 500 bytes each."""
DEPTH = 256
"""Elements inside each other; word processors stay below 40."""

PAGES = 2_000
ROWS = 50_000
"""In one sheet, some 5,000 of which are read a second; CSV has no such limit."""
COLUMNS = 200

SECONDS = 120.0
"""For one file, on the clock."""
MEMORY_BYTES = 3 * 2**29
"""Address space of the process that reads."""
