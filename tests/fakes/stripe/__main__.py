# ruff: noqa: E501  # tables of cases and SQL read better on one line
"""`python -m tests.fakes.stripe PORT [WEBHOOK_URL]`: a stand-in for a house on this machine, until it is interrupted.

Set VENDOME_STRIPE_URL=http://127.0.0.1:PORT, VENDOME_STRIPE_KEY=sk_test_house, VENDOME_STRIPE_WEBHOOK_SECRET=whsec_house.
"""

from __future__ import annotations

import sys
import time
import urllib.error

from tests.fakes.stripe.server import FakeStripe


def main() -> None:
    with FakeStripe(int(sys.argv[1])) as fake:
        print(f"A stand-in for Stripe answers at {fake.url}", flush=True)
        while True:
            time.sleep(0.5)
            if len(sys.argv) > 2 and fake.account.events:
                try:
                    fake.deliver(sys.argv[2])
                    fake.account.events.clear()
                except urllib.error.URLError:
                    continue  # as Stripe does: it comes again


if __name__ == "__main__":
    main()
