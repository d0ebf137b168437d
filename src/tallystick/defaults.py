"""Defaults shown by the command line's help, kept apart because help must load quickly."""

HOST = "127.0.0.1"
PORT = 8080
DATABASE = "sqlite:///var/tallystick.db"

BUDGET = "quick"
SEED = 20_240_201
