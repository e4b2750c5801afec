"""What must oversell: the same drop with its locks, guards and constraints taken away. For tests and the bench only."""

from __future__ import annotations

WITHOUT_LOCK = (
    # A free piece is looked for and taken later, as if nobody else did the same.
    """
    CREATE OR REPLACE FUNCTION stock_free_of_allocation(a uuid) RETURNS uuid LANGUAGE plpgsql AS $$
    DECLARE found uuid;
    BEGIN
        SELECT h.id INTO found FROM stock_hold h
            WHERE h.allocation_id = a AND h.state = 'ACTIVE' AND h.client_id IS NULL ORDER BY h.id LIMIT 1;
        PERFORM pg_sleep(0.02);
        RETURN found;
    END $$
    """,
    """
    DO $$ BEGIN
        EXECUTE replace(pg_get_functiondef('stock_offer_to_next'::regproc),
            'WHERE id = kept AND state = ''ACTIVE'' AND client_id IS NULL', 'WHERE id = kept');
        EXECUTE replace(replace(replace(pg_get_functiondef('stock_adopt_hold'::regproc),
            'AND client_id = client', ''), 'state = ''ACTIVE'' AND kind IN', 'kind IN'),
            '''WAITING_LIST''', '''WAITING_LIST'', ''ORDER''');
    END $$
    """,
    "DROP INDEX IF EXISTS piece_offered_to_one",
    "DROP TRIGGER IF EXISTS stock_hold_offer_paid ON stock_hold",  # it would notice that one piece has two buyers
)
