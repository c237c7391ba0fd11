"""Every option of kitctl: `flags` declares each one once, commands choose from them, `inject` hands them to typer."""
