-- A fold touches fewer rows: what a listener did is put together when it is asked for, all that they heard stands side by side in one table, today's
-- figures in the song's row, and the order of songs and artists hangs on steps of a quarter of the logarithm, so that few plays move an index.

DROP TRIGGER songs_way_changed ON roll_song;
DROP FUNCTION tips_moved();
DROP VIEW mv_listener_activity;
DROP TABLE roll_song_listener, roll_artist_listener, roll_genre_listener;
-- What a listener heard: songs, and whose they were then; genres; anything. A listener's first row of an artist is a new listener of the artist, too.
CREATE TABLE roll_heard (
    listener integer NOT NULL,
    artist integer NOT NULL,
    song bigint NOT NULL,
    PRIMARY KEY (listener, artist, song)
);
COMMENT ON COLUMN roll_heard.artist IS 'below 0 a genre, its number negated; 0 for whoever heard anything; the song of both is 0';
-- Equal numbers stand together in it, and it knows new plays at once, which a summary of pages does not.
DROP INDEX plays_by_born;
CREATE INDEX plays_by_born ON plays (born);
-- Where a better index is at hand, `born + 0` keeps this one out: nearly all plays are below the horizon.
ALTER TABLE roll_listener DROP COLUMN plays, DROP COLUMN songs, DROP COLUMN artists, DROP COLUMN first, DROP COLUMN last,
    DROP COLUMN plays_7, DROP COLUMN plays_30;
COMMENT ON TABLE roll_listener IS 'who paid';

-- A song that never changed hands has one row a listener; only of others must be looked whether it was heard of an earlier owner.
ALTER TABLE songs ADD COLUMN handed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN songs.handed IS 'whether it had another owner before';
UPDATE songs s SET handed = true WHERE EXISTS (SELECT 1 FROM plays p WHERE p.song = s.id AND p.artist <> s.owner);
CREATE FUNCTION song_handed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.handed := true;
    RETURN NEW;
END $$;
CREATE TRIGGER songs_handed BEFORE UPDATE OF owner ON songs FOR EACH ROW WHEN (OLD.owner <> NEW.owner) EXECUTE FUNCTION song_handed();

-- Never falls where its argument rises, so that ordering by it first changes no order.
CREATE FUNCTION size_step(figure bigint) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT floor(4 * ln(1.0::float8 + figure))::smallint $$;
DROP INDEX roll_song_by_trend, roll_song_by_plays, roll_artist_by_plays;
ALTER TABLE roll_song
    ADD COLUMN handed boolean NOT NULL DEFAULT false,
    ADD COLUMN today_plays bigint NOT NULL DEFAULT 0,
    ADD COLUMN today_seconds bigint NOT NULL DEFAULT 0,
    ADD COLUMN plays_step smallint GENERATED ALWAYS AS (size_step(plays)) STORED,
    ADD COLUMN trend_step smallint GENERATED ALWAYS AS (size_step(10 * plays_1 + 5 * plays_7 + plays_30)) STORED;
COMMENT ON COLUMN roll_song.today_plays IS 'of the day in which the windows end; in roll_song_day only from the next day on';
CREATE INDEX roll_song_by_trend ON roll_song (trend_step DESC) WHERE visible;
CREATE INDEX roll_song_by_plays ON roll_song (plays_step DESC) WHERE visible;
ALTER TABLE roll_artist ADD COLUMN plays_step smallint GENERATED ALWAYS AS (size_step(plays)) STORED;
CREATE INDEX roll_artist_by_plays ON roll_artist (plays_step DESC);

CREATE OR REPLACE VIEW mv_artist_analytics AS
SELECT a.address AS artist_address,
       coalesce(nullif(p.name, ''),
                (SELECT max(s.artist_name) FROM songs s WHERE s.owner = r.artist AND s.listed AND s.deleted_at IS NULL), '') AS artist_name,
       r.songs AS total_songs, r.plays AS total_plays, r.listeners AS unique_listeners, r.earnings AS total_earnings,
       coalesce(div(r.earnings, nullif(r.plays, 0)), 0) AS avg_earning_per_play, to_timestamp(r.last) AS last_play_date,
       r.plays_30 AS plays_last_30_days, r.plays_7 AS plays_last_7_days,
       (SELECT to_timestamp(as_of) FROM roll_platform) AS last_refreshed, r.artist AS artist_key, r.plays_step
