"""The only asyncio of the simulator: TCP and in-memory transports."""
