"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import (
    announce,
    audit,
    changes,
    home,
    inspect,
    level,
    orders,
    receive,
    return_policy,
    returns,
    staff,
    stock,
)

app_name = "bureau"
urlpatterns = [
    path("", home.home, name="home"),
    path("books/", home.books, name="books"),
    path("stock/", stock.house_stock, name="stock"),
    path("stock/<slug:code>/", stock.place, name="place"),
    path("stock/<slug:code>/receive/", receive.receive, name="receive"),
    path("stock/<slug:code>/<uuid:reference_id>/", level.level, name="level"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("orders/<uuid:order_id>/change/", changes.change, name="change"),
    path("orders/<uuid:order_id>/return/", announce.announce, name="announce"),
    path("changes/<uuid:change_id>/confirm/", changes.confirm, name="change_confirm"),
    path("changes/<uuid:change_id>/withdraw/", changes.withdraw, name="change_withdraw"),
    path("returns/", returns.returns_list, name="returns"),
    path("returns/inspect/", inspect.inspect, name="inspect"),
    path("returns/inspect/<uuid:arrival_id>/", inspect.decide, name="inspect_decide"),
    path("returns/policy/", return_policy.return_policy, name="return_policy"),
    path("returns/<uuid:return_id>/", returns.one_return, name="return"),
    path("returns/<uuid:return_id>/withdraw/", returns.withdraw, name="return_withdraw"),
    path("refunds/<uuid:refund_id>/again/", returns.refund_again, name="refund_again"),
    path("staff/", staff.team, name="staff"),
    path("staff/<uuid:staff_id>/", staff.colleague, name="colleague"),
    path("audit/", audit.audit, name="audit"),
]
