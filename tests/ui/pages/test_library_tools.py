"""The tools of the library: many tracks at once, patterns, search, tables, what was changed twice, the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import mutagen.id3
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.preflight import RULES, Facts
from mycelix_studio.media import reader, saver
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Only
from mycelix_studio.services.library_losses import Fate, Kind, Matrix
from mycelix_studio.services.library_watch import compare, take_in
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.library.columns import ColumnsDialog
from mycelix_studio.ui.pages.library.conflicts import Conflicts
from mycelix_studio.ui.pages.library.csv_tools import CsvImport
from mycelix_studio.ui.pages.library.folders import FoldersDialog
from mycelix_studio.ui.pages.library.loss_matrix import LOOKS, LossMatrix
from mycelix_studio.ui.pages.library.multi_edit import MultiEdit
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.pages.library.report import ReportDialog, print_pdf
from mycelix_studio.ui.pages.library.sending import CleanOrNot
from mycelix_studio.ui.pages.library.tag_tools import (
    CaseTool,
    IsrcTool,
    NamesToTags,
    NumberTool,
    PasteTool,
    ReplaceTool,
    TagsToNames,
)
from mycelix_studio.ui.theme import DARK
from mycelix_studio.ui.widgets.dialog import Dialog
from tests.fixtures.songs import Songs, prepare, profile  # noqa: F401

F = Field
Until = Callable[[Callable[[], bool]], None]
D = TypeVar("D", bound=Dialog)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Songs:
    kinds = enumerate(("flac", "mp3", "wav"))
    return prepare(
        tmp_path_factory.mktemp("songs"), [(f"0{n + 1} - song {n}", ending, f"song {n}") for n, ending in kinds]
    )


@pytest.fixture
def music(songs: Songs) -> Path:
    return songs.music


@pytest.fixture
def page(window: App, until: Until) -> LibraryPage:
    made = window.window.page("library")
    assert isinstance(made, LibraryPage)
    until(lambda: len(made.model.ids) == 3)
    made.view.table.setFocus()
    made.view.table.selectAll()
    until(lambda: made.view.inspector.title.text() == "3 tracks")
    return made


@pytest.fixture
def opened(qapp: QApplication, until: Until) -> Callable[[type[D]], D]:
    """Wait for a dialog of a kind and return it."""

    def wait(kind: type[D]) -> D:
        def there() -> list[D]:
            return [widget for widget in qapp.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()]

        until(lambda: bool(there()))
        return there()[0]

    return wait


Opened = Callable[[type[Dialog]], Dialog]


def _values(page: LibraryPage, field: Field) -> list[tuple[str, ...]]:
    return [track.value(field) for track in page.library.tracks_of(page.model.ids)]


def test_ticked_fields_are_written_to_many_files_and_the_others_are_kept(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[MultiEdit]], MultiEdit], until: Until
) -> None:
    qtbot.keyClick(page.view.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = opened(MultiEdit)
    assert not dialog.save.isEnabled()
    title, genre = dialog.rows[F.TITLE], dialog.rows[F.GENRE]
    assert title.line.placeholderText() == "Keep each title" and genre.line.placeholderText() == "Keep: Folk"
    qtbot.keyClicks(dialog.rows[F.ALBUM].line, "Salt Meridian")
    assert dialog.rows[F.ALBUM].tick.isChecked()
    dialog.rows[F.ARTIST].set_values(("Maren Okafor", "Ilse Brandt"))
    qtbot.mouseClick(genre.tick, Qt.MouseButton.LeftButton)
    assert genre.line.text() == "Folk"
    genre.line.clear()
    qtbot.mouseClick(dialog.numbers.tick, Qt.MouseButton.LeftButton)
    until(lambda: "12 changes in 3 files" in dialog.words.text())
    assert [kind.name for kind in dialog.table.matrix.kinds] == ["FLAC", "MP3", "WAV"]
    assert dialog.save.text() == "Save 3 files"
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    until(
        lambda: (
            page.files.job is None
            and page.library.ids(only=Only.UNSAVED) == []
            and "Salt Meridian" in page.header.context.text()
        )
    )
    read = [reader.read(row.path).fields for row in page.library.rows(page.model.ids)]
    assert {each[F.ARTIST] for each in read} == {("Maren Okafor", "Ilse Brandt")}
    assert [each[F.TITLE] for each in read] == [("song 0",), ("song 1",), ("song 2",)]
    assert [each[F.TRACK] for each in read] == [("1/3",), ("2/3",), ("3/3",)]
    assert all(F.GENRE not in each for each in read)


def test_what_is_lost_has_room_beside_kinds_that_keep_everything(qtbot: QtBot) -> None:
    shown = LossMatrix(DARK)
    qtbot.addWidget(shown)
    kinds = tuple(Kind(name, 4) for name in ("FLAC", "M4A", "MP3", "WAV"))
    shown.show_matrix(Matrix(kinds, ((Field.ARTIST, (Fate.KEPT, Fate.KEPT, Fate.KEPT, Fate.JOINED)),)))
    widths = shown.widths(409)  # as in a window of the designed size
    words = paint.width_of(LOOKS[Fate.JOINED][3], paint.font(13))
    assert widths[3] >= words + 21 + 6 > widths[0]
    assert sum(widths) == pytest.approx(409)
    narrow = shown.widths(200)
    assert sum(narrow) == pytest.approx(200)
    assert narrow[3] > narrow[0] > 30


def test_an_mp3_may_move_to_tag_version_2_4_with_its_edits(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[MultiEdit]], MultiEdit], until: Until
) -> None:
    path = next(row.path for row in page.library.rows(page.model.ids) if row.container == "MP3")
    mutagen.id3.ID3(path).save(path, v2_version=3)
    page.files.look_again()
    until(lambda: page.files.job is None)
    before = path.read_bytes()
    page.tools.multi_edit()
    dialog = opened(MultiEdit)
    dialog.rows[F.ALBUM].set_values(("Salt Meridian",))
    until(lambda: "3 changes in 3 files" in dialog.words.text())
    assert dialog.newer.isHidden()
    dialog.rows[F.ARTIST].set_values(("Maren Okafor", "Ilse Brandt"))
    until(lambda: not dialog.newer.isHidden())
    assert dialog.newer.text() == "Move the MP3 to tag version 2.4, which keeps several values apart"
    dialog.newer.setChecked(True)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    until(lambda: page.files.job is None and page.library.ids(only=Only.UNSAVED) == [])
    back = reader.read(path)
    assert (back.version, back.fields[F.ARTIST]) == ("ID3v2.4", ("Maren Okafor", "Ilse Brandt"))
    page.studio.tag_history.undo(path)
    assert path.read_bytes() == before


def test_unticking_keeps_again_and_a_wrong_isrc_is_not_taken(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[MultiEdit]], MultiEdit], until: Until
) -> None:
    page.tools.multi_edit()
    dialog = opened(MultiEdit)
    row = dialog.rows[F.ISRC]
    qtbot.keyClicks(row.line, "NO-A1B-26-0001")
    until(lambda: row.line.property("wrong") is True and dialog.words.text() == "3 changes in 3 files")
    assert not dialog.save.isEnabled()
    qtbot.keyClicks(row.line, "1")
    until(lambda: dialog.save.isEnabled() and dialog.note_place.count() == 2)
    qtbot.mouseClick(row.tick, Qt.MouseButton.LeftButton)
    until(lambda: not dialog.save.isEnabled() and row.line.placeholderText() == "Keep: empty")
    dialog.reject()


def test_edits_of_many_can_be_kept_for_later_and_are_one_step_to_take_back(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[MultiEdit]], MultiEdit], until: Until
) -> None:
    page.tools.multi_edit()
    dialog = opened(MultiEdit)
    dialog.fill({F.ALBUM: ("Salt Meridian",), F.LABEL: ("Kaliko Tapes",)})
    until(dialog.keep.isEnabled)
    qtbot.mouseClick(dialog.keep, Qt.MouseButton.LeftButton)
    until(lambda: len(page.library.unsaved()) == 3)
    page.take_back()
    until(lambda: page.library.unsaved() == [])


def test_tags_are_filled_in_from_file_names_after_a_preview(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[NamesToTags]], NamesToTags], until: Until
) -> None:
    page.tools.names()
    dialog = opened(NamesToTags)
    dialog.pattern.setText("%track% - %titl%")
    until(lambda: "no field" in dialog.problem.text() and not dialog.do.isEnabled())
    dialog.pattern.setText("%track% - %album%")
    until(lambda: dialog.do.text() == "Change 3 tracks" and dialog.do.isEnabled())
    assert (
        dialog.sheet.sheet.rows[0] == ("song 0", "Album", "–", "song 0")
        or dialog.sheet.sheet.rows[0][1] == "Track number"
    )
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)
    until(lambda: _values(page, F.TRACK) == [("1",), ("2",), ("3",)])
    assert _values(page, F.ALBUM) == [("song 0",), ("song 1",), ("song 2",)]


def test_files_are_renamed_from_tags_and_get_their_names_back(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[TagsToNames]], TagsToNames], window: App, until: Until
) -> None:
    page.tools.rename()
    dialog = opened(TagsToNames)
    dialog.pattern.setText("%title% (%genre%)")
    until(lambda: dialog.do.text() == "Rename 3 files" and dialog.do.isEnabled())
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)

    def names() -> list[str]:
        return sorted(row.path.name for row in page.library.rows(page.model.ids))

    until(lambda: names() == ["song 0 (Folk).flac", "song 1 (Folk).mp3", "song 2 (Folk).wav"])
    until(lambda: any(toast.message.action == "Undo" for toast in window.window.toasts.shown))
    toast = next(toast for toast in window.window.toasts.shown if toast.message.action == "Undo")
    qtbot.mouseClick(toast.button, Qt.MouseButton.LeftButton)
    until(lambda: names()[0] == "01 - song 0.flac" and page.files.job is None)


def test_find_and_replace_shows_what_would_change(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[ReplaceTool]], ReplaceTool], until: Until
) -> None:
    qtbot.keyClick(page.view.table, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    dialog = opened(ReplaceTool)
    dialog.expression.setChecked(True)
    dialog.sought.setText("(")
    until(lambda: "regular expression" in dialog.problem.text())
    dialog.sought.setText(r"song (\d)")
    dialog.put.setText(r"Lamp \1")
    until(lambda: dialog.do.isEnabled() and dialog.do.text() == "Change 3 tracks")
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)
    until(lambda: _values(page, F.TITLE) == [("Lamp 0",), ("Lamp 1",), ("Lamp 2",)])


def test_capitals_and_numbers(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[Dialog]], Dialog], until: Until
) -> None:
    page.tools.case()
    case = opened(CaseTool)
    until(case.do.isEnabled)
    qtbot.mouseClick(case.do, Qt.MouseButton.LeftButton)
    until(lambda: _values(page, F.TITLE)[0] == ("Song 0",))
    page.tools.number()
    number = opened(NumberTool)
    assert isinstance(number, NumberTool)
    number.start.setText("x")
    until(lambda: number.start.property("wrong") is True and not number.do.isEnabled())
    number.start.setText("4")
    until(number.do.isEnabled)
    qtbot.mouseClick(number.do, Qt.MouseButton.LeftButton)
    until(lambda: _values(page, F.TRACK) == [("4/6",), ("5/6",), ("6/6",)])


def test_tags_of_one_track_are_pasted_into_others(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[PasteTool]], PasteTool], until: Until, window: App
) -> None:
    QGuiApplication.clipboard().clear()
    page.tools.paste_tags()
    assert "No tags" in window.window.toasts.shown[-1].message.title
    first, *others = page.model.ids
    page.library.edit([first], {F.ALBUM: ("Salt Meridian",), F.TITLE: ("Only mine",)})
    page.view.table.select_ids([first])
    page.tools.copy_tags()
    until(lambda: "album: Salt Meridian" in QGuiApplication.clipboard().text())
    page.view.table.select_ids(others)
    page.tools.paste_tags()
    dialog = opened(PasteTool)
    assert not dialog.fields[F.TITLE].isChecked(), "a title belongs to one recording"
    until(dialog.do.isEnabled)
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)
    until(lambda: _values(page, F.ALBUM) == [("Salt Meridian",)] * 3)
    assert _values(page, F.TITLE)[1:] == [("song 1",), ("song 2",)]


def test_a_table_is_mapped_previewed_and_taken_in(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[CsvImport]], CsvImport], until: Until, tmp_path: Path
) -> None:
    path = tmp_path / "tags.csv"
    path.write_text("File;Album;Whatever\n01 - song 0.flac;Salt Meridian;Kaliko Tapes\nnobody.flac;x;\n")
    page.tools.open_table(path)
    dialog = opened(CsvImport)
    until(lambda: dialog.do.text() == "Change 1 track" and dialog.do.isEnabled())
    assert "1 of 2 rows" in dialog.problem.text() and "rows 2" in dialog.problem.text()
    dialog.choices[2].set_value(F.LABEL.value)
    dialog.choices[2].picked.emit(F.LABEL.value)
    until(lambda: dialog.count.text() == "2 changes" and dialog.do.isEnabled())
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)
    first = next(row.id for row in page.library.rows(page.model.ids) if row.path.name == "01 - song 0.flac")

    def edits() -> dict[Field, tuple[str, ...]]:
        track = page.library.track(first)
        return dict(track.edits) if track is not None else {}

    until(lambda: edits() == {F.LABEL: ("Kaliko Tapes",), F.ALBUM: ("Salt Meridian",)})


def test_what_was_changed_twice_is_asked_about(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[Conflicts]], Conflicts], until: Until
) -> None:
    track_id = page.model.ids[0]
    page.library.edit([track_id], {F.TITLE: ("Mine",), F.GENRE: ("Mine",)})
    path = page.library.rows([track_id])[0].path
    saver.save(path, {F.TITLE: ("Theirs",), F.GENRE: ("Theirs",)})
    page.studio.hub.publish(take_in(page.library, compare(page.library, [str(path)]), Work()))
    until(lambda: page.view.segment.button(Only.CONFLICT.value).isVisible())
    page.view.table.select_ids([track_id])
    until(lambda: page.view.inspector.note_place.count() == 1 and page.tools.has_conflicts())
    page.tools.conflicts()
    dialog = opened(Conflicts)
    assert not dialog.do.isEnabled(), "nothing is chosen for the person"
    dialog.choices[track_id, F.TITLE][0].click()
    dialog.choices[track_id, F.GENRE][1].click()
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)
    until(lambda: not page.tools.has_conflicts())
    assert _values(page, F.TITLE)[0] == ("Mine",) and _values(page, F.GENRE)[0] == ("Theirs",)
    until(lambda: not page.view.segment.button(Only.CONFLICT.value).isVisible())


def test_columns_are_chosen_ordered_and_remembered(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[ColumnsDialog]], ColumnsDialog]
) -> None:
    page.tools.columns()
    dialog = opened(ColumnsDialog)
    rows = {dialog.list.item(row).text(): dialog.list.item(row) for row in range(dialog.list.count())}
    rows["Genre"].setCheckState(Qt.CheckState.Checked)
    rows["Length"].setCheckState(Qt.CheckState.Unchecked)
    dialog.list.setCurrentItem(rows["Album"])
    dialog._move(-1)
    dialog._do()
    keys = [column.key for column in page.model.columns]
    assert keys[:3] == ["cover", "album", "title"] and "genre" in keys and "duration_ms" not in keys
    assert page.kept.texts("columns") == keys
    assert str(page.model.index(0, keys.index("genre")).data()) == "Folk"


def test_the_report_says_what_stores_would_refuse_and_leaves_the_program(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[ReportDialog]], ReportDialog], until: Until, tmp_path: Path
) -> None:
    page.tools.report()
    dialog = opened(ReportDialog)
    assert dialog.words.text() == "0 of 3 tracks are ready; stores would refuse 3."
    assert any(row[2] == "MP3 is not delivered" for row in dialog.sheet.sheet.rows)
    dialog.segment.button("rule").click()
    assert ["A front cover", "stores refuse it", "3"] in [list(row) for row in dialog.sheet.sheet.rows]
    for kind, begins in (("pdf", b"%PDF"), ("csv", b"\xef\xbb\xbffile,title"), ("json", b"{")):
        target = tmp_path / f"report.{kind}"
        dialog.save_as(target)
        until(lambda target=target: target.exists() and dialog.save.isEnabled())  # type: ignore[misc]
        assert target.read_bytes().startswith(begins)
    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    assert print_pdf((tmp_path / "report.pdf").read_bytes(), printer) >= 1
    assert (tmp_path / "printed.pdf").stat().st_size > 1_000
    dialog.segment.button("track").click()
    dialog.table.selectRow(0)
    dialog.table.doubleClicked.emit(dialog.table.currentIndex())
    until(lambda: page.view.inspector.checks.isVisible() and len(page.view.table.selected_ids()) == 1)


def test_watched_folders_are_listed_and_forgotten(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[FoldersDialog]], FoldersDialog], until: Until, music: Path
) -> None:
    assert page.library.places.folders() == [music]
    page.tools.folders()
    dialog = opened(FoldersDialog)
    dialog._forget(music, dialog.rows.itemAt(0).widget())  # type: ignore[arg-type]
    until(lambda: page.library.places.folders() == [])
    dialog.reject()


def test_flac_copies_hold_every_tag(page: LibraryPage, until: Until, music: Path) -> None:
    place = next(n for n, row in enumerate(page.library.rows(page.model.ids)) if row.container == "WAV")
    track_id = page.model.ids[place]
    page.library.edit([track_id], {F.ALBUM: ("Salt Meridian",)})
    page.files.save_ids([track_id], copies=[track_id])
    copy = music / "03 - song 2 (clean).flac"
    until(lambda: copy.exists() and page.files.job is None)
    fields = reader.read(copy).fields
    assert (fields[F.TITLE], fields[F.ALBUM], fields[F.GENRE]) == (("song 2",), ("Salt Meridian",), ("Folk",))


def test_what_stores_would_refuse_is_uploaded_as_a_clean_copy_when_asked(
    page: LibraryPage,
    qtbot: QtBot,
    opened: Callable[[type[CleanOrNot]], CleanOrNot],
    until: Until,
    window: App,
    music: Path,
) -> None:
    wav = music / "03 - song 2.wav"
    with wav.open("ab") as file:  # a chunk after the audio, as some editors leave it
        file.write(b"junk\x04\x00\x00\x00more")
    page.files.look_again()
    until(lambda: page.files.job is None)
    track_id = next(row.id for row in page.library.rows(page.model.ids) if row.path == wav)
    page.studio.preflight.sounding_now(track_id)
    page.view.table.selectAll()
    page.sending.send()
    dialog = opened(CleanOrNot)
    assert dialog.clean.isChecked() and "song 2" in dialog.words.text()
    dialog._do()
    until(lambda: window.window.current is window.window.pages.get("uploads"))

    def queued() -> set[str]:
        return {each.path.name for each in page.studio.uploads.rows()}

    until(lambda: queued() == {"01 - song 0.flac", "02 - song 1.mp3", "03 - song 2 (clean).flac"})


def test_a_track_without_an_isrc_is_given_one_where_the_checks_miss_it(
    page: LibraryPage, opened: Callable[[type[IsrcTool]], IsrcTool]
) -> None:
    page.view.table.select_ids(page.model.ids[:1])
    missing = next(rule for rule in RULES if rule.id == "isrc").check(Facts("FLAC", 60.0, 48_000, 24, 2, {}))
    assert missing is not None and missing.fix is not None
    page.checking.fix(missing.fix)
    opened(IsrcTool).reject()


def test_tracks_without_an_isrc_get_one_from_the_own_prefix(
    page: LibraryPage, qtbot: QtBot, opened: Callable[[type[IsrcTool]], IsrcTool], until: Until
) -> None:
    first, second, third = page.model.ids
    page.library.edit([second], {F.ISRC: ("NOZ9Z2500001",)})
    page.tools.isrcs()
    dialog = opened(IsrcTool)
    until(lambda: "no ISRC prefix" in dialog.problem.text())
    page.studio.settings.set(settings.ISRC_PREFIX, "NOA1B")
    dialog.year.setText("2026")
    dialog.first.setText("15")
    until(lambda: dialog.do.text() == "Give 2 ISRCs" and dialog.do.isEnabled())
    assert "1 of them have one already." in dialog.problem.text()
    qtbot.mouseClick(dialog.do, Qt.MouseButton.LeftButton)
    until(lambda: len(page.library.unsaved()) == 3 and page.files.job is None)
    codes = {row.id: row.isrc for row in page.library.rows(page.model.ids)}
    assert codes == {first: "NOA1B2600015", second: "NOZ9Z2500001", third: "NOA1B2600016"}
