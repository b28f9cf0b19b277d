"""Plain facts about futures: products, months, symbols, last-trade and notice dates. Pure."""
