"""Questions that are answered with a value, a count, names or yes and no: by rules, with places, or not at all."""
