"""Four eyes, for everybody: nobody puts in force what went through the own hands. Pure."""

from valeo_erp.kernel.problems import Failure


def second_person(hands: frozenset[str], subject: str, words: str) -> list[Failure]:
    """What stands against a person who wants to put something in force.

    Args:
        hands: the subjects of all who had a part in it.
        subject: who asks.
        words: what those did, such as `You wrote this policy`.
    """
    if subject not in hands:
        return []
    return [Failure("four_eyes", f"{words}; somebody else must put it in force.")]
