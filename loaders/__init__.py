"""One module a source. Reading a file and giving its rows a meaning are kept apart; the second is pure."""
