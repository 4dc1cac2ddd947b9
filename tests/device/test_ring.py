from threading import Thread

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamha.device.ring import Ring


@given(st.integers(1, 12), st.lists(st.one_of(st.integers(0, 20), st.none()), max_size=30))
def test_nothing_is_read_twice_or_out_of_order(capacity: int, steps: list[int | None]) -> None:
    """A number is so many samples written, None is a look."""
    ring, written, read, unread = Ring(capacity), 0, 0, 0
    for step in [*steps, None]:
        if step is not None:
            ring.write(np.arange(written, written + step, dtype=np.float32))
            written, unread = written + step, unread + step
            continue
        found = ring.read()
        assert list(found) == list(range(written - min(unread, capacity), written))
        read, unread = read + len(found), 0
        assert read + ring.lost == written


def test_a_reader_in_another_thread_hears_all_of_it() -> None:
    ring, count = Ring(4096), 200_000
    writer = Thread(target=lambda: [ring.write(np.full(64, n, np.float32)) for n in range(count // 64)])
    writer.start()
    heard = []
    while writer.is_alive():
        heard.append(ring.read())
    writer.join()
    heard.append(ring.read())
    together = np.concatenate(heard)
    assert (np.diff(together) >= 0).all()
    assert len(together) + ring.lost == count // 64 * 64
