"""The one door to the input, output and internals of ib_async."""
