"""Market-data streams within the limits of IB, without silent holes."""
