"""The front door: CloudEvents of a broker, read into the log."""
