-- The platform day by day, and what songs earn by vouchers.

-- A voucher pays accounts; the song-by-song list behind it says for which songs. `net` is a line's amount less its part of the fee of the
-- account's item: the fee is rounded down once an item and divided among its songs, ids ascending, by cumulative rounding.
ALTER TABLE paid_plays ADD COLUMN at bigint, ADD COLUMN net numeric(78, 0);
COMMENT ON COLUMN paid_plays.at IS 'Unix second of the block that charged it';

WITH place AS (
    SELECT DISTINCT ON (v.listener, v.nonce) v.listener, v.nonce, c.chain_id, c.block, c.log_index, e.block_time
    FROM vouchers v JOIN accounts a ON a.id = v.listener
    JOIN chain_states c ON c.chain_id = v.chain_id AND c.entity = 'voucher:' || a.address || ':' || v.nonce
    JOIN chain_events e ON (e.chain_id, e.block, e.log_index) = (c.chain_id, c.block, c.log_index)
    ORDER BY v.listener, v.nonce, c.block DESC, c.log_index DESC
), line AS (
    SELECT q.listener, q.nonce, q.position, p.block_time, q.amount, (
               SELECT (c.state ->> 'fee_bps')::int FROM chain_states c
               WHERE c.chain_id = p.chain_id AND c.entity = 'payee:' || q.payee AND (c.block, c.log_index) < (p.block, p.log_index)
               ORDER BY c.block DESC, c.log_index DESC LIMIT 1
           ) AS bps, sum(q.amount) OVER (PARTITION BY q.listener, q.nonce, q.payee ORDER BY s.song_id, q.position) AS upto
    FROM paid_plays q JOIN place p USING (listener, nonce) LEFT JOIN songs s ON s.id = q.song
)
UPDATE paid_plays q SET at = l.block_time, net = l.amount - (div(l.upto * l.bps, 10000) - div((l.upto - l.amount) * l.bps, 10000))
FROM line l WHERE (q.listener, q.nonce, q.position) = (l.listener, l.nonce, l.position);
-- Charged for somebody whose voucher this node never held: the event says when, and no song earns by it.
UPDATE paid_plays SET at = 0, net = amount WHERE at IS NULL OR net IS NULL;
ALTER TABLE paid_plays ALTER COLUMN at SET NOT NULL, ALTER COLUMN net SET NOT NULL;

-- `part`: money that its payment's row counts already, here for one of the songs.
ALTER TABLE queue_payments ADD COLUMN strategy smallint NOT NULL DEFAULT 0, ADD COLUMN part boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION queue_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.type <> 'reward' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        VALUES (-1, OLD.artist, OLD.song, OLD.listener, OLD.block_time, OLD.gross, OLD.net, OLD.strategy);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.type <> 'reward' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        VALUES (1, NEW.artist, NEW.song, NEW.listener, NEW.block_time, NEW.gross, NEW.net, NEW.strategy);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER payments_changed ON payments;
CREATE TRIGGER payments_changed AFTER UPDATE OF artist, song, listener, block_time, gross, net, type, strategy ON payments
    FOR EACH ROW EXECUTE FUNCTION queue_payment();

