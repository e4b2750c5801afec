"""Returns and exchanges at the counter: of any order, from any channel, on one paper with one balance."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vendome.domains.catalogue import queries as catalogue
from vendome.domains.clients.errors import FileProtected
from vendome.domains.house import queries as house
from vendome.domains.orders.errors import AlreadyReturned
from vendome.domains.orders.policy.types import Condition, Decision, Outcome, Reason
from vendome.domains.payments.types import Tender
from vendome.domains.people import permissions
from vendome.domains.pricing import queries as pricing
from vendome.domains.pricing.types import PriceView
from vendome.domains.stock.queries import shelf as stock
from vendome.flows import pay_links, returnable, returns
from vendome.flows.returnable import Receipt, ReturnableLine
from vendome.flows.returns import BroughtLine, TakenInstead
from vendome.flows.types import TenderGiven
from vendome.kit import clock
from vendome.kit.errors import BodyChanged, DomainError, Forbidden, NotFound
from vendome.kit.htmx import render_page
from vendome.web.components import money
from vendome.web.components.frames import Choice
from vendome.web.salon import exchange_search, return_pages, return_words, words
from vendome.web.salon.choosing import address, chooser, chosen_client, uuid_or_none
from vendome.web.salon.forms import TENDERS, KeyedForm, OneOfField, new_key
from vendome.web.salon.frame import SalonRequest, salon

LINK = "LINK"
PROVIDERS = {Tender.CASH: "till", Tender.TERMINAL: "terminal"}
MOST_INSTEAD = 6


class TakeBackForm(KeyedForm):
    """The tender of a balance to pay; needed only when there is one."""

    use_required_attribute = False
    tender = forms.ChoiceField(
        label=gettext_lazy("Difference paid by"),
        choices=[*TENDERS.items(), (LINK, gettext_lazy("A link: she pays it online"))],
        widget=forms.RadioSelect,
        initial="TERMINAL",
        required=False,
    )
    reference = OneOfField(
        label=gettext_lazy("Reference on the terminal’s slip"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says of one line: how many, in which state, decided now or later."""

    quantity: int
    condition: Condition
    reason: Reason
    is_unsealed: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A return being put together; all of it stands in the address."""

    receipt: Receipt
    asked: dict[uuid.UUID, Asked]
    decisions: dict[uuid.UUID, Decision]
    instead: list[tuple[uuid.UUID, uuid.UUID | None]]
    is_gift: bool
    exception: str

    @property
    def kept(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        for line_id, one in self.asked.items():
            found += [
                ("back", str(line_id)),
                (f"n.{line_id}", str(one.quantity)),
                (f"c.{line_id}", one.condition.value),
                (f"r.{line_id}", one.reason.value),
            ]
            found += [(f"u.{line_id}", "1")] if one.is_unsealed else []
            found += [(f"l.{line_id}", "1")] if one.later else []
        found += [("out", f"{reference}.{piece}" if piece else str(reference)) for reference, piece in self.instead]
        found += [("gift", "1")] if self.is_gift else []
        return found + ([("exception", self.exception)] if self.exception else [])

    def is_later(self, line_id: uuid.UUID) -> bool:
        """Whether it is examined first: as asked here, or because another piece is kept for her until it was."""
        kept = any(line.line_id == line_id and line.exchange_for is not None for line in self.receipt.lines)
        return self.asked[line_id].later or (kept and not self.instead)

    def is_covered(self, line_id: uuid.UUID) -> bool:
        """Whether the policy itself gives value back for the line, as it is asked here."""
        outcome = self.decisions[line_id].outcome
        return outcome.is_accepted and (bool(self.instead) or outcome is not Outcome.EXCHANGE_ONLY)


@require_safe
@salon(permissions.ORDERS_RETURN, section="sell")
def find(request: SalonRequest) -> HttpResponse:
    """The receipt, the return's number, a piece under the scanner, or the client's card."""
    query = request.GET.get("q", "").strip()[:80]
    chosen = chosen_client(request, request.GET)
    found: tuple[Receipt, ...] = ()
    if query or chosen[0]:
        try:
            found = returnable.find_receipts(
                actor=request.actor,
                place_id=request.place.id,
                on=_today(),
                at=clock.now(),
                text=query,
                client_id=chosen[0],
            )
        except FileProtected:  # her card asks for a reason first
            return HttpResponseRedirect(reverse("salon:client", args=[chosen[0]]), status=303)
    if query and len(found) == 1 and request.headers.get("HX-Request") != "true":
        return HttpResponseRedirect(reverse("salon:take_back", args=[found[0].order_id]))
    may_inspect = request.actor.may(permissions.ORDERS_INSPECT) and request.actor.may(permissions.BUREAU)
    page = return_pages.FindPage(
        query=query,
        is_asked=bool(query or chosen[0]),
        receipts=[_receipt(one) for one in found],
        chooser=chooser(request, chosen=chosen, kept=[]),
        inspect_url=reverse("bureau:inspect") if may_inspect else "",
    )
    return render_page(request, "salon/returns.html", page, frozenset({"receipts", "who-found"}))


@require_http_methods(["GET", "HEAD", "POST"])
@salon(permissions.ORDERS_RETURN, section="sell")
def take_back(request: SalonRequest, order_id: uuid.UUID) -> HttpResponse:
    """Choose what came back and what she takes instead; see the rule and the balance; confirm once."""
    given = request.POST if request.method == "POST" else request.GET
    work = _work(request, order_id, given)
    if request.method != "POST":
        return _answer(request, work, TakeBackForm(initial={"key": new_key()}))
    form = TakeBackForm(request.POST)
    balance = _figures(work, _prices(work, {one for one, _piece in work.instead}))[2]
    if not form.is_valid() or _lacks_reference(form, balance):
        return _answer(request, work, form, status=422)
    try:
        done = _confirm(request, work, form, balance)
    except BodyChanged:
        problem = _("This return was recorded before and has been changed since. Look at it again, then begin anew.")
        return _answer(request, work, form, problem=problem, status=409)
    except (NotFound, Forbidden):
        raise
    except DomainError as error:
        fresh = _work(request, order_id, given)
        form = TakeBackForm(initial={**form.cleaned_data, "key": new_key()})
        return _answer(request, fresh, form, problem=_(error.message), status=409)
    document = done.document
    if document is not None and document.awaits_payment:
        messages.info(request, _("Kept for her until she has paid the difference. Send her the link now."))
        return HttpResponseRedirect(reverse("salon:payments", args=[document.id]), status=303)
    if document is not None and document.credit_note_code:
        return _credit_note(request, done, document)
    return HttpResponseRedirect(reverse("salon:returned", args=[done.id]), status=303)


def _credit_note(request: SalonRequest, done: returns.ReturnDone, document: returns.ReturnDocument) -> HttpResponse:
    """The code of a credit note, on this answer's page and never again."""
    page = return_pages.CreditNotePage(
        amount=document.credited_amount,
        currency=document.currency,
        code=document.credit_note_code,
        number=document.number,
        house=house.get_maison(maison_id=request.place.maison_id).name,
        place=request.place.name,
        slip_url=reverse("salon:returned", args=[done.id]),
    )
    response = render_page(request, "salon/credit_note.html", page)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@salon(permissions.ORDERS_RETURN, section="sell")
