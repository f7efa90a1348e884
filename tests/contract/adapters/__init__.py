"""Every adapter against answers typed from its contract sheet, over real HTTP."""
