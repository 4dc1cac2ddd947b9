"""Answers that satisfy a grammar: JSON schema → GBNF (`schema`) → `matcher` → tokens (`constrained`)."""
