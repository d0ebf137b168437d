"""charon: executions of crons, and a monitor for those that did not run."""
