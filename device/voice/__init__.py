"""The voice loop: wake, listen, understand, speak, and stop when told."""
