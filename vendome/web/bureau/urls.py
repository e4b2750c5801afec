"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import audit, exceptions, home, level, orders, promises, receive, routing, staff, stock

app_name = "bureau"
urlpatterns = [
    path("", home.home, name="home"),
    path("books/", home.books, name="books"),
    path("stock/", stock.house_stock, name="stock"),
    path("stock/<slug:code>/", stock.place, name="place"),
    path("stock/<slug:code>/receive/", receive.receive, name="receive"),
    path("stock/<slug:code>/promises/", promises.promises, name="promises"),
    path("stock/<slug:code>/<uuid:reference_id>/", level.level, name="level"),
    path("orders/", orders.orders, name="orders"),
    path("orders/exceptions/", exceptions.exceptions, name="exceptions"),
    path("orders/exceptions/<uuid:exception_id>/", exceptions.exception, name="exception"),
    path("orders/routing/", routing.routing, name="routing"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("staff/", staff.team, name="staff"),
    path("staff/<uuid:staff_id>/", staff.colleague, name="colleague"),
    path("audit/", audit.audit, name="audit"),
]
