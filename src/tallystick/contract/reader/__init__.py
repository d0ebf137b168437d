"""The reader: from a file, a folder or a URL to documents in the normal form that is served."""
