"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import allocation, allocations, audit, committee, counts, exceptions, home, level, money, move, orders, promises, receive, replenishment, routing, staff, stock, transfers, webhooks, world_map

app_name = "bureau"
urlpatterns = [
    path("", home.home, name="home"),
    path("books/", home.books, name="books"),
    path("world.svg", world_map.land, name="land"),
    path("stock/", stock.house_stock, name="stock"),
    path("stock/<slug:code>/", stock.place, name="place"),
    path("stock/<slug:code>/receive/", receive.receive, name="receive"),
    path("stock/<slug:code>/promises/", promises.promises, name="promises"),
    path("stock/<slug:code>/<uuid:reference_id>/", level.level, name="level"),
    path("stock/<slug:code>/<uuid:reference_id>/move/", move.move, name="move"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/new/", transfers.new, name="new_transfer"),
    path("transfers/<uuid:transfer_id>/", transfers.transfer, name="transfer"),
    path("counts/", counts.all_counts, name="counts"),
    path("counts/<uuid:count_id>/", counts.count, name="count"),
    path("findings/<uuid:finding_id>/", counts.finding, name="finding"),
    path("accuracy/", counts.accuracy, name="accuracy"),
    path("replenishment/", replenishment.desk, name="replenishment"),
    path("replenishment/rules/", replenishment.rules, name="rules"),
    path("allocations/", allocations.allocations, name="allocations"),
    path("allocations/new/", allocations.new, name="new_allocation"),
    path("allocations/<slug:code>/", allocation.allocation, name="allocation"),
    path("allocations/<slug:code>/committee/", committee.committee, name="committee"),
    path("allocations/<slug:code>/<slug:name>/", allocation.step, name="allocation_step"),
    path("orders/", orders.orders, name="orders"),
    path("orders/exceptions/", exceptions.exceptions, name="exceptions"),
    path("orders/exceptions/<uuid:exception_id>/", exceptions.exception, name="exception"),
    path("orders/routing/", routing.routing, name="routing"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("money/", money.overview, name="money"),
    path("money/balance/", money.balance, name="balance"),
    path("money/differences/<uuid:difference_id>/resolve/", money.resolve, name="money_resolve"),
    path("money/transfers/<uuid:line_id>/match/", money.match, name="money_match"),
    path("money/owed/<uuid:payment_id>/give-back/", money.give_back, name="money_give_back"),
    path("money/instalments/<uuid:instalment_id>/charge/", money.charge, name="money_charge"),
    path("staff/", staff.team, name="staff"),
    path("staff/<uuid:staff_id>/", staff.colleague, name="colleague"),
    path("audit/", audit.audit, name="audit"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/new/", webhooks.new, name="new_webhook"),
    path("webhooks/<uuid:endpoint_id>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:endpoint_id>/change/", webhooks.change, name="change_webhook"),
    path("webhooks/<uuid:endpoint_id>/do/", webhooks.act, name="act_on_webhook"),
    path("webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/", webhooks.delivery, name="webhook_delivery"),
]