def by_hand(request: SalonRequest, refund_id: uuid.UUID) -> HttpResponse:
    """The money was counted out, or given back on the terminal."""
    returns.confirm_by_hand(
        refund_id=refund_id, reference=request.POST.get("reference", ""), actor=request.actor, at=clock.now()
    )
    messages.success(request, _("Written down: the money was given back."))
    return_id = uuid_or_none(request.POST.get("return"))
    url = reverse("salon:returned", args=[return_id]) if return_id else reverse("salon:returns")
    return HttpResponseRedirect(url, status=303)


def _confirm(request: SalonRequest, work: Work, form: TakeBackForm, balance: int) -> returns.ReturnDone:
    if not work.asked:
        raise AlreadyReturned()
    is_online = form.cleaned_data["tender"] == LINK and balance > 0
    tender = Tender(form.cleaned_data["tender"] or Tender.TERMINAL) if not is_online else Tender.TERMINAL
    reference = form.cleaned_data["reference"].strip() if tender is Tender.TERMINAL else ""
    pays = TenderGiven(tender=tender, provider=PROVIDERS[tender], reference=reference, is_settled=True)
    return returns.receive(
        key=form.cleaned_data["key"],
        order_id=work.receipt.order_id,
        place_id=request.place.id,
        lines=[
            BroughtLine(
                line_id=line_id,
                quantity=one.quantity,
                condition=one.condition,
                reason=one.reason,
                is_unsealed=one.is_unsealed,
                accept=not work.is_later(line_id),
                exception_reason=work.exception if not work.is_covered(line_id) else "",
            )
            for line_id, one in work.asked.items()
        ],
        instead=[TakenInstead(reference_id=reference_id, piece_id=piece) for reference_id, piece in work.instead],
        tender=pays if balance > 0 and not is_online else None,
        pay_within=pay_links.USUAL if is_online else None,
        balance=balance if work.instead else None,
        is_gift=work.is_gift,
        actor=request.actor,
        at=clock.now(),
    )


