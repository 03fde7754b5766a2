"""Pages over the api's models."""
