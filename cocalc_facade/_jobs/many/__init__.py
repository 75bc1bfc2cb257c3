"""Many at once: `map` over items, its journal, summary and progress, and waiting for many projects."""
