"""One account at Stripe, asked through its own library, with our patience instead of the library's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from vendome.connectors.stripe.patience import Again, Impatient, Patience
from vendome.domains.payments.errors import ProviderUnavailable

if TYPE_CHECKING:
    import stripe

log = logging.getLogger("vendome.stripe")
NAME = "stripe"


class Account(Protocol):
    """What the settings say of the account (`vendome.config.environment.StripeAccount`)."""

    @property
    def key(self) -> str: ...
    @property
    def webhook_secrets(self) -> tuple[str, ...]: ...
    @property
    def base_url(self) -> str: ...
    @property
    def seconds(self) -> int: ...
    @property
    def is_live(self) -> bool: ...


class Refused(Exception):
    """Stripe understood and said no. `code` and `decline_code` are Stripe's own words."""

    def __init__(self, code: str, decline_code: str, message: str, *, is_card: bool) -> None:
        super().__init__(message)
        self.code, self.decline_code, self.is_card = code, decline_code, is_card


class Gateway:
    """Calls that end in time and say in our words what went wrong."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.patience = Patience(seconds=float(account.seconds))

    @cached_property
    def client(self) -> stripe.StripeClient:
        """Loaded with the first payment: the library is large, and most processes never ask it for anything."""
        import stripe

        stripe.enable_telemetry = False
        third = max(self.account.seconds / 3, 1.0)
        return stripe.StripeClient(
            self.account.key,
            base_addresses={"api": self.account.base_url},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=(min(third, 3.0), third)),
        )

    def ask(self, call: Callable[[Any, Any], Any], *, key: str = "") -> dict[str, Any]:
        """Run one call of the library, given its client and options.

        Raises Refused, or ProviderUnavailable when no answer came in time.
        """
        import stripe

        options: dict[str, str] = {"idempotency_key": key} if key else {}

        def once(_seconds_left: float) -> Any:
            try:
                return call(self.client, options)
            except (stripe.APIConnectionError, stripe.RateLimitError) as error:
                raise Again(type(error).__name__) from error
            except stripe.CardError as error:
                raise _refused(error, is_card=True) from error
            except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
                if error.http_status == 409:  # another call with this key is still running
                    raise Again("idempotency key in use") from error
                raise _refused(error, is_card=False) from error
            except stripe.APIError as error:
                raise Again(type(error).__name__) from error
            except (
                stripe.StripeError
            ) as error:  # keys, rights: nobody's card is at fault, and trying again mends nothing
                log.error("Stripe refuses this account's key: %s", type(error).__name__)
                raise ProviderUnavailable(provider=NAME) from error

        try:
            answer = self.patience.ask(once)
        except Impatient as error:
            raise ProviderUnavailable(provider=NAME) from error
        found: dict[str, Any] = answer.to_dict()
        return found


def _refused(error: stripe.StripeError, *, is_card: bool) -> Refused:
    told: Mapping[str, Any] = ((error.json_body or {}) if isinstance(error.json_body, dict) else {}).get("error", {})
    code, decline = str(told.get("code") or ""), str(told.get("decline_code") or "")
    if not is_card:
        log.error("Stripe refuses a request of ours", extra={"stripe_code": code})
    return Refused(code, decline, str(told.get("message") or ""), is_card=is_card)
