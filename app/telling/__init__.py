"""Films captioned and told through the front doors: models, limits, cost, and file formats."""
