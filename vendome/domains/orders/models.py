"""Tables of the orders domain."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Lower, Trim

from vendome.domains.orders.policy.types import Basis, Condition, Outcome, Payer, Reason, RefundForm, Way
from vendome.domains.orders.types import (
    BasketState,
    ChangeKind,
    ChangeState,
    Direction,
    Fate,
    LineState,
    Mode,
    OrderState,
    ReturnRoute,
    ReturnState,
    SelectionState,
)
from vendome.kit.rows import Row


class Basket(Row):
    """Open on every device of the client and of her advisor at once."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    market = models.ForeignKey("house.Market", on_delete=models.PROTECT, related_name="+")
    client_id = models.UUIDField(null=True)
    advisor_id = models.UUIDField(null=True)
    state = models.CharField(max_length=8, choices=[(s.value, s.name) for s in BasketState], default=BasketState.OPEN)
    order_id = models.UUIDField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["client_id", "market"],
                condition=Q(state="OPEN", client_id__isnull=False),
                name="client_has_one_open_basket",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", order_id=None) | Q(state="ORDERED", order_id__isnull=False),
                name="ordered_basket_names_its_order",
            ),
        ]
        indexes = [models.Index(fields=["order_id"], condition=Q(order_id__isnull=False), name="basket_of_order")]


class BasketLine(Row):
    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    mode = models.CharField(max_length=10, choices=[(m.value, m.name) for m in Mode])
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+")
    hold_id = models.UUIDField(null=True)  # a piece kept for her, which the order takes over
    selection_id = models.UUIDField(null=True)  # the advisor's selection it came from
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=20), name="basket_quantity_sane"),
            models.UniqueConstraint(
                fields=["basket", "reference", "mode", "place"], name="basket_line_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(mode="DELIVER") | Q(place__isnull=False), name="collection_names_a_place"
            ),
        ]


class Order(Row):
    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.TextField()
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    market = models.ForeignKey("house.Market", on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.TextField()
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    advisor = models.ForeignKey("people.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=[(s.value, s.name) for s in OrderState])
    currency = models.CharField(max_length=3)
    total_amount = models.BigIntegerField()
    tax_amount = models.BigIntegerField()
    due_amount = models.BigIntegerField(null=True)  # what confirms it, where a deposit or first rate does (ADR 0020)
    credit_amount = models.BigIntegerField(default=0, db_default=0)  # what she may still owe when it leaves the house
    placed_at = models.DateTimeField()
    source = models.TextField(blank=True, default="", db_default="")  # where an imported order came from
    contact = models.JSONField(default=dict)  # name, e-mail, phone of a guest
    delivery_address = ArrayField(models.TextField(), default=list)
    delivery = models.JSONField(default=dict, db_default={})  # mode and slot she chose, country of the address
    sourcing = models.JSONField(default=list)  # the plan with its reasons

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "number"], name="order_number_once"),
            models.CheckConstraint(
                condition=Q(due_amount=None) | Q(due_amount__gt=0, due_amount__lte=F("total_amount")),
                name="due_is_part_of_the_total",
            ),
            models.CheckConstraint(
                condition=Q(credit_amount=0)
                | Q(
                    due_amount__isnull=False,
                    credit_amount__gt=0,
                    credit_amount__lte=F("total_amount") - F("due_amount"),
                ),
                name="credit_is_what_is_not_due",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-placed_at"], condition=Q(client__isnull=False), name="order_of_client"),
            models.Index(fields=["maison", "-placed_at", "-id"], name="order_newest_first"),
            models.Index(fields=["-placed_at"], condition=Q(state="CANCELLED"), name="order_given_up"),
            models.Index(
                Lower(Trim(KT("contact__email"))),
                condition=Q(client=None, state="AWAITING_PAYMENT", channel="web"),
                name="order_unpaid_by_address",
            ),
        ]


