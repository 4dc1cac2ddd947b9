"""Coarser copies of a model, made for the board that it runs on, and what they are worth."""
