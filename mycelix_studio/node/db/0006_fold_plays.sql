-- Plays first written by transactions from `since` to below `upto`, whatever moment they are of. Nobody else writes these tables, so what is
-- there and what is new is known before: plain inserts in the order of the keys cost half of ON CONFLICT. Rows of tables are found by a list of
-- their keys, or of their places, in one pass; what was found is joined by hashes (`+ 0`: not by looking through the list for each row), which
-- the statistics of tables cannot mislead.
CREATE FUNCTION analytics_plays(since bigint, upto bigint, made bigint) RETURNS bigint LANGUAGE plpgsql SET enable_hashjoin = on AS $$
DECLARE
    folded bigint;
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT p.artist, p.song, p.listener, p.at, p.seconds FROM plays p WHERE p.born >= since AND p.born < upto
    ), catalogue AS MATERIALIZED (
        SELECT r.song, r.genre, r.handed, r.ctid AS place FROM roll_song r WHERE r.song = ANY (ARRAY(SELECT song FROM fresh))
    ), part AS MATERIALIZED (
        SELECT song, artist, count(*)::int AS count, sum(seconds) AS seconds, min(at) AS first, max(at) AS last,
               count(*) FILTER (WHERE at > made - 86400)::int AS d1, count(*) FILTER (WHERE at > made - 7 * 86400)::int AS d7,
               count(*) FILTER (WHERE at > made - 30 * 86400)::int AS d30
        FROM fresh GROUP BY song, artist
    ), pair AS MATERIALIZED (
        -- `before`: the moment of the listener's play of the song under this owner that was written last, null where there was none; `new`: what
        -- else was never heard before: anything (1), the genre (2), the artist (4); `away`: not there within the week, where what was written last
        -- may be a late play. The looks for a play follow each other, while its page is at hand. `OFFSET 0`: look once, by the key, always.
        SELECT x.*, before IS NULL OR before <= made - 7 * 86400 AND NOT EXISTS (
            SELECT 1 FROM plays q WHERE q.listener = x.listener AND q.artist = x.artist AND q.song = x.song
            AND q.at + 0 > made - 7 * 86400 AND q.born < since OFFSET 0
        ) AS away, CASE WHEN before IS NOT NULL THEN 0 ELSE
            CASE
                WHEN EXISTS (SELECT 1 FROM plays q WHERE q.listener = x.listener AND q.artist = x.artist AND q.born + 0 < since OFFSET 0) THEN 0
                ELSE 4
            END
            + CASE
                WHEN (SELECT get_bit(h.heard, x.listener & 511) FROM roll_genre_heard h WHERE h.genre = x.genre AND h.block = x.listener >> 9) = 1
                THEN 0
                WHEN (SELECT get_bit(h.heard, x.listener & 511) FROM roll_genre_heard h WHERE h.genre = 0 AND h.block = x.listener >> 9) = 1
                THEN 2
                ELSE 2 + 1
            END
        END AS new
        FROM (
            SELECT t.*, (
                SELECT q.at FROM plays q WHERE q.listener = t.listener AND q.artist = t.artist AND q.song = t.song AND q.born < since
                ORDER BY q.born DESC LIMIT 1
            ) AS before
            FROM (
                SELECT listener, artist, song, genre, handed, max(at) AS last
                FROM fresh JOIN catalogue USING (song) GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3
            ) t OFFSET 0
        ) x
    ), genre_pair AS MATERIALIZED (
        SELECT DISTINCT listener, genre FROM pair WHERE new & 2 <> 0 UNION ALL SELECT DISTINCT listener, 0 FROM pair WHERE new & 1 <> 0
    ), artist_pair AS (
        SELECT DISTINCT listener, artist FROM pair WHERE new & 4 <> 0
    ), heard AS MATERIALIZED (
        SELECT genre, listener >> 9 AS block, bit_or(heard_bit(listener)) AS heard FROM genre_pair GROUP BY 1, 2
    ), old_heard AS (
        UPDATE roll_genre_heard r SET heard = r.heard | t.heard FROM heard t WHERE r.genre = t.genre AND r.block = t.block
        RETURNING r.genre, r.block
    ), new_heard AS (
        INSERT INTO roll_genre_heard (genre, block, heard)
        SELECT genre, block, heard FROM heard WHERE (genre, block) NOT IN (SELECT genre, block FROM old_heard)
    ), song AS MATERIALIZED (
        SELECT song, sum(count) AS count, sum(seconds) AS seconds, min(first) AS first, max(last) AS last, sum(d1) AS d1, sum(d7) AS d7,
               sum(d30) AS d30, sum(fresh) AS fresh, sum(week) AS week
        FROM (
            SELECT song, count, seconds, first, last, d1, d7, d30, 0 AS fresh, 0 AS week FROM part
            UNION ALL
            SELECT song, 0, 0, NULL, NULL, 0, 0, 0, (before IS NULL)::int, (last > made - 7 * 86400)::int FROM pair WHERE NOT handed AND away
            UNION ALL
            -- Whoever heard it when it was another's is not new to it.
            SELECT song, 0, 0, NULL, NULL, 0, 0, 0,
                   (NOT EXISTS (SELECT 1 FROM plays q WHERE q.listener = p.listener AND q.song = p.song AND q.born + 0 < since OFFSET 0))::int,
                   (p.last > made - 7 * 86400 AND NOT EXISTS (
                       SELECT 1 FROM plays q
                       WHERE q.listener = p.listener AND q.song = p.song AND q.at + 0 > made - 7 * 86400 AND q.born + 0 < since OFFSET 0
                   ))::int
            FROM (SELECT song, listener, max(last) AS last FROM pair WHERE handed GROUP BY 1, 2) p
        ) x GROUP BY song
    ), keep_song AS (
        UPDATE roll_song r SET plays = r.plays + t.count, seconds = r.seconds + t.seconds, first = least(r.first, t.first),
            last = greatest(r.last, t.last), plays_1 = r.plays_1 + t.d1, plays_7 = r.plays_7 + t.d7, plays_30 = r.plays_30 + t.d30,
            listeners = r.listeners + t.fresh, listeners_7 = r.listeners_7 + t.week
        FROM song t WHERE r.song + 0 = t.song AND r.ctid = ANY (ARRAY(SELECT place FROM catalogue)) RETURNING r.genre, t.count, t.d7
    ), artist AS MATERIALIZED (
        SELECT artist, sum(count) AS count, sum(listeners) AS listeners, max(last) AS last, sum(d7) AS d7, sum(d30) AS d30
        FROM (
            SELECT artist, count, 0 AS listeners, last, d7, d30 FROM part
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
    ), keep_platform AS (
        UPDATE roll_platform SET plays = plays + t.count, plays_1 = plays_1 + t.d1, plays_7 = plays_7 + t.d7, plays_30 = plays_30 + t.d30,
            listeners = listeners + (SELECT count(*) FROM genre_pair WHERE genre = 0)
        FROM (SELECT sum(count) AS count, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30 FROM part) t WHERE t.count > 0
    )
    SELECT coalesce(sum(count), 0) INTO folded FROM artist;
    RETURN folded;
END $$;

-- Moves the end of the windows from `made` to `made_now` and takes out what leaves them. Plays from `upto` on were never put in.
CREATE FUNCTION analytics_leave(upto bigint, made bigint, made_now bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF made_now = made THEN
        UPDATE roll_platform SET as_of = made_now;
        RETURN;
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
                    AND o.at + 0 > made_now - 7 * 86400 AND o.born < upto
                )
                UNION ALL
                SELECT DISTINCT q.song, q.listener FROM pair q WHERE q.handed AND NOT EXISTS (
                    SELECT 1 FROM plays o
                    WHERE o.listener = q.listener AND o.song = q.song AND o.at + 0 > made_now - 7 * 86400 AND o.born + 0 < upto
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
