"""The rules of `tallystick diff`, and what finds a change that breaks one."""
