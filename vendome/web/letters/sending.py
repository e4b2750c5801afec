"""The worker's round: takes letters that are due, writes each from today's facts, hands it to the mail server.

No transaction is open while the server is spoken to. A worker that dies after the server took a letter and before that
was written down sends it again, under the same Message-ID.
"""

from __future__ import annotations

import logging
from smtplib import SMTPConnectError, SMTPException, SMTPServerDisconnected
from socket import gaierror
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from vendome.domains.letters import services
from vendome.domains.letters.types import OwedLetter
from vendome.flows import letter_facts
from vendome.kit import clock
from vendome.kit.actors import Actor
from vendome.web.letters import writing

MOST = 50
NOTHING_TO_TELL = "no address, or nothing to tell any more"
OFTEN_ENOUGH = "nobody proved the address, and it was written to often enough today"

log = logging.getLogger("vendome.letters")


def send_due() -> int:
    """Send what is due; returns how many letters the mail server took. Safe to run anywhere, any time."""
    sent = 0
    actor = Actor.system()
    for _ in range(MOST):  # one at a time: a slow server must not outlast the lease of those behind
        taken = services.claim(most=1, actor=actor, at=clock.now())
        if not taken:
            break
        try:
            sent += _send(taken[0], actor)
        except OSError as error:  # the server is away, not the letter at fault: the others try in the next round
            _note_failure(taken[0], error, actor)
            break
    return sent


def _send(letter: OwedLetter, actor: Actor) -> bool:
    try:
        case = letter_facts.find_case(letter=letter, at=clock.now())
        if case is None:
            services.note_not_written(letter_id=letter.id, why=NOTHING_TO_TELL, actor=actor, at=clock.now())
            return False
        if case.is_unasked and not services.take_room(
            letter_id=letter.id, address=case.recipient.email, actor=actor, at=clock.now()
        ):
            services.put_off(letter=letter, why=OFTEN_ENOUGH, actor=actor, at=clock.now())
            return False
        written = writing.write(case)
        _message(letter, case.recipient.email, written).send()
    except (ConnectionError, TimeoutError, gaierror, SMTPServerDisconnected, SMTPConnectError):
        raise
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one letter keeps back no other
        _note_failure(letter, error, actor)
        return False
    services.note_sent(
        letter_id=letter.id,
        address=masked(case.recipient.email),
        language=written.language,
        actor=actor,
        at=clock.now(),
    )
    return True


def _message(letter: OwedLetter, email: str, written: writing.Written) -> EmailMultiAlternatives:
    host = urlsplit(settings.SITE).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        to=[email],
        headers={
            "Message-ID": f"<{letter.id}@{host}>",
            "Content-Language": written.language,
            "Auto-Submitted": "auto-generated",  # no out-of-office answers
        },
    )
    message.attach_alternative(written.html, "text/html")
    return message


def _note_failure(letter: OwedLetter, error: Exception, actor: Actor) -> None:
    """What went wrong, without a word of hers: an SMTP server likes to repeat the address."""
    problem = type(error).__name__
    if isinstance(error, SMTPException) and (code := getattr(error, "smtp_code", None)):
        problem = f"{problem} {code}"
    is_over = services.note_failed(letter=letter, problem=problem, actor=actor, at=clock.now())
    known = {"letter": str(letter.id), "kind": letter.kind.value, "problem": problem}
    if is_over:
        log.error("A letter was given up", extra=known)
    elif isinstance(error, SMTPException | OSError):
        log.warning("A letter could not be sent; it is tried again", extra=known)
    else:
        log.exception("A letter could not be written; it is tried again", extra=known)


def masked(email: str) -> str:
    """ "e•••@example.com": enough to recognise one's own, not enough to write to."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}•••@{host}"
