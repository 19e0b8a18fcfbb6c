"""Azure's management plane: as whom, where, and how to say what went wrong. Its packages are loaded when asked for."""
