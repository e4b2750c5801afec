"""The salon's addresses, mounted at /salon/."""

from __future__ import annotations

from django.urls import path

from vendome.web.salon.views import clients, collections, hand_over, return_slips, returns, sell, today

app_name = "salon"
urlpatterns = [
    path("", today.today, name="today"),
    path("holds/<uuid:hold_id>/release/", today.release, name="release"),
    path("clients/", clients.search, name="clients"),
    path("clients/new/", clients.new, name="new_client"),
    path("clients/<uuid:client_id>/", clients.card, name="client"),
    path("clients/<uuid:client_id>/open/", clients.open_file, name="open_file"),
    path("hand-over/<uuid:line_id>/", hand_over.hand_over, name="hand_over"),
    path("hand-over/<uuid:line_id>/done/", hand_over.done, name="handed_over"),
    path("sell/", sell.sell, name="sell"),
    path("receipt/<uuid:order_id>/", sell.receipt, name="receipt"),
    path("returns/", returns.find, name="returns"),
    path("returns/<uuid:order_id>/", returns.take_back, name="take_back"),
    path("returned/<uuid:return_id>/", return_slips.returned, name="returned"),
    path("refunds/<uuid:refund_id>/by-hand/", returns.by_hand, name="refund_by_hand"),
    path("collections/", collections.collections, name="collections"),
    path("collections/<slug:code>/", collections.model, name="model"),
]
