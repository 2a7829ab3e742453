"""What is started on entering a `with` block and ended on leaving it."""

from abc import ABC, abstractmethod
from typing import Self


class Running(ABC):
    """A server, or several, of this machine."""

    @abstractmethod
    def start(self) -> bool:
        """Start it; False when it was running already."""

    @abstractmethod
    def stop(self) -> bool:
        """End it; False when it was not running."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
