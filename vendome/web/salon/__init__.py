"""The advisor's tablet: who is coming, who she is, what to hand over, sell or set aside."""
