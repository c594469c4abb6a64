"""Keys at rest: keystore files and the keyring of the operating system."""