CREATE FUNCTION queue_paid_play() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        VALUES (-1, OLD.artist, OLD.song, OLD.listener, OLD.at, OLD.amount, OLD.net, true);
    ELSE
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        VALUES (1, NEW.artist, NEW.song, NEW.listener, NEW.at, NEW.amount, NEW.net, true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER paid_plays_made AFTER INSERT ON paid_plays FOR EACH ROW WHEN (NEW.song IS NOT NULL) EXECUTE FUNCTION queue_paid_play();
CREATE TRIGGER paid_plays_gone AFTER DELETE ON paid_plays FOR EACH ROW WHEN (OLD.song IS NOT NULL) EXECUTE FUNCTION queue_paid_play();

CREATE TABLE roll_day (
    day integer PRIMARY KEY,
    plays bigint NOT NULL DEFAULT 0,
    seconds bigint NOT NULL DEFAULT 0,
    payments bigint NOT NULL DEFAULT 0,
    gross numeric(78, 0) NOT NULL DEFAULT 0,
    net numeric(78, 0) NOT NULL DEFAULT 0
);
CREATE TABLE roll_artist_day (
    day integer NOT NULL,
    artist integer NOT NULL,
    net numeric(78, 0) NOT NULL,
    PRIMARY KEY (day, artist)
);
-- Tips stand under the main way to earn of their song as it is now, under gifts where they name none; see `tips_moved`.
CREATE TABLE roll_way_day (
    day integer NOT NULL,
    strategy smallint NOT NULL,
    net numeric(78, 0) NOT NULL,
    PRIMARY KEY (day, strategy)
);
ALTER TABLE roll_song_day ADD COLUMN tips numeric(78, 0) NOT NULL DEFAULT 0;

-- Who was there on which day, and how many came on a day after which other day, 0 for never: a listener counts once in a range of days, on
-- the first of them, which is the one whose `prev` lies before the range.
CREATE TABLE roll_listener_day (
    listener integer NOT NULL,
    day integer NOT NULL,
    PRIMARY KEY (listener, day)
);
CREATE TABLE roll_gap (
    day integer NOT NULL,
    prev integer NOT NULL,
    listeners bigint NOT NULL,
    PRIMARY KEY (day, prev)
) WITH (fillfactor = 70);
ALTER TABLE roll_platform ADD COLUMN days_horizon bigint NOT NULL DEFAULT 0, ADD COLUMN days_as_of bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN roll_platform.days_horizon IS 'plays of transactions below it are in roll_day, roll_listener_day and roll_gap';

CREATE FUNCTION tips_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO roll_way_day AS r (day, strategy, net)
        SELECT d.day, w.strategy, w.sign * d.tips
        FROM roll_song_day d, (VALUES (OLD.strategy, -1), (NEW.strategy, 1)) AS w (strategy, sign) WHERE d.song = NEW.song AND d.tips <> 0
        ON CONFLICT (day, strategy) DO UPDATE SET net = r.net + excluded.net;
    RETURN NULL;
END $$;
CREATE TRIGGER songs_way_changed AFTER UPDATE OF strategy ON roll_song FOR EACH ROW WHEN (OLD.strategy <> NEW.strategy)
    EXECUTE FUNCTION tips_moved();

-- Payments that came or, by a reorganisation, went; and the songs that vouchers paid.
CREATE OR REPLACE FUNCTION analytics_payments(upto bigint, made bigint) RETURNS void LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM queue_payments WHERE xid < upto RETURNING sign, part, artist, song, listener, at, gross, net, strategy
    ), whole AS MATERIALIZED (
        SELECT sign, artist, song, listener, (at / 86400)::int AS day, gross, net, strategy FROM gone WHERE NOT part
    ), keep_artist AS (
        INSERT INTO roll_artist AS r (artist, earnings) SELECT artist, sum(sign * net) FROM whole GROUP BY artist
        ON CONFLICT (artist) DO UPDATE SET earnings = r.earnings + excluded.earnings
    ), keep_listener AS (
        INSERT INTO roll_listener AS r (listener, spent) SELECT listener, sum(sign * gross) FROM whole GROUP BY listener
        ON CONFLICT (listener) DO UPDATE SET spent = r.spent + excluded.spent
    ), keep_song AS (
        UPDATE roll_song r SET earnings = r.earnings + t.net, earnings_7 = r.earnings_7 + t.week
        FROM (
            SELECT song, sum(sign * net) AS net, coalesce(sum(sign * net) FILTER (WHERE at > made - 7 * 86400), 0) AS week
            FROM gone WHERE song IS NOT NULL GROUP BY song
        ) t WHERE t.song = r.song
    ), keep_genre AS (
        UPDATE roll_genre r SET earnings = r.earnings + t.net
        FROM (SELECT s.genre, sum(q.sign * q.net) AS net FROM gone q JOIN roll_song s USING (song) GROUP BY s.genre) t
        WHERE t.genre = r.genre
    ), keep_song_day AS (
        INSERT INTO roll_song_day AS r (song, day, earnings, tips)
        SELECT song, at / 86400, sum(sign * net), coalesce(sum(sign * net) FILTER (WHERE strategy = 0 AND NOT part), 0)
        FROM gone WHERE song IS NOT NULL GROUP BY 1, 2
        ON CONFLICT (song, day) DO UPDATE SET earnings = r.earnings + excluded.earnings, tips = r.tips + excluded.tips
    ), keep_week AS (
        INSERT INTO roll_song_week AS r (at, song, net)
        SELECT at, song, sum(sign * net) FROM gone WHERE song IS NOT NULL AND at > made - 7 * 86400 GROUP BY 1, 2
        ON CONFLICT (at, song) DO UPDATE SET net = r.net + excluded.net
    ), keep_day AS (
        INSERT INTO roll_day AS r (day, payments, gross, net)
        SELECT day, sum(sign), sum(sign * gross), sum(sign * net) FROM whole GROUP BY day
        ON CONFLICT (day) DO UPDATE SET payments = r.payments + excluded.payments, gross = r.gross + excluded.gross, net = r.net + excluded.net
    ), keep_artist_day AS (
        INSERT INTO roll_artist_day AS r (day, artist, net) SELECT day, artist, sum(sign * net) FROM whole GROUP BY day, artist
        ON CONFLICT (day, artist) DO UPDATE SET net = r.net + excluded.net
    ), keep_way AS (
        INSERT INTO roll_way_day AS r (day, strategy, net)
        SELECT w.day, CASE WHEN w.strategy <> 0 THEN w.strategy ELSE coalesce(s.strategy, 2) END, sum(w.sign * w.net)
        FROM whole w LEFT JOIN roll_song s ON s.song = w.song GROUP BY 1, 2
        ON CONFLICT (day, strategy) DO UPDATE SET net = r.net + excluded.net
    )
    UPDATE roll_platform SET payments = payments + t.count, volume = volume + t.gross, revenue = revenue + t.net
        FROM (SELECT sum(sign) AS count, sum(sign * gross) AS gross, sum(sign * net) AS net FROM whole) t WHERE t.count IS NOT NULL;