def _lacks_reference(form: TakeBackForm, balance: int) -> bool:
    is_terminal = (form.cleaned_data["tender"] or "TERMINAL") == Tender.TERMINAL.value
    if balance > 0 and is_terminal and not form.cleaned_data["reference"].strip():
        form.add_error("reference", _("Write the reference printed on the slip, or choose cash."))
        return True
    return False


def _today() -> date:
    """The day at this counter."""
    return timezone.localtime(clock.now()).date()


def _work(request: SalonRequest, order_id: uuid.UUID, given: QueryDict) -> Work:
    is_gift = given.get("gift") == "1"
    receipt = returnable.get_receipt(actor=request.actor, order_id=order_id, on=_today(), is_gift=is_gift)
    request.actor.require(permissions.ORDERS_RETURN, place_id=request.place.id)
    asked: dict[uuid.UUID, Asked] = {}
    for line in receipt.lines:
        # A second click still names what came back with the first: the key answers it, not this page.
        most = line.quantity if request.method == "POST" else line.out
        if str(line.line_id) in given.getlist("back") and most:
            asked[line.line_id] = _asked(line, given, most)
    decisions = {
        line.line_id: returnable.read_decision(
            maison_id=request.place.maison_id,
            line=line,
            condition=asked[line.line_id].condition if line.line_id in asked else Condition.AS_SOLD,
            is_unsealed=line.line_id in asked and asked[line.line_id].is_unsealed,
        )
        for line in receipt.lines
    }
    instead = []
    for text in given.getlist("out")[:MOST_INSTEAD]:
        reference, _dot, piece = text.partition(".")
        if (reference_id := uuid_or_none(reference)) and (one := (reference_id, uuid_or_none(piece))) not in instead:
            instead.append(one)
    return Work(receipt, asked, decisions, instead, is_gift, given.get("exception", "").strip()[:300])


def _asked(line: ReturnableLine, given: QueryDict, most: int) -> Asked:
    number = given.get(f"n.{line.line_id}", "")
    condition, reason = given.get(f"c.{line.line_id}", ""), given.get(f"r.{line.line_id}", "")
    return Asked(
        quantity=min(max(int(number), 1), most) if number.isdecimal() and len(number) < 4 else most,
        condition=Condition(condition) if condition in return_words.CONDITIONS else Condition.AS_SOLD,
        reason=Reason(reason) if reason in return_words.REASONS else Reason.NOT_SAID,
        is_unsealed=given.get(f"u.{line.line_id}") == "1",
        later=given.get(f"l.{line.line_id}") == "1",
    )


def _prices(work: Work, ids: set[uuid.UUID]) -> dict[uuid.UUID, PriceView]:
    if not ids:
        return {}
    found = pricing.list_prices(market_id=work.receipt.market_id, reference_ids=list(ids), day=_today())
    return dict(found)


def _figures(work: Work, prices: dict[uuid.UUID, PriceView]) -> tuple[int, int, int]:
    """What is given back, what is taken instead, and the balance."""
    lines = {line.line_id: line for line in work.receipt.lines}
    back = 0
    for line_id, one in work.asked.items():
        line = lines[line_id]
        if not work.is_later(line_id) and (work.is_covered(line_id) or work.exception):
            back += line.amount * one.quantity // line.quantity
    out = sum(_due(prices[one]) for one, _piece in work.instead if one in prices)
    return back, out, out - back


def _due(price: PriceView) -> int:
    return price.amount + (0 if price.is_tax_included else price.tax_amount)


