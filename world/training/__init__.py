"""How the embedded models are trained and measured; not needed to use them."""
