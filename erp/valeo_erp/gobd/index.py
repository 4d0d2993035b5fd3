"""index.xml: what an auditor's program reads first, by the description standard of 01.08.2002. Pure.

The standard's own DTD is not this program's to hand out: `DTD` is one of our own, which allows a part of what that one
allows. What is valid by ours is valid by the standard's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib import resources
from xml.sax.saxutils import escape

from valeo_erp.gobd.tables import DELIMITER, Column, Table, Type

INDEX = "index.xml"
DTD = "valeo-gobd.dtd"


@dataclass(frozen=True, slots=True)
class Supplier:
    """Whose data it is."""

    name: str
    place: str


def dtd() -> bytes:
    """Our own document type."""
    return (resources.files(__package__) / DTD).read_bytes()


def index(tables: Iterable[Table], supplier: Supplier, first: date, last: date, comment: str) -> bytes:
    """The description of the files.

    Args:
        tables: in the order in which they are imported.
        supplier: the trader.
        first: day of the period.
        last: day of the period.
        comment: when and by what it was made.
    """
    described = "".join(_table(table, first, last) for table in tables)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE DataSet SYSTEM "{DTD}">\n<DataSet><Version>1.0</Version>'
        f"<DataSupplier>{_of('Name', supplier.name)}{_of('Location', supplier.place)}{_of('Comment', comment)}"
        f"</DataSupplier><Media>{_of('Name', 'Medium 1')}{described}</Media></DataSet>\n"
    ).encode()


def _table(table: Table, first: date, last: date) -> str:
    period = f"<Range>{_of('From', f'{first:%d.%m.%Y}')}{_of('To', f'{last:%d.%m.%Y}')}</Range>"
    keys = "".join(_column("VariablePrimaryKey", column) for column in table.keys)
    columns = "".join(_column("VariableColumn", column) for column in table.columns)
    references = "".join(
        f"<ForeignKey>{''.join(_of('Name', name) for name in each.columns)}{_of('References', each.table)}</ForeignKey>"
        for each in table.references
    )
    return (
        f"<Table>{_of('URL', table.file)}{_of('Name', table.name)}{_of('Description', table.description)}"
        f"<Validity>{period}<Format>DD.MM.YYYY</Format></Validity><UTF8/>"
        "<DecimalSymbol>,</DecimalSymbol><DigitGroupingSymbol>.</DigitGroupingSymbol>"
        "<Range><From>2</From></Range>"
        f"<VariableLength><ColumnDelimiter>{DELIMITER}</ColumnDelimiter><RecordDelimiter>&#13;&#10;</RecordDelimiter>"
        f'<TextEncapsulator>"</TextEncapsulator>{keys}{columns}{references}</VariableLength></Table>'
    )


def _column(element: str, column: Column) -> str:
    return f"<{element}>{_of('Name', column.name)}{_type(column)}</{element}>"


def _type(column: Column) -> str:
    match column.type:
        case Type.NUMBER:
            return f"<Numeric>{_of('Accuracy', str(column.accuracy))}</Numeric>"
        case Type.DAY:
            return "<Date><Format>DD.MM.YYYY</Format></Date>"
        case Type.TEXT:
            return "<AlphaNumeric/>"


def _of(element: str, text: str) -> str:
    return f"<{element}>{escape(text)}</{element}>"
