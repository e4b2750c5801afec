"""What each role may do. A grant adds places; nothing is allowed that is not written here."""

from __future__ import annotations

from typing import Final

CLIENTS_SEARCH: Final = "clients.search"
CLIENTS_READ: Final = "clients.read"
CLIENTS_READ_PROTECTED: Final = "clients.read_protected"
CLIENTS_WRITE: Final = "clients.write"
STOCK_VIEW: Final = "stock.view"
STOCK_ADJUST: Final = "stock.adjust"
STOCK_HOLD: Final = "stock.hold"  # set aside for a client, and release again
STOCK_COUNT: Final = "stock.count"
STOCK_REQUEST: Final = "stock.request"  # ask another place for pieces
STOCK_MOVE: Final = "stock.move"  # pick, dispatch and receive at one's place
STOCK_APPROVE: Final = "stock.approve"  # let pieces go from one's place to another
STOCK_RULES: Final = "stock.rules"  # safety stock, routing rules, replenishment minimums
SCARCITY_NOMINATE: Final = "scarcity.nominate"
SCARCITY_DECIDE: Final = "scarcity.decide"
ORDERS_VIEW: Final = "orders.view"
ORDERS_SELL: Final = "orders.sell"
ORDERS_HAND_OVER: Final = "orders.hand_over"
ORDERS_CHANGE: Final = "orders.change"  # propose and confirm changes after payment
ORDERS_RETURN: Final = "orders.return"  # receive returns and exchanges
ORDERS_INSPECT: Final = "orders.inspect"  # decide on what stands in quarantine
ORDERS_POLICY: Final = "orders.policy"  # the house's own return rules
ORDERS_EXCEPTIONS: Final = "orders.exceptions"
ORDERS_SHIP: Final = "orders.ship"
PAYMENTS_REFUND: Final = "payments.refund"  # beyond what the return policy allows by itself
PAYMENTS_RECONCILE: Final = "payments.reconcile"
PAYMENTS_OFFERS: Final = "payments.offers"  # which ways to pay each market offers
WEBHOOKS_MANAGE: Final = "webhooks.manage"
STAFF_VIEW: Final = "staff.view"
AUDIT_VERIFY: Final = "audit.verify"
SALON: Final = "salon.use"
BUREAU: Final = "bureau.use"

_ADVISOR = frozenset(
    {
        SALON,
        CLIENTS_SEARCH,
        CLIENTS_READ,
        CLIENTS_WRITE,
        STOCK_VIEW,
        STOCK_HOLD,
        STOCK_COUNT,
        STOCK_REQUEST,
        STOCK_MOVE,
        SCARCITY_NOMINATE,
        ORDERS_VIEW,
        ORDERS_SELL,
        ORDERS_HAND_OVER,
        ORDERS_CHANGE,
        ORDERS_RETURN,
        ORDERS_SHIP,
    }
)

ROLES: Final[dict[str, frozenset[str]]] = {
    "advisor": _ADVISOR,
    "boutique_manager": _ADVISOR
    | {BUREAU, STOCK_ADJUST, STOCK_APPROVE, STAFF_VIEW, ORDERS_INSPECT, ORDERS_EXCEPTIONS, PAYMENTS_REFUND},
    "client_service": frozenset(
        {
            SALON,
            BUREAU,
            CLIENTS_SEARCH,
            CLIENTS_READ,
            CLIENTS_WRITE,
            STOCK_VIEW,
            STOCK_HOLD,
            ORDERS_VIEW,
            ORDERS_CHANGE,
            ORDERS_EXCEPTIONS,
        }
    ),
    "stock_controller": frozenset(
        {
            BUREAU,
            STOCK_VIEW,
            STOCK_ADJUST,
            STOCK_HOLD,
            STOCK_COUNT,
            STOCK_REQUEST,
            STOCK_MOVE,
            STOCK_APPROVE,
            STOCK_RULES,
            SCARCITY_DECIDE,
            ORDERS_VIEW,
            ORDERS_INSPECT,
            ORDERS_EXCEPTIONS,
            ORDERS_SHIP,
            WEBHOOKS_MANAGE,
        }
    ),
    "logistics": frozenset({BUREAU, STOCK_VIEW, STOCK_COUNT, STOCK_MOVE, ORDERS_VIEW, ORDERS_INSPECT, ORDERS_SHIP}),
    "watchmaker": frozenset({BUREAU, STOCK_VIEW}),
    "director": frozenset(
        {
            BUREAU,
            STOCK_VIEW,
            SCARCITY_DECIDE,
            ORDERS_VIEW,
            ORDERS_POLICY,
            ORDERS_EXCEPTIONS,
            PAYMENTS_RECONCILE,
            PAYMENTS_OFFERS,
            STAFF_VIEW,
            CLIENTS_SEARCH,
            CLIENTS_READ,
        }
    ),
    "retail_director": frozenset({BUREAU, STOCK_VIEW, STOCK_APPROVE, SCARCITY_DECIDE, ORDERS_VIEW, STAFF_VIEW}),
    "wholesale_manager": frozenset({BUREAU, STOCK_VIEW, STOCK_REQUEST, STOCK_MOVE, ORDERS_VIEW}),
    "crm_analyst": frozenset({BUREAU, ORDERS_VIEW}),
    "privacy_officer": frozenset({BUREAU, CLIENTS_SEARCH, CLIENTS_READ, CLIENTS_READ_PROTECTED, AUDIT_VERIFY}),
    "partner_seller": frozenset({SALON, STOCK_VIEW}),
}
