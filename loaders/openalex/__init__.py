"""OpenAlex: the client of its service, and the readers of works from files.

``works`` maps a work to a record; everything that brings works goes through it.
"""
