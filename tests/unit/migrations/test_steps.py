"""What a schema revision says of itself is what its operations do: nothing is taken away without saying so.

Releases are rolled back while the new schema stays. A revision that takes something away, or makes a rule narrower,
must be marked `kind = "contracting"` or `"irreversible"`; this reads the operations of every revision to see whether
that is so.
"""

import ast
import inspect
import re
from collections.abc import Iterator

import pytest
from alembic.script import Script, ScriptDirectory

from valeo_erp.migrations.migrate import alembic_config
from valeo_erp.migrations.steps import ADDITIVE, KINDS, steps

TAKES_AWAY = {"drop_table", "drop_column", "rename_table"}
NARROWS = {"type_", "new_column_name"}
STATEMENTS = re.compile(
    r"\bdrop\s+(table|column|schema|type)\b|\brename\s+(to|column)\b|(?:^|;)\s*(truncate|delete\s+from)\b",
    re.IGNORECASE,
)

SCRIPTS = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())


def findings(source: str) -> list[str]:
    """Operations of `upgrade` and of what it calls that do more than add, with their line."""
    tree = ast.parse(source)
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    reached = set(_reached("upgrade", functions))
    return [f"line {call.lineno}: {what}" for name in sorted(reached) for call, what in _breaking(functions[name])]


def _reached(name: str, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    waiting, seen = [name], set[str]()
    while waiting:
        now = waiting.pop()
        if now in seen or now not in functions:
            continue
        seen.add(now)
        calls = (each for each in ast.walk(functions[now]) if isinstance(each, ast.Call))
        waiting += [each.func.id for each in calls if isinstance(each.func, ast.Name)]
    yield from seen


def _breaking(function: ast.FunctionDef) -> Iterator[tuple[ast.Call, str]]:
    for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
        if isinstance(call.func, ast.Attribute):
            what = _what(call.func.attr, call)
            if what:
                yield call, what


def _what(operation: str, call: ast.Call) -> str:
    if operation in TAKES_AWAY:
        return operation
    if operation == "alter_column":
        narrow = [each.arg for each in call.keywords if each.arg in NARROWS or _is_not_null(each)]
        return f"alter_column {', '.join(map(str, narrow))}" if narrow else ""
    if operation == "execute":
        texts = [
            each.value for each in ast.walk(call) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        found = next((STATEMENTS.search(text) for text in texts if STATEMENTS.search(text)), None)
        return f"execute {found.group(0)}" if found else ""
    return ""


def _is_not_null(keyword: ast.keyword) -> bool:
    return keyword.arg == "nullable" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.revision)
def test_a_revision_that_does_more_than_add_says_so(script: Script) -> None:
    found = findings(inspect.getsource(script.module))
    kind = getattr(script.module, "kind", ADDITIVE)
    assert kind in KINDS
    assert kind != ADDITIVE or not found, (
        f"revision {script.revision} is said to be additive and does: {'; '.join(found)}."
        ' Expected: kind = "contracting" or "irreversible" beside its id, or other operations.'
    )


def test_the_steps_are_told_in_their_order() -> None:
    assert [each.revision for each in steps()] == [each.revision for each in reversed(SCRIPTS)]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("op.add_column('document', sa.Column('x', sa.Text()))", ""),
        ("op.drop_column('document', 'x')", "drop_column"),
        ("op.drop_table('document')", "drop_table"),
        ("op.rename_table('document', 'paper')", "rename_table"),
        ("op.alter_column('document', 'x', comment='words')", ""),
        ("op.alter_column('document', 'x', nullable=True)", ""),
        ("op.alter_column('document', 'x', nullable=False)", "alter_column nullable"),
        ("op.alter_column('document', 'x', type_=sa.Text())", "alter_column type_"),
        ("op.alter_column('document', 'x', new_column_name='y')", "alter_column new_column_name"),
        ("op.execute('create index i on document (x)')", ""),
        ("op.execute('alter table document DROP  COLUMN x')", "execute DROP  COLUMN"),
        ("op.execute(sa.text('delete from document'))", "execute delete from"),
    ],
)
def test_the_linter_knows_what_takes_something_away(body: str, found: str) -> None:
    source = f"def upgrade():\n    _more()\ndef _more():\n    {body}\ndef downgrade():\n    op.drop_table('document')\n"
    assert findings(source) == ([f"line 4: {found}"] if found else [])
