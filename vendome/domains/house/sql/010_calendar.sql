-- Whether a place works on a day: not a holiday of its own, and hours on that weekday; without hours, Monday to Friday.
CREATE OR REPLACE FUNCTION house_works_on(hours jsonb, closed date[], day date) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT day <> ALL (closed) AND CASE WHEN hours = '{}' THEN extract(isodow FROM day) < 6
        ELSE coalesce(hours->>(ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow FROM day)::integer], '') <> '' END
$$;

-- The day, in the place's own time, on which what is asked for now is ready there: after the cut-off it is the next day's
-- work, and preparation counts working days. A place that never works again within a year is ready a year from now.
CREATE OR REPLACE FUNCTION house_ready_day(p house_place, at timestamptz) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    here timestamp := at AT TIME ZONE p.timezone;
    day date := here::date + (here::time >= p.cut_off)::integer;
    left_to_do integer := p.preparation_days;
BEGIN
    FOR tries IN 1..366 LOOP
        IF house_works_on(p.hours, p.closed_dates, day) THEN
            EXIT WHEN left_to_do = 0;
            left_to_do := left_to_do - 1;
        END IF;
        day := day + 1;
    END LOOP;
    RETURN day;
END $$;

-- The day on which what leaves on a day arrives in a market: by the quickest lane that runs on that day, counting the days it moves;
-- without a lane by the market's own delivery days, three more from abroad, Monday to Friday.
CREATE OR REPLACE FUNCTION house_arrival(origin uuid, destination uuid, leaves date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    days_needed integer;
    runs integer[];
    day date := leaves;
    gone integer := 0;
BEGIN
    SELECT l.days, l.runs_on INTO days_needed, runs FROM house_lane l
        WHERE l.origin_id = origin AND l.destination_id = destination
          AND (l.from_date IS NULL OR l.from_date <= leaves) AND (l.until_date IS NULL OR l.until_date >= leaves)
        ORDER BY l.days, l.carrier LIMIT 1;
    IF NOT FOUND THEN
        SELECT m.delivery_days + CASE WHEN origin = destination THEN 0 ELSE 3 END , ARRAY[1, 2, 3, 4, 5]
            INTO days_needed, runs FROM house_market m WHERE m.id = destination;
    END IF;
    WHILE gone < days_needed LOOP
        day := day + 1;
        gone := gone + (extract(isodow FROM day)::integer = ANY (runs))::integer;
    END LOOP;
    RETURN day;
END $$;

-- The first working day of a place from a day on.
CREATE OR REPLACE FUNCTION house_next_working_day(p house_place, day date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(d), day) FROM (
        SELECT day + n AS d FROM generate_series(0, 30) n WHERE house_works_on(p.hours, p.closed_dates, day + n) LIMIT 1) x
$$;