class OrderLine(Row):
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    direction = models.CharField(max_length=3, choices=[(d.value, d.name) for d in Direction], default=Direction.OUT)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    piece = models.ForeignKey("stock.Piece", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    returned_line = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.IntegerField()
    unit_amount = models.BigIntegerField()  # as the market shows it
    tax_amount = models.BigIntegerField()  # of the whole line
    amount = models.BigIntegerField()  # what the client pays for the whole line, tax included
    price_reason = models.TextField(blank=True, default="", db_default="")
    mode = models.CharField(max_length=10, choices=[(m.value, m.name) for m in Mode])
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in LineState])
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    hold_id = models.UUIDField(null=True)
    promised_date = models.DateField(null=True)
    is_personalised = models.BooleanField(default=False, db_default=False)  # made to her wishes
    is_final_sale = models.BooleanField(default=False, db_default=False)
    # What has come back of this line, and what was given for it: the ceilings of every refund (ADR 0022).
    returned_quantity = models.IntegerField(default=0, db_default=0)
    credited_quantity = models.IntegerField(default=0, db_default=0)
    returned_amount = models.BigIntegerField(default=0, db_default=0)
    returned_tax_amount = models.BigIntegerField(default=0, db_default=0)
    deducted_amount = models.BigIntegerField(default=0, db_default=0)  # of a line that comes in: its loss of value

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credited_quantity__gte=0)
                & Q(credited_quantity__lte=F("returned_quantity"))
                & Q(returned_quantity__lte=F("quantity")),
                name="returns_within_what_was_sold",
            ),
            models.CheckConstraint(
                condition=Q(returned_amount__gte=0, returned_amount__lte=F("amount"))
                & Q(returned_tax_amount__gte=0, returned_tax_amount__lte=F("tax_amount")),
                name="returns_within_what_was_paid",
            ),
            models.CheckConstraint(
                condition=Q(credited_quantity__gt=0) | Q(returned_amount=0, returned_tax_amount=0),
                name="returns_pay_for_what_is_back",
            ),
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_above_zero"),
            models.CheckConstraint(condition=Q(unit_amount__gte=0, amount__gte=0), name="order_line_not_negative"),
            models.CheckConstraint(condition=Q(piece=None) | Q(quantity=1), name="order_line_of_a_piece_is_one"),
            models.CheckConstraint(condition=Q(direction="IN") | Q(returned_line=None), name="only_returns_point_back"),
            models.CheckConstraint(
                condition=Q(amount=F("unit_amount") * F("quantity") - F("deducted_amount"))
                | Q(amount=F("unit_amount") * F("quantity") + F("tax_amount") - F("deducted_amount")),
                name="order_line_adds_up",
            ),
            models.CheckConstraint(
                condition=~Q(state="WITHDRAWN") | Q(direction="IN"), name="only_what_was_to_come_back_is_withdrawn"
            ),
            models.CheckConstraint(
                condition=Q(deducted_amount=0) | Q(deducted_amount__gt=0, direction="IN"),
                name="only_what_comes_back_loses_value",
            ),
        ]
        indexes = [
            models.Index(
                fields=["place", "state"],
                condition=Q(state__in=["HELD", "ON_THE_WAY", "ARRIVED", "READY"]),
                name="line_open_at_place",
            ),
            models.Index(fields=["piece"], condition=Q(piece__isnull=False), name="line_of_piece"),
            models.Index(
                fields=["returned_line"], condition=Q(returned_line__isnull=False), name="line_that_was_returned"
            ),
        ]


class ReturnRule(Row):
    """One line of a maison's return policy; the first that matches decides (ADR 0022)."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    code = models.TextField()
    position = models.IntegerField()
    basis = models.CharField(max_length=8, choices=[(b.value, b.name) for b in Basis])
    outcome = models.CharField(max_length=16, choices=[(o.value, o.name) for o in Outcome])
    form = models.CharField(max_length=8, choices=[(f.value, f.name) for f in RefundForm])
    shipping = models.CharField(max_length=8, choices=[(p.value, p.name) for p in Payer])
    countries = ArrayField(models.CharField(max_length=2), default=list)
    way = models.CharField(max_length=8, blank=True, choices=[(w.value, w.name) for w in Way])
    families = ArrayField(models.TextField(), default=list)
    conditions = ArrayField(models.TextField(), default=list)
    personalised = models.BooleanField(null=True)
    final_sale = models.BooleanField(null=True)
    unsealed = models.BooleanField(null=True)
    gift = models.BooleanField(null=True)
    receipt = models.BooleanField(null=True)
    within_days = models.IntegerField(null=True)
    moves_past_weekend = models.BooleanField(default=False)
    from_date = models.DateField(null=True)  # it is asked from this day on
    until_date = models.DateField(null=True)  # and until this day
    loss_of_value = models.TextField(
        blank=True, default="", db_default=""
    )  # the law that lets a worn piece be worth less
    statute = models.TextField(blank=True)
    source_url = models.TextField(blank=True)
    words = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "code"], name="return_rule_code_once"),
            models.UniqueConstraint(fields=["maison", "position"], name="return_rule_position_once"),
            models.CheckConstraint(
                condition=~Q(basis="LAW") | (~Q(statute="") & ~Q(source_url="")), name="law_names_its_source"
            ),
            models.CheckConstraint(
                condition=Q(basis="LAW", outcome__in=["RIGHT", "NO_RIGHT"])
                | Q(basis="HOUSE", outcome__in=["REFUND", "STORE_CREDIT", "EXCHANGE_ONLY", "ASK_MANAGER", "REFUSE"]),
                name="rights_come_from_the_law",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["RIGHT", "REFUND"]) | Q(form="ORIGINAL"),
                name="refund_goes_where_it_came_from",
            ),
            models.CheckConstraint(condition=Q(within_days=None) | Q(within_days__gte=0), name="return_days_sane"),
            models.CheckConstraint(
                condition=Q(loss_of_value="") | Q(basis="LAW", outcome="RIGHT"), name="value_is_lost_only_under_a_right"
            ),
            models.CheckConstraint(
                condition=Q(from_date=None) | Q(until_date=None) | Q(until_date__gte=F("from_date")),
                name="return_rule_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(basis="HOUSE") | Q(from_date=None, until_date=None), name="law_has_no_dates_of_the_house"
            ),
        ]


class PolicyVersion(Row):
    """The whole return policy of a maison as it stood after one change. Never changed, never deleted."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.IntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    note = models.TextField()  # what was changed, and why
    rules = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "number"], name="policy_version_once"),
            models.CheckConstraint(condition=~Q(note=""), name="policy_version_says_what"),
        ]


