"""Groups of linked orders that stay consistent and protected."""
