"""Images: recipes, builds, layers of DAGs, versions, and the store of archives."""
