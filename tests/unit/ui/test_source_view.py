"""A document line by line: what is marked, and what is left out of a long one."""

from __future__ import annotations

from records.issues import Issue, Severity
from ui.source_view import MAX_LINE, MAX_LINES, source_lines


def issue(line: int, column: int, severity: Severity = Severity.VIOLATION, code: str = "nan") -> Issue:
    return Issue(code, "", severity, line=line, column=column)


def test_two_findings_at_one_place_are_one_mark_of_the_graver_kind() -> None:
    [line] = source_lines('{"a": 1}', [issue(1, 2, Severity.WARNING, "b"), issue(1, 2)])
    [mark] = [piece for piece in line.pieces if piece.codes]
    assert (mark.text, mark.severity, mark.codes) == ('"a"', "violation", "nan, b")
    assert line.severity == "violation"


def test_findings_without_a_place_or_behind_the_end_mark_nothing() -> None:
    lines = source_lines("{\n}", [issue(0, 0), issue(2, 9), issue(7, 1)])
    assert [piece.codes for line in lines for piece in line.pieces] == ["", ""]


def test_of_a_long_document_the_lines_around_findings_are_shown() -> None:
    lines = source_lines("[\n" + "1,\n" * 10_000 + "1]", [issue(1, 1), issue(5_000, 1)])
    assert [line.number for line in lines] == [1, 2, 3, 4, *range(4_997, 5_004)]
    assert [line.number for line in lines if line.after_gap] == [4_997]


def test_of_a_long_document_without_findings_the_beginning_is_shown() -> None:
    assert len(source_lines("\n" * 10_000, [])) == MAX_LINES


def test_a_long_line_is_cut_around_its_findings() -> None:
    text = "[" + "1," * 100_000 + "x," + "1," * 100_000 + "1]"
    [line] = source_lines(text, [issue(1, 200_002)])
    shown = "".join(piece.text for piece in line.pieces)
    assert len(shown) < 3 * MAX_LINE
    assert [piece.text for piece in line.pieces if piece.codes] == ["x"]
    assert "1,x,1" in shown.replace("\u2026", "")


def test_line_ends_of_windows_are_not_shown() -> None:
    assert [line.pieces[0].text for line in source_lines("{\r\n}", [])] == ["{", "}"]
