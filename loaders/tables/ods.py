"""Check the content of an ODS workbook, and find the formulas and merged cells of its sheets."""

from __future__ import annotations

from kg.loaders.tables.archives import Part, Scan, XmlPart, damaged
from kg.loaders.tables.marks import Area, Marks

#: The member that holds the sheets.
_SHEETS = "content.xml"


class OdsScan(Scan):
    """Counts the cells of each sheet up to its last filled one, and the characters of text, repetitions included.

    Cells after the last filled one do not count: spreadsheet programs end a sheet with an empty cell that is repeated
    up to the last possible column and row.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._sheets: dict[str, Marks] = {}
        self._parts: list[_OdsPart] = []

    def part(self, member: str) -> Part:
        """Return what parses a member."""
        self._parts.append(_OdsPart(self, member, self._sheets))
        return self._parts[-1]

    def marks(self) -> dict[str, Marks]:
        """Return the marks of each sheet by its name. Raises BadInput where the sheets cannot be parsed."""
        for part in self._parts:
            if part.member == _SHEETS and not part.valid:
                raise damaged(self.name, f"{_SHEETS} is not valid XML")
        return self._sheets


class _OdsPart(XmlPart):
    """Reads one member."""

    def __init__(self, scan: OdsScan, member: str, sheets: dict[str, Marks]) -> None:
        super().__init__(scan)
        self.member, self.sheets = member, sheets
        self.marks = Marks()
        self.rows = self.last_row = self.width = self.text = 0
        self.row_times = self.cell_times = self.column = self.last_cell = 0
        self.in_cell = False
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._characters

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "table":
            self.rows = self.last_row = self.width = 0
            title = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "name"), "")
            self.marks = self.sheets.setdefault(title, Marks())
        elif local == "table-row":
            self.row_times = _times(attributes, "number-rows-repeated")
            self.column = self.last_cell = 0
        elif local in ("table-cell", "covered-table-cell"):
            self._start_cell(attributes)
        elif self.in_cell:
            self.last_cell = self.column

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.cell_times = _times(attributes, "number-columns-repeated")
        self.column += self.cell_times
        self.in_cell = True
        names = {name.rpartition(":")[2] for name in attributes}
        if any(name.endswith(("value", "value-type", "formula")) for name in names):
            self.last_cell = self.column
        self.marks.formulas += "formula" in names
        if "number-columns-spanned" in names or "number-rows-spanned" in names:
            wide, high = _times(attributes, "number-columns-spanned"), _times(attributes, "number-rows-spanned")
            if wide * high > 1:
                self.scan.add(wide * high)
                row = self.rows + 1
                self.marks.merges.append(Area(range(row, row + high), range(self.column, self.column + wide)))

    def _characters(self, text: str) -> None:
        if self.in_cell:
            self.last_cell = self.column
            self._check()
            self.text += len(text) * self.cell_times * max(1, self.row_times)
            if self.text > self.scan.most_text:
                raise self.scan.too_large()

    def _end(self, tag: str) -> None:
        local = tag.rpartition(":")[2]
        if local in ("table-cell", "covered-table-cell"):
            self.in_cell = False
            self._check()
        elif local == "table-row":
            self._check()
            self.rows += self.row_times
            if self.last_cell:
                self.last_row, self.width = self.rows, max(self.width, self.last_cell)
        elif local == "table":
            self.scan.add(self.last_row * self.width)

    def _check(self) -> None:
        """Raise OverLimit if this sheet alone has too many cells."""
        cells = (self.rows + max(1, self.row_times)) * max(self.width, self.last_cell)
        if self.last_cell and cells > self.scan.most:
            self.scan.add(cells)


def _times(attributes: dict[str, str], name: str) -> int:
    """Return how often a row or cell is repeated; a number that cannot be read counts as a very large one."""
    text = next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "1").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1 << 30
