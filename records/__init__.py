"""The project's words: frozen values and errors. No input or output happens here."""
