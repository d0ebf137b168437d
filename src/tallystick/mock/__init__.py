"""The integrator's hands on the running service: choose, break, see, and put back."""
