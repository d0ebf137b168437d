"""Defaults that the command line's help shows. They are here, as help must load nothing heavy."""

HOST = "127.0.0.1"
PORT = 8080
DATABASE = "sqlite:///var/tallystick.db"

BUDGET = "quick"
SEED = 20_240_201