def _answer(
    request: SalonRequest, work: Work, form: forms.Form, *, problem: str = "", status: int = 200
) -> HttpResponse:
    page = _page(request, work, form, problem)
    return render_page(request, "salon/take_back.html", page, frozenset({"take-back"}), status=status)


def _page(request: SalonRequest, work: Work, form: forms.Form, problem: str) -> return_pages.TakeBackPage:
    query = request.GET.get("q", "").strip()[:80]
    receipt = work.receipt
    found = exchange_search.find(request, text=query, models=_models(work), most=_most(request))
    hits = [one for one in found.hits if one not in work.instead]
    prices = _prices(work, {one for one, _piece in [*work.instead, *hits]})
    back, out, balance = _figures(work, prices)
    said = money.written(abs(balance), receipt.currency, get_language() or "en", exact=True)
    undecided = [line_id for line_id in work.asked if not work.is_later(line_id) and not work.is_covered(line_id)]
    may_except = request.actor.may(permissions.PAYMENTS_REFUND, place_id=request.place.id)
    instead = [_instead(request, work, one, prices, is_chosen=True) for one in work.instead]
    may_read = receipt.client_id is not None and request.actor.may(permissions.CLIENTS_READ) and not work.is_gift
    is_settled = not undecided or (may_except and bool(work.exception))
    return return_pages.TakeBackPage(
        is_swap=request.headers.get("HX-Request") == "true",
        number=receipt.number,
        channel=str(words.CHANNELS.get(receipt.channel, receipt.channel)),
        placed_at=receipt.placed_at,
        client="" if work.is_gift else receipt.client_name or _("A guest"),
        card_url=reverse("salon:client", args=[receipt.client_id]) if may_read else "",
        currency=receipt.currency,
        lines=[_line(work, line) for line in receipt.lines],
        is_gift=work.is_gift,
        query=query,
        findings=[_instead(request, work, one, prices, is_chosen=False) for one in hits],
        found_words=_found_words(query, len(found.hits), found.total),
        elsewhere=[
            (
                ", ".join(part for part in (label.model_name, words.form_of(label.material, label.size)) if part),
                ngettext("%(n)d in another boutique", "%(n)d in other boutiques", count) % {"n": count},
                reverse("salon:model", args=[label.model_code]),
            )
            for label, count in found.elsewhere
        ],
        more_url=_more_url(request, work, query, len(found.hits)) if found.total > len(found.hits) else "",
        is_asked=len(query) >= 2,
        instead=instead,
        in_amount=back,
        out_amount=out,
        balance=balance,
        balance_words=_balance_words(work, balance, said, is_settled=is_settled),
        notes=_notes(work),
        needs_exception=bool(undecided),
        may_except=may_except,
        exception=work.exception,
        kept=work.kept,
        form=form,
        can_confirm=bool(work.asked) and is_settled and all(one.is_free and one.amount is not None for one in instead),
        problem=problem,
    )


def _models(work: Work) -> set[str]:
    """The models of what came back: another size of the same is what is mostly asked for."""
    if work.is_gift or work.instead:  # a gift tells nobody its price, not even by one like it
        return set()
    return {line.model_code for line in work.receipt.lines if line.line_id in work.asked}


def _most(request: SalonRequest) -> int:
    asked = request.GET.get("more", "")
    return min(int(asked), exchange_search.MOST) if asked.isdecimal() and len(asked) < 4 else exchange_search.PAGE


def _more_url(request: SalonRequest, work: Work, query: str, shown: int) -> str:
    return address(request, [*work.kept, ("q", query), ("more", str(shown + exchange_search.PAGE))])


def _found_words(query: str, shown: int, total: int) -> str:
    if not total:
        return ""
    if len(query) < 2:
        return _("The same in another form, free here")
    if shown < total:
        return _("%(shown)d of %(total)d that stand free here") % {"shown": shown, "total": total}
    return ngettext("%(n)d stands free here", "%(n)d stand free here", total) % {"n": total}


def _balance_words(work: Work, balance: int, said: str, *, is_settled: bool) -> str:
    if not work.asked:
        return ""
    if not is_settled:
        return _("The policy gives nothing back for this")
    if work.is_gift and balance < 0:
        return _("She is given a credit")
    return return_words.balance(balance, said)


