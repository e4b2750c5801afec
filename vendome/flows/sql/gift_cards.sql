-- Makes a card. Sold: its order (one document with no lines and no tax), its tender and the house's debt to the bearer.
-- Given: the debt stands against gestures. The same key and body give the same card; its code is not in the answer.
CREATE OR REPLACE FUNCTION flows_make_gift_card(j jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(j->>'scope', j->>'key', decode(j->>'request', 'hex'));
    maison uuid := (j->>'maison')::uuid;
    at timestamptz := (j->>'at')::timestamptz;
    amount_ bigint := (j->>'amount')::bigint;
    is_sold boolean := j->'tender' IS NOT NULL;
    order_ uuid;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    IF is_sold THEN
        PERFORM flows_check_names(maison, (j->>'client')::uuid, NULL, NULL, (j->>'place')::uuid);
        order_ := vendome_new_id();
        INSERT INTO orders_order (id, maison_id, number, client_id, market_id, channel, place_id, advisor_id, state, currency,
                                  total_amount, tax_amount, placed_at, source, contact, delivery_address, sourcing)
            SELECT order_, maison, upper(left(m.code, 3)) || '-' || to_char(at, 'YY') || '-' || nextval('orders_number'), (j->>'client')::uuid,
                   (j->>'market')::uuid, 'boutique', (j->>'place')::uuid, NULL, 'COMPLETED', j->>'currency', amount_, 0, at, '', '{}', '{}', '[]'
            FROM house_maison m WHERE m.id = maison;
        PERFORM payments_post('receivable', 'liability:gift_cards', amount_, j->>'currency', maison, order_, NULL, at);
        PERFORM flows_write_tenders(order_, jsonb_build_array(j->'tender'), amount_, j->>'currency', maison, j->>'actor', at);
    ELSE
        PERFORM payments_post('expense:gestures', 'liability:gift_cards', amount_, j->>'currency', maison, NULL, NULL, at);
    END IF;
    PERFORM payments_issue_gift_card((j->>'id')::uuid, maison, decode(j->>'hash', 'hex'), j->>'ending', j->>'currency', amount_,
        (j->>'expires')::date, order_, coalesce(j->>'reason', 'sold'), j->>'actor', at);
    PERFORM vendome_audit(j->>'actor', 'gift_cards.make', 'gift_card:' || (j->>'id'), maison,
                          jsonb_build_object('amount', amount_, 'currency', j->>'currency', 'is_sold', is_sold), at);
    PERFORM vendome_emit('payments.gift_card_issued', 'gift_card:' || (j->>'id'), maison,
        jsonb_build_object('card_id', j->>'id', 'amount', amount_, 'currency', j->>'currency', 'order_id', order_), j->>'actor',
        ARRAY['orders'], NULL, at);
    answer := jsonb_build_object('card', j->>'id', 'order', order_);
    PERFORM vendome_once_answer(j->>'scope', j->>'key', answer);
    RETURN answer;
END $$;

CREATE OR REPLACE FUNCTION flows_block_gift_card(card uuid, maison uuid, state_ text, reason text, actor text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payments_giftcard SET state = state_ WHERE id = card AND maison_id = maison;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM vendome_audit(actor, 'gift_cards.' || lower(state_), 'gift_card:' || card, maison, jsonb_build_object('reason', reason), at);
    RETURN true;
END $$;

-- A new code for a card or credit note whose code was lost: the old one opens nothing any more, and what it holds stays.
-- Once for each key; the code is not in the answer. j: scope, key, request, made (names this code), card, maison, hash, ending, actor, at.
CREATE OR REPLACE FUNCTION flows_replace_card_code(j jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb := vendome_once(j->>'scope', j->>'key', decode(j->>'request', 'hex'));
    old payments_giftcard;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    SELECT * INTO old FROM payments_giftcard WHERE id = (j->>'card')::uuid AND maison_id = (j->>'maison')::uuid FOR NO KEY UPDATE;
    IF old.id IS NULL THEN
        PERFORM vendome_fail('access.not_found');
    END IF;
    UPDATE payments_giftcard SET code_hash = decode(j->>'hash', 'hex'), ending = j->>'ending' WHERE id = old.id;
    PERFORM vendome_audit(j->>'actor', 'gift_cards.replace_code', 'gift_card:' || old.id, old.maison_id,
                          jsonb_build_object('old_ending', old.ending, 'ending', j->>'ending'), (j->>'at')::timestamptz);
    answer := jsonb_build_object('made', j->>'made', 'order', old.order_id, 'amount', old.balance, 'currency', old.currency);
    PERFORM vendome_once_answer(j->>'scope', j->>'key', answer);
    RETURN answer;
END $$;
