"""The weekly run: `track` finds what changed, `propose` asks for it; `surface` and `suggest_overlay` help whoever decides."""
