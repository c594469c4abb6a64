-- Songs that came, went, changed hands, genre or strategy since the last time. `made` is the old end of the windows.
CREATE FUNCTION analytics_songs(upto bigint, made bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    moved bigint[];
    origin integer[];
    known bigint := (SELECT horizon FROM roll_platform);
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
        JOIN plays p ON p.artist = r.owner AND p.song = m.song AND p.born + 0 < known WHERE NOT r.handed
        UNION
        SELECT p.listener, r.genre, m.genre
        FROM unnest(moved, origin) AS m (song, genre) JOIN roll_song r ON r.song = m.song
        JOIN plays p ON p.song = m.song AND p.born + 0 < known WHERE r.handed
    ), turned AS MATERIALIZED (
        SELECT DISTINCT h.listener, h.came AS genre, 1 AS step FROM heard h WHERE NOT EXISTS (
            SELECT 1 FROM roll_genre_heard o WHERE o.genre = h.came AND o.block = h.listener >> 9 AND get_bit(o.heard, h.listener & 511) = 1
        )
        UNION ALL
        SELECT DISTINCT h.listener, h.went, -1 FROM heard h WHERE NOT EXISTS (
            SELECT 1 FROM plays o JOIN roll_song s ON s.song = o.song
            WHERE o.listener = h.listener AND o.born < known AND s.genre = h.went
        )
    ), keep_heard AS (
        INSERT INTO roll_genre_heard AS r (genre, block, heard)
        SELECT genre, listener >> 9, bit_or(heard_bit(listener)) FROM turned GROUP BY 1, 2
        ON CONFLICT (genre, block) DO UPDATE SET heard = r.heard # excluded.heard
    )
    UPDATE roll_genre r SET listeners = r.listeners + t.step
        FROM (SELECT genre, sum(step) AS step FROM turned GROUP BY genre) t WHERE t.genre = r.genre;
END $$;

-- Payments that came or, by a reorganisation, went; and the songs that vouchers paid.
CREATE FUNCTION analytics_payments(upto bigint, made bigint) RETURNS void LANGUAGE plpgsql AS $$
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
