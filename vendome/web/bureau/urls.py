"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import audit, home, level, money, orders, receive, staff, stock

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
    path("money/", money.overview, name="money"),
    path("money/balance/", money.balance, name="balance"),
    path("money/differences/<uuid:difference_id>/resolve/", money.resolve, name="money_resolve"),
    path("money/transfers/<uuid:line_id>/match/", money.match, name="money_match"),
    path("money/owed/<uuid:payment_id>/give-back/", money.give_back, name="money_give_back"),
    path("money/instalments/<uuid:instalment_id>/charge/", money.charge, name="money_charge"),
    path("staff/", staff.team, name="staff"),
    path("staff/<uuid:staff_id>/", staff.colleague, name="colleague"),
    path("audit/", audit.audit, name="audit"),
]
