-- What every fold begins with, until its transaction ends: one at a time, and plans that fit.
CREATE FUNCTION analytics_begin() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(28025, 11);
    PERFORM set_config(name, setting, true) FROM (VALUES
        -- What is lost with the machine is folded in again: the horizon is written with the figures.
        ('synchronous_commit', 'off'),
        -- Every join here is from few rows into a large table by its key. Statistics of tables that were just filled would say otherwise.
        ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'), ('enable_mergejoin', 'off'),
        -- What is ruled out counts as dear, and dear plans would be compiled, which takes a second.
        ('jit', 'off'),
        -- Planning these statements costs as much as folding in a hundred plays.
        ('plan_cache_mode', 'force_generic_plan')
    ) AS t (name, setting);
END $$;

-- Folds the plays since the last time into the days. Apart from analytics_advance, since nobody looks at days every second: the same rows
-- cost less by the minute.
CREATE FUNCTION analytics_days() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    state roll_platform;
    upto bigint;
    folded bigint;
BEGIN
    PERFORM analytics_begin();
    SELECT * INTO state FROM roll_platform;
    -- Only what analytics_advance saw: both then speak of the same plays.
    upto := state.horizon;
    WITH fresh AS MATERIALIZED (
        SELECT p.song, p.listener, (p.at / 86400)::int AS day, p.seconds FROM plays p WHERE p.born >= state.days_horizon AND p.born < upto
    ), keep_day AS (
        INSERT INTO roll_day AS r (day, plays, seconds) SELECT day, count(*), sum(seconds) FROM fresh GROUP BY day
        ON CONFLICT (day) DO UPDATE SET plays = r.plays + excluded.plays, seconds = r.seconds + excluded.seconds
    ), keep_song_day AS (
        INSERT INTO roll_song_day AS r (song, day, plays, seconds)
        SELECT song, day, count(*), sum(seconds) FROM fresh GROUP BY song, day ORDER BY song, day
        ON CONFLICT (song, day) DO UPDATE SET plays = r.plays + excluded.plays, seconds = r.seconds + excluded.seconds
    ), came AS (
        INSERT INTO roll_listener_day (listener, day) SELECT DISTINCT listener, day FROM fresh ORDER BY listener, day
        ON CONFLICT DO NOTHING RETURNING listener, day
    ), placed AS MATERIALIZED (
        -- Between which days each stood before; the table is seen here as it was.
        SELECT c.listener, c.day, coalesce(before.day, 0) AS before, after.day AS after,
               lag(c.day, 1, 0) OVER (PARTITION BY c.listener ORDER BY c.day) AS newer
        FROM came c
        LEFT JOIN LATERAL (
            SELECT o.day FROM roll_listener_day o WHERE o.listener = c.listener AND o.day < c.day ORDER BY o.day DESC LIMIT 1
        ) before ON true
        LEFT JOIN LATERAL (
            SELECT o.day FROM roll_listener_day o WHERE o.listener = c.listener AND o.day > c.day ORDER BY o.day LIMIT 1
        ) after ON true
    ), step AS (
        SELECT day, greatest(before, newer) AS prev, 1 AS listeners FROM placed
        UNION ALL SELECT after, before, -1 FROM placed WHERE after IS NOT NULL GROUP BY listener, after, before
        UNION ALL SELECT after, max(day), 1 FROM placed WHERE after IS NOT NULL GROUP BY listener, after, before
    ), keep_gap AS (
        INSERT INTO roll_gap AS r (day, prev, listeners)
        SELECT day, prev, sum(listeners) FROM step GROUP BY day, prev HAVING sum(listeners) <> 0 ORDER BY day, prev
        ON CONFLICT (day, prev) DO UPDATE SET listeners = r.listeners + excluded.listeners
    )
    SELECT count(*) INTO folded FROM fresh;
    UPDATE roll_platform SET days_horizon = upto, days_as_of = as_of;
    RETURN folded;
END $$;
