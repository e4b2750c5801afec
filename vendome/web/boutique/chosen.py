"""What an advisor chose for the client, as she sees it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.orders.types import SelectionView
from vendome.domains.people import queries as people
from vendome.flows import selections as flow
from vendome.web.boutique import lines, showing
from vendome.web.boutique.pages import ChosenForHer, ChosenPiece
from vendome.web.boutique.shop import Shop


def for_her(shop: Shop) -> list[ChosenForHer]:
    """The selections that are open to her, the newest first; her advisor hears that she has seen them."""
    if shop.client_id is None:
        return []
    found = flow.list_for_client(market_id=shop.market.id, client_id=shop.client_id, actor=shop.actor, at=shop.at)
    if not found:
        return []
    flow.mark_seen(selections=found, client_id=shop.client_id, actor=shop.actor, at=shop.at)
    names = people.staff_names(ids={one.advisor_id for one in found})
    return [_selection(shop, one, names.get(one.advisor_id, "")) for one in found]


def _selection(shop: Shop, one: SelectionView, advisor: str) -> ChosenForHer:
    ids = {item.reference_id for item in one.items}
    labels = catalogue.label_references(ids=ids)
    priced = showing.prices(shop, ids)
    in_bag = {line.reference_id for line in shop.basket.lines} if shop.basket else set()
    kept = flow.kept_pieces(
        hold_ids=[item.hold_id for item in one.items if item.hold_id],
        client_id=shop.client_id,
        actor=shop.actor,
        at=shop.at,
    )
    pieces = []
    for item in one.items:
        label, price = labels.get(item.reference_id), priced.get(item.reference_id)
        if label is None:
            continue
        piece = kept.get(item.hold_id) if item.hold_id else None
        pieces.append(
            ChosenPiece(
                id=item.id,
                code=label.model_code,
                name=label.model_name,
                url=f"{shop.url('piece', code=label.model_code)}?material={label.material}&size={label.size}",
                world=label.collection_code,
                material=showing.sentence_case(shop.text(label.material_name)),
                size=label.size,
                amount=showing.due(price) if price else None,
                currency=shop.market.currency,
                note=item.note,
                kept=lines.kept_until(shop, piece) if piece else "",
                is_in_bag=item.reference_id in in_bag,
            )
        )
    given = advisor.partition(" ")[0]
    return ChosenForHer(
        title=_("%(name)s chose these for you") % {"name": given} if given else _("Chosen for you"),
        note=one.note,
        pieces=pieces,
        take_url=shop.url("selection_take", selection_id=one.id),
        is_all_in_bag=all(piece.is_in_bag for piece in pieces),
    )
