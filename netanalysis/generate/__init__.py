"""Networks grown connection by connection by a rule of wiring, or drawn from a block model."""
