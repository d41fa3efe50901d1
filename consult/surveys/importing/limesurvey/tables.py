"""Read the tables of a LimeSurvey structure: rows of texts, each with its line. Pure.

The parser refuses document types: no entity is ever declared, so none can grow.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

MAX_ROWS, MAX_DEPTH = 60_000, 12


class UnreadableError(ValueError):
    """Say why a file is not read: a code and its values."""

    def __init__(self, code: str, **values: object) -> None:
        """Keep the code for whoever words it."""
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(slots=True)
class Row:
    """One row of a table: its texts by field, and where it stands."""

    place: str
    cells: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        """Return the text of a field; nothing where it is absent."""
        return self.cells.get(key, "")


class _Reader:
    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {}
        self.path: list[str] = []
        self.row: Row | None = None
        self.text: list[str] = []
        self.count = 0
        self.parser = expat.ParserCreate()

    def refuse(self, *_arguments: object) -> None:
        raise UnreadableError("declares_entities")

    def start(self, name: str, _attributes: object) -> None:
        self.path.append(name)
        self.text = []
        if len(self.path) > MAX_DEPTH:
            raise UnreadableError("too_nested", limit=MAX_DEPTH)
        if name == "row" and len(self.path) == 4:  # noqa: PLR2004  document, table, rows, row
            rows = self.tables.setdefault(self.path[1], [])
            line = self.parser.CurrentLineNumber
            self.row = Row(f"{self.path[1]}/row[{len(rows) + 1}], line {line}")
            rows.append(self.row)
            self.count += 1
            if self.count > MAX_ROWS:
                raise UnreadableError("too_many_rows", limit=MAX_ROWS, sheet=self.path[1])

    def data(self, text: str) -> None:
        self.text.append(text)

    def end(self, name: str) -> None:
        depth = len(self.path)
        if self.row is not None and depth == 5:  # noqa: PLR2004  a field of a row
            self.row.cells[name] = "".join(self.text).strip()
        elif depth == 4:  # noqa: PLR2004  a row ends
            self.row = None
        elif depth == 2 and self.text:  # noqa: PLR2004  a single value, as LimeSurveyDocType
            self.tables.setdefault(f"#{name}", []).append(
                Row(name, {"value": "".join(self.text).strip()})
            )
        self.path.pop()
        self.text = []


def read_tables(content: bytes) -> dict[str, list[Row]]:
    """Return every table by name; raises UnreadableError."""
    reader = _Reader()
    parser = reader.parser
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003  the last piece
    except expat.ExpatError as error:
        raise UnreadableError("broken_xml") from error
    return reader.tables