FROM roll_artist r JOIN accounts a ON a.id = r.artist LEFT JOIN artists p ON p.artist = r.artist
WHERE r.songs > 0 OR r.plays > 0 OR r.earnings > 0;

CREATE OR REPLACE VIEW mv_song_analytics AS
SELECT s.song_id, s.title, a.address AS artist_address, s.artist_name, s.genre, strategy_name(s.strategy) AS strategy, r.plays AS play_count,
       r.listeners AS unique_listeners, r.earnings AS total_earnings,
       coalesce(round(r.seconds::numeric / nullif(r.plays, 0), 3), 0) AS avg_play_duration,
       coalesce(div(r.earnings, nullif(r.plays, 0)), 0) AS avg_earning_per_play, to_timestamp(r.last) AS last_played,
       to_timestamp(r.first) AS first_played, r.plays_7 AS plays_last_7_days, r.plays_30 AS plays_last_30_days,
       r.trending AS trending_score, (SELECT to_timestamp(as_of) FROM roll_platform) AS last_refreshed, r.song AS song_key, r.plays_step,
       r.trend_step
FROM roll_song r JOIN songs s ON s.id = r.song JOIN accounts a ON a.id = s.owner WHERE r.visible;

CREATE VIEW mv_listener_activity AS
SELECT a.address AS listener_address, h.plays AS total_plays, h.songs AS unique_songs_played, h.artists AS unique_artists,
       coalesce(r.spent, 0) AS total_spent, coalesce(div(r.spent, h.plays), 0) AS avg_spent_per_play, to_timestamp(h.last) AS last_active,
       to_timestamp(h.first) AS first_active, h.favorite_genre, h.favorite_strategy, h.plays_7 AS plays_last_7d,
       h.plays_30 AS plays_last_30d, to_timestamp(f.as_of) AS last_refreshed
FROM roll_platform f, accounts a LEFT JOIN roll_listener r ON r.listener = a.id
CROSS JOIN LATERAL (
    -- Only the plays that the other figures know.
    WITH heard AS MATERIALIZED (
        SELECT l.artist, l.song, count(*) AS plays, min(p.at) AS first, max(p.at) AS last,
               count(*) FILTER (WHERE p.at > f.as_of - 7 * 86400) AS plays_7, count(*) FILTER (WHERE p.at > f.as_of - 30 * 86400) AS plays_30
        FROM roll_heard l JOIN plays p ON p.artist = l.artist AND p.song = l.song AND p.listener = l.listener
        WHERE l.listener = a.id AND l.artist > 0 AND p.born + 0 < f.horizon GROUP BY l.artist, l.song
    )
    SELECT sum(h.plays)::bigint AS plays, count(DISTINCT h.song) AS songs, count(DISTINCT h.artist) AS artists, min(h.first) AS first,
           max(h.last) AS last, sum(h.plays_7)::bigint AS plays_7, sum(h.plays_30)::bigint AS plays_30,
           (SELECT g.name FROM heard x JOIN roll_song s ON s.song = x.song JOIN roll_genre g ON g.genre = s.genre WHERE g.name <> ''
            GROUP BY g.name ORDER BY sum(x.plays) DESC, g.name LIMIT 1) AS favorite_genre,
           (SELECT strategy_name(s.strategy) FROM heard x JOIN roll_song s ON s.song = x.song
            GROUP BY s.strategy ORDER BY sum(x.plays) DESC, s.strategy LIMIT 1) AS favorite_strategy
    FROM heard h
) h
WHERE h.plays > 0;

