-- The six views. Amounts are in wei, averages of them rounded down; times are UTC.
CREATE VIEW mv_artist_analytics AS
SELECT a.address AS artist_address,
       coalesce(nullif(p.name, ''),
                (SELECT max(s.artist_name) FROM songs s WHERE s.owner = r.artist AND s.listed AND s.deleted_at IS NULL), '') AS artist_name,
       r.songs AS total_songs, r.plays AS total_plays, r.listeners AS unique_listeners, r.earnings AS total_earnings,
       coalesce(div(r.earnings, nullif(r.plays, 0)), 0) AS avg_earning_per_play, to_timestamp(r.last) AS last_play_date,
       r.plays_30 AS plays_last_30_days, r.plays_7 AS plays_last_7_days,
       (SELECT to_timestamp(as_of) FROM roll_platform) AS last_refreshed, r.artist AS artist_key, r.plays_step
FROM roll_artist r JOIN accounts a ON a.id = r.artist LEFT JOIN artists p ON p.artist = r.artist
WHERE r.songs > 0 OR r.plays > 0 OR r.earnings > 0;

CREATE VIEW mv_song_analytics AS
SELECT s.song_id, s.title, a.address AS artist_address, s.artist_name, s.genre, strategy_name(s.strategy) AS strategy, r.plays AS play_count,
       r.listeners AS unique_listeners, r.earnings AS total_earnings,
       coalesce(round(r.seconds::numeric / nullif(r.plays, 0), 3), 0) AS avg_play_duration,
       coalesce(div(r.earnings, nullif(r.plays, 0)), 0) AS avg_earning_per_play, to_timestamp(r.last) AS last_played,
       to_timestamp(r.first) AS first_played, r.plays_7 AS plays_last_7_days, r.plays_30 AS plays_last_30_days,
       r.trending AS trending_score, (SELECT to_timestamp(as_of) FROM roll_platform) AS last_refreshed, r.song AS song_key, r.plays_step,
       r.trend_step
FROM roll_song r JOIN songs s ON s.id = r.song JOIN accounts a ON a.id = s.owner WHERE r.visible;

CREATE VIEW mv_platform_stats AS
SELECT artists AS total_artists, songs AS total_songs, plays AS total_plays, listeners AS total_listeners, volume AS total_volume,
       coalesce(div(volume, nullif(payments, 0)), 0) AS avg_payment, songs_by_strategy[1] AS songs_pay_per_stream,
       songs_by_strategy[2] AS songs_gift_economy, songs_by_strategy[3] AS songs_patronage, songs_by_strategy[4] AS songs_auction,
       plays_1 AS plays_last_24h, plays_7 AS plays_last_7d, plays_30 AS plays_last_30d, songs_7 AS new_songs_last_7d,
       songs_30 AS new_songs_last_30d, to_timestamp(as_of) AS last_refreshed
FROM roll_platform;

CREATE VIEW mv_top_songs_week AS
SELECT s.song_id, s.title, a.address AS artist_address, s.artist_name, s.genre, strategy_name(s.strategy) AS strategy,
       r.plays_7 AS plays_this_week, r.listeners_7 AS unique_listeners_this_week, r.earnings_7 AS earnings_this_week,
       (SELECT to_timestamp(as_of) FROM roll_platform) AS last_refreshed
FROM (SELECT song, plays_7, listeners_7, earnings_7 FROM roll_song WHERE visible AND plays_7 > 0 ORDER BY plays_7 DESC, song LIMIT 100) r
JOIN songs s ON s.id = r.song JOIN accounts a ON a.id = s.owner
ORDER BY r.plays_7 DESC, r.song;

CREATE VIEW mv_listener_activity AS
SELECT a.address AS listener_address, h.plays AS total_plays, h.songs AS unique_songs_played, h.artists AS unique_artists,
       coalesce(r.spent, 0) AS total_spent, coalesce(div(r.spent, h.plays), 0) AS avg_spent_per_play, to_timestamp(h.last) AS last_active,
       to_timestamp(h.first) AS first_active, h.favorite_genre, h.favorite_strategy, h.plays_7 AS plays_last_7d,
       h.plays_30 AS plays_last_30d, to_timestamp(f.as_of) AS last_refreshed
FROM roll_platform f, accounts a LEFT JOIN roll_listener r ON r.listener = a.id
CROSS JOIN LATERAL (
    -- Only the plays that the other figures know.
    WITH heard AS MATERIALIZED (
        SELECT p.artist, p.song, count(*) AS plays, min(p.at) AS first, max(p.at) AS last,
               count(*) FILTER (WHERE p.at > f.as_of - 7 * 86400) AS plays_7, count(*) FILTER (WHERE p.at > f.as_of - 30 * 86400) AS plays_30
        FROM plays p WHERE p.listener = a.id AND p.born < f.horizon GROUP BY p.artist, p.song
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

CREATE VIEW mv_genre_stats AS
SELECT name AS genre, songs AS total_songs, artists AS total_artists, plays AS total_plays, earnings AS total_earnings,
       coalesce(div(earnings, nullif(plays, 0)), 0) AS avg_earning_per_play, listeners AS unique_listeners, plays_7 AS plays_last_7d,
       rank AS popularity_rank, (SELECT to_timestamp(as_of) FROM roll_platform) AS last_refreshed
FROM roll_genre WHERE rank > 0;
