"""The node's PostgreSQL: schema, pools, and one module of queries per noun."""
