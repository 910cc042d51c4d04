"""What two texts have in common at their beginnings and ends."""


def same_start(old: str, new: str, longest: int) -> int:
    """Return how many characters both texts begin with, at most `longest`."""
    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def same_end(old: str, new: str, longest: int) -> int:
    """Return how many characters both texts end with, at most `longest`."""
    low, high, olds, news = 0, longest, len(old), len(new)
    while low < high:
        middle = (low + high + 1) // 2
        if old[olds - middle : olds - low] == new[news - middle : news - low]:
            low = middle
        else:
            high = middle - 1
    return low
