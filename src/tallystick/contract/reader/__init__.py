"""The reader: from a file, a folder or a URL to documents in the normal form, ready to serve."""
