"""charon: executions of crons, and a monitor that notices what did not run."""
