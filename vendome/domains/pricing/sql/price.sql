-- Tax in minor units, half-even: within the price where the market includes it, on top where not.
-- One plain expression, so that PostgreSQL can inline it into the query that asks.
CREATE OR REPLACE FUNCTION pricing_tax(amount bigint, rate_bp integer, included boolean) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pricing_half_even(amount * rate_bp, CASE WHEN included THEN 10000 + rate_bp ELSE 10000 END)
$$;

-- n / d rounded half-even, for d above zero and n of any sign.
CREATE OR REPLACE FUNCTION pricing_half_even(n bigint, d bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN 2 * abs(n % d) > d OR (2 * abs(n % d) = d AND (n / d) % 2 <> 0)
                THEN n / d + sign(n)::bigint ELSE n / d END
$$;

-- The one price function: web, till, link and agent all ask it (hard rule 9).
CREATE OR REPLACE FUNCTION pricing_prices(market uuid, refs uuid[], day date DEFAULT current_date)
RETURNS TABLE (reference_id uuid, amount bigint, currency varchar, tax_amount bigint, tax_rate_bp integer,
               is_tax_included boolean, reason text)
LANGUAGE sql STABLE AS $$
    SELECT p.reference_id, p.amount, b.currency, pricing_tax(p.amount, m.tax_rate_bp, m.tax_included),
           m.tax_rate_bp, m.tax_included, 'price book ' || b.name
    FROM pricing_pricebook b
    JOIN house_market m ON m.id = b.market_id
    JOIN pricing_price p ON p.book_id = b.id
    WHERE b.market_id = market AND b.during @> day AND p.reference_id = ANY (refs)
$$;
