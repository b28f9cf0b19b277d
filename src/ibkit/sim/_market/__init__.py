"""The world: instruments, listings, trading hours and the tape. Pure: time and seed are arguments."""
