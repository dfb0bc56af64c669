"""Review folders that ship with the package."""
