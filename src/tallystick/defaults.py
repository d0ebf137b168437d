"""Defaults that both the settings and the command line's help tell; as light as can be."""

HOST = "127.0.0.1"
PORT = 8080
DATABASE = "sqlite:///var/tallystick.db"
