-- Plays first written by transactions from `since` to below `upto`, whatever moment they are of. Nobody else writes these tables, so what is
-- there and what is new is known before: plain inserts in the order of the keys cost half of ON CONFLICT. Rows of tables are found by a list of
-- their keys in one pass over the index; what was found is joined by hashes (`+ 0`: not by looking through the list for each row), which the
-- statistics of tables cannot mislead.
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
        FROM song t WHERE r.song + 0 = t.song AND r.song = ANY (ARRAY(SELECT song FROM song)) RETURNING r.genre, t.count, t.d7
    ), artist AS MATERIALIZED (
        SELECT artist, sum(count) AS count, sum(listeners) AS listeners, max(last) AS last, sum(d7) AS d7, sum(d30) AS d30
        FROM (
            SELECT artist, 1 AS count, 0 AS listeners, at AS last, d7, d30 FROM fresh
            UNION ALL SELECT artist, 0, 1, NULL, 0, 0 FROM artist_pair
        ) x GROUP BY artist
    ), old_artist AS (
        UPDATE roll_artist r SET plays = r.plays + t.count, listeners = r.listeners + t.listeners, last = greatest(r.last, t.last),
            plays_7 = r.plays_7 + t.d7, plays_30 = r.plays_30 + t.d30
        FROM artist t WHERE r.artist + 0 = t.artist AND r.artist = ANY (ARRAY(SELECT artist FROM artist)) RETURNING r.artist
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
    ), pair AS MATERIALIZED (
        SELECT q.artist, q.song, q.listener, (SELECT s.handed FROM roll_song s WHERE s.song = q.song) AS handed
        FROM (SELECT DISTINCT artist, song, listener FROM leaving WHERE d7 = 1) q
    ), week AS (
        DELETE FROM roll_song_week WHERE at <= made_now - 7 * 86400 RETURNING song, net
    ), song AS MATERIALIZED (
        SELECT song, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30, sum(listeners) AS listeners, sum(net) AS net FROM (
            SELECT song, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30, 0 AS listeners, 0 AS net FROM leaving GROUP BY song
            UNION ALL SELECT p.song, 0, 0, 0, count(*), 0
            FROM (
                SELECT q.song, q.listener FROM pair q WHERE NOT q.handed AND NOT EXISTS (
                    SELECT 1 FROM plays o WHERE o.artist = q.artist AND o.song = q.song AND o.listener = q.listener
                    AND o.at > made_now - 7 * 86400 AND o.born + 0 < upto
                )
                UNION ALL
                SELECT DISTINCT q.song, q.listener FROM pair q WHERE q.handed AND NOT EXISTS (
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