class Return(Row):
    """One return of one order, from its announcement until everything that came is decided."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+")
    number = models.TextField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in ReturnState])
    route = models.CharField(max_length=8, choices=[(r.value, r.name) for r in ReturnRoute])
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+")
    is_gift = models.BooleanField(default=False)  # by whom it was given to: the giver is neither shown nor told
    announced_at = models.DateTimeField()
    announced_by = models.TextField()
    closed_at = models.DateTimeField(null=True)
    # Where the courier comes to, as on an envelope, the country last; whom to call, and the day she chose.
    pickup_address = ArrayField(models.TextField(), default=list, db_default=[])
    pickup_phone = models.TextField(blank=True, default="", db_default="")
    pickup_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["maison", "number"], name="return_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["ANNOUNCED", "OPEN"], closed_at=None)
                | Q(state__in=["CLOSED", "WITHDRAWN"], closed_at__isnull=False),
                name="return_closes_once",
            ),
            models.CheckConstraint(
                condition=Q(route="COURIER") | Q(place__isnull=False), name="return_to_a_counter_names_it"
            ),
            models.CheckConstraint(
                condition=Q(route="COURIER") | Q(pickup_address=[], pickup_date=None),
                name="only_a_courier_comes_for_it",
            ),
        ]
        indexes = [
            models.Index(fields=["maison", "-announced_at", "-id"], name="return_newest_first"),
        ]


class ReturnLine(Row):
    """How much of one sold line is to come back, has come, and was accepted; with the decision and its rule."""

    case = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="lines")
    position = models.SmallIntegerField()
    sold_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    arrived_quantity = models.IntegerField(default=0, db_default=0)
    decided_quantity = models.IntegerField(default=0, db_default=0)  # accepted, or given back to her
    accepted_quantity = models.IntegerField(default=0, db_default=0)
    reason = models.CharField(max_length=16, choices=[(r.value, r.name) for r in Reason])
    rule = models.TextField()
    decision = models.JSONField()
    exception_reason = models.TextField(blank=True, default="", db_default="")  # why a manager went beyond the policy
    is_open = models.BooleanField(default=True, db_default=True)
    # What she takes instead: kept by its hold until hers has been examined, at the price of the day she chose it.
    wanted_reference = models.ForeignKey(
        "catalogue.Reference", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    wanted_hold_id = models.UUIDField(null=True)
    wanted_price = models.JSONField(null=True)  # unit, tax and amount in minor units, with the reason

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wanted_hold_id"], name="wanted_piece_has_its_own_hold"),
            models.CheckConstraint(
                condition=Q(wanted_reference=None, wanted_hold_id=None, wanted_price__isnull=True)
                | Q(
                    wanted_reference__isnull=False,
                    wanted_hold_id__isnull=False,
                    wanted_price__isnull=False,
                    quantity=1,
                ),
                name="exchange_of_one_piece_for_one",
            ),
            models.UniqueConstraint(fields=["case", "position"], name="return_line_position_once"),
            models.UniqueConstraint(
                fields=["sold_line"], condition=Q(is_open=True), name="sold_line_returns_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(accepted_quantity__gte=0)
                & Q(accepted_quantity__lte=F("decided_quantity"))
                & Q(decided_quantity__lte=F("arrived_quantity"))
                & Q(arrived_quantity__lte=F("quantity"))
                & Q(quantity__gt=0),
                name="accepted_only_what_arrived",
            ),
            models.CheckConstraint(condition=~Q(rule=""), name="return_decision_names_its_rule"),
        ]


class Arrival(Row):
    """Something came back to a place: under a hold in quarantine until somebody has looked and decided."""

    line = models.ForeignKey(ReturnLine, on_delete=models.PROTECT, related_name="arrivals")
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, related_name="+")
    piece = models.ForeignKey("stock.Piece", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    quantity = models.IntegerField()
    hold_id = models.UUIDField()
    condition = models.CharField(max_length=8, choices=[(c.value, c.name) for c in Condition], default="AS_SOLD")
    is_accepted = models.BooleanField(default=False)
    fate = models.CharField(max_length=12, choices=[(f.value, f.name) for f in Fate], default=Fate.WAITING)
    arrived_at = models.DateTimeField()
    received_by = models.TextField()
    inspected_at = models.DateTimeField(null=True)
    inspected_by = models.TextField(blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="", db_default="")
    deduction_reason = models.TextField(blank=True, default="", db_default="")  # why its value is less, as she reads it
    # Set before it is accepted while the difference of an exchange waits to be paid.
    document_line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold_id"], name="arrival_has_its_own_hold"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="arrival_of_something"),
            models.CheckConstraint(condition=Q(piece=None) | Q(quantity=1), name="arrival_of_a_piece_is_one"),
            models.CheckConstraint(
                condition=Q(is_accepted=False) | Q(document_line__isnull=False), name="accepted_on_a_document"
            ),
            models.CheckConstraint(
                condition=Q(is_accepted=True) | Q(document_line=None) | Q(fate="WAITING"),
                name="exchange_waits_for_its_piece",
            ),
            models.CheckConstraint(
                condition=Q(fate="WAITING", inspected_at=None) | (~Q(fate="WAITING") & Q(inspected_at__isnull=False)),
                name="arrival_is_inspected_once",
            ),
            models.CheckConstraint(
                condition=~Q(fate="GIVEN_BACK") | Q(is_accepted=False), name="given_back_or_paid_for_never_both"
            ),
            models.CheckConstraint(
                condition=~Q(fate__in=["RESTOCKED", "WRITTEN_OFF"]) | Q(is_accepted=True),
                name="only_what_is_ours_again_is_restocked",
            ),
        ]
        indexes = [models.Index(fields=["place", "arrived_at"], condition=Q(fate="WAITING"), name="arrival_to_inspect")]


class Change(Row):
    """A change somebody proposes to a paid order; what it would mean is computed when asked, never kept."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=[(k.value, k.name) for k in ChangeKind])
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in ChangeState], default=ChangeState.OPEN)
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, null=True, related_name="+")
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+")
    address = ArrayField(models.TextField(), default=list)
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.TextField(blank=True, default="", db_default="")
    document = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="OPEN"), name="one_open_change_per_order"),
            models.CheckConstraint(
                condition=Q(state="OPEN", closed_at=None) | (~Q(state="OPEN") & Q(closed_at__isnull=False)),
                name="change_closes_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="ADDRESS", line=None)
                | Q(kind="CANCEL_LINE", line__isnull=False)
                | Q(kind="COLLECT_AT", line__isnull=False, place__isnull=False)
                | Q(kind="SWAP", line__isnull=False, reference__isnull=False),
                name="change_names_what_changes",
            ),
        ]


