"""Find the one right contract, know the front month, plan and carry out a roll."""
