"""Codes as headquarters says them: states, movements, roles, rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vendome.domains.stock.types import MovementKind
from vendome.web.boutique.locales import country_name
from vendome.web.components.parts import Tone

CHANNELS = {
    "boutique": gettext_lazy("Boutiques"),
    "web": gettext_lazy("Online"),
    "client_service": gettext_lazy("Client service"),
    "partner": gettext_lazy("Partners’ doors"),
    "marketplace": gettext_lazy("Marketplaces"),
}
MAIN_CHANNELS = ("boutique", "web", "client_service", "partner")
REGIONS = {
    "EMEA": gettext_lazy("Europe"),
    "MEA": gettext_lazy("Middle East"),
    "AMER": gettext_lazy("The Americas"),
    "JAPAN": gettext_lazy("Japan"),
    "APAC": gettext_lazy("Asia and the Pacific"),
    "CHINA": gettext_lazy("Mainland China"),
}
REGION_ORDER = {code: n for n, code in enumerate(REGIONS)}
PLACE_KINDS = {
    "BOUTIQUE": gettext_lazy("Boutique"),
    "WAREHOUSE": gettext_lazy("Warehouse"),
    "ATELIER": gettext_lazy("Workshop"),
    "PARTNER_DOOR": gettext_lazy("Partner’s door"),
    "TRANSIT": gettext_lazy("On the way"),
    "CLIENT_HOME": gettext_lazy("A client’s home"),
}
FAMILIES = {
    "rings": gettext_lazy("Rings"),
    "bracelets": gettext_lazy("Bracelets"),
    "necklaces": gettext_lazy("Necklaces"),
    "earrings": gettext_lazy("Earrings"),
    "watches": gettext_lazy("Watches"),
    "objects": gettext_lazy("Objects"),
    "other": gettext_lazy("Other"),
}
PIECE_STATES = {
    "IN_STOCK": gettext_lazy("On the shelf"),
    "IN_TRANSIT": gettext_lazy("On the way"),
    "QUARANTINED": gettext_lazy("To be examined"),
    "IN_WORKSHOP": gettext_lazy("In the workshop"),
    "ON_LOAN": gettext_lazy("On loan"),
    "WITH_CLIENT": gettext_lazy("With its client"),
    "LOST": gettext_lazy("Lost"),
    "WRITTEN_OFF": gettext_lazy("Written off"),
}
HOLD_KINDS = {
    "BASKET": gettext_lazy("In a bag"),
    "RESERVATION": gettext_lazy("Reserved for a client"),
    "APPOINTMENT": gettext_lazy("For an appointment"),
    "SELECTION": gettext_lazy("In a selection"),
    "WAITING_LIST": gettext_lazy("For the waiting list"),
    "ORDER": gettext_lazy("For an order"),
    "QUARANTINE": gettext_lazy("To be examined"),
    "TRANSFER": gettext_lazy("For another place"),
    "LOAN": gettext_lazy("Lent to a client"),
}
ORDER_STATES = {
    "AWAITING_PAYMENT": gettext_lazy("Waiting for payment"),
    "CONFIRMED": gettext_lazy("Paid"),
    "COMPLETED": gettext_lazy("Completed"),
    "CANCELLED": gettext_lazy("Cancelled"),
}
LINE_STATES = {
    "HELD": gettext_lazy("Held"),
    "ON_THE_WAY": gettext_lazy("On the way"),
    "ARRIVED": gettext_lazy("Arrived"),
    "READY": gettext_lazy("Ready"),
    "HANDED_OVER": gettext_lazy("Handed over"),
    "DISPATCHED": gettext_lazy("Sent"),
    "RETURNED": gettext_lazy("Returned"),
    "CANCELLED": gettext_lazy("Cancelled"),
    "WITHDRAWN": gettext_lazy("Not taken back"),
}
WAITS_TO_COME_BACK = gettext_lazy("Waits for the difference")
MODES = {
    "TAKE_AWAY": gettext_lazy("Taken away"),
    "COLLECT": gettext_lazy("To collect"),
    "DELIVER": gettext_lazy("To deliver"),
}
PAYMENT_STATES = {
    "REQUESTED": gettext_lazy("Asked for"),
    "CAPTURED": gettext_lazy("Paid"),
    "FAILED": gettext_lazy("Declined"),
    "REFUNDED": gettext_lazy("Given back"),
}
TENDERS = {
    "CASH": gettext_lazy("Cash"),
    "CARD": gettext_lazy("Card, online"),
    "TERMINAL": gettext_lazy("Card, on the terminal"),
    "TRANSFER": gettext_lazy("Bank transfer"),
    "GIFT_CARD": gettext_lazy("Gift card"),
    "CREDIT_NOTE": gettext_lazy("Credit note"),
    "CREDIT": gettext_lazy("Set off against what was not paid"),
    "IMPORTED": gettext_lazy("Paid in an earlier system"),
}
SOURCES = {"stripe": gettext_lazy("Stripe"), "bank": gettext_lazy("Bank")}
DIFFERENCES: dict[str, tuple[Any, Any, Tone]] = {
    "MISSING_HERE": (
        gettext_lazy("Unknown to us"),
        gettext_lazy("They saw money that no order of ours asked for."),
        "wrong",
    ),
    "MISSING_THERE": (
        gettext_lazy("Not seen there"),
        gettext_lazy("We booked it, and three days later they have not."),
        "wrong",
    ),
    "AMOUNT": (gettext_lazy("Another amount"), gettext_lazy("The same payment, and not the same sum."), "wrong"),
    "CURRENCY": (gettext_lazy("Another currency"), gettext_lazy("The same payment in another currency."), "wrong"),
    "FEE": (gettext_lazy("High fee"), gettext_lazy("They kept more than four percent and fifty cents."), "care"),
    "DUPLICATE": (gettext_lazy("Twice"), gettext_lazy("The same payment came a second time."), "wrong"),
    "TIMING": (gettext_lazy("On its way"), gettext_lazy("Too young for their statement; it closes by itself."), "open"),
}
ACCOUNTS = {
    "receivable": gettext_lazy("Owed by clients"),
    "owed:clients": gettext_lazy("Owed to clients"),
    "liability:gift_cards": gettext_lazy("Gift cards to be honoured"),
    "liability:credit_notes": gettext_lazy("Credit notes to be honoured"),
    "expense:gestures": gettext_lazy("Gestures"),
    "expense:provider_fees": gettext_lazy("Fees of providers"),
    "expense:disputes": gettext_lazy("Disputes lost"),
    "disputes": gettext_lazy("Disputes not decided"),
    "bank": gettext_lazy("Bank"),
}
PROOFS = {
    "IDENTITY_SEEN": gettext_lazy("identity document seen"),
    "ORDER_CODE": gettext_lazy("order number shown"),
    "KNOWN_TO_ADVISOR": gettext_lazy("known to the advisor"),
    "CARRIER": gettext_lazy("given to the carrier"),
}
TONES: dict[str, Tone] = {
    "AWAITING_PAYMENT": "care",
    "CONFIRMED": "gold",
    "COMPLETED": "good",
    "CANCELLED": "open",
    "HELD": "gold",
    "ON_THE_WAY": "open",
    "ARRIVED": "gold",
    "READY": "good",
    "HANDED_OVER": "good",
    "DISPATCHED": "good",
    "RETURNED": "open",
    "REQUESTED": "care",
    "CAPTURED": "good",
    "FAILED": "wrong",
    "REFUNDED": "open",
    "IN_STOCK": "good",
    "QUARANTINED": "care",
    "IN_TRANSIT": "gold",
    "ON_LOAN": "gold",
    "LOST": "wrong",
    "WRITTEN_OFF": "open",
}
ROLES = {
    "advisor": gettext_lazy("Advisor"),
    "boutique_manager": gettext_lazy("Boutique manager"),
    "client_service": gettext_lazy("Client service"),
    "stock_controller": gettext_lazy("Stock controller"),
    "logistics": gettext_lazy("Logistics"),
    "watchmaker": gettext_lazy("Watchmaker"),
    "director": gettext_lazy("Director"),
    "retail_director": gettext_lazy("Retail director"),
    "wholesale_manager": gettext_lazy("Wholesale manager"),
    "crm_analyst": gettext_lazy("Client data analyst"),
    "privacy_officer": gettext_lazy("Privacy officer"),
    "partner_seller": gettext_lazy("Seller at a partner’s door"),
}
RIGHTS = {
    "clients.search": gettext_lazy("find clients"),
    "clients.read": gettext_lazy("read a client’s card"),
    "clients.read_protected": gettext_lazy("read protected files"),
    "clients.write": gettext_lazy("open files for new clients"),
    "stock.view": gettext_lazy("see stock and its ledger"),
    "stock.adjust": gettext_lazy("receive and correct stock"),
    "stock.hold": gettext_lazy("set pieces aside"),
    "stock.count": gettext_lazy("count"),
    "stock.request": gettext_lazy("ask other places for pieces"),
    "stock.move": gettext_lazy("pick, send and receive transfers"),
    "stock.approve": gettext_lazy("approve transfers"),
    "stock.rules": gettext_lazy("set the rules of stock and routing"),
    "scarcity.nominate": gettext_lazy("nominate clients for scarce pieces"),
    "scarcity.decide": gettext_lazy("decide who gets scarce pieces"),
    "orders.view": gettext_lazy("see orders"),
    "orders.sell": gettext_lazy("sell"),
    "orders.hand_over": gettext_lazy("hand pieces over"),
    "orders.change": gettext_lazy("change orders after payment"),
    "orders.return": gettext_lazy("receive returns and exchanges"),
    "orders.inspect": gettext_lazy("examine what came back"),
    "orders.exceptions": gettext_lazy("work on the exceptions queue"),
    "orders.ship": gettext_lazy("pack and send parcels"),
    "payments.refund": gettext_lazy("refund beyond the policy"),
    "payments.reconcile": gettext_lazy("reconcile payments"),
    "webhooks.manage": gettext_lazy("manage webhooks"),
    "staff.view": gettext_lazy("see who works where"),
    "audit.verify": gettext_lazy("verify the audit log"),
    "salon.use": gettext_lazy("use the salon"),
    "bureau.use": gettext_lazy("use the bureau"),
}
ACTIONS = {
    "clients.read": gettext_lazy("read a client’s card"),
    "clients.read_refused": gettext_lazy("was refused a protected file"),
    "clients.break_glass": gettext_lazy("opened a protected file"),
    "clients.create": gettext_lazy("began a client’s file"),
    "clients.attest": gettext_lazy("recorded a proof of address"),
    "orders.place": gettext_lazy("placed an order"),
    "payments.settle": gettext_lazy("settled a payment"),
    "payments.add_tender": gettext_lazy("took a further payment"),
    "payments.drop_tender": gettext_lazy("withdrew a payment"),
    "payments.link": gettext_lazy("made a pay link"),
    "payments.statement": gettext_lazy("took a statement in"),
    "payments.match_transfer": gettext_lazy("matched a transfer"),
    "payments.resolve": gettext_lazy("resolved a difference"),
    "payments.event_refused": gettext_lazy("refused an event of a provider"),
    "gift_cards.make": gettext_lazy("made a gift card"),
    "gift_cards.replace_code": gettext_lazy("gave a gift card or credit note a new code"),
    "gift_cards.blocked": gettext_lazy("blocked a gift card"),
    "gift_cards.active": gettext_lazy("freed a gift card"),
    "fulfilment.hand_over": gettext_lazy("handed a piece over"),
    "stock.transfer_requested": gettext_lazy("asked for a transfer"),
    "stock.transfer_approved": gettext_lazy("agreed to a transfer"),
    "stock.transfer_refused": gettext_lazy("refused a transfer"),
    "stock.transfer_cancelled": gettext_lazy("cancelled a transfer"),
    "stock.transfer_picked": gettext_lazy("picked a transfer"),
    "stock.transfer_dispatched": gettext_lazy("sent a transfer"),
    "stock.transfer_received": gettext_lazy("received a transfer"),
    "stock.transfer_discrepancy": gettext_lazy("recorded a discrepancy of a transfer"),
    "stock.quarantined": gettext_lazy("took a piece off sale"),
    "stock.restocked": gettext_lazy("put a piece back on sale"),
    "stock.lost": gettext_lazy("recorded a loss"),
    "stock.found": gettext_lazy("recorded a find"),
    "stock.written_off": gettext_lazy("wrote a piece off"),
    "stock.corrected": gettext_lazy("corrected a quantity"),
    "stock.loaned": gettext_lazy("lent a piece"),
    "stock.loan_returned": gettext_lazy("took a loan back"),
    "stock.consigned": gettext_lazy("carried a piece to or from a partner’s door"),
    "orders.announce_return": gettext_lazy("announced a return"),
    "orders.withdraw_return": gettext_lazy("withdrew a return"),
    "orders.receive_return": gettext_lazy("took a return or exchange"),
    "orders.end_exchange": gettext_lazy("ended an exchange that was not paid"),
    "orders.end_return": gettext_lazy("ended a return"),
    "orders.inspect": gettext_lazy("examined what came back"),
    "orders.propose_change": gettext_lazy("proposed a change of an order"),
    "orders.confirm_change": gettext_lazy("changed an order"),
    "orders.return_rules": gettext_lazy("wrote the return policy"),
    "payments.refund_by_hand": gettext_lazy("gave money back by hand"),
    "payments.refund_again": gettext_lazy("asked again for a refund"),
    "demo_house.opened": gettext_lazy("opened the demo house"),
    "webhooks.register": gettext_lazy("registered a webhook"),
    "webhooks.change": gettext_lazy("changed a webhook"),
    "webhooks.pause": gettext_lazy("paused a webhook"),
    "webhooks.resume": gettext_lazy("resumed a webhook"),
    "webhooks.end": gettext_lazy("ended a webhook"),
    "webhooks.rotate_secret": gettext_lazy("changed a webhook’s secret"),
    "webhooks.replay": gettext_lazy("sent webhooks again"),
}
LANGUAGES = {
    "en": gettext_lazy("English"),
    "fr": gettext_lazy("French"),
    "it": gettext_lazy("Italian"),
    "es": gettext_lazy("Spanish"),
    "de": gettext_lazy("German"),
    "pt": gettext_lazy("Portuguese"),
    "ja": gettext_lazy("Japanese"),
    "zh": gettext_lazy("Chinese"),
    "ko": gettext_lazy("Korean"),
    "ar": gettext_lazy("Arabic"),
    "ru": gettext_lazy("Russian"),
    "hi": gettext_lazy("Hindi"),
    "ur": gettext_lazy("Urdu"),
    "nl": gettext_lazy("Dutch"),
}


def said(words: Mapping[str, Any], code: str) -> str:
    """The words for a code; an unknown code is shown as it is written, in lower case."""
    return str(words[code]) if code in words else code.replace("_", " ").lower()


def account(code: str, markets: Mapping[str, str]) -> str:
    """An account in words: what it is of, and the market or the tender it belongs to."""
    kind, _colon, rest = code.partition(":")
    if kind == "tender":
        return _("Received: %(how)s") % {"how": said(TENDERS, rest.upper())}
    if kind == "sales":
        return _("Sales, %(market)s") % {"market": markets.get(rest, rest)}
    if kind == "tax":
        return _("Tax, %(market)s") % {"market": markets.get(rest, rest)}
    return said(ACCOUNTS, code)


def movement(kind: MovementKind, *, has_order: bool, quantity: int) -> str:
    """A line of the ledger as a sentence without its subject: "3 received"."""
    n = {"n": abs(quantity)}
    match kind:
        case MovementKind.RECEIVED:
            return _("%(n)d received") % n
        case MovementKind.HELD:
            return (_("%(n)d held for an order") if has_order else _("%(n)d set aside")) % n
        case MovementKind.RELEASED:
            return (_("%(n)d of an order free again") if has_order else _("%(n)d free again")) % n
        case MovementKind.HANDED_OVER:
            return _("%(n)d handed over to its client") % n
        case MovementKind.DISPATCHED:
            return _("%(n)d sent to its client") % n
        case MovementKind.RETURNED:
            return (_("%(n)d returned by its client") if quantity > 0 else _("%(n)d given back to the house")) % n
        case MovementKind.QUARANTINED:
            return _("%(n)d put away to be examined") % n
        case MovementKind.RESTOCKED:
            return _("%(n)d back on the shelf") % n
        case MovementKind.TRANSFERRED_OUT:
            return _("%(n)d sent to another place") % n
        case MovementKind.TRANSFERRED_IN:
            return _("%(n)d arrived from another place") % n
        case MovementKind.COUNTED:
            return _("Counted")
        case MovementKind.CORRECTED:
            return _("%(n)d corrected") % n
        case MovementKind.CONSIGNED:
            return (_("%(n)d taken in consignment") if quantity > 0 else _("%(n)d given in consignment")) % n
        case MovementKind.LOANED:
            return (_("%(n)d with its client, on loan") if quantity > 0 else _("%(n)d lent")) % n
        case MovementKind.LOST:
            return _("%(n)d lost") % n
        case MovementKind.FOUND:
            return _("%(n)d found again") % n
        case MovementKind.WRITTEN_OFF:
            return _("%(n)d written off") % n


EXCEPTIONS = {
    "REFUSED": gettext_lazy("Refused by the boutique"),
    "NOT_READY": gettext_lazy("Not ready by its day"),
    "UNPAID": gettext_lazy("Unpaid, about to end"),
    "MONEY_OWED": gettext_lazy("Money we owe"),
    "PARCEL_LATE": gettext_lazy("Parcel late"),
}
EXCEPTION_TONES: dict[str, Tone] = {
    "REFUSED": "wrong",
    "NOT_READY": "care",
    "UNPAID": "care",
    "MONEY_OWED": "wrong",
    "PARCEL_LATE": "care",
}
REFUSALS = {
    "NOT_FOUND": gettext_lazy("they cannot find it"),
    "DAMAGED": gettext_lazy("it is damaged"),
    "KEPT_FOR_ANOTHER": gettext_lazy("it is kept for another client"),
}
RESOLUTIONS = {
    "RESOURCED": gettext_lazy("It comes from elsewhere"),
    "FOUND_AFTER_ALL": gettext_lazy("Found after all"),
    "REFUNDED": gettext_lazy("Cancelled, money given back"),
    "ALTERNATIVE": gettext_lazy("She takes something else"),
    "SPOKEN_TO": gettext_lazy("Spoken with her"),
    "PASSED": gettext_lazy("Passed by itself"),
}
RULES = {
    "OWN_FIRST": gettext_lazy("Our own stock before a partner’s"),
    "SAME_MARKET": gettext_lazy("The market where she receives it"),
    "TOGETHER": gettext_lazy("What can leave together"),
    "WAREHOUSE_FIRST": gettext_lazy("A warehouse before a boutique"),
    "DISTANCE": gettext_lazy("The nearest to her"),
    "LOAD": gettext_lazy("Where fewer orders wait"),
    "MARGIN": gettext_lazy("Where more of it is left"),
}
RULE_NOTES = {
    "DISTANCE": gettext_lazy("kilometres that count as equally near"),
    "LOAD": gettext_lazy("waiting orders that count as equally busy"),
    "MARGIN": gettext_lazy("pieces left that count as equally many"),
}
REASONS = {
    "chosen with the order": gettext_lazy("Chosen with the order"),
    "nearest place that ships and has it free": gettext_lazy("Nearest place that ships and has it free"),
    "the only place that could send it": gettext_lazy("The only place that could send it"),
    "our own stock before a partner's": gettext_lazy("Our own stock before a partner’s"),
    "in the market where she receives it": gettext_lazy("In the market where she receives it"),
    "more of the order leaves together": gettext_lazy("More of the order leaves together"),
    "a warehouse before a boutique": gettext_lazy("A warehouse before a boutique"),
    "nearer to her": gettext_lazy("Nearer to her"),
    "fewer orders wait there": gettext_lazy("Fewer orders wait there"),
    "more of it is left there": gettext_lazy("More of it is left there"),
    "first in the order of the house": gettext_lazy("First in the order of the house"),
}


def countries(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Countries to choose from, in the order of their names in the language of the page."""
    named = [(country_name(code), code) for code in codes]
    return [(code, name) for name, code in sorted(named)]
