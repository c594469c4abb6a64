"""The form of a gift: what a listen earns, and who counts listens."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, Slot

from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS, MAX_MULTIPLIER, REPEAT_AFTER, GiftTerms
from mycelix_studio.domain.strategy.gift_form import GiftForm, GiftOffer
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.services.strategies import TermsState
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts.data import ChartData, Point, Series, Unit, UnitKind
from mycelix_studio.ui.charts.line import LineChart
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.strategies.forms.base import Figures, Payment, WayPanel, fill, tip
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.inputs import Choice

CGC = Unit(UnitKind.MONEY, "CGC", additive=False)
LISTENS = 20
BUDGET = 500 * WEI_PER_TOKEN
GENEROUS = GiftTerms(2 * WEI_PER_TOKEN, 200, 20 * WEI_PER_TOKEN, 3, 60 * WEI_PER_TOKEN)
PLAIN = GiftTerms(WEI_PER_TOKEN, 0, 0, 1, 10 * WEI_PER_TOKEN)


class Reward(LineChart):
    """Thanks gathered in one day, listen by listen."""

    def label_indexes(self, plot: QRectF) -> list[int]:
        """Label every fifth listen."""
        return list(range(0, len(self.data.points), 5))

    def point_label(self, index: int) -> str:
        """Return the number of listens."""
        return str(index)


class GiftPanel(WayPanel):
    """Thanks for a listen, early bonus, repeat, daily limit, who counts; thanks by listen as curve and table."""

    way = "gift-economy"
    title = "Gift terms"
    presets = (("usual", "Usual"), ("generous", "Generous"), ("plain", "A listen is a listen"))

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.per_listen = self.add_field(
            "gift.per_listen",
            tr("Thanks for a listen"),
            tr("Thanks for a listen"),
            note="CGC",
            edit=self._edit_per_listen,
        )
        self.repeat = Choice(tr("From the sixth listen"), theme)
        self.repeat.set_choices(
            [
                (str(n), tr("counts once") if n == 1 else tr("counts {n} times").format(n=n))
                for n in range(1, MAX_MULTIPLIER + 1)
            ]
        )
        self.repeat.picked.connect(self._edit_repeat)
        self.add_row(tr("From the sixth"), self.repeat, self.repeat)
        self.early = self.add_field(
            "gift.early_listeners", tr("Early listeners"), tr("Early listeners"), note=tr("the first so many"),
            edit=self._edit_early,
        )  # fmt: skip
        self.bonus = self.add_field(
            "gift.early_bonus", tr("Their bonus"), tr("Bonus of early listeners"), note=tr("CGC, once"),
            edit=self._edit_bonus,
        )  # fmt: skip
        self.cap = self.add_field(
            "gift.daily_cap", tr("At most a day"), tr("At most a day and listener"), note=tr("CGC a listener"),
            edit=self._edit_cap,
        )  # fmt: skip
        self.attestor = self.add_field(
            "gift.attestor",
            tr("Who counts listens"),
            tr("Address of who counts listens"),
            help_words=tr("Their signature decides what leaves your budget. Yourself, or a platform you trust."),
            edit=self._edit_attestor,
        )
        self.preview_column.addWidget(text(tr("Thanks in one day, by listen"), theme, "section"))
        self.curve_words = text("", theme, "small", "t3", wrap=True)
        self.preview_column.addWidget(self.curve_words)
        self.curve = Reward(ChartData(tr("Thanks in one day, by listen"), CGC), theme)
        self.curve.setMinimumHeight(150)
        self.preview_column.addWidget(self.curve, 1)
        self.figures = Figures(theme, (tr("Listens in a day"), tr("Early listener, CGC"), tr("Others, CGC")))
        self.preview_column.addWidget(self.figures)

    # editing ------------------------------------------------------------------------------------------------------------

    def _edit(self, form: GiftForm) -> None:
        self.take(replace(self.form, gift=form))

    @Slot(str)
    def _edit_per_listen(self, typed: str) -> None:
        self._edit(replace(self.form.gift, per_listen=typed))

    @Slot(object)
    def _edit_repeat(self, times: object) -> None:
        self._edit(replace(self.form.gift, repeat_multiplier=str(times)))

    @Slot(str)
    def _edit_early(self, typed: str) -> None:
        self._edit(replace(self.form.gift, early_listeners=typed))

    @Slot(str)
    def _edit_bonus(self, typed: str) -> None:
        self._edit(replace(self.form.gift, early_bonus=typed))

    @Slot(str)
    def _edit_cap(self, typed: str) -> None:
        self._edit(replace(self.form.gift, daily_cap=typed))

    @Slot(str)
    def _edit_attestor(self, typed: str) -> None:
        self._edit(replace(self.form.gift, attestor=typed))

    def start_from(self, key: str, form: TermsForm) -> TermsForm:
        """Return the form with usual thanks; who counts stays."""
        terms = {"usual": DEFAULT_TERMS, "generous": GENEROUS, "plain": PLAIN}[key]
        return replace(form, gift=GiftForm.of(GiftOffer(terms, form.gift.attestor)))

    # showing ------------------------------------------------------------------------------------------------------------

    def payment(self, form: TermsForm) -> Payment:
        """Return a tip: listening costs nothing."""
        return tip()

    def show_form(self, form: TermsForm, state: TermsState) -> None:
        """Fill everything in."""
        self.form = form
        typed = form.gift
        for field, words in (
            (self.per_listen, typed.per_listen),
            (self.early, typed.early_listeners),
            (self.bonus, typed.early_bonus),
            (self.cap, typed.daily_cap),
            (self.attestor, typed.attestor),
        ):
            fill(field, words)
        self.attestor.set_note(state.names.get(typed.attestor, ""))
        self.repeat.set_value(typed.repeat_multiplier)
        self._show_curve(typed.terms())

    def _show_curve(self, terms: GiftTerms | None) -> None:
        title = tr("Thanks in one day, by listen")
        if terms is None:
            self.curve.set_empty(tr("Complete the amounts to see this."))
            self.figures.show_rows([])
            self.curve_words.setText("")
            return
        early = tuple(int(terms.reward(0, n, early=terms.early_listeners > 0)) if n else 0 for n in range(LISTENS + 1))
        others = tuple(int(terms.reward(0, n, early=False)) for n in range(LISTENS + 1))
        series = [Series("others", tr("Others"), others, "gift", dash=(2, 4))]
        if terms.early_listeners:
            series.insert(0, Series("early", tr("Early listener"), early, "gift"))
        points = tuple(Point(tr("{n} listens").format(n=n)) for n in range(LISTENS + 1))
        self.curve.set_data(ChartData(title, CGC, points, tuple(series)))
        least = BUDGET // terms.per_listen if terms.per_listen else 0
        solid = tr("Solid: one of the first listeners. Dotted: everybody else.") if terms.early_listeners else ""
        lasts = tr("A budget of 500 CGC thanks for {n} single listens.").format(n=shown.count(least)) if least else ""
        self.curve_words.setText(" ".join(part for part in (solid, lasts) if part))
        rows = [
            (shown.count(n), shown.coins(early[n], 2), shown.coins(others[n], 2))
            for n in (1, REPEAT_AFTER, 10, LISTENS)
        ]
        self.figures.show_rows(rows)

    def note(self, form: TermsForm, state: TermsState) -> str:
        """Say who has to count, where no platform does, and where the thanks come from."""
        if self.way not in form.ways:
            return ""
        said = []
        if state.attestor and form.gift.attestor != state.attestor:
            said.append(tr("Your platform counts listens and is not named here: whoever is named has to count them."))
        elif state.attestor == "":
            said.append(
                tr("No platform of yours counts listens: listeners are thanked once whoever is named counts them.")
            )
        if not any(target.terms is not None and target.terms.gift is not None for target in state.targets):
            said.append(tr("Thanks are paid from a budget that you fill under Gift budget, song by song."))
        return " ".join(said)
