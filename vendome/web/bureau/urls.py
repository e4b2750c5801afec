"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import (
    allocation,
    allocations,
    audit,
    committee,
    home,
    level,
    orders,
    receive,
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
    path("allocations/", allocations.allocations, name="allocations"),
    path("allocations/new/", allocations.new, name="new_allocation"),
    path("allocations/<slug:code>/", allocation.allocation, name="allocation"),
    path("allocations/<slug:code>/committee/", committee.committee, name="committee"),
    path("allocations/<slug:code>/<slug:name>/", allocation.step, name="allocation_step"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<uuid:order_id>/", orders.order, name="order"),
    path("staff/", staff.team, name="staff"),
    path("staff/<uuid:staff_id>/", staff.colleague, name="colleague"),
    path("audit/", audit.audit, name="audit"),
]
