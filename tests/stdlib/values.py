"""What the samples of stdlib/ are over: a name for each kind of argument, with corners that most functions know."""

import numpy as np


def values():
    return {
        "x": 0.75,
        "y": 2.5,
        "text": "Größe: 12 Äpfel,\tund\u2003noch 3",
        "word": "noch",
        "k": 6,
        "l": 4,
        "w": 0.5 - 1.25j,
        "a": np.array([0.5, -1.25, 3.0, 2.0, 0.5, -0.75, 1.5]),
        "b": np.array([2.0, 0.25, -1.0, 4.0, 1.0, 0.5, -2.5]),
        "s": np.array([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0, 3.5]),  # sorted
        "g": np.array([1.0, np.nan, -2.0, 0.5, np.nan, 4.0]),
        "p": np.array([0.0, 12.5, 50.0, 100.0]),  # percentages
        "z": np.array([1.0 + 2.0j, -0.5j, 3.0 - 1.0j]),
        "i": np.array([0, 3, 1, 1, 2, 5, 0]),
        "j": np.array([1, 5, 7]),
        "m": np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0], [2.0, 2.0, 0.25], [-3.0, 1.0, 1.5]]),
        "n": np.array([[2.0, 1.0], [-1.0, 0.5], [3.0, -2.0]]),
        "q": np.array([[4.0, 1.0, -2.0], [0.5, 3.0, 1.0], [1.0, -1.0, 5.0]]),
        "t": np.array([[True, False, True], [False, False, True]]),
    }
