"""The form of patronage: a price every 30 days, a commitment, and four loyalty levels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGridLayout

from mycelix_studio.domain.strategy.patronage import (
    GRACE_SECONDS,
    PLAN_PRESETS,
    TIER_DAYS,
    TIER_NAMES,
    Plan,
    tier_of,
)
from mycelix_studio.domain.strategy.patronage_form import PlanForm, minimum_text, renewal_steps
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.services.strategies import TermsState
from mycelix_studio.ui import format as shown
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.data import ChartData, Point, Series, Unit, UnitKind
from mycelix_studio.ui.charts.line import LineChart
from mycelix_studio.ui.labels import Text, text
from mycelix_studio.ui.pages.strategies.forms.base import Payment, WayPanel, Wrong, fill, gross_of
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.inputs import Choice, Field, Tick

DAY = 86_400
COMMITMENTS = (1, 2, 3, 6, 12)
SHOWN_DAYS = 430
PRICE = Unit(UnitKind.MONEY, "FLOW", additive=False)


class LoyaltySteps(LineChart):
    """What a patron pays by days paid without a gap: steps, with the amount above each."""

    filled = True

    def label_indexes(self, plot: QRectF) -> list[int]:
        """Label the days on which a level is reached."""
        return list(TIER_DAYS)

    def point_label(self, index: int) -> str:
        """Return the day."""
        return tr("day 0") if index == 0 else str(index)

    def paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Paint the steps, then the amounts above them."""
        super().paint_marks(painter, plot)
        values = self.data.series[0].values
        small, tint = paint.font(11, 500), paint.color(self.theme, "t1")
        for tier, day in enumerate(TIER_DAYS):
            value = values[day]
            if value is None or (tier and value == values[day - 1]):
                continue
            end = next((d for d in TIER_DAYS[tier + 1 :] if values[d] != value), len(values) - 1)
            middle = (self.x_of(day, plot) + self.x_of(end, plot)) / 2
            top = self.y_of(value, plot)
            box = QRectF(middle - 40, top - 20 if top - 20 >= plot.top() - 6 else top + 4, 80, 16)
            paint.draw_text(painter, box, shown.coins(value, 2), tint, small, align=Qt.AlignmentFlag.AlignHCenter)


