"""Rows on their way into the tables: collected as text, sent by COPY while the next ones are made."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterable
from typing import Any

import psycopg

CHUNK = 10_000
NULL = r"\N"

COLUMNS: dict[str, str] = {
    "house_maison": "id code name default_language",
    "house_market": "id maison_id code country currency languages tax_name tax_rate_bp tax_included delivery_days",
    "house_place": "id maison_id market_id code kind name city country region timezone address postcode phone "
    "languages hours story latitude longitude is_visible sells_online offers_collection ships owner position",
    "house_lane": "id maison_id origin_id destination_id carrier days runs_on",
    "house_channel": "id maison_id code kind name",
    "people_account": "id email password is_active session_epoch client_id created_at",
    "account_emailaddress": "user_id email verified primary",
    "people_staff": "id account_id maison_id home_place_id code given_name family_name languages started_date",
    "people_rolegrant": "id staff_id role region place_id during",
    "people_secondment": "id staff_id place_id role during",
    "catalogue_collection": "id maison_id code name year story position",
    "catalogue_model": "id maison_id collection_id code family name is_hero is_serialised limited_edition stone cut "
    "carat dimensions size_system texts position is_published",
    "catalogue_reference": "id maison_id model_id sku material material_name size is_serialised position",
    "catalogue_media": "id model_id kind path position",
    "pricing_pricebook": "id market_id name currency during",
    "pricing_price": "id book_id reference_id amount",
    "clients_client": "id maison_id given_name family_name salutation language home_city home_country birthday persona "
    "standing is_protected advisor_id home_place_id created_at",
    "clients_identifier": "id client_id maison_id kind value source noted_at attested_at",
    "clients_preference": "id client_id topic value source confidence may_mention noted_at",
    "clients_consent": "id client_id purpose channel is_given law proof at",
    "clients_tie": "id client_id other_id kind label noted_at",
    "clients_wardrobepiece": "id client_id piece_id reference_id order_line_id description source quantity "
    "acquired_date left_at",
    "stock_piece": "id maison_id reference_id serial epc state owner place_id client_id hold_id received_at",
    "stock_hold": "id kind state reference_id piece_id place_id is_place_flexible quantity client_id advisor_id "
    "order_id order_line_id reason held_at expires_at ended_at",
    "stock_transfer": "id maison_id number from_place_id to_place_id state reason client_id order_line_id waybill "
    "requested_at requested_by approved_at approved_by picked_at picked_by dispatched_at dispatched_by ended_at "
    "ended_by ended_reason",
    "stock_transferline": "id transfer_id position reference_id quantity piece_id hold_id received_quantity "
    "discrepancy note settled_at",
    "stock_movement": "id at kind place_id reference_id piece_id on_hand_change held_change on_hand_after held_after "
    "order_id hold_id actor reason",
    "stock_level": "reference_id place_id on_hand held",
    "orders_basket": "id maison_id market_id client_id advisor_id state created_at updated_at",
    "orders_basketline": "id basket_id reference_id quantity mode place_id added_at",
    "orders_selection": "id maison_id market_id client_id advisor_id state note created_at sent_at expires_at",
    "orders_selectionitem": "id selection_id reference_id position note",
    "orders_order": "id maison_id number client_id market_id channel place_id advisor_id state currency total_amount "
    "tax_amount placed_at contact delivery_address sourcing",
    "orders_orderline": "id order_id position direction reference_id piece_id returned_line_id quantity unit_amount "
    "tax_amount amount price_reason mode state place_id hold_id promised_date",
    "payments_payment": "id order_id tender provider provider_reference amount currency state requested_at settled_at",
    "payments_posting": "id at maison_id debit credit amount currency order_id payment_id",
    "payments_marketoffer": "id market_id is_transfer_offered transfer_days transfer_account instalment_counts "
    "instalments_from_amount deposit_bp",
    "payments_giftcard": "id maison_id code_hash ending currency face_amount balance state issued_at issued_by "
    "order_id expires_date",
    "payments_giftcardentry": "id card_id at amount balance_after reason payment_id order_id actor",
    "payments_statement": "id maison_id kind source name digest imported_at imported_by",
    "payments_statementline": "id statement_id maison_id source line_reference day kind reference counterparty text "
    "amount fee_amount currency payment_id payout_line_id is_settled",
    "payments_differencerecord": "id maison_id day kind source payment_id line_id expected_amount found_amount "
    "currency is_open resolution resolved_by resolved_at",
    "fulfilment_handover": "id order_line_id piece_id place_id client_id actor proof at",
    "fulfilment_carrierservice": "id maison_id carrier code name mode countries origins limits needs_signature "
    "checks_identity days cut_off windows slot_seats base_grams grams_per_tonne_km footprint_source rank is_offered",
    "fulfilment_parcel": "id order_id origin_id address promised_date currency state wanted service_id carrier why "
    "tracking_number insured_amount insured_limit needs_signature checks_identity seal footprint_grams booking "
    "received_by packed_at dispatched_at delivered_at ended_at tracked_at",
    "fulfilment_parcelline": "id parcel_id order_line_id is_current scanned_at",
    "fulfilment_trackingevent": "id parcel_id carrier event_id kind message where at heard_at",
}
"""Every table the generator fills, with the columns it fills and their order in a row of text.

