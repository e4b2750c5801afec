"""The address Stripe tells its events to."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from vendome.connectors.stripe import events
from vendome.connectors.stripe.gateway import Account
from vendome.kit import clock
from vendome.kit.errors import Busy
from vendome.kit.policy import public

LONGEST = 512 * 1024


@csrf_exempt
@public(reason="Stripe signs what it sends; an event without its signature is refused before anything is looked at")
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """200 for every proved event, also for one that does not fit: Stripe need not send it again. 400 for a forged
    one."""
    account = cast("Account | None", settings.STRIPE)
    if account is None:
        raise Http404
    if len(request.body) > LONGEST:
        return HttpResponse(status=413)
    try:
        event = events.read(request.body, request.headers.get("Stripe-Signature", ""), account)
        outcome = events.take(event, account, at=clock.now())
    except events.Forged:
        return HttpResponse("signature", status=400, content_type="text/plain")
    except Busy:
        return HttpResponse("busy", status=503, content_type="text/plain")
    return HttpResponse(outcome, content_type="text/plain")