$$;

-- Folds the plays since the last time into the days. Apart from analytics_advance, since nobody looks at days every second: the same rows
-- cost less by the minute.
CREATE FUNCTION analytics_days() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    state roll_platform;
    upto bigint;
    folded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(28025, 11);
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM set_config('enable_hashjoin', 'off', true);
    PERFORM set_config('enable_mergejoin', 'off', true);
    PERFORM set_config('jit', 'off', true);
    SELECT * INTO state FROM roll_platform;
    -- Only what analytics_advance saw: both then speak of the same plays.
    upto := state.horizon;
    WITH fresh AS MATERIALIZED (
        SELECT p.listener, (p.at / 86400)::int AS day, p.seconds FROM plays p WHERE p.born >= state.days_horizon AND p.born < upto
    ), keep_day AS (
        INSERT INTO roll_day AS r (day, plays, seconds) SELECT day, count(*), sum(seconds) FROM fresh GROUP BY day
        ON CONFLICT (day) DO UPDATE SET plays = r.plays + excluded.plays, seconds = r.seconds + excluded.seconds
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

CREATE OR REPLACE FUNCTION analytics_reset() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plays SET born = 0 WHERE born > pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    LOCK TABLE songs, payments, paid_plays, queue_songs, queue_payments IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM queue_songs;
    DELETE FROM queue_payments;
    TRUNCATE roll_genre, roll_song, roll_artist, roll_listener, roll_song_listener, roll_artist_listener, roll_genre_listener,
        roll_genre_artist, roll_song_day, roll_song_week, roll_platform, roll_day, roll_artist_day, roll_way_day, roll_listener_day, roll_gap;
    INSERT INTO roll_platform DEFAULT VALUES;
    INSERT INTO queue_songs (song) SELECT id FROM songs;
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        SELECT 1, artist, song, listener, block_time, gross, net, strategy FROM payments WHERE type <> 'reward';
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        SELECT 1, artist, song, listener, at, amount, net, true FROM paid_plays WHERE song IS NOT NULL;
    UPDATE queue_songs SET xid = 0;
    UPDATE queue_payments SET xid = 0;
END $$;

-- What an older node folded in knew neither days nor vouchers' songs.
SELECT analytics_reset();
