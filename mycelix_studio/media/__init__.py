"""Reading and writing audio files: tags, art, loudness, waveforms."""
