-- One movement of money from the credit account to the debit account; a negative amount goes the other way round.
CREATE OR REPLACE FUNCTION payments_post(
    debit text, credit text, amount bigint, currency text, maison uuid, order_ uuid, payment uuid, at timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO payments_posting (id, at, maison_id, debit, credit, amount, currency, order_id, payment_id)
    SELECT vendome_new_id(), at, maison,
           CASE WHEN amount > 0 THEN debit ELSE credit END, CASE WHEN amount > 0 THEN credit ELSE debit END,
           abs(amount), currency, order_, payment
    WHERE amount <> 0
$$;

-- Trial balance: what each account holds, by currency. Debits are positive.
CREATE OR REPLACE FUNCTION payments_balances(maison uuid) RETURNS TABLE (account text, currency varchar, amount numeric)
LANGUAGE sql STABLE AS $$
    SELECT side.account, p.currency, sum(side.amount)
    FROM payments_posting p
    CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount)) AS side (account, amount)
    WHERE p.maison_id = maison
    GROUP BY 1, 2 HAVING sum(side.amount) <> 0 ORDER BY 1, 2
$$;