def _notes(work: Work) -> list[str]:
    """What the advisor should know before she confirms."""
    notes = []
    if work.is_gift:
        notes.append(
            _(
                "A gift: its value becomes a credit for whoever holds its code. "
                "Do not mention who gave it, nor the price."
            )
        )
    if not work.instead:
        kept = [line.exchange_for for line in work.receipt.lines if line.line_id in work.asked and line.exchange_for]
        notes += [
            _("%(piece)s is kept for her instead. Hers is examined first; then it is sent to her.")
            % {"piece": ", ".join(part for part in (one.model_name, words.form_of(one.material, one.size)) if part)}
            for one in catalogue.label_references(ids=set(kept)).values()
        ]
    if any(work.is_later(line_id) for line_id in work.asked):
        notes.append(
            _("What is decided later stands in quarantine; nothing is paid for it until it has been examined.")
        )
    return notes


def _line(work: Work, line: ReturnableLine) -> return_pages.BackLine:
    decision = work.decisions[line.line_id]
    one = work.asked.get(line.line_id)
    chosen = one.condition.value if one else Condition.AS_SOLD.value
    states = {"HELD": _("Not given yet"), "READY": _("Not given yet"), "CANCELLED": _("Cancelled")}
    return return_pages.BackLine(
        id=str(line.line_id),
        name=line.model_name,
        form=words.form_of(line.material, line.size),
        serial=line.serial or line.sku,
        code=line.model_code,
        world=line.collection_code,
        amount=line.amount,
        out=line.out,
        quantity=one.quantity if one else line.out,
        is_chosen=one is not None,
        may_come_back=line.may_come_back,
        state="" if line.may_come_back else states.get(line.state, _("Returned")),
        received=line.received_on,
        conditions=[
            Choice(value=code, label=str(said), chosen=code == chosen) for code, said in return_words.CONDITIONS.items()
        ],
        reasons=[
            Choice(value=code, label=str(said), chosen=code == (one.reason.value if one else "NOT_SAID"))
            for code, said in return_words.REASONS.items()
        ],
        asks_seal=line.family == "earrings",
        is_unsealed=bool(one and one.is_unsealed),
        decides_later=bool(one and one.later),
        sentence=decision.staff_words(get_language() or "en"),
        statute=decision.statute or decision.exception_statute,
        source_url=decision.source_url,
        tone=return_words.OUTCOME_TONES[decision.outcome.value],
        outcome=str(return_words.OUTCOMES[decision.outcome.value]),
        open_number=line.open_number,
    )


def _instead(
    request: SalonRequest,
    work: Work,
    one: tuple[uuid.UUID, uuid.UUID | None],
    prices: dict[uuid.UUID, PriceView],
    *,
    is_chosen: bool,
) -> return_pages.InsteadLine:
    reference_id, piece_id = one
    label = catalogue.label_references(ids={reference_id}).get(reference_id)
    if label is None:
        raise NotFound()
    free = stock.list_free_pieces(actor=request.actor, place_id=request.place.id, reference_ids=[reference_id])
    pieces = {piece.id: piece.serial for piece in free.get(reference_id, ())}
    rest = [other for other in work.instead if other != one] if is_chosen else [*work.instead, one]
    here = stock.free_here_and_elsewhere(actor=request.actor, place_id=request.place.id, reference_ids=[reference_id])
    price = prices.get(reference_id)
    return return_pages.InsteadLine(
        name=label.model_name,
        form=words.form_of(label.material, label.size),
        serial=pieces.get(piece_id, "") if piece_id else label.sku,
        code=label.model_code,
        world=words.world_of(label.model_code),
        amount=_due(price) if price else None,
        is_free=piece_id in pieces if label.is_serialised else here.get(reference_id, (0, 0))[0] > 0,
        url=address(request, replace(work, instead=rest).kept),
    )


def _receipt(one: Receipt) -> return_pages.FoundReceipt:
    return return_pages.FoundReceipt(
        number=one.number,
        channel=str(words.CHANNELS.get(one.channel, one.channel)),
        at=one.placed_at,
        client=one.client_name,
        pieces=", ".join(line.model_name for line in one.lines),
        url=reverse("salon:take_back", args=[one.order_id]),
        is_open=one.may_come_back,
    )
