"""What each role may do. A grant adds places; nothing is allowed that is not written here."""

from __future__ import annotations

from typing import Final

CLIENTS_SEARCH: Final = "clients.search"
CLIENTS_READ: Final = "clients.read"
CLIENTS_READ_PROTECTED: Final = "clients.read_protected"
CLIENTS_WRITE: Final = "clients.write"
STOCK_VIEW: Final = "stock.view"
STOCK_ADJUST: Final = "stock.adjust"
ORDERS_VIEW: Final = "orders.view"
ORDERS_SELL: Final = "orders.sell"
ORDERS_HAND_OVER: Final = "orders.hand_over"
STAFF_VIEW: Final = "staff.view"
AUDIT_VERIFY: Final = "audit.verify"
SALON: Final = "salon.use"
BUREAU: Final = "bureau.use"

_ADVISOR = frozenset(
    {SALON, CLIENTS_SEARCH, CLIENTS_READ, CLIENTS_WRITE, STOCK_VIEW, ORDERS_VIEW, ORDERS_SELL, ORDERS_HAND_OVER}
)

ROLES: Final[dict[str, frozenset[str]]] = {
    "advisor": _ADVISOR,
    "boutique_manager": _ADVISOR | {BUREAU, STOCK_ADJUST, STAFF_VIEW},
    "client_service": frozenset({SALON, CLIENTS_SEARCH, CLIENTS_READ, CLIENTS_WRITE, STOCK_VIEW, ORDERS_VIEW}),
    "stock_controller": frozenset({BUREAU, STOCK_VIEW, STOCK_ADJUST, ORDERS_VIEW}),
    "logistics": frozenset({BUREAU, STOCK_VIEW, ORDERS_VIEW}),
    "watchmaker": frozenset({BUREAU, STOCK_VIEW}),
    "director": frozenset({BUREAU, STOCK_VIEW, ORDERS_VIEW, STAFF_VIEW, CLIENTS_SEARCH, CLIENTS_READ}),
    "retail_director": frozenset({BUREAU, STOCK_VIEW, ORDERS_VIEW, STAFF_VIEW}),
    "wholesale_manager": frozenset({BUREAU, STOCK_VIEW, ORDERS_VIEW}),
    "crm_analyst": frozenset({BUREAU, ORDERS_VIEW}),
    "privacy_officer": frozenset({BUREAU, CLIENTS_SEARCH, CLIENTS_READ, CLIENTS_READ_PROTECTED, AUDIT_VERIFY}),
    "partner_seller": frozenset({SALON, STOCK_VIEW}),
}
