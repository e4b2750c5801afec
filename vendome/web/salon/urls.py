"""The salon's addresses, mounted at /salon/."""

from __future__ import annotations

from django.urls import path

from vendome.web.salon.views import afar, allocations, clients, collections, counts, deliveries, find, hand_over, parcels, payments, prepare, return_slips, returns, sell, shared_bag, today, transfers

app_name = "salon"
urlpatterns = [
    path("", today.today, name="today"),
    path("prepare/", prepare.prepare, name="prepare"),
    path("prepare/<uuid:line_id>/step/", prepare.step, name="step"),
    path("prepare/<uuid:line_id>/refuse/", prepare.refuse, name="refuse"),
    path("find/<uuid:reference_id>/", find.find, name="find"),
    path("find/<uuid:reference_id>/order/", afar.order, name="order_from_afar"),
    path("holds/<uuid:hold_id>/release/", today.release, name="release"),
    path("clients/", clients.search, name="clients"),
    path("clients/new/", clients.new, name="new_client"),
    path("clients/<uuid:client_id>/", clients.card, name="client"),
    path("clients/<uuid:client_id>/open/", clients.open_file, name="open_file"),
    path("clients/<uuid:client_id>/bag/", shared_bag.shared_bag, name="shared_bag"),
    path("clients/<uuid:client_id>/bag/put/", shared_bag.put, name="shared_bag_put"),
    path("clients/<uuid:client_id>/bag/<uuid:line_id>/remove/", shared_bag.take_out, name="shared_bag_remove"),
    path("clients/<uuid:client_id>/selection/choose/", shared_bag.choose, name="selection_choose"),
    path(
        "clients/<uuid:client_id>/selection/<uuid:selection_id>/<uuid:item_id>/leave-out/",
        shared_bag.leave_out,
        name="selection_leave_out",
    ),
    path("clients/<uuid:client_id>/selection/<uuid:selection_id>/send/", shared_bag.send, name="selection_send"),
    path(
        "clients/<uuid:client_id>/selection/<uuid:selection_id>/withdraw/",
        shared_bag.withdraw,
        name="selection_withdraw",
    ),
    path("hand-over/<uuid:line_id>/", hand_over.hand_over, name="hand_over"),
    path("hand-over/<uuid:line_id>/done/", hand_over.done, name="handed_over"),
    path("counts/", counts.start, name="counts"),
    path("counts/<uuid:count_id>/", counts.count, name="count"),
    path("parcels/", parcels.to_send, name="to_send"),
    path("parcels/pick/", parcels.pick_list, name="pick_list"),
    path("parcels/<uuid:parcel_id>/", parcels.parcel, name="parcel"),
    path("parcels/<uuid:parcel_id>/slip/", parcels.slip, name="packing_slip"),
    path("parcels/<uuid:parcel_id>/documents/<uuid:document_id>/", parcels.document, name="parcel_document"),
    path("parcels/<uuid:parcel_id>/<slug:name>/", parcels.step, name="parcel_step"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/<uuid:parcel_id>/", deliveries.door, name="door"),
    path("sell/", sell.sell, name="sell"),
    path("orders/<uuid:order_id>/payments/", payments.payments, name="payments"),
    path("orders/<uuid:order_id>/payments/link/", payments.link, name="payments_link"),
    path("orders/<uuid:order_id>/payments/<uuid:payment_id>/withdraw/", payments.withdraw, name="payments_withdraw"),
    path("gift-card/", payments.gift_card, name="gift_card"),
    path("receipt/<uuid:order_id>/", sell.receipt, name="receipt"),
    path("allocations/<slug:code>/", allocations.enter, name="allocation"),
    path("returns/", returns.find, name="returns"),
    path("returns/<uuid:order_id>/", returns.take_back, name="take_back"),
    path("returned/<uuid:return_id>/", return_slips.returned, name="returned"),
    path("refunds/<uuid:refund_id>/by-hand/", returns.by_hand, name="refund_by_hand"),
    path("collections/", collections.collections, name="collections"),
    path("collections/<slug:code>/", collections.model, name="model"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/<uuid:transfer_id>/", transfers.transfer, name="transfer"),
    path("transfers/ask/<uuid:reference_id>/", transfers.ask, name="ask"),
]
