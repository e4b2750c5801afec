"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import audit, counts, home, level, orders, receive, replenishment, staff, stock

app_name = "bureau"
urlpatterns = [
    path("", home.home, name="home"),
    path("books/", home.books, name="books"),
    path("stock/", stock.house_stock, name="stock"),
    path("stock/<slug:code>/", stock.place, name="place"),
    path("stock/<slug:code>/receive/", receive.receive, name="receive"),
    path("stock/<slug:code>/<uuid:reference_id>/", level.level, name="level"),
    path("counts/", counts.all_counts, name="counts"),
    path("counts/<uuid:count_id>/", counts.count, name="count"),
    path("findings/<uuid:finding_id>/", counts.finding, name="finding"),
    path("accuracy/", counts.accuracy, name="accuracy"),
    path("replenishment/", replenishment.desk, name="replenishment"),
    path("replenishment/rules/", replenishment.rules, name="rules"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("staff/", staff.team, name="staff"),
    path("staff/<uuid:staff_id>/", staff.colleague, name="colleague"),
    path("audit/", audit.audit, name="audit"),
]
