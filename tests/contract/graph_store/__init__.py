"""What every graph store does, by subject."""