Tables stand after those they point at, so that foreign keys can be checked chunk by chunk.
"""


class Copier:
    """Takes rows as lines of COPY text; a second thread sends them, chunk by chunk, on the one connection.

    Nothing else may use the connection between the first `add` and `finish`.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._waiting: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self._queue: queue.Queue[tuple[str, list[str]] | None] = queue.Queue(maxsize=12)
        self._is_due = False
        self._failure: BaseException | None = None
        self.counts = dict.fromkeys(COLUMNS, 0)
        self._sender = threading.Thread(target=self._send, name="demo-house-copy", daemon=True)
        self._sender.start()

    def add(self, table: str, line: str) -> None:
        """One row, its fields in the order of `COLUMNS`, joined by tabs."""
        waiting = self._waiting[table]
        waiting.append(line)
        if len(waiting) >= CHUNK:
            self._is_due = True

    def breathe(self) -> None:
        """A safe point: all rows so far point at rows that are there too. Sends them when there are many."""
        if self._is_due:
            self._is_due = False
            for table in COLUMNS:
                self._hand_on(table)

    def finish(self) -> None:
        """Send what is left and wait until all of it has arrived. Raises what the database refused."""
        for table in COLUMNS:
            self._hand_on(table)
        self._queue.put(None)
        self._sender.join()
        if self._failure:
            raise self._failure

    def abandon(self) -> None:
        """Stop without sending the rest; for when making the rows has failed."""
        self._failure = self._failure or RuntimeError("abandoned")
        self._queue.put(None)
        self._sender.join()

    def _hand_on(self, table: str) -> None:
        if self._failure:
            raise self._failure
        rows = self._waiting[table]
        if rows:
            self.counts[table] += len(rows)
            self._waiting[table] = []
            self._queue.put((table, rows))

    def _send(self) -> None:
        while (item := self._queue.get()) is not None:
            if self._failure:
                continue  # drain, so that the maker is never stuck
            table, rows = item
            columns = ", ".join(f'"{name}"' for name in COLUMNS[table].split())
            rows.append("")
            try:
                with self._connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    copy.write("\n".join(rows))
            except BaseException as error:  # noqa: BLE001  # handed to the maker, who raises it
                self._failure = error


def plain(text: str) -> str:
    """Free text as one field of a COPY row."""
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")


def document(value: Any) -> str:
    return plain(json.dumps(value, ensure_ascii=False, default=str))


def array(values: Iterable[str]) -> str:
    inside = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return plain("{" + inside + "}")


def flag(value: bool) -> str:
    return "t" if value else "f"
