"""Who a visitor of the demo house may sign in as, and what she will see."""

from __future__ import annotations

from typing import NamedTuple

from vendome.connectors.demo_house import content


class SignIn(NamedTuple):
    role: str
    name: str
    email: str
    sees: str


SEEN = (  # key of the cast, what she is, what she can see
    ("advisor_paris", "Advisor, Paris", "the salon of place Vendôme: clients, collections to hand over, the counter"),
    ("advisor_tokyo", "Advisor, Tokyo", "the salon of Ginza; nothing of Paris’s clients beyond what any advisor may"),
    ("seconded_advisor", "Advisor of Tokyo, seconded to Paris", "the salon of place Vendôme, for the season"),
    ("manager_paris", "Boutique manager, Paris", "the salon, and stock and staff of her boutique in the bureau"),
    ("agent", "Client service", "every client and order, by telephone and letter"),
    ("director", "Director", "the bureau: stock of every place, orders, staff"),
    ("stock_controller", "Stock controller", "the ledger of every place, and goods received"),
    ("privacy_officer", "Privacy officer", "protected files, and the audit log with its seal"),
    ("partner_seller", "Partner door, München", "the pieces that stand at her own door"),
    ("traditional", "Client for thirty years", "the boutique, her orders, a sapphire set aside"),
    ("emerging", "Client in Singapore", "the boutique, a piece bought across three cities"),
    ("aspirational", "Client, first piece bought", "the boutique, a ring kept in her bag"),
)


def demo_signins() -> list[SignIn]:
    """For the table the demo prints; the one password is the caller's to add."""
    people = content.read().people
    staff = {entry["code"]: entry for entry in people["staff"]}
    found: list[SignIn] = []
    for key, role, sees in SEEN:
        entry = people["cast"][key]
        person = staff[entry["staff"]] if "staff" in entry else entry
        found.append(SignIn(role, f"{person['given']} {person['family']}", person["email"].lower(), sees))
    return found
