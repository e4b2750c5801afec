-- The account a tender moves. A gift card or credit note is no money of the house: it is what the house owes to whoever holds
-- the code.
CREATE OR REPLACE FUNCTION payments_account(tender text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE tender WHEN 'GIFT_CARD' THEN 'liability:gift_cards' WHEN 'CREDIT_NOTE' THEN 'liability:credit_notes' ELSE 'tender:' || lower(tender) END
$$;

-- Tenders that are taken from the balance behind a code, in the transaction that asks for them.
CREATE OR REPLACE FUNCTION payments_is_stored(tender text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT tender IN ('GIFT_CARD', 'CREDIT_NOTE')
$$;

-- One line of a card's own ledger, with the balance it left.
CREATE OR REPLACE FUNCTION payments_note_gift_card(
    card uuid, amount bigint, balance bigint, reason text, payment uuid, order_ uuid, actor text, at timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO payments_giftcardentry (id, card_id, at, amount, balance_after, reason, payment_id, order_id, actor)
    VALUES (vendome_new_id(), card, at, amount, balance, reason, payment, order_, actor)
$$;

CREATE OR REPLACE FUNCTION payments_issue_gift_card(
    card uuid, maison uuid, hash bytea, ending_ text, currency_ text, amount bigint, expires date, order_ uuid, reason text, actor text, at timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO payments_giftcard (id, maison_id, kind, code_hash, ending, currency, face_amount, balance, state, issued_at, issued_by, order_id, expires_date)
        VALUES (card, maison, 'GIFT_CARD', hash, ending_, currency_, amount, amount, 'ACTIVE', at, actor, order_, expires);
    SELECT payments_note_gift_card(card, amount, amount, reason, NULL, order_, actor, at)
$$;

-- A credit note for what a document gives back as credit. It begins empty: each refund that settles fills it (payments_settle_refund),
-- so its own ledger names them. `note`: {id, hash, ending}.
CREATE OR REPLACE FUNCTION payments_open_credit_note(note jsonb, document uuid, amount bigint, actor text, at timestamptz) RETURNS uuid
LANGUAGE sql AS $$
    INSERT INTO payments_giftcard (id, maison_id, kind, code_hash, ending, currency, face_amount, balance, state, issued_at, issued_by, order_id, expires_date)
        SELECT (note->>'id')::uuid, o.maison_id, 'CREDIT_NOTE', decode(note->>'hash', 'hex'), note->>'ending', o.currency, amount, 0, 'ACTIVE', at,
               actor, document, NULL FROM orders_order o WHERE o.id = document RETURNING id
$$;

-- Takes from a card what it has, never more: the guard is in the UPDATE, and the row's own check behind it (hard rule 1).
-- Fails with payments.gift_card_short, for a card that is blocked, expired, of another house or currency as well.
CREATE OR REPLACE FUNCTION payments_spend_gift_card(
    card uuid, amount_ bigint, payment uuid, order_ uuid, maison uuid, currency_ text, day date, actor text, at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    left_ bigint;
BEGIN
    UPDATE payments_giftcard SET balance = balance - amount_
        WHERE id = card AND maison_id = maison AND currency = currency_ AND state = 'ACTIVE' AND balance >= amount_
          AND kind = (SELECT p.tender FROM payments_payment p WHERE p.id = payment)
          AND (expires_date IS NULL OR expires_date >= day) RETURNING balance INTO left_;
    IF NOT FOUND THEN
        PERFORM vendome_fail('payments.gift_card_short', jsonb_build_object('asked', amount_));
    END IF;
    PERFORM payments_note_gift_card(card, -amount_, left_, 'spent', payment, order_, actor, at);
END $$;

-- The code that was read still opens the card; it may have been replaced meanwhile. Fails with payments.gift_card_unknown.
CREATE OR REPLACE FUNCTION payments_require_code(card uuid, code text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF code IS NOT NULL THEN
        PERFORM FROM payments_giftcard g WHERE g.id = card AND g.code_hash = decode(code, 'hex') FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            PERFORM vendome_fail('payments.gift_card_unknown');
        END IF;
    END IF;
END $$;

-- What a refund gives back goes to the card it came from, blocked or expired as it may be; a person then decides.
CREATE OR REPLACE FUNCTION payments_refill_gift_card(card uuid, amount_ bigint, refund uuid, order_ uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    now_ bigint;
BEGIN
    UPDATE payments_giftcard SET balance = balance + amount_ WHERE id = card RETURNING balance INTO now_;
    PERFORM payments_note_gift_card(card, amount_, now_, 'refunded', refund, order_, 'SYSTEM', at);
END $$;

-- Which card a code opens. Every call does the same work whether there is such a card or not; a miss is counted against the
-- visitor, and after `most` of them in twenty minutes she is asked to wait, whatever she types.
CREATE OR REPLACE FUNCTION payments_find_gift_card(maison uuid, hash bytea, scope_ text, most integer, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    window_ timestamptz := date_bin('10 minutes', at, timestamptz '2020-01-01 00:00+00');
    failed integer;
    c payments_giftcard;
BEGIN
    SELECT coalesce(sum(a.failures), 0) INTO failed FROM payments_codeattempt a
        WHERE a.scope = scope_ AND a.window_at >= window_ - interval '10 minutes';
    SELECT * INTO c FROM payments_giftcard g WHERE g.code_hash = hash AND g.maison_id = maison;
    INSERT INTO payments_codeattempt (scope, window_at, failures) VALUES (scope_, window_, CASE WHEN c.id IS NULL THEN 1 ELSE 0 END)
        ON CONFLICT (scope, window_at) DO UPDATE SET failures = payments_codeattempt.failures + EXCLUDED.failures;
    IF failed >= most THEN
        RETURN jsonb_build_object('refused', 'payments.too_many_codes');
    ELSIF c.id IS NULL THEN
        RETURN jsonb_build_object('refused', 'payments.gift_card_unknown');
    END IF;
    RETURN jsonb_build_object('id', c.id, 'kind', c.kind, 'ending', c.ending, 'currency', c.currency, 'balance', c.balance, 'face_amount', c.face_amount,
                              'state', c.state, 'issued_at', c.issued_at, 'expires_date', c.expires_date);
END $$;