class LineStep(Row):
    """A line took a step on its way to the client: who, when, where. Never changed, never deleted."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=[(s.value, s.name) for s in LineState])
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.TextField()
    note = models.TextField(blank=True, default="", db_default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["line", "at"], name="step_of_line")]


class Selection(Row):
    """What an advisor chose for one client: references with a word on each, some of them really kept for her."""

    maison = models.ForeignKey("house.Maison", on_delete=models.PROTECT, related_name="+", db_index=False)
    market = models.ForeignKey("house.Market", on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+", db_index=False)
    advisor = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=[(s.value, s.name) for s in SelectionState])
    note = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in SelectionState]), name="selection_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["DRAFT", "WITHDRAWN"]) | Q(sent_at__isnull=False),
                name="sent_selection_says_when",
            ),
            models.UniqueConstraint(
                fields=["client", "advisor", "market"], condition=Q(state="DRAFT"), name="one_selection_in_the_making"
            ),
        ]
        indexes = [models.Index(fields=["client", "-created_at"], name="selection_of_client")]


class SelectionItem(Row):
    selection = models.ForeignKey(Selection, on_delete=models.CASCADE, related_name="items")
    reference = models.ForeignKey("catalogue.Reference", on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.SmallIntegerField()
    note = models.TextField(blank=True, default="", db_default="")
    place = models.ForeignKey("house.Place", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    hold_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["selection", "reference"], name="reference_selected_once"),
            models.CheckConstraint(condition=Q(hold_id=None) | Q(place__isnull=False), name="kept_piece_has_a_place"),
            models.UniqueConstraint(
                fields=["hold_id"], condition=Q(hold_id__isnull=False), name="hold_in_one_selection"
            ),
        ]
