"""Bound hidden counts of a table by flows, and hide what betrays them (floor 0).

A table of counts with its totals is a network: each value is what flows along one arc, and at
each node what comes in goes out. Whoever knows the published values knows those arcs; a hidden
arc can carry anything from its lowest value up that keeps the nodes in balance. The ends of
that interval are maximum flows, which are whole numbers, found here by shortest augmenting
paths (Edmonds and Karp, J. ACM 19, 1972). Pure: no statistics library is needed.
"""

import heapq
from collections import deque
from collections.abc import Hashable, Iterable

import msgspec


class Arc(msgspec.Struct):
    """One value of a table: where it flows, what it is, what hiding it costs."""

    tail: Hashable
    head: Hashable
    count: int
    cost: int = 1
    lowest: int = 0
    is_hidden: bool = False


class _Step(msgspec.Struct, frozen=True):
    """One arc of a path, walked along (+1) or against (-1) its direction."""

    index: int
    sign: int


class Network:
    """A table of counts whose arcs may be hidden, in place."""

    def __init__(self, arcs: Iterable[Arc]) -> None:
        """Take the arcs of a table in balance."""
        self.arcs = list(arcs)
        self._leaving: dict[Hashable, list[_Step]] = {}
        for index, arc in enumerate(self.arcs):
            self._leaving.setdefault(arc.tail, []).append(_Step(index, 1))
            self._leaving.setdefault(arc.head, []).append(_Step(index, -1))

    def widen(self, width: int) -> None:
        """Hide arcs, cheapest first, until no hidden value lies in an interval under ``width``."""
        waiting = deque(index for index, arc in enumerate(self.arcs) if arc.is_hidden)
        # Hiding more only widens, so an arc that is wide enough stays so.
        while waiting:
            index = waiting.popleft()
            while self.slack(index, width) < width:
                waiting.extend(self._hide_cheapest_cycle(index, width))

    def slack(self, index: int, enough: int) -> int:
        """Return the width of the interval of a hidden value, at most ``enough``."""
        arc = self.arcs[index]
        up, _ = self._flow(arc.head, arc.tail, index, enough)
        room = min(enough - up, arc.count - arc.lowest)
        down, _ = self._flow(arc.tail, arc.head, index, room)
        return up + down

    def _flow(
        self, source: Hashable, sink: Hashable, without: int, limit: int
    ) -> tuple[int, dict[int, int]]:
        """Return the greatest flow over hidden arcs, up to ``limit``, and each arc's change."""
        change: dict[int, int] = {without: 0}
        flow = 0
        while flow < limit:
            path = self._shortest(source, sink, without, change)
            if path is None:
                break
            room = [self._room_back(s.index, change) for s in path if s.sign < 0]
            amount = min([limit - flow, *room])
            for step in path:
                change[step.index] = change.get(step.index, 0) + step.sign * amount
            flow += amount
        return flow, change

    def _room_back(self, index: int, change: dict[int, int]) -> int:
        arc = self.arcs[index]
        return arc.count + change.get(index, 0) - arc.lowest

    def _shortest(
        self, source: Hashable, sink: Hashable, without: int, change: dict[int, int]
    ) -> list[_Step] | None:
        came: dict[Hashable, _Step | None] = {source: None}
        waiting = deque([source])
        while waiting and sink not in came:
            node = waiting.popleft()
            for step in self._leaving[node]:
                arc = self.arcs[step.index]
                there = arc.head if step.sign > 0 else arc.tail
                if step.index == without or not arc.is_hidden or there in came:
                    continue
                if step.sign > 0 or self._room_back(step.index, change) > 0:
                    came[there] = step
                    waiting.append(there)
        return self._path(came, sink)

    def _hide_cheapest_cycle(self, index: int, width: int) -> list[int]:
        """Hide the published arcs of the cheapest cycle that lets this value grow; return them."""
        arc = self.arcs[index]
        _, change = self._flow(arc.head, arc.tail, index, width)
        came: dict[Hashable, _Step | None] = {}
        order = 0
        waiting: list[tuple[int, int, Hashable, _Step | None]] = [(0, order, arc.head, None)]
        while waiting and arc.tail not in came:
            cost, _, node, last = heapq.heappop(waiting)
            if node in came:
                continue
            came[node] = last
            for step in self._leaving[node]:
                other = self.arcs[step.index]
                there = other.head if step.sign > 0 else other.tail
                if step.index == index or there in came:
                    continue
                if step.sign > 0 or self._room_back(step.index, change) > 0:
                    order += 1
                    price = 0 if other.is_hidden else other.cost
                    heapq.heappush(waiting, (cost + price, order, there, step))
        path = self._path(came, arc.tail) or []
        newly = [step.index for step in path if not self.arcs[step.index].is_hidden]
        if not newly:
            message = "the counts of this network are not in balance"
            raise ValueError(message)
        for hidden in newly:
            self.arcs[hidden].is_hidden = True
        return newly

    def _path(self, came: dict[Hashable, _Step | None], sink: Hashable) -> list[_Step] | None:
        if sink not in came:
            return None
        path: list[_Step] = []
        node = sink
        while (step := came[node]) is not None:
            path.append(step)
            arc = self.arcs[step.index]
            node = arc.tail if step.sign > 0 else arc.head
        return path[::-1]
