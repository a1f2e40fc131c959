"""What can go wrong with the media engine.

EngineError
    EngineAway        it cannot be reached, or did not answer in time: try again
    MessageRefused    a client asked for what it may not have
    EngineFailed      it cannot be started; the message says why
"""


class EngineError(Exception):
    """Anything wrong with the media engine."""


class EngineAway(EngineError):
    """The engine cannot be reached or did not answer in time."""


class MessageRefused(EngineError):
    """A client asked the engine for what it may not have."""


class EngineFailed(EngineError):
    """The engine cannot be started."""
