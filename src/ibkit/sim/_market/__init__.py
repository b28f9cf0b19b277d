"""The world: instruments, listings, trading hours, the tape. Pure: time and seed are arguments."""
