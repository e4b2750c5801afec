"""Expected failures of the house domain."""

from vendome.kit.errors import DomainError, Kind


class LanesMoved(DomainError):
    """Somebody has changed the lanes since they were read."""

    code = "house.lanes_moved"
    kind = Kind.CONFLICT
    sentence = "Somebody has changed the lanes since you read them. Look at them again, then change yours."


class LaneTwice(DomainError):
    """A carrier would have two lanes between the same markets at once."""

    code = "house.lane_twice"
    kind = Kind.CONFLICT
    sentence = "This carrier has a lane between these markets in those days. End that one first, or change it."
