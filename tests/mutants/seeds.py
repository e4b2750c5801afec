"""The mistakes, each as SQL that puts it into a database. Names say what was forgotten.

Those of bookkeeping are noticed by one caller alone; those of races need several at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.sabotage import changed


@dataclass(frozen=True)
class Mutant:
    name: str
    statements: tuple[str, ...]
    is_race: bool = False


def without(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"


NO_LEVEL_CHECKS = (
    without("stock_level", "stock_never_oversold"),
    without("stock_level", "stock_held_not_negative"),
    without("stock_movement", "ledger_never_oversold"),
)
UNGUARDED_LEVEL = """
    CREATE OR REPLACE FUNCTION stock_take_level(place uuid, ref uuid, quantity integer,
                                                OUT on_hand_now integer, OUT held_now integer)
    LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM stock_level l WHERE l.reference_id = ref AND l.place_id = place AND l.on_hand - l.held >= quantity;
        IF NOT FOUND THEN RETURN; END IF;
        PERFORM pg_sleep(0.05);
        UPDATE stock_level l SET held = l.held + quantity WHERE l.reference_id = ref AND l.place_id = place
            RETURNING l.on_hand, l.held INTO on_hand_now, held_now;
    END $$
"""

BOOKKEEPING = (
    Mutant("the guard of a level allows one too many", (
        *NO_LEVEL_CHECKS, changed("stock_take_level", "on_hand - held >= quantity", "on_hand - held >= quantity - 1"),
    )),
    Mutant("holds are not subtracted from what is free", (
        *NO_LEVEL_CHECKS, changed("stock_take_level", "on_hand - held >= quantity", "on_hand >= quantity"),
    )),
    Mutant("a hold takes one whatever the quantity", (
        changed("stock_take_level", "held = held + quantity", "held = held + 1"),
    )),
    Mutant("a piece under a hold may be chosen again", (
        "DROP INDEX piece_held_once",
        changed("stock_keep", "AND p.state = 'IN_STOCK' AND p.hold_id IS NULL", "AND p.state = 'IN_STOCK'"),
    )),
    Mutant("the piece does not learn of its hold", (
        changed("stock_keep", "UPDATE stock_piece SET hold_id = hold WHERE id = chosen;", ""),
    )),
    Mutant("what is set aside for her is not what her order takes", (
        changed("flows_keep_to_hers", "RETURN hers", "RETURN NULL"),
    )),
    Mutant("what was set aside for her and is over still counts for her", (
        changed("stock_set_aside_for", "AND (h.expires_at IS NULL OR h.expires_at > at)", ""),
    )),
    Mutant("holding is written into the ledger as nothing", (
        changed("stock_keep", "0, quantity_, on_hand_now", "0, 0, on_hand_now"),
    )),
    Mutant("releasing leaves the level as it was", (
        changed("stock_end_hold", "SET held = held - h.quantity", "SET held = held"),
    )),
    Mutant("releasing leaves the piece held", (
        changed("stock_end_hold", "SET hold_id = NULL, state = 'IN_STOCK'", "SET state = 'IN_STOCK'"),
    )),
    Mutant("restocked pieces stay in quarantine", (
        without("stock_piece", "what_is_not_for_sale_is_held"),
        changed("stock_end_hold", "SET hold_id = NULL, state = 'IN_STOCK'", "SET hold_id = NULL"),
    )),
    Mutant("a hold can be ended twice", (
        *NO_LEVEL_CHECKS,
        changed("stock_end_hold", "WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id", "WHERE id = hold"),
    )),
    Mutant("a hold in transit can be ended there", (
        changed("stock_end_hold", "p.kind IN ('TRANSIT', 'CLIENT_HOME')", "false"),
    )),
    Mutant("handing over leaves the shelf as it was", (
        changed("stock_consume_hold", "SET on_hand = on_hand - h.quantity, held = held - h.quantity",
                "SET held = held - h.quantity"),
    )),
    Mutant("handing over leaves the piece at its place", (
        without("stock_piece", "piece_is_in_one_place"),
        changed("stock_consume_hold", "CASE WHEN piece_state = 'WITH_CLIENT' THEN NULL ELSE place_id END", "place_id"),
    )),
    Mutant("what travels arrives without its hold", (
        *NO_LEVEL_CHECKS,
        changed("stock_move_hold", "SET on_hand = on_hand + h.quantity, held = held + h.quantity",
                "SET on_hand = on_hand + h.quantity"),
    )),
    Mutant("what travels stays on the shelf it left", (
        *NO_LEVEL_CHECKS,
        changed("stock_move_hold", "SET on_hand = on_hand - h.quantity, held = held - h.quantity",
                "SET held = held - h.quantity"),
    )),
    Mutant("the piece does not travel with its hold", (
        changed("stock_move_hold", "SET place_id = to_place, state = piece_state WHERE id = h.piece_id",
                "SET state = piece_state WHERE id = h.piece_id"),
    )),
    Mutant("an ended hold can still travel", (
        *NO_LEVEL_CHECKS,
        changed("stock_move_hold", "WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id", "WHERE id = hold"),
    )),
    Mutant("what comes back is free at once", (
        changed("stock_take_in", "SET on_hand = on_hand + quantity_, held = held + quantity_",
                "SET on_hand = on_hand + quantity_"),
    )),
    Mutant("a piece that stands on a shelf can be brought in again", (
        changed("stock_take_in", "AND state IN ('WITH_CLIENT', 'LOST', 'WRITTEN_OFF')", ""),
    )),
    Mutant("anybody's hold becomes the hold of an order", (
        changed("stock_adopt_hold", "AND client_id = client", ""),
    )),
    Mutant("a hold that ran out becomes the hold of an order", (
        changed("stock_adopt_hold", "AND (expires_at IS NULL OR expires_at > at)", ""),
    )),
    Mutant("an order's hold becomes another order's", (
        changed("stock_adopt_hold",
                "AND kind IN ('BASKET', 'RESERVATION', 'APPOINTMENT', 'SELECTION', 'WAITING_LIST')", ""),
    )),
    Mutant("another body with a known key gets the old answer", (
        changed("vendome_once", "IF known.request_hash <> request THEN", "IF false THEN"),
    )),
    Mutant("a known key does the work again", (
        """
        CREATE OR REPLACE FUNCTION vendome_once(scope_ text, key_ text, request bytea) RETURNS jsonb
        LANGUAGE sql AS 'SELECT NULL::jsonb'
        """,
    )),
    Mutant("an order is told twice", (
        changed("flows_place_order", "PERFORM vendome_emit('orders.order_placed'",
                "PERFORM vendome_emit('orders.order_placed', 'order:' || new_order, maison, '{}', actor); "
                "PERFORM vendome_emit('orders.order_placed'"),
    )),
    Mutant("a payment of another amount confirms the order", (
        changed("flows_settle_payment", "amount_ <> p.amount OR", ""),
    )),
    Mutant("a payment settles every time it is reported", (
        without("payments_payment", "payment_settles_once"),
        changed("flows_settle_payment", "IF p.state <> 'REQUESTED' AND NOT (p.state = 'FAILED' AND captured) THEN",
                "IF false THEN"),
    )),
    Mutant("money that comes too late confirms a cancelled order", (
        changed("flows_settle_payment", "o.state = 'AWAITING_PAYMENT' AND flows_would_pay", "flows_would_pay"),
    )),
    Mutant("money that comes too late is booked nowhere", (
        changed("flows_settle_payment", "'owed:clients', excess", "'owed:clients', 0"),
    )),
    Mutant("a paid order's pieces run out all the same", (
        changed("flows_settle_payment", "UPDATE stock_hold SET expires_at = NULL WHERE",
                "UPDATE stock_hold SET reason = reason WHERE"),
    )),
    Mutant("a declined payment keeps the pieces", (
        changed("flows_settle_payment", "PERFORM flows_give_up(o.id, 'RELEASED', actor, 'payment declined', at);", ""),
    )),
    Mutant("tax is booked as sales", (
        changed("flows_book_revenue", "'tax:' || o.market_id, o.tax_amount", "'sales:' || o.market_id, o.tax_amount"),
    )),
    Mutant("unpaid orders never run out", (
        changed("flows_expire_order", "IF o.state <> 'AWAITING_PAYMENT' THEN", "IF true THEN"),
    )),
    Mutant("what is not paid can be handed over", (
        changed("flows_give", "IF o.state <> 'CONFIRMED' THEN", "IF false THEN"),
    )),
    Mutant("a deposit opens the door", (
        changed("flows_give", "ELSIF flows_missing(o.id) > 0 THEN", "ELSIF false THEN"),
    )),
    Mutant("what she never paid of a deposit is given back", (
        changed("flows_set_off", "CONTINUE WHEN part <= 0;", "CONTINUE;"),
    )),
    Mutant("what is taken in exchange costs nothing", (
        changed("flows_write_document", "total := total + amount_;", ""),
    )),
    Mutant("a refund may exceed the payment", (
        without("payments_payment", "refunds_within_what_was_paid"),
        changed("payments_request_refund", "AND refunded_amount + amount_ <= amount", ""),
    )),
    Mutant("a refund that failed keeps its room", (
        changed("payments_settle_refund", "SET refunded_amount = refunded_amount + r.amount",
                "SET refunded_amount = refunded_amount"),
    )),
    Mutant("a refund settles twice", (
        without("payments_payment", "payment_settles_once"),
        changed("payments_settle_refund", "WHERE id = refund AND state = 'REQUESTED'", "WHERE id = refund"),
    )),
    Mutant("a refund is booked the wrong way round", (
        changed("payments_settle_refund", "-r.amount, r.currency, maison", "r.amount, r.currency, maison"),
    )),
)  # fmt: skip

RACES = (
    Mutant("check a level, then change it", (
        UNGUARDED_LEVEL, *NO_LEVEL_CHECKS, "DROP INDEX piece_held_once", without("stock_piece", "only_stock_is_held"),
        changed("stock_keep", "AND p.place_id = place AND p.state = 'IN_STOCK' AND p.hold_id IS NULL", ""),
        changed("stock_keep", "FOR NO KEY UPDATE SKIP LOCKED", ""),
    ), is_race=True),
    Mutant("look a key up, then write it", (
        """
        CREATE OR REPLACE FUNCTION vendome_once(scope_ text, key_ text, request bytea) RETURNS jsonb
        LANGUAGE plpgsql AS $$
        DECLARE known kit_idempotencykey;
        BEGIN
            SELECT * INTO known FROM kit_idempotencykey k WHERE k.scope = scope_ AND k.key = key_;
            IF FOUND THEN RETURN known.response; END IF;
            PERFORM pg_sleep(0.05);
            INSERT INTO kit_idempotencykey (scope, key, request_hash, created_at) VALUES (scope_, key_, request, now())
                ON CONFLICT (scope, key) DO NOTHING;
            RETURN NULL;
        END $$
        """,
    ), is_race=True),
    Mutant("look at a line, then hand it over", (
        *NO_LEVEL_CHECKS, without("fulfilment_handover", "fulfilment_handover_order_line_id_key"),
        "DROP INDEX line_enters_wardrobe_once",
        changed("flows_give", "WHERE id = line AND state = l.state;", "WHERE id = line;"),
        changed("stock_consume_hold", "SELECT * INTO h FROM stock_hold WHERE id = hold;",
                "SELECT * INTO h FROM stock_hold WHERE id = hold; PERFORM pg_sleep(0.05);"),
        changed("stock_consume_hold", "WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id",
                "WHERE id = hold"),
    ), is_race=True),
    Mutant("look at what is left of a payment, then refund", (
        """
        CREATE OR REPLACE FUNCTION payments_request_refund(payment uuid, order_ uuid, amount_ bigint, at timestamptz)
        RETURNS uuid LANGUAGE plpgsql AS $$
        DECLARE
            refund uuid := vendome_new_id();
            p payments_payment;
        BEGIN
            SELECT * INTO p FROM payments_payment WHERE id = payment AND refunded_amount + amount_ <= amount;
            IF p.id IS NULL THEN PERFORM vendome_fail('payments.refund_too_large'); END IF;
            PERFORM pg_sleep(0.05);
            UPDATE payments_payment SET refunded_amount = p.refunded_amount + amount_ WHERE id = payment;
            INSERT INTO payments_payment (id, order_id, tender, provider, provider_reference, amount, currency, state,
                                          requested_at, refund_of_id)
                VALUES (refund, order_, p.tender, p.provider, '', -amount_, p.currency, 'REQUESTED', at, payment);
            RETURN refund;
        END $$
        """,
    ), is_race=True),
    Mutant("look where a hold is, then take it elsewhere", (
        *NO_LEVEL_CHECKS,
        changed("stock_move_hold", "SELECT * INTO h FROM stock_hold WHERE id = hold;",
                "SELECT * INTO h FROM stock_hold WHERE id = hold; PERFORM pg_sleep(0.05);"),
        changed("stock_move_hold", "WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id",
                "WHERE id = hold AND state = 'ACTIVE'"),
    ), is_race=True),
    Mutant("look at a hold, then make it an order's", (
        without("stock_hold", "hold_ends_once"),
        changed("stock_adopt_hold", "UPDATE stock_hold SET kind = 'ORDER'",
                "PERFORM FROM stock_hold WHERE id = hold AND state = 'ACTIVE' AND kind <> 'ORDER'; "
                "IF NOT FOUND THEN PERFORM vendome_fail('stock.hold_gone'); END IF; PERFORM pg_sleep(0.05); "
                "UPDATE stock_hold SET kind = 'ORDER'"),
        changed("stock_adopt_hold", "WHERE id = hold AND state = 'ACTIVE' AND kind IN ('BASKET', 'RESERVATION', "
                "'APPOINTMENT', 'SELECTION', 'WAITING_LIST')", "WHERE id = hold"),
    ), is_race=True),
    Mutant("look where a piece is, then take it in", (
        "DROP INDEX piece_held_once",
        changed("stock_take_in", "INSERT INTO stock_level",
                "PERFORM FROM stock_piece WHERE id = piece AND state IN ('WITH_CLIENT', 'LOST', 'WRITTEN_OFF'); "
                "IF NOT FOUND THEN PERFORM vendome_fail('stock.piece_elsewhere'); END IF; PERFORM pg_sleep(0.05); "
                "INSERT INTO stock_level"),
        changed("stock_take_in", "AND reference_id = ref AND state IN ('WITH_CLIENT', 'LOST', 'WRITTEN_OFF');", ";"),
    ), is_race=True),
    Mutant("give an order up without looking again", (
        changed("flows_expire_order", "IF o.state <> 'AWAITING_PAYMENT' THEN", "IF o.state = 'CANCELLED' THEN"),
    ), is_race=True),
    Mutant("end a hold that somebody else has just ended", (
        *NO_LEVEL_CHECKS,
        changed("stock_end_hold", "SELECT * INTO h FROM stock_hold WHERE id = hold;",
                "SELECT * INTO h FROM stock_hold WHERE id = hold; PERFORM pg_sleep(0.05);"),
        changed("stock_end_hold", "WHERE id = hold AND state = 'ACTIVE' AND place_id = h.place_id", "WHERE id = hold"),
    ), is_race=True),
)  # fmt: skip
MUTANTS = (*BOOKKEEPING, *RACES)
