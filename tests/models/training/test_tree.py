import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.training.tree import Piece, packed


def test_a_piece_sees_itself_and_what_it_grew_from() -> None:
    tree = packed([Piece([1, 2]), Piece([3], 0), Piece([4, 5], 0), Piece([6], 2)])
    assert tree.tokens.tolist() == [1, 2, 3, 4, 5, 6]
    assert tree.positions.tolist() == [0, 1, 2, 2, 3, 4]
    assert tree.ends.tolist() == [1, 2, 4, 5]
    assert tree.tokens[tree.seen[5]].tolist() == [1, 2, 4, 5, 6]
    assert tree.tokens[tree.seen[2]].tolist() == [1, 2, 3]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 9)), min_size=1, max_size=9))
def test_any_tree_is_read_as_each_of_its_paths_alone(shapes: list[tuple[int, int]]) -> None:
    pieces: list[Piece] = []
    for index, (size, parent) in enumerate(shapes):
        pieces.append(Piece(range(index * 10, index * 10 + size), parent % index if index else None))
    tree = packed(pieces)
    for index, end in enumerate(tree.ends):
        path, at = [], index
        while True:
            path = [*pieces[at].tokens, *path]
            if pieces[at].parent is None:
                break
            at = pieces[at].parent or 0
        assert tree.tokens[tree.seen[end]].tolist() == path
        assert tree.positions[tree.seen[end]].tolist() == list(range(len(path)))
        assert np.array_equal(np.triu(tree.seen, 1), np.zeros_like(tree.seen))