CREATE OR REPLACE FUNCTION analytics_songs(upto bigint, made bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    moved bigint[];
    origin integer[];
BEGIN
    IF NOT EXISTS (SELECT 1 FROM queue_songs) THEN
        RETURN;
    END IF;
    WITH gone AS (DELETE FROM queue_songs WHERE xid < upto RETURNING song) SELECT array_agg(DISTINCT song) INTO changed FROM gone;
    IF changed IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO roll_genre (name) SELECT DISTINCT genre FROM songs WHERE id = ANY (changed) ON CONFLICT DO NOTHING;
    SELECT array_agg(r.song), array_agg(r.genre) INTO moved, origin
        FROM roll_song r JOIN songs s ON s.id = r.song JOIN roll_genre g ON g.name = s.genre
        WHERE r.song = ANY (changed) AND g.genre <> r.genre;
    WITH diff AS MATERIALIZED (
        SELECT c.song, r.owner AS old_owner, r.genre AS old_genre, r.strategy AS old_strategy, coalesce(r.visible, false) AS old_visible,
               coalesce(s.owner, r.owner) AS owner, coalesce(g.genre, r.genre) AS genre, coalesce(s.strategy, r.strategy) AS strategy,
               coalesce(s.listed AND s.deleted_at IS NULL, false) AS visible,
               coalesce(floor(extract(epoch FROM s.created_at))::bigint, r.created) AS created, coalesce(s.handed, r.handed) AS handed,
               r.plays, r.earnings, r.plays_7
        FROM unnest(changed) AS c (song)
        LEFT JOIN roll_song r ON r.song = c.song LEFT JOIN songs s ON s.id = c.song LEFT JOIN roll_genre g ON g.name = s.genre
        WHERE r.song IS NOT NULL OR s.id IS NOT NULL
    ), steps AS MATERIALIZED (
        SELECT old_owner AS artist, old_genre AS genre, old_strategy AS strategy, created, -1 AS step FROM diff WHERE old_visible
        UNION ALL SELECT owner, genre, strategy, created, 1 FROM diff WHERE visible
    ), keep AS (
        INSERT INTO roll_song AS r (song, owner, genre, strategy, visible, created, handed)
        SELECT song, owner, genre, strategy, visible, created, handed FROM diff
        ON CONFLICT (song) DO UPDATE SET owner = excluded.owner, genre = excluded.genre, strategy = excluded.strategy,
            visible = excluded.visible, created = excluded.created, handed = excluded.handed
    ), artist AS MATERIALIZED (
        SELECT t.artist, t.step, coalesce(r.songs, 0) AS before
        FROM (SELECT artist, sum(step) AS step FROM steps GROUP BY artist) t LEFT JOIN roll_artist r USING (artist)
    ), keep_artist AS (
        INSERT INTO roll_artist AS r (artist, songs) SELECT artist, step FROM artist
        ON CONFLICT (artist) DO UPDATE SET songs = r.songs + excluded.songs
    ), pair AS MATERIALIZED (
        SELECT t.genre, t.artist, t.step, coalesce(r.songs, 0) AS before
        FROM (SELECT genre, artist, sum(step) AS step FROM steps GROUP BY genre, artist) t
        LEFT JOIN roll_genre_artist r USING (genre, artist)
    ), keep_pair AS (
        INSERT INTO roll_genre_artist AS r (genre, artist, songs) SELECT genre, artist, step FROM pair
        ON CONFLICT (genre, artist) DO UPDATE SET songs = r.songs + excluded.songs
    ), genre AS (
        SELECT genre, sum(songs) AS songs, sum(artists) AS artists, sum(plays) AS plays, sum(earnings) AS earnings, sum(plays_7) AS plays_7
        FROM (
            SELECT genre, step AS songs, (before + step > 0)::int - (before > 0)::int AS artists, 0 AS plays, 0 AS earnings, 0 AS plays_7
            FROM pair
            UNION ALL SELECT old_genre, 0, 0, -plays, -earnings, -plays_7 FROM diff WHERE old_genre <> genre
            UNION ALL SELECT genre, 0, 0, plays, earnings, plays_7 FROM diff WHERE old_genre <> genre
        ) t GROUP BY genre
    ), keep_genre AS (
        UPDATE roll_genre r SET songs = r.songs + t.songs, artists = r.artists + t.artists, plays = r.plays + t.plays,
            earnings = r.earnings + t.earnings, plays_7 = r.plays_7 + t.plays_7
        FROM genre t WHERE t.genre = r.genre
    ), keep_way AS (
        -- Tips go with their song to another way to earn.
        INSERT INTO roll_way_day AS r (day, strategy, net)
        SELECT d.day, w.strategy, sum(w.sign * d.tips)
        FROM diff x JOIN roll_song_day d ON d.song = x.song, LATERAL (VALUES (x.old_strategy, -1), (x.strategy, 1)) AS w (strategy, sign)
        WHERE x.old_strategy <> x.strategy AND d.tips <> 0 GROUP BY 1, 2
        ON CONFLICT (day, strategy) DO UPDATE SET net = r.net + excluded.net
    ), strategy AS (
        SELECT array_agg(before + step ORDER BY place) AS counts FROM (
            SELECT p.place, p.before,
                   coalesce((SELECT sum(step) FROM steps WHERE strategy_place(strategy) = p.place), 0)::bigint AS step
            FROM roll_platform, unnest(songs_by_strategy) WITH ORDINALITY AS p (before, place)
        ) t
    )
    UPDATE roll_platform SET
        songs = songs + (SELECT coalesce(sum(step), 0) FROM steps),
        artists = artists + (SELECT coalesce(sum((before + step > 0)::int - (before > 0)::int), 0) FROM artist),
        songs_7 = songs_7 + (SELECT coalesce(sum(step), 0) FROM steps WHERE created > made - 7 * 86400),
        songs_30 = songs_30 + (SELECT coalesce(sum(step), 0) FROM steps WHERE created > made - 30 * 86400),
        songs_by_strategy = (SELECT counts FROM strategy);
    IF moved IS NULL THEN
        RETURN;
    END IF;
    -- Who heard them hears another genre now, and no longer the old one unless another song is of it.
    WITH heard AS MATERIALIZED (
        SELECT DISTINCT p.listener, r.genre AS came, m.genre AS went
        FROM unnest(moved, origin) AS m (song, genre) JOIN roll_song r ON r.song = m.song
        JOIN plays p ON p.artist = r.owner AND p.song = m.song AND p.born + 0 < (SELECT horizon FROM roll_platform) WHERE NOT r.handed
        UNION
        SELECT l.listener, r.genre, m.genre
        FROM unnest(moved, origin) AS m (song, genre) JOIN roll_song r ON r.song = m.song JOIN roll_heard l ON l.song = m.song WHERE r.handed
    ), came AS (
        INSERT INTO roll_heard (listener, artist, song) SELECT DISTINCT listener, -came, 0 FROM heard
        ON CONFLICT DO NOTHING RETURNING -artist AS genre
    ), went AS (
        DELETE FROM roll_heard r USING (SELECT DISTINCT listener, went FROM heard) h
        WHERE r.listener = h.listener AND r.artist = -h.went AND r.song = 0 AND NOT EXISTS (
            SELECT 1 FROM roll_heard o JOIN roll_song s ON s.song = o.song WHERE o.listener = h.listener AND s.genre = h.went
        ) RETURNING h.went AS genre
    )
    UPDATE roll_genre r SET listeners = r.listeners + t.step
        FROM (SELECT genre, sum(step) AS step FROM (SELECT genre, 1 AS step FROM came UNION ALL SELECT genre, -1 FROM went) x GROUP BY genre) t
        WHERE t.genre = r.genre;
END $$;

CREATE OR REPLACE FUNCTION analytics_payments(upto bigint, made bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM queue_payments) THEN
        RETURN;
    END IF;
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
END $$;

-- Plays first written by transactions from `since` to below `upto`, whatever moment they are of. Nobody else writes these tables, so what is
-- there and what is new is known before: plain inserts in the order of the keys cost half of ON CONFLICT. Rows of tables are found by a list of
-- their keys in one pass over the index; what was found is joined by hashes, which the statistics of tables cannot mislead.
DROP FUNCTION analytics_plays(bigint, bigint, bigint);
CREATE FUNCTION analytics_plays(since bigint, upto bigint, made bigint) RETURNS bigint LANGUAGE plpgsql SET enable_hashjoin = on AS $$
DECLARE
    folded bigint;
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT p.artist, p.song, p.listener, p.at, p.seconds, (p.at > made - 86400)::int AS d1, (p.at > made - 7 * 86400)::int AS d7,
               (p.at > made - 30 * 86400)::int AS d30, p.at / 86400 = made / 86400 AS today
        FROM plays p WHERE p.born >= since AND p.born < upto
    ), catalogue AS MATERIALIZED (
        SELECT r.song, r.genre, r.handed FROM roll_song r WHERE r.song = ANY (ARRAY(SELECT DISTINCT song FROM fresh))
    ), pair AS MATERIALIZED (
        -- One look tells what the listener heard before, since it stands side by side: anything (1), the genre (2), the artist (4), the song (8).
        SELECT t.listener, t.artist, t.song, t.genre, t.handed, t.last, o.known & 8 = 0 AS fresh, o.known & 4 = 0 AS fresh_artist,
               o.known & 2 = 0 AS fresh_genre, o.known & 1 = 0 AS fresh_listener
        FROM (
            SELECT listener, artist, song, genre, handed, max(at) AS last FROM fresh JOIN catalogue USING (song)
            GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3
        ) t
        CROSS JOIN LATERAL (
            SELECT coalesce(bit_or(CASE WHEN h.artist = 0 THEN 1 WHEN h.artist < 0 THEN 2 WHEN h.song <> t.song THEN 4 ELSE 12 END), 0) AS known
            FROM roll_heard h WHERE h.listener = t.listener AND h.artist IN (0, -t.genre, t.artist)
        ) o
    ), newcomer AS MATERIALIZED (
        SELECT DISTINCT listener FROM pair WHERE fresh_listener
    ), genre_pair AS MATERIALIZED (
        SELECT DISTINCT listener, genre FROM pair WHERE fresh_genre
    ), new_heard AS (
        INSERT INTO roll_heard (listener, artist, song)
        SELECT listener, 0, 0 FROM newcomer UNION ALL SELECT listener, -genre, 0 FROM genre_pair
        UNION ALL SELECT listener, artist, song FROM pair WHERE fresh ORDER BY 1, 2, 3
    ), artist_pair AS MATERIALIZED (
        SELECT DISTINCT listener, artist FROM pair WHERE fresh_artist
    ), heard AS MATERIALIZED (
        -- `week`: nothing of it was heard within the week before.
        SELECT p.song, p.listener, p.fresh, p.last > made - 7 * 86400 AND (p.fresh OR NOT EXISTS (
                   SELECT 1 FROM plays q WHERE q.artist = p.artist AND q.song = p.song AND q.listener = p.listener
                   AND q.at > made - 7 * 86400 AND q.born + 0 < since
               )) AS week
        FROM pair p WHERE NOT p.handed
        UNION ALL
        SELECT p.song, p.listener, NOT EXISTS (SELECT 1 FROM roll_heard o WHERE o.listener = p.listener AND o.song = p.song),
               p.last > made - 7 * 86400 AND NOT EXISTS (
                   SELECT 1 FROM roll_heard o JOIN plays q USING (artist, song, listener)
                   WHERE o.listener = p.listener AND o.song = p.song AND q.at > made - 7 * 86400 AND q.born + 0 < since
               )
        FROM (SELECT song, listener, max(last) AS last FROM pair WHERE pair.handed GROUP BY 1, 2) p
    ), song AS MATERIALIZED (
        SELECT song, sum(count) AS count, sum(seconds) AS seconds, min(first) AS first, max(last) AS last, sum(d1) AS d1, sum(d7) AS d7,
               sum(d30) AS d30, sum(today) AS today, sum(today_seconds) AS today_seconds, sum(fresh) AS fresh, sum(week) AS week
        FROM (
            SELECT song, 1 AS count, seconds, at AS first, at AS last, d1, d7, d30, today::int AS today,
                   CASE WHEN today THEN seconds ELSE 0 END AS today_seconds, 0 AS fresh, 0 AS week FROM fresh
            UNION ALL SELECT song, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, fresh::int, week::int FROM heard WHERE heard.fresh OR week
        ) x GROUP BY song
    ), keep_song AS (
        UPDATE roll_song r SET plays = r.plays + t.count, seconds = r.seconds + t.seconds, first = least(r.first, t.first),
            last = greatest(r.last, t.last), plays_1 = r.plays_1 + t.d1, plays_7 = r.plays_7 + t.d7, plays_30 = r.plays_30 + t.d30,
            today_plays = r.today_plays + t.today, today_seconds = r.today_seconds + t.today_seconds,
            listeners = r.listeners + t.fresh, listeners_7 = r.listeners_7 + t.week
        FROM song t WHERE r.song = t.song AND r.song = ANY (ARRAY(SELECT song FROM song)) RETURNING r.genre, t.count, t.d7
    ), artist AS MATERIALIZED (
        SELECT artist, sum(count) AS count, sum(listeners) AS listeners, max(last) AS last, sum(d7) AS d7, sum(d30) AS d30
        FROM (
            SELECT artist, 1 AS count, 0 AS listeners, at AS last, d7, d30 FROM fresh
            UNION ALL SELECT artist, 0, 1, NULL, 0, 0 FROM artist_pair
        ) x GROUP BY artist
    ), old_artist AS (
        UPDATE roll_artist r SET plays = r.plays + t.count, listeners = r.listeners + t.listeners, last = greatest(r.last, t.last),
            plays_7 = r.plays_7 + t.d7, plays_30 = r.plays_30 + t.d30
        FROM artist t WHERE r.artist = t.artist AND r.artist = ANY (ARRAY(SELECT artist FROM artist)) RETURNING r.artist
    ), new_artist AS (
        INSERT INTO roll_artist (artist, plays, listeners, last, plays_7, plays_30)
        SELECT artist, count, listeners, last, d7, d30 FROM artist WHERE artist NOT IN (SELECT artist FROM old_artist)
    ), keep_genre AS (
        UPDATE roll_genre r SET plays = r.plays + t.count, plays_7 = r.plays_7 + t.d7, listeners = r.listeners + t.listeners
        FROM (
            SELECT genre, sum(count) AS count, sum(d7) AS d7, sum(listeners) AS listeners
            FROM (
                SELECT genre, count, d7, 0 AS listeners FROM keep_song UNION ALL SELECT genre, 0, 0, 1 FROM genre_pair
            ) x GROUP BY genre
        ) t WHERE t.genre = r.genre
    ), keep_day AS (
        -- Late ones; today's are in the song's own row.
        INSERT INTO roll_song_day AS r (song, day, plays, seconds)
        SELECT song, at / 86400, count(*), sum(seconds) FROM fresh WHERE NOT today GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (song, day) DO UPDATE SET plays = r.plays + excluded.plays, seconds = r.seconds + excluded.seconds
    ), keep_platform AS (
        UPDATE roll_platform SET plays = plays + t.count, plays_1 = plays_1 + t.d1, plays_7 = plays_7 + t.d7, plays_30 = plays_30 + t.d30,
            listeners = listeners + (SELECT count(*) FROM newcomer)
        FROM (SELECT count(*), sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30 FROM fresh) t WHERE t.count > 0
    )
    SELECT count(*) INTO folded FROM fresh;
    RETURN folded;
