"""Paced downloads and continuous futures series."""
