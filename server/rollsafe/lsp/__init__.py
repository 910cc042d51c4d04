"""The language server: the frontend that editors talk to, and the only place that knows their protocol.

Two tiers share one connection. The *core* (`server`, `connection`, `session`, `publish`) needs nothing but
the engine: handshake, documents, diagnostics. The *features* (`features` and what it registers) answer
everything a client asks for; they run on pygls, whose types take longer to load than the first
diagnostics take to appear, so they are loaded after those.
"""
