"""Check the parts of an XLSX workbook, and find the formulas, errors and merged cells of its sheets."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.loaders.tables.archives import Part, Scan, XmlPart, damaged
from kg.loaders.tables.marks import Marks, area_of, column_number
from kg.loaders.tables.rawtable import Mangled, column_letters

_DIGITS = "0123456789"
#: Members that the reader of the values does not read, or that are often in UTF-16.
_OTHER = ("customxml/", "docprops/")


@dataclass
class Package:
    """How the members of a workbook belong together."""

    #: Member with relationships -> identifier of a relationship -> the member that it leads to.
    targets: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    #: Member that lists sheets -> the name of each sheet and the identifier of its relationship.
    sheets: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def relate(self, member: str, attributes: Mapping[str, str]) -> None:
        """Note a relationship that a member such as ``xl/_rels/workbook.xml.rels`` describes."""
        folder = posixpath.dirname(posixpath.dirname(member))
        target = posixpath.join("/", folder, attributes.get("Target", ""))
        self.targets[member][attributes.get("Id", "")] = member_name(target)

    def titles(self) -> dict[str, str]:
        """Return the members that are sheets -> the name of the sheet."""
        found = {}
        for member, listed in self.sheets.items():
            folder, name = posixpath.split(member)
            targets = self.targets[posixpath.join(folder, "_rels", f"{name}.rels")]
            found.update({targets.get(identifier, ""): title for title, identifier in listed})
        return found


def member_name(name: str) -> str:
    """Return one name for all the names that the reader of the values may take for the same member."""
    return posixpath.normpath("/" + name.replace("\\", "/").lower()).lstrip("/")


class XlsxScan(Scan):
    """Counts rows, cells and the cells of merges and hyperlinks, and collects the marks of each sheet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.package = Package()
        self.parts: list[_XlsxPart] = []

    def part(self, member: str) -> Part:
        """Return what parses a member."""
        self.parts.append(_XlsxPart(self, member_name(member)))
        return self.parts[-1]

    def marks(self) -> dict[str, Marks]:
        """Return the marks of each sheet by its name.

        Raises BadInput where a member cannot be parsed, and OverLimit where the reader would need too much memory.
        """
        titles = self.package.titles()
        for part in self.parts:
            if not part.valid and (part.member in titles or _has_to_be_valid(part.member)):
                raise damaged(self.name, f"{part.member} is not valid XML")
        found = [(titles.get(part.member), part.marks()) for part in self.parts]
        for lengths in [part.lengths for part in self.parts if part.lengths]:
            self.check_sheets(found, lengths)
        self.check_sheets(found)
        return {title: marks for title, marks in found if title is not None}


class _XlsxPart(XmlPart):
    """Reads one member: a sheet, the list of sheets, the relationships, the list of shared strings, or another."""

    def __init__(self, scan: XlsxScan, member: str) -> None:
        super().__init__(scan)
        self.package, self.member = scan.package, member
        self.lengths: list[int] = []
        self._marks = Marks()
        self._mangled: dict[str, Mangled] = {}
        self._rows: set[str] = set()
        self._columns: set[str] = set()
        self._shared: dict[str, str] = {}
        self._uses: dict[str, int] = {}
        # The current row from 0, and the last cell in it.
        self._row = self._column = 0
        self._last = self._cell = self._group = self._text = ""
        self._kind: str | None = None
        self._parts: list[str] | None = None
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def marks(self) -> Marks:
        """Return what was found, with numbers as positions."""
        marks = self._marks
        marks.height = max(map(_number, self._rows), default=0)
        marks.width = max(map(column_number, self._columns), default=0)
        for text, times in self._uses.items():
            marks.strings[_index(text)] += times
        marks.mangled = {_position(cell): found for cell, found in self._mangled.items()}
        return marks

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        # Called for each cell and its value: written for speed.
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self.count()
            self._kind = attributes.get("t")
            self._cell = attributes.get("r") or self._place()
            self._last = self._cell
        elif tag == "v" or tag == "f" or tag == "is":
            if cell := self._cell:
                letters = cell.rstrip(_DIGITS)
                self._columns.add(letters)
                self._rows.add(cell[len(letters) :])
                if tag == "v" and self._kind == "s":
                    self._text = ""
                    self.parser.CharacterDataHandler = self._use
                elif tag == "f" or (tag == "v" and self._kind == "e"):
                    self._group = attributes.get("si", "")
                    self._listen()
        elif tag == "row":
            self.count()
            if number := _number(attributes.get("r", "")):
                self._row = number - 1
        else:
            self._start_other(tag, attributes)

    def _start_other(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self.lengths.append(0)
        elif tag == "t" and self.lengths:
            self._listen()
        elif tag in ("mergeCell", "hyperlink") and ":" in attributes.get("ref", ""):
            area = area_of(attributes["ref"])
            self.scan.add(area.cells)
            if tag == "mergeCell":
                self._marks.merges.append(area)
        elif tag == "sheet" and "name" in attributes:
            identifier = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self.package.sheets[self.member].append((attributes["name"], identifier))
        elif tag == "Relationship":
            self.package.relate(self.member, attributes)
        elif tag == "sst" and _number(attributes.get("uniqueCount", "")) > self.scan.most:
            self.scan.add(self.scan.most + 1)  # the reader would reserve memory for as many

    def _end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            self._cell = ""
        elif tag == "row":
            self._row, self._column, self._last = self._row + 1, 0, ""
        elif tag == "v" or tag == "f" or tag == "t":
            if self._parts is not None:
                self._hear(tag, "".join(self._parts))
                self._parts = None
            self.parser.CharacterDataHandler = None

    def _use(self, text: str) -> None:
        """Count the use of a shared string; its index may come in parts, of which the reader takes the first."""
        self._text += text
        self._uses[self._text] = self._uses.get(self._text, 0) + 1

    def _listen(self) -> None:
        """Collect the text of the current element."""
        self._parts = []
        self.parser.CharacterDataHandler = self._parts.append

    def _hear(self, tag: str, text: str) -> None:
        """Take the text of the element that ends."""
        if tag == "t":
            self.lengths[-1] += len(text)
        elif tag == "f":
            # Only the first cell of a shared formula has its text.
            text = self._shared.setdefault(self._group, text) if self._group else text
            self._mangled[self._cell] = Mangled("formula", f"={text}")
        else:
            self._mangled[self._cell] = Mangled("error", text)

    def _place(self) -> str:
        """Return the position of a cell that has none: to the right of the one before it."""
        if self._last:
            self._column = column_number(self._last.rstrip(_DIGITS))
        return f"{column_letters(self._column)}{self._row + 1}"


def _has_to_be_valid(member: str) -> bool:
    """Return whether the XML of a member, if it is any, has to be valid: the reader continues after some errors.

    The reader may look for a member by a name in which entities stand for characters.
    """
    return "&" in member or (member.endswith((".xml", ".rels")) and not member.startswith(_OTHER))


def _number(text: str) -> int:
    """Return the whole number at the end of a text, 0 where there is none, and a very large one for many digits."""
    digits = text[len(text.rstrip(_DIGITS)) :]
    return int(digits or 0) if len(digits) < 10 else 1 << 31


def _index(text: str) -> int:
    """Return the place in the list of shared strings that a text names; 0 for no number, as the reader takes it."""
    digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
    return int(digits or 0) if len(digits) < 20 else 0


def _position(cell: str) -> tuple[int, int]:
    return _number(cell), column_number(cell.rstrip(_DIGITS))
