"""The four ways a song can earn, one module each."""
