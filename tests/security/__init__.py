"""Attempts to read, write or exhaust what a review folder does not hold; each was seen to succeed once."""