END $$;

-- Moves the end of the windows from `made` to `made_now` and takes out what leaves them. Plays from `upto` on were never put in.
DROP FUNCTION analytics_leave(bigint, bigint, bigint);
DROP FUNCTION songs_made(bigint, bigint);
CREATE FUNCTION analytics_leave(upto bigint, made bigint, made_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF made_now = made THEN
        UPDATE roll_platform SET as_of = made_now;
        RETURN;
    END IF;
    IF made_now / 86400 <> made / 86400 THEN
        WITH over AS (
            SELECT song, today_plays, today_seconds FROM roll_song WHERE today_plays <> 0
        ), keep_day AS (
            INSERT INTO roll_song_day AS r (song, day, plays, seconds) SELECT song, made / 86400, today_plays, today_seconds FROM over
            ON CONFLICT (song, day) DO UPDATE SET plays = r.plays + excluded.plays, seconds = r.seconds + excluded.seconds
        )
        UPDATE roll_song r SET today_plays = 0, today_seconds = 0 FROM over WHERE over.song = r.song;
    END IF;
    WITH leaving AS MATERIALIZED (
        SELECT p.artist, p.song, p.listener, 1 AS d1, 0 AS d7, 0 AS d30 FROM plays p
        WHERE p.at > made - 86400 AND p.at <= made_now - 86400 AND p.born + 0 < upto
        UNION ALL SELECT p.artist, p.song, p.listener, 0, 1, 0 FROM plays p
        WHERE p.at > made - 7 * 86400 AND p.at <= made_now - 7 * 86400 AND p.born + 0 < upto
        UNION ALL SELECT p.artist, p.song, p.listener, 0, 0, 1 FROM plays p
        WHERE p.at > made - 30 * 86400 AND p.at <= made_now - 30 * 86400 AND p.born + 0 < upto
    ), week AS (
        DELETE FROM roll_song_week WHERE at <= made_now - 7 * 86400 RETURNING song, net
    ), song AS MATERIALIZED (
        SELECT song, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30, sum(listeners) AS listeners, sum(net) AS net FROM (
            SELECT song, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30, 0 AS listeners, 0 AS net FROM leaving GROUP BY song
            UNION ALL SELECT p.song, 0, 0, 0, count(*), 0
            FROM (
                SELECT q.song, q.listener
                FROM (SELECT DISTINCT artist, song, listener FROM leaving WHERE d7 = 1) q JOIN roll_song s ON s.song = q.song
                WHERE NOT s.handed AND NOT EXISTS (
                    SELECT 1 FROM plays o WHERE o.artist = q.artist AND o.song = q.song AND o.listener = q.listener
                    AND o.at > made_now - 7 * 86400 AND o.born + 0 < upto
                )
                UNION ALL
                SELECT q.song, q.listener
                FROM (SELECT DISTINCT song, listener FROM leaving WHERE d7 = 1) q JOIN roll_song s ON s.song = q.song
                WHERE s.handed AND NOT EXISTS (
                    SELECT 1 FROM roll_heard l JOIN plays o USING (artist, song, listener)
                    WHERE l.listener = q.listener AND l.song = q.song AND o.at > made_now - 7 * 86400 AND o.born + 0 < upto
                )
            ) p GROUP BY p.song
            UNION ALL SELECT song, 0, 0, 0, 0, sum(net) FROM week GROUP BY song
        ) t GROUP BY song
    ), keep_song AS (
        UPDATE roll_song r SET plays_1 = r.plays_1 - t.d1, plays_7 = r.plays_7 - t.d7, plays_30 = r.plays_30 - t.d30,
            listeners_7 = r.listeners_7 - t.listeners, earnings_7 = r.earnings_7 - t.net
        FROM song t WHERE t.song = r.song
    ), keep_artist AS (
        UPDATE roll_artist r SET plays_7 = r.plays_7 - t.d7, plays_30 = r.plays_30 - t.d30
        FROM (SELECT artist, sum(d7) AS d7, sum(d30) AS d30 FROM leaving GROUP BY artist) t WHERE t.artist = r.artist
    ), keep_genre AS (
        UPDATE roll_genre r SET plays_7 = r.plays_7 - t.d7
        FROM (SELECT s.genre, sum(p.d7) AS d7 FROM song p JOIN roll_song s USING (song) GROUP BY s.genre) t WHERE t.genre = r.genre
    )
    UPDATE roll_platform SET
        plays_1 = plays_1 - t.d1, plays_7 = plays_7 - t.d7, plays_30 = plays_30 - t.d30,
        songs_7 = songs_7 - (
            SELECT count(*) FROM songs s JOIN roll_song r ON r.song = s.id
            WHERE r.visible AND s.created_at >= to_timestamp(made - 7 * 86400 + 1) AND s.created_at < to_timestamp(made_now - 7 * 86400 + 1)
        ),
        songs_30 = songs_30 - (
            SELECT count(*) FROM songs s JOIN roll_song r ON r.song = s.id
            WHERE r.visible AND s.created_at >= to_timestamp(made - 30 * 86400 + 1) AND s.created_at < to_timestamp(made_now - 30 * 86400 + 1)
        ),
        as_of = made_now
    FROM (SELECT coalesce(sum(d1), 0) AS d1, coalesce(sum(d7), 0) AS d7, coalesce(sum(d30), 0) AS d30 FROM leaving) t;
END $$;

-- The one way in. `moment` is the Unix second at which the windows end; it never goes back by itself. Returns the plays folded in.
CREATE OR REPLACE FUNCTION analytics_advance(moment bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    state roll_platform;
    upto bigint;
    folded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(28025, 11);
    -- What is lost with the machine is folded in again: the horizon is written with the figures.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- Every join here is from few rows into a large table by its key. Statistics of tables that were just filled would say otherwise.
    PERFORM set_config('enable_seqscan', 'off', true);
    PERFORM set_config('enable_hashjoin', 'off', true);
    PERFORM set_config('enable_mergejoin', 'off', true);
    -- What is ruled out counts as dear, and dear plans would be compiled, which takes a second.
    PERFORM set_config('jit', 'off', true);
    -- Planning these statements costs as much as folding in a hundred plays.
    PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
    SELECT * INTO state FROM roll_platform;
    upto := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    IF state.horizon > upto OR (moment < state.as_of - 3600 AND state.horizon > 0) THEN
        PERFORM analytics_reset();
        SELECT * INTO state FROM roll_platform;
    END IF;
    IF state.as_of = 0 THEN
        state.as_of := moment;
    END IF;
    PERFORM analytics_songs(upto, state.as_of);
    PERFORM analytics_payments(upto, state.as_of);
    folded := analytics_plays(state.horizon, upto, state.as_of);
    PERFORM analytics_leave(upto, state.as_of, greatest(moment, state.as_of));
    UPDATE roll_platform SET horizon = upto, refreshed = clock_timestamp();
    RETURN folded;
END $$;

CREATE OR REPLACE FUNCTION analytics_reset() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plays SET born = 0 WHERE born > pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    LOCK TABLE songs, payments, paid_plays, queue_songs, queue_payments IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM queue_songs;
    DELETE FROM queue_payments;
    TRUNCATE roll_genre, roll_song, roll_artist, roll_listener, roll_heard, roll_genre_artist, roll_song_day, roll_song_week, roll_platform, roll_day, roll_artist_day, roll_way_day, roll_listener_day, roll_gap;
    INSERT INTO roll_platform DEFAULT VALUES;
    INSERT INTO queue_songs (song) SELECT id FROM songs;
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        SELECT 1, artist, song, listener, block_time, gross, net, strategy FROM payments WHERE type <> 'reward';
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        SELECT 1, artist, song, listener, at, amount, net, true FROM paid_plays WHERE song IS NOT NULL;
    UPDATE queue_songs SET xid = 0;
    UPDATE queue_payments SET xid = 0;
END $$;

SELECT analytics_reset();
