"""Pure data: every knob, version and setting, each described once."""
