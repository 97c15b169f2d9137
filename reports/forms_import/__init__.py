"""Many filled-in 自评表 at once: a ZIP or a folder, looked through, taken over."""
