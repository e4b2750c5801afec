"""Tables of the orders domain."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from vendome.domains.orders.types import BasketState, Direction, LineState, Mode, OrderState, SelectionState
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
    placed_at = models.DateTimeField()
    source = models.TextField(blank=True, default="", db_default="")  # where an imported order came from
    contact = models.JSONField(default=dict)  # name, e-mail, phone of a guest
    delivery_address = ArrayField(models.TextField(), default=list)
    delivery = models.JSONField(default=dict, db_default={})  # mode and slot she chose, country of the address
    sourcing = models.JSONField(default=list)  # the plan with its reasons

    class Meta:
        constraints = [models.UniqueConstraint(fields=["maison", "number"], name="order_number_once")]
        indexes = [
            models.Index(fields=["client", "-placed_at"], condition=Q(client__isnull=False), name="order_of_client"),
            models.Index(fields=["maison", "-placed_at", "-id"], name="order_newest_first"),
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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_line_quantity_above_zero"),
            models.CheckConstraint(condition=Q(unit_amount__gte=0, amount__gte=0), name="order_line_not_negative"),
            models.CheckConstraint(condition=Q(piece=None) | Q(quantity=1), name="order_line_of_a_piece_is_one"),
            models.CheckConstraint(condition=Q(direction="IN") | Q(returned_line=None), name="only_returns_point_back"),
            models.CheckConstraint(
                condition=Q(amount=F("unit_amount") * F("quantity"))
                | Q(amount=F("unit_amount") * F("quantity") + F("tax_amount")),
                name="order_line_adds_up",
            ),
        ]
        indexes = [
            models.Index(
                fields=["place", "state"], condition=Q(state__in=["HELD", "READY"]), name="line_waiting_at_place"
            ),
            models.Index(fields=["piece"], condition=Q(piece__isnull=False), name="line_of_piece"),
        ]


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