class PatronagePanel(WayPanel):
    """Price, commitment, loyalty levels, and what a loyal patron pays."""

    way = "patronage"
    title = "Patronage terms"
    presets = tuple((preset.key, preset.title) for preset in PLAN_PRESETS)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.price = self.add_field(
            "patronage.price",
            tr("Price"),
            tr("Price every 30 days"),
            note=tr("FLOW every 30 days"),
            edit=self._edit_price,
        )
        self.minimum = Choice(tr("Commit at first"), theme)
        self.minimum.set_choices([(str(n), tr(minimum_text(n))) for n in COMMITMENTS])
        self.minimum.picked.connect(self._edit_minimum)
        self.add_row(tr("Commit at first"), self.minimum, self.minimum)
        self.early = Tick(tr("Patrons may stop before it is over"), theme)
        self.early.toggled.connect(self._edit_early)
        self.column.addWidget(self.early)
        grace = tr("{n} days of grace, then loyalty starts again").format(n=GRACE_SECONDS // DAY)
        self.add_row(tr("Late payment"), text(grace, theme, wrap=True))
        self.open = Tick(tr("New patrons and renewals are taken"), theme)
        self.open.toggled.connect(self._edit_open)
        self.column.addWidget(self.open)
        self.fixed = text("", theme, "small", "t3", wrap=True)
        self.column.addWidget(self.fixed)
        self._table(theme)
        self.preview_column.addWidget(text(tr("What a loyal patron pays"), theme, "section"))
        self.preview_column.addWidget(text(tr("FLOW every 30 days, by days paid without a gap"), theme, "small", "t3"))
        self.steps = LoyaltySteps(ChartData(tr("What a loyal patron pays"), PRICE), theme)
        self.steps.setMinimumHeight(170)
        self.preview_column.addWidget(self.steps, 1)

    def _table(self, theme: Theme) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column, words in enumerate((tr("Loyalty level"), tr("Reached after"), tr("Discount"))):
            grid.addWidget(text(words, theme, "label", "t3"), 0, column)
        grid.addWidget(text(tr("Patron pays, FLOW"), theme, "label", "t3"), 0, 3, right)
        self.discounts: list[Field] = []
        self.pays: list[Text] = []
        for tier, (name, days) in enumerate(zip(TIER_NAMES, TIER_DAYS, strict=True)):
            after = tr("{n} days paid").format(n=days) if days else tr("from day 0")
            grid.addWidget(text(tr(name), theme), tier + 1, 0)
            grid.addWidget(text(after, theme, "body", "t2"), tier + 1, 1)
            field = Field(tr("Discount of level {name} in percent").format(name=tr(name)), theme, note="%", small=True)
            sizes.keep(field, width=76)
            field.textEdited.connect(partial(self._edit_discount, tier))
            grid.addWidget(field, tier + 1, 2)
            pays = text("", theme, "strong")
            grid.addWidget(pays, tier + 1, 3, right)
            self.discounts.append(field)
            self.pays.append(pays)
        self.column.addLayout(grid)
        self.wrong = text("", theme, "small", "bad", wrap=True)
        self.wrong.hide()
        self.column.addWidget(self.wrong)

    # editing ------------------------------------------------------------------------------------------------------------

    def _edit(self, form: PlanForm) -> None:
        self.take(replace(self.form, patronage=form))

    @Slot(str)
    def _edit_price(self, typed: str) -> None:
        self._edit(replace(self.form.patronage, price=typed))

    @Slot(object)
    def _edit_minimum(self, periods: object) -> None:
        self._edit(replace(self.form.patronage, minimum=str(periods)))

    @Slot(bool)
    def _edit_early(self, on: bool) -> None:
        if on != self.form.patronage.early_cancel:
            self._edit(replace(self.form.patronage, early_cancel=on))

    @Slot(bool)
    def _edit_open(self, on: bool) -> None:
        if on != self.form.patronage.open:
            self._edit(replace(self.form.patronage, open=on))

    def _edit_discount(self, tier: int, typed: str) -> None:
        self._edit(self.form.patronage.with_discount(tier, typed))

    def start_from(self, key: str, form: TermsForm) -> TermsForm:
        """Return the form with a usual plan."""
        plan = next(preset.plan for preset in PLAN_PRESETS if preset.key == key)
        return replace(form, patronage=PlanForm.of_plan(plan))

    # showing ------------------------------------------------------------------------------------------------------------

    def payment(self, form: TermsForm) -> Payment:
        """Return one payment at the full price."""
        return Payment(tr("One payment of {amount} FLOW"), gross_of(form.patronage.price))

    def show_form(self, form: TermsForm, state: TermsState) -> None:
        """Fill everything in; what a plan on chain fixed cannot be edited."""
        self.form = form
        typed = form.patronage
        fill(self.price, typed.price)
        if self.minimum.findData(typed.minimum) < 0 and typed.minimum.isdigit():
            self.minimum.addItem(tr(minimum_text(int(typed.minimum))), typed.minimum)
        self.minimum.set_value(typed.minimum)
        self.early.setChecked(typed.early_cancel)
        self.open.setChecked(typed.open)
        for field, words in zip(self.discounts, typed.discounts, strict=True):
            fill(field, words)
        made = any(target.terms is not None and target.terms.patronage is not None for target in state.targets)
        self.minimum.setEnabled(not made)
        self.early.setEnabled(not made)
        self.early.setVisible(typed.minimum != "1")
        self.open.setVisible(made)
        self.fixed.setText(tr("Commitment and promised discounts are fixed since the plan was made.") if made else "")
        self.fixed.setVisible(made)
        plan = typed.plan()
        for label, amount in zip(self.pays, renewal_steps(plan) if plan else (None,) * 4, strict=True):
            label.setText(shown.coins(amount, 2))
            label.setToolTip(shown.coins(amount, 18))
        self._show_steps(plan)

    def _show_steps(self, plan: Plan | None) -> None:
        title = tr("What a loyal patron pays")
        if plan is None:
            self.steps.set_empty(tr("Complete price and discounts to see this."))
            return
        points = tuple(Point(tr("day {n}").format(n=day)) for day in range(SHOWN_DAYS))
        values = tuple(int(plan.price_at(tier_of(day * DAY))) for day in range(SHOWN_DAYS))
        self.steps.set_data(ChartData(title, PRICE, points, (Series("pays", title, values, "patronage"),)))

    def show_problems(self, wrong: Wrong) -> None:
        """Mark wrong discounts, and say the first reason below the table."""
        super().show_problems(wrong)
        reasons = []
        for tier, field in enumerate(self.discounts):
            why = wrong.get(f"patronage.discount.{tier}", "")
            field.set_wrong(bool(why), why)
            reasons += [why] if why else []
        reasons += [wrong[name] for name in ("patronage.minimum", "patronage.early_cancel") if name in wrong]
        self.wrong.setText(reasons[0] if reasons else "")
        self.wrong.setVisible(bool(reasons))

    def note(self, form: TermsForm, state: TermsState) -> str:
        """Say what a higher price means for the patrons there are."""
        price = gross_of(form.patronage.price)
        old = [t.terms.patronage.plan.price for t in state.targets if t.terms is not None and t.terms.patronage]
        if price is None or not old or price <= min(old):
            return ""
        return tr(
            "Patrons keep the old price until they agree to the new one. Nobody is charged more without saying yes."
        )
