"""The bureau's addresses, mounted at /bureau/."""

from __future__ import annotations

from django.urls import path

from vendome.web.bureau.views import audit, home, level, orders, receive, staff, stock, webhooks

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
