"""OpenAlex: the client of the service, and the readers of files of works.

``works`` maps a work to a record; every source of works uses it.
"""
