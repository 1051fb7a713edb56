"""Networks grown connection by connection by a rule of wiring."""
