"""Reference pages written from the code, so that they cannot drift from it (`vendome docs`)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import vendome
from vendome.config import jobs
from vendome.domains.orders.policy.reading import shipped_rules
from vendome.domains.orders.policy.types import Rule
from vendome.domains.people.permissions import ROLES
from vendome.domains.webhooks import registry
from vendome.kit.errors import DomainError

RETURN_RULES = (
    "The law of a market is asked first, in this order; then the house. The first rule that matches decides, and every "
    "decision names it ([decision 22](../adr/0022-returns-are-decided-by-rules-that-are-data.md)). "
    "A maison may replace all of it; the source of a statute is its text, not advice.\n"
)
HEAD = "<!-- Written by `vendome docs` from the code; a test compares. -->\n"


def pages() -> dict[str, str]:
    """File name below docs/reference, and its text."""
    return {
        "errors.md": _errors(),
        "roles.md": _roles(),
        "periodic-jobs.md": _jobs(),
        "events.md": _events(),
        "return-rules.md": _return_rules(),
    }


def load_every_error() -> None:
    """Import every module of ours that could define an expected failure."""
    for module in pkgutil.walk_packages(vendome.__path__, "vendome."):
        if not {"management", "migrations", "__main__", "wsgi", "asgi"} & set(module.name.split(".")):
            importlib.import_module(module.name)


def _errors() -> str:
    load_every_error()
    lines = [HEAD, "# Expected failures\n"]
    lines.append("What a program gets as `code` and a person as a sentence. The kind decides the status of the API.\n")
    lines.append("| code | kind | sentence | when |\n|---|---|---|---|")
    for code, error in sorted(DomainError.catalogue.items()):
        when = (inspect.getdoc(error) or "").split("\n")[0]
        lines.append(f"| `{code}` | {error.kind.value} | {error.sentence} | {when} |")
    return "\n".join(lines) + "\n"


def _roles() -> str:
    lines = [HEAD, "# Roles and what each may do\n"]
    lines.append(
        "A role is granted for a time, for the whole maison, one region or one place. What is not listed is refused.\n"
    )
    lines.append("| role | may |\n|---|---|")
    lines += [f"| `{role}` | {', '.join(f'`{one}`' for one in sorted(may))} |" for role, may in sorted(ROLES.items())]
    return "\n".join(lines) + "\n"


def _jobs() -> str:
    lines = [
        HEAD,
        "# Work that comes round by itself\n",
        "| job | every | purpose | if a round is missed |\n|---|---|---|---|",
    ]
    lines += [f"| {job.name} | {job.every_seconds:g} s | {job.purpose} | {job.if_missed} |" for job in jobs.PERIODIC]
    return "\n".join(lines) + "\n"


def _events() -> str:
    lines = [HEAD, "# Events\n"]
    lines.append(
        "What other programs can be told of, by a [webhook](../howto/receive-webhooks.md) or in the stream "
        "`GET /api/v1/events`. `data` has these members and no others; members may be added, none is taken away.\n"
    )
    lines.append("| kind | it says | `data` |\n|---|---|---|")
    for one in sorted(registry.EVERY, key=lambda one: one.kind):
        if one.is_public:
            members = ", ".join(f"`{name}`: {_said(member)}" for name, member in one.members.items())
            lines.append(f"| `{one.kind}` | {one.words} | {members} |")
    inner = [f"`{one.kind}`" for one in sorted(registry.EVERY, key=lambda one: one.kind) if not one.is_public]
    lines.append(f"\nNot told to anybody outside: {', '.join(inner)}.")
    return "\n".join(lines) + "\n"


def _said(member: registry.Member) -> str:
    """A schema in a few words: `id`, `id or nothing`, `integer, minor units of currency`."""
    if "anyOf" in member:
        return " or ".join("nothing" if one.get("type") == "null" else _said(one) for one in member["anyOf"])
    if member.get("type") == "array":
        return f"list of {_said(member['items'])}"
    if member == registry.CURRENCY:
        return "currency"
    kind = {"uuid": "id", "date-time": "moment"}.get(str(member.get("format")), str(member.get("type")))
    kind = "code" if member == registry.CODE else {"boolean": "yes or no", "integer": "whole number"}.get(kind, kind)
    return f"{kind} ({member['description'].replace('`', '')})" if member == registry.AMOUNT else kind


def _return_rules() -> str:
    lines = [
        HEAD,
        "# The return policy a house begins with\n",
        RETURN_RULES,
        "| rule | when | what | value goes back | way back paid by | less for loss of value, by | source |",
        f"{'|---' * 7}|",
    ]
    for rule in shipped_rules():
        source = f"[{rule.statute}]({rule.source_url})" if rule.statute else "the house"
        what = f"{rule.outcome.value} | {rule.form.value} | {rule.shipping.value}"
        less = rule.loss_of_value or "never"
        lines.append(f"| `{rule.code}` | {'; '.join(_conditions(rule))} | {what} | {less} | {source} |")
    lines.append("\n## What is said\n")
    said = [(rule.code, rule.words["en"]) for rule in shipped_rules()]
    lines += [f"- `{code}`: {words.client} *To staff:* {words.staff}" for code, words in said]
    return "\n".join(lines) + "\n"


def _conditions(rule: Rule) -> list[str]:
    found = [" ".join(sorted(rule.countries)) if rule.countries else "any market"]
    found += [rule.way.value.lower()] if rule.way else []
    found += sorted(rule.families) + sorted(one.value for one in rule.conditions)
    for name in ("personalised", "final_sale", "unsealed", "gift", "receipt"):
        wanted = getattr(rule, name)
        if wanted is not None:
            found.append(name.replace("_", " ") if wanted else f"not {name.replace('_', ' ')}")
    if rule.within_days is not None:
        found.append(f"within {rule.within_days} days" + (", past a weekend" if rule.moves_past_weekend else ""))
    return found
